// txn/table_check.h: whether a table in memory holds together: stripes, and indexes against rows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/btree.h"
#include "txn/table.h"
#include "txn/view.h"

namespace tupelo {

// In steps, each with the latch, between which others may write. What is said of the rows is what
// `view` sees, which is registered as long as this is there.
class TableCheck {
 public:
  // What is wrong, of a row or (kNoRow) of the table or index as a whole.
  using Report = std::function<void(const char* what, RowId row)>;

  TableCheck(const Table* table, const ReadView& view) : table_(table), view_(view) {}

  // Counts, nulls and zones of a stripe. False: there is none of that number. [latch]
  bool CheckStripe(uint32_t number, const Report& report);
  // After the last stripe: whether as many rows were seen as the table says. [latch]
  void CheckCount(const Report& report) const;

  // Then of each index: BeginIndex; CheckEntries until it is false; CheckRows for each stripe.
  void BeginIndex(const Index* index);
  // Looks at up to `most` entries: in order, each of a version of a row, not two of one key where
  // they must differ. [latch]
  bool CheckEntries(uint32_t most, const Report& report);
  // Whether each row of the stripe has had its entry. False: there is no such stripe. [latch]
  bool CheckRows(uint32_t stripe, const Report& report) const;
  // The nodes of the tree, all at once; takes its time. [latch]
  static void CheckTree(const Index& index, const Report& report);

 private:
  void CheckColumn(const Stripe& stripe, RowId first, uint32_t column, const Report& report) const;
  bool MayHaveEntries(RowId row) const;
  bool HasNullInKey(RowId row) const;

  const Table* table_;
  ReadView view_;
  uint64_t rows_ = 0;

  const Index* index_ = nullptr;
  BTreeCursor cursor_;
  std::vector<uint64_t> has_entry_;  // a bit for each row
  std::string last_entry_, last_key_;
  RowId last_row_ = kNoRow;
  KeyBuffer scratch_;
};

}  // namespace tupelo

// txn/table_check.h: whether a table holds together: stripes, and indexes against rows.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/btree_codec.h"
#include "storage/entry_sum.h"
#include "txn/table.h"
#include "txn/view.h"

namespace tupelo {

// In steps, each with the latch, between which others may write. What is said of the rows is what
// `view` sees, which is registered as long as this is there. What is in a file is read in the order
// in which it lies there, and leaves memory again.
//
// An index is compared with its table by the sums of what the entries are and what they should be.
// Only where these differ is each entry compared with its row, wherever that is, to name the rows.
class TableCheck {
 public:
  // What is wrong, of a row or (kNoRow) of the table or index as a whole.
  using Report = std::function<void(const char* what, RowId row)>;

  TableCheck(const Table* table, const ReadView& view) : table_(table), view_(view) {}

  // Counts, nulls and zones of a stripe. Unless it is `whole`, columns that are as they are in the
  // file are passed over. False: there is none of that number. [latch]
  bool CheckStripe(uint32_t number, bool whole, const Report& report);
  // After the last stripe: whether as many rows were seen as the table says. [latch]
  void CheckCount(const Report& report) const;

  // Then of each index: BeginIndex; AddEntries until it is false; AddRows for each stripe; and
  // where Agrees() is false SearchEntries until it is false, SearchRows for each stripe.
  void BeginIndex(const Index* index);
  // Looks at the entries of a leaf: in order, not two of one key where they must differ. [latch]
  bool AddEntries(const Report& report);
  // What the rows of a stripe should have as entries. False: there is no such stripe. [latch]
  bool AddRows(uint32_t stripe);
  bool Agrees() const { return of_entries_ == of_rows_; }
  // Whether each entry of a leaf is that of a version of a row. [latch]
  bool SearchEntries(const Report& report);
  // Whether each row of the stripe has had its entry. False: there is no such stripe. [latch]
  bool SearchRows(uint32_t stripe, const Report& report) const;
  // The nodes of the tree that are in memory, all at once; takes its time. [latch]
  static void CheckTree(const Index& index, const Report& report);

 private:
  void CheckColumn(const Stripe& stripe, RowId first, uint32_t column, const Report& report) const;
  void Leave(uint32_t stripe, std::span<const uint16_t> columns) const;
  bool IsEntrySeen(std::string_view key, RowId row);
  void CheckEntry(std::string_view key, RowId row, const Report& report);
  bool MayHaveEntries(RowId row) const;
  bool HasNullInKey(RowId row) const;

  const Table* table_;
  ReadView view_;
  uint64_t rows_ = 0;

  const Index* index_ = nullptr;
  std::vector<uint16_t> columns_;  // of the index
  std::string from_;               // where the next leaf begins
  EntryList entries_;
  EntrySum of_entries_, of_rows_;
  std::vector<uint64_t> has_entry_;  // a bit for each row, once that is searched for
  std::string last_entry_, last_key_;
  RowId last_row_ = kNoRow;
  KeyBuffer scratch_;
};

}  // namespace tupelo

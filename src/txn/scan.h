// txn/scan.h: reading a table through a view: all of it, by a range of an index, by one key.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/btree.h"
#include "txn/index.h"
#include "txn/table.h"
#include "txn/view.h"
#include "types/chunk.h"

namespace tupelo {

enum class ZoneOp : uint8_t {
  kEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIsNull,
  kIsNotNull
};

// Lets a scan skip blocks in which no row can fulfil `column op value`. The rows that come still
// need the test. `value` has the column's physical type; a null value (with a comparison) skips
// everything.
struct ZonePredicate {
  uint16_t column;
  ZoneOp op;
  Value value;
};

// The least or the greatest value of a column, wanted of a scan.
struct ExtremeOfColumn {
  uint16_t column;
  bool greatest;
};

// Rows of a vector set come with the ids that they have in the table.
struct RowIds {
  RowId ids[kVectorSize];  // ids[r] belongs to row r of the chunk (not to position r of its
                           // selection)
};

// All three: made once per plan, opened for every run, allocate nothing when opened again. The view
// is copied; what keeps its versions alive is its transaction or its registered original, which
// must stay while the scan is open. The chunk filled by Next is good until the scan's next call,
// whatever is written meanwhile, also without the latch. `out` has a vector of the right type for
// each of `columns`.

// Every row that the view sees, in the order of the row ids. Vectors point into blocks where they
// can.
class TableScan {
 public:
  TableScan() = default;
  ~TableScan() { Close(); }
  TableScan(const TableScan&) = delete;
  TableScan& operator=(const TableScan&) = delete;

  // How many rows a scan of the table looks at: those of all versions, and free places among them.
  static uint64_t Length(const Table& table);

  // `columns` and `zones` are kept by reference and must outlive the scan.
  void Open(const Table* table, const ReadView& view, std::span<const uint16_t> columns,
            std::span<const ZonePredicate> zones = {});
  // After Open: stripes are read in this order, of all their numbers; kept by reference.
  void SetOrder(std::span<const uint32_t> order) { order_ = order; }
  // After Open: skips blocks in which no row can fulfil any of `wanted`, which is kept by
  // reference, and looked at as it is when it is a block's turn.
  void SetWanted(std::span<const ZonePredicate> wanted) { wanted_ = wanted; }
  // An order in which values that are better than all others come early.
  static void OrderBlocks(const Table& table, std::span<const ExtremeOfColumn> extremes,
                          std::vector<uint32_t>* order);
  // Goes on with stripes (runs of up to kVectorSize rows) number `first` up to `end` of the order
  // alone. False when the table has none from `first` on.
  bool Restrict(uint32_t first, uint32_t end);
  // Up to kVectorSize rows, perhaps as a selection; false at the end.
  bool Next(Chunk* out, RowIds* ids = nullptr);
  // Lets go of what it pins. Also done by Open, at the end, and by destruction (all with the
  // latch).
  void Close();
  bool is_open() const { return table_ != nullptr; }

 private:
  bool ScanStripe(Stripe* stripe, Chunk* out);
  bool Skips(const Stripe& stripe) const;
  bool IsWanted(const Stripe& stripe) const;
  bool ExcludedBy(const Stripe& stripe, const ZonePredicate& predicate) const;
  bool HasOlderValues(const Stripe& stripe, uint32_t slot) const;
  void PinAndBorrow(Stripe* stripe, uint32_t count, Chunk* out);
  void CopyOut(Stripe* stripe, uint32_t count, Chunk* out);
  void Unpin();

  const Table* table_ = nullptr;
  ReadView view_;
  std::span<const uint16_t> columns_;
  std::span<const ZonePredicate> zones_, wanted_;
  std::span<const uint32_t> order_;
  uint32_t next_stripe_ = 0, end_stripe_ = UINT32_MAX;
  std::vector<BlockPin> pins_;
  Stripe* passed_ = nullptr;     // that was given last, if the file was needed for it
  uint16_t older_[kVectorSize];  // slots whose visible version is not the newest
};

// One end of a range of keys: normalized bytes, perhaps of the first key columns only. A prefix
// stands for all keys that begin with it: inclusive takes them in, exclusive leaves them out, at
// either end.
struct KeyBound {
  std::string_view key;
  bool inclusive = true;
  bool unbounded = true;
  static KeyBound None() { return {}; }
  static KeyBound At(std::string_view key, bool inclusive) { return {key, inclusive, false}; }
};

// Rows whose key lies between two bounds, in the order of the keys or against it. Survives changes
// of the index between calls.
class IndexScan {
 public:
  // The bounds are copied; `columns` is kept by reference.
  void Open(const Table* table, const Index* index, const ReadView& view,
            std::span<const uint16_t> columns, const KeyBound& lower, const KeyBound& upper,
            bool descending = false);
  // Up to `limit` rows, dense; false at the end. Strings are copied into the vectors.
  bool Next(Chunk* out, RowIds* ids = nullptr, uint32_t limit = kVectorSize);
  void Close() { table_ = nullptr; }
  // Of the row given last, where as many were given as were asked for; good until the next call.
  std::string_view key() const { return cursor_.key(); }

  // Next in two steps, so that the rows of several ranges are fetched at once. NextRows: their ids;
  // fewer than `limit` only at the end. Fetch: rows that any range of this table and view gave.
  // REQUIRES: no change of the table in between.
  uint32_t NextRows(RowId* rows, uint32_t limit);
  void Fetch(const RowId* rows, uint32_t count, Chunk* out);

 private:
  bool Accept(RowId row);

  const Table* table_ = nullptr;
  const Index* index_ = nullptr;
  ReadView view_;
  bool is_empty_ = false;
  std::span<const uint16_t> columns_;
  BTreeCursor cursor_;
  KeyBuffer scratch_;
  std::unique_ptr<RowId[]> rows_;
};

// The row that has one whole key of a unique index (an index that is not unique: the first such
// row).
class PointLookup {
 public:
  // Where found, writes it to row 0 of `out` (one row) and returns true. *row may be nullptr.
  // Strings of more than 12 bytes are copied into the vectors.
  bool Find(const Table* table, const Index* index, const ReadView& view, std::string_view key,
            std::span<const uint16_t> columns, Chunk* out, RowId* row);
  // The same without fetching.
  bool FindRow(const Table* table, const Index* index, const ReadView& view, std::string_view key,
               RowId* row);

 private:
  KeyBuffer scratch_;
};

// Rows whose newest version has a key (or begins with one), whoever made it: for constraints. Rows
// that another active transaction changes or deletes come too, as kInFlight, when any version that
// may become the current one has the key; rows that had the key in the snapshot and were deleted or
// changed since come as kDeletedNewer.
class CurrentLookup {
 public:
  // `key` is copied.
  void Open(const Table* table, const Index* index, const Transaction* transaction,
            std::string_view key);
  bool Next(RowId* row, RowState* state);

 private:
  const Table* table_ = nullptr;
  const Index* index_ = nullptr;
  const Transaction* transaction_ = nullptr;
  BTreeCursor cursor_;
  KeyBuffer scratch_;
};

}  // namespace tupelo

// storage/row_store.h: the newest version of every row of a table, column by column.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "storage/column_block.h"
#include "storage/column_encoder.h"
#include "storage/row_id.h"
#include "types/type.h"
#include "types/value.h"
#include "types/vector.h"

namespace tupelo {

class BlockCache;
class ExtentPool;
class RowSource;
struct SegmentPage;
struct UndoLog;     // of txn, as is
struct UndoRecord;  // this: storage only keeps the heads of the chains and what is said of them

// A block, and what most readers of it need, side by side with those of the other columns.
struct StripeColumn {
  ColumnBlock* block = nullptr;  // nullptr: dropped, all slots free, or not read yet
  uint8_t* data = nullptr;       // of the block; nullptr: it is set aside, to leave soon

  void Set(ColumnBlock* new_block) {
    block = new_block;
    data = new_block == nullptr ? nullptr : new_block->data;
  }
};

// The columns of a stripe; those of a table with few lie within it, a load less away.
class StripeColumns {
 public:
  uint32_t size() const { return size_; }
  StripeColumn& operator[](uint32_t c) { return begin()[c]; }
  const StripeColumn& operator[](uint32_t c) const { return begin()[c]; }
  StripeColumn* begin() { return size_ <= kInline ? inline_ : more_.get(); }
  const StripeColumn* begin() const { return size_ <= kInline ? inline_ : more_.get(); }
  StripeColumn* end() { return begin() + size_; }
  const StripeColumn* end() const { return begin() + size_; }
  // REQUIRES: size > size().
  void Grow(uint32_t size);

 private:
  static constexpr uint32_t kInline = 7;
  std::unique_ptr<StripeColumn[]> more_;
  uint32_t size_ = 0;
  StripeColumn inline_[kInline];
};

// What can be said of all chains of a stripe without looking at them. Good while there are any.
struct ChainSummary {
  UndoLog* log =
      nullptr;  // of the one transaction that made all their records; nullptr: of several
  uint64_t changed_columns = 0;  // union of the records' masks
  uint32_t last_statement = 0;   // of the records
};

// The heads of the chains of 64 rows: room for all rows of a stripe where single rows are changed
// here and there would be more to clear than the changes themselves.
struct ChainHeads {
  static constexpr uint32_t kRows = 64;
  UndoRecord* of[kRows];
};

// 2,048 rows: one block of each column. A slot is in one of four states: never used (>= used),
// live, dead but with a chain (some reader may need it), or free (dead, no chain).
struct alignas(64) Stripe {
  uint64_t columns_with_nulls = 0;  // column c as bit c % 64; may name too many
  uint32_t chained_rows = 0;
  uint32_t used = 0;
  uint32_t live_rows = 0;
  uint32_t free_rows = 0;
  uint32_t capacity = 0;  // slots that every column's block has room for; 0: some may be missing
  // Since a checkpoint wrote it.
  bool has_changed = false;
  bool is_stored = false;        // columns that are not here may be in the file
  uint8_t place = 0;             // in its segment
  uint64_t changed_columns = 0;  // column c as bit c % 64
  ChainSummary chain_summary;
  StripeColumns columns;
  uint64_t live[kBlockRows / 64] = {};
  ChainHeads* chains[kBlockRows / ChainHeads::kRows] = {};  // nullptr: none of these rows has one

  bool MayHaveNulls(uint32_t column) const { return (columns_with_nulls >> (column % 64)) & 1; }

  bool IsLive(uint32_t slot) const { return (live[slot / 64] >> (slot % 64)) & 1; }
  void SetLive(uint32_t slot) {
    live[slot / 64] |= uint64_t{1} << (slot % 64);
    ++live_rows;
  }
  void SetDead(uint32_t slot) {
    live[slot / 64] &= ~(uint64_t{1} << (slot % 64));
    --live_rows;
  }
  UndoRecord* Chain(uint32_t slot) const {
    if (chained_rows == 0) return nullptr;
    const ChainHeads* heads = chains[slot / ChainHeads::kRows];
    return heads == nullptr ? nullptr : heads->of[slot % ChainHeads::kRows];
  }
  // REQUIRES: there are heads for the slot's rows, as where it has a chain.
  UndoRecord*& ChainHead(uint32_t slot) {
    return chains[slot / ChainHeads::kRows]->of[slot % ChainHeads::kRows];
  }
};

struct Segment {
  Stripe stripes[kBlocksPerSegment];
  uint32_t number = 0;
  uint32_t stored_columns = 0;        // of the page: others were added since
  const SegmentPage* page = nullptr;  // as it is in the file; nullptr: it is not there
  bool is_being_written = false;      // another page will be

  explicit Segment(uint32_t its_number) : number(its_number) {
    for (uint8_t i = 0; i < kBlocksPerSegment; ++i) stripes[i].place = i;
  }
  static Segment& Of(const Stripe& stripe) {
    return *reinterpret_cast<Segment*>(const_cast<Stripe*>(&stripe - stripe.place));
  }
};
static_assert(sizeof(Stripe) == 704);

// Knows nothing of transactions. Guarded by the database's latch.
//
// Of a table in a file, segments are read when one of their stripes is asked for first, and blocks
// when a column of a stripe is (ColumnOf). A stripe with changes has what was changed in memory.
class RowStore {
 public:
  RowStore(ExtentPool* pool, const std::vector<Type>& types);
  ~RowStore();
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  uint32_t column_count() const { return static_cast<uint32_t>(columns_.size()); }
  const Type& type(uint32_t column) const { return columns_[column].type; }
  PhysicalType physical(uint32_t column) const { return columns_[column].physical; }
  bool is_dropped(uint32_t column) const { return columns_[column].dropped; }

  uint32_t stripe_count() const { return stripe_count_; }
  Stripe* stripe(uint32_t number) const {
    Segment* segment = segments_[number / kBlocksPerSegment].get();
    if (segment == nullptr) [[unlikely]]
      segment = LoadSegment(number / kBlocksPerSegment);
    return &segment->stripes[number % kBlocksPerSegment];
  }
  // nullptr: it was not asked for yet.
  Stripe* ResidentStripe(uint32_t number) const {
    Segment* segment = segments_[number / kBlocksPerSegment].get();
    return segment == nullptr ? nullptr : &segment->stripes[number % kBlocksPerSegment];
  }
  // A column of a stripe that has rows; a dropped one has no block.
  const StripeColumn& ColumnOf(const Stripe& stripe, uint32_t column) const {
    const StripeColumn& found = stripe.columns[column];
    if (found.data == nullptr) [[unlikely]]
      LoadColumn(stripe, column);
    return found;
  }
  // Of a stripe that is about to be changed: those of the columns (by c % 64) that are not there.
  // What fails then has changed nothing.
  void ProvideColumns(Stripe* stripe, uint64_t columns) const {
    if (stripe->capacity == 0) [[unlikely]]
      LoadColumns(stripe, columns);
  }
  // For a table that is to need its source no more. Reads what is not in memory of a segment, which
  // has no changes, and makes it as if it had never been stored; returns its live rows. Once that
  // is so of all segments:
  uint64_t DetachSegment(uint32_t number);
  void Detach();
  // What is known of a column's block without reading it; false: there is none.
  struct Summary {
    const Zone* zone;
    uint32_t null_count;
  };
  bool Summarize(const Stripe& stripe, uint32_t column, Summary* summary) const;
  Stripe* StripeOf(RowId row) const { return stripe(StripeNumber(row)); }
  static uint32_t StripeNumber(RowId row) {
    return static_cast<uint32_t>(static_cast<uint64_t>(row) / kBlockRows);
  }
  static uint32_t SlotOf(RowId row) { return static_cast<uint32_t>(row) % kBlockRows; }
  bool Exists(RowId row) const { return row >= 0 && StripeNumber(row) < stripe_count_; }

  // Up to `wanted` slots in a row that are free or new, with blocks for them; *got says how many.
  // They are not live yet.
  RowId TakeSlots(uint32_t wanted, uint32_t* got);
  // A dead slot without a chain can be taken again. Its values are counted as garbage by
  // FreeSlotValues, called before.
  void FreeSlot(RowId row);
  void FreeSlotValues(RowId row);

  // Replay: slots that were taken once are taken again, with blocks for them, whatever there is
  // before them; none of them may be live: else false. TakeSlots may be called once FindFreeSlots
  // has looked for those that are left. REQUIRES: within a stripe; no chains anywhere.
  bool PlaceRows(RowId first, uint32_t count);
  void FindFreeSlots(uint64_t live_rows);

  // The table's rows are in a file: the first `used_rows` slots were used. REQUIRES: there are no
  // rows yet, and the source is there while rows are read.
  void Attach(RowSource* source, uint64_t used_rows);
  bool is_attached() const { return source_ != nullptr; }
  // A checkpoint has written a segment. `source` is good as Attach wants it.
  void AdoptPage(RowSource* source, uint32_t segment, const SegmentPage* page);
  // Blocks of segment *number that are as they are in the file leave, or are set aside before; then
  // goes on to the next one. False: there is none.
  bool SetAside(uint32_t* number, const Segment* kept);
  // A scan has read these columns of a stripe, and is done with it: they leave where there is too
  // much in memory.
  void Leave(Stripe* stripe, std::span<const uint16_t> columns) const;
  // Slots that were ever used: those of all stripes but the last count as such.
  uint64_t used_rows() const;
  // The same of a segment, and of these, as far as is known without reading it, those with rows.
  uint32_t UsedRows(uint32_t segment) const;
  uint32_t LiveRows(uint32_t segment) const;
  // Whether so many slots before the segment can be taken.
  bool HasFreeRowsBefore(uint32_t segment, uint64_t count) const;

  // Stores row `source_row(i)` of `source` in slot first_slot + i, for i < count. Zone and null
  // count follow.
  void WriteRun(Stripe* stripe, uint32_t column, uint32_t first_slot, const Vector& source,
                Rows rows, uint32_t first, uint32_t count);
  // The same for one row.
  void WriteValue(Stripe* stripe, uint32_t column, uint32_t slot, const Vector& source,
                  uint32_t row);
  // Puts back a value that was there before: strings' bytes are still in the heap.
  void RestoreValue(Stripe* stripe, uint32_t column, uint32_t slot, const void* value,
                    bool is_null);
  // Copies a value out of a block: 16 bytes at most. False: null.
  static bool ReadValue(const ColumnBlock& block, uint32_t slot, void* value);

  // The live long strings of the column move to a new heap; for when most of the old one's are
  // garbage. Where there is no room for that now, all is as it was. REQUIRES: the stripe has no
  // chains, and the block a heap.
  void CompactHeap(Stripe* stripe, uint32_t column);

  // Codes for a block of strings whose values are few, when it has been read before. REQUIRES: the
  // stripe is full.
  void ProvideCodes(const Stripe& stripe, uint32_t column) const {
    if (stripe.chained_rows == 0) {
      columns_[column].encoder->Encode(stripe.columns[column].block, stripe.live);
    }
  }

  // A new column with the same value in every row; its number.
  // `value` is constant.
  uint32_t AddColumn(const Vector& value);
  // Gives the column's memory back; the number stays taken.
  void DropColumn(uint32_t column);

  size_t memory_bytes() const;
  ExtentPool* pool() const { return pool_; }

 private:
  struct Column {
    Type type;
    PhysicalType physical;
    bool dropped = false;
    std::unique_ptr<ColumnEncoder> encoder;  // of strings
    Column(const Type& its_type)
        : type(its_type),
          physical(its_type.physical()),
          encoder(physical == PhysicalType::kString ? std::make_unique<ColumnEncoder>() : nullptr) {
    }
  };
  // The block, or a copy in its place if readers see slots from first_slot on, or its validity when
  // that changes.
  ColumnBlock* MakeWritable(Stripe* stripe, uint32_t column, uint32_t first_slot,
                            bool validity_changes);
  void EnsureBlocks(Stripe* stripe, uint32_t rows);
  void ReleaseBlocks(Stripe* stripe);
  Stripe* AppendStripe();
  Stripe* FindFreeStripe();

  // row_loading.cpp
  Segment* LoadSegment(uint32_t number) const;
  void LoadStripe(uint32_t number, const SegmentPage& page, Stripe* stripe) const;
  void LoadColumn(const Stripe& stripe, uint32_t column) const;
  void LoadColumns(Stripe* stripe, uint64_t columns) const;
  bool MayLeave(const Stripe& stripe, uint32_t column) const;
  uint32_t UsedOf(uint32_t stripe) const;

  ExtentPool* pool_;
  std::vector<Column> columns_;
  mutable std::vector<std::unique_ptr<Segment>> segments_;  // nullptr: not asked for yet
  uint32_t stripe_count_ = 0;
  RowSource* source_ = nullptr;
  BlockCache* cache_ = nullptr;  // that knows of this; not before there is something in a file
  uint32_t last_used_ = 0;       // slots of the last stripe, while it is not in memory
  uint64_t free_rows_ = 0;
  uint32_t first_free_stripe_ = 0;  // none before it has a free slot
};

}  // namespace tupelo

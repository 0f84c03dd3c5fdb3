// storage/row_store.cpp: slots: taking, freeing, and the blocks behind them.
#include "storage/row_store.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdlib>
#include <utility>

#include "base/interruption_scope.h"
#include "buffer/extent_pool.h"
#include "storage/block_cache.h"
#include "storage/row_source.h"

namespace tupelo {

namespace {
// A table's first block starts small, as most tables are; the others have their full size at once.
constexpr uint32_t kFirstCapacity = 128;
constexpr uint32_t kGrowthFactor = 4;
}  // namespace

void StripeColumns::Grow(uint32_t size) {
  assert(size > size_);
  if (size > kInline) {
    auto larger = std::make_unique<StripeColumn[]>(size);
    std::copy(begin(), end(), larger.get());
    more_ = std::move(larger);
  }
  size_ = size;
}

RowStore::RowStore(ExtentPool* pool, const std::vector<Type>& types) : pool_(pool) {
  for (const Type& type : types) columns_.emplace_back(type);
}

RowStore::~RowStore() {
  if (cache_ != nullptr) cache_->Remove(this);
  for (uint32_t i = 0; i < stripe_count_; ++i) {
    if (Stripe* resident = ResidentStripe(i)) ReleaseBlocks(resident);
  }
}

Stripe* RowStore::AppendStripe() {
  if (stripe_count_ % kBlocksPerSegment == 0) {
    segments_.push_back(std::make_unique<Segment>(stripe_count_ / kBlocksPerSegment));
  } else {
    stripe(stripe_count_ - 1);  // reads what was stored of the segment
  }
  ++stripe_count_;
  return stripe(stripe_count_ - 1);
}

void RowStore::EnsureBlocks(Stripe* stripe, uint32_t rows) {
  if (stripe->columns.size() < columns_.size()) stripe->columns.Grow(column_count());
  uint32_t capacity = stripe_count_ == 1 && !stripe->is_stored ? kFirstCapacity : kBlockRows;
  while (capacity < rows) capacity = std::min(capacity * kGrowthFactor, kBlockRows);
  uint32_t room = kBlockRows;
  for (uint32_t c = 0; c < columns_.size(); ++c) {
    StripeColumn& column = stripe->columns[c];
    if (columns_[c].dropped) continue;
    if (column.data == nullptr && stripe->is_stored) LoadColumn(*stripe, c);
    if (column.block == nullptr) {
      column.Set(ColumnBlock::Create(pool_, columns_[c].physical, capacity));
    } else if (column.block->capacity < rows) {
      ColumnBlock* larger = column.block->Copy(capacity);
      column.block->Retire();
      column.Set(larger);
    }
    room = std::min(room, column.block->capacity);
  }
  stripe->capacity = room;
}

void RowStore::ReleaseBlocks(Stripe* stripe) {
  stripe->capacity = 0;
  stripe->is_stored = false;
  stripe->columns_with_nulls = 0;
  for (StripeColumn& column : stripe->columns) {
    if (column.block != nullptr) column.block->Retire();
    column.Set(nullptr);
  }
}

RowId RowStore::TakeSlots(uint32_t wanted, uint32_t* got) {
  // 1. Free slots, lowest first.
  if (free_rows_ > 0) {
    Stripe* target = FindFreeStripe();
    for (uint32_t word = 0; word < kBlockRows / 64; ++word) {
      for (uint64_t dead = ~target->live[word]; dead != 0; dead &= dead - 1) {
        uint32_t slot = word * 64 + static_cast<uint32_t>(std::countr_zero(dead));
        if (slot >= target->used || target->Chain(slot) != nullptr) continue;
        uint32_t count = 1;
        while (count < wanted && slot + count < target->used && !target->IsLive(slot + count) &&
               target->Chain(slot + count) == nullptr) {
          ++count;
        }
        if (target->capacity < slot + count) EnsureBlocks(target, target->used);
        target->free_rows -= count;
        free_rows_ -= count;
        *got = count;
        return static_cast<RowId>(first_free_stripe_) * kBlockRows + slot;
      }
    }
    assert(false && "free_rows is wrong");
  }
  // 2. New ones at the end.
  Stripe* target = stripe_count_ == 0 ? AppendStripe() : stripe(stripe_count_ - 1);
  if (target->used == kBlockRows) target = AppendStripe();
  uint32_t slot = target->used;
  *got = std::min(wanted, kBlockRows - slot);
  if (target->capacity < slot + *got) EnsureBlocks(target, slot + *got);
  target->used += *got;
  return static_cast<RowId>(stripe_count_ - 1) * kBlockRows + slot;
}

bool RowStore::PlaceRows(RowId first, uint32_t count) {
  uint32_t number = StripeNumber(first), slot = SlotOf(first);
  while (stripe_count_ <= number) AppendStripe();
  Stripe* target = stripe(number);
  for (uint32_t i = 0; i < count; ++i) {
    if (target->IsLive(slot + i)) return false;
  }
  target->used = std::max(target->used, slot + count);
  if (target->capacity < slot + count) EnsureBlocks(target, slot + count);
  return true;
}

// There is one.
Stripe* RowStore::FindFreeStripe() {
  for (; first_free_stripe_ < stripe_count_; ++first_free_stripe_) {
    uint32_t segment = first_free_stripe_ / kBlocksPerSegment;
    if (segments_[segment] == nullptr && source_->LiveRows(segment) == UsedRows(segment)) {
      first_free_stripe_ = (segment + 1) * kBlocksPerSegment - 1;
      continue;
    }
    Stripe* found = stripe(first_free_stripe_);
    if (found->free_rows > 0) return found;
  }
  assert(source_ != nullptr);
  source_->ThrowDamagedSegment(0, "there are fewer free rows than the table's number of rows says");
  std::abort();  // not reached; the compiler does not know it of a virtual function
}

void RowStore::FindFreeSlots(uint64_t live_rows) {
  first_free_stripe_ = 0;
  for (uint32_t i = 0; i < stripe_count_; ++i) {
    Stripe* target = ResidentStripe(i);
    if (target == nullptr) continue;
    // Only the last one's slots may be new.
    if (i + 1 < stripe_count_) target->used = kBlockRows;
    target->free_rows = target->used - target->live_rows;
    if (target->free_rows == kBlockRows) {
      ReleaseBlocks(target);
    } else if (target->capacity < target->used && !target->is_stored) {
      EnsureBlocks(target, target->used);
    }
  }
  free_rows_ = used_rows() - live_rows;
}

void RowStore::FreeSlot(RowId row) {
  auto number = static_cast<uint32_t>(row / kBlockRows);
  Stripe* owner = stripe(number);
  assert(!owner->IsLive(SlotOf(row)) && owner->Chain(SlotOf(row)) == nullptr);
  ++owner->free_rows;
  ++free_rows_;
  first_free_stripe_ = std::min(first_free_stripe_, number);
  if (owner->free_rows == kBlockRows && owner->chained_rows == 0) ReleaseBlocks(owner);
}

void RowStore::FreeSlotValues(RowId row) {
  Stripe* owner = StripeOf(row);
  for (size_t c = 0; c < owner->columns.size(); ++c) {
    ColumnBlock* block = owner->columns[c].block;
    if (block == nullptr || block->heap == nullptr || block->IsNull(SlotOf(row))) continue;
    block->heap->AddGarbage(block->values<StringRef>()[SlotOf(row)]);
  }
}

uint32_t RowStore::AddColumn(const Vector& value) {
  // What was stored has no such column.
  for (uint32_t i = 0; i < stripe_count_; i += kBlocksPerSegment) {
    StepInterruption();
    stripe(i);
  }
  columns_.emplace_back(value.type());
  auto column = static_cast<uint32_t>(columns_.size() - 1);
  try {
    for (uint32_t i = 0; i < stripe_count_; ++i) {
      StepInterruption();
      Stripe* target = stripe(i);
      target->capacity = 0;  // the new column has no block yet
      if (target->used == target->free_rows) continue;
      if (target->is_stored) {  // the others stay where they are
        if (target->columns.size() < columns_.size()) target->columns.Grow(column_count());
        target->columns[column].Set(ColumnBlock::Create(pool_, physical(column), kBlockRows));
      } else {
        EnsureBlocks(target, target->used);
      }
      target->has_changed = true;
      target->changed_columns |= uint64_t{1} << (column % 64);
      WriteRun(target, column, 0, value, Rows{nullptr, target->used}, 0, target->used);
    }
  } catch (...) {
    DropColumn(column);
    throw;
  }
  return column;
}

void RowStore::DropColumn(uint32_t column) {
  columns_[column].dropped = true;
  for (uint32_t i = 0; i < stripe_count_; ++i) {
    // Of what is not in memory the block stays in the file until the segment is written again.
    Stripe* owner = ResidentStripe(i);
    if (owner == nullptr || column >= owner->columns.size()) continue;
    if (ColumnBlock* block = owner->columns[column].block) {
      block->Retire();
      owner->columns[column].Set(nullptr);
      owner->has_changed = true;
    }
  }
}

size_t RowStore::memory_bytes() const {
  size_t bytes = 0;
  for (uint32_t i = 0; i < stripe_count_; ++i) {
    const Stripe* resident = ResidentStripe(i);
    if (resident == nullptr) continue;
    bytes += sizeof(Stripe);
    for (const StripeColumn& column : resident->columns) {
      const ColumnBlock* block = column.block;
      if (block == nullptr) continue;
      bytes += ExtentPool::RoundUp(block->capacity * WidthBytes(block->physical)) + 512;
      if (block->heap != nullptr) bytes += block->heap->used_bytes();
      if (block->codes_or_null() != nullptr) bytes += kBlockRows;
    }
  }
  return bytes;
}

}  // namespace tupelo

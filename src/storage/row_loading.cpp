// storage/row_loading.cpp: segments and blocks that come from the file when they are asked for.
#include <algorithm>
#include <cassert>
#include <mutex>

#include "base/shared_latch.h"
#include "buffer/extent_pool.h"
#include "storage/block_cache.h"
#include "storage/row_source.h"
#include "storage/row_store.h"
#include "storage/segment_page.h"

namespace tupelo {

void RowStore::Attach(RowSource* source, uint64_t used_rows) {
  assert(stripe_count_ == 0);
  source_ = source;
  cache_ = source->cache();
  cache_->Add(this);
  if (used_rows == 0) return;
  stripe_count_ = StripeNumber(static_cast<RowId>(used_rows - 1)) + 1;
  last_used_ = SlotOf(static_cast<RowId>(used_rows - 1)) + 1;
  segments_.resize((stripe_count_ + kBlocksPerSegment - 1) / kBlocksPerSegment);
}

void RowStore::AdoptPage(RowSource* source, uint32_t number, const SegmentPage* page) {
  source_ = source;
  if (cache_ == nullptr) {
    cache_ = source->cache();
    cache_->Add(this);
  }
  Segment& segment = *segments_[number];
  segment.is_being_written = false;
  segment.page = page;
  segment.stored_columns = static_cast<uint32_t>(page->columns.size());
  for (uint32_t i = 0; i < kBlocksPerSegment; ++i) {
    segment.stripes[i].is_stored = page->stripes[i].live_rows > 0;
  }
}

uint64_t RowStore::DetachSegment(uint32_t number) {
  uint32_t first = number * kBlocksPerSegment;
  uint32_t end = std::min(first + kBlocksPerSegment, stripe_count_);
  uint64_t rows = 0;
  for (uint32_t i = first; i < end; ++i) {
    LoadColumns(stripe(i), ~uint64_t{0});
    rows += stripe(i)->live_rows;
  }
  Segment& segment = *segments_[number];
  segment.page = nullptr;
  segment.stored_columns = 0;
  for (Stripe& stripe : segment.stripes) stripe.is_stored = false;
  return rows;
}

void RowStore::Detach() {
  if (cache_ != nullptr) cache_->Remove(this);
  cache_ = nullptr;
  source_ = nullptr;
}

// Only the last stripe has slots that were never used.
uint32_t RowStore::UsedOf(uint32_t number) const {
  if (number + 1 < stripe_count_) return kBlockRows;
  const Stripe* resident = ResidentStripe(number);
  return resident == nullptr ? last_used_ : resident->used;
}

uint64_t RowStore::used_rows() const {
  if (stripe_count_ == 0) return 0;
  return uint64_t{stripe_count_ - 1} * kBlockRows + UsedOf(stripe_count_ - 1);
}

uint32_t RowStore::UsedRows(uint32_t segment) const {
  uint32_t first = segment * kBlocksPerSegment;
  uint32_t end = std::min(first + kBlocksPerSegment, stripe_count_);
  return (end - first - 1) * kBlockRows + UsedOf(end - 1);
}

uint32_t RowStore::LiveRows(uint32_t segment) const {
  const Segment* resident = segments_[segment].get();
  if (resident == nullptr) return source_->LiveRows(segment);
  uint32_t rows = 0;
  for (const Stripe& stripe : resident->stripes) rows += stripe.live_rows;
  return rows;
}

bool RowStore::HasFreeRowsBefore(uint32_t segment, uint64_t count) const {
  if (free_rows_ < count) return false;
  uint64_t found = 0;
  for (uint32_t s = first_free_stripe_ / kBlocksPerSegment; s < segment && found < count; ++s) {
    if (const Segment* resident = segments_[s].get()) {
      for (const Stripe& stripe : resident->stripes) found += stripe.free_rows;
    } else {
      found += UsedRows(s) - source_->LiveRows(s);
    }
  }
  return found >= count;
}

Segment* RowStore::LoadSegment(uint32_t number) const {
  LoadGuard guard(cache_->latch());
  if (Segment* loaded = segments_[number].get()) return loaded;
  const SegmentPage* page = source_->FindPage(number);
  auto segment = std::make_unique<Segment>(number);
  segment->page = page;
  if (page != nullptr) {
    segment->stored_columns =
        static_cast<uint32_t>(std::min(page->columns.size(), columns_.size()));
  }
  for (uint32_t i = 0; i < kBlocksPerSegment; ++i) {
    uint32_t stripe = number * kBlocksPerSegment + i;
    if (stripe >= stripe_count_) break;
    Stripe* target = &segment->stripes[i];
    target->used = UsedOf(stripe);
    if (page != nullptr) LoadStripe(stripe, *page, target);
    target->free_rows = target->used - target->live_rows;
  }
  segments_[number] = std::move(segment);
  return segments_[number].get();
}

void RowStore::LoadStripe(uint32_t number, const SegmentPage& page, Stripe* stripe) const {
  const StoredStripe& stored = page.stripes[number % kBlocksPerSegment];
  if (stored.live_rows == 0) return;
  std::ranges::copy(stored.live, stripe->live);
  stripe->live_rows = stored.live_rows;
  stripe->is_stored = true;
  for (uint32_t slot = stripe->used; slot < kBlockRows; ++slot) {
    if (stripe->IsLive(slot)) source_->ThrowDamagedSegment(page.number, "it has too many rows");
  }
  stripe->columns.Grow(column_count());
  for (uint32_t c = 0; c < column_count(); ++c) {
    if (columns_[c].dropped) continue;
    if (c >= stored.columns.size() || !stored.columns[c].exists() ||
        page.columns[c] != columns_[c].physical) {
      source_->ThrowDamagedSegment(page.number, "a column has no block");
    }
    if (stored.columns[c].null_count > 0) stripe->columns_with_nulls |= uint64_t{1} << (c % 64);
  }
}

void RowStore::LoadColumn(const Stripe& stripe, uint32_t column) const {
  auto* target = const_cast<Stripe*>(&stripe);
  LoadGuard guard(cache_ != nullptr ? cache_->latch() : nullptr);
  if (target->columns[column].data != nullptr) return;
  if (ColumnBlock* aside = target->columns[column].block) return target->columns[column].Set(aside);
  const Segment& segment = Segment::Of(stripe);
  if (!stripe.is_stored || column >= segment.stored_columns || columns_[column].dropped) return;
  const StoredBlock& stored = segment.page->stripes[stripe.place].columns[column];
  if (!stored.exists()) return;
  cache_->MakeRoom(&segment);
  ColumnBlock* block = source_->ReadBlock(*segment.page, stripe.place, column);
  if (block->null_count > 0) target->columns_with_nulls |= uint64_t{1} << (column % 64);
  target->columns[column].Set(block);
}

void RowStore::LoadColumns(Stripe* stripe, uint64_t columns) const {
  uint32_t room = kBlockRows;
  for (uint32_t c = 0; c < stripe->columns.size(); ++c) {
    if (columns_[c].dropped) continue;
    const StripeColumn& column = stripe->columns[c];
    if (column.data == nullptr && ((columns >> (c % 64)) & 1) != 0) LoadColumn(*stripe, c);
    room = std::min(room, column.data == nullptr ? 0 : column.block->capacity);
  }
  if (stripe->columns.size() == columns_.size()) stripe->capacity = room;
}

// Whether a block is as it is in the file, and nobody's. REQUIRES: its segment is not being
// written.
bool RowStore::MayLeave(const Stripe& stripe, uint32_t column) const {
  if (!stripe.is_stored || stripe.has_changed || stripe.chained_rows > 0) return false;
  const ColumnBlock* block = stripe.columns[column].block;
  const Segment& segment = Segment::Of(stripe);
  return block != nullptr && !block->is_pinned() && column < segment.stored_columns &&
         segment.page->stripes[stripe.place].columns[column].exists();
}

bool RowStore::SetAside(uint32_t* number, const Segment* kept) {
  // What is not in memory costs nothing to pass.
  while (*number < segments_.size() && segments_[*number] == nullptr) ++*number;
  if (*number >= segments_.size()) return false;
  Segment* segment = segments_[(*number)++].get();
  if (segment == kept || segment->page == nullptr || segment->is_being_written) return true;
  for (Stripe& stripe : segment->stripes) {
    for (uint32_t c = 0; c < stripe.columns.size(); ++c) {
      if (!MayLeave(stripe, c)) continue;
      StripeColumn& column = stripe.columns[c];
      stripe.capacity = 0;
      if (column.data != nullptr) {
        column.data = nullptr;
      } else {
        column.block->Retire();
        column.Set(nullptr);
      }
    }
  }
  return true;
}

void RowStore::Leave(Stripe* stripe, std::span<const uint16_t> columns) const {
  pool_->NoteUse(columns.size());
  if (cache_ == nullptr || !cache_->is_full()) return;
  LoadGuard guard(cache_->latch());
  std::lock_guard lock(cache_->loading());
  if (Segment::Of(*stripe).is_being_written) return;
  for (uint16_t c : columns) {
    if (c >= stripe->columns.size() || !MayLeave(*stripe, c)) continue;
    stripe->capacity = 0;
    stripe->columns[c].block->Retire();
    stripe->columns[c].Set(nullptr);
  }
}

bool RowStore::Summarize(const Stripe& stripe, uint32_t column, Summary* summary) const {
  if (column >= stripe.columns.size()) return false;
  if (const ColumnBlock* block = stripe.columns[column].block) {
    *summary = {&block->zone, block->null_count};
    return true;
  }
  const Segment& segment = Segment::Of(stripe);
  if (!stripe.is_stored || column >= segment.stored_columns || columns_[column].dropped) {
    return false;
  }
  const StoredBlock& stored = segment.page->stripes[stripe.place].columns[column];
  *summary = {&stored.zone, stored.null_count};
  return stored.exists();
}

}  // namespace tupelo

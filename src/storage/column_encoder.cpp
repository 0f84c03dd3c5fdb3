// storage/column_encoder.cpp: values looked up in the dictionary of the column.
#include "storage/column_encoder.h"

#include <cassert>

namespace tupelo {

void ColumnEncoder::Encode(ColumnBlock* block, const uint64_t* live) {
  assert(block->capacity == kBlockRows);
  if (given_up_.load(std::memory_order_relaxed)) return;
  const uint8_t scans = block->scans.load(std::memory_order_relaxed);
  if (scans < block->scans_to_wait) {
    block->scans.store(scans + 1, std::memory_order_relaxed);
    return;
  }
  auto codes = std::make_unique_for_overwrite<uint8_t[]>(kBlockRows);
  const auto* values = block->values<StringRef>();
  std::lock_guard lock(mutex_);
  if (block->has_codes.load(std::memory_order_relaxed)) return;
  if (dictionary_ == nullptr) dictionary_ = std::make_shared<StringDictionary>();
  for (uint32_t slot = 0; slot < kBlockRows; ++slot) {
    codes[slot] = 0;
    if (((live[slot / 64] & block->validity[slot / 64]) >> (slot % 64) & 1) == 0) continue;
    uint32_t code = dictionary_->FindOrAdd(values[slot]);
    if (code == 0) {
      given_up_.store(true, std::memory_order_relaxed);
      return;
    }
    codes[slot] = static_cast<uint8_t>(code);
  }
  block->dictionary = dictionary_;
  block->code_array = std::move(codes);
  block->codes = {dictionary_.get(), block->code_array.get()};
  block->has_codes.store(true, std::memory_order_release);
}

}  // namespace tupelo

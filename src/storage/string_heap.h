// storage/string_heap.h: the bytes of the long strings of one block.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "types/string_ref.h"

namespace tupelo {

class ExtentPool;

// Bytes are appended and never change or move; they go when the last reference goes. A block, its
// copies and readers hold references. Lies at the beginning of its own first extent. Guarded by the
// database's latch; readers take and give back references beside each other.
class StringHeap {
 public:
  static StringHeap* Create(ExtentPool* pool);

  void AddReference() { references_.fetch_add(1, std::memory_order_relaxed); }
  void Release();

  // A string of more than StringRef::kInlineBytes whose bytes are here; shorter ones need none.
  StringRef Add(std::string_view text);

  // Bytes added so far, and how many of them no version refers to any more.
  size_t used_bytes() const { return used_bytes_; }
  size_t garbage_bytes() const { return garbage_bytes_; }
  void AddGarbage(const StringRef& text) {
    if (!text.is_inline()) garbage_bytes_ += text.size();
  }
  bool is_mostly_garbage() const {
    return garbage_bytes_ > kToleratedGarbageBytes && garbage_bytes_ > used_bytes_ / 2;
  }

 private:
  static constexpr size_t kToleratedGarbageBytes = 4096;
  struct Extent {
    Extent* previous;
    size_t bytes;
  };
  StringHeap() = default;
  void Grow(size_t bytes);

  ExtentPool* pool_ = nullptr;
  Extent* extents_ = nullptr;
  char* next_ = nullptr;
  char* end_ = nullptr;
  std::atomic<uint32_t> references_ = 1;
  size_t first_extent_bytes_ = 0;
  size_t next_extent_bytes_ = 0;
  size_t used_bytes_ = 0;
  size_t garbage_bytes_ = 0;
};

}  // namespace tupelo

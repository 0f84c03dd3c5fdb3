// storage/string_heap.cpp: extents of doubling size, filled from front to back.
#include "storage/string_heap.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "buffer/extent_pool.h"

namespace tupelo {

namespace {
constexpr size_t kFirstExtentBytes = 1024;
constexpr size_t kLargestExtentBytes = size_t{64} << 10;
}  // namespace

StringHeap* StringHeap::Create(ExtentPool* pool) {
  auto* heap = new (pool->Allocate(kFirstExtentBytes)) StringHeap();
  heap->pool_ = pool;
  heap->first_extent_bytes_ = kFirstExtentBytes;
  heap->next_extent_bytes_ = kFirstExtentBytes * 4;
  heap->next_ = reinterpret_cast<char*>(heap + 1);
  heap->end_ = reinterpret_cast<char*>(heap) + kFirstExtentBytes;
  return heap;
}

void StringHeap::Release() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  ExtentPool* pool = pool_;
  for (Extent* extent = extents_; extent != nullptr;) {
    Extent* previous = extent->previous;
    pool->Free(extent, extent->bytes);
    extent = previous;
  }
  size_t bytes = first_extent_bytes_;
  this->~StringHeap();
  pool->Free(this, bytes);
}

StringRef StringHeap::Add(std::string_view text) {
  if (text.size() <= StringRef::kInlineBytes) return StringRef(text);
  if (static_cast<size_t>(end_ - next_) < text.size()) Grow(text.size());
  std::memcpy(next_, text.data(), text.size());
  StringRef copy(next_, static_cast<uint32_t>(text.size()));
  next_ += text.size();
  used_bytes_ += text.size();
  return copy;
}

void StringHeap::Grow(size_t bytes) {
  size_t size = ExtentPool::RoundUp(std::max(next_extent_bytes_, bytes + sizeof(Extent)));
  auto* extent = static_cast<Extent*>(pool_->Allocate(size));
  extent->previous = extents_;
  extent->bytes = size;
  extents_ = extent;
  next_ = reinterpret_cast<char*>(extent + 1);
  end_ = reinterpret_cast<char*>(extent) + size;
  next_extent_bytes_ = std::min(kLargestExtentBytes, next_extent_bytes_ * 2);
}

}  // namespace tupelo

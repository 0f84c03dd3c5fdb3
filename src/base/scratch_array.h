// base/scratch_array.h: arrays that statements need for as long as they run.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace tupelo {

// Memory of at least `bytes` bytes, aligned for any type; what is in it is unspecified. Up to 64
// KiB come from lists of what the same thread gave back, which keep 4 MiB at most: a statement of
// many operators takes hundreds of such blocks and gives them back at once, which makes the
// system's allocator return pages that the next statement wants again. Throws kOutOfMemory.
void* TakeBlock(size_t bytes);
// Any thread may give back what another took.
void GiveBlockBack(void* block) noexcept;

struct BlockDeleter {
  void operator()(void* block) const { GiveBlockBack(block); }
};

template <typename T>
using ScratchArray = std::unique_ptr<T[], BlockDeleter>;

// `count` elements, uninitialized.
template <typename T>
ScratchArray<T> MakeScratchArray(size_t count) {
  static_assert(std::is_trivially_destructible_v<T> && std::is_trivially_copyable_v<T>);
  return ScratchArray<T>(static_cast<T*>(TakeBlock(count * sizeof(T))));
}

}  // namespace tupelo

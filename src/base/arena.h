// base/arena.h: a bump allocator for what dies together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tupelo {

// Hands out memory that lives until Reset() or destruction. Nothing allocated here has its
// destructor run, so only trivially destructible types belong in it. Not thread-safe.
// Reset() keeps the first chunk: an arena that is used alike every time stops allocating.
class Arena {
 public:
  explicit Arena(size_t first_chunk_bytes = 4096) : next_chunk_bytes_(first_chunk_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { FreeChunks(nullptr); }

  void* Allocate(size_t bytes, size_t alignment = alignof(std::max_align_t)) {
    uintptr_t start = (reinterpret_cast<uintptr_t>(next_) + alignment - 1) & ~(alignment - 1);
    if (start + bytes > reinterpret_cast<uintptr_t>(end_) || next_ == nullptr) {
      return AllocateSlow(bytes, alignment);
    }
    next_ = reinterpret_cast<char*>(start + bytes);
    return reinterpret_cast<void*>(start);
  }

  template <typename T, typename... Args>
  T* New(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (Allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
  }

  template <typename T>
  T* NewArray(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(Allocate(count * sizeof(T), alignof(T)));
  }

  // A copy of `text` that lives in the arena.
  std::string_view CopyString(std::string_view text);

  // Forgets everything handed out; keeps the largest chunk for reuse.
  void Reset();

  // Bytes taken from the system.
  size_t reserved_bytes() const { return reserved_bytes_; }

 private:
  struct Chunk {
    Chunk* previous;
    size_t size_bytes;  // header included
  };
  void* AllocateSlow(size_t bytes, size_t alignment);
  void FreeChunks(Chunk* keep);

  char* next_ = nullptr;
  char* end_ = nullptr;
  Chunk* chunks_ = nullptr;
  size_t next_chunk_bytes_;
  size_t reserved_bytes_ = 0;
};

}  // namespace tupelo

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

// What an arena's memory is.
enum class ArenaUse : uint8_t {
  kKept,  // of something that is used again and again; always in memory
  // Work of a running statement: what it takes in large chunks counts as that, and is of temporary
  // files beyond the limit (base/work_memory.h); who uses it resets it when the statement ends.
  kWork,
};

// Hands out memory that lives until Reset() or destruction. Nothing allocated here has its
// destructor run, so only trivially destructible types belong in it. Not thread-safe.
// Reset() keeps a chunk: an arena that is used alike every time stops allocating.
class Arena {
 public:
  explicit Arena(size_t first_chunk_bytes = 4096, ArenaUse use = ArenaUse::kKept)
      : next_chunk_bytes_(first_chunk_bytes), use_(use) {}
  explicit Arena(ArenaUse use) : use_(use) {}
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

  // Forgets everything handed out; keeps the largest chunk that is not counted as work for reuse.
  void Reset();

  // Bytes taken from the system.
  size_t reserved_bytes() const { return reserved_bytes_; }

 private:
  struct Chunk {
    Chunk* previous;
    size_t size_bytes;  // header included
    bool is_work;       // a WorkChunk
  };
  struct WorkChunk;
  Chunk* MakeChunk(size_t size_bytes);
  void* AllocateSlow(size_t bytes, size_t alignment);
  void BeginChunk(Chunk* chunk);
  void FreeChunks(Chunk* keep);
  static void FreeChunk(Chunk* chunk);

  char* next_ = nullptr;
  char* end_ = nullptr;
  Chunk* chunks_ = nullptr;
  size_t next_chunk_bytes_ = 4096;
  size_t reserved_bytes_ = 0;
  ArenaUse use_;
};

}  // namespace tupelo

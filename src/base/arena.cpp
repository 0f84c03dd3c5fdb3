// base/arena.cpp: chunks of an arena, each at least twice the size of the one before.
#include "base/arena.h"

#include <algorithm>
#include <cstring>

#include "base/long_text.h"
#include "base/scratch_array.h"

namespace tupelo {

namespace {
constexpr size_t kLargestChunkBytes = 1 << 20;
}

void* Arena::AllocateSlow(size_t bytes, size_t alignment) {
  size_t wanted = sizeof(Chunk) + bytes + alignment;
  size_t size_bytes = std::max(next_chunk_bytes_, wanted);
  auto* chunk = static_cast<Chunk*>(TakeBlock(size_bytes));
  next_chunk_bytes_ = std::min(kLargestChunkBytes, next_chunk_bytes_ * 2);
  chunk->previous = chunks_;
  chunk->size_bytes = size_bytes;
  chunks_ = chunk;
  reserved_bytes_ += size_bytes;
  next_ = reinterpret_cast<char*>(chunk + 1);
  end_ = reinterpret_cast<char*>(chunk) + size_bytes;
  return Allocate(bytes, alignment);
}

std::string_view Arena::CopyString(std::string_view text) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(Allocate(text.size(), 1));
  CopyLongText(copy, text.data(), text.size());
  return {copy, text.size()};
}

void Arena::Reset() {
  if (chunks_ == nullptr) return;
  Chunk* largest = chunks_;
  for (Chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->previous) {
    if (chunk->size_bytes > largest->size_bytes) largest = chunk;
  }
  FreeChunks(largest);
  next_ = reinterpret_cast<char*>(largest + 1);
  end_ = reinterpret_cast<char*>(largest) + largest->size_bytes;
}

void Arena::FreeChunks(Chunk* keep) {
  Chunk* chunk = chunks_;
  while (chunk != nullptr) {
    Chunk* previous = chunk->previous;
    if (chunk != keep) {
      reserved_bytes_ -= chunk->size_bytes;
      GiveBlockBack(chunk);
    }
    chunk = previous;
  }
  if (keep != nullptr) keep->previous = nullptr;
  chunks_ = keep;
}

}  // namespace tupelo

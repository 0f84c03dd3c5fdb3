// base/arena.cpp: chunks of an arena, each at least twice the size of the one before.
#include "base/arena.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "base/long_text.h"
#include "base/scratch_array.h"
#include "base/work_memory.h"

namespace tupelo {

namespace {
constexpr size_t kLargestChunkBytes = 1 << 20;
}

// Begins with who takes its memory back.
struct Arena::WorkChunk : Chunk {
  std::shared_ptr<WorkMemory> owner;
};

Arena::Chunk* Arena::MakeChunk(size_t size_bytes) {
  if (use_ == ArenaUse::kKept || size_bytes < WorkMemory::kLeastBytes) {
    return new (TakeBlock(size_bytes)) Chunk{nullptr, size_bytes, false};
  }
  std::shared_ptr<WorkMemory> owner;
  auto* chunk = new (AllocateWork(size_bytes, false, &owner)) WorkChunk;
  *static_cast<Chunk*>(chunk) = {nullptr, size_bytes, true};
  chunk->owner = std::move(owner);
  return chunk;
}

void Arena::FreeChunk(Chunk* chunk) {
  if (!chunk->is_work) {
    GiveBlockBack(chunk);
    return;
  }
  auto* work = static_cast<WorkChunk*>(chunk);
  size_t size_bytes = chunk->size_bytes;
  std::shared_ptr<WorkMemory> owner = std::move(work->owner);
  work->~WorkChunk();
  FreeWork(work, size_bytes, owner);
}

void* Arena::AllocateSlow(size_t bytes, size_t alignment) {
  size_t wanted = sizeof(WorkChunk) + bytes + alignment;
  Chunk* chunk = MakeChunk(std::max(next_chunk_bytes_, wanted));
  next_chunk_bytes_ = std::min(kLargestChunkBytes, next_chunk_bytes_ * 2);
  chunk->previous = chunks_;
  chunks_ = chunk;
  reserved_bytes_ += chunk->size_bytes;
  BeginChunk(chunk);
  return Allocate(bytes, alignment);
}

void Arena::BeginChunk(Chunk* chunk) {
  next_ = reinterpret_cast<char*>(chunk) + (chunk->is_work ? sizeof(WorkChunk) : sizeof(Chunk));
  end_ = reinterpret_cast<char*>(chunk) + chunk->size_bytes;
}

std::string_view Arena::CopyString(std::string_view text) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(Allocate(text.size(), 1));
  CopyLongText(copy, text.data(), text.size());
  return {copy, text.size()};
}

void Arena::Reset() {
  Chunk* largest = nullptr;
  for (Chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->previous) {
    if (chunk->is_work) continue;
    if (largest == nullptr || chunk->size_bytes > largest->size_bytes) largest = chunk;
  }
  FreeChunks(largest);
  next_ = end_ = nullptr;
  if (largest != nullptr) BeginChunk(largest);
}

void Arena::FreeChunks(Chunk* keep) {
  Chunk* chunk = chunks_;
  while (chunk != nullptr) {
    Chunk* previous = chunk->previous;
    if (chunk != keep) {
      reserved_bytes_ -= chunk->size_bytes;
      FreeChunk(chunk);
    }
    chunk = previous;
  }
  if (keep != nullptr) keep->previous = nullptr;
  chunks_ = keep;
}

}  // namespace tupelo

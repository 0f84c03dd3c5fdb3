// base/recycled.cpp: lists of free memory, one for each size and thread.
#include "base/recycled.h"

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "base/error.h"
#include "base/scratch_array.h"

namespace tupelo {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kRecycle = false;  // a sanitizer finds uses of what is free only if it is really so
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kRecycle = false;
#else
constexpr bool kRecycle = true;
#endif
#else
constexpr bool kRecycle = true;
#endif

constexpr size_t kStepBytes = 32;
constexpr size_t kSizes = 24;        // up to 768 bytes
constexpr uint32_t kMostKept = 256;  // of each size

// Blocks: multiples of 512 bytes up to 8 KiB, then powers of two.
constexpr size_t kBlockStepBytes = 512;
constexpr size_t kStepBlocks = 16;
constexpr size_t kSmallBlockBytes = kStepBlocks * kBlockStepBytes;
constexpr size_t kBlockSizes = kStepBlocks + 3;  // up to 64 KiB
constexpr uint32_t kMostBlockBytes = 4 << 20;    // kept, of all sizes

// Trivially destructible, so it may be used while a thread ends, after FreeAtEnd ran: what is given
// back then goes to the system.
struct FreeLists {
  struct Item {
    Item* next;
  };
  Item* first[kSizes];
  Item* blocks[kBlockSizes];  // without their headers
  uint32_t count[kSizes];
  uint32_t block_bytes;
  bool ended;
};
constinit thread_local FreeLists lists{};

// What stands before a block; as large as any type's alignment.
struct alignas(std::max_align_t) BlockHeader {
  uint32_t size;  // number of its list; kBlockSizes for larger ones
};

BlockHeader* HeaderOf(void* block) { return static_cast<BlockHeader*>(block) - 1; }

constexpr size_t BlockSizeFor(size_t bytes) {
  if (bytes <= kSmallBlockBytes) return bytes == 0 ? 0 : (bytes - 1) / kBlockStepBytes;
  return kStepBlocks + std::bit_width((bytes - 1) / kSmallBlockBytes) - 1;
}

constexpr size_t BytesOfBlock(size_t size) {
  if (size < kStepBlocks) return (size + 1) * kBlockStepBytes;
  return kSmallBlockBytes << (size - kStepBlocks + 1);
}

static_assert(BlockSizeFor(kSmallBlockBytes) == kStepBlocks - 1);
static_assert(BlockSizeFor(kSmallBlockBytes + 1) == kStepBlocks);
static_assert(BytesOfBlock(BlockSizeFor(16384)) == 16384 && BytesOfBlock(kBlockSizes - 1) == 65536);

struct FreeAtEnd {
  ~FreeAtEnd() {
    lists.ended = true;
    for (FreeLists::Item*& first : lists.blocks) {
      while (first != nullptr) {
        FreeLists::Item* next = first->next;
        std::free(HeaderOf(first));
        first = next;
      }
    }
    for (FreeLists::Item*& first : lists.first) {
      while (first != nullptr) {
        FreeLists::Item* next = first->next;
        ::operator delete(first);
        first = next;
      }
    }
  }
};

// Constructed by the first thing that a thread gives back.
void FreeListsAtEnd() {
  static thread_local FreeAtEnd free_at_end;
  static_cast<void>(free_at_end);
}

void Keep(void* memory, size_t list) {
  FreeListsAtEnd();
  auto* item = static_cast<FreeLists::Item*>(memory);
  item->next = lists.first[list];
  lists.first[list] = item;
  ++lists.count[list];
}

}  // namespace

void* Recycled::operator new(size_t bytes) {
  size_t list = (bytes - 1) / kStepBytes;
  if (list >= kSizes) return TakeBlock(bytes);
  if (!kRecycle) return ::operator new(bytes);
  if (FreeLists::Item* item = lists.first[list]) {
    lists.first[list] = item->next;
    --lists.count[list];
    return item;
  }
  return ::operator new((list + 1) * kStepBytes);
}

void Recycled::operator delete(void* memory, size_t bytes) {
  if (memory == nullptr) return;
  size_t list = (bytes - 1) / kStepBytes;
  if (list >= kSizes) {
    GiveBlockBack(memory);
  } else if (!kRecycle || lists.ended || lists.count[list] >= kMostKept) {
    ::operator delete(memory);
  } else {
    Keep(memory, list);
  }
}

void* TakeBlock(size_t bytes) {
  size_t size = bytes <= BytesOfBlock(kBlockSizes - 1) ? BlockSizeFor(bytes) : kBlockSizes;
  if (size < kBlockSizes) {
    if (FreeLists::Item* item = lists.blocks[size]) {
      lists.blocks[size] = item->next;
      lists.block_bytes -= static_cast<uint32_t>(BytesOfBlock(size));
      return item;
    }
    if (kRecycle) bytes = BytesOfBlock(size);
  }
  auto* header = static_cast<BlockHeader*>(std::malloc(sizeof(BlockHeader) + bytes));
  if (header == nullptr) throw Error(ErrorCode::kOutOfMemory, "out of memory");
  header->size = static_cast<uint32_t>(size);
  return header + 1;
}

void GiveBlockBack(void* block) noexcept {
  if (block == nullptr) return;
  size_t size = HeaderOf(block)->size;
  if (!kRecycle || size == kBlockSizes || lists.ended ||
      lists.block_bytes + BytesOfBlock(size) > kMostBlockBytes) {
    std::free(HeaderOf(block));
    return;
  }
  FreeListsAtEnd();
  auto* item = static_cast<FreeLists::Item*>(block);
  item->next = lists.blocks[size];
  lists.blocks[size] = item;
  lists.block_bytes += static_cast<uint32_t>(BytesOfBlock(size));
}

}  // namespace tupelo

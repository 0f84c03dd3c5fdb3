// base/recycled.cpp: lists of free memory, one for each size and thread.
#include "base/recycled.h"

#include <cstdint>
#include <new>

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

// Trivially destructible, so it may be used while a thread ends, after FreeAtEnd ran: what is given
// back then goes to the system.
struct FreeLists {
  struct Item {
    Item* next;
  };
  Item* first[kSizes];
  uint32_t count[kSizes];
  bool ended;
};
constinit thread_local FreeLists lists{};

struct FreeAtEnd {
  ~FreeAtEnd() {
    lists.ended = true;
    for (FreeLists::Item*& first : lists.first) {
      while (first != nullptr) {
        FreeLists::Item* next = first->next;
        ::operator delete(first);
        first = next;
      }
    }
  }
};

void Keep(void* memory, size_t list) {
  // Constructed by the first thing that a thread gives back.
  static thread_local FreeAtEnd free_at_end;
  static_cast<void>(free_at_end);
  auto* item = static_cast<FreeLists::Item*>(memory);
  item->next = lists.first[list];
  lists.first[list] = item;
  ++lists.count[list];
}

}  // namespace

void* Recycled::operator new(size_t bytes) {
  size_t list = (bytes - 1) / kStepBytes;
  if (!kRecycle || list >= kSizes) return ::operator new(bytes);
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
  if (!kRecycle || list >= kSizes || lists.ended || lists.count[list] >= kMostKept) {
    ::operator delete(memory);
    return;
  }
  Keep(memory, list);
}

}  // namespace tupelo

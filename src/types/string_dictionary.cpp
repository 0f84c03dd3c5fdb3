// types/string_dictionary.cpp: finding and adding values.
#include "types/string_dictionary.h"

#include <cassert>
#include <cstring>

#include "types/hash.h"
#include "types/utf8.h"

namespace tupelo {

namespace {

std::atomic<uint64_t> next_id = 1;

// Of a few bytes only: a column has few values, each of them is looked for very often. The end of a
// long string tells more than its middle.
uint32_t PlaceOf(const StringRef& value) {
  uint64_t head, tail;
  std::memcpy(&head, &value, 8);
  const char* end = reinterpret_cast<const char*>(&value + 1);
  if (!value.is_inline()) end = value.data() + value.size();
  std::memcpy(&tail, end - 8, 8);
  return static_cast<uint32_t>(HashInt64(head ^ (tail << 29 | tail >> 35)) >> 32);
}

}  // namespace

StringDictionary::StringDictionary() : id_(next_id.fetch_add(1, std::memory_order_relaxed)) {
  hashes_[0] = padded_hashes_[0] = kNullHash;
}

const uint64_t* StringDictionary::validity() {
  static constexpr uint64_t kAllButNull[kMostCodes / 64] = {~uint64_t{1}, ~uint64_t{0},
                                                            ~uint64_t{0}, ~uint64_t{0}};
  return kAllButNull;
}

uint32_t StringDictionary::FindOrAdd(const StringRef& value) {
  uint32_t at = PlaceOf(value) % kSlots;
  for (; slots_[at] != 0; at = (at + 1) % kSlots) {
    if (values_[slots_[at]] == value) return slots_[at];
  }
  uint32_t code = size();
  if (code == kMostCodes) return 0;
  slots_[at] = static_cast<uint8_t>(code);
  Add(value);
  return code;
}

void StringDictionary::Add(const StringRef& value) {
  uint32_t code = size();
  assert(code < kMostCodes);
  values_[code] = value.is_inline() ? value : StringRef(bytes_.CopyString(value.view()));
  hashes_[code] = HashBytes(value.view());
  padded_hashes_[code] = HashBytes(StripTrailingBlanks(value.view()));
  size_.store(code + 1, std::memory_order_release);
}

}  // namespace tupelo

// types/string_ref.h: sixteen bytes that stand for a string.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tupelo {

// offset 0: length in bytes; offset 4: the first four bytes (zero padded); offset 8: the next eight
// bytes where the length is at most 12 (zero padded), else a pointer to all of them.
// Equality and order are usually decided without following the pointer (Neumann and Freitag,
// "Umbra", CIDR 2020). Does not own what it points to. All-zero is the empty string.
class StringRef {
 public:
  static constexpr uint32_t kInlineBytes = 12;

  StringRef() : length_(0), prefix_{}, tail_{} {}
  // `data` must outlive the reference when size > kInlineBytes.
  StringRef(const char* data, uint32_t size) : length_(size), prefix_{}, tail_{} {
    if (size <= kInlineBytes) {
      std::memcpy(prefix_, data, size < 4 ? size : 4);
      if (size > 4) std::memcpy(tail_.inlined, data + 4, size - 4);
    } else {
      std::memcpy(prefix_, data, 4);
      tail_.pointer = data;
    }
  }
  explicit StringRef(std::string_view text)
      : StringRef(text.data(), static_cast<uint32_t>(text.size())) {}

  uint32_t size() const { return length_; }
  bool is_inline() const { return length_ <= kInlineBytes; }
  const char* data() const { return is_inline() ? prefix_ : tail_.pointer; }
  std::string_view view() const { return {data(), length_}; }
  std::string str() const { return std::string(view()); }

  friend bool operator==(const StringRef& a, const StringRef& b) {
    uint64_t a_head, b_head;
    std::memcpy(&a_head, &a, 8);
    std::memcpy(&b_head, &b, 8);
    if (a_head != b_head) return false;  // length or prefix differ
    if (a.is_inline()) return std::memcmp(a.tail_.inlined, b.tail_.inlined, 8) == 0;
    return std::memcmp(a.tail_.pointer, b.tail_.pointer, a.length_) == 0;
  }

  // Less than zero, zero, more than zero: order of the bytes as unsigned numbers (that of code
  // points).
  int Compare(const StringRef& other) const {
    uint32_t mine, theirs;
    std::memcpy(&mine, prefix_, 4);
    std::memcpy(&theirs, other.prefix_, 4);
    if (mine != theirs) return __builtin_bswap32(mine) < __builtin_bswap32(theirs) ? -1 : 1;
    uint32_t shorter = length_ < other.length_ ? length_ : other.length_;
    int order = shorter > 4 ? std::memcmp(data() + 4, other.data() + 4, shorter - 4) : 0;
    if (order != 0) return order;
    return length_ < other.length_ ? -1 : length_ > other.length_;
  }

 private:
  uint32_t length_;
  char prefix_[4];
  union Tail {
    char inlined[8];
    const char* pointer;
  } tail_;
};
static_assert(sizeof(StringRef) == 16);

// A time or timestamp WITH TIME ZONE: ordered and compared by `utc_us` alone.
struct ZonedTime {
  // TIMESTAMP: microseconds since the epoch in UTC. TIME: since midnight in UTC, less than a day.
  int64_t utc_us;
  int32_t offset_minutes;  // displacement of the local time from UTC
  int32_t unused;          // zero
  friend bool operator==(const ZonedTime& a, const ZonedTime& b) { return a.utc_us == b.utc_us; }
};
static_assert(sizeof(ZonedTime) == 16);

__extension__ typedef __int128 int128_t;
__extension__ typedef unsigned __int128 uint128_t;

}  // namespace tupelo

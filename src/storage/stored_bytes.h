// storage/stored_bytes.h: reading and writing numbers in stored bytes that may be damaged.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"

namespace tupelo {

static_assert(std::endian::native == std::endian::little,
              "numbers are stored as they are in memory");

using ByteVector = std::vector<uint8_t>;

// Who knows where the bytes come from adds that: DatabaseFile::Decoding.
[[noreturn]] inline void ThrowDamaged(const char* what) {
  throw Error(ErrorCode::kDataCorrupted, what);
}

template <typename T>
void AppendNumber(T value, ByteVector* out) {
  static_assert(std::is_trivially_copyable_v<T>);
  size_t at = out->size();
  out->resize(at + sizeof(T));
  std::memcpy(out->data() + at, &value, sizeof(T));
}

inline void AppendBytes(const void* bytes, size_t count, ByteVector* out) {
  const auto* begin = static_cast<const uint8_t*>(bytes);
  out->insert(out->end(), begin, begin + count);
}

// In groups of seven bits, the lowest first; the highest bit says whether another one follows.
inline void AppendVarint(uint64_t value, ByteVector* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<uint8_t>(value | 0x80));
  out->push_back(static_cast<uint8_t>(value));
}

// Takes bytes from the front; throws kDataCorrupted where there are too few.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> bytes) : rest_(bytes) {}

  size_t left() const { return rest_.size(); }
  std::span<const uint8_t> TakeBytes(size_t count) {
    if (count > rest_.size()) ThrowDamaged("too few bytes");
    std::span<const uint8_t> taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  template <typename T>
  T Take() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, TakeBytes(sizeof(T)).data(), sizeof(T));
    return value;
  }
  uint64_t TakeVarint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto byte = Take<uint8_t>();
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    ThrowDamaged("a number of more than 64 bits");
  }
  void ExpectEnd() const {
    if (!rest_.empty()) ThrowDamaged("too many bytes");
  }

 private:
  std::span<const uint8_t> rest_;
};

}  // namespace tupelo

// types/normalized_key.cpp: order-preserving bytes of each physical type.
//
// CHARACTER compares as if it were followed by blanks without end, so 'a\x1f' < 'a' < 'a!' and
// 'a' = 'a  '. Bytes other than a blank stand for themselves. Where a run of blanks begins, be it
// within the text or the endless one behind it, two texts that agree so far differ by what
// comes after the run, and when. In ascending order: a byte below the blank (the sooner, the
// lower), never anything, a byte above the blank (the sooner, the higher). So a run of n blanks is
// a blank and
//
//   n before a lower byte       n for n <= 126, else 7F and n in 4 bytes
//   the endless run             80: the end of the encoding
//   n before a higher byte      FF - n for n <= 125, else 81 and the complement of n in 4 bytes
#include "types/normalized_key.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <type_traits>

#include "types/utf8.h"

namespace tupelo {

namespace {

// The bytes of a fixed-width value as an unsigned number whose order is the value's.
template <typename T>
auto OrderedBits(T value) {
  if constexpr (std::is_same_v<T, uint8_t>) {
    return value;
  } else if constexpr (std::is_same_v<T, int16_t>) {
    return static_cast<uint16_t>(static_cast<uint16_t>(value) ^ 0x8000u);
  } else if constexpr (std::is_same_v<T, int32_t>) {
    return static_cast<uint32_t>(value) ^ (uint32_t{1} << 31);
  } else if constexpr (std::is_same_v<T, int64_t>) {
    return static_cast<uint64_t>(value) ^ (uint64_t{1} << 63);
  } else if constexpr (std::is_same_v<T, int128_t>) {
    return static_cast<uint128_t>(value) ^ (static_cast<uint128_t>(1) << 127);
  } else if constexpr (std::is_same_v<T, ZonedTime>) {
    return OrderedBits(value.utc_us);
  } else {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    constexpr Bits kSign = Bits{1} << (sizeof(T) * 8 - 1);
    value += T{0};  // -0.0 becomes 0.0
    if (value != value) value = std::numeric_limits<T>::quiet_NaN();
    Bits bits = std::bit_cast<Bits>(value);
    return (bits & kSign) != 0 ? static_cast<Bits>(~bits) : static_cast<Bits>(bits | kSign);
  }
}

template <typename T>
constexpr size_t kKeyBytes = std::is_same_v<T, ZonedTime> ? 8 : sizeof(T);

template <typename Bits>
void StoreBigEndian(Bits bits, uint8_t* out) {
  if constexpr (sizeof(Bits) == 1) {
    *out = bits;
  } else if constexpr (sizeof(Bits) == 2) {
    bits = __builtin_bswap16(bits);
    std::memcpy(out, &bits, 2);
  } else if constexpr (sizeof(Bits) == 4) {
    StoreBigEndian32(bits, out);
  } else if constexpr (sizeof(Bits) == 8) {
    StoreBigEndian64(bits, out);
  } else {
    StoreBigEndian64(static_cast<uint64_t>(bits >> 64), out);
    StoreBigEndian64(static_cast<uint64_t>(bits), out + 8);
  }
}

// Calls body.template operator()<T>() for the C++ type of a physical type other than kString.
template <typename Body>
auto WithFixedType(PhysicalType physical, Body&& body) {
  switch (physical) {
    case PhysicalType::kBool: return body.template operator()<uint8_t>();
    case PhysicalType::kInt16: return body.template operator()<int16_t>();
    case PhysicalType::kInt32: return body.template operator()<int32_t>();
    case PhysicalType::kInt64: return body.template operator()<int64_t>();
    case PhysicalType::kInt128: return body.template operator()<int128_t>();
    case PhysicalType::kFloat: return body.template operator()<float>();
    case PhysicalType::kDouble: return body.template operator()<double>();
    default: break;
  }
  assert(physical == PhysicalType::kZoned);
  return body.template operator()<ZonedTime>();
}

void AppendEscaped(std::string_view text, KeyBuffer* key) {
  static constexpr uint8_t kEnd[2] = {0, 0};
  static constexpr uint8_t kEscapedZero[2] = {0, 0xFF};
  while (true) {
    const void* zero = text.empty() ? nullptr : std::memchr(text.data(), 0, text.size());
    if (zero == nullptr) break;
    auto before = static_cast<size_t>(static_cast<const char*>(zero) - text.data());
    key->Append(text.data(), before);
    key->Append(kEscapedZero, 2);
    text.remove_prefix(before + 1);
  }
  if (!text.empty()) key->Append(text.data(), text.size());
  key->Append(kEnd, 2);
}

void AppendBlankRun(uint32_t blanks, bool before_higher, KeyBuffer* key) {
  uint32_t most_in_a_byte = before_higher ? 125 : 126;
  if (blanks <= most_in_a_byte) {
    *key->Extend(1) = static_cast<uint8_t>(before_higher ? 0xFF - blanks : blanks);
  } else {
    uint8_t* out = key->Extend(5);
    out[0] = before_higher ? 0x81 : 0x7F;
    StoreBigEndian32(before_higher ? ~blanks : blanks, out + 1);
  }
}

void AppendPadded(std::string_view text, KeyBuffer* key) {
  text = StripTrailingBlanks(text);
  while (!text.empty()) {
    size_t blank = std::min(text.find(' '), text.size());
    if (blank > 0) key->Append(text.data(), blank);
    text.remove_prefix(blank);
    if (text.empty()) break;
    size_t next = text.find_first_not_of(' ');
    *key->Extend(1) = ' ';
    AppendBlankRun(static_cast<uint32_t>(next), static_cast<unsigned char>(text[next]) > ' ', key);
    text.remove_prefix(next);
  }
  static constexpr uint8_t kEndlessRun[2] = {' ', 0x80};
  key->Append(kEndlessRun, 2);
}

template <typename T>
void EncodeFixedRows(const KeyColumn& column, const Vector& vector, Rows rows, uint8_t* out,
                     size_t stride) {
  using Bits = decltype(OrderedBits(T{}));
  const T* values = vector.Data<T>();
  const Bits flip = column.descending ? static_cast<Bits>(~Bits{0}) : Bits{0};
  auto encode = [&](const T& value, uint8_t* at) {
    StoreBigEndian(static_cast<Bits>(OrderedBits(value) ^ flip), at);
  };
  if (column.not_null && rows.is_dense() && !vector.is_constant()) {
    for (uint32_t i = 0; i < rows.count; ++i) encode(values[i], out + i * stride);
    return;
  }
  if (column.not_null) {
    for (uint32_t i = 0; i < rows.count; ++i, out += stride) {
      encode(values[vector.Index(rows[i])], out);
    }
    return;
  }
  const uint8_t null_mark = column.nulls_first ? 0 : 1;
  for (uint32_t i = 0; i < rows.count; ++i, out += stride) {
    if (vector.IsValid(rows[i])) {
      *out = null_mark ^ 1;
      encode(values[vector.Index(rows[i])], out + 1);
    } else {
      *out = null_mark;
      std::memset(out + 1, 0, kKeyBytes<T>);
    }
  }
}

}  // namespace

void KeyBuffer::Grow(size_t wanted) {
  size_t capacity = std::max(wanted, capacity_ * 2);
  auto larger = std::make_unique<uint8_t[]>(capacity);
  std::memcpy(larger.get(), data_, size_);
  heap_ = std::move(larger);
  data_ = heap_.get();
  capacity_ = capacity;
}

void AppendKeyColumnSlow(const KeyColumn& column, const Vector& vector, uint32_t row,
                         KeyBuffer* key) {
  assert(vector.physical() == column.type.physical());
  if (!vector.IsValid(row)) {
    assert(!column.not_null);
    return AppendNullKey(column, key);
  }
  AppendNotNullKey(column, key);
  size_t start = key->size();
  if (vector.physical() == PhysicalType::kString) {
    std::string_view text = vector.At<StringRef>(row).view();
    if (column.type.id == TypeId::kChar) {
      AppendPadded(text, key);
    } else {
      AppendEscaped(text, key);
    }
  } else {
    WithFixedType(vector.physical(), [&]<typename T>() {
      StoreBigEndian(OrderedBits(vector.At<T>(row)), key->Extend(kKeyBytes<T>));
    });
  }
  if (!column.descending) return;
  for (size_t i = start; i < key->size(); ++i)
    key->data()[i] = static_cast<uint8_t>(~key->data()[i]);
}

void AppendKeyValue(const KeyColumn& column, const Value& value, KeyBuffer* key) {
  if (value.is_null) return AppendNullKey(column, key);
  Vector vector(column.type);
  vector.PrepareWrite(1);
  value.ToVector(&vector, 0);
  AppendKeyColumnSlow(column, vector, 0, key);
}

bool AdvancePastPrefix(KeyBuffer* key) {
  size_t size = key->size();
  while (size > 0 && key->data()[size - 1] == 0xFF) --size;
  if (size == 0) return false;
  key->Truncate(size);
  ++key->data()[size - 1];
  return true;
}

size_t FixedKeyBytes(const KeyColumn& column) {
  PhysicalType physical = column.type.physical();
  if (physical == PhysicalType::kString) return 0;
  size_t bytes = physical == PhysicalType::kZoned ? 8 : WidthBytes(physical);
  return bytes + (column.not_null ? 0 : 1);
}

void EncodeFixedKeys(const KeyColumn& column, const Vector& vector, Rows rows, uint8_t* out,
                     size_t stride) {
  assert(FixedKeyBytes(column) > 0 && FixedKeyBytes(column) <= stride);
  assert(vector.physical() == column.type.physical());
  WithFixedType(vector.physical(),
                [&]<typename T>() { EncodeFixedRows<T>(column, vector, rows, out, stride); });
}

}  // namespace tupelo

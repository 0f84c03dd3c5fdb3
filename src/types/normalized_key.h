// types/normalized_key.h: one byte string for any list of columns, ordered by memcmp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "types/string_ref.h"
#include "types/type.h"
#include "types/value.h"
#include "types/vector.h"

namespace tupelo {

// A key is the encodings of its columns one after the other. No encoding is a prefix of another of
// its column, so memcmp of two keys orders them as the columns do, left to right, and the encoding
// of the first columns is a prefix of exactly the keys that agree in them.
//
//   nullable column      one byte: 0 or 1, so that nulls come first or last; of a null no more
//   BOOLEAN              one byte
//   integer kinds        2, 4, 8 or 16 bytes, big-endian, sign bit flipped
//   REAL, DOUBLE         4 or 8 bytes, big-endian, ordered; -0.0 as 0.0, NaN greatest
//   zoned                as the 8-byte integer utc_us
//   VARCHAR, CLOB, BLOB  bytes, 00 as 00 FF, then 00 00
//   CHARACTER            as if padded with blanks without end (drawn in normalized_key.cpp)
//   descending           the bytes of the value inverted (not the byte of a nullable column)
struct KeyColumn {
  Type type;
  bool descending = false;
  bool nulls_first = false;
  bool not_null = false;
};

// A growing byte string that does not touch the heap while it is short. Not copyable.
class KeyBuffer {
 public:
  static constexpr size_t kInlineBytes = 64;

  KeyBuffer() = default;
  KeyBuffer(const KeyBuffer&) = delete;
  KeyBuffer& operator=(const KeyBuffer&) = delete;

  void Clear() { size_ = 0; }
  size_t size() const { return size_; }
  const uint8_t* data() const { return data_; }
  uint8_t* data() { return data_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_}; }
  // Room for `bytes` more, which count as written.
  uint8_t* Extend(size_t bytes) {
    if (size_ + bytes > capacity_) Grow(size_ + bytes);
    uint8_t* at = data_ + size_;
    size_ += bytes;
    return at;
  }
  void Append(const void* bytes, size_t count) { std::memcpy(Extend(count), bytes, count); }
  // REQUIRES: size <= size().
  void Truncate(size_t size) { size_ = size; }

 private:
  void Grow(size_t wanted);

  uint8_t* data_ = inline_;
  size_t size_ = 0;
  size_t capacity_ = kInlineBytes;
  std::unique_ptr<uint8_t[]> heap_;
  uint8_t inline_[kInlineBytes];
};

inline void StoreBigEndian64(uint64_t value, uint8_t* out) {
  value = __builtin_bswap64(value);
  std::memcpy(out, &value, 8);
}
inline void StoreBigEndian32(uint32_t value, uint8_t* out) {
  value = __builtin_bswap32(value);
  std::memcpy(out, &value, 4);
}

// The encoding of one integer of a column that is ascending and not null.
inline void AppendInt64Key(int64_t value, KeyBuffer* key) {
  StoreBigEndian64(static_cast<uint64_t>(value) ^ (uint64_t{1} << 63), key->Extend(8));
}
inline void AppendInt32Key(int32_t value, KeyBuffer* key) {
  StoreBigEndian32(static_cast<uint32_t>(value) ^ (uint32_t{1} << 31), key->Extend(4));
}

// Everything but ascending integers that are not null.
void AppendKeyColumnSlow(const KeyColumn& column, const Vector& vector, uint32_t row,
                         KeyBuffer* key);

// Appends row `row` of `vector`, whose physical type is the column's.
inline void AppendKeyColumn(const KeyColumn& column, const Vector& vector, uint32_t row,
                            KeyBuffer* key) {
  if (column.not_null && !column.descending) {
    if (vector.physical() == PhysicalType::kInt64)
      return AppendInt64Key(vector.At<int64_t>(row), key);
    if (vector.physical() == PhysicalType::kInt32)
      return AppendInt32Key(vector.At<int32_t>(row), key);
  }
  AppendKeyColumnSlow(column, vector, row, key);
}
// Appends row `row`: columns[i] goes with vectors[i].
inline void AppendKey(std::span<const KeyColumn> columns, const Vector* const* vectors,
                      uint32_t row, KeyBuffer* key) {
  for (size_t i = 0; i < columns.size(); ++i) AppendKeyColumn(columns[i], *vectors[i], row, key);
}
// A constant; its physical type is the column's.
void AppendKeyValue(const KeyColumn& column, const Value& value, KeyBuffer* key);
// Only the byte that says null. REQUIRES: !column.not_null.
inline void AppendNullKey(const KeyColumn& column, KeyBuffer* key) {
  *key->Extend(1) = column.nulls_first ? 0 : 1;
}
// Only the byte that says not null: begins every key whose column is not null. Nothing for not_null
// columns.
inline void AppendNotNullKey(const KeyColumn& column, KeyBuffer* key) {
  if (!column.not_null) *key->Extend(1) = column.nulls_first ? 1 : 0;
}

// Makes `key` the first byte string after all that begin with it. False when there is none (all
// bytes FF).
bool AdvancePastPrefix(KeyBuffer* key);

// Bytes of the column's encoding in keys of fixed width (nulls padded with zeros); 0 for strings.
size_t FixedKeyBytes(const KeyColumn& column);
// Writes the encoding of the i-th of `rows` to out + i * stride. REQUIRES: FixedKeyBytes(column) >
// 0.
void EncodeFixedKeys(const KeyColumn& column, const Vector& vector, Rows rows, uint8_t* out,
                     size_t stride);

}  // namespace tupelo

// exec/hash_join_keys.cpp: keys packed, hashed, and looked at for nulls.
#include "exec/hash_join_keys.h"

#include <algorithm>
#include <type_traits>

#include "types/hash.h"

namespace tupelo {

namespace {

// Bits of values that are equal only when their bits are; 0 for other types.
uint32_t PackedBits(PhysicalType type) {
  switch (type) {
    case PhysicalType::kBool: return 8;
    case PhysicalType::kInt16: return 16;
    case PhysicalType::kInt32: return 32;
    case PhysicalType::kInt64: return 64;
    default: return 0;
  }
}

template <typename T>
void PackKey(const Vector& key, Rows rows, bool is_first, int64_t* packed) {
  const T* values = key.Data<T>();
  auto run = [&](auto&& value_of) {
    if (is_first) {
      ForEachRow(rows, [&](uint32_t row) { packed[row] = value_of(row); });
    } else if constexpr (sizeof(T) < 8) {
      ForEachRow(rows, [&](uint32_t row) {
        auto value = static_cast<std::make_unsigned_t<T>>(value_of(row));
        auto before = static_cast<uint64_t>(packed[row]) << (8 * sizeof(T));
        packed[row] = static_cast<int64_t>(before | value);
      });
    }
  };
  if (key.is_constant()) {
    run([value = values[0]](uint32_t) { return value; });
  } else {
    run([values](uint32_t row) { return values[row]; });
  }
}

}  // namespace

bool ArePackable(const JoinKeys& left, const JoinKeys& right) {
  uint32_t bits = 0;
  for (size_t i = 0; i < left.size(); ++i) {
    uint32_t own = PackedBits(left[i]->physical());
    if (own == 0 || left[i]->physical() != right[i]->physical()) return false;
    bits += own;
  }
  return bits > 0 && bits <= 64;
}

const int64_t* PackKeys(const JoinKeys& keys, Rows rows, int64_t* buffer) {
  if (keys[0]->physical() == PhysicalType::kInt64 && !keys[0]->is_constant()) {
    return keys[0]->Data<int64_t>();
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    switch (keys[i]->physical()) {
      case PhysicalType::kBool: PackKey<uint8_t>(*keys[i], rows, i == 0, buffer); break;
      case PhysicalType::kInt16: PackKey<int16_t>(*keys[i], rows, i == 0, buffer); break;
      case PhysicalType::kInt32: PackKey<int32_t>(*keys[i], rows, i == 0, buffer); break;
      default: PackKey<int64_t>(*keys[i], rows, i == 0, buffer); break;
    }
  }
  return buffer;
}

void HashKeys(const JoinKeys& keys, const JoinKeys& others, Rows rows, uint64_t* hashes) {
  for (size_t i = 0; i < keys.size(); ++i) {
    bool is_string = keys[i]->physical() == PhysicalType::kString;
    if (is_string && others[i]->type().id == TypeId::kChar) {
      Vector padded;
      padded.Reference(*keys[i]);
      padded.SetType(others[i]->type());
      HashVector(padded, rows, hashes, i > 0);
    } else {
      HashVector(*keys[i], rows, hashes, i > 0);
    }
  }
}

bool FindNullKeys(const JoinKeys& keys, const std::vector<bool>& null_keys, Rows rows,
                  uint8_t* is_key) {
  bool may_be_null = false;
  for (size_t i = 0; i < keys.size(); ++i) {
    may_be_null |= !null_keys[i] && keys[i]->may_have_nulls();
  }
  if (!may_be_null) return false;
  std::fill_n(is_key, rows.count, uint8_t{1});
  for (size_t k = 0; k < keys.size(); ++k) {
    if (null_keys[k] || !keys[k]->may_have_nulls()) continue;
    for (uint32_t i = 0; i < rows.count; ++i) is_key[i] &= keys[k]->IsValid(rows[i]);
  }
  return true;
}

}  // namespace tupelo

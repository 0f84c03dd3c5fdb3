// types/hash.cpp: fixed-width values are mixed by a wide multiplication, strings go through XXH3.
#include "types/hash.h"

#include <bit>
#include <cassert>
#include <limits>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "types/string_dictionary.h"
#include "types/utf8.h"

namespace tupelo {

namespace {

uint64_t HashDouble(double value) {
  value += 0.0;  // -0.0 becomes 0.0
  if (value != value) value = std::numeric_limits<double>::quiet_NaN();
  return HashInt64(std::bit_cast<uint64_t>(value));
}

uint64_t HashInt128(int128_t value) {
  auto low = static_cast<uint64_t>(value);
  auto high = static_cast<uint64_t>(static_cast<uint128_t>(value) >> 64);
  uint64_t hash = HashInt64(low);
  bool is_narrow = value == static_cast<int64_t>(low);
  return is_narrow ? hash : CombineHashes(HashInt64(high), hash);
}

template <typename T, typename Hash>
void HashTyped(const Vector& vector, Rows rows, uint64_t* __restrict hashes, bool combine,
               Hash&& hash) {
  const T* values = vector.Data<T>();
  auto run = [&](auto&& of_row) {
    if (combine) {
      ForEachRow(rows,
                 [&](uint32_t row) { hashes[row] = CombineHashes(hashes[row], of_row(row)); });
    } else {
      ForEachRow(rows, [&](uint32_t row) { hashes[row] = of_row(row); });
    }
  };
  if (vector.is_constant()) {
    uint64_t same = vector.IsValid(0) ? hash(values[0]) : kNullHash;
    run([&](uint32_t) { return same; });
  } else if (vector.may_have_nulls()) {
    run([&](uint32_t row) { return vector.IsValid(row) ? hash(values[row]) : kNullHash; });
  } else {
    run([&](uint32_t row) { return hash(values[row]); });
  }
}

// Calls body with the C++ type of the vector's values (as a null pointer) and their hash function.
template <typename Body>
void WithHash(const Vector& vector, Body&& body) {
  auto hash_integer = [](auto value) { return HashInt64(static_cast<uint64_t>(int64_t{value})); };
  switch (vector.physical()) {
    case PhysicalType::kBool: return body(static_cast<uint8_t*>(nullptr), hash_integer);
    case PhysicalType::kInt16: return body(static_cast<int16_t*>(nullptr), hash_integer);
    case PhysicalType::kInt32: return body(static_cast<int32_t*>(nullptr), hash_integer);
    case PhysicalType::kInt64: return body(static_cast<int64_t*>(nullptr), hash_integer);
    case PhysicalType::kInt128: return body(static_cast<int128_t*>(nullptr), HashInt128);
    case PhysicalType::kFloat:
      return body(static_cast<float*>(nullptr),
                  [](float value) { return HashDouble(static_cast<double>(value)); });
    case PhysicalType::kDouble: return body(static_cast<double*>(nullptr), HashDouble);
    case PhysicalType::kZoned:
      return body(static_cast<ZonedTime*>(nullptr), [](const ZonedTime& value) {
        return HashInt64(static_cast<uint64_t>(value.utc_us));
      });
    case PhysicalType::kString: break;
  }
  if (vector.type().id == TypeId::kChar) {
    return body(static_cast<StringRef*>(nullptr), [](const StringRef& value) {
      return HashBytes(StripTrailingBlanks(value.view()));
    });
  }
  return body(static_cast<StringRef*>(nullptr),
              [](const StringRef& value) { return HashBytes(value.view()); });
}

void HashCodes(const Vector& vector, Rows rows, uint64_t* __restrict hashes, bool combine) {
  const uint8_t* codes = vector.codes()->codes;
  const uint64_t* of_code = vector.codes()->dictionary->hashes(vector.type().id == TypeId::kChar);
  if (combine) {
    ForEachRow(
        rows, [&](uint32_t row) { hashes[row] = CombineHashes(hashes[row], of_code[codes[row]]); });
  } else {
    ForEachRow(rows, [&](uint32_t row) { hashes[row] = of_code[codes[row]]; });
  }
}

}  // namespace

uint64_t HashBytes(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

bool HashAlike(const Type& left, const Type& right) {
  auto is_varying = [](const Type& type) {
    return type.id == TypeId::kVarchar || type.id == TypeId::kClob;
  };
  if (is_varying(left) && is_varying(right)) return true;
  if (left.is_exact() && right.is_exact()) return left.decimal_scale() == right.decimal_scale();
  return left.id == right.id;
}

void HashVector(const Vector& vector, Rows rows, uint64_t* hashes, bool combine) {
  if (vector.codes() != nullptr) return HashCodes(vector, rows, hashes, combine);
  WithHash(vector, [&]<typename T, typename Hash>(T*, Hash&& hash) {
    HashTyped<T>(vector, rows, hashes, combine, hash);
  });
}

uint64_t HashValue(const Vector& vector, uint32_t row) {
  if (!vector.IsValid(row)) return kNullHash;
  uint64_t result = 0;
  WithHash(vector,
           [&]<typename T, typename Hash>(T*, Hash&& hash) { result = hash(vector.At<T>(row)); });
  return result;
}

}  // namespace tupelo

// types/compare.cpp: a switch over the physical type outside of every loop.
#include "types/compare.h"

#include <algorithm>
#include <cassert>

#include "types/utf8.h"

namespace tupelo {

namespace {

bool IsPadded(const Vector& left, const Vector& right) {
  return left.type().id == TypeId::kChar || right.type().id == TypeId::kChar;
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

template <typename T>
int CompareFixed(const T& left, const T& right) {
  if constexpr (std::is_same_v<T, ZonedTime>) {
    return CompareNumbers(left.utc_us, right.utc_us);
  } else {
    return CompareNumbers(left, right);
  }
}

template <typename T>
bool EqualFixed(const T& left, const T& right) {
  if constexpr (std::is_floating_point_v<T>) {
    return left == right || (left != left && right != right);
  } else {
    return left == right;
  }
}

template <typename T, typename Equal>
uint32_t MatchTyped(const Vector& left, const Vector& right, Rows rows, const uint16_t* right_rows,
                    bool nulls_match, uint16_t* matches, Equal&& equal) {
  const T* lefts = left.Data<T>();
  const T* rights = right.Data<T>();
  uint32_t count = 0;
  auto keep = [&](uint32_t row, bool agrees) {
    matches[count] = static_cast<uint16_t>(row);
    count += agrees;
  };
  bool may_have_nulls = left.may_have_nulls() || right.may_have_nulls();
  if (!may_have_nulls && !left.is_constant() && !right.is_constant()) {
    if (right_rows == nullptr) {
      ForEachRow(rows, [&](uint32_t row) { keep(row, equal(lefts[row], rights[row])); });
    } else {
      ForEachRow(rows,
                 [&](uint32_t row) { keep(row, equal(lefts[row], rights[right_rows[row]])); });
    }
    return count;
  }
  for (uint32_t i = 0; i < rows.count; ++i) {
    uint32_t row = rows[i];
    uint32_t other = right_rows == nullptr ? row : right_rows[row];
    bool left_valid = left.IsValid(row), right_valid = right.IsValid(other);
    bool agrees = left_valid && right_valid
                      ? equal(lefts[left.Index(row)], rights[right.Index(other)])
                      : nulls_match && left_valid == right_valid;
    keep(row, agrees);
  }
  return count;
}

}  // namespace

int ComparePadded(const StringRef& left, const StringRef& right) {
  if (left == right) return 0;
  std::string_view a = StripTrailingBlanks(left.view()), b = StripTrailingBlanks(right.view());
  size_t shorter = std::min(a.size(), b.size());
  int order = shorter == 0 ? 0 : std::memcmp(a.data(), b.data(), shorter);
  if (order != 0) return order;
  if (a.size() == b.size()) return 0;
  // What the longer one has more ends in a byte that is no blank: the first such byte decides.
  bool left_longer = a.size() > b.size();
  std::string_view rest = (left_longer ? a : b).substr(shorter);
  bool greater = static_cast<unsigned char>(rest[rest.find_first_not_of(' ')]) > ' ';
  return greater == left_longer ? 1 : -1;
}

bool EqualPadded(const StringRef& left, const StringRef& right) {
  if (left == right) return true;
  return left.size() != right.size() &&
         StripTrailingBlanks(left.view()) == StripTrailingBlanks(right.view());
}

int CompareValues(const Vector& left, uint32_t left_row, const Vector& right, uint32_t right_row) {
  assert(left.physical() == right.physical());
  if (left.physical() == PhysicalType::kString) {
    const StringRef& a = left.At<StringRef>(left_row);
    const StringRef& b = right.At<StringRef>(right_row);
    return IsPadded(left, right) ? ComparePadded(a, b) : a.Compare(b);
  }
  return WithFixedType(left.physical(), [&]<typename T>() {
    return CompareFixed(left.At<T>(left_row), right.At<T>(right_row));
  });
}

bool EqualValues(const Vector& left, uint32_t left_row, const Vector& right, uint32_t right_row) {
  assert(left.physical() == right.physical());
  if (left.physical() == PhysicalType::kString) {
    const StringRef& a = left.At<StringRef>(left_row);
    const StringRef& b = right.At<StringRef>(right_row);
    return IsPadded(left, right) ? EqualPadded(a, b) : a == b;
  }
  return WithFixedType(left.physical(), [&]<typename T>() {
    return EqualFixed(left.At<T>(left_row), right.At<T>(right_row));
  });
}

bool EqualOrBothNull(const Vector& left, uint32_t left_row, const Vector& right,
                     uint32_t right_row) {
  bool left_valid = left.IsValid(left_row), right_valid = right.IsValid(right_row);
  if (!left_valid || !right_valid) return left_valid == right_valid;
  return EqualValues(left, left_row, right, right_row);
}

uint32_t MatchRows(const Vector& left, const Vector& right, Rows rows, const uint16_t* right_rows,
                   bool nulls_match, uint16_t* matches) {
  assert(left.physical() == right.physical());
  if (left.physical() == PhysicalType::kString) {
    if (IsPadded(left, right)) {
      return MatchTyped<StringRef>(left, right, rows, right_rows, nulls_match, matches,
                                   EqualPadded);
    }
    return MatchTyped<StringRef>(left, right, rows, right_rows, nulls_match, matches,
                                 [](const StringRef& a, const StringRef& b) { return a == b; });
  }
  return WithFixedType(left.physical(), [&]<typename T>() {
    return MatchTyped<T>(left, right, rows, right_rows, nulls_match, matches,
                         [](const T& a, const T& b) { return EqualFixed(a, b); });
  });
}

}  // namespace tupelo

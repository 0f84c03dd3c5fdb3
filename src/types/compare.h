// types/compare.h: order and equality of values of the same type.
#pragma once

#include <cstdint>
#include <type_traits>

#include "types/string_ref.h"
#include "types/vector.h"

namespace tupelo {

// Both vectors have the same physical type (and scale). Strings: PAD SPACE when either side is
// CHARACTER, else byte by byte. -0.0 equals 0.0; NaN equals itself and is the greatest.

template <typename T>
inline int CompareNumbers(T left, T right) {
  if constexpr (std::is_floating_point_v<T>) {
    if (left < right) return -1;
    if (left > right) return 1;
    if (left == right) return 0;
    return static_cast<int>(left != left) - static_cast<int>(right != right);
  } else {
    return left < right ? -1 : left > right;
  }
}

// As if the shorter one were padded with blanks.
int ComparePadded(const StringRef& left, const StringRef& right);
bool EqualPadded(const StringRef& left, const StringRef& right);

// REQUIRES: both not null.
int CompareValues(const Vector& left, uint32_t left_row, const Vector& right, uint32_t right_row);
bool EqualValues(const Vector& left, uint32_t left_row, const Vector& right, uint32_t right_row);
// As DISTINCT, GROUP BY and set operations see it.
bool EqualOrBothNull(const Vector& left, uint32_t left_row, const Vector& right,
                     uint32_t right_row);

// Which rows agree: for each row r of `rows`, compares left row r with right row right_rows[r] (r
// itself where right_rows is nullptr), and writes the r that agree to `matches` in order; returns
// how many. `matches` may be rows.rows. Two nulls agree only when nulls_match (grouping does,
// joining does not).
uint32_t MatchRows(const Vector& left, const Vector& right, Rows rows, const uint16_t* right_rows,
                   bool nulls_match, uint16_t* matches);

}  // namespace tupelo

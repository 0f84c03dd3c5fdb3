// exec/index_key.h: values of any numeric type as keys of an index on a column of another one.
#pragma once

#include <cstdint>

#include "types/vector.h"

namespace tupelo {

enum class KeyFit : uint8_t {
  kFits,  // *key holds it, or the nearest value toward zero (the nearest at all for REAL and DOUBLE
          // PRECISION)
  kNull,
  kTooSmall,  // less than every value of the column's type
  kTooLarge,
};

// Converts row 0 of `value` to the type of `key` (the column's), writing row 0 of it. Bounds made
// so take in every value that an exact comparison would: what is inexact must be compared again.
// REQUIRES: the types are the same physical type and family, or both numeric.
KeyFit ConvertToKey(const Vector& value, Vector* key);

// The same for a bound of a DECIMAL column given as an approximate number, which compares with the
// nearest ones of the column's values: the bound takes in all that round to it.
KeyFit ConvertToBound(const Vector& value, bool is_upper, Vector* key);

}  // namespace tupelo

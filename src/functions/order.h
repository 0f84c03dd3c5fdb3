// functions/order.h: the order of values by stored type, as MIN, MAX, GREATEST and LEAST need it.
#pragma once

#include "types/compare.h"
#include "types/string_ref.h"

namespace tupelo {

template <typename T>
struct StoredOrder {
  using Value = T;
  static bool Less(const T& left, const T& right) { return left < right; }
};
template <typename T>
struct ApproximateOrder {
  using Value = T;
  static bool Less(const T& left, const T& right) { return CompareNumbers(left, right) < 0; }
};
struct WideOrder {
  using Value = int128_t;
  static bool Less(int128_t left, int128_t right) { return left < right; }
};
struct ZonedOrder {
  using Value = ZonedTime;
  static bool Less(const ZonedTime& left, const ZonedTime& right) {
    return left.utc_us < right.utc_us;
  }
};
struct TextOrder {
  using Value = StringRef;
  static bool Less(const StringRef& left, const StringRef& right) {
    return left.Compare(right) < 0;
  }
};
struct PaddedTextOrder {
  using Value = StringRef;
  static bool Less(const StringRef& left, const StringRef& right) {
    return ComparePadded(left, right) < 0;
  }
};

}  // namespace tupelo

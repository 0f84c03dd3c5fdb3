// functions/comparison_number.cpp: comparisons of numbers, Booleans, datetimes and intervals of one
// stored type.
#include "functions/comparison_kernel.h"
#include "types/string_ref.h"

namespace tupelo {
namespace {

template <typename T>
struct CompareStored {
  static bool Equal(T left, T right) { return left == right; }
  static bool Less(T left, T right) { return left < right; }
};

// NaN equals itself and is the greatest. No branches: the loop vectorizes.
template <typename T>
struct CompareApproximate {
  static bool Equal(T left, T right) {
    return (left == right) | ((left != left) & (right != right));
  }
  static bool Less(T left, T right) { return (left < right) | ((left == left) & (right != right)); }
};

struct CompareZoned {
  static bool Equal(const ZonedTime& left, const ZonedTime& right) {
    return left.utc_us == right.utc_us;
  }
  static bool Less(const ZonedTime& left, const ZonedTime& right) {
    return left.utc_us < right.utc_us;
  }
};

template <typename T, typename Compare>
constexpr ComparisonKernels kOf = MakeComparisons<CompareOperation, Compare, T, T>();

}  // namespace

const ComparisonKernels& NumberComparisons(PhysicalType type) {
  switch (type) {
    case PhysicalType::kBool: return kOf<uint8_t, CompareStored<uint8_t>>;
    case PhysicalType::kInt16: return kOf<int16_t, CompareStored<int16_t>>;
    case PhysicalType::kInt32: return kOf<int32_t, CompareStored<int32_t>>;
    case PhysicalType::kInt64: return kOf<int64_t, CompareStored<int64_t>>;
    case PhysicalType::kInt128: return kOf<int128_t, CompareStored<int128_t>>;
    case PhysicalType::kFloat: return kOf<float, CompareApproximate<float>>;
    case PhysicalType::kDouble: return kOf<double, CompareApproximate<double>>;
    default: assert(type == PhysicalType::kZoned); return kOf<ZonedTime, CompareZoned>;
  }
}

}  // namespace tupelo

// functions/comparison_number.cpp: comparisons of numbers, Booleans, datetimes and intervals of one
// stored type.
#include "functions/comparison_kernel.h"
#include "types/string_ref.h"

namespace tupelo {
namespace {

template <typename T>
struct CompareStored {
  static constexpr LevelForms kLevels =
      sizeof(T) == 4 || sizeof(T) == 8 ? LevelForms::kAll : LevelForms::kNone;
  static bool Equal(T left, T right) { return left == right; }
  static bool Less(T left, T right) { return left < right; }
};

// NaN equals itself and is the greatest. The condition comes first and is of the right side alone:
// where that is a constant, it is taken out of the loop, and the rest vectorizes.
template <typename T, ComparisonOperator kOperator>
struct ApproximateOperation {
  static constexpr LevelForms kLevels =
      sizeof(T) == 8 ? LevelForms::kConstantRight : LevelForms::kNone;
  uint8_t operator()(T left, T right) {
    bool is_nan = right != right;
    if constexpr (kOperator == ComparisonOperator::kEqual)
      return is_nan ? left != left : left == right;
    if constexpr (kOperator == ComparisonOperator::kNotEqual)
      return is_nan ? left == left : left != right;
    if constexpr (kOperator == ComparisonOperator::kLess)
      return is_nan ? left == left : left < right;
    if constexpr (kOperator == ComparisonOperator::kLessOrEqual)
      return is_nan ? true : left <= right;
    if constexpr (kOperator == ComparisonOperator::kGreater)
      return is_nan ? false : !(left <= right);
    return is_nan ? left != left : !(left < right);
  }
};
template <typename Compare, ComparisonOperator kOperator, typename L, typename R>
using ApproximateOperationOf = ApproximateOperation<L, kOperator>;

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
template <typename T>
constexpr ComparisonKernels kOfApproximate = MakeComparisons<ApproximateOperationOf, void, T, T>();

}  // namespace

const ComparisonKernels& NumberComparisons(PhysicalType type) {
  switch (type) {
    case PhysicalType::kBool: return kOf<uint8_t, CompareStored<uint8_t>>;
    case PhysicalType::kInt16: return kOf<int16_t, CompareStored<int16_t>>;
    case PhysicalType::kInt32: return kOf<int32_t, CompareStored<int32_t>>;
    case PhysicalType::kInt64: return kOf<int64_t, CompareStored<int64_t>>;
    case PhysicalType::kInt128: return kOf<int128_t, CompareStored<int128_t>>;
    case PhysicalType::kFloat: return kOfApproximate<float>;
    case PhysicalType::kDouble: return kOfApproximate<double>;
    default: assert(type == PhysicalType::kZoned); return kOf<ZonedTime, CompareZoned>;
  }
}

}  // namespace tupelo

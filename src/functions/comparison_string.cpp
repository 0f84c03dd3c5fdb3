// functions/comparison_string.cpp: comparisons of strings.
#include "functions/comparison_kernel.h"
#include "types/compare.h"

namespace tupelo {
namespace {

struct CompareUnpadded {
  static constexpr bool kEachRow = true;
  static bool Equal(const StringRef& left, const StringRef& right) { return left == right; }
  static bool Less(const StringRef& left, const StringRef& right) {
    return left.Compare(right) < 0;
  }
};

struct CompareWithPadding {
  static constexpr bool kEachRow = true;
  static bool Equal(const StringRef& left, const StringRef& right) {
    return EqualPadded(left, right);
  }
  static bool Less(const StringRef& left, const StringRef& right) {
    return ComparePadded(left, right) < 0;
  }
};

constexpr ComparisonKernels kUnpadded =
    MakeComparisons<CompareOperation, CompareUnpadded, StringRef, StringRef>();
constexpr ComparisonKernels kPadded =
    MakeComparisons<CompareOperation, CompareWithPadding, StringRef, StringRef>();

}  // namespace

const ComparisonKernels& StringComparisons(bool padded) { return padded ? kPadded : kUnpadded; }

}  // namespace tupelo

// functions/comparison_mixed.cpp: exact comparisons of numbers of different kinds: nothing is
// rounded to compare it.
#include "functions/comparison_kernel.h"
#include "types/decimal.h"

namespace tupelo {
namespace {

struct CompareBigIntDouble {
  static int Order(int64_t left, double right) { return CompareInt64WithDouble(left, right); }
};
struct CompareDoubleBigInt {
  static int Order(double left, int64_t right) { return -CompareInt64WithDouble(right, left); }
};

struct Scales {
  static constexpr bool kEachRow = true;
  explicit Scales(const KernelCall& call)
      : left(static_cast<int>(call.data->a)), right(static_cast<int>(call.data->b)) {}
  int left, right;
};
struct CompareDecimalDouble : Scales {
  using Scales::Scales;
  int Order(int128_t number, double real) { return CompareDecimalWithDouble(number, left, real); }
};
struct CompareDoubleDecimal : Scales {
  using Scales::Scales;
  int Order(double real, int128_t number) { return -CompareDecimalWithDouble(number, left, real); }
};
struct CompareScaled : Scales {
  using Scales::Scales;
  int Order(int128_t a, int128_t b) { return CompareDecimals(a, left, b, right); }
};

constexpr ComparisonKernels kBigIntDouble =
    MakeComparisons<OrderOperation, CompareBigIntDouble, int64_t, double>();
constexpr ComparisonKernels kDoubleBigInt =
    MakeComparisons<OrderOperation, CompareDoubleBigInt, double, int64_t>();
constexpr ComparisonKernels kDecimalDouble =
    MakeComparisons<OrderOperation, CompareDecimalDouble, int128_t, double>();
constexpr ComparisonKernels kDoubleDecimal =
    MakeComparisons<OrderOperation, CompareDoubleDecimal, double, int128_t>();
constexpr ComparisonKernels kScaled =
    MakeComparisons<OrderOperation, CompareScaled, int128_t, int128_t>();

}  // namespace

const ComparisonKernels& BigIntDoubleComparisons() { return kBigIntDouble; }
const ComparisonKernels& DoubleBigIntComparisons() { return kDoubleBigInt; }
const ComparisonKernels& DecimalDoubleComparisons() { return kDecimalDouble; }
const ComparisonKernels& DoubleDecimalComparisons() { return kDoubleDecimal; }
const ComparisonKernels& ScaledDecimalComparisons() { return kScaled; }

}  // namespace tupelo

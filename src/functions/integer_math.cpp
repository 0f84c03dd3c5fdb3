// functions/integer_math.cpp: DIV, GCD, LCM, FACTORIAL, BIT_COUNT, TO_HEX, TO_OCT, TO_BIN,
// WIDTH_BUCKET.
#include <bit>
#include <fmt/format.h>
#include <limits>
#include <numeric>

#include "functions/kernel.h"
#include "functions/registry.h"
#include "types/decimal.h"

namespace tupelo {
namespace {

[[noreturn]] void RaiseOutOfRange(std::string_view call) {
  throw Error(ErrorCode::kNumericOutOfRange,
              fmt::format("the result is outside the range of BIGINT: {}", call));
}

struct Quotient {
  static constexpr bool kEachRow = true;
  int64_t operator()(int64_t dividend, int64_t divisor) {
    if (divisor == 0) {
      throw Error(ErrorCode::kDivisionByZero,
                  fmt::format("division by zero: DIV({}, 0)", dividend));
    }
    if (divisor == -1 && dividend == std::numeric_limits<int64_t>::min()) {
      RaiseOutOfRange(fmt::format("DIV({}, -1)", dividend));
    }
    return dividend / divisor;
  }
};

uint64_t Magnitude(int64_t value) {
  return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

struct GreatestDivisor {
  static constexpr bool kEachRow = true;
  int64_t operator()(int64_t left, int64_t right) {
    uint64_t divisor = std::gcd(Magnitude(left), Magnitude(right));
    if (divisor > uint64_t{INT64_MAX}) RaiseOutOfRange(fmt::format("GCD({}, {})", left, right));
    return static_cast<int64_t>(divisor);
  }
};

struct LeastMultiple {
  static constexpr bool kEachRow = true;
  int64_t operator()(int64_t left, int64_t right) {
    if (left == 0 || right == 0) return 0;
    uint64_t divisor = std::gcd(Magnitude(left), Magnitude(right)), multiple;
    if (__builtin_mul_overflow(Magnitude(left) / divisor, Magnitude(right), &multiple) ||
        multiple > uint64_t{INT64_MAX}) {
      RaiseOutOfRange(fmt::format("LCM({}, {})", left, right));
    }
    return static_cast<int64_t>(multiple);
  }
};

// Exact: what has more than 38 digits is an error.
struct Factorial {
  static constexpr bool kEachRow = true;
  int128_t operator()(int64_t number) {
    constexpr int64_t kLargest = 33;
    if (number < 0) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  fmt::format("FACTORIAL takes a number that is not negative: {}", number));
    }
    if (number > kLargest) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  fmt::format("the result has more than {} digits: FACTORIAL({})",
                              kMaxDecimalPrecision, number));
    }
    int128_t product = 1;
    for (int64_t factor = 2; factor <= number; ++factor) product *= factor;
    return product;
  }
};

bool ResolveFactorial(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1 || !TypeOr(types[0], Type::BigInt()).is_integer()) return false;
  function->result = Type::Decimal(kMaxDecimalPrecision, 0);
  function->argument_types = {Type::BigInt()};
  function->kernel = UnaryKernel<int64_t, int128_t, Factorial>;
  return true;
}

// As two's complement of the type's size.
template <typename T>
struct BitCount {
  int32_t operator()(T value) { return std::popcount(static_cast<std::make_unsigned_t<T>>(value)); }
};

bool ResolveBitCount(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Integer());
  if (!type.is_integer()) return false;
  function->result = Type::Integer();
  function->argument_types = {type};
  function->kernel = type.id == TypeId::kSmallInt ? UnaryKernel<int16_t, int32_t, BitCount<int16_t>>
                     : type.id == TypeId::kInteger
                         ? UnaryKernel<int32_t, int32_t, BitCount<int32_t>>
                         : UnaryKernel<int64_t, int32_t, BitCount<int64_t>>;
  function->may_fail = false;
  return true;
}

// Digits of kBits bits each, of the number as two's complement of its type's size.
template <typename T, int kBits>
struct ToDigitsOfBits {
  static constexpr bool kEachRow = true;
  explicit ToDigitsOfBits(const KernelCall& call) : result(call.result) {}
  Vector* result;
  StringRef operator()(T value) {
    char digits[64];
    char* const end = digits + sizeof(digits);
    char* begin = end;
    auto rest = static_cast<std::make_unsigned_t<T>>(value);
    do {
      *--begin = "0123456789abcdef"[rest & ((1 << kBits) - 1)];
      rest >>= kBits;
    } while (rest != 0);
    return result->CopyToHeap({begin, static_cast<size_t>(end - begin)});
  }
};

template <int kBits>
bool ResolveToDigits(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Integer());
  if (!type.is_integer()) return false;
  if (type.id == TypeId::kSmallInt) type = Type::Integer();
  function->result = Type::Varchar();
  function->argument_types = {type};
  function->kernel = type.id == TypeId::kInteger
                         ? UnaryKernel<int32_t, StringRef, ToDigitsOfBits<int32_t, kBits>>
                         : UnaryKernel<int64_t, StringRef, ToDigitsOfBits<int64_t, kBits>>;
  function->may_fail = false;
  return true;
}

template <typename Operation>
bool ResolveIntegers(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  for (const Type& type : types) {
    if (!TypeOr(type, Type::BigInt()).is_integer()) return false;
  }
  function->result = Type::BigInt();
  function->argument_types = {Type::BigInt(), Type::BigInt()};
  function->kernel = BinaryKernel<int64_t, int64_t, int64_t, Operation>;
  return true;
}

// SQL:2003 part 2, 6.27: the number of the part of low to high, divided into `count` of one width,
// that the value is in; 0 before the first, count + 1 behind the last.
struct Bucket {
  static constexpr bool kEachRow = true;
  template <typename Number>
  int64_t operator()(Number value, Number low, Number high, int64_t count) {
    if (count <= 0) {
      throw Error(ErrorCode::kInvalidWidthBucket,
                  fmt::format("WIDTH_BUCKET takes a positive number of buckets: {}", count));
    }
    if (low == high) {
      throw Error(ErrorCode::kInvalidWidthBucket, "WIDTH_BUCKET takes bounds that differ");
    }
    bool falling = low > high;
    if (falling ? value > low : value < low) return 0;
    if (falling ? value <= high : value >= high) {
      if (count == std::numeric_limits<int64_t>::max()) {
        RaiseOutOfRange(fmt::format("WIDTH_BUCKET(..., {})", count));
      }
      return count + 1;
    }
    if constexpr (std::is_same_v<Number, double>) {
      return static_cast<int64_t>(static_cast<double>(count) * ((value - low) / (high - low))) + 1;
    } else {
      int128_t part = falling ? low - value : value - low,
               whole = falling ? low - high : high - low;
      int128_t product, bucket;
      if (!__builtin_mul_overflow(part, int128_t{count}, &product)) {
        bucket = product / whole;
      } else {
        bucket =
            static_cast<int128_t>(static_cast<long double>(part) / static_cast<long double>(whole) *
                                  static_cast<long double>(count));
      }
      return static_cast<int64_t>(bucket) + 1;
    }
  }
};

bool ResolveBucket(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 4 || !TypeOr(types[3], Type::BigInt()).is_integer()) return false;
  bool approximate = false;
  int scale = 0;
  for (size_t i = 0; i < 3; ++i) {
    Type type = TypeOr(types[i], Type::BigInt());
    if (!type.is_numeric()) return false;
    approximate |= type.is_approximate();
    scale = std::max(scale, type.decimal_scale());
  }
  Type number = approximate ? Type::Double() : Type::Decimal(kMaxDecimalPrecision, scale);
  function->result = Type::BigInt();
  function->argument_types = {number, number, number, Type::BigInt()};
  function->kernel = approximate
                         ? EachRowKernel<int64_t, Bucket, double, double, double, int64_t>
                         : EachRowKernel<int64_t, Bucket, int128_t, int128_t, int128_t, int64_t>;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"DIV", "two integers", ResolveIntegers<Quotient>},
    {"GCD", "two integers", ResolveIntegers<GreatestDivisor>},
    {"LCM", "two integers", ResolveIntegers<LeastMultiple>},
    {"FACTORIAL", "an integer", ResolveFactorial},
    {"BIT_COUNT", "an integer", ResolveBitCount},
    {"TO_HEX", "an integer", ResolveToDigits<4>},
    {"TO_OCT", "an integer", ResolveToDigits<3>},
    {"TO_BIN", "an integer", ResolveToDigits<1>},
    {"WIDTH_BUCKET", "three numbers and an integer", ResolveBucket},
};

}  // namespace

std::span<const FunctionRow> IntegerMathFunctions() { return kRows; }

}  // namespace tupelo

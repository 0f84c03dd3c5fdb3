// functions/bits.cpp: & | # ~ << >> of integers, as two's complement.
#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "functions/kernel.h"
#include "functions/registry.h"

namespace tupelo {
namespace {

template <typename T>
struct And {
  T operator()(T left, T right) { return static_cast<T>(left & right); }
};
template <typename T>
struct Or {
  T operator()(T left, T right) { return static_cast<T>(left | right); }
};
template <typename T>
struct Xor {
  T operator()(T left, T right) { return static_cast<T>(left ^ right); }
};
template <typename T>
struct Not {
  T operator()(T value) { return static_cast<T>(~value); }
};

// A count beyond the bits of the type is an error: what a processor makes of it means nothing.
template <typename T>
struct ShiftCount {
  static constexpr bool kEachRow = true;
  static constexpr int kBits = std::numeric_limits<T>::digits + 1;
  static void Check(T value, int64_t count, const char* op) {
    if (count >= 0 && count < kBits) return;
    throw Error(ErrorCode::kNumericOutOfRange,
                fmt::format("the left operand has {} bits: it is shifted by 0 to {}; CAST it to "
                            "a wider type for more: {} {} {}",
                            kBits, kBits - 1, value, op, count));
  }
};
template <typename T>
struct ShiftLeft : ShiftCount<T> {
  T operator()(T value, int64_t count) {
    this->Check(value, count, "<<");
    return static_cast<T>(static_cast<uint64_t>(value) << count);
  }
};
template <typename T>
struct ShiftRight : ShiftCount<T> {
  T operator()(T value, int64_t count) {
    this->Check(value, count, ">>");
    return static_cast<T>(value >> count);
  }
};

template <template <typename> typename Operation>
Kernel PairKernel(const Type& type) {
  switch (type.id) {
    case TypeId::kSmallInt: return BinaryKernel<int16_t, int16_t, int16_t, Operation<int16_t>>;
    case TypeId::kInteger: return BinaryKernel<int32_t, int32_t, int32_t, Operation<int32_t>>;
    default: return BinaryKernel<int64_t, int64_t, int64_t, Operation<int64_t>>;
  }
}

template <template <typename> typename Operation>
Kernel ShiftKernel(const Type& type) {
  switch (type.id) {
    case TypeId::kSmallInt: return BinaryKernel<int16_t, int64_t, int16_t, Operation<int16_t>>;
    case TypeId::kInteger: return BinaryKernel<int32_t, int64_t, int32_t, Operation<int32_t>>;
    default: return BinaryKernel<int64_t, int64_t, int64_t, Operation<int64_t>>;
  }
}

template <template <typename> typename Operation>
bool ResolvePair(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  Type left = TypeOr(types[0], TypeOr(types[1], Type::Integer()));
  Type right = TypeOr(types[1], left);
  if (!left.is_integer() || !right.is_integer()) return false;
  Type wider = left.id > right.id ? left : right;
  function->result = wider;
  function->argument_types = {wider, wider};
  function->kernel = PairKernel<Operation>(wider);
  function->may_fail = false;
  return true;
}

template <template <typename> typename Operation>
bool ResolveShift(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  Type value = TypeOr(types[0], Type::Integer());
  if (!value.is_integer() || !TypeOr(types[1], Type::BigInt()).is_integer()) return false;
  function->result = value;
  function->argument_types = {value, Type::BigInt()};
  function->kernel = ShiftKernel<Operation>(value);
  return true;
}

bool ResolveNot(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Integer());
  if (!type.is_integer()) return false;
  function->result = type;
  function->argument_types = {type};
  function->kernel = type.id == TypeId::kSmallInt  ? UnaryKernel<int16_t, int16_t, Not<int16_t>>
                     : type.id == TypeId::kInteger ? UnaryKernel<int32_t, int32_t, Not<int32_t>>
                                                   : UnaryKernel<int64_t, int64_t, Not<int64_t>>;
  function->may_fail = false;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"&", "two integers", ResolvePair<And>},
    {"|", "two integers", ResolvePair<Or>},
    {"#", "two integers", ResolvePair<Xor>},
    {"<<", "two integers", ResolveShift<ShiftLeft>},
    {">>", "two integers", ResolveShift<ShiftRight>},
    {"~", "an integer", ResolveNot},
};

}  // namespace

std::span<const FunctionRow> BitFunctions() { return kRows; }

}  // namespace tupelo

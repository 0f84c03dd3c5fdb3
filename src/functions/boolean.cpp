// functions/boolean.cpp: NOT and the tests that are never null: IS [NOT] TRUE, FALSE, UNKNOWN,
// NULL.
#include "functions/kernel.h"
#include "functions/registry.h"

namespace tupelo {
namespace {

struct NotOperation {
  uint8_t operator()(uint8_t value) { return value ^ 1; }
};

uint8_t* PrepareNeverNull(const KernelCall& call) {
  uint32_t capacity = call.rows.is_dense() ? call.rows.count : kVectorSize;
  call.result->PrepareWrite(capacity == 0 ? 1 : capacity);
  return call.result->MutableData<uint8_t>();
}

// kNegated: 1 where the argument is not null.
template <bool kNegated>
void IsNull(const KernelCall& call) {
  const Vector& argument = *call.arguments[0];
  uint8_t* out = PrepareNeverNull(call);
  const uint64_t* validity = argument.validity();
  if (validity == nullptr || argument.is_constant()) {
    bool is_null = !argument.IsValid(0);
    ForEachRow(call.rows, [&](uint32_t row) { out[row] = is_null != kNegated; });
    return;
  }
  ForEachRow(call.rows, [&](uint32_t row) {
    uint8_t valid = (validity[row / 64] >> (row % 64)) & 1;
    out[row] = kNegated ? valid : valid ^ 1;
  });
}

// IS TRUE, IS FALSE and their negations.
template <bool kValue, bool kNegated>
void IsTruth(const KernelCall& call) {
  const Vector& argument = *call.arguments[0];
  uint8_t* out = PrepareNeverNull(call);
  const uint8_t* in = argument.Data<uint8_t>();
  if (argument.is_constant()) {
    bool is_it = argument.IsValid(0) && in[0] == (kValue ? 1 : 0);
    ForEachRow(call.rows, [&](uint32_t row) { out[row] = is_it != kNegated; });
    return;
  }
  const uint64_t* validity = argument.validity();
  if (validity == nullptr) {
    constexpr uint8_t kFlip = kValue == kNegated;
    ForEachRow(call.rows, [&](uint32_t row) { out[row] = in[row] ^ kFlip; });
    return;
  }
  ForEachRow(call.rows, [&](uint32_t row) {
    bool valid = (validity[row / 64] >> (row % 64)) & 1;
    out[row] = (valid && in[row] == (kValue ? 1 : 0)) != kNegated;
  });
}

bool ResolveNot(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1 || TypeOr(types[0], Type::Boolean()) != Type::Boolean()) return false;
  function->result = Type::Boolean();
  function->argument_types = {Type::Boolean()};
  function->kernel = UnaryKernel<uint8_t, uint8_t, NotOperation>;
  function->may_fail = false;
  return true;
}

template <Kernel kKernel>
bool ResolveTruthTest(std::span<const Type> types, BoundFunction* function) {
  if (!ResolveNot(types, function)) return false;
  function->kernel = kKernel;
  return true;
}

template <Kernel kKernel>
bool ResolveNullTest(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  function->result = Type::Boolean();
  function->argument_types = {types[0]};
  function->kernel = kKernel;
  function->may_fail = false;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"NOT", "a Boolean", ResolveNot},
    {"IS TRUE", "a Boolean", ResolveTruthTest<IsTruth<true, false>>},
    {"IS NOT TRUE", "a Boolean", ResolveTruthTest<IsTruth<true, true>>},
    {"IS FALSE", "a Boolean", ResolveTruthTest<IsTruth<false, false>>},
    {"IS NOT FALSE", "a Boolean", ResolveTruthTest<IsTruth<false, true>>},
    {"IS UNKNOWN", "a Boolean", ResolveTruthTest<IsNull<false>>},
    {"IS NOT UNKNOWN", "a Boolean", ResolveTruthTest<IsNull<true>>},
    {"IS NULL", "one value", ResolveNullTest<IsNull<false>>},
    {"IS NOT NULL", "one value", ResolveNullTest<IsNull<true>>},
};

}  // namespace

std::span<const FunctionRow> BooleanFunctions() { return kRows; }

}  // namespace tupelo

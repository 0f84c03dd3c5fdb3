// functions/greatest_least.cpp: GREATEST and LEAST of two or more values; null when one is.
#include "functions/kernel.h"
#include "functions/order.h"
#include "functions/registry.h"

namespace tupelo {
namespace {

template <typename Order, bool kGreatest>
void Extreme(const KernelCall& call) {
  using T = typename Order::Value;
  T* out = PrepareResult<T>(call);
  ForEachValidRow(call, out, [&](uint32_t row) {
    const T* best = &call.arguments[0]->At<T>(row);
    for (const Vector* argument : call.arguments.subspan(1)) {
      const T& value = argument->At<T>(row);
      if (kGreatest ? Order::Less(*best, value) : Order::Less(value, *best)) best = &value;
    }
    out[row] = *best;
  });
}

template <bool kGreatest>
Kernel KernelFor(const Type& type) {
  switch (type.physical()) {
    case PhysicalType::kBool: return Extreme<StoredOrder<uint8_t>, kGreatest>;
    case PhysicalType::kInt16: return Extreme<StoredOrder<int16_t>, kGreatest>;
    case PhysicalType::kInt32: return Extreme<StoredOrder<int32_t>, kGreatest>;
    case PhysicalType::kInt64: return Extreme<StoredOrder<int64_t>, kGreatest>;
    case PhysicalType::kInt128: return Extreme<WideOrder, kGreatest>;
    case PhysicalType::kFloat: return Extreme<ApproximateOrder<float>, kGreatest>;
    case PhysicalType::kDouble: return Extreme<ApproximateOrder<double>, kGreatest>;
    case PhysicalType::kZoned: return Extreme<ZonedOrder, kGreatest>;
    case PhysicalType::kString: break;
  }
  return type.id == TypeId::kChar ? Extreme<PaddedTextOrder, kGreatest>
                                  : Extreme<TextOrder, kGreatest>;
}

template <bool kGreatest>
bool Resolve(std::span<const Type> types, BoundFunction* function) {
  if (types.empty()) return false;
  Type common = types[0];
  for (const Type& type : types.subspan(1)) {
    if (!Comparable(common, type) || !CommonType(common, type, &common)) return false;
  }
  common = TypeOr(common, Type::Integer());
  function->result = common;
  function->argument_types.assign(types.size(), common);
  function->kernel = KernelFor<kGreatest>(common);
  function->may_fail = false;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"GREATEST", "values of comparable types", Resolve<true>},
    {"LEAST", "values of comparable types", Resolve<false>},
};

}  // namespace

std::span<const FunctionRow> GreatestLeastFunctions() { return kRows; }

}  // namespace tupelo

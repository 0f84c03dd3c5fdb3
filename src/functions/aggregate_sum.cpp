// functions/aggregate_sum.cpp: SUM and AVG of exact numbers and of intervals, in 128 bits.
//
// A batch of at most kVectorSize integers of up to 32 bits is summed in 64 bits first, one of 64
// bits in two halves: these loops vectorize and cannot overflow.
#include <fmt/format.h>
#include <limits>

#include "functions/aggregate.h"
#include "functions/aggregate_approximate.h"
#include "functions/interval_unit.h"
#include "functions/types_of_arithmetic.h"
#include "types/decimal.h"

namespace tupelo {
namespace {

struct SumState {
  Int128Aligned8 sum;
  int64_t count;
};

[[noreturn]] void RaiseOutOfRange(std::string_view type) {
  throw Error(ErrorCode::kNumericOutOfRange,
              fmt::format("the sum is outside the range of {}", type));
}

void Add(SumState& state, int128_t value) {
  int128_t sum = state.sum;
  if (__builtin_add_overflow(sum, value, &sum)) RaiseOutOfRange("DECIMAL(38)");
  state.sum = sum;
}

template <typename In>
void UpdateSum(const AggregateCall& call) {
  const In* in = call.argument->Data<In>();
  ForEachValidState<SumState>(call, [&](SumState& state, uint32_t row) {
    if constexpr (sizeof(In) == 16) {
      Add(state, in[row]);
    } else {
      state.sum += in[row];  // 2^64 values of 64 bits fit
    }
    ++state.count;
  });
}

// All of a vector without nulls.
template <typename In>
int128_t SumOf(const In* in, uint32_t count) {
  int64_t high = 0;
  uint64_t low = 0;
  RunAtLevel([ =, to_high = &high, to_low = &low ]() __attribute__((always_inline)) {
    int64_t high_sum = 0;
    uint64_t low_sum = 0;
    for (uint32_t i = 0; i < count; ++i) {
      if constexpr (sizeof(In) == 8) {
        high_sum += in[i] >> 32;
        low_sum += static_cast<uint32_t>(in[i]);
      } else {
        high_sum += in[i];
      }
    }
    *to_high = high_sum;
    *to_low = low_sum;
  });
  return sizeof(In) == 8 ? int128_t{high} * (int64_t{1} << 32) + low : high;
}

template <typename In>
void UpdateSumSingle(const Vector* argument, Rows rows, char* state, Arena*, const FunctionData&) {
  const In* in = argument->Data<In>();
  SumState& total = StateAt<SumState>(state);
  int64_t count = 0;
  if constexpr (sizeof(In) == 16) {
    ForEachValidArgument(*argument, rows, [&](uint32_t row) {
      Add(total, in[row]);
      ++count;
    });
  } else if (IsForLevels(*argument, rows)) {
    total.sum += SumOf(in, rows.count);
    count = rows.count;
  } else {
    std::conditional_t<sizeof(In) == 8, int128_t, int64_t> sum = 0;
    ForEachValidArgument(*argument, rows, [&](uint32_t row) {
      sum += in[row];
      ++count;
    });
    total.sum += sum;
  }
  total.count += count;
}

template <typename In>
void RetractSum(const Vector* argument, Rows rows, char* state) {
  const In* in = argument->Data<In>();
  SumState& total = StateAt<SumState>(state);
  ForEachValidArgument(*argument, rows, [&](uint32_t row) {
    total.sum -= in[row];
    --total.count;
  });
}

void CombineSums(const char* source, char* target, Arena*, const FunctionData&) {
  Add(StateAt<SumState>(target), StateAt<SumState>(source).sum);
  StateAt<SumState>(target).count += StateAt<SumState>(source).count;
}

template <typename Out, ErrorCode kError = ErrorCode::kNumericOutOfRange>
Out Narrow(int128_t value, const Type& type) {
  if (value > std::numeric_limits<Out>::max() || value < std::numeric_limits<Out>::min()) {
    throw Error(kError, fmt::format("the result is outside the range of {}", type.ToString()));
  }
  return static_cast<Out>(value);
}

// Out of what a state holds; the four forms of results.
struct ToInteger {
  using Out = int64_t;
  static Out Convert(const SumState& state, const FunctionData& data) {
    return Narrow<int64_t>(state.sum, data.type);
  }
};
struct ToDecimal {
  using Out = int128_t;
  static Out Convert(const SumState& state, const FunctionData&) {
    int128_t limit = PowerOfTen(kMaxDecimalPrecision);
    if (state.sum >= limit || state.sum <= -limit) RaiseOutOfRange("DECIMAL(38)");
    return state.sum;
  }
};
template <typename T>
struct ToInterval {
  using Out = T;
  static Out Convert(const SumState& state, const FunctionData& data) {
    return Narrow<T, ErrorCode::kIntervalOverflow>(state.sum, data.type);
  }
};

// sum * unit / count, rounded half away from zero. The remainder is less than the count, so it can
// be scaled.
int128_t Divide(const SumState& state, int64_t unit) {
  int128_t sum = state.sum;
  int128_t quotient = sum / state.count * unit;
  int128_t rest = sum % state.count * unit;
  int128_t half = state.count / 2 + state.count % 2;
  return quotient + rest / state.count + (rest % state.count >= half) -
         (rest % state.count <= -half);
}

// data.a: the power of ten between the scales of the argument and of the result.
template <typename T>
struct AverageToDecimal {
  using Out = T;
  static Out Convert(const SumState& state, const FunctionData& data) {
    return static_cast<T>(Divide(state, data.a));
  }
};
// data.a: the unit of the interval's end field.
template <typename T>
struct AverageToInterval {
  using Out = T;
  static Out Convert(const SumState& state, const FunctionData& data) {
    SumState in_units{state.sum / data.a, state.count};
    return static_cast<T>(Divide(in_units, 1) * data.a);
  }
};

template <typename Form>
void FinalizeSums(char* const* states, uint32_t count, Vector* result, uint32_t at,
                  const FunctionData& data) {
  using Out = typename Form::Out;
  Out* out = result->MutableData<Out>() + at;
  for (uint32_t i = 0; i < count; ++i) {
    const SumState& state = StateAt<SumState>(states[i]);
    if (state.count == 0) {
      out[i] = Out{};
      result->SetNull(at + i);
    } else {
      out[i] = Form::Convert(state, data);
    }
  }
}

template <typename In>
void SetUpdates(BoundAggregate* aggregate) {
  aggregate->update = UpdateSum<In>;
  aggregate->update_single = UpdateSumSingle<In>;
  aggregate->retract = RetractSum<In>;
}

// Everything but result and finalize. False: not an exact number or interval.
bool SetExact(const Type& type, BoundAggregate* aggregate) {
  if (!type.is_exact() && !type.is_interval()) return false;
  aggregate->argument_type = type;
  aggregate->state_bytes = sizeof(SumState);
  aggregate->combine = CombineSums;
  switch (type.physical()) {
    case PhysicalType::kInt16: SetUpdates<int16_t>(aggregate); break;
    case PhysicalType::kInt32: SetUpdates<int32_t>(aggregate); break;
    case PhysicalType::kInt64: SetUpdates<int64_t>(aggregate); break;
    default: SetUpdates<int128_t>(aggregate); break;
  }
  return true;
}

}  // namespace

bool ResolveSum(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  Type type = argument_type->id == TypeId::kNull ? Type::Integer() : *argument_type;
  if (type.is_approximate()) return ResolveApproximateSum(type, aggregate);
  if (!SetExact(type, aggregate)) return false;
  if (type.is_interval()) {
    aggregate->result = WithWidestLeadingField(type);
    aggregate->finalize = type.id == TypeId::kYearMonth ? FinalizeSums<ToInterval<int32_t>>
                                                        : FinalizeSums<ToInterval<int64_t>>;
  } else {
    aggregate->result = SumResultType(type);
    aggregate->finalize = type.is_integer() ? FinalizeSums<ToInteger> : FinalizeSums<ToDecimal>;
  }
  aggregate->data.type = aggregate->result;
  return true;
}

bool ResolveAverage(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  Type type = argument_type->id == TypeId::kNull ? Type::Integer() : *argument_type;
  if (type.is_approximate()) return ResolveApproximateAverage(type, aggregate);
  if (!SetExact(type, aggregate)) return false;
  if (type.is_interval()) {
    aggregate->result = type;
    aggregate->data.a = LeastIntervalUnit(type);
    aggregate->finalize = type.id == TypeId::kYearMonth ? FinalizeSums<AverageToInterval<int32_t>>
                                                        : FinalizeSums<AverageToInterval<int64_t>>;
  } else {
    aggregate->result = AverageResultType(type);
    aggregate->data.a =
        static_cast<int64_t>(PowerOfTen(aggregate->result.scale - type.decimal_scale()));
    aggregate->finalize = aggregate->result.physical() == PhysicalType::kInt64
                              ? FinalizeSums<AverageToDecimal<int64_t>>
                              : FinalizeSums<AverageToDecimal<int128_t>>;
  }
  aggregate->data.type = aggregate->result;
  return true;
}

}  // namespace tupelo

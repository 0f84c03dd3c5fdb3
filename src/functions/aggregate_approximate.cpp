// functions/aggregate_approximate.cpp: SUM and AVG of REAL and DOUBLE PRECISION, accumulated as
// DOUBLE PRECISION.
//
// Without GROUP BY, dense rows go to eight running sums, which vectorizes and hides the latency of
// the addition. An infinite sum of finite numbers is 22003; a stored infinity is passed on.
#include "functions/aggregate_approximate.h"

#include <cmath>

namespace tupelo {
namespace {

struct RealSumState {
  double sum;
  int64_t count;
  uint64_t overflowed;
};

void Add(RealSumState& state, double value) {
  double sum = state.sum + value;
  if (!std::isfinite(sum) && std::isfinite(state.sum) && std::isfinite(value)) state.overflowed = 1;
  state.sum = sum;
}

template <typename In>
void UpdateSum(const AggregateCall& call) {
  const In* in = call.argument->Data<In>();
  ForEachValidState<RealSumState>(call, [&](RealSumState& state, uint32_t row) {
    Add(state, in[row]);
    ++state.count;
  });
}

template <typename In>
double SumDense(const In* in, uint32_t count) {
  constexpr uint32_t kLanes = 8;
  double lanes[kLanes] = {};
  uint32_t row = 0;
  for (; row + kLanes <= count; row += kLanes) {
    for (uint32_t lane = 0; lane < kLanes; ++lane) lanes[lane] += in[row + lane];
  }
  double sum = ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
               ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
  for (; row < count; ++row) sum += in[row];
  return sum;
}

template <typename In>
void UpdateSumSingle(const Vector* argument, Rows rows, char* state, Arena*, const FunctionData&) {
  const In* in = argument->Data<In>();
  RealSumState& total = StateAt<RealSumState>(state);
  double sum = 0;
  int64_t count = 0;
  if (rows.is_dense() && !argument->is_constant() && !argument->may_have_nulls()) {
    sum = SumDense(in, rows.count);
    count = rows.count;
  } else {
    ForEachValidArgument(*argument, rows, [&](uint32_t row) {
      sum += in[row];
      ++count;
    });
  }
  total.count += count;
  if (std::isfinite(sum)) {
    Add(total, sum);
  } else {
    ForEachValidArgument(*argument, rows, [&](uint32_t row) { Add(total, in[row]); });
  }
}

void CombineSums(const char* source, char* target, Arena*, const FunctionData&) {
  const RealSumState& from = StateAt<RealSumState>(source);
  RealSumState& to = StateAt<RealSumState>(target);
  Add(to, from.sum);
  to.count += from.count;
  to.overflowed |= from.overflowed;
}

// TOTAL of no values is 0.
void FinalizeTotals(char* const* states, uint32_t count, Vector* result, uint32_t at,
                    const FunctionData&) {
  double* out = result->MutableData<double>() + at;
  for (uint32_t i = 0; i < count; ++i) {
    const RealSumState& state = StateAt<RealSumState>(states[i]);
    if (state.overflowed != 0) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  "the sum is outside the range of DOUBLE PRECISION");
    }
    out[i] = state.sum;
  }
}

template <bool kAverage>
void FinalizeSums(char* const* states, uint32_t count, Vector* result, uint32_t at,
                  const FunctionData&) {
  double* out = result->MutableData<double>() + at;
  for (uint32_t i = 0; i < count; ++i) {
    const RealSumState& state = StateAt<RealSumState>(states[i]);
    if (state.overflowed != 0) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  "the sum is outside the range of DOUBLE PRECISION");
    }
    if (state.count == 0) {
      out[i] = 0;
      result->SetNull(at + i);
    } else {
      out[i] = kAverage ? state.sum / static_cast<double>(state.count) : state.sum;
    }
  }
}

template <bool kAverage>
bool Resolve(const Type& type, BoundAggregate* aggregate) {
  bool is_real = type.id == TypeId::kReal;
  aggregate->argument_type = type;
  aggregate->result = Type::Double();
  aggregate->state_bytes = sizeof(RealSumState);
  aggregate->update = is_real ? UpdateSum<float> : UpdateSum<double>;
  aggregate->update_single = is_real ? UpdateSumSingle<float> : UpdateSumSingle<double>;
  aggregate->combine = CombineSums;
  aggregate->finalize = FinalizeSums<kAverage>;
  return true;
}

}  // namespace

bool ResolveApproximateSum(const Type& type, BoundAggregate* aggregate) {
  return Resolve<false>(type, aggregate);
}
bool ResolveTotal(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  if (argument_type->id != TypeId::kNull && !argument_type->is_numeric()) return false;
  Resolve<false>(Type::Double(), aggregate);
  aggregate->finalize = FinalizeTotals;
  return true;
}
bool ResolveApproximateAverage(const Type& type, BoundAggregate* aggregate) {
  return Resolve<true>(type, aggregate);
}

}  // namespace tupelo

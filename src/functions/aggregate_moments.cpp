// functions/aggregate_moments.cpp: VAR_POP, VAR_SAMP, STDDEV_POP and STDDEV_SAMP, and under the
// names of old VARIANCE and STDDEV.
//
// One pass that keeps the mean and the sum of squared differences from it (Welford 1962), so that
// nothing is lost where the values are large and their differences small; two such sums are
// combined as Chan, Golub and LeVeque (1979) do.
#include <cmath>

#include "functions/aggregate.h"

namespace tupelo {
namespace {

struct MomentState {
  int64_t count;
  double mean;
  double squares;  // of the differences from the mean
};

void Add(MomentState& state, double value) {
  ++state.count;
  double difference = value - state.mean;
  state.mean += difference / static_cast<double>(state.count);
  state.squares += difference * (value - state.mean);
}

void Update(const AggregateCall& call) {
  const double* in = call.argument->Data<double>();
  ForEachValidState<MomentState>(call,
                                 [&](MomentState& state, uint32_t row) { Add(state, in[row]); });
}

void UpdateSingle(const Vector* argument, Rows rows, char* state, Arena*, const FunctionData&) {
  const double* in = argument->Data<double>();
  MomentState total = StateAt<MomentState>(state);
  ForEachValidArgument(*argument, rows, [&](uint32_t row) { Add(total, in[row]); });
  StateAt<MomentState>(state) = total;
}

void Combine(const char* source, char* target, Arena*, const FunctionData&) {
  const MomentState& from = StateAt<MomentState>(source);
  MomentState& to = StateAt<MomentState>(target);
  if (from.count == 0) return;
  if (to.count == 0) {
    to = from;
    return;
  }
  auto from_count = static_cast<double>(from.count), to_count = static_cast<double>(to.count);
  double all = from_count + to_count, difference = from.mean - to.mean;
  to.squares += from.squares + difference * difference * (from_count * to_count / all);
  to.mean += difference * (from_count / all);
  to.count += from.count;
}

template <bool kSample, bool kRoot>
void Finalize(char* const* states, uint32_t count, Vector* result, uint32_t at,
              const FunctionData&) {
  double* out = result->MutableData<double>() + at;
  for (uint32_t i = 0; i < count; ++i) {
    const MomentState& state = StateAt<MomentState>(states[i]);
    int64_t freedom = state.count - (kSample ? 1 : 0);
    out[i] = 0;
    if (freedom <= 0) {
      result->SetNull(at + i);
      continue;
    }
    if (!std::isfinite(state.squares)) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  "the variance is outside the range of DOUBLE PRECISION");
    }
    double variance = state.squares / static_cast<double>(freedom);
    out[i] = kRoot ? std::sqrt(variance) : variance;
  }
}

template <bool kSample, bool kRoot>
bool Resolve(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  if (!argument_type->is_numeric() && argument_type->id != TypeId::kNull) return false;
  aggregate->argument_type = aggregate->result = Type::Double();
  aggregate->state_bytes = sizeof(MomentState);
  aggregate->update = Update;
  aggregate->update_single = UpdateSingle;
  aggregate->combine = Combine;
  aggregate->finalize = Finalize<kSample, kRoot>;
  return true;
}

}  // namespace

bool ResolveVariancePopulation(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<false, false>(argument_type, aggregate);
}
bool ResolveVarianceSample(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<true, false>(argument_type, aggregate);
}
bool ResolveDeviationPopulation(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<false, true>(argument_type, aggregate);
}
bool ResolveDeviationSample(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<true, true>(argument_type, aggregate);
}

}  // namespace tupelo

// functions/aggregate_regression.cpp: COVAR_POP, COVAR_SAMP, CORR and the REGR_ family, of pairs
// (y, x) of which neither is null.
//
// One state for all of them: means, and sums of squared differences from them, kept as those of
// aggregate_moments.cpp are.
#include <algorithm>
#include <cmath>

#include "functions/aggregate.h"

namespace tupelo {
namespace {

struct PairState {
  int64_t count;
  double mean_x, mean_y;
  double sxx, syy, sxy;  // sums of products of differences from the means
};

void Add(PairState& state, double y, double x) {
  ++state.count;
  auto count = static_cast<double>(state.count);
  double difference_x = x - state.mean_x, difference_y = y - state.mean_y;
  state.mean_x += difference_x / count;
  state.mean_y += difference_y / count;
  state.sxx += difference_x * (x - state.mean_x);
  state.syy += difference_y * (y - state.mean_y);
  state.sxy += difference_x * (y - state.mean_y);
}

void Update(const AggregateCall& call) {
  const double* ys = call.argument->Data<double>();
  const Vector& x = *call.more[0];
  const double* xs = x.Data<double>();
  for (uint32_t i = 0; i < call.rows.count; ++i) {
    uint32_t row = call.rows[i];
    if (!call.argument->IsValid(row) || !x.IsValid(row)) continue;
    Add(StateAt<PairState>(call.states[i]), ys[call.argument->Index(row)], xs[x.Index(row)]);
  }
}

void Combine(const char* source, char* target, Arena*, const FunctionData&) {
  const PairState& from = StateAt<PairState>(source);
  PairState& to = StateAt<PairState>(target);
  if (from.count == 0) return;
  if (to.count == 0) {
    to = from;
    return;
  }
  auto from_count = static_cast<double>(from.count), to_count = static_cast<double>(to.count);
  double all = from_count + to_count, weight = from_count * to_count / all;
  double difference_x = from.mean_x - to.mean_x, difference_y = from.mean_y - to.mean_y;
  to.sxx += from.sxx + difference_x * difference_x * weight;
  to.syy += from.syy + difference_y * difference_y * weight;
  to.sxy += from.sxy + difference_x * difference_y * weight;
  to.mean_x += difference_x * (from_count / all);
  to.mean_y += difference_y * (from_count / all);
  to.count += from.count;
}

// What each function makes of a state with at least one pair; false: null.
struct CovariancePopulation {
  static bool Of(const PairState& s, double* out) {
    *out = s.sxy / static_cast<double>(s.count);
    return true;
  }
};
struct CovarianceSample {
  static bool Of(const PairState& s, double* out) {
    *out = s.count < 2 ? 0 : s.sxy / static_cast<double>(s.count - 1);
    return s.count >= 2;
  }
};
struct Correlation {
  static bool Of(const PairState& s, double* out) {
    if (s.sxx == 0 || s.syy == 0) return false;
    *out = std::clamp(s.sxy / (std::sqrt(s.sxx) * std::sqrt(s.syy)), -1.0, 1.0);
    return true;
  }
};
struct Slope {
  static bool Of(const PairState& s, double* out) {
    if (s.sxx == 0) return false;
    *out = s.sxy / s.sxx;
    return true;
  }
};
struct Intercept {
  static bool Of(const PairState& s, double* out) {
    if (s.sxx == 0) return false;
    *out = s.mean_y - s.mean_x * (s.sxy / s.sxx);
    return true;
  }
};
// SQL:2003 part 2, 10.9: a horizontal line explains all there is.
struct R2 {
  static bool Of(const PairState& s, double* out) {
    if (s.sxx == 0) return false;
    *out = s.syy == 0 ? 1 : s.sxy / s.sxx * (s.sxy / s.syy);
    return true;
  }
};
template <double PairState::*kMember>
struct Member {
  static bool Of(const PairState& s, double* out) {
    *out = s.*kMember;
    return true;
  }
};

template <typename Function>
void Finalize(char* const* states, uint32_t count, Vector* result, uint32_t at,
              const FunctionData&) {
  double* out = result->MutableData<double>() + at;
  for (uint32_t i = 0; i < count; ++i) {
    const PairState& state = StateAt<PairState>(states[i]);
    out[i] = 0;
    if (state.count == 0 || !Function::Of(state, out + i)) {
      out[i] = 0;
      result->SetNull(at + i);
    } else if (!std::isfinite(out[i])) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  "the result is outside the range of DOUBLE PRECISION");
    }
  }
}

void FinalizeCount(char* const* states, uint32_t count, Vector* result, uint32_t at,
                   const FunctionData&) {
  int64_t* out = result->MutableData<int64_t>() + at;
  for (uint32_t i = 0; i < count; ++i) out[i] = StateAt<PairState>(states[i]).count;
}

bool ResolvePairs(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  if (!argument_type->is_numeric() && argument_type->id != TypeId::kNull) return false;
  aggregate->argument_type = aggregate->result = Type::Double();
  aggregate->more_types = {Type::Double()};
  aggregate->state_bytes = sizeof(PairState);
  aggregate->update = Update;
  aggregate->combine = Combine;
  return true;
}

template <typename Function>
bool Resolve(const Type* argument_type, BoundAggregate* aggregate) {
  aggregate->finalize = Finalize<Function>;
  return ResolvePairs(argument_type, aggregate);
}

}  // namespace

bool ResolveCovariancePopulation(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<CovariancePopulation>(argument_type, aggregate);
}
bool ResolveCovarianceSample(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<CovarianceSample>(argument_type, aggregate);
}
bool ResolveCorrelation(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Correlation>(argument_type, aggregate);
}
bool ResolveRegressionSlope(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Slope>(argument_type, aggregate);
}
bool ResolveRegressionIntercept(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Intercept>(argument_type, aggregate);
}
bool ResolveRegressionR2(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<R2>(argument_type, aggregate);
}
bool ResolveRegressionAverageX(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Member<&PairState::mean_x>>(argument_type, aggregate);
}
bool ResolveRegressionAverageY(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Member<&PairState::mean_y>>(argument_type, aggregate);
}
bool ResolveRegressionSxx(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Member<&PairState::sxx>>(argument_type, aggregate);
}
bool ResolveRegressionSyy(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Member<&PairState::syy>>(argument_type, aggregate);
}
bool ResolveRegressionSxy(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Member<&PairState::sxy>>(argument_type, aggregate);
}

bool ResolveRegressionCount(const Type* argument_type, BoundAggregate* aggregate) {
  if (!ResolvePairs(argument_type, aggregate)) return false;
  aggregate->result = Type::BigInt();
  aggregate->finalize = FinalizeCount;
  return true;
}

}  // namespace tupelo

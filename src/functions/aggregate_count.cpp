// functions/aggregate_count.cpp: COUNT, EVERY and ANY.
#include <bit>

#include "functions/aggregate.h"

namespace tupelo {
namespace {

struct CountState {
  int64_t count;
};

void CountAll(const AggregateCall& call) {
  for (uint32_t i = 0; i < call.rows.count; ++i) ++StateAt<CountState>(call.states[i]).count;
}

void CountAllSingle(const Vector*, Rows rows, char* state, Arena*, const FunctionData&) {
  StateAt<CountState>(state).count += rows.count;
}

void CountValues(const AggregateCall& call) {
  if (!call.argument->may_have_nulls()) {
    CountAll(call);
    return;
  }
  ForEachValidState<CountState>(call, [](CountState& state, uint32_t) { ++state.count; });
}

void CountValuesSingle(const Vector* argument, Rows rows, char* state, Arena*,
                       const FunctionData&) {
  int64_t count = 0;
  if (!argument->may_have_nulls()) {
    count = rows.count;
  } else if (rows.is_dense() && !argument->is_constant()) {
    const uint64_t* validity = argument->validity();
    uint32_t words = rows.count / 64;
    for (uint32_t word = 0; word < words; ++word) count += std::popcount(validity[word]);
    if (rows.count % 64 != 0) {
      count += std::popcount(validity[words] & ((uint64_t{1} << (rows.count % 64)) - 1));
    }
  } else {
    ForEachValidArgument(*argument, rows, [&](uint32_t) { ++count; });
  }
  StateAt<CountState>(state).count += count;
}

void Retract(const Vector* argument, Rows rows, char* state) {
  int64_t count = 0;
  if (argument == nullptr) {
    count = rows.count;
  } else {
    ForEachValidArgument(*argument, rows, [&](uint32_t) { ++count; });
  }
  StateAt<CountState>(state).count -= count;
}

void CombineCounts(const char* source, char* target, Arena*, const FunctionData&) {
  StateAt<CountState>(target).count += StateAt<CountState>(source).count;
}

void FinalizeCounts(char* const* states, uint32_t count, Vector* result, uint32_t at,
                    const FunctionData&) {
  int64_t* out = result->MutableData<int64_t>() + at;
  for (uint32_t i = 0; i < count; ++i) out[i] = StateAt<CountState>(states[i]).count;
}

struct TruthState {
  uint32_t has_value;
  uint32_t found;  // EVERY: a FALSE; ANY: a TRUE
};

template <uint8_t kSought>
void UpdateTruth(const AggregateCall& call) {
  const uint8_t* in = call.argument->Data<uint8_t>();
  ForEachValidState<TruthState>(call, [&](TruthState& state, uint32_t row) {
    state.has_value = 1;
    state.found |= in[row] == kSought;
  });
}

template <uint8_t kSought>
void UpdateTruthSingle(const Vector* argument, Rows rows, char* state, Arena*,
                       const FunctionData&) {
  const uint8_t* in = argument->Data<uint8_t>();
  uint32_t has_value = 0, found = 0;
  ForEachValidArgument(*argument, rows, [&](uint32_t row) {
    has_value = 1;
    found |= in[row] == kSought;
  });
  StateAt<TruthState>(state).has_value |= has_value;
  StateAt<TruthState>(state).found |= found;
}

void CombineTruths(const char* source, char* target, Arena*, const FunctionData&) {
  StateAt<TruthState>(target).has_value |= StateAt<TruthState>(source).has_value;
  StateAt<TruthState>(target).found |= StateAt<TruthState>(source).found;
}

template <uint8_t kSought>
void FinalizeTruths(char* const* states, uint32_t count, Vector* result, uint32_t at,
                    const FunctionData&) {
  uint8_t* out = result->MutableData<uint8_t>() + at;
  for (uint32_t i = 0; i < count; ++i) {
    const TruthState& state = StateAt<TruthState>(states[i]);
    out[i] = state.found != 0 ? kSought : kSought ^ 1;
    if (state.has_value == 0) result->SetNull(at + i);
  }
}

template <uint8_t kSought>
bool ResolveTruth(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  if (argument_type->id != TypeId::kBoolean && argument_type->id != TypeId::kNull) return false;
  aggregate->result = aggregate->argument_type = Type::Boolean();
  aggregate->state_bytes = sizeof(TruthState);
  aggregate->update = UpdateTruth<kSought>;
  aggregate->update_single = UpdateTruthSingle<kSought>;
  aggregate->combine = CombineTruths;
  aggregate->finalize = FinalizeTruths<kSought>;
  return true;
}

}  // namespace

bool ResolveCount(const Type* argument_type, BoundAggregate* aggregate) {
  aggregate->result = Type::BigInt();
  aggregate->argument_type = argument_type == nullptr ? Type::Null() : *argument_type;
  aggregate->state_bytes = sizeof(CountState);
  aggregate->update = argument_type == nullptr ? CountAll : CountValues;
  aggregate->update_single = argument_type == nullptr ? CountAllSingle : CountValuesSingle;
  aggregate->combine = CombineCounts;
  aggregate->finalize = FinalizeCounts;
  aggregate->retract = Retract;
  return true;
}

bool ResolveEvery(const Type* argument_type, BoundAggregate* aggregate) {
  return ResolveTruth<0>(argument_type, aggregate);
}

bool ResolveAny(const Type* argument_type, BoundAggregate* aggregate) {
  return ResolveTruth<1>(argument_type, aggregate);
}

}  // namespace tupelo

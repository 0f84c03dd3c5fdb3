// functions/aggregate_bits.cpp: BIT_AND, BIT_OR and BIT_XOR of integers.
#include "functions/aggregate.h"

namespace tupelo {
namespace {

enum class Operation : uint8_t { kAnd, kOr, kXor };

struct BitState {
  int64_t bits;
  int64_t has_value;
};

template <Operation kOperation>
void Take(BitState& state, int64_t bits) {
  if (kOperation == Operation::kOr) {
    state.bits |= bits;
  } else if (kOperation == Operation::kXor) {
    state.bits ^= bits;
  } else {
    state.bits = state.has_value != 0 ? state.bits & bits : bits;
  }
  state.has_value = 1;
}

template <Operation kOperation, typename In>
void Update(const AggregateCall& call) {
  const In* in = call.argument->Data<In>();
  ForEachValidState<BitState>(
      call, [&](BitState& state, uint32_t row) { Take<kOperation>(state, in[row]); });
}

template <Operation kOperation>
void Combine(const char* source, char* target, Arena*, const FunctionData&) {
  const BitState& from = StateAt<BitState>(source);
  if (from.has_value != 0) Take<kOperation>(StateAt<BitState>(target), from.bits);
}

template <typename Out>
void Finalize(char* const* states, uint32_t count, Vector* result, uint32_t at,
              const FunctionData&) {
  Out* out = result->MutableData<Out>() + at;
  for (uint32_t i = 0; i < count; ++i) {
    const BitState& state = StateAt<BitState>(states[i]);
    out[i] = static_cast<Out>(state.bits);
    if (state.has_value == 0) result->SetNull(at + i);
  }
}

template <Operation kOperation, typename T>
void Fill(BoundAggregate* aggregate) {
  aggregate->update = Update<kOperation, T>;
  aggregate->finalize = Finalize<T>;
}

template <Operation kOperation>
bool Resolve(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  Type type = argument_type->id == TypeId::kNull ? Type::Integer() : *argument_type;
  if (!type.is_integer()) return false;
  aggregate->result = aggregate->argument_type = type;
  aggregate->state_bytes = sizeof(BitState);
  aggregate->combine = Combine<kOperation>;
  switch (type.id) {
    case TypeId::kSmallInt: Fill<kOperation, int16_t>(aggregate); break;
    case TypeId::kInteger: Fill<kOperation, int32_t>(aggregate); break;
    default: Fill<kOperation, int64_t>(aggregate); break;
  }
  return true;
}

}  // namespace

bool ResolveBitAnd(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Operation::kAnd>(argument_type, aggregate);
}
bool ResolveBitOr(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Operation::kOr>(argument_type, aggregate);
}
bool ResolveBitXor(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<Operation::kXor>(argument_type, aggregate);
}

}  // namespace tupelo

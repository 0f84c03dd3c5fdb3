// functions/aggregate_any_value.cpp: ANY_VALUE: one of the values, here the first that is not null.
#include <cstring>

#include "functions/aggregate.h"

namespace tupelo {
namespace {

// Packed so that it needs no more than 8 bytes of alignment.
template <typename T>
struct AnyState {
  char value[sizeof(T)];
  uint64_t has_value;
};

template <typename T>
struct AnyValue {
  using State = AnyState<T>;

  static void Offer(State& state, T value, Arena* heap) {
    if (state.has_value != 0) return;
    if constexpr (std::is_same_v<T, StringRef>) {
      if (!value.is_inline()) value = StringRef(heap->CopyString(value.view()));
    }
    std::memcpy(state.value, static_cast<const void*>(&value), sizeof(T));
    state.has_value = 1;
  }
  static void Update(const AggregateCall& call) {
    const T* in = call.argument->Data<T>();
    ForEachValidState<State>(call,
                             [&](State& state, uint32_t row) { Offer(state, in[row], call.heap); });
  }
  static void Combine(const char* source, char* target, Arena* heap, const FunctionData&) {
    const State& from = StateAt<State>(source);
    if (from.has_value == 0) return;
    T value;
    std::memcpy(static_cast<void*>(&value), from.value, sizeof(T));
    Offer(StateAt<State>(target), value, heap);
  }
  static void Finalize(char* const* states, uint32_t count, Vector* result, uint32_t at,
                       const FunctionData&) {
    T* out = result->MutableData<T>() + at;
    for (uint32_t i = 0; i < count; ++i) {
      const State& state = StateAt<State>(states[i]);
      out[i] = T{};
      if (state.has_value == 0) {
        result->SetNull(at + i);
        continue;
      }
      std::memcpy(static_cast<void*>(out + i), state.value, sizeof(T));
      if constexpr (std::is_same_v<T, StringRef>) out[i] = result->CopyToHeap(out[i].view());
    }
  }
  static bool Set(BoundAggregate* aggregate) {
    aggregate->state_bytes = sizeof(State);
    aggregate->update = Update;
    aggregate->combine = Combine;
    aggregate->finalize = Finalize;
    return true;
  }
};

}  // namespace

bool ResolveAnyValue(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  Type type = argument_type->id == TypeId::kNull ? Type::Integer() : *argument_type;
  aggregate->result = aggregate->argument_type = type;
  switch (type.physical()) {
    case PhysicalType::kBool: return AnyValue<uint8_t>::Set(aggregate);
    case PhysicalType::kInt16: return AnyValue<int16_t>::Set(aggregate);
    case PhysicalType::kInt32: return AnyValue<int32_t>::Set(aggregate);
    case PhysicalType::kInt64: return AnyValue<int64_t>::Set(aggregate);
    case PhysicalType::kInt128: return AnyValue<int128_t>::Set(aggregate);
    case PhysicalType::kFloat: return AnyValue<float>::Set(aggregate);
    case PhysicalType::kDouble: return AnyValue<double>::Set(aggregate);
    case PhysicalType::kZoned: return AnyValue<ZonedTime>::Set(aggregate);
    case PhysicalType::kString: return AnyValue<StringRef>::Set(aggregate);
  }
  return false;
}

}  // namespace tupelo

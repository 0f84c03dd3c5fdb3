// functions/aggregate_extreme.cpp: MIN and MAX of every type with an order.
//
// A string is copied to the heap only when it replaces the best one so far.
#include <limits>

#include "functions/aggregate.h"
#include "functions/order.h"

namespace tupelo {
namespace {

template <typename T>
struct ExtremeState {
  T value;
  uint64_t has_value;
};
template <>
struct ExtremeState<int128_t> {
  Int128Aligned8 value;
  uint64_t has_value;
};

template <typename Order, bool kMaximum>
struct Extreme {
  using T = typename Order::Value;
  using State = ExtremeState<T>;

  static bool Better(const T& candidate, const T& best) {
    return kMaximum ? Order::Less(best, candidate) : Order::Less(candidate, best);
  }
  static T Keep(const T& value, Arena* heap) {
    if constexpr (std::is_same_v<T, StringRef>) {
      return value.is_inline() ? value : StringRef(heap->CopyString(value.view()));
    }
    return value;
  }
  static void Offer(State& state, const T& value, Arena* heap) {
    const T best = state.value;  // a copy: the state may be less aligned than a T
    if (state.has_value != 0 && !Better(value, best)) return;
    state.value = Keep(value, heap);
    state.has_value = 1;
  }

  static void Update(const AggregateCall& call) {
    const T* in = call.argument->Data<T>();
    ForEachValidState<State>(call,
                             [&](State& state, uint32_t row) { Offer(state, in[row], call.heap); });
  }

  static constexpr T Worst() {
    return kMaximum ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
  }
  static T BetterOf(T value, T best) {
    return kMaximum ? (value > best ? value : best) : (value < best ? value : best);
  }
  // Of all of a vector without nulls.
  static T BestOf(const T* in, uint32_t count) {
    T result = Worst();
    RunAtLevel([ =, to = &result ]() __attribute__((always_inline)) {
      T best = Worst();
      for (uint32_t i = 0; i < count; ++i) best = BetterOf(in[i], best);
      *to = best;
    });
    return result;
  }

  static void UpdateSingle(const Vector* argument, Rows rows, char* state_bytes, Arena* heap,
                           const FunctionData&) {
    const T* in = argument->Data<T>();
    State& state = StateAt<State>(state_bytes);
    if constexpr (std::is_integral_v<T>) {
      // From the worst value on there is no first row to tell apart: the loop vectorizes.
      if constexpr (sizeof(T) >= 4) {
        if (IsForLevels(*argument, rows)) return Offer(state, BestOf(in, rows.count), heap);
      }
      T best = Worst();
      bool any = false;
      ForEachValidArgument(*argument, rows, [&](uint32_t row) {
        best = BetterOf(in[row], best);
        any = true;
      });
      if (any) Offer(state, best, heap);
    } else {
      const T* best = nullptr;
      ForEachValidArgument(*argument, rows, [&](uint32_t row) {
        if (best == nullptr || Better(in[row], *best)) best = in + row;
      });
      if (best != nullptr) Offer(state, *best, heap);
    }
  }

  static void Combine(const char* source, char* target, Arena* heap, const FunctionData&) {
    const State& from = StateAt<State>(source);
    const T value = from.value;
    if (from.has_value != 0) Offer(StateAt<State>(target), value, heap);
  }

  static void Finalize(char* const* states, uint32_t count, Vector* result, uint32_t at,
                       const FunctionData&) {
    T* out = result->MutableData<T>() + at;
    for (uint32_t i = 0; i < count; ++i) {
      const State& state = StateAt<State>(states[i]);
      if (state.has_value == 0) {
        out[i] = T{};
        result->SetNull(at + i);
      } else if constexpr (std::is_same_v<T, StringRef>) {
        out[i] = result->CopyToHeap(state.value.view());
      } else {
        out[i] = state.value;
      }
    }
  }

  static bool Set(BoundAggregate* aggregate) {
    aggregate->state_bytes = sizeof(State);
    aggregate->update = Update;
    aggregate->update_single = UpdateSingle;
    aggregate->combine = Combine;
    aggregate->finalize = Finalize;
    return true;
  }
};

template <bool kMaximum>
bool Resolve(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  Type type = argument_type->id == TypeId::kNull ? Type::Integer() : *argument_type;
  aggregate->result = aggregate->argument_type = type;
  switch (type.physical()) {
    case PhysicalType::kBool: return Extreme<StoredOrder<uint8_t>, kMaximum>::Set(aggregate);
    case PhysicalType::kInt16: return Extreme<StoredOrder<int16_t>, kMaximum>::Set(aggregate);
    case PhysicalType::kInt32: return Extreme<StoredOrder<int32_t>, kMaximum>::Set(aggregate);
    case PhysicalType::kInt64: return Extreme<StoredOrder<int64_t>, kMaximum>::Set(aggregate);
    case PhysicalType::kInt128: return Extreme<WideOrder, kMaximum>::Set(aggregate);
    case PhysicalType::kFloat: return Extreme<ApproximateOrder<float>, kMaximum>::Set(aggregate);
    case PhysicalType::kDouble: return Extreme<ApproximateOrder<double>, kMaximum>::Set(aggregate);
    case PhysicalType::kZoned: return Extreme<ZonedOrder, kMaximum>::Set(aggregate);
    case PhysicalType::kString: break;
  }
  return type.id == TypeId::kChar ? Extreme<PaddedTextOrder, kMaximum>::Set(aggregate)
                                  : Extreme<TextOrder, kMaximum>::Set(aggregate);
}

}  // namespace

bool ResolveMinimum(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<false>(argument_type, aggregate);
}
bool ResolveMaximum(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve<true>(argument_type, aggregate);
}

}  // namespace tupelo

// functions/aggregate_percentile.cpp: PERCENTILE_DISC, PERCENTILE_CONT and MODE. Rows are taken in
// in order, so the values of a group are kept as they come and one of them picked by its number.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

#include "functions/aggregate.h"
#include "functions/interval_unit.h"
#include "functions/order.h"

namespace tupelo {
namespace {

template <typename T>
T Keep(const T& value, Arena* heap) {
  if constexpr (std::is_same_v<T, StringRef>) {
    return value.is_inline() ? value : StringRef(heap->CopyString(value.view()));
  }
  return value;
}

// Writes a value that a state holds.
template <typename T>
void WriteResult(const T& value, Vector* result, uint32_t row) {
  if constexpr (std::is_same_v<T, StringRef>) {
    result->MutableData<T>()[row] = result->CopyToHeap(value.view());
  } else {
    result->MutableData<T>()[row] = value;
  }
}

template <typename T>
struct PercentileState {
  T* values;
  uint64_t count, capacity;
  double fraction;
  uint32_t has_fraction;  // 0: no row yet
  uint32_t is_null;       // the fraction is
};

double CheckFraction(double fraction) {
  if (fraction >= 0 && fraction <= 1) return fraction;
  throw Error(ErrorCode::kNumericOutOfRange,
              fmt::format("the fraction of a percentile must be between 0 and 1: {}", fraction));
}

template <typename T>
void Update(const AggregateCall& call) {
  using State = PercentileState<T>;
  const Vector& fractions = *call.more[0];
  for (uint32_t i = 0; i < call.rows.count; ++i) {
    uint32_t row = call.rows[i];
    State& state = StateAt<State>(call.states[i]);
    if (state.has_fraction == 0) {
      state.has_fraction = 1;
      state.is_null = fractions.IsValid(row) ? 0 : 1;
      if (state.is_null == 0) state.fraction = CheckFraction(fractions.At<double>(row));
    }
    if (!call.argument->IsValid(row)) continue;
    if (state.count == state.capacity) {
      uint64_t capacity = std::max<uint64_t>(8, state.capacity * 2);
      T* grown = call.heap->NewArray<T>(capacity);
      if (state.count > 0) {
        std::memcpy(static_cast<void*>(grown), state.values, state.count * sizeof(T));
      }
      state.values = grown;
      state.capacity = capacity;
    }
    state.values[state.count++] = Keep(call.argument->At<T>(row), call.heap);
  }
}

// The first value whose cumulative distribution reaches the fraction.
struct Discrete {
  template <typename T>
  static T Pick(const PercentileState<T>& state, const FunctionData&) {
    auto place =
        static_cast<uint64_t>(std::ceil(state.fraction * static_cast<double>(state.count)));
    return state.values[std::clamp<uint64_t>(place, 1, state.count) - 1];
  }
};
// Between the two values beside the place, by its distance from them. data.a: the unit of an
// interval's last field; 0: of numbers.
struct Continuous {
  template <typename T>
  static T Pick(const PercentileState<T>& state, const FunctionData& data) {
    double place = state.fraction * static_cast<double>(state.count - 1);
    auto below = static_cast<uint64_t>(std::floor(place));
    T low = state.values[below];
    T high = state.values[std::min(below + 1, state.count - 1)];
    double share = place - static_cast<double>(below);
    if constexpr (std::is_floating_point_v<T>) {
      return low + share * (high - low);
    } else {
      auto unit = static_cast<double>(data.a);
      double steps =
          std::round(share * (static_cast<double>(high) - static_cast<double>(low)) / unit);
      return static_cast<T>(low + static_cast<T>(steps * unit));
    }
  }
};

template <typename T, typename Which>
void Finalize(char* const* states, uint32_t count, Vector* result, uint32_t at,
              const FunctionData& data) {
  using State = PercentileState<T>;
  for (uint32_t i = 0; i < count; ++i) {
    const State& state = StateAt<State>(states[i]);
    if (state.count == 0 || state.is_null != 0) {
      result->MutableData<T>()[at + i] = T{};
      result->SetNull(at + i);
    } else {
      WriteResult(Which::Pick(state, data), result, at + i);
    }
  }
}

template <typename T, typename Which>
bool SetPercentile(BoundAggregate* aggregate) {
  aggregate->more_types = {Type::Double()};
  aggregate->needs_order = true;
  aggregate->state_bytes = sizeof(PercentileState<T>);
  aggregate->update = Update<T>;
  aggregate->finalize = Finalize<T, Which>;
  return true;
}

// The state of MODE, packed so that it needs no more than 8 bytes of alignment.
template <typename T>
struct ModeState {
  char best[sizeof(T)];
  char current[sizeof(T)];
  uint64_t best_count, current_count;
};

template <typename T>
T Load(const char* bytes) {
  T value;
  std::memcpy(static_cast<void*>(&value), bytes, sizeof(T));
  return value;
}

// Of several values that are equally frequent the first.
template <typename Order>
struct Mode {
  using T = typename Order::Value;
  using State = ModeState<T>;

  static void Update(const AggregateCall& call) {
    const T* in = call.argument->Data<T>();
    ForEachValidState<State>(call, [&](State& state, uint32_t row) {
      T current = Load<T>(state.current);
      bool same = state.current_count > 0 && !Order::Less(current, in[row]) &&
                  !Order::Less(in[row], current);
      if (same) {
        ++state.current_count;
      } else {
        T kept = Keep(in[row], call.heap);
        std::memcpy(state.current, static_cast<const void*>(&kept), sizeof(T));
        state.current_count = 1;
      }
      if (state.current_count <= state.best_count) return;
      state.best_count = state.current_count;
      std::memcpy(state.best, state.current, sizeof(T));
    });
  }
  static void Finalize(char* const* states, uint32_t count, Vector* result, uint32_t at,
                       const FunctionData&) {
    for (uint32_t i = 0; i < count; ++i) {
      const State& state = StateAt<State>(states[i]);
      if (state.best_count > 0) {
        WriteResult(Load<T>(state.best), result, at + i);
      } else {
        result->MutableData<T>()[at + i] = T{};
        result->SetNull(at + i);
      }
    }
  }
  static bool Set(BoundAggregate* aggregate) {
    aggregate->needs_order = true;
    aggregate->state_bytes = sizeof(State);
    aggregate->update = Update;
    aggregate->finalize = Finalize;
    return true;
  }
};

}  // namespace

bool ResolvePercentileDiscrete(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  Type type = argument_type->id == TypeId::kNull ? Type::Integer() : *argument_type;
  aggregate->result = aggregate->argument_type = type;
  switch (type.physical()) {
    case PhysicalType::kBool: return SetPercentile<uint8_t, Discrete>(aggregate);
    case PhysicalType::kInt16: return SetPercentile<int16_t, Discrete>(aggregate);
    case PhysicalType::kInt32: return SetPercentile<int32_t, Discrete>(aggregate);
    case PhysicalType::kInt64: return SetPercentile<int64_t, Discrete>(aggregate);
    case PhysicalType::kInt128: return SetPercentile<int128_t, Discrete>(aggregate);
    case PhysicalType::kFloat: return SetPercentile<float, Discrete>(aggregate);
    case PhysicalType::kDouble: return SetPercentile<double, Discrete>(aggregate);
    case PhysicalType::kZoned: return SetPercentile<ZonedTime, Discrete>(aggregate);
    case PhysicalType::kString: return SetPercentile<StringRef, Discrete>(aggregate);
  }
  return false;
}

bool ResolvePercentileContinuous(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  if (argument_type->is_interval()) {
    aggregate->result = aggregate->argument_type = *argument_type;
    aggregate->data.a = LeastIntervalUnit(*argument_type);
    return argument_type->id == TypeId::kYearMonth ? SetPercentile<int32_t, Continuous>(aggregate)
                                                   : SetPercentile<int64_t, Continuous>(aggregate);
  }
  if (!argument_type->is_numeric() && argument_type->id != TypeId::kNull) return false;
  aggregate->result = aggregate->argument_type = Type::Double();
  return SetPercentile<double, Continuous>(aggregate);
}

bool ResolveMode(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  Type type = argument_type->id == TypeId::kNull ? Type::Integer() : *argument_type;
  aggregate->result = aggregate->argument_type = type;
  switch (type.physical()) {
    case PhysicalType::kBool: return Mode<StoredOrder<uint8_t>>::Set(aggregate);
    case PhysicalType::kInt16: return Mode<StoredOrder<int16_t>>::Set(aggregate);
    case PhysicalType::kInt32: return Mode<StoredOrder<int32_t>>::Set(aggregate);
    case PhysicalType::kInt64: return Mode<StoredOrder<int64_t>>::Set(aggregate);
    case PhysicalType::kInt128: return Mode<WideOrder>::Set(aggregate);
    case PhysicalType::kFloat: return Mode<ApproximateOrder<float>>::Set(aggregate);
    case PhysicalType::kDouble: return Mode<ApproximateOrder<double>>::Set(aggregate);
    case PhysicalType::kZoned: return Mode<ZonedOrder>::Set(aggregate);
    case PhysicalType::kString: break;
  }
  return type.id == TypeId::kChar ? Mode<PaddedTextOrder>::Set(aggregate)
                                  : Mode<TextOrder>::Set(aggregate);
}

}  // namespace tupelo

// functions/aggregate.h: what the aggregates share: loops over valid rows, and the families'
// resolvers.
//
// States are aligned to 8 bytes, no more: they lie in rows of hash tables.
#pragma once

#include "functions/kernel.h"
#include "types/string_ref.h"

namespace tupelo {

typedef int128_t Int128Aligned8 __attribute__((aligned(8)));

// Whether all that is taken in is a dense array that is worth RunAtLevel.
inline bool IsForLevels(const Vector& argument, Rows rows) {
  return !argument.is_constant() && !argument.may_have_nulls() && IsForLevels(rows);
}

// Runs `body(row)` for each row of `rows` where `argument` is not null; whole words of 64 rows
// first, so that the usual case is a loop without tests. A constant argument gives its row 0
// rows.count times.
template <typename Body>
inline void ForEachValidArgument(const Vector& argument, Rows rows, Body&& body) {
  const uint64_t* validity = argument.validity();
  if (argument.is_constant()) {
    if (!argument.IsValid(0)) return;
    for (uint32_t i = 0; i < rows.count; ++i) body(uint32_t{0});
  } else if (validity == nullptr) {
    ForEachRow(rows, body);
  } else if (!rows.is_dense()) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      uint32_t row = rows.rows[i];
      if ((validity[row / 64] >> (row % 64)) & 1) body(row);
    }
  } else {
    for (uint32_t base = 0; base < rows.count; base += 64) {
      uint32_t rest = rows.count - base;
      uint64_t word = validity[base / 64];
      if (rest < 64) word &= (uint64_t{1} << rest) - 1;
      if (word == ~uint64_t{0}) {
        for (uint32_t row = base; row < base + 64; ++row) body(row);
      } else {
        for (; word != 0; word &= word - 1)
          body(base + static_cast<uint32_t>(__builtin_ctzll(word)));
      }
    }
  }
}

// Runs `body(state, row)` for each position of the call whose argument is not null.
template <typename State, typename Body>
inline void ForEachValidState(const AggregateCall& call, Body&& body) {
  const Vector& argument = *call.argument;
  bool all_valid = !argument.may_have_nulls();
  for (uint32_t i = 0; i < call.rows.count; ++i) {
    uint32_t row = call.rows[i];
    if (all_valid || argument.IsValid(row))
      body(*reinterpret_cast<State*>(call.states[i]), argument.Index(row));
  }
}

template <typename State>
inline State& StateAt(char* state) {
  return *reinterpret_cast<State*>(state);
}
template <typename State>
inline const State& StateAt(const char* state) {
  return *reinterpret_cast<const State*>(state);
}

// One row of the table of aggregates. `resolve` fills in everything but the name; false: does not
// take that type.
struct AggregateRow {
  std::string_view name;
  std::string_view takes;
  bool (*resolve)(const Type* argument_type, BoundAggregate* aggregate);
  AggregateForm form = AggregateForm::kOneArgument;
};

bool ResolveCount(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveSum(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveAverage(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveMinimum(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveMaximum(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveEvery(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveAny(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveAnyValue(const Type* argument_type, BoundAggregate* aggregate);

bool ResolveTotal(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveBitAnd(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveBitOr(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveBitXor(const Type* argument_type, BoundAggregate* aggregate);

bool ResolveVariancePopulation(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveVarianceSample(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveDeviationPopulation(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveDeviationSample(const Type* argument_type, BoundAggregate* aggregate);

// Of two numbers, the dependent one first.
bool ResolveCovariancePopulation(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveCovarianceSample(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveCorrelation(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveRegressionCount(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveRegressionSlope(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveRegressionIntercept(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveRegressionR2(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveRegressionAverageX(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveRegressionAverageY(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveRegressionSxx(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveRegressionSyy(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveRegressionSxy(const Type* argument_type, BoundAggregate* aggregate);

bool ResolveStringAggregate(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveListagg(const Type* argument_type, BoundAggregate* aggregate);
bool ResolvePercentileDiscrete(const Type* argument_type, BoundAggregate* aggregate);
bool ResolvePercentileContinuous(const Type* argument_type, BoundAggregate* aggregate);
bool ResolveMode(const Type* argument_type, BoundAggregate* aggregate);

}  // namespace tupelo

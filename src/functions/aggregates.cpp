// functions/aggregates.cpp: the table of aggregates.
#include <fmt/format.h>

#include "functions/aggregate.h"

namespace tupelo {
namespace {

constexpr std::string_view kOrdered = "one value of a type with an order";
constexpr std::string_view kNumbers = "two numbers, the dependent one first";
constexpr AggregateForm kTwo = AggregateForm::kTwoArguments;

constexpr AggregateRow kRows[] = {
    {"COUNT", "* or one value", ResolveCount},
    {"SUM", "a number or an interval", ResolveSum},
    {"AVG", "a number or an interval", ResolveAverage},
    {"MIN", kOrdered, ResolveMinimum},
    {"MAX", kOrdered, ResolveMaximum},
    {"EVERY", "a Boolean", ResolveEvery},
    {"ANY", "a Boolean", ResolveAny},
    {"SOME", "a Boolean", ResolveAny},
    {"BOOL_AND", "a Boolean", ResolveEvery},
    {"BOOL_OR", "a Boolean", ResolveAny},
    {"TOTAL", "a number", ResolveTotal},
    {"BIT_AND", "an integer", ResolveBitAnd},
    {"BIT_OR", "an integer", ResolveBitOr},
    {"BIT_XOR", "an integer", ResolveBitXor},
    {"ANY_VALUE", "one value", ResolveAnyValue},
    {"VAR_POP", "a number", ResolveVariancePopulation},
    {"VAR_SAMP", "a number", ResolveVarianceSample},
    {"VARIANCE", "a number", ResolveVarianceSample},
    {"STDDEV_POP", "a number", ResolveDeviationPopulation},
    {"STDDEV_SAMP", "a number", ResolveDeviationSample},
    {"STDDEV", "a number", ResolveDeviationSample},
    {"COVAR_POP", kNumbers, ResolveCovariancePopulation, kTwo},
    {"COVAR_SAMP", kNumbers, ResolveCovarianceSample, kTwo},
    {"CORR", kNumbers, ResolveCorrelation, kTwo},
    {"REGR_COUNT", kNumbers, ResolveRegressionCount, kTwo},
    {"REGR_SLOPE", kNumbers, ResolveRegressionSlope, kTwo},
    {"REGR_INTERCEPT", kNumbers, ResolveRegressionIntercept, kTwo},
    {"REGR_R2", kNumbers, ResolveRegressionR2, kTwo},
    {"REGR_AVGX", kNumbers, ResolveRegressionAverageX, kTwo},
    {"REGR_AVGY", kNumbers, ResolveRegressionAverageY, kTwo},
    {"REGR_SXX", kNumbers, ResolveRegressionSxx, kTwo},
    {"REGR_SYY", kNumbers, ResolveRegressionSyy, kTwo},
    {"REGR_SXY", kNumbers, ResolveRegressionSxy, kTwo},
    {"STRING_AGG", "two strings", ResolveStringAggregate, AggregateForm::kConcatenation},
    {"GROUP_CONCAT", "a value and a string", ResolveStringAggregate, AggregateForm::kConcatenation},
    {"LISTAGG", "one or two character strings", ResolveListagg, AggregateForm::kListagg},
    {"PERCENTILE_DISC", "a fraction, WITHIN GROUP (ORDER BY one value of a type with an order)",
     ResolvePercentileDiscrete, AggregateForm::kPercentile},
    {"PERCENTILE_CONT", "a fraction, WITHIN GROUP (ORDER BY a number or an interval)",
     ResolvePercentileContinuous, AggregateForm::kPercentile},
    {"MEDIAN", "a number or an interval", ResolvePercentileContinuous},
    {"MODE", "nothing, WITHIN GROUP (ORDER BY one value of a type with an order)", ResolveMode,
     AggregateForm::kMode},
};

// Whether a value of `type` can be given where `wanted` is.
bool Fits(const Type& type, const Type& wanted) {
  if (type.id == TypeId::kNull || type.family() == wanted.family()) return true;
  return wanted.is_approximate() && type.is_exact();
}

const AggregateRow* Find(std::string_view name) {
  for (const AggregateRow& row : kRows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

BoundAggregate ResolveAggregate(std::string_view name, const Type* argument_type,
                                std::span<const Type> more_types) {
  const AggregateRow* row = Find(name);
  if (row == nullptr) {
    throw Error(ErrorCode::kUndefinedFunction, fmt::format("aggregate does not exist: {}", name));
  }
  BoundAggregate aggregate;
  aggregate.name = row->name;
  bool fits = row->resolve(argument_type, &aggregate);
  fits = fits && aggregate.more_types.size() >= more_types.size();
  for (size_t i = 0; fits && i < more_types.size(); ++i) {
    fits = Fits(more_types[i], aggregate.more_types[i]);
  }
  if (!fits) {
    std::string given = argument_type == nullptr ? "*" : argument_type->ToString();
    for (const Type& type : more_types) given += ", " + type.ToString();
    throw Error(ErrorCode::kUndefinedFunction,
                fmt::format("{} takes {}; it was given {}", name, row->takes, given));
  }
  return aggregate;
}

AggregateForm FormOfAggregate(std::string_view name) { return Find(name)->form; }

bool AggregateExists(std::string_view name) { return Find(name) != nullptr; }

}  // namespace tupelo

// functions/aggregates.cpp: the table of aggregates.
#include <fmt/format.h>

#include "functions/aggregate.h"

namespace tupelo {
namespace {

constexpr AggregateRow kRows[] = {
    {"COUNT", "* or one value", ResolveCount},
    {"SUM", "a number or an interval", ResolveSum},
    {"AVG", "a number or an interval", ResolveAverage},
    {"MIN", "one value of a type with an order", ResolveMinimum},
    {"MAX", "one value of a type with an order", ResolveMaximum},
    {"EVERY", "a Boolean", ResolveEvery},
    {"ANY", "a Boolean", ResolveAny},
    {"SOME", "a Boolean", ResolveAny},
};

const AggregateRow* Find(std::string_view name) {
  for (const AggregateRow& row : kRows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

BoundAggregate ResolveAggregate(std::string_view name, const Type* argument_type) {
  const AggregateRow* row = Find(name);
  if (row == nullptr) {
    throw Error(ErrorCode::kUndefinedFunction, fmt::format("aggregate does not exist: {}", name));
  }
  BoundAggregate aggregate;
  aggregate.name = row->name;
  if (!row->resolve(argument_type, &aggregate)) {
    throw Error(ErrorCode::kUndefinedFunction,
                fmt::format("{} takes {}; it was given {}", name, row->takes,
                            argument_type == nullptr ? "*" : argument_type->ToString()));
  }
  return aggregate;
}

bool AggregateExists(std::string_view name) { return Find(name) != nullptr; }

}  // namespace tupelo

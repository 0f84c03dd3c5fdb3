// functions/registry.cpp: look-up of functions by name and argument types.
#include "functions/registry.h"

#include <fmt/format.h>
#include <unordered_map>

namespace tupelo {
namespace {

using RowsByName = std::unordered_map<std::string_view, std::vector<const FunctionRow*>>;

const RowsByName& AllFunctions() {
  static const RowsByName rows = [] {
    RowsByName all;
    for (auto family : {ArithmeticFunctions(),  BooleanFunctions(),        ComparisonFunctions(),
                        DatetimeFunctions(),    DatetimePartFunctions(),   ExtractFunctions(),
                        ExtractMoreFunctions(), GreatestLeastFunctions(),  IntegerMathFunctions(),
                        LikeFunctions(),        MathFunctions(),           NormalizeFunctions(),
                        NumericFunctions(),     OverlapsFunctions(),       RandomFunctions(),
                        RegexpFunctions(),      RoundingFunctions(),       SessionFunctions(),
                        SimilarFunctions(),     StringFunctions(),         StringPaddingFunctions(),
                        StringPartFunctions(),  SubstringFunctions(),      AnyValueFunctions(),
                        BitFunctions(),         EncodingFunctions(),       FormatFunctions(),
                        QuotingFunctions(),     SqliteDatetimeFunctions(), ToCharFunctions()}) {
      for (const FunctionRow& row : family) all[row.name].push_back(&row);
    }
    return all;
  }();
  return rows;
}

std::span<const FunctionRow* const> RowsOf(std::string_view name) {
  auto found = AllFunctions().find(name);
  if (found == AllFunctions().end()) {
    throw Error(ErrorCode::kUndefinedFunction, fmt::format("function does not exist: {}", name));
  }
  return found->second;
}

[[noreturn]] void RaiseNoMatch(std::string_view name, std::span<const Type> types) {
  std::string takes;
  for (const FunctionRow* row : RowsOf(name)) {
    if (!takes.empty()) takes += "; or ";
    takes += row->takes;
  }
  throw Error(ErrorCode::kUndefinedFunction,
              fmt::format("{} takes {}; it was given {}", name, takes, DescribeTypes(types)));
}

}  // namespace

std::string DescribeTypes(std::span<const Type> types) {
  std::string text = "(";
  for (const Type& type : types) {
    if (text.size() > 1) text += ", ";
    text += type.ToString();
  }
  return text + ")";
}

BoundFunction ResolveFunction(std::string_view name, std::span<const Type> argument_types) {
  for (const FunctionRow* row : RowsOf(name)) {
    BoundFunction function;
    if (row->resolve(argument_types, &function)) {
      function.name = row->name;
      return function;
    }
  }
  RaiseNoMatch(name, argument_types);
}

bool FunctionExists(std::string_view name) { return AllFunctions().contains(name); }

}  // namespace tupelo

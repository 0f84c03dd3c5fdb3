// functions/registry.h: the table of functions: one row per name and kind of arguments.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "functions/function.h"

namespace tupelo {

// One row of a family's table. A name may have several rows, in one family or in several; the first
// whose resolver accepts the arguments is taken.
struct FunctionRow {
  std::string_view name;
  std::string_view takes;  // for errors: "two numbers", "a string and one or two integers"
  // Fills in everything of `function` but the name. False when the arguments do not fit.
  // An untyped NULL (TypeId::kNull) among `types` fits every parameter.
  bool (*resolve)(std::span<const Type> types, BoundFunction* function);
};

// A family of functions; each is defined in the file of its name.
std::span<const FunctionRow> AnyValueFunctions();
std::span<const FunctionRow> ArithmeticFunctions();
std::span<const FunctionRow> BitFunctions();
std::span<const FunctionRow> BooleanFunctions();
std::span<const FunctionRow> ComparisonFunctions();
std::span<const FunctionRow> DatetimeFunctions();
std::span<const FunctionRow> DatetimePartFunctions();
std::span<const FunctionRow> EncodingFunctions();
std::span<const FunctionRow> ExtractFunctions();
std::span<const FunctionRow> ExtractMoreFunctions();
std::span<const FunctionRow> GreatestLeastFunctions();
std::span<const FunctionRow> IntegerMathFunctions();
std::span<const FunctionRow> LikeFunctions();
std::span<const FunctionRow> MathFunctions();
std::span<const FunctionRow> NormalizeFunctions();
std::span<const FunctionRow> NumericFunctions();
std::span<const FunctionRow> OverlapsFunctions();
std::span<const FunctionRow> QuotingFunctions();
std::span<const FunctionRow> RandomFunctions();
std::span<const FunctionRow> RegexpFunctions();
std::span<const FunctionRow> RoundingFunctions();
std::span<const FunctionRow> SessionFunctions();
std::span<const FunctionRow> SimilarFunctions();
std::span<const FunctionRow> StringFunctions();
std::span<const FunctionRow> StringPaddingFunctions();
std::span<const FunctionRow> StringPartFunctions();
std::span<const FunctionRow> SqliteDatetimeFunctions();
std::span<const FunctionRow> SubstringFunctions();
std::span<const FunctionRow> ToCharFunctions();
std::span<const FunctionRow> FormatFunctions();

// "(INTEGER, DATE)".
std::string DescribeTypes(std::span<const Type> types);

// `type`, or `instead` for the untyped NULL.
inline Type TypeOr(const Type& type, const Type& instead) {
  return type.id == TypeId::kNull ? instead : type;
}

}  // namespace tupelo

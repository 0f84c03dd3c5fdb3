// functions/function.h: what a SQL function or operator is: a signature and a kernel.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/interruption.h"
#include "types/time_zone.h"
#include "types/type.h"
#include "types/vector.h"

namespace tupelo {

// What a kernel may know of the statement it runs in.
struct EvaluationContext {
  int64_t statement_time_us =
      0;  // CURRENT_TIMESTAMP: microseconds since the epoch in UTC, one for the whole statement
  TimeZone time_zone;                          // the session's
  std::string_view user_name;                  // CURRENT_USER
  const Interruption* interruption = nullptr;  // nullptr: nothing can end it

  // Kernels call it now and then where a few rows can take long.
  void CheckInterrupt() const {
    if (interruption != nullptr) interruption->Check();
  }
};

// Constants fixed at bind time that a kernel needs besides its arguments; meaning is the function's
// own.
struct FunctionData {
  int64_t a = 0, b = 0;  // e.g. the power of ten that aligns two scales
  Type type;             // e.g. the target of a cast
};

// One call of a kernel. For each row of `rows`: result[row] = f(arguments[0][row], ...).
// Arguments are flat or constant; when all are constant the evaluator calls with rows = {nullptr,
// 1} and makes the result constant itself, so a kernel always writes flat. The kernel prepares the
// result (PrepareWrite) itself. Errors are raised only for rows in `rows` whose arguments call for
// it; a kernel throws Error without a position, the evaluator adds the place.
struct KernelCall {
  std::span<const Vector* const> arguments;
  Vector* result;
  Rows rows;
  const FunctionData* data;
  const EvaluationContext* context;
};
using Kernel = void (*)(const KernelCall& call);

// A function chosen for given argument types.
struct BoundFunction {
  std::string_view name;  // as EXPLAIN and errors show it: "+", "UPPER", "="
  Type result;
  std::vector<Type>
      argument_types;  // the binder casts each argument to its type here (equal type: no cast)
  Kernel kernel = nullptr;
  FunctionData data;
  bool is_deterministic = true;  // false: never folded at plan time (CURRENT_TIMESTAMP ...)
  bool may_fail = true;          // false: can be evaluated on rows that a guard would have excluded
};

// Finds the function `name` (upper case; operators by symbol: "+", "-", "*", "/", "||", "=", "<>",
// "<", "<=", ">",
// ">=", "NOT", unary minus "NEG", "LIKE", "IS DISTINCT FROM", "IS NULL", "IS TRUE" ...) for these
// argument types. Throws kUndefinedFunction (unknown name, or no such operand types: names what
// exists), kFeatureNotSupported. The untyped NULL fits any parameter. AND, OR, CASE, COALESCE,
// NULLIF and IN are not functions: the evaluator has them.
BoundFunction ResolveFunction(std::string_view name, std::span<const Type> argument_types);
// Whether any scalar function of that name exists.
bool FunctionExists(std::string_view name);

enum class CastKind : uint8_t {
  kExplicit,    // CAST(x AS t): strings are cut, numbers rounded (SQL:1999 part 2, 6.22)
  kAssignment,  // storing into a column: 22001 when non-blank characters would be lost (9.2 "Store
                // assignment")
  kImplicit,    // within an expression: widening only, never loses anything
};
// The kernel that converts `from` to `to` (one argument). Returns false when no such conversion
// exists (42846 / 42804 is the caller's error). Also length and precision coercion within one type.
// equal types: returns true, kernel nullptr. Character to datetime/interval is allowed for
// kAssignment and kImplicit too (the text is that type's literal, 22007 otherwise); character to
// number/boolean and back only for kExplicit (22018 when the text is not one).
bool ResolveCast(const Type& from, const Type& to, CastKind kind, BoundFunction* cast);

// The conversion of a host parameter of type `from` that is stored into a column of type `to`.
// Stricter than an assignment: nothing is rounded. Integers go into any numeric type; DECIMAL into
// an exact one that keeps every digit (22003), never into an approximate one (false); an
// approximate number into another, and into an exact one only when it is whole (22003); text into
// text (22001), and into a datetime or interval as its literal (22007), never into a number or
// Boolean (false). Everything else as kAssignment.
bool ResolveParameterCast(const Type& from, const Type& to, BoundFunction* cast);

// The result types of + - * / and of the aggregates stand in docs/types_of_results.md.
//
// Names and arguments of what SQL writes in a form of its own:
// - POSITION(sought, text), SUBSTRING(text, start[, length]), OVERLAY(text, placing, start[,
// length])
// - TRIM_BOTH, TRIM_LEADING, TRIM_TRAILING(text[, character]); LIKE(text, pattern[, escape])
// - EXTRACT_YEAR to EXTRACT_SECOND, EXTRACT_TIMEZONE_HOUR, EXTRACT_TIMEZONE_MINUTE(value)
// - AT_TIME_ZONE(datetime, interval), AT_LOCAL(datetime)
// - (a - b) DAY TO SECOND: "-" under a cast; (a - b) YEAR TO MONTH: SUBTRACT_YEAR_MONTH(a, b)
// - CURRENT_TIMESTAMP, LOCALTIME ...: no arguments, six fractional digits; a cast gives fewer

// Aggregates: state of one group: `state_bytes` bytes, aligned to 8, zero-initialized by the
// caller, then Init. Groups live in rows of a hash table.
struct AggregateCall {
  const Vector* argument;  // nullptr for COUNT(*)
  Rows rows;               // rows to take in; row i of the list goes to states[i]
  char* const* states;     // per position of `rows` (not per row number)
  Arena* heap;             // lives as long as the states (strings of MIN/MAX)
  const FunctionData* data;
  const Vector* const* more = nullptr;  // the other arguments, as BoundAggregate::more_types
};
struct BoundAggregate {
  std::string_view name;  // "COUNT", "SUM", "AVG", "MIN", "MAX", "EVERY", "ANY"
  Type result;
  Type argument_type;            // the binder casts to it
  std::vector<Type> more_types;  // of the other arguments
  bool needs_order = false;      // the result goes by the order in which rows are taken in
  uint32_t state_bytes = 0;
  FunctionData data;
  void (*init)(char* state, const FunctionData& data) = nullptr;  // nullptr: zeroes will do
  void (*update)(const AggregateCall& call) = nullptr;            // ignores nulls
  // All rows into one state: the fast way when there is no GROUP BY. nullptr: update it is.
  void (*update_single)(const Vector* argument, Rows rows, char* state, Arena* heap,
                        const FunctionData& data) = nullptr;
  // The rows of `source` come after those of `target`. nullptr: states can't be combined.
  void (*combine)(const char* source, char* target, Arena* heap,
                  const FunctionData& data) = nullptr;
  // Takes rows out again that were taken in, exactly; nullptr: not possible.
  void (*retract)(const Vector* argument, Rows rows, char* state) = nullptr;
  // Writes states[i] to result row at + i; SQL:1999 6.16: null for no rows (COUNT: 0). Throws 22003
  // on overflow.
  void (*finalize)(char* const* states, uint32_t count, Vector* result, uint32_t at,
                   const FunctionData& data) = nullptr;
};
// How an aggregate is called.
enum class AggregateForm : uint8_t {
  kOneArgument,    // SUM(x), COUNT(*)
  kTwoArguments,   // CORR(y, x)
  kConcatenation,  // STRING_AGG(x, separator): the order of rows matters
  kListagg,        // LISTAGG(x [, separator] [ON OVERFLOW ...]) WITHIN GROUP (ORDER BY ...)
  kPercentile,     // PERCENTILE_DISC(fraction) WITHIN GROUP (ORDER BY x): x is the argument
  kMode,           // MODE() WITHIN GROUP (ORDER BY x)
};
// Of LISTAGG: FunctionData::a is the longest result in bytes, b what happens beyond it.
enum class ListOverflow : int64_t { kError, kTruncate, kTruncateWithCount };

// `argument_type` is nullptr for COUNT(*). Throws kUndefinedFunction.
BoundAggregate ResolveAggregate(std::string_view name, const Type* argument_type,
                                std::span<const Type> more_types = {});
bool AggregateExists(std::string_view name);
// REQUIRES: AggregateExists.
AggregateForm FormOfAggregate(std::string_view name);

}  // namespace tupelo

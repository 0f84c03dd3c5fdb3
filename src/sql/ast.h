// sql/ast.h: what all nodes of the syntax tree share: names, lists, types as written.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "types/type.h"

namespace tupelo::ast {

// The tree is what was written, nothing resolved, nothing folded. Rules for all of its nodes:
// - They lie in the arena given to the parser, are trivially destructible, and are immutable once
//   parsed.
// - Their string_views point into the SQL text or into the arena: both must outlive the tree.
// - Positions are byte offsets into the SQL text; [position, end) is what the node was read from.
// - Long flat text makes wide nodes, not deep ones: `a + b - c`, `a AND b AND c`, joins and set
//   operations are one node with a list. So no path through expressions and queries is longer than
//   kMaxNestingDepth nodes, nor one through parenthesised joins or queries: walking the tree by
//   recursion is safe.
inline constexpr uint32_t kMaxNestingDepth = 1000;
inline constexpr uint32_t kMaxParameters = 65535;
inline constexpr uint32_t kMaxIdentifierCharacters = 128;

template <typename T>
using List = std::span<const T>;

// A name: the characters as typed, without the quotes and with "" undone when it was quoted. The
// binder folds case. An empty text means that no name was given: "" is not a valid name.
struct Identifier {
  std::string_view text;
  bool quoted = false;
  Position position = kNoPosition;

  bool empty() const { return text.empty(); }
};

// a, s.a, c.s.a: outermost qualifier first. Empty where no name was given.
struct QualifiedName {
  List<Identifier> parts;

  bool empty() const { return parts.empty(); }
  Position position() const { return parts.empty() ? kNoPosition : parts.front().position; }
  const Identifier& last() const { return parts.back(); }
};

enum class TypeKind : uint8_t {
  kBoolean,
  kSmallInt,
  kInteger,
  kBigInt,
  kNumeric,  // NUMERIC, DECIMAL, DEC: precision and scale
  kReal,
  kDouble,
  kFloat,  // FLOAT: precision, in bits
  kChar,   // CHAR, NCHAR: length
  kVarchar,
  kClob,
  kBlob,
  kDate,
  kTime,       // precision, with_time_zone
  kTimestamp,  // precision, with_time_zone
  kInterval,   // interval
};

// YEAR, DAY TO SECOND, SECOND(2, 3) ...: start == end for a single field.
struct IntervalQualifier {
  IntervalField start = IntervalField::kYear;
  IntervalField end = IntervalField::kYear;
  int32_t leading_precision = -1;     // -1: not given
  int32_t fractional_precision = -1;  // of SECOND; -1: not given
};

// A type as written: the binder checks the numbers (they are at most INT32_MAX) and makes a Type of
// it.
struct TypeName {
  TypeKind kind = TypeKind::kInteger;
  bool with_time_zone = false;
  int64_t length = -1;     // of kChar, kVarchar, kClob, kBlob, K/M/G multiplied in; -1: not given
  int32_t precision = -1;  // -1: not given
  int32_t scale = -1;      // -1: not given
  IntervalQualifier interval;
  Position position = kNoPosition;
  Position end = kNoPosition;
};

struct Expression;
struct QueryExpression;
struct Statement;

}  // namespace tupelo::ast

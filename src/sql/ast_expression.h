// sql/ast_expression.h: the syntax tree of value expressions and predicates.
#pragma once

#include <cassert>

#include "sql/ast.h"
#include "sql/ast_window.h"

namespace tupelo::ast {

enum class ExpressionKind : uint8_t {
  kLiteral,
  kColumnReference,
  kParameter,
  kUnary,
  kChain,
  kLogical,
  kComparison,
  kBetween,
  kInList,
  kInQuery,
  kLike,
  kIsNull,
  kIsTruth,
  kIsDistinct,
  kCase,
  kNullIf,
  kCoalesce,
  kCast,
  kExtract,
  kTrim,
  kSpecialValue,
  kNextValue,
  kFunctionCall,
  kAtTimeZone,
  kIntervalDifference,
  kSubquery,
  kExists,
  kQuantified,
  kUnique,
  kOverlaps,
  kMatch,
  kIsNormalized,
  kRow,
  kDefault,
};

struct Expression {
  ExpressionKind kind;
  uint16_t height = 1;              // levels of the tree from here down, queries inside included
  Position position = kNoPosition;  // of its first token
  Position end = kNoPosition;

 protected:
  explicit Expression(ExpressionKind k) : kind(k) {}
};

// The node as what its kind says it is.
template <typename T>
const T& As(const Expression& expression) {
  assert(expression.kind == T::kKind);
  return static_cast<const T&>(expression);
}

// Gives a node type its kind.
template <ExpressionKind kind_of_node>
struct ExpressionOf : Expression {
  static constexpr ExpressionKind kKind = kind_of_node;
  ExpressionOf() : Expression(kind_of_node) {}
};

enum class LiteralKind : uint8_t {
  kExact,        // 1, 1.5, .5: text as written
  kApproximate,  // 1e5: text as written
  kCharacter,    // '..' and adjacent literals, '' undone
  kNational,     // N'..', the same
  kBinary,       // X'..': text holds the bytes
  kTrue,
  kFalse,
  kUnknown,
  kNull,
  kDate,       // DATE '..': text holds what stood between the quotes
  kTime,       // TIME '..'
  kTimestamp,  // TIMESTAMP '..'
  kInterval,   // INTERVAL [+|-] '..' qualifier
};

struct LiteralExpression : ExpressionOf<ExpressionKind::kLiteral> {
  LiteralKind literal = LiteralKind::kNull;
  bool negative = false;  // kInterval: the sign before the quote is minus
  std::string_view text;
  IntervalQualifier interval;  // kInterval
};

struct ColumnReference : ExpressionOf<ExpressionKind::kColumnReference> {
  QualifiedName name;
};

// `?` and `:name`. Equal names have one index.
struct ParameterExpression : ExpressionOf<ExpressionKind::kParameter> {
  uint32_t index = 0;
  std::string_view name;  // empty for `?`
};

enum class UnaryOperator : uint8_t { kPlus, kMinus, kNot, kBitNot };

struct UnaryExpression : ExpressionOf<ExpressionKind::kUnary> {
  UnaryOperator op = UnaryOperator::kPlus;
  const Expression* operand = nullptr;
};

enum class BinaryOperator : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kConcatenate,
  kBitAnd,
  kBitOr,
  kBitXor,
  kShiftLeft,
  kShiftRight,
};

struct ChainLink {
  BinaryOperator op = BinaryOperator::kAdd;
  Position position = kNoPosition;  // of the operator
  const Expression* operand = nullptr;
};

// first op operand op operand ..., evaluated from left to right. Operators of one chain have the
// same precedence: all + and -, or all *, / and %, or all || and bit
// operators. `a + b` is a chain with one link.
struct ChainExpression : ExpressionOf<ExpressionKind::kChain> {
  const Expression* first = nullptr;
  List<ChainLink> links;
};

enum class LogicalOperator : uint8_t { kAnd, kOr };

// Two operands or more, joined by one operator.
struct LogicalExpression : ExpressionOf<ExpressionKind::kLogical> {
  LogicalOperator op = LogicalOperator::kAnd;
  List<const Expression*> operands;
};

enum class ComparisonOperator : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
};

struct ComparisonExpression : ExpressionOf<ExpressionKind::kComparison> {
  ComparisonOperator op = ComparisonOperator::kEqual;
  Position operator_position = kNoPosition;
  const Expression* left = nullptr;
  const Expression* right = nullptr;
};

struct BetweenExpression : ExpressionOf<ExpressionKind::kBetween> {
  bool negated = false;
  bool symmetric = false;
  const Expression* value = nullptr;
  const Expression* low = nullptr;
  const Expression* high = nullptr;
};

struct InListExpression : ExpressionOf<ExpressionKind::kInList> {
  bool negated = false;
  const Expression* value = nullptr;
  List<const Expression*> items;  // one or more
};

struct InQueryExpression : ExpressionOf<ExpressionKind::kInQuery> {
  bool negated = false;
  const Expression* value = nullptr;
  const QueryExpression* query = nullptr;
};

// Predicates on text and a pattern.
enum class PatternKind : uint8_t { kLike, kIlike, kSimilar, kGlob, kLikeRegex };

struct LikeExpression : ExpressionOf<ExpressionKind::kLike> {
  PatternKind pattern_kind = PatternKind::kLike;
  bool negated = false;
  const Expression* value = nullptr;
  const Expression* pattern = nullptr;
  const Expression* escape = nullptr;  // ESCAPE, of LIKE_REGEX FLAG; may be nullptr
};

struct IsNullExpression : ExpressionOf<ExpressionKind::kIsNull> {
  bool negated = false;
  const Expression* value = nullptr;
};

enum class TruthValue : uint8_t { kTrue, kFalse, kUnknown };

struct IsTruthExpression : ExpressionOf<ExpressionKind::kIsTruth> {
  bool negated = false;
  TruthValue truth = TruthValue::kTrue;
  const Expression* value = nullptr;
};

// left IS [NOT] DISTINCT FROM right
struct IsDistinctExpression : ExpressionOf<ExpressionKind::kIsDistinct> {
  bool negated = false;
  const Expression* left = nullptr;
  const Expression* right = nullptr;
};

struct CaseBranch {
  const Expression* when = nullptr;
  const Expression* then = nullptr;
};

struct CaseExpression : ExpressionOf<ExpressionKind::kCase> {
  const Expression* operand = nullptr;    // of the simple form, else nullptr
  List<CaseBranch> branches;              // one or more
  const Expression* otherwise = nullptr;  // ELSE; may be nullptr
};

struct NullIfExpression : ExpressionOf<ExpressionKind::kNullIf> {
  const Expression* left = nullptr;
  const Expression* right = nullptr;
};

struct CoalesceExpression : ExpressionOf<ExpressionKind::kCoalesce> {
  List<const Expression*> operands;  // one or more
};

struct CastExpression : ExpressionOf<ExpressionKind::kCast> {
  const Expression* operand = nullptr;
  TypeName type;
};

enum class ExtractField : uint8_t {
  kYear,
  kMonth,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kTimezoneHour,
  kTimezoneMinute,
  // Extensions.
  kEpoch,
  kMicroseconds,
  kMilliseconds,
  kWeek,
  kQuarter,
  kDecade,
  kCentury,
  kMillennium,
  kDow,
  kIsodow,
  kDoy,
  kIsoyear,
};

inline constexpr std::string_view kExtractFieldNames[] = {
    "YEAR",          "MONTH",           "DAY",     "HOUR",         "MINUTE",       "SECOND",
    "TIMEZONE_HOUR", "TIMEZONE_MINUTE", "EPOCH",   "MICROSECONDS", "MILLISECONDS", "WEEK",
    "QUARTER",       "DECADE",          "CENTURY", "MILLENNIUM",   "DOW",          "ISODOW",
    "DOY",           "ISOYEAR"};

struct ExtractExpression : ExpressionOf<ExpressionKind::kExtract> {
  ExtractField field = ExtractField::kYear;
  const Expression* source = nullptr;
};

enum class TrimSide : uint8_t { kBoth, kLeading, kTrailing };

struct TrimExpression : ExpressionOf<ExpressionKind::kTrim> {
  TrimSide side = TrimSide::kBoth;
  const Expression* characters = nullptr;  // nullptr: a space
  const Expression* source = nullptr;
};

enum class SpecialValue : uint8_t {
  kCurrentDate,
  kCurrentTime,
  kCurrentTimestamp,
  kLocalTime,
  kLocalTimestamp,
  kCurrentUser,  // USER too
  kSessionUser,
  kSystemUser,
};

struct SpecialValueExpression : ExpressionOf<ExpressionKind::kSpecialValue> {
  SpecialValue value = SpecialValue::kCurrentDate;
  int32_t precision = -1;  // of the times; -1: not given
};

// NEXT VALUE FOR sequence
struct NextValueExpression : ExpressionOf<ExpressionKind::kNextValue> {
  QualifiedName sequence;
};

enum class SetQuantifier : uint8_t { kNone, kAll, kDistinct };

// How a call was written, for printing it; the arguments are in the same order however it was
// written.
enum class CallSyntax : uint8_t {
  kPlain,      // NAME(a, b)
  kSubstring,  // SUBSTRING(a FROM b [FOR c])
  kPosition,   // POSITION(a IN b)
  kOverlay,    // OVERLAY(a PLACING b FROM c [FOR d])
  kSimilar,    // SUBSTRING(a SIMILAR b ESCAPE c)
};

struct FunctionCall : ExpressionOf<ExpressionKind::kFunctionCall> {
  QualifiedName name;  // SUBSTRING, POSITION and OVERLAY among them
  CallSyntax syntax = CallSyntax::kPlain;
  SetQuantifier quantifier = SetQuantifier::kNone;
  bool star = false;  // NAME(*)
  List<const Expression*> arguments;
  const Expression* filter = nullptr;    // FILTER (WHERE filter); may be nullptr
  const CallClauses* clauses = nullptr;  // nullptr: none of them
};

struct AtTimeZoneExpression : ExpressionOf<ExpressionKind::kAtTimeZone> {
  const Expression* value = nullptr;
  const Expression* zone = nullptr;  // nullptr: AT LOCAL
};

// (a - b) DAY TO SECOND
struct IntervalDifferenceExpression : ExpressionOf<ExpressionKind::kIntervalDifference> {
  const ChainExpression* difference = nullptr;  // its last operator is -
  IntervalQualifier qualifier;
};

struct SubqueryExpression : ExpressionOf<ExpressionKind::kSubquery> {
  const QueryExpression* query = nullptr;
};

struct ExistsExpression : ExpressionOf<ExpressionKind::kExists> {
  const QueryExpression* query = nullptr;
};

enum class Quantifier : uint8_t { kAny, kAll };  // SOME is ANY

// value op ANY|ALL (query)
struct QuantifiedExpression : ExpressionOf<ExpressionKind::kQuantified> {
  ComparisonOperator op = ComparisonOperator::kEqual;
  Quantifier quantifier = Quantifier::kAny;
  Position operator_position = kNoPosition;
  const Expression* value = nullptr;
  const QueryExpression* query = nullptr;
};

// UNIQUE (query)
struct UniqueExpression : ExpressionOf<ExpressionKind::kUnique> {
  const QueryExpression* query = nullptr;
};

// left OVERLAPS right: rows of two fields.
struct OverlapsExpression : ExpressionOf<ExpressionKind::kOverlaps> {
  const Expression* left = nullptr;
  const Expression* right = nullptr;
};

enum class MatchKind : uint8_t { kSimple, kPartial, kFull };

// value MATCH [UNIQUE] [SIMPLE | PARTIAL | FULL] (query)
struct MatchExpression : ExpressionOf<ExpressionKind::kMatch> {
  MatchKind match = MatchKind::kSimple;
  bool unique = false;
  const Expression* value = nullptr;
  const QueryExpression* query = nullptr;
};

enum class NormalForm : uint8_t { kNfc, kNfd, kNfkc, kNfkd };

// value IS [NOT] [form] NORMALIZED
struct IsNormalizedExpression : ExpressionOf<ExpressionKind::kIsNormalized> {
  bool negated = false;
  NormalForm form = NormalForm::kNfc;
  const Expression* value = nullptr;
};

// ROW(a, b) or (a, b): two fields or more, one or more after ROW.
struct RowExpression : ExpressionOf<ExpressionKind::kRow> {
  List<const Expression*> fields;
};

// DEFAULT as a value: only as a whole value of INSERT's VALUES and of UPDATE's SET.
struct DefaultExpression : ExpressionOf<ExpressionKind::kDefault> {};

}  // namespace tupelo::ast

// plan/expression.h: a bound expression: every name resolved, every type known.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/recycled.h"
#include "catalog/definition.h"
#include "functions/function.h"
#include "types/value.h"

namespace tupelo {

struct PlanNode;
struct BoundExpression;
using ExpressionPtr = std::unique_ptr<BoundExpression>;

// A column as it flows through one plan: unique within the statement, whoever passes it on.
using ColumnId = uint32_t;
inline constexpr ColumnId kNoColumn = 0xFFFFFFFFu;

enum class BoundKind : uint8_t {
  kConstant,   // constant
  kColumn,     // column: of the input, or (in a subquery) of an enclosing query
  kParameter,  // parameter: number
  kCall,       // function(arguments)
  kAnd,        // n-ary, three-valued
  kOr,
  kCase,            // arguments: condition 1, result 1, ..., [else]; conditions are BOOLEAN
  kCoalesce,        // arguments of one type; the first that is not null
  kLet,             // arguments[1], in which `column` stands for the value of arguments[0]
  kInSet,           // arguments[0] IN (constants and parameters of the same type: arguments[1..])
  kNextIdentity,    // the next number of an identity column (assigned_table, assigned_column)
  kNextValue,       // the next number of a sequence. is_shared: one for all such of a row, as
                    // NEXT VALUE FOR gives it; else one for each, as nextval does. With arguments
                    // setval: the number to go on with, and whether it counts as taken
  kLastValue,       // the last number that this session took of `sequence`, or of any (nullptr)
  kScalarSubquery,  // the only row's only column; null when there is no row; 21000 when there are
                    // two
  kExists,
  kQuantified,   // arguments[0] `comparison` ANY (subquery); IN is `= ANY`; is_all: ALL
  kRowSubquery,  // arguments tested against the subquery's rows, by `row_test`
};

// For which rows of a subquery the test must be true.
enum class RowQuantifier : uint8_t {
  kAny,
  kAll,
  kOnly,     // for the only row; when there is none, for a row of nulls; 21000 when there are two
  kOnlyOne,  // for exactly one, whatever it is for the others: never unknown
};

// What kRowSubquery tests: `condition` reads `left[i]`, which stands for arguments[i], and the
// columns that the subquery's plan gives; nothing else. A join of the arguments with the
// subquery's rows would have it as its condition.
struct RowTest {
  RowQuantifier quantifier = RowQuantifier::kAny;
  std::string_view name;  // the comparison, as EXPLAIN shows it: "=", "<=", "IS NULL"
  std::vector<ColumnId> left;
  ExpressionPtr condition;
};

// Base for all kinds in one struct: a tree that is walked at plan time only.
struct BoundExpression : Recycled {
  BoundKind kind;
  Type type;
  Position position = kNoPosition;
  std::vector<ExpressionPtr> arguments;

  Value constant;               // kConstant
  ColumnId column = kNoColumn;  // kColumn, kLet
  uint32_t parameter = 0;       // kParameter
  BoundFunction
      function;  // kCall; kQuantified: the comparison of arguments[0] with the subquery's column
  std::unique_ptr<PlanNode> plan;  // subqueries
  // Subqueries: columns of enclosing queries that `plan` reads, sorted; empty: runs once per
  // statement.
  std::vector<ColumnId> outer_columns;
  SequencePtr sequence;               // kNextValue, kLastValue
  bool is_shared = false;             // kNextValue
  bool is_all = false;                // kQuantified
  std::unique_ptr<RowTest> row_test;  // kRowSubquery
  bool is_literal = false;            // kConstant: stands so in the text, or is a parameter's null
  bool is_implicit_cast = false;      // kCall: the binder put it there, the statement did not
  // The value goes to this column: errors name it.
  TablePtr assigned_table;
  uint16_t assigned_column = 0;

  explicit BoundExpression(BoundKind kind, Type type = {}, Position position = kNoPosition);
  ~BoundExpression();
};

// A character literal or a `str` parameter: read as a datetime or interval where one is wanted, the
// one implicit conversion from character strings.
inline bool IsTextGiven(const BoundExpression& expression) {
  return expression.type.is_character() &&
         (expression.kind == BoundKind::kParameter || expression.is_literal);
}

ExpressionPtr MakeConstant(Value value, Position position = kNoPosition);
ExpressionPtr MakeColumn(ColumnId column, const Type& type, Position position = kNoPosition);
ExpressionPtr MakeCall(BoundFunction function, std::vector<ExpressionPtr> arguments,
                       Position position);
// n-ary AND of BOOLEAN terms; nullptr when there are none, the term itself when there is one.
ExpressionPtr MakeAnd(std::vector<ExpressionPtr> terms);
// A copy. Subqueries are copied too (their plans share nothing).
ExpressionPtr Clone(const BoundExpression& expression);

// Whether the two compute the same value in the same row (same_expression.cpp). Non-deterministic
// calls never do.
bool SameExpression(const BoundExpression& a, const BoundExpression& b);

// Calls `visit(expression)` for the expression and all below it, subqueries' plans not entered.
// Iterative in depth of AND/OR.
template <typename Visit>
void VisitExpressions(BoundExpression& expression, Visit&& visit) {
  visit(expression);
  for (auto& argument : expression.arguments) VisitExpressions(*argument, visit);
}
template <typename Visit>
void VisitExpressions(const BoundExpression& expression, Visit&& visit) {
  visit(expression);
  for (const auto& argument : expression.arguments) {
    VisitExpressions(static_cast<const BoundExpression&>(*argument), visit);
  }
}

// Adds every column that the expression reads, those read by subqueries from outside included;
// sorted and unique not ensured.
void CollectColumns(const BoundExpression& expression, std::vector<ColumnId>* columns);
// Calls visit(column) for every column that the expression reads, those read by subqueries from
// outside included; not for what kLet names.
template <typename Visit>
void VisitColumns(const BoundExpression& expression, Visit&& visit) {
  if (expression.kind == BoundKind::kColumn) visit(expression.column);
  for (ColumnId id : expression.outer_columns) visit(id);
  if (expression.kind == BoundKind::kLet) {
    VisitColumns(*expression.arguments[0], visit);
    std::vector<ColumnId> read;
    CollectColumns(*expression.arguments[1], &read);
    for (ColumnId id : read) {
      if (id != expression.column) visit(id);
    }
    return;
  }
  for (const ExpressionPtr& argument : expression.arguments) VisitColumns(*argument, visit);
}
bool HasSubquery(const BoundExpression& expression);
// No columns, no subqueries: one value for the whole run.
bool IsRunConstant(const BoundExpression& expression);
// Splits at the top-level ANDs.
void SplitConjuncts(ExpressionPtr expression, std::vector<ExpressionPtr>* conjuncts);

}  // namespace tupelo

// sql/ast_query.h: the syntax tree of queries: SELECT, VALUES, set operations, FROM.
#pragma once

#include <cassert>

#include "sql/ast_expression.h"

namespace tupelo::ast {

// AS alias (columns); empty where there is none.
struct TableAlias {
  Identifier name;
  List<Identifier> columns;
};

enum class TableReferenceKind : uint8_t { kTable, kDerived, kJoin };

struct TableReference {
  TableReferenceKind kind;
  Position position = kNoPosition;
  Position end = kNoPosition;
  TableAlias alias;  // of a join: it stands in parentheses

 protected:
  explicit TableReference(TableReferenceKind k) : kind(k) {}
};

struct NamedTable : TableReference {
  static constexpr TableReferenceKind kKind = TableReferenceKind::kTable;
  NamedTable() : TableReference(kKind) {}
  QualifiedName name;
};

// [LATERAL] (query) AS alias: the alias may be missing.
struct DerivedTable : TableReference {
  static constexpr TableReferenceKind kKind = TableReferenceKind::kDerived;
  DerivedTable() : TableReference(kKind) {}
  bool lateral = false;
  const QueryExpression* query = nullptr;
};

enum class JoinKind : uint8_t { kInner, kLeft, kRight, kFull, kCross };

// At most one of natural, on, using_columns; none for kCross, else exactly one.
struct JoinLink {
  JoinKind kind = JoinKind::kInner;
  bool natural = false;
  Position position = kNoPosition;  // of the first word of the operator
  const TableReference* table = nullptr;
  const Expression* on = nullptr;
  List<Identifier> using_columns;
};

// first JOIN table JOIN table ..., from left to right; a join in parentheses (or nested on the
// right) is a table of it.
struct JoinedTable : TableReference {
  static constexpr TableReferenceKind kKind = TableReferenceKind::kJoin;
  JoinedTable() : TableReference(kKind) {}
  const TableReference* first = nullptr;
  List<JoinLink> links;  // one or more
};

template <typename T>
const T& As(const TableReference& table) {
  assert(table.kind == T::kKind);
  return static_cast<const T&>(table);
}

enum class QueryBodyKind : uint8_t { kSelect, kValues, kTable, kSeries, kSetOperation, kNested };

struct QueryBody {
  QueryBodyKind kind;
  Position position = kNoPosition;
  Position end = kNoPosition;

 protected:
  explicit QueryBody(QueryBodyKind k) : kind(k) {}
};

template <typename T>
const T& As(const QueryBody& body) {
  assert(body.kind == T::kKind);
  return static_cast<const T&>(body);
}

enum class SelectItemKind : uint8_t { kExpression, kStar, kQualifiedStar };

struct SelectItem {
  SelectItemKind kind = SelectItemKind::kExpression;
  Position position = kNoPosition;
  const Expression* expression = nullptr;  // kExpression
  Identifier alias;                        // kExpression; empty where there is none
  QualifiedName qualifier;                 // kQualifiedStar: t of t.*
};

enum class GroupingKind : uint8_t {
  kSet,     // expressions: a, (a, b) or ()
  kRollup,  // elements, each a kSet
  kCube,    // elements, each a kSet
  kSets,    // GROUPING SETS (elements), each of any kind
};

struct GroupingElement {
  GroupingKind kind = GroupingKind::kSet;
  Position position = kNoPosition;
  List<const Expression*> expressions;
  List<GroupingElement> elements;
};

// name AS (specification)
struct WindowDefinition {
  Identifier name;
  const WindowSpecification* specification = nullptr;
};

struct SelectBody : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kSelect;
  SelectBody() : QueryBody(kKind) {}
  bool distinct = false;
  List<const Expression*> distinct_on;  // DISTINCT ON (...); empty: of whole rows
  List<SelectItem> items;
  List<const TableReference*> from;  // empty without FROM
  const Expression* where = nullptr;
  bool has_group_by = false;
  bool group_distinct = false;  // GROUP BY DISTINCT
  List<GroupingElement> group_by;
  const Expression* having = nullptr;
  List<WindowDefinition> windows;
};

// VALUES (..), (..): a value without parentheses is a RowExpression of one field.
struct ValuesBody : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kValues;
  ValuesBody() : QueryBody(kKind) {}
  List<const RowExpression*> rows;  // one or more, of any degrees: the binder compares them
};

// TABLE t
struct TableBody : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kTable;
  TableBody() : QueryBody(kKind) {}
  QualifiedName name;
};

// GENERATE_SERIES(start, stop [, step]) [WITH ORDINALITY] in FROM
struct SeriesBody : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kSeries;
  SeriesBody() : QueryBody(kKind) {}
  List<const Expression*> arguments;  // two or three
  bool with_ordinality = false;
};

enum class SetOperator : uint8_t { kUnion, kExcept, kIntersect };

struct SetOperationLink {
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  bool corresponding = false;
  Position position = kNoPosition;  // of the operator
  List<Identifier> by;              // of CORRESPONDING BY
  const QueryBody* operand = nullptr;
};

// first op operand op operand ..., from left to right: all UNION and EXCEPT, or all INTERSECT.
struct SetOperationBody : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kSetOperation;
  SetOperationBody() : QueryBody(kKind) {}
  const QueryBody* first = nullptr;
  List<SetOperationLink> links;  // one or more
};

// A query in parentheses that is an operand of a set operation, or the whole of a query.
struct NestedBody : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kNested;
  NestedBody() : QueryBody(kKind) {}
  const QueryExpression* query = nullptr;
};

// SEARCH {DEPTH | BREADTH} FIRST BY columns SET column
struct SearchClause {
  bool depth_first = false;
  Position position = kNoPosition;
  List<Identifier> by;
  Identifier column;
};

// CYCLE columns SET mark [TO value DEFAULT otherwise] USING path: without TO, TRUE and FALSE.
struct CycleClause {
  Position position = kNoPosition;
  List<Identifier> columns;
  Identifier mark;
  const Expression* value = nullptr;      // nullptr: TRUE
  const Expression* otherwise = nullptr;  // nullptr: FALSE
  Identifier path;
};

enum class Materialization : uint8_t { kUnspecified, kMaterialized, kNotMaterialized };

// name (columns) AS [[NOT] MATERIALIZED] (query)
struct CommonTable {
  Identifier name;
  List<Identifier> columns;
  const QueryExpression* query = nullptr;
  const SearchClause* search = nullptr;
  const CycleClause* cycle = nullptr;
  Materialization materialization = Materialization::kUnspecified;
};

struct WithClause {
  bool recursive = false;
  Position position = kNoPosition;
  List<CommonTable> tables;  // one or more
};

// What becomes of a row that another transaction has locked or is changing.
enum class LockWait : uint8_t { kWait, kNoWait, kSkipLocked };

// FOR {UPDATE | SHARE} [OF tables] [NOWAIT | SKIP LOCKED]
struct LockClause {
  Position position = kNoPosition;
  bool for_update = true;
  LockWait wait = LockWait::kWait;
  List<Identifier> tables;  // by their names in FROM; empty: all
};

struct QueryExpression {
  Position position = kNoPosition;
  Position end = kNoPosition;
  uint16_t height = 1;               // levels of the highest expression in it, and one
  const WithClause* with = nullptr;  // nullptr: none
  const QueryBody* body = nullptr;
  List<SortKey> order_by;
  const Expression* limit =
      nullptr;  // LIMIT n, FETCH FIRST n ROWS (1 where n is left out); nullptr: none
  const Expression* offset = nullptr;  // nullptr: none
  bool with_ties = false;              // of FETCH FIRST; there is ORDER BY then
  const LockClause* lock = nullptr;    // nullptr: none
};

}  // namespace tupelo::ast

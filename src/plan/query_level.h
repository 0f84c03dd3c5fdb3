// plan/query_level.h: what belongs to one query specification while it is bound: groups, windows.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "sql/ast_expression.h"

namespace tupelo {

// How often a statement uses a parameter, and the type of the column that it was last assigned to.
struct ParameterUse {
  uint32_t count = 0;
  Type target;
};

// A column of the select list.
struct SelectItem {
  ExpressionPtr expression;
  NameRef name;
  bool nullable = true;
};

// A key of ORDER BY, or an expression of DISTINCT ON.
struct OrderItem {
  ExpressionPtr expression;  // nullptr: select item number `item`
  size_t item = 0;
  SortKey key;
  Position position = kNoPosition;
};

// The GROUP BY and the aggregates of one query specification while it is bound.
struct AggregateLevel {
  std::vector<ComputedColumn> groups;
  std::vector<AggregateColumn> aggregates;
  bool inside_aggregate = false;    // binding the argument of one
  Position position = kNoPosition;  // of the query specification
  // Grouping sets, as numbers of groups; empty where there is a single one that has all groups.
  std::vector<std::vector<uint16_t>> sets;
  ColumnId set_number = kNoColumn;
  struct GroupingCall {
    ColumnId id;
    std::vector<uint16_t> groups;  // its arguments
  };
  std::vector<GroupingCall> grouping_calls;
  // Columns that the groups determine, and the aggregates that stand for them.
  struct DependentColumn {
    ColumnId column, aggregate;
  };
  std::vector<DependentColumn> dependent;
  const PlanNode* input = nullptr;  // FROM and WHERE, until the aggregate is put over it
  ColumnId first = 0, end = 0;      // columns of FROM

  bool has_sets() const { return !sets.empty(); }
};

// A window with everything that it takes from others.
struct BoundWindow {
  struct Order {
    ExpressionPtr key;
    bool descending = false;
    bool nulls_first = false;
  };
  std::string name;  // of the WINDOW clause, as key; empty: none
  std::vector<ExpressionPtr> partition;
  std::vector<Order> order;
  const ast::WindowFrame* frame = nullptr;

  BoundWindow Copy() const;
};

// The windows and the window functions of one query specification while it is bound.
struct WindowLevel {
  struct Function {
    WindowColumn column;
    BoundWindow window;
  };
  std::vector<BoundWindow> windows;
  std::vector<Function> functions;
  bool inside_window = false;  // binding the arguments of a function
};

// Where a sort key puts nulls, as it says or by default.
NullPlace PlaceOfNulls(const ast::SortKey& key);

}  // namespace tupelo

// plan/plan_names.h: what EXPLAIN calls the columns and subqueries of a plan.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "plan/aggregate_text.h"
#include "plan/plan.h"

namespace tupelo {

// Calls visit(expression) for each expression of the node, subqueries' plans not entered.
template <typename Visit>
void VisitAll(const PlanNode& node, Visit&& visit) {
  VisitNodeExpressions(const_cast<PlanNode&>(node), [&](ExpressionPtr& expression) {
    VisitExpressions(static_cast<const BoundExpression&>(*expression), visit);
  });
}

// The names of all columns of a plan and of its subqueries, and the numbers of the subqueries.
class PlanNames : public ExpressionNames {
 public:
  explicit PlanNames(const Plan& plan) {
    for (const CommonTablePlan& table : plan.common_tables) Collect(*table.plan);
    Collect(*plan.root);
  }
  explicit PlanNames(const PlanNode& root) { Collect(root); }

  std::string NameOfColumn(ColumnId id) const override {
    auto found = columns_.find(id);
    if (found == columns_.end()) return "column " + std::to_string(id);
    const Source& source = found->second;
    if (source.aggregate != nullptr) return AggregateText(*source.aggregate, *this);
    if (source.window != nullptr) return WindowFunctionText(*source.window, *this);
    if (source.is_count) return "COUNT(*)";
    if (source.is_mark) return "mark";
    if (!source.name->empty()) {
      auto spelled = tables_of_name_.find(source.name->key);
      bool shared =
          source.scan != nullptr && spelled != tables_of_name_.end() && spelled->second > 1;
      return (shared ? source.scan->table_alias + "." : std::string()) + source.name->spelling;
    }
    if (source.expression == nullptr) return "column " + std::to_string(id);
    return ExpressionText(*source.expression, *this);
  }

  std::string NameOfSubquery(const BoundExpression& subquery) const override {
    return "subquery " + std::to_string(NumberOf(subquery));
  }

  // Subqueries are numbered in the order in which the text shows them: an aggregate's argument is
  // shown by the nodes above it first.
  size_t NumberOf(const BoundExpression& subquery) const {
    return numbers_.emplace(&subquery, numbers_.size() + 1).first->second;
  }

 private:
  struct Source {
    const Name* name = nullptr;
    const PlanNode* scan = nullptr;  // of a table's column
    const AggregateColumn* aggregate = nullptr;
    const WindowColumn* window = nullptr;
    const BoundExpression* expression = nullptr;  // of a computed one
    bool is_count = false;                        // of kTableCount
    bool is_mark = false;                         // of a mark join
  };

  // Children first: the lowest node that has a column made it.
  void Collect(const PlanNode& node) {
    for (const PlanPtr& child : node.children) Collect(*child);
    VisitAll(node, [&](const BoundExpression& expression) {
      if (expression.plan != nullptr) Collect(*expression.plan);
    });
    bool is_scan = node.kind == PlanKind::kTableScan || node.kind == PlanKind::kIndexScan;
    if (is_scan) {
      for (const ColumnDefinition& column : node.table->columns) ++tables_of_name_[column.name.key];
    }
    for (size_t i = 0; i < node.output.size(); ++i) {
      const OutputColumn& column = node.output[i];
      const Name* name = &*column.name;  // of a scan: perhaps the one that the select list gives it
      if (is_scan && node.scan_columns[i] != kRowIdColumn) {
        name = &node.table->columns[node.scan_columns[i]].name;
      }
      if (!columns_.try_emplace(column.id, Source{name, is_scan ? &node : nullptr}).second)
        continue;
      Source& source = columns_[column.id];
      source.is_count = node.kind == PlanKind::kTableCount;
      source.is_mark = node.mark != kNoColumn && column.id == node.mark;
      if (i < node.computed.size()) {
        source.expression = node.computed[i].expression.get();
      } else if (node.kind == PlanKind::kAggregate) {
        source.aggregate = &node.aggregates[i - node.computed.size()];
      }
      if (node.window == nullptr) continue;
      for (const WindowColumn& function : node.window->functions) {
        if (function.id == column.id) source.window = &function;
      }
    }
  }

  std::unordered_map<ColumnId, Source> columns_;
  std::map<std::string, size_t>
      tables_of_name_;  // by key of a column: how many scans have one of that name
  mutable std::unordered_map<const BoundExpression*, size_t> numbers_;
};

}  // namespace tupelo

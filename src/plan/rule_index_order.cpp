// plan/rule_index_order.cpp: the first rows of an order come from an index that has it.
//
// - A sort of which few rows are kept, over a scan: an index whose columns are the sort keys, in
//   their directions or all the other way round, gives the rows in order, and reading stops with
//   the last one kept. A condition on the way makes more rows necessary, as its selectivity says.
// - MIN and MAX of a whole table: the first row from one end of an index that begins with the
//   column, where that has no nulls.
#include <algorithm>

#include "plan/estimate.h"
#include "plan/index_match.h"
#include "plan/optimizer.h"

namespace tupelo {

namespace {

const ColumnDefinition* TableColumn(const PlanNode& scan, ColumnId id, uint16_t* number) {
  for (size_t i = 0; i < scan.output.size(); ++i) {
    if (scan.output[i].id != id || scan.scan_columns[i] == kRowIdColumn) continue;
    *number = scan.scan_columns[i];
    return &scan.table->columns[*number];
  }
  return nullptr;
}

// Whether the index, from column `first` on, has the order of the keys, read forwards or backwards.
bool HasOrder(const PlanNode& scan, const IndexDefinition& index, size_t first,
              const std::vector<SortKey>& keys, bool backwards) {
  if (first + keys.size() > index.columns.size()) return false;
  for (size_t i = 0; i < keys.size(); ++i) {
    const IndexedColumn& own = index.columns[first + i];
    uint16_t number = 0;
    const ColumnDefinition* column = TableColumn(scan, keys[i].column, &number);
    if (column == nullptr || number != own.column) return false;
    if ((own.descending != keys[i].descending) != backwards) return false;
    if (!column->not_null && (own.nulls_first != keys[i].nulls_first) != backwards) return false;
  }
  return true;
}

bool ConstantCount(const ExpressionPtr& expression, double* count) {
  if (expression == nullptr) return true;
  if (expression->kind != BoundKind::kConstant || expression->constant.is_null) return false;
  *count += static_cast<double>(expression->constant.integer);
  return true;
}

// Reads the scan in the order of the keys, when that pays for `rows` of its rows.
bool ReadInOrder(PlanNode* scan, const std::vector<SortKey>& keys, double rows) {
  if (scan->kind == PlanKind::kIndexScan) {
    size_t first = scan->range.equal.size();
    if (!HasOrder(*scan, *scan->index, first, keys, false)) {
      if (!HasOrder(*scan, *scan->index, first, keys, true)) return false;
      scan->reverse = true;
    }
    return true;
  }
  if (scan->kind != PlanKind::kTableScan) return false;
  double table_rows = TableRows(*scan->table);
  if (scan->condition != nullptr) {
    scan->estimated_rows = table_rows;
    rows /= std::max(EstimateSelectivity(*scan->condition, *scan), 1 / table_rows);
  }
  if (rows * kRandomReadCost > table_rows) return false;
  for (const IndexDefinition& index : scan->table->indexes) {
    bool forwards = HasOrder(*scan, index, 0, keys, false);
    if (!forwards && !HasOrder(*scan, index, 0, keys, true)) continue;
    scan->kind = PlanKind::kIndexScan;
    scan->index = &index;
    scan->reverse = !forwards;
    return true;
  }
  return false;
}

void ReplaceSort(PlanPtr* sort) {
  double rows = 0;
  if (!ConstantCount((*sort)->limit, &rows) || !ConstantCount((*sort)->offset, &rows)) return;
  PlanNode* below = (*sort)->children[0].get();
  while (IsPassThrough(*below)) below = below->children[0].get();
  bool is_projected = below->kind == PlanKind::kProject;  // keys must be columns of the table still
  if (is_projected) below = below->children[0].get();
  if (!ReadInOrder(below, (*sort)->sort_keys, rows)) return;
  PlanPtr child = std::move((*sort)->children[0]);
  *sort = std::move(child);
}

void ReplaceExtreme(PlanNode* aggregate) {
  if (!aggregate->computed.empty() || aggregate->aggregates.size() != 1) return;
  const AggregateColumn& column = aggregate->aggregates[0];
  bool is_minimum = column.function.name == "MIN";
  if ((!is_minimum && column.function.name != "MAX") || column.filter != nullptr) return;
  PlanNode& scan = *aggregate->children[0];
  uint16_t number = 0;
  if (scan.kind != PlanKind::kTableScan || scan.condition != nullptr ||
      column.argument->kind != BoundKind::kColumn) {
    return;
  }
  const ColumnDefinition* argument = TableColumn(scan, column.argument->column, &number);
  if (argument == nullptr || !argument->not_null) return;
  if (!ReadInOrder(&scan, {{column.argument->column, !is_minimum, false}}, 1)) return;
  auto limit = std::make_unique<PlanNode>(PlanKind::kLimit);
  limit->output = scan.output;
  limit->limit = MakeConstant(Value::Integer(Type::BigInt(), 1));
  limit->children.push_back(std::move(aggregate->children[0]));
  aggregate->children[0] = std::move(limit);
}

}  // namespace

void UseIndexOrder(PlanPtr* node) {
  if ((*node)->kind == PlanKind::kSort && (*node)->limit != nullptr) ReplaceSort(node);
  if ((*node)->kind == PlanKind::kAggregate) ReplaceExtreme(node->get());
  for (PlanPtr& child : (*node)->children) UseIndexOrder(&child);
}

}  // namespace tupelo

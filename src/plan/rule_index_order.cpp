// plan/rule_index_order.cpp: the first rows of an order come from an index that has it.
//
// - A sort of which few rows are kept, over a scan: an index whose columns are the sort keys, in
//   their directions or all the other way round, gives the rows in order, and reading stops with
//   the last one kept. A condition on the way makes more rows necessary, as its selectivity says.
//   So it is with rows that are locked one by one and counted then (SKIP LOCKED): a queue.
// - MIN and MAX of all rows: the first row from one end of an index that begins with the column,
//   or with columns whose values are known and then the column. Nulls are passed over.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/estimate.h"
#include "plan/index_match.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

constexpr size_t kMaxExtremes = 8;  // that are worth a look-up each

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

// `limit`: the node that says how many of the sorted rows are kept; the sort itself, or above it.
void ReplaceSort(PlanPtr* sort, const PlanNode& limit) {
  double rows = 0;
  if (!ConstantCount(limit.limit, &rows) || !ConstantCount(limit.offset, &rows)) return;
  PlanNode* below = (*sort)->children[0].get();
  while (IsPassThrough(*below)) below = below->children[0].get();
  bool is_projected = below->kind == PlanKind::kProject;  // keys must be columns of the table still
  if (is_projected) below = below->children[0].get();
  if (!ReadInOrder(below, (*sort)->sort_keys, rows)) return;
  PlanPtr child = std::move((*sort)->children[0]);
  *sort = std::move(child);
}

// The sort below a limit whose rows are locked or left out before they are counted; nullptr: none.
PlanPtr* FindSortOfQueue(PlanNode* limit) {
  if (!limit->limit_by.empty() || !limit->sort_keys.empty()) return nullptr;
  PlanPtr* below = &limit->children[0];
  while ((*below)->kind == PlanKind::kProject) below = &(*below)->children[0];
  if ((*below)->kind != PlanKind::kLockRows) return nullptr;
  below = &(*below)->children[0];
  return (*below)->kind == PlanKind::kSort && (*below)->limit == nullptr ? below : nullptr;
}

// Whether it is the least or greatest value of a column, of all rows.
bool IsExtreme(const AggregateColumn& column) {
  return (column.function.name == "MIN" || column.function.name == "MAX") &&
         column.filter == nullptr && column.argument->kind == BoundKind::kColumn;
}

// An index whose first free column is that one, and that is read as it is or may be instead of the
// table.
const IndexDefinition* FindOrder(PlanNode* scan, uint16_t number, size_t* first) {
  *first = scan->range.equal.size();
  auto has_order = [&](const IndexDefinition& index) {
    return *first < index.columns.size() && index.columns[*first].column == number;
  };
  if (scan->kind == PlanKind::kIndexScan) return has_order(*scan->index) ? scan->index : nullptr;
  if (scan->kind != PlanKind::kTableScan) return nullptr;
  double rows = 1, table_rows = TableRows(*scan->table);
  if (scan->condition != nullptr) {
    scan->estimated_rows = table_rows;
    rows = 1 / std::max(EstimateSelectivity(*scan->condition, *scan), 1 / table_rows);
  }
  if (rows * kRandomReadCost > table_rows) return nullptr;
  auto found = std::find_if(scan->table->indexes.begin(), scan->table->indexes.end(), has_order);
  return found == scan->table->indexes.end() ? nullptr : &*found;
}

// The first row, nulls passed over, from the end of an index where the value is.
bool ReadExtreme(PlanNode* aggregate) {
  const AggregateColumn& column = aggregate->aggregates[0];
  PlanNode* scan = aggregate->children[0].get();
  while (IsPassThrough(*scan)) scan = scan->children[0].get();
  uint16_t number = 0;
  bool is_scan = scan->kind == PlanKind::kTableScan || scan->kind == PlanKind::kIndexScan;
  const ColumnDefinition* argument =
      is_scan ? TableColumn(*scan, column.argument->column, &number) : nullptr;
  if (argument == nullptr) return false;
  size_t first = 0;
  const IndexDefinition* index = FindOrder(scan, number, &first);
  if (index == nullptr) return false;
  scan->kind = PlanKind::kIndexScan;
  scan->index = index;
  scan->reverse = index->columns[first].descending == (column.function.name == "MIN");
  scan->range.not_null = !argument->not_null;
  auto limit = std::make_unique<PlanNode>(PlanKind::kLimit);
  limit->output = aggregate->children[0]->output;
  limit->limit = MakeConstant(Value::Integer(Type::BigInt(), 1));
  limit->children.push_back(std::move(aggregate->children[0]));
  aggregate->children[0] = std::move(limit);
  return true;
}

// Several are found each by itself, and put side by side.
void ReplaceExtremes(PlanPtr* node) {
  PlanNode& all = **node;
  if (!all.computed.empty() || all.aggregates.empty() || all.aggregates.size() > kMaxExtremes ||
      !std::all_of(all.aggregates.begin(), all.aggregates.end(), IsExtreme)) {
    return;
  }
  if (all.aggregates.size() == 1) {
    ReadExtreme(&all);
    return;
  }
  PlanPtr joined;
  for (size_t i = 0; i < all.aggregates.size(); ++i) {
    auto one = std::make_unique<PlanNode>(PlanKind::kAggregate);
    one->output.push_back(all.output[i]);
    AggregateColumn column;
    column.id = all.aggregates[i].id;
    column.function = all.aggregates[i].function;
    column.argument = Clone(*all.aggregates[i].argument);
    one->aggregates.push_back(std::move(column));
    one->children.push_back(ClonePlan(*all.children[0]));
    if (!ReadExtreme(one.get())) return;
    joined = joined == nullptr ? std::move(one)
                               : MakeJoin(JoinKind::kCross, std::move(joined), std::move(one), {});
  }
  *node = std::move(joined);
}

}  // namespace

void UseIndexOrder(PlanPtr* node) {
  StepInterruption();
  if ((*node)->kind == PlanKind::kSort && (*node)->limit != nullptr) ReplaceSort(node, **node);
  if ((*node)->kind == PlanKind::kLimit && (*node)->limit != nullptr) {
    if (PlanPtr* sort = FindSortOfQueue(node->get())) ReplaceSort(sort, **node);
  }
  if ((*node)->kind == PlanKind::kAggregate) ReplaceExtremes(node);
  for (PlanPtr& child : (*node)->children) UseIndexOrder(&child);
}

}  // namespace tupelo

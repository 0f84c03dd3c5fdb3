// plan/rule_join_filters.cpp: a scan leaves out rows whose key a join above does not have.
//
// A hash join knows all keys of its right side before it reads the left one. Where the left rows
// without a partner vanish, and the left key is a column of a table further down, the scan of it
// gets a filter: blocks whose values lie outside of the keys' bounds are skipped, and each row is
// looked for in the filter, which is much smaller than the table of the join. The join tests the
// keys all the same.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/estimate.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

constexpr double kLargeTableRows = 8192;  // below, a scan takes no time
constexpr double kKeyShare = 0.5;         // keys are to be fewer than so many of the table's values

bool IsFilterable(const BoundExpression& left, const BoundExpression& right) {
  PhysicalType type = left.type.physical();
  return left.kind == BoundKind::kColumn && type == right.type.physical() &&
         (type == PhysicalType::kInt16 || type == PhysicalType::kInt32 ||
          type == PhysicalType::kInt64);
}

struct Target {
  PlanNode* scan = nullptr;
  ColumnId column = kNoColumn;
};

// The scan that gives the column, if rows that it leaves out change nothing else than that rows
// with their value of the column are missing above.
bool FindTarget(PlanNode* node, ColumnId column, Target* target) {
  switch (node->kind) {
    case PlanKind::kTableScan:
      *target = {node, column};
      return FindOutput(*node, column) != nullptr;
    case PlanKind::kFilter: return FindTarget(node->children[0].get(), column, target);
    case PlanKind::kSort:
      return node->limit == nullptr && FindTarget(node->children[0].get(), column, target);
    case PlanKind::kDistinct: return FindTarget(node->children[0].get(), column, target);
    case PlanKind::kProject:
    case PlanKind::kAggregate:
      if (node->grouping != nullptr) return false;
      for (const ComputedColumn& computed : node->computed) {
        if (computed.id != column) continue;
        return computed.expression->kind == BoundKind::kColumn &&
               FindTarget(node->children[0].get(), computed.expression->column, target);
      }
      return false;
    case PlanKind::kWindow: {
      const std::vector<ColumnId>& partition = node->window->partition_columns;
      return std::find(partition.begin(), partition.end(), column) != partition.end() &&
             FindTarget(node->children[0].get(), column, target);
    }
    case PlanKind::kIndexJoin:
      return FindOutput(*node->children[0], column) != nullptr &&
             FindTarget(node->children[0].get(), column, target);
    case PlanKind::kBandJoin:
    case PlanKind::kJoin: {
      JoinKind kind = node->join_kind;
      bool is_inner = kind == JoinKind::kInner || kind == JoinKind::kCross;
      bool is_left = FindOutput(*node->children[0], column) != nullptr;
      bool passes = is_left ? kind != JoinKind::kRight && kind != JoinKind::kFull
                            : is_inner || kind == JoinKind::kRight || GivesRightOnly(kind);
      return passes && FindTarget(node->children[is_left ? 0 : 1].get(), column, target);
    }
    default: return false;
  }
}

// Whether the keys are few among the values that the table has.
bool Pays(const PlanNode& join, size_t key, const Target& target) {
  uint16_t number = 0;
  if (FindScan(*target.scan, target.column, &number) == nullptr) return false;
  double table_rows = TableRows(*target.scan->table);
  if (table_rows < kLargeTableRows) return false;
  double keys = EstimateDistinct(*join.right_keys[key], *join.children[1]);
  double values = IsUniqueColumn(*target.scan->table, number)
                      ? table_rows
                      : DistinctOf(*target.scan->table, number);
  return keys < kKeyShare * values;
}

class FilterPusher {
 public:
  explicit FilterPusher(uint32_t* last_number) : last_number_(last_number) {}

  void Visit(PlanNode* node) {
    StepInterruption();
    if (node->kind == PlanKind::kJoin) AddFilters(node);
    for (PlanPtr& child : node->children) Visit(child.get());
  }

 private:
  void AddFilters(PlanNode* join) {
    JoinKind kind = join->join_kind;
    if (kind != JoinKind::kInner && kind != JoinKind::kSemi && kind != JoinKind::kRight &&
        !GivesRightOnly(kind)) {
      return;
    }
    for (size_t i = 0; i < join->left_keys.size(); ++i) {
      bool matches_nulls = !join->null_keys.empty() && join->null_keys[i];
      Target target;
      if (matches_nulls || !IsFilterable(*join->left_keys[i], *join->right_keys[i]) ||
          !FindTarget(join->children[0].get(), join->left_keys[i]->column, &target) ||
          !Pays(*join, i, target)) {
        continue;
      }
      uint32_t number = ++*last_number_;
      join->join_filters.push_back({number, i, kNoColumn});
      target.scan->join_filters.push_back({number, 0, target.column});
    }
  }

  uint32_t* last_number_;
};

}  // namespace

void PushJoinFilters(PlanPtr* node, uint32_t* last_number) {
  FilterPusher(last_number).Visit(node->get());
}

}  // namespace tupelo

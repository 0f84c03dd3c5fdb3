// plan/unnest_parts.cpp: making, reading and renaming the parts of unnested plans.
#include <algorithm>

#include "plan/binder.h"
#include "plan/estimate.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

ExpressionPtr MakeBooleanCall(std::string_view name, ExpressionPtr a, ExpressionPtr b) {
  std::vector<Type> types = {a->type};
  Position position = a->position;
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(a));
  if (b != nullptr) {
    types.push_back(b->type);
    arguments.push_back(std::move(b));
  }
  return MakeCall(ResolveFunction(name, types), std::move(arguments), position);
}

ExpressionPtr MakeSameValue(const OutputColumn& a, const OutputColumn& b) {
  return MakeBooleanCall(a.nullable && b.nullable ? "IS NOT DISTINCT FROM" : "=",
                         MakeColumn(a.id, a.type), MakeColumn(b.id, b.type));
}

ExpressionPtr MakeTrue() { return MakeConstant(Value::Integer(Type::Boolean(), 1)); }

PlanPtr MakeJoin(JoinKind kind, PlanPtr left, PlanPtr right, Conjuncts conditions) {
  auto join = std::make_unique<PlanNode>(PlanKind::kJoin);
  join->join_kind = kind == JoinKind::kInner && conditions.empty() ? JoinKind::kCross : kind;
  join->output = left->output;
  if (!GivesLeftOnly(kind)) {
    bool nullable = kind == JoinKind::kLeft || kind == JoinKind::kSingle;
    for (OutputColumn column : right->output) {
      column.nullable |= nullable;
      join->output.push_back(column);
    }
  }
  join->condition = MakeAnd(std::move(conditions));
  join->children.push_back(std::move(left));
  join->children.push_back(std::move(right));
  return join;
}

PlanPtr MakeProjection(PlanPtr input, std::vector<OutputColumn> output) {
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  for (const OutputColumn& column : output) {
    project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  }
  project->output = std::move(output);
  project->children.push_back(std::move(input));
  return project;
}

const OutputColumn* FindOutput(const PlanNode& node, ColumnId id) {
  for (const OutputColumn& column : node.output) {
    if (column.id == id) return &column;
  }
  return nullptr;
}

bool ReadsAny(const BoundExpression& expression, const ColumnSet& columns) {
  return CountColumns(expression, columns).inside > 0;
}

bool ReadsAny(const PlanNode& plan, const ColumnSet& columns) {
  bool reads = false;
  VisitNodeExpressions(const_cast<PlanNode&>(plan), [&](ExpressionPtr& expression) {
    reads = reads || ReadsAny(*expression, columns);
  });
  return reads || std::any_of(plan.children.begin(), plan.children.end(),
                              [&](const PlanPtr& child) { return ReadsAny(*child, columns); });
}

bool MayBeNull(const BoundExpression& expression, const std::vector<const PlanNode*>& inputs) {
  const BoundExpression& value = WithoutImplicitCasts(expression);
  if (value.kind == BoundKind::kConstant) return value.constant.is_null;
  if (value.kind != BoundKind::kColumn) return true;
  for (const PlanNode* input : inputs) {
    const OutputColumn* column = FindOutput(*input, value.column);
    if (column != nullptr) return column->nullable;
  }
  return true;
}

void RenameColumns(BoundExpression* expression, const Renaming& renaming) {
  auto rename = [&](ColumnId* id) {
    for (const auto& [from, to] : renaming) {
      if (*id == from) {
        *id = to;
        return;
      }
    }
  };
  VisitExpressions(*expression, [&](BoundExpression& part) {
    if (part.kind == BoundKind::kColumn) rename(&part.column);
    if (part.plan == nullptr) return;
    RenameColumns(part.plan.get(), renaming);
    part.outer_columns = FreeColumns(*part.plan);
  });
}

void RenameColumns(PlanNode* plan, const Renaming& renaming) {
  VisitNodeExpressions(
      *plan, [&](ExpressionPtr& expression) { RenameColumns(expression.get(), renaming); });
  for (PlanPtr& child : plan->children) RenameColumns(child.get(), renaming);
}

namespace {

// Adds the columns that the conjuncts compare with values from outside the plan.
void AddFixed(const BoundExpression& condition, const ColumnSet& inside, ColumnSet* fixed) {
  if (condition.kind == BoundKind::kAnd) {
    for (const ExpressionPtr& term : condition.arguments) AddFixed(*term, inside, fixed);
    return;
  }
  if (condition.kind != BoundKind::kCall || condition.function.name != "=") return;
  for (int side = 0; side < 2; ++side) {
    const BoundExpression& column = WithoutImplicitCasts(*condition.arguments[side]);
    const BoundExpression& value = *condition.arguments[1 - side];
    if (column.kind == BoundKind::kColumn && !HasSubquery(value) && !ReadsAny(value, inside) &&
        SameKeyType(column.type, value.type)) {
      fixed->Add(column.column);
    }
  }
}

void AddMade(const PlanNode& plan, ColumnSet* made) {
  made->AddOutput(plan);
  for (const PlanPtr& child : plan.children) AddMade(*child, made);
}

bool FixesKey(const PlanNode& scan, const ColumnSet& fixed) {
  auto is_fixed = [&](uint16_t table_column) {
    for (size_t i = 0; i < scan.output.size(); ++i) {
      if (scan.scan_columns[i] == table_column && fixed.Has(scan.output[i].id)) return true;
    }
    return false;
  };
  return std::any_of(scan.table->keys.begin(), scan.table->keys.end(),
                     [&](const KeyDefinition& key) {
                       return !key.is_deferrable() &&
                              std::all_of(key.columns.begin(), key.columns.end(), is_fixed);
                     });
}

bool GivesOneRow(const PlanNode& node, const ColumnSet& inside, ColumnSet fixed) {
  if (node.condition != nullptr) AddFixed(*node.condition, inside, &fixed);
  auto is_fixed = [&](const auto& column) { return fixed.Has(column.id); };
  switch (node.kind) {
    case PlanKind::kSingleRow: return true;
    case PlanKind::kValues: return node.rows.size() <= 1;
    case PlanKind::kTableScan: return FixesKey(node, fixed);
    case PlanKind::kFilter:
    case PlanKind::kSort: return GivesOneRow(*node.children[0], inside, fixed);
    case PlanKind::kDistinct:
      return std::ranges::all_of(node.output, is_fixed) ||
             GivesOneRow(*node.children[0], inside, fixed);
    case PlanKind::kProject:
      for (const ComputedColumn& computed : node.computed) {
        bool passes = computed.expression->kind == BoundKind::kColumn && is_fixed(computed);
        if (passes) fixed.Add(computed.expression->column);
      }
      return GivesOneRow(*node.children[0], inside, fixed);
    case PlanKind::kAggregate: return std::ranges::all_of(node.computed, is_fixed);
    case PlanKind::kLimit: {
      const BoundExpression* limit = node.limit.get();
      bool one = limit != nullptr && limit->kind == BoundKind::kConstant &&
                 !limit->constant.is_null && limit->constant.integer <= 1;
      one = one && node.limit_by.empty() && node.sort_keys.empty();
      return one || GivesOneRow(*node.children[0], inside, fixed);
    }
    case PlanKind::kJoin:
      if (GivesLeftOnly(node.join_kind)) return GivesOneRow(*node.children[0], inside, fixed);
      return (node.join_kind == JoinKind::kInner || node.join_kind == JoinKind::kCross) &&
             GivesOneRow(*node.children[0], inside, fixed) &&
             GivesOneRow(*node.children[1], inside, fixed);
    default: return false;
  }
}

// Costs of reading the tables below `node`: once whole, and once by index where an index begins
// with a column that is fixed.
struct ReadCosts {
  double whole = 0, by_index = 0;
};

void AddCosts(const PlanNode& node, const ColumnSet& inside, ColumnSet fixed, ReadCosts* costs) {
  constexpr double kLookUpCost = 20;  // rows read in order for the price of a look-up
  if (node.condition != nullptr) AddFixed(*node.condition, inside, &fixed);
  if (node.kind == PlanKind::kTableScan) {
    double rows = TableRows(*node.table);
    bool is_indexed = std::any_of(node.table->indexes.begin(), node.table->indexes.end(),
                                  [&](const IndexDefinition& index) {
                                    for (size_t i = 0; i < node.output.size(); ++i) {
                                      if (node.scan_columns[i] == index.columns[0].column) {
                                        return fixed.Has(node.output[i].id);
                                      }
                                    }
                                    return false;
                                  });
    costs->whole += rows;
    costs->by_index += is_indexed ? std::min(rows, kLookUpCost) : rows;
  }
  for (const PlanPtr& child : node.children) AddCosts(*child, inside, fixed, costs);
}

}  // namespace

bool PaysNested(const PlanNode& plan, double outer_rows) {
  ColumnSet inside;
  AddMade(plan, &inside);
  ReadCosts costs;
  AddCosts(plan, inside, {}, &costs);
  return 2 * outer_rows * costs.by_index < costs.whole;
}

bool GivesOneRow(const PlanNode& plan, const BoundExpression* condition) {
  ColumnSet inside, fixed;
  AddMade(plan, &inside);
  if (condition != nullptr) AddFixed(*condition, inside, &fixed);
  return GivesOneRow(plan, inside, fixed);
}

Value ValueOfNoRows(const BoundAggregate& function) {
  std::vector<uint64_t> state((function.state_bytes + 7) / 8 + 1);
  char* states[] = {reinterpret_cast<char*>(state.data())};
  if (function.init != nullptr) function.init(states[0], function.data);
  Vector result(function.result);
  result.PrepareWrite(1);
  function.finalize(states, 1, &result, 0, function.data);
  Value value = Value::FromVector(result, 0);
  value.type = function.result;
  return value;
}

}  // namespace tupelo

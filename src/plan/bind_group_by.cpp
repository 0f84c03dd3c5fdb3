// plan/bind_group_by.cpp: GROUP BY: groups, grouping sets, and what is left of the columns of FROM
// above them.
//
// With one grouping set a grouped column keeps its id. With several it gets a new one: above, it is
// null where a set does not have it, and conditions on it are not conditions on the input.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

namespace {

// As PostgreSQL has them.
constexpr size_t kMaxGroupingSets = 4096;
constexpr size_t kMaxCubeElements = 12;
constexpr size_t kMaxGroupingArguments = 31;

using Set = std::vector<uint16_t>;

void CheckSetCount(size_t count, Position position) {
  if (count <= kMaxGroupingSets) return;
  throw Error(ErrorCode::kStatementTooComplex,
              "GROUP BY may have at most " + std::to_string(kMaxGroupingSets) + " grouping sets",
              position);
}

Set Union(const Set& a, const Set& b) {
  Set all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

std::vector<Set> Product(const std::vector<Set>& left, const std::vector<Set>& right,
                         Position position) {
  CheckSetCount(left.size() * right.size(), position);
  std::vector<Set> product;
  for (const Set& a : left) {
    for (const Set& b : right) product.push_back(Union(a, b));
  }
  return product;
}

[[noreturn]] void ThrowUngrouped(Position position) {
  throw Error(ErrorCode::kGroupingError,
              "a column must stand in GROUP BY or be used in an aggregate function", position);
}

bool Has(const Set& set, size_t group) {
  return std::binary_search(set.begin(), set.end(), static_cast<uint16_t>(group));
}

// Column `from` becomes `to` wherever the plan reads it, in its subqueries too.
void RenameColumn(PlanNode* plan, ColumnId from, ColumnId to) {
  VisitNodeExpressions(*plan, [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](BoundExpression& part) {
      if (part.kind == BoundKind::kColumn && part.column == from) part.column = to;
      std::replace(part.outer_columns.begin(), part.outer_columns.end(), from, to);
      std::sort(part.outer_columns.begin(), part.outer_columns.end());
      if (part.plan != nullptr) RenameColumn(part.plan.get(), from, to);
    });
  });
  for (PlanPtr& child : plan->children) RenameColumn(child.get(), from, to);
}

// The scan below `node` that gives the column; nullptr when there is none.
const PlanNode* FindScan(const PlanNode& node, ColumnId id) {
  if (node.kind == PlanKind::kTableScan) {
    for (const OutputColumn& column : node.output) {
      if (column.id == id) return &node;
    }
  }
  for (const PlanPtr& child : node.children) {
    if (const PlanNode* scan = FindScan(*child, id)) return scan;
  }
  return nullptr;
}

}  // namespace

uint16_t Binder::AddGroup(const ast::Expression& expression, Scope* scope, AggregateLevel* level) {
  ExpressionPtr bound = BindExpression(expression, scope);
  for (size_t i = 0; i < level->groups.size(); ++i) {
    if (SameExpression(*level->groups[i].expression, *bound)) return static_cast<uint16_t>(i);
  }
  bool is_own = bound->kind == BoundKind::kColumn && bound->column >= level->first &&
                bound->column < level->end;
  level->groups.push_back({is_own ? bound->column : NextColumn(), std::move(bound)});
  return static_cast<uint16_t>(level->groups.size() - 1);
}

std::vector<Set> Binder::BindGroupingElement(const ast::GroupingElement& element, Scope* scope,
                                             AggregateLevel* level) {
  if (element.kind == ast::GroupingKind::kSet) {
    Set set;
    for (const ast::Expression* expression : element.expressions) {
      set = Union(set, {AddGroup(*expression, scope, level)});
    }
    return {std::move(set)};
  }
  std::vector<Set> sets;
  if (element.kind == ast::GroupingKind::kSets) {
    for (const ast::GroupingElement& part : element.elements) {
      for (Set& set : BindGroupingElement(part, scope, level)) sets.push_back(std::move(set));
      CheckSetCount(sets.size(), element.position);
    }
    return sets;
  }
  std::vector<Set> parts;
  for (const ast::GroupingElement& part : element.elements) {
    parts.push_back(std::move(BindGroupingElement(part, scope, level)[0]));
  }
  if (element.kind == ast::GroupingKind::kRollup) {
    sets.emplace_back();
    for (const Set& part : parts) sets.push_back(Union(sets.back(), part));
    std::reverse(sets.begin(), sets.end());
    return sets;
  }
  if (parts.size() > kMaxCubeElements) {
    throw Error(ErrorCode::kTooManyColumns,
                "CUBE may have at most " + std::to_string(kMaxCubeElements) + " elements",
                element.position);
  }
  for (uint32_t left_out = 0; left_out < (1u << parts.size()); ++left_out) {
    Set set;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (((left_out >> (parts.size() - 1 - i)) & 1) == 0) set = Union(set, parts[i]);
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

void Binder::BindGroupBy(const ast::SelectBody& select, Scope* scope, AggregateLevel* level) {
  if (!select.has_group_by) return;
  std::vector<Set> sets{{}};
  for (const ast::GroupingElement& element : select.group_by) {
    std::vector<Set> more = BindGroupingElement(element, scope, level);
    if (sets.size() == 1 && more.size() == 1) {
      sets[0] = Union(sets[0], more[0]);
    } else {
      sets = Product(sets, more, element.position);
    }
  }
  if (select.group_distinct) {
    std::vector<Set> distinct;
    for (Set& set : sets) {
      bool known = std::find(distinct.begin(), distinct.end(), set) != distinct.end();
      if (!known) distinct.push_back(std::move(set));
    }
    sets = std::move(distinct);
  }
  if (sets.size() == 1) return;
  level->sets = std::move(sets);
  level->set_number = NextColumn();
  for (ComputedColumn& group : level->groups) {
    if (group.expression->column == group.id) group.id = NextColumn();
  }
}

// GROUPING(a, b): a bit for each argument, the last one's the lowest: whether the set of the row
// does not have it (SQL:1999 part 2, 6.16).
ExpressionPtr Binder::BindGrouping(const ast::FunctionCall& call, Scope* scope) {
  if (call.star || call.arguments.empty() || call.filter != nullptr || call.clauses != nullptr ||
      call.quantifier != ast::SetQuantifier::kNone) {
    throw Error(ErrorCode::kSyntaxError, "GROUPING takes expressions of GROUP BY and nothing else",
                call.position);
  }
  if (call.arguments.size() > kMaxGroupingArguments) {
    throw Error(ErrorCode::kTooManyParameters,
                "GROUPING takes at most " + std::to_string(kMaxGroupingArguments) + " arguments",
                call.position);
  }
  std::vector<ExpressionPtr> arguments;
  std::vector<ColumnId> columns;
  for (const ast::Expression* argument : call.arguments) {
    arguments.push_back(BindExpression(*argument, scope));
    CollectColumns(*arguments.back(), &columns);
  }
  AggregateLevel* level = LevelOfAggregate(columns, scope, call.position);
  AggregateLevel::GroupingCall grouping;
  for (const ExpressionPtr& argument : arguments) {
    auto group = std::find_if(
        level->groups.begin(), level->groups.end(),
        [&](const ComputedColumn& one) { return SameExpression(*one.expression, *argument); });
    if (group == level->groups.end()) {
      throw Error(ErrorCode::kGroupingError,
                  "the arguments of GROUPING must be expressions of GROUP BY of its query",
                  argument->position);
    }
    grouping.groups.push_back(static_cast<uint16_t>(group - level->groups.begin()));
  }
  if (!level->has_sets()) return MakeConstant(Value::Integer(Type::Integer(), 0), call.position);
  for (const auto& known : level->grouping_calls) {
    if (known.groups == grouping.groups)
      return MakeColumn(known.id, Type::Integer(), call.position);
  }
  grouping.id = NextColumn();
  level->grouping_calls.push_back(grouping);
  return MakeColumn(grouping.id, Type::Integer(), call.position);
}

// SQL:1999 part 2, 4.18: the columns of a key of which none is null determine all columns of their
// table. They do so above joins too: where a row of the table is missing all of them are null.
ColumnId Binder::DependentColumnOf(ColumnId id, AggregateLevel* level) {
  for (const auto& known : level->dependent) {
    if (known.column == id) return known.aggregate;
  }
  const PlanNode* scan = level->input == nullptr ? nullptr : FindScan(*level->input, id);
  if (scan == nullptr) return kNoColumn;
  // In each grouping set there is a group that is the column.
  auto is_grouped = [&](uint16_t column) {
    if (!scan->table->columns[column].not_null) return false;
    for (size_t i = 0; i < level->groups.size(); ++i) {
      const BoundExpression& group = *level->groups[i].expression;
      if (group.kind != BoundKind::kColumn) continue;
      for (size_t c = 0; c < scan->output.size(); ++c) {
        if (scan->output[c].id != group.column || scan->scan_columns[c] != column) continue;
        return std::all_of(level->sets.begin(), level->sets.end(),
                           [&](const Set& set) { return Has(set, i); });
      }
    }
    return false;
  };
  bool determined = std::any_of(
      scan->table->keys.begin(), scan->table->keys.end(), [&](const KeyDefinition& key) {
        return !key.is_deferrable() &&
               std::all_of(key.columns.begin(), key.columns.end(), is_grouped);
      });
  if (!determined) return kNoColumn;
  AggregateColumn column;
  for (const OutputColumn& output : scan->output) {
    if (output.id != id) continue;
    column.argument = MakeColumn(id, output.type);
    column.function = ResolveAggregate("ANY_VALUE", &output.type);
  }
  column.id = NextColumn();
  ColumnId aggregate = column.id;
  level->aggregates.push_back(std::move(column));
  level->dependent.push_back({id, aggregate});
  return aggregate;
}

// What stands for a column above the groups: itself when it is not one of FROM.
ColumnId Binder::ColumnOfGroup(ColumnId id, AggregateLevel* level, Position position) {
  if (id < level->first || id >= level->end) return id;
  for (const ComputedColumn& group : level->groups) {
    if (group.expression->kind == BoundKind::kColumn && group.expression->column == id) {
      return group.id;
    }
  }
  ColumnId dependent = DependentColumnOf(id, level);
  if (dependent == kNoColumn) ThrowUngrouped(position);
  return dependent;
}

// Whatever is a group becomes its column; no other column of FROM may be left.
void Binder::ReplaceGroups(ExpressionPtr* expression, AggregateLevel* level) {
  BoundExpression& node = **expression;
  if (node.kind == BoundKind::kColumn) {
    node.column = ColumnOfGroup(node.column, level, node.position);
    return;
  }
  for (const ComputedColumn& group : level->groups) {
    if (SameExpression(*group.expression, node)) {
      *expression = MakeColumn(group.id, node.type, node.position);
      return;
    }
  }
  for (ColumnId& outer : node.outer_columns) {
    ColumnId group = ColumnOfGroup(outer, level, node.position);
    if (group != outer) RenameColumn(node.plan.get(), outer, group);
    outer = group;
  }
  std::sort(node.outer_columns.begin(), node.outer_columns.end());
  for (ExpressionPtr& argument : node.arguments) ReplaceGroups(&argument, level);
}

// The fraction of a percentile is the same for all rows of a group, and is computed below them.
void Binder::ReplaceGroupsInFraction(size_t aggregate, AggregateLevel* level) {
  if (FormOfAggregate(level->aggregates[aggregate].function.name) != AggregateForm::kPercentile) {
    return;
  }
  ExpressionPtr fraction = Clone(*level->aggregates[aggregate].more_arguments[0]);
  ReplaceGroups(&fraction, level);
  bool reads_aggregate = false;
  VisitColumns(*fraction, [&](ColumnId id) {
    for (const auto& dependent : level->dependent) reads_aggregate |= dependent.aggregate == id;
  });
  if (!level->has_sets() || reads_aggregate) return;
  level->aggregates[aggregate].more_arguments[0] = std::move(fraction);
}

PlanPtr Binder::AddAggregate(PlanPtr plan, AggregateLevel* level) {
  if (!level->aggregates.empty()) {
    CheckNotRecursive(*plan, "below an aggregate function", level->position);
  }
  auto aggregate = std::make_unique<PlanNode>(PlanKind::kAggregate);
  for (const ComputedColumn& group : level->groups) {
    OutputColumn column{group.id, group.expression->type, true, {}};
    for (const OutputColumn& input : plan->output) {
      if (input.id == group.expression->column) column = input;
    }
    column.id = group.id;
    column.nullable |= level->has_sets();
    aggregate->output.push_back(column);
    ExpressionPtr expression =
        level->has_sets() ? MakeColumn(group.id, group.expression->type) : Clone(*group.expression);
    aggregate->computed.push_back({group.id, std::move(expression)});
  }
  if (level->has_sets()) plan = AddGroupingSets(std::move(plan), level, aggregate.get());
  for (AggregateColumn& column : level->aggregates) {
    bool is_count = column.function.name == "COUNT" || column.function.name == "REGR_COUNT";
    aggregate->output.push_back(
        {column.id, column.function.result, !is_count, Keep(Name::Exact(column.function.name))});
    aggregate->aggregates.push_back(std::move(column));
  }
  aggregate->children.push_back(std::move(plan));
  return aggregate;
}

// Puts the node that multiplies rows under the aggregate, which groups by the sets' columns too.
PlanPtr Binder::AddGroupingSets(PlanPtr plan, AggregateLevel* level, PlanNode* aggregate) {
  auto node = std::make_unique<PlanNode>(PlanKind::kGroupingSets);
  node->grouping = std::make_unique<GroupingPlan>();
  node->output = aggregate->output;
  node->computed = std::move(level->groups);
  GroupingPlan& grouping = *node->grouping;
  grouping.sets = std::move(level->sets);
  GroupingColumn number{level->set_number, {}};
  for (size_t i = 0; i < grouping.sets.size(); ++i) {
    number.values.push_back(static_cast<int32_t>(i));
  }
  grouping.columns.push_back(std::move(number));
  for (const auto& call : level->grouping_calls) {
    GroupingColumn column{call.id, {}};
    for (const Set& set : grouping.sets) {
      int32_t bits = 0;
      for (uint16_t group : call.groups) bits = bits * 2 + (Has(set, group) ? 0 : 1);
      column.values.push_back(bits);
    }
    grouping.columns.push_back(std::move(column));
  }
  for (size_t i = 0; i < grouping.columns.size(); ++i) {
    ColumnId id = grouping.columns[i].id;
    OutputColumn column{id, Type::Integer(), false,
                        Keep(Name::Exact(i == 0 ? "GROUPING SET" : "GROUPING"))};
    node->output.push_back(column);
    aggregate->output.push_back(column);
    aggregate->computed.push_back({id, MakeColumn(id, Type::Integer())});
  }
  aggregate->grouping = std::make_unique<GroupingPlan>();
  for (size_t i = 0; i < grouping.sets.size(); ++i) {
    if (!grouping.sets[i].empty()) continue;
    std::vector<Value> values;
    for (const ComputedColumn& group : node->computed) {
      values.push_back(Value::Null(group.expression->type));
    }
    for (const GroupingColumn& column : grouping.columns) {
      values.push_back(Value::Integer(Type::Integer(), column.values[i]));
    }
    aggregate->grouping->constant_groups.push_back(std::move(values));
  }
  node->output.insert(node->output.end(), plan->output.begin(), plan->output.end());
  node->children.push_back(std::move(plan));
  return node;
}

}  // namespace tupelo

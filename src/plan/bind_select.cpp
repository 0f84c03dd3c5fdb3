// plan/bind_select.cpp: one query specification: FROM, WHERE, GROUP BY, HAVING, the select list,
// ORDER BY.
#include <algorithm>

#include "plan/binder.h"
#include "plan/column_set.h"
#include "sql/print.h"

namespace tupelo {

namespace {

// What a scan can have as its condition just as it is.
bool IsScanCondition(const BoundExpression& condition) {
  if (condition.kind == BoundKind::kAnd) {
    return std::all_of(condition.arguments.begin(), condition.arguments.end(),
                       [](const ExpressionPtr& term) {
                         return term->kind == BoundKind::kCall && !HasSubquery(*term);
                       });
  }
  return condition.kind == BoundKind::kCall && !HasSubquery(condition);
}

PlanPtr AddFilter(PlanPtr plan, ExpressionPtr condition) {
  if (condition == nullptr) return plan;
  // The simple case needs no filter that is pushed down at once.
  if (plan->kind == PlanKind::kTableScan && plan->condition == nullptr &&
      IsScanCondition(*condition)) {
    plan->condition = std::move(condition);
    return plan;
  }
  auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
  filter->output = plan->output;
  filter->condition = std::move(condition);
  filter->children.push_back(std::move(plan));
  return filter;
}

}  // namespace

std::vector<SelectItem> Binder::BindSelectItems(ast::List<ast::SelectItem> list, bool has_from,
                                                Scope* scope) {
  std::vector<SelectItem> items;
  items.reserve(list.size());
  for (const ast::SelectItem& item : list) {
    if (item.kind == ast::SelectItemKind::kExpression) {
      ExpressionPtr expression = BindExpression(*item.expression, scope);
      SelectItem bound;
      bound.nullable = true;
      if (expression->kind == BoundKind::kColumn) {
        for (const ScopeColumn& column : scope->columns) {
          if (column.id != expression->column) continue;
          bound.name = column.name;
          bound.nullable = column.nullable;
        }
      }
      if (!item.alias.empty()) {
        bound.name = Keep(MakeName(item.alias));
      } else if (item.expression->kind == ast::ExpressionKind::kColumnReference &&
                 bound.name.empty()) {
        bound.name = Keep(MakeName(ast::As<ast::ColumnReference>(*item.expression).name.last()));
      } else if (bound.name.empty()) {
        bound.name = Keep(Name::Exact(PrintExpression(*item.expression)));
      }
      bound.expression = std::move(expression);
      items.push_back(std::move(bound));
      continue;
    }
    if (!has_from) {
      throw Error(ErrorCode::kSyntaxError, "SELECT * needs a FROM clause", item.position);
    }
    bool all = item.kind == ast::SelectItemKind::kStar;
    int best = 1;  // an exact qualifier hides those of another case
    for (const ScopeColumn& column : scope->columns) {
      if (!all) best = std::max(best, column.MatchesTable(item.qualifier));
    }
    bool found = all;
    for (const ScopeColumn& column : scope->columns) {
      if (all ? column.qualified_only : column.MatchesTable(item.qualifier) != best) continue;
      found = true;
      items.push_back(
          {MakeColumn(column.id, column.type, item.position), column.name, column.nullable});
    }
    if (!found) {
      throw Error(ErrorCode::kUndefinedTable, "table is not in FROM: " + ToText(item.qualifier),
                  item.position);
    }
  }
  return items;
}

NullPlace PlaceOfNulls(const ast::SortKey& key) {
  if (key.nulls == ast::NullOrder::kFirst) return NullPlace::kFirst;
  if (key.nulls == ast::NullOrder::kLast) return NullPlace::kLast;
  return key.descending ? NullPlace::kFirst : NullPlace::kLast;  // null is greater than all values
}

namespace {

// The number of a select item that ORDER BY names by position; false when the key is no such
// number.
bool OrdinalOf(const ast::Expression& expression, size_t count, size_t* item) {
  if (expression.kind != ast::ExpressionKind::kLiteral) return false;
  const auto& literal = ast::As<ast::LiteralExpression>(expression);
  if (literal.literal != ast::LiteralKind::kExact ||
      literal.text.find('.') != std::string_view::npos) {
    return false;
  }
  uint64_t number = 0;
  for (char digit : literal.text) {
    number = number * 10 + static_cast<uint64_t>(digit - '0');
    if (number > count) break;
  }
  if (number < 1 || number > count) {
    throw Error(ErrorCode::kInvalidColumnReference,
                "ORDER BY position is not in the select list, which has " + std::to_string(count) +
                    " columns: " + std::string(literal.text),
                expression.position);
  }
  *item = number - 1;
  return true;
}

}  // namespace

OrderItem Binder::BindOrderItem(const ast::SortKey& key, Scope* scope,
                                const std::vector<SelectItem>& items) {
  OrderItem item;
  item.key.descending = key.descending;
  item.key.nulls_first = PlaceOfNulls(key) == NullPlace::kFirst;
  item.position = key.expression->position;
  if (OrdinalOf(*key.expression, items.size(), &item.item)) return item;
  if (key.expression->kind == ast::ExpressionKind::kColumnReference &&
      ast::As<ast::ColumnReference>(*key.expression).name.parts.size() == 1) {
    Name name = MakeName(ast::As<ast::ColumnReference>(*key.expression).name.last());
    size_t found = FindName(name.key, items.size(),
                            [&](size_t i) -> std::string_view { return items[i].name->key; });
    if (found == kNameAmbiguous) {  // fine when all mean the same
      size_t first = kNameNotFound;
      for (size_t i = 0; i < items.size(); ++i) {
        if (!EqualIgnoringCase(items[i].name->key, name.key)) continue;
        if (first == kNameNotFound) first = i;
        if (!SameExpression(*items[first].expression, *items[i].expression)) {
          throw Error(ErrorCode::kAmbiguousColumn,
                      "name in ORDER BY is ambiguous in the select list: " + name.spelling,
                      item.position);
        }
      }
      found = first;
    }
    if (found != kNameNotFound) {
      item.item = found;
      return item;
    }
  }
  item.expression = BindExpression(*key.expression, scope);
  for (size_t i = 0; i < items.size(); ++i) {
    if (!SameExpression(*items[i].expression, *item.expression)) continue;
    item.expression = nullptr;
    item.item = i;
    break;
  }
  return item;
}

namespace {

PlanPtr Sort(PlanPtr plan, std::vector<SortKey> keys) {
  auto sort = std::make_unique<PlanNode>(PlanKind::kSort);
  sort->output = plan->output;
  sort->sort_keys = std::move(keys);
  sort->children.push_back(std::move(plan));
  return sort;
}

PlanPtr LockRows(PlanPtr plan, std::unique_ptr<LockPlan> locks) {
  auto node = std::make_unique<PlanNode>(PlanKind::kLockRows);
  node->output = plan->output;
  node->locks = std::move(locks);
  node->children.push_back(std::move(plan));
  return node;
}

// The first `visible` columns alone.
PlanPtr DropHidden(PlanPtr plan, size_t visible) {
  if (plan->output.size() == visible) return plan;
  auto drop = std::make_unique<PlanNode>(PlanKind::kProject);
  drop->output.assign(plan->output.begin(), plan->output.begin() + static_cast<ptrdiff_t>(visible));
  for (const OutputColumn& column : drop->output) {
    drop->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  }
  drop->children.push_back(std::move(plan));
  return drop;
}

// DISTINCT ON: of rows that agree in the columns the first one.
PlanPtr KeepFirstOf(PlanPtr plan, std::vector<ColumnId> columns) {
  auto first = std::make_unique<PlanNode>(PlanKind::kLimit);
  first->output = plan->output;
  first->limit = MakeConstant(Value::Integer(Type::BigInt(), 1));
  first->limit_by = std::move(columns);
  first->children.push_back(std::move(plan));
  return first;
}

}  // namespace

// Projection, DISTINCT, ORDER BY: what decides these and is not selected is computed beside and
// dropped at the end.
PlanPtr Binder::ProjectAndSort(PlanPtr plan, std::vector<SelectItem> items,
                               std::vector<OrderItem> order, bool distinct,
                               std::vector<OrderItem> distinct_on,
                               std::unique_ptr<LockPlan> locks) {
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  ColumnSet below;
  below.AddOutput(*plan);
  auto add = [&](ExpressionPtr expression, NameRef name, bool nullable) {
    // A column of an enclosing query is a value here like any other.
    bool is_own = expression->kind == BoundKind::kColumn && below.Has(expression->column);
    ColumnId id = is_own ? expression->column : NextColumn();
    project->output.push_back({id, expression->type, nullable, name});
    project->computed.push_back({id, std::move(expression)});
    return id;
  };
  project->output.reserve(items.size() + order.size());
  project->computed.reserve(items.size() + order.size());
  for (SelectItem& item : items) add(std::move(item.expression), item.name, item.nullable);
  size_t visible = items.size();
  auto column_of = [&](OrderItem& item) {
    return item.expression == nullptr ? project->output[item.item].id
                                      : add(std::move(item.expression), {}, true);
  };
  std::vector<SortKey> keys;
  for (OrderItem& item : order) {
    if (item.expression != nullptr && distinct) {
      throw Error(ErrorCode::kInvalidColumnReference,
                  "with SELECT DISTINCT, expressions of ORDER BY must stand in the select list",
                  item.position);
    }
    item.key.column = column_of(item);
    keys.push_back(item.key);
  }
  std::vector<ColumnId> first_of;
  for (OrderItem& item : distinct_on) {  // most are sort keys too
    size_t known = visible;
    while (item.expression != nullptr && known < project->computed.size() &&
           !SameExpression(*project->computed[known].expression, *item.expression)) {
      ++known;
    }
    bool is_known = item.expression != nullptr && known < project->computed.size();
    first_of.push_back(is_known ? project->output[known].id : column_of(item));
  }
  for (size_t i = 0; locks != nullptr && i < locks->tables.size(); ++i) {
    add(MakeColumn(locks->tables[i].row_id, Type::BigInt()), {}, true);
  }
  project->children.push_back(std::move(plan));
  plan = std::move(project);
  if (distinct) {
    auto node = std::make_unique<PlanNode>(PlanKind::kDistinct);
    node->output = plan->output;
    node->children.push_back(std::move(plan));
    plan = std::move(node);
  }
  if (!keys.empty()) plan = Sort(std::move(plan), std::move(keys));
  if (!first_of.empty()) plan = KeepFirstOf(std::move(plan), std::move(first_of));
  if (locks != nullptr) plan = LockRows(std::move(plan), std::move(locks));
  return DropHidden(std::move(plan), visible);
}

// Above GROUP BY and the aggregates, and the window functions above those.
PlanPtr Binder::BindGrouped(PlanPtr plan, const ast::SelectBody& select, AggregateLevel* level,
                            WindowLevel* windows, std::vector<SelectItem>* items,
                            ExpressionPtr having,
                            const std::vector<std::vector<OrderItem>*>& orders) {
  if (!select.has_group_by && select.having == nullptr && level->aggregates.empty()) return plan;
  level->input = plan.get();
  // What the groups do not determine is an error; what they do becomes an aggregate more.
  for (size_t i = 0, count = level->aggregates.size(); i < count; ++i) {
    ReplaceGroupsInFraction(i, level);
  }
  for (SelectItem& item : *items) {
    ReplaceGroups(&item.expression, level);
    item.nullable |= level->has_sets();  // null in the sets that do not have it
  }
  if (having != nullptr) ReplaceGroups(&having, level);
  for (std::vector<OrderItem>* order : orders) {
    for (OrderItem& item : *order) {
      if (item.expression != nullptr) ReplaceGroups(&item.expression, level);
    }
  }
  for (WindowLevel::Function& function : windows->functions) {
    for (ExpressionPtr& argument : function.column.arguments) ReplaceGroups(&argument, level);
    if (function.column.filter != nullptr) ReplaceGroups(&function.column.filter, level);
    for (AggregateOrder& key : function.column.order) ReplaceGroups(&key.key, level);
    for (ExpressionPtr& key : function.window.partition) ReplaceGroups(&key, level);
    for (BoundWindow::Order& key : function.window.order) ReplaceGroups(&key.key, level);
  }
  level->input = nullptr;
  return AddFilter(AddAggregate(std::move(plan), level), std::move(having));
}

PlanPtr Binder::BindSelect(const ast::SelectBody& select, Scope* parent,
                           const ast::QueryExpression* whole) {
  Scope scope;
  scope.parent = parent;
  AggregateLevel level;
  level.position = select.position;
  level.first = next_column_;
  scope.no_aggregates = "in FROM";
  std::unique_ptr<LockPlan> locks;
  PlanPtr plan = BindFrom(select, whole != nullptr ? whole->lock : nullptr, &scope, &locks);
  level.end = next_column_;
  if (select.where != nullptr) {
    scope.no_aggregates = "in WHERE";
    plan = AddFilter(std::move(plan), BindCondition(*select.where, &scope, "WHERE"));
  }
  scope.no_aggregates = "in GROUP BY";
  BindGroupBy(select, &scope, &level);
  scope.aggregates = &level;
  WindowLevel windows;
  scope.no_aggregates = "in window definitions";
  BindWindows(select, &scope, &windows);
  scope.windows = &windows;
  std::vector<SelectItem> items = BindSelectItems(select.items, !select.from.empty(), &scope);
  ExpressionPtr having;
  if (select.having != nullptr) {
    scope.windows = nullptr;
    scope.no_aggregates = "in HAVING";
    having = BindCondition(*select.having, &scope, "HAVING");
    scope.windows = &windows;
  }
  std::vector<OrderItem> order, distinct_on;
  bool is_ordered = whole != nullptr && !whole->order_by.empty();
  if (is_ordered || !select.distinct_on.empty()) {
    for (const SelectItem& item : items)
      scope.aliases.push_back({item.name, item.expression.get()});
    for (size_t i = 0; is_ordered && i < whole->order_by.size(); ++i) {
      order.push_back(BindOrderItem(whole->order_by[i], &scope, items));
    }
    distinct_on = BindDistinctOn(select, &scope, items, order);
    scope.aliases.clear();
  }
  if (whole != nullptr) FinishLock(*whole, level, windows, locks.get());
  plan = BindGrouped(std::move(plan), select, &level, &windows, &items, std::move(having),
                     {&order, &distinct_on});
  if (!windows.functions.empty()) plan = AddWindows(std::move(plan), &windows);
  return ProjectAndSort(std::move(plan), std::move(items), std::move(order),
                        select.distinct && select.distinct_on.empty(), std::move(distinct_on),
                        std::move(locks));
}

}  // namespace tupelo

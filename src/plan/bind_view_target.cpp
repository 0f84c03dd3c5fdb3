// plan/bind_view_target.cpp: INSERT, UPDATE and DELETE through views (SQL:1999 part 2, 11.21).
//
// A view of one table or view, without grouping, DISTINCT and the like, is taken apart into what
// its columns and its conditions are over the stored table's columns, whose ids are their numbers.
// The statement then works on the stored table: rows that it finds satisfy the conditions, and with
// WITH CHECK OPTION so do those that it writes.
#include <algorithm>
#include <map>

#include "base/arena.h"
#include "plan/binder.h"
#include "sql/parser.h"

namespace tupelo {

namespace {

using Substitutes = std::map<ColumnId, const BoundExpression*>;

void Substitute(ExpressionPtr* expression, const Substitutes& substitutes);

Substitutes AddressesOf(const std::map<ColumnId, ExpressionPtr>& expressions) {
  Substitutes substitutes;
  for (const auto& [id, expression] : expressions) substitutes.emplace(id, expression.get());
  return substitutes;
}

void SubstituteIn(PlanNode* node, const Substitutes& substitutes) {
  VisitNodeExpressions(*node, [&](ExpressionPtr& part) { Substitute(&part, substitutes); });
  for (PlanPtr& child : node->children) SubstituteIn(child.get(), substitutes);
}

void Substitute(ExpressionPtr* expression, const Substitutes& substitutes) {
  BoundExpression& node = **expression;
  if (node.kind == BoundKind::kColumn) {
    auto found = substitutes.find(node.column);
    if (found != substitutes.end()) *expression = Clone(*found->second);
    return;
  }
  for (ExpressionPtr& argument : node.arguments) Substitute(&argument, substitutes);
  if (node.plan == nullptr) return;
  SubstituteIn(node.plan.get(), substitutes);
  node.outer_columns = FreeColumns(*node.plan);
}

void ForgetPositions(BoundExpression* expression) {
  VisitExpressions(*expression, [](BoundExpression& part) { part.position = kNoPosition; });
}

// The SELECT of a query whose rows are rows of one table; nullptr: it is of another form.
const ast::SelectBody* FindSimpleSelect(const ast::QueryExpression& query) {
  if (query.with != nullptr || query.limit != nullptr || query.offset != nullptr ||
      query.body->kind != ast::QueryBodyKind::kSelect) {
    return nullptr;
  }
  const auto& select = ast::As<ast::SelectBody>(*query.body);
  bool is_simple = !select.distinct && !select.has_group_by && select.having == nullptr &&
                   select.from.size() == 1 &&
                   select.from[0]->kind == ast::TableReferenceKind::kTable;
  return is_simple ? &select : nullptr;
}

}  // namespace

void SubstituteColumns(ExpressionPtr* expression,
                       const std::map<ColumnId, ExpressionPtr>& computed) {
  Substitute(expression, AddressesOf(computed));
}

bool Binder::IsUpdatable(const ViewPtr& view) {
  ViewTarget target;
  return ResolveView(*view, false, &target) &&
         std::ranges::any_of(target.items, [](const ExpressionPtr& item) {
           return item->kind == BoundKind::kColumn;
         });
}

bool Binder::ResolveView(const ViewDefinition& view, bool is_checked, ViewTarget* target) {
  Arena arena;
  const ast::Statement& statement = *ParseStatement(view.sql, arena).statement;
  const ast::QueryExpression& query = *ast::As<ast::QueryStatement>(statement).query;
  const ast::SelectBody* select = FindSimpleSelect(query);
  if (select == nullptr) return false;
  const ViewDefinition* around = std::exchange(view_, &view);
  CommonTableFrame* common_tables = std::exchange(common_tables_, nullptr);
  bool is_updatable = ResolveSelect(*select, is_checked, target);
  view_ = around;
  common_tables_ = common_tables;
  return is_updatable;
}

// `is_checked`: a view above has a check option that cascades.
bool Binder::ResolveSelect(const ast::SelectBody& select, bool is_checked, ViewTarget* target) {
  const ViewDefinition& view = *view_;
  const auto& reference = ast::As<ast::NamedTable>(*select.from[0]);
  Relation relation = FindRelation(reference.name);
  std::vector<ExpressionPtr> below;
  if (relation.table != nullptr) {
    target->table = relation.table;
    size_t count = relation.table->columns.size();
    next_column_ = std::max(next_column_, static_cast<ColumnId>(count));
    for (size_t i = 0; i < count; ++i) {
      below.push_back(MakeColumn(static_cast<ColumnId>(i), relation.table->columns[i].type));
    }
  } else {
    if (relation.view == nullptr) return false;  // what the database tells of itself
    if (!ResolveView(*relation.view, is_checked || view.check == CheckOption::kCascaded, target)) {
      return false;
    }
    below = std::move(target->items);
    target->items.clear();
  }
  Scope scope;
  Substitutes substitutes;
  AddSource(relation, reference.alias, below, &scope, &substitutes);
  AggregateLevel level;
  scope.aggregates = &level;
  WindowLevel windows;
  scope.windows = &windows;
  std::vector<SelectItem> items = BindSelectItems(select.items, true, &scope);
  if (!level.aggregates.empty() || !windows.functions.empty()) return false;
  for (SelectItem& item : items) {
    Substitute(&item.expression, substitutes);
    ForgetPositions(item.expression.get());
    target->items.push_back(std::move(item.expression));
  }
  if (select.where == nullptr) return true;
  scope.aggregates = nullptr;
  scope.no_aggregates = "in WHERE";
  ExpressionPtr condition = BindCondition(*select.where, &scope, "WHERE");
  Substitute(&condition, substitutes);
  ForgetPositions(condition.get());
  if (is_checked || view.check != CheckOption::kNone) {
    target->checks.push_back({Clone(*condition), view.name.spelling});
  }
  target->conditions.push_back(std::move(condition));
  return true;
}

// The columns that the view's query sees: those of the table, or what they are over it.
void Binder::AddSource(const Relation& relation, const ast::TableAlias& alias,
                       const std::vector<ExpressionPtr>& below, Scope* scope,
                       std::map<ColumnId, const BoundExpression*>* substitutes) {
  bool has_alias = !alias.name.empty();
  NameRef qualifier = Keep(has_alias ? MakeName(alias.name) : relation.source->name);
  NameRef schema = has_alias ? NameRef() : Keep(relation.source->schema);
  size_t place = 0;
  for (const ViewSource::Column& column : relation.source->columns) {
    for (size_t i = 0; i < below.size(); ++i) {
      size_t number = relation.table != nullptr ? relation.table->columns[i].physical : i;
      if (number != column.number) continue;
      bool is_column = below[i]->kind == BoundKind::kColumn;
      ColumnId id = is_column ? below[i]->column : NextColumn();
      if (!is_column) substitutes->emplace(id, below[i].get());
      NameRef name =
          alias.columns.empty() ? Keep(column.name) : Keep(MakeName(alias.columns[place]));
      scope->columns.push_back({qualifier, schema, name, id, below[i]->type, true, false});
      ++place;
    }
  }
}

// The table that a statement writes: the one named, or that of the view named.
TablePtr Binder::FindWritten(const ast::QualifiedName& name, ViewTarget* target) {
  Relation relation = FindRelation(name);
  if (relation.table != nullptr) return relation.table;
  if (relation.system_view != nullptr) {
    throw Error(ErrorCode::kObjectNotReady,
                "the views of schema tupelo can only be read: " + relation.name().spelling,
                name.position())
        .OnTable(relation.name().spelling);
  }
  target->view = relation.view;
  if (!ResolveView(*relation.view, false, target)) {
    throw Error(ErrorCode::kObjectNotReady,
                "rows can be changed through a view only if it has one table in FROM, and no "
                "DISTINCT, GROUP BY, HAVING, aggregate, set operation, WITH or LIMIT: " +
                    relation.view->name.spelling,
                name.position())
        .OnTable(relation.view->name.spelling);
  }
  NoteTable(target->table);
  written_view_ = target;
  return target->table;
}

uint16_t Binder::TableColumnOf(const ViewTarget& target, size_t column, Position position) {
  const BoundExpression& item = *target.items[column];
  if (item.kind == BoundKind::kColumn) return static_cast<uint16_t>(item.column);
  const Name& name = target.view->columns[column].name;
  throw Error(ErrorCode::kFeatureNotSupported,
              "column " + name.spelling + " of view " + target.view->name.spelling +
                  " is computed: it can't be given a value",
              position)
      .OnTable(target.view->name.spelling)
      .OnColumn(name.spelling);
}

uint16_t Binder::FindViewColumn(const ViewTarget& target, const ast::Identifier& name) {
  const std::vector<ViewColumn>& columns = target.view->columns;
  size_t found = FindName(MakeKey(name), columns.size(),
                          [&](size_t i) -> std::string_view { return columns[i].name.key; });
  if (found >= columns.size()) {
    bool ambiguous = found == kNameAmbiguous;
    throw Error(ambiguous ? ErrorCode::kAmbiguousColumn : ErrorCode::kUndefinedColumn,
                (ambiguous ? "column name is ambiguous in view " : "column not found in view ") +
                    target.view->name.spelling + ": " + std::string(name.text),
                name.position)
        .OnTable(target.view->name.spelling)
        .OnColumn(std::string(name.text));
  }
  return TableColumnOf(target, found, name.position);
}

// The rows of the stored table that the view shows, as BindTarget gives those of a table.
PlanPtr Binder::BindViewRows(const ViewTarget& target, const ast::Identifier& alias, Scope* scope) {
  const ViewDefinition& view = *target.view;
  PlanPtr plan = ScanTable(target.table, target.table->name, true);
  std::vector<ExpressionPtr> columns;
  Substitutes substitutes;
  for (size_t i = 1; i < plan->output.size(); ++i) {
    columns.push_back(MakeColumn(plan->output[i].id, plan->output[i].type));
    substitutes.emplace(static_cast<ColumnId>(i - 1), columns.back().get());
  }
  if (!target.conditions.empty()) {
    std::vector<ExpressionPtr> conditions;
    for (const ExpressionPtr& condition : target.conditions) {
      conditions.push_back(Clone(*condition));
      Substitute(&conditions.back(), substitutes);
    }
    auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
    filter->output = plan->output;
    filter->condition = MakeAnd(std::move(conditions));
    filter->children.push_back(std::move(plan));
    plan = std::move(filter);
  }
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  project->output = plan->output;
  for (const OutputColumn& column : plan->output) {
    project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  }
  NameRef qualifier = Keep(alias.empty() ? view.name : MakeName(alias));
  NameRef schema = alias.empty() ? Keep(view.schema) : NameRef();
  for (size_t i = 0; i < target.items.size(); ++i) {
    ExpressionPtr item = Clone(*target.items[i]);
    Substitute(&item, substitutes);
    Type type = item->type;
    NameRef name = Keep(view.columns[i].name);
    ColumnId id = item->kind == BoundKind::kColumn ? item->column : NextColumn();
    if (item->kind != BoundKind::kColumn) {
      project->output.push_back({id, type, true, name});
      project->computed.push_back({id, std::move(item)});
    }
    scope->columns.push_back({qualifier, schema, name, id, type, true, false});
  }
  project->children.push_back(std::move(plan));
  return project;
}

// The view's columns over those of a row of the table, of which column i has the id `first` + i:
// for RETURNING and ON CONFLICT. What is computed gets an id of its own.
void Binder::AddViewToScope(const ViewTarget& target, ColumnId first, NameRef qualifier,
                            NameRef schema, bool qualified_only, Scope* scope,
                            std::map<ColumnId, ExpressionPtr>* computed) {
  const ViewDefinition& view = *target.view;
  std::map<ColumnId, ExpressionPtr> stored;
  for (size_t i = 0; i < target.table->columns.size(); ++i) {
    auto number = static_cast<ColumnId>(i);
    stored.emplace(number, MakeColumn(first + number, target.table->columns[i].type));
  }
  for (size_t i = 0; i < target.items.size(); ++i) {
    ExpressionPtr item = Clone(*target.items[i]);
    SubstituteColumns(&item, stored);
    Type type = item->type;
    bool is_column = item->kind == BoundKind::kColumn;
    ColumnId id = is_column ? item->column : NextColumn();
    if (!is_column) computed->emplace(id, std::move(item));
    scope->columns.push_back(
        {qualifier, schema, Keep(view.columns[i].name), id, type, true, qualified_only});
  }
}

}  // namespace tupelo

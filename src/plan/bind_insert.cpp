// plan/bind_insert.cpp: INSERT, and what every assignment to a column has in common.
#include <algorithm>

#include "base/arena.h"
#include "plan/binder.h"
#include "sql/parser.h"

namespace tupelo {

uint16_t Binder::FindTargetColumn(const TablePtr& table, const ast::Identifier& name) {
  if (written_view_ != nullptr) return FindViewColumn(*written_view_, name);
  std::optional<uint16_t> found;
  try {
    found = table->FindColumn(MakeName(name).key);
  } catch (Error& error) {
    error.AtPosition(name.position);
    throw;
  }
  if (!found.has_value()) {
    throw Error(ErrorCode::kUndefinedColumn,
                "column not found in table " + table->name.spelling + ": " + std::string(name.text),
                name.position)
        .OnTable(table->name.spelling)
        .OnColumn(std::string(name.text));
  }
  return *found;
}

// Store assignment (SQL:1999 part 2, 9.2); for parameters the stricter rules of values from
// outside.
ExpressionPtr Binder::Assign(ExpressionPtr value, const TablePtr& table, uint16_t column) {
  const ColumnDefinition& target = table->columns[column];
  Position position = value->position;
  if (value->type.id == TypeId::kNull ||
      (value->kind == BoundKind::kConstant && value->constant.is_null)) {
    return MakeConstant(Value::Null(target.type), position);
  }
  bool is_parameter = value->kind == BoundKind::kParameter;
  if (is_parameter) parameter_uses_[value->parameter].target = target.type;
  if (value->type == target.type) return value;
  BoundFunction cast;
  bool exists = is_parameter ? ResolveParameterCast(value->type, target.type, &cast)
                             : ResolveCast(value->type, target.type, CastKind::kAssignment, &cast);
  // Text for a datetime: only a literal or a parameter is read as one.
  if (exists && value->type.is_character() && !target.type.is_character() && !IsTextGiven(*value)) {
    exists = false;
  }
  if (!exists) {
    throw Error(is_parameter ? ErrorCode::kInvalidCast : ErrorCode::kDatatypeMismatch,
                "column " + target.name.spelling + " is of type " + target.type.ToString() +
                    ", but the value is of type " + value->type.ToString() +
                    (is_parameter ? "" : "; use CAST"),
                position)
        .OnTable(table->name.spelling)
        .OnColumn(target.name.spelling);
  }
  if (cast.kernel == nullptr) {
    value->type = target.type;
    if (value->kind == BoundKind::kConstant) value->constant.type = target.type;
    return value;
  }
  cast.result = target.type;
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(value));
  ExpressionPtr call = MakeCall(std::move(cast), std::move(arguments), position);
  call->assigned_table = table;
  call->assigned_column = column;
  return FoldConstants(std::move(call));
}

ExpressionPtr Binder::DefaultOf(const TablePtr& table, uint16_t column) {
  const ColumnDefinition& target = table->columns[column];
  // What is generated is put in its place when the row is written.
  if (target.is_generated()) return MakeConstant(Value::Null(target.type));
  if (target.identity != nullptr) {
    auto next = std::make_unique<BoundExpression>(BoundKind::kNextIdentity, target.type);
    next->assigned_table = table;
    next->assigned_column = column;
    return next;
  }
  if (target.default_sql.empty()) return MakeConstant(Value::Null(target.type));
  Arena arena;
  return BindDefault(table, column, *ParseExpression(target.default_sql, arena));
}

ExpressionPtr Binder::BindDefault(const TablePtr& table, uint16_t column,
                                  const ast::Expression& expression) {
  Scope scope;
  scope.no_aggregates = "in DEFAULT";
  ExpressionPtr value = Assign(BindExpression(expression, &scope), table, column);
  VisitExpressions(*value, [](BoundExpression& part) { part.position = kNoPosition; });
  return value;
}

ExpressionPtr Binder::BindStandalone(const ast::Expression& expression, const char* clause) {
  Scope scope;
  scope.no_aggregates = clause;
  ExpressionPtr value = BindExpression(expression, &scope);
  bool is_plain = !HasSubquery(*value);
  VisitExpressions(*value, [&](BoundExpression& part) {
    is_plain &= part.kind != BoundKind::kNextValue && part.kind != BoundKind::kLastValue;
  });
  if (is_plain) return value;
  throw Error(ErrorCode::kFeatureNotSupported,
              std::string("a subquery or a sequence ") + clause + " is not supported",
              expression.position);
}

ExpressionPtr Binder::BindCheck(const TablePtr& table, const ast::Expression& expression) {
  Scope scope;
  scope.no_aggregates = "in CHECK";
  for (size_t i = 0; i < table->columns.size(); ++i) {
    const ColumnDefinition& column = table->columns[i];
    scope.columns.push_back({NameRef(table->name), NameRef(table->schema), NameRef(column.name),
                             static_cast<ColumnId>(i), column.type, !column.not_null, false});
  }
  next_column_ = static_cast<ColumnId>(table->columns.size());
  ExpressionPtr condition = BindCondition(expression, &scope, "CHECK");
  if (HasSubquery(*condition)) {
    throw Error(ErrorCode::kFeatureNotSupported, "subqueries in CHECK are not supported",
                expression.position);
  }
  return condition;
}

ExpressionPtr Binder::BindAssigned(const ast::Expression& value, const TablePtr& table,
                                   uint16_t column, Scope* scope) {
  if (value.kind == ast::ExpressionKind::kDefault) return DefaultOf(table, column);
  return Assign(BindExpression(value, scope), table, column);
}

namespace {

[[noreturn]] void ThrowColumnCount(size_t columns, size_t values, Position position) {
  throw Error(ErrorCode::kInsertColumnMismatch,
              "INSERT names " + std::to_string(columns) + " columns, but gives " +
                  std::to_string(values) + " values",
              position);
}

}  // namespace

PlanPtr Binder::BindInsertSource(const ast::InsertStatement& insert, const TablePtr& table,
                                 const std::vector<uint16_t>& columns) {
  if (insert.source == nullptr) return std::make_unique<PlanNode>(PlanKind::kSingleRow);
  const ast::QueryExpression& source = *insert.source;
  if (source.with == nullptr && source.body->kind == ast::QueryBodyKind::kValues &&
      source.order_by.empty() && source.limit == nullptr && source.offset == nullptr &&
      source.lock == nullptr) {
    const auto& values = ast::As<ast::ValuesBody>(*source.body);
    Scope scope;
    scope.no_aggregates = "in VALUES";
    auto plan = std::make_unique<PlanNode>(PlanKind::kValues);
    for (const ast::RowExpression* row : values.rows) {
      if (row->fields.size() != columns.size()) {
        ThrowColumnCount(columns.size(), row->fields.size(), row->position);
      }
      plan->rows.emplace_back();
      for (size_t i = 0; i < columns.size(); ++i) {
        CheckGeneratedAlways(insert.overriding, *table, columns[i], *row->fields[i]);
        plan->rows.back().push_back(BindAssigned(*row->fields[i], table, columns[i], &scope));
      }
    }
    for (uint16_t column : columns) {
      plan->output.push_back(
          {NextColumn(), table->columns[column].type, true, NameRef(table->columns[column].name)});
    }
    plan->estimated_rows = static_cast<double>(values.rows.size());
    return plan;
  }
  PlanPtr plan = BindQuery(source, nullptr);
  if (plan->output.size() != columns.size()) {
    ThrowColumnCount(columns.size(), plan->output.size(), source.position);
  }
  for (uint16_t column : columns) {
    ThrowIfGenerated(*table, column, source.position);
    if (table->columns[column].identity != nullptr) {
      ThrowIfGeneratedAlways(insert.overriding, *table, column, source.position);
    }
  }
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  for (size_t i = 0; i < columns.size(); ++i) {
    const OutputColumn& output = plan->output[i];
    ExpressionPtr value =
        Assign(MakeColumn(output.id, output.type, source.position), table, columns[i]);
    ColumnId id = value->kind == BoundKind::kColumn ? output.id : NextColumn();
    project->output.push_back({id, value->type, true, NameRef(table->columns[columns[i]].name)});
    project->computed.push_back({id, std::move(value)});
  }
  project->children.push_back(std::move(plan));
  return project;
}

void Binder::ThrowIfGeneratedAlways(ast::Overriding overriding, const TableDefinition& table,
                                    uint16_t column, Position position) {
  const ColumnDefinition& target = table.columns[column];
  if (target.identity == nullptr || !target.identity->always ||
      overriding != ast::Overriding::kNone) {
    return;
  }
  throw Error(ErrorCode::kGeneratedAlways,
              "column is GENERATED ALWAYS; leave it out, or use OVERRIDING SYSTEM VALUE: " +
                  target.name.spelling,
              position)
      .OnTable(table.name.spelling)
      .OnColumn(target.name.spelling);
}

void Binder::CheckGeneratedAlways(ast::Overriding overriding, const TableDefinition& table,
                                  uint16_t column, const ast::Expression& value) {
  if (value.kind == ast::ExpressionKind::kDefault) return;
  ThrowIfGenerated(table, column, value.position);
  ThrowIfGeneratedAlways(overriding, table, column, value.position);
}

// The columns named, or all of the table when there are no names and `all`.
std::vector<uint16_t> Binder::BindInsertColumns(ast::List<ast::Identifier> names,
                                                const TablePtr& table, bool all) {
  std::vector<uint16_t> columns;
  for (const ast::Identifier& name : names) {
    uint16_t column = FindTargetColumn(table, name);
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      throw Error(ErrorCode::kDuplicateColumn,
                  "column stands twice in the list of INSERT: " + std::string(name.text),
                  name.position);
    }
    columns.push_back(column);
  }
  for (size_t i = 0; names.empty() && all && i < table->columns.size(); ++i) {
    columns.push_back(static_cast<uint16_t>(i));
  }
  return columns;
}

std::vector<ComputedColumn> Binder::BindDefaults(const TablePtr& table, ast::Overriding overriding,
                                                 std::vector<uint16_t>* columns) {
  for (uint16_t& column : *columns) {  // OVERRIDING USER VALUE: what the user gave is not used
    if (overriding == ast::Overriding::kUserValue && table->columns[column].identity != nullptr) {
      column = kIgnoredColumn;
    }
  }
  std::vector<ComputedColumn> defaults;
  for (size_t i = 0; i < table->columns.size(); ++i) {
    auto column = static_cast<uint16_t>(i);
    if (std::find(columns->begin(), columns->end(), column) == columns->end()) {
      defaults.push_back({column, DefaultOf(table, column)});
    }
  }
  return defaults;
}

PlanPtr Binder::BindInsert(const ast::InsertStatement& insert) {
  ViewTarget view;
  TablePtr table = FindWritten(insert.table, &view);
  bool all = insert.source != nullptr;
  std::vector<uint16_t> columns =
      BindInsertColumns(insert.columns, table, all && view.view == nullptr);
  for (size_t i = 0; all && insert.columns.empty() && i < view.items.size(); ++i) {
    columns.push_back(TableColumnOf(view, i, insert.table.position()));
  }
  auto node = std::make_unique<PlanNode>(PlanKind::kInsert);
  node->children.push_back(BindInsertSource(insert, table, columns));
  node->defaults = BindDefaults(table, insert.overriding, &columns);
  node->table = table;
  node->target_columns = std::move(columns);
  BindChecksOf(table, &node->checks);
  node->view_checks = std::move(view.checks);
  if (insert.conflict != nullptr) node->conflict = BindConflict(insert, table);
  return BindReturning(std::move(node), insert.returning, insert.alias, nullptr);
}

ExpressionPtr Binder::AssignConstant(Value value, const TablePtr& table, uint16_t column) {
  return Assign(MakeConstant(std::move(value)), table, column);
}

void Binder::BindChecksOf(const TablePtr& table, std::vector<ExpressionPtr>* checks) {
  ColumnId next = next_column_;
  for (const CheckDefinition& check : table->checks) {
    Arena arena;
    ExpressionPtr condition = BindCheck(table, *ParseExpression(check.sql, arena));
    VisitExpressions(*condition, [](BoundExpression& part) { part.position = kNoPosition; });
    checks->push_back(std::move(condition));
  }
  next_column_ = next;
}

}  // namespace tupelo

// engine/define_constraint.cpp: PRIMARY KEY, UNIQUE, CHECK and NOT NULL.
#include "engine/definition_steps.h"
#include "engine/existing_rows.h"
#include "plan/binder.h"

namespace tupelo {

Deferral DeferralOf(const ast::Constraint& constraint) {
  if (!constraint.deferrable) return Deferral::kNotDeferrable;
  return constraint.initially_deferred ? Deferral::kInitiallyDeferred
                                       : Deferral::kInitiallyImmediate;
}

std::string NamedNotNullCondition(const ColumnDefinition& column) {
  return "(" + QuoteIdentifier(column.name.key) + " IS NULL) IS FALSE";
}

namespace {

// What speaks of single rows is checked as these are written.
void ThrowIfDeferrable(const ast::Constraint& constraint) {
  if (!constraint.deferrable) return;
  throw Error(ErrorCode::kFeatureNotSupported,
              std::string("PRIMARY KEY, UNIQUE and FOREIGN KEY may be DEFERRABLE; it is not "
                          "supported for ") +
                  (constraint.kind == ast::ConstraintKind::kCheck     ? "CHECK"
                   : constraint.kind == ast::ConstraintKind::kNotNull ? "NOT NULL"
                                                                      : "NULL"),
              constraint.deferrable_position);
}

void AddKey(const DefinitionContext& context, TableDefinition* table,
            const ast::Constraint& constraint, std::vector<uint16_t> columns, bool is_new) {
  bool is_primary = constraint.kind == ast::ConstraintKind::kPrimaryKey;
  if (is_primary && table->PrimaryKey() != nullptr) {
    throw Error(
        ErrorCode::kInvalidTableDefinition,
        "a table has at most one PRIMARY KEY (use UNIQUE for more keys): " + table->name.spelling,
        constraint.position)
        .OnTable(table->name.spelling)
        .OnConstraint(table->PrimaryKey()->name.spelling);
  }
  if (columns.size() > kMaxIndexColumns) {
    throw Error(ErrorCode::kTooManyColumns,
                "a key has at most " + std::to_string(kMaxIndexColumns) + " columns, not " +
                    std::to_string(columns.size()),
                constraint.position)
        .OnTable(table->name.spelling);
  }
  KeyDefinition key;
  key.is_primary = is_primary;
  key.deferral = DeferralOf(constraint);
  key.columns = std::move(columns);
  key.name = NameConstraint(context, *table, constraint.name,
                            is_primary ? std::vector<uint16_t>() : key.columns,
                            is_primary ? "pkey" : "key", true);
  if (is_primary) {
    for (uint16_t column : key.columns) SetNotNull(context, table, column, constraint.position);
  }
  IndexDefinition index;
  index.name = key.name;
  index.is_unique = !key.is_deferrable();
  index.of_constraint = true;
  for (uint16_t column : key.columns) index.columns.push_back({column, false, false});
  index.index = BuildIndex(context, *table, key.name, index.columns, true, is_primary && is_new,
                           constraint.position);
  key.index = index.index;
  table->keys.push_back(std::move(key));
  table->indexes.push_back(std::move(index));
}

void AddCheck(const DefinitionContext& context, TableDefinition* table,
              const ast::Constraint& constraint, int column, bool is_new) {
  ThrowIfDeferrable(constraint);
  const ast::Expression& condition = *constraint.check;
  ThrowUnlessStorable(condition, "CHECK", true);
  CatalogPtr catalog = context.catalog->current();
  std::vector<Type> no_parameters;
  try {
    Binder(*catalog, no_parameters)
        .BindCheck(std::make_shared<const TableDefinition>(*table), condition);
  } catch (Error& error) {
    error.AtPosition(condition.position);
    throw;
  }
  CheckDefinition check;
  check.sql = CanonicalCondition(*table, condition, &check.columns);
  std::vector<uint16_t> named_after = check.columns;
  if (column >= 0) named_after = {static_cast<uint16_t>(column)};
  if (named_after.size() != 1) named_after.clear();
  check.name = NameConstraint(context, *table, constraint.name, named_after, "check", false);
  if (!is_new) CheckRowsAgainst(context, *table, check, condition.position);
  table->checks.push_back(std::move(check));
}

}  // namespace

void AddConstraint(const DefinitionContext& context, TableDefinition* table,
                   const ast::Constraint& constraint, int column, bool is_new) {
  switch (constraint.kind) {
    case ast::ConstraintKind::kNull: return ThrowIfDeferrable(constraint);
    case ast::ConstraintKind::kNotNull: {
      ThrowIfDeferrable(constraint);
      auto target = static_cast<uint16_t>(column);
      if (!constraint.name.empty()) {
        Name name = NameConstraint(context, *table, constraint.name, {}, "", false);
        table->checks.push_back({name, NamedNotNullCondition(table->columns[target]), {target}});
      }
      return SetNotNull(context, table, target, constraint.position);
    }
    case ast::ConstraintKind::kPrimaryKey:
    case ast::ConstraintKind::kUnique: {
      std::vector<uint16_t> columns = FindColumns(*table, constraint.columns);
      if (column >= 0) columns = {static_cast<uint16_t>(column)};
      return AddKey(context, table, constraint, std::move(columns), is_new);
    }
    case ast::ConstraintKind::kCheck: return AddCheck(context, table, constraint, column, is_new);
    case ast::ConstraintKind::kForeignKey: break;
  }
  throw Error(ErrorCode::kInternalError, "a constraint of an unknown kind", constraint.position);
}

}  // namespace tupelo

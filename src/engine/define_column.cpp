// engine/define_column.cpp: a column's type, default and identity.
#include <algorithm>
#include <charconv>

#include "base/arena.h"
#include "engine/definition_steps.h"
#include "plan/binder.h"
#include "sql/parser.h"
#include "sql/print.h"

namespace tupelo {

ColumnDefinition DefineColumn(const ast::ColumnDefinition& column) {
  ColumnDefinition defined;
  defined.name = MakeName(column.name);
  defined.type = Binder::BindType(column.type);
  bool may_be_null = false;
  Position null_position = kNoPosition;
  for (const ast::Constraint& constraint : column.constraints) {
    if (constraint.kind == ast::ConstraintKind::kNull) {
      may_be_null = true;
      null_position = constraint.position;
    }
    if (constraint.kind == ast::ConstraintKind::kNotNull ||
        constraint.kind == ast::ConstraintKind::kPrimaryKey) {
      defined.not_null = true;
    }
  }
  if (may_be_null && (defined.not_null || column.identity != ast::IdentityKind::kNone)) {
    throw Error(ErrorCode::kSyntaxError,
                "column is both NULL and NOT NULL (as PRIMARY KEY and IDENTITY columns are); leave "
                "NULL out: " +
                    defined.name.spelling,
                null_position)
        .OnColumn(defined.name.spelling);
  }
  return defined;
}

void DefineDefault(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                   const ast::Expression& value) {
  ColumnDefinition& target = table->columns[column];
  if (target.identity != nullptr) {
    throw Error(ErrorCode::kInvalidTableDefinition,
                "an identity column has no DEFAULT, it is numbered: " + target.name.spelling,
                value.position)
        .OnTable(table->name.spelling)
        .OnColumn(target.name.spelling);
  }
  ThrowUnlessStorable(value, "DEFAULT", false);
  CatalogPtr catalog = context.catalog->current();
  std::vector<Type> no_parameters;
  auto bound_table = std::make_shared<const TableDefinition>(*table);
  target.default_sequences.clear();
  try {
    ExpressionPtr bound = Binder(*catalog, no_parameters).BindDefault(bound_table, column, value);
    VisitExpressions(*bound, [&](const BoundExpression& part) {
      if (part.sequence != nullptr) target.default_sequences.push_back(part.sequence->id);
    });
  } catch (Error& error) {
    error.AtPosition(value.position);
    throw;
  }
  target.default_sql = PrintExpression(value);
}

ExpressionPtr BindDefaultOf(const DefinitionContext& context, const TableDefinition& table,
                            uint16_t column) {
  CatalogPtr catalog = context.catalog->current();
  std::vector<Type> no_parameters;
  Arena arena;
  return Binder(*catalog, no_parameters)
      .BindDefault(std::make_shared<const TableDefinition>(table), column,
                   *ParseExpression(table.columns[column].default_sql, arena));
}

void CheckDefault(const DefinitionContext& context, const TableDefinition& table, uint16_t column) {
  if (!table.columns[column].default_sql.empty()) BindDefaultOf(context, table, column);
}

void DefineIdentity(TableDefinition* table, uint16_t column, const ast::ColumnDefinition& source) {
  ColumnDefinition& target = table->columns[column];
  for (const ColumnDefinition& other : table->columns) {
    if (other.identity == nullptr) continue;
    throw Error(ErrorCode::kInvalidTableDefinition,
                "a table has at most one identity column; " + other.name.spelling +
                    " is one already: " + target.name.spelling,
                source.position)
        .OnTable(table->name.spelling)
        .OnColumn(target.name.spelling);
  }
  try {
    target.identity = MakeNumbers(
        source.identity_options, target.type,
        {"identity column " + target.name.spelling, source.position, target.name.spelling},
        nullptr);
  } catch (Error& error) {
    error.OnColumn(target.name.spelling);
    throw;
  }
  target.identity->always = source.identity == ast::IdentityKind::kAlways;
  target.not_null = true;
}

std::shared_ptr<IdentitySequence> RetypeIdentity(const IdentitySequence& sequence, const Type& from,
                                                 const ColumnDefinition& column,
                                                 Position position) {
  NumberOwner owner{"identity column " + column.name.spelling, position, column.name.spelling};
  NumberRange was = RangeOf(from, owner), type = RangeOf(column.type, owner);
  auto changed = std::make_shared<IdentitySequence>();
  changed->start = sequence.start;
  changed->increment = sequence.increment;
  changed->cycle = sequence.cycle;
  changed->always = sequence.always;
  changed->minimum =
      sequence.minimum == was.least ? type.least : std::max(sequence.minimum, type.least);
  changed->maximum =
      sequence.maximum == was.greatest ? type.greatest : std::min(sequence.maximum, type.greatest);
  int64_t next = sequence.next.load();
  bool exhausted = sequence.exhausted.load();
  if (exhausted && !__builtin_add_overflow(next, sequence.increment, &next)) {
    exhausted = next < changed->minimum || next > changed->maximum;
    if (exhausted) next -= sequence.increment;
  }
  CheckWithin(next, {changed->minimum, changed->maximum}, "the next number", "the new type:", owner,
              position);
  changed->next = next;
  changed->exhausted = exhausted;
  changed->called = sequence.called.load();
  return changed;
}

}  // namespace tupelo

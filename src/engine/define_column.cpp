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
  try {
    Binder(*catalog, no_parameters).BindDefault(bound_table, column, value);
  } catch (Error& error) {
    error.AtPosition(value.position);
    throw;
  }
  target.default_sql = PrintExpression(value);
}

void CheckDefault(const DefinitionContext& context, const TableDefinition& table, uint16_t column) {
  const std::string& sql = table.columns[column].default_sql;
  if (sql.empty()) return;
  CatalogPtr catalog = context.catalog->current();
  std::vector<Type> no_parameters;
  Arena arena;
  Binder(*catalog, no_parameters)
      .BindDefault(std::make_shared<const TableDefinition>(table), column,
                   *ParseExpression(sql, arena));
}

namespace {

struct Range {
  int64_t least, greatest;
};

[[noreturn]] void ThrowIdentity(const ColumnDefinition& column, const std::string& message,
                                Position position) {
  throw Error(ErrorCode::kInvalidParameterValue,
              message + ": identity column " + column.name.spelling, position)
      .OnColumn(column.name.spelling);
}

// What numbers a column of this type can hold.
Range RangeOf(const ColumnDefinition& column, Position position) {
  switch (column.type.id) {
    case TypeId::kSmallInt: return {INT16_MIN, INT16_MAX};
    case TypeId::kInteger: return {INT32_MIN, INT32_MAX};
    case TypeId::kBigInt: return {INT64_MIN, INT64_MAX};
    case TypeId::kDecimal: {
      if (column.type.scale != 0) break;
      if (column.type.precision > kMaxInt64DecimalPrecision) return {INT64_MIN, INT64_MAX};
      int64_t limit = 1;
      for (int i = 0; i < column.type.precision; ++i) limit *= 10;
      return {1 - limit, limit - 1};
    }
    default: break;
  }
  ThrowIdentity(column,
                "an identity column is SMALLINT, INTEGER, BIGINT or DECIMAL with scale 0, not " +
                    column.type.ToString(),
                position);
}

int64_t ToInteger(const ast::SignedInteger& number, const ColumnDefinition& column) {
  std::string text = (number.negative ? "-" : "") + std::string(number.digits);
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    ThrowIdentity(column, "an identity's number must fit BIGINT, " + text + " does not",
                  number.position);
  }
  return value;
}

void CheckWithin(int64_t value, const Range& range, const char* what, const char* limits,
                 const ColumnDefinition& column, Position position) {
  if (value >= range.least && value <= range.greatest) return;
  ThrowIdentity(column,
                std::string(what) + " must be within " + limits + " " +
                    std::to_string(range.least) + " to " + std::to_string(range.greatest) +
                    ", not " + std::to_string(value),
                position);
}

}  // namespace

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
  const ast::IdentityOptions& options = source.identity_options;
  Range type = RangeOf(target, source.type.position);
  auto sequence = std::make_shared<IdentitySequence>();
  sequence->always = source.identity == ast::IdentityKind::kAlways;
  sequence->cycle = options.cycle;
  if (!options.increment.empty()) sequence->increment = ToInteger(options.increment, target);
  if (sequence->increment == 0) {
    ThrowIdentity(target, "INCREMENT BY must not be 0", options.increment.position);
  }
  bool ascends = sequence->increment > 0;
  bool has_start = !options.start.empty();
  if (has_start) sequence->start = ToInteger(options.start, target);
  // Without limits, numbers go up from 1 or down from -1 (or from where they start) to the end of
  // the type.
  sequence->minimum = ascends ? std::min<int64_t>(1, has_start ? sequence->start : 1) : type.least;
  sequence->maximum =
      ascends ? type.greatest : std::max<int64_t>(-1, has_start ? sequence->start : -1);
  if (!options.minimum.empty()) {
    sequence->minimum = ToInteger(options.minimum, target);
    CheckWithin(sequence->minimum, type, "MINVALUE", "the column's type:", target,
                options.minimum.position);
  }
  if (!options.maximum.empty()) {
    sequence->maximum = ToInteger(options.maximum, target);
    CheckWithin(sequence->maximum, type, "MAXVALUE", "the column's type:", target,
                options.maximum.position);
  }
  if (sequence->minimum > sequence->maximum) {
    ThrowIdentity(target,
                  "MINVALUE " + std::to_string(sequence->minimum) +
                      " must not be greater than MAXVALUE " + std::to_string(sequence->maximum),
                  source.position);
  }
  if (!has_start) sequence->start = ascends ? sequence->minimum : sequence->maximum;
  CheckWithin(sequence->start,
              {std::max(sequence->minimum, type.least), std::min(sequence->maximum, type.greatest)},
              "START WITH", "MINVALUE and MAXVALUE:", target,
              has_start ? options.start.position : source.position);
  sequence->next = sequence->start;
  target.identity = std::move(sequence);
  target.not_null = true;
}

std::shared_ptr<IdentitySequence> RetypeIdentity(const IdentitySequence& sequence, const Type& from,
                                                 const ColumnDefinition& column,
                                                 Position position) {
  ColumnDefinition before = column;
  before.type = from;
  Range was = RangeOf(before, position), type = RangeOf(column, position);
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
  CheckWithin(next, {changed->minimum, changed->maximum}, "the next number",
              "the new type:", column, position);
  changed->next = next;
  changed->exhausted = exhausted;
  return changed;
}

}  // namespace tupelo

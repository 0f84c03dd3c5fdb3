// engine/define_foreign_key.cpp: FOREIGN KEY and REFERENCES, and the indexes that look them up.
#include <algorithm>

#include "engine/definition_steps.h"
#include "engine/existing_rows.h"

namespace tupelo {

namespace {

Error InvalidForeignKey(const std::string& message, Position position,
                        const TableDefinition& table) {
  return Error(ErrorCode::kInvalidForeignKey, message, position).OnTable(table.name.spelling);
}

// What the foreign key references, in the order of its own columns.
std::vector<uint16_t> ReferencedColumns(const ast::Constraint& constraint, size_t count,
                                        const TableDefinition& table,
                                        const TableDefinition& referenced) {
  Position position = constraint.referenced_table.position();
  std::vector<uint16_t> columns;
  if (constraint.referenced_columns.empty()) {
    const KeyDefinition* primary = referenced.PrimaryKey();
    if (primary == nullptr) {
      throw Error(ErrorCode::kUndefinedObject,
                  "the referenced table has no primary key; name the columns of a UNIQUE "
                  "constraint: " +
                      referenced.name.spelling,
                  position)
          .OnTable(table.name.spelling);
    }
    columns = primary->columns;
  } else {
    for (const ast::Identifier& name : constraint.referenced_columns) {
      columns.push_back(FindColumn(referenced, name));
    }
    position = constraint.referenced_columns.front().position;
  }
  if (columns.size() != count) {
    throw InvalidForeignKey("a foreign key has as many columns as it references: it has " +
                                std::to_string(count) + ", but references " +
                                std::to_string(columns.size()) + " of table " +
                                referenced.name.spelling,
                            position, table);
  }
  bool is_key = false, is_deferrable = false;
  for (const KeyDefinition& key : referenced.keys) {
    if (!SameColumns(key.columns, columns)) continue;
    (key.is_deferrable() ? is_deferrable : is_key) = true;
  }
  if (!is_key && is_deferrable) {
    throw InvalidForeignKey(
        "a foreign key references a PRIMARY KEY or UNIQUE constraint that is "
        "not DEFERRABLE, unlike that of table " +
            referenced.name.spelling + " on " + ListColumns(referenced, columns),
        position, table);
  }
  if (!is_key) {
    throw InvalidForeignKey("a foreign key references a PRIMARY KEY or UNIQUE constraint; table " +
                                referenced.name.spelling + " has none of the columns " +
                                ListColumns(referenced, columns),
                            position, table);
  }
  return columns;
}

// Whether the first columns of the index are those of the key, in any order.
bool Serves(const IndexDefinition& index, const std::vector<uint16_t>& columns) {
  if (!index.of_constraint || index.columns.size() < columns.size()) return false;
  std::vector<uint16_t> first;
  for (size_t i = 0; i < columns.size(); ++i) first.push_back(index.columns[i].column);
  return SameColumns(first, columns);
}

bool IsOfKey(const TableDefinition& table, const IndexDefinition& index) {
  return std::ranges::any_of(table.keys,
                             [&](const KeyDefinition& key) { return key.index == index.index; });
}

// SQL:1999 part 2, 11.8, syntax rules 4 to 6: what is referenced stays as long as what references
// it.
void CheckLifetimes(const TableDefinition& table, const TableDefinition& referenced,
                    Position position) {
  auto fail = [&](ErrorCode code, const std::string& message) {
    throw Error(code, message + ": " + referenced.name.spelling, position)
        .OnTable(table.name.spelling);
  };
  if (table.lifetime != referenced.lifetime) {
    fail(ErrorCode::kInvalidTableDefinition,
         table.is_temporary() ? "a foreign key of a temporary table references a temporary table "
                                "of the same kind"
                              : "a foreign key of a permanent table references no temporary table");
  }
  if (table.lifetime == TableLifetime::kGlobal) {
    fail(ErrorCode::kFeatureNotSupported,
         "a foreign key from one GLOBAL TEMPORARY table to another is not supported");
  }
  if (referenced.on_commit != CommitAction::kPreserveRows &&
      table.on_commit != referenced.on_commit) {
    fail(ErrorCode::kInvalidTableDefinition,
         "what references a table with ON COMMIT DELETE ROWS or DROP has the same ON COMMIT");
  }
}

}  // namespace

void CheckForeignKeyTypes(const TableDefinition& table, const ForeignKeyDefinition& key,
                          const TableDefinition& referenced, Position position) {
  for (size_t i = 0; i < key.columns.size(); ++i) {
    const ColumnDefinition& column = table.columns[key.columns[i]];
    const ColumnDefinition& target = referenced.columns[key.referenced_columns[i]];
    bool comparable = Comparable(column.type, target.type);
    if (comparable &&
        (column.type.is_numeric() || column.type.physical() == target.type.physical())) {
      continue;
    }
    throw Error(comparable ? ErrorCode::kFeatureNotSupported : ErrorCode::kDatatypeMismatch,
                "a foreign key's column must have a type like the one that it references: " +
                    column.name.spelling + " is " + column.type.ToString() + ", but " +
                    target.name.spelling + " of table " + referenced.name.spelling + " is " +
                    target.type.ToString(),
                position)
        .OnTable(table.name.spelling)
        .OnColumn(column.name.spelling)
        .OnConstraint(key.name.spelling);
  }
}

void AdaptForeignKeyIndexes(const DefinitionContext& context, TableDefinition* table) {
  for (size_t i = table->indexes.size(); i-- > 0;) {
    const IndexDefinition& index = table->indexes[i];
    if (!index.of_constraint || IsOfKey(*table, index)) continue;
    bool needed = std::ranges::any_of(table->foreign_keys, [&](const ForeignKeyDefinition& key) {
      return Serves(index, key.columns);
    });
    if (needed) continue;
    table->data->DropIndex(context.transaction, index.index);
    table->indexes.erase(table->indexes.begin() + static_cast<ptrdiff_t>(i));
  }
  for (const ForeignKeyDefinition& key : table->foreign_keys) {
    bool served = std::ranges::any_of(
        table->indexes, [&](const IndexDefinition& index) { return Serves(index, key.columns); });
    if (served) continue;
    IndexDefinition index;
    index.of_constraint = true;
    for (uint16_t column : key.columns) index.columns.push_back({column, false, false});
    index.name = NameConstraint(context, *table, {}, key.columns, "idx", true);
    index.index = BuildIndex(context, *table, index.name, index.columns, false, false, kNoPosition);
    table->indexes.push_back(std::move(index));
  }
}

void AddForeignKey(const DefinitionContext& context, TableDefinition* table,
                   const ast::Constraint& constraint, int column) {
  if (constraint.match == ast::MatchType::kPartial) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "MATCH PARTIAL is not supported; MATCH SIMPLE and MATCH FULL are",
                constraint.position);
  }
  ForeignKeyDefinition key;
  key.columns = FindColumns(*table, constraint.columns);
  if (column >= 0) key.columns = {static_cast<uint16_t>(column)};
  if (key.columns.size() > kMaxIndexColumns) {
    throw Error(ErrorCode::kTooManyColumns,
                "a foreign key has at most " + std::to_string(kMaxIndexColumns) + " columns, not " +
                    std::to_string(key.columns.size()),
                constraint.position)
        .OnTable(table->name.spelling);
  }
  TablePtr found = FindTable(context, constraint.referenced_table);
  bool to_itself = found->id == table->id;
  if (!to_itself) CheckLifetimes(*table, *found, constraint.referenced_table.position());
  const TableDefinition& referenced = to_itself ? *table : *found;
  key.referenced_table = referenced.id;
  key.referenced_columns = ReferencedColumns(constraint, key.columns.size(), *table, referenced);
  key.name = NameConstraint(context, *table, constraint.name, key.columns, "fkey", false);
  CheckForeignKeyTypes(*table, key, referenced, constraint.position);
  key.match_full = constraint.match == ast::MatchType::kFull;
  key.deferral = DeferralOf(constraint);
  key.on_delete = static_cast<ReferentialAction>(constraint.on_delete);
  key.on_update = static_cast<ReferentialAction>(constraint.on_update);
  auto sets = [](ReferentialAction action) {
    return action == ReferentialAction::kSetNull || action == ReferentialAction::kSetDefault;
  };
  for (uint16_t one : key.columns) {
    if (sets(key.on_delete) || sets(key.on_update) ||
        key.on_update == ReferentialAction::kCascade) {
      ThrowIfGenerated(*table, one, "referential action that would set it", constraint.position);
    }
  }
  if (!to_itself) {
    // Transactions that do not know the foreign key must not take away what it references.
    LockTable(context, referenced, constraint.referenced_table.position());
    TouchTable(context, referenced.id);
  }
  table->foreign_keys.push_back(key);
  AdaptForeignKeyIndexes(context, table);
  CheckRowsReference(context, *table, key, constraint.position);
}

}  // namespace tupelo

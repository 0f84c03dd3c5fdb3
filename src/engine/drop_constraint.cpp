// engine/drop_constraint.cpp: what goes when a constraint or a column goes.
#include <algorithm>

#include "engine/definition_steps.h"
#include "plan/scope.h"

namespace tupelo {

namespace {

[[noreturn]] void ThrowDependent(const TableDefinition& table, const std::string& what,
                                 const std::string& dependent, Position position) {
  throw Error(ErrorCode::kDependentObjects,
              dependent + " depends on " + what + "; drop it first, or use CASCADE", position)
      .OnTable(table.name.spelling);
}

std::string Describe(const TableDefinition& table, const char* kind, const Name& name) {
  return std::string(kind) + " " + name.spelling + " of table " + table.name.spelling;
}

// Drops an index that goes with a constraint or a column.
void EraseIndex(const DefinitionContext& context, TableDefinition* table, const Index* dropped) {
  auto found = std::ranges::find_if(
      table->indexes, [&](const IndexDefinition& index) { return index.index == dropped; });
  table->data->DropIndex(context.transaction, found->index);
  table->indexes.erase(found);
}

void EraseKey(const DefinitionContext& context, TableDefinition* table, size_t number) {
  EraseIndex(context, table, table->keys[number].index);
  table->keys.erase(table->keys.begin() + static_cast<ptrdiff_t>(number));
}

void EraseForeignKey(const DefinitionContext& context, TableDefinition* table, size_t number) {
  ObjectId referenced = table->foreign_keys[number].referenced_table;
  table->foreign_keys.erase(table->foreign_keys.begin() + static_cast<ptrdiff_t>(number));
  if (referenced != table->id) TouchTable(context, referenced);
}

void DropKey(const DefinitionContext& context, TableDefinition* table, size_t number, bool cascade,
             Position position) {
  KeyDefinition key = table->keys[number];
  EraseKey(context, table, number);
  if (key.is_deferrable()) return;  // foreign keys reference no such key
  bool another = std::ranges::any_of(table->keys, [&](const KeyDefinition& other) {
    return !other.is_deferrable() && SameColumns(other.columns, key.columns);
  });
  if (another) return;
  DropForeignKeysTo(context, table, cascade, "constraint " + key.name.spelling, position,
                    [&](const TableDefinition&, const ForeignKeyDefinition& foreign) {
                      return SameColumns(foreign.referenced_columns, key.columns);
                    });
}

void DropCheck(TableDefinition* table, size_t number) {
  CheckDefinition check = table->checks[number];
  table->checks.erase(table->checks.begin() + static_cast<ptrdiff_t>(number));
  if (check.columns.size() != 1) return;
  ColumnDefinition& column = table->columns[check.columns[0]];
  if (check.sql != NamedNotNullCondition(column)) return;
  const KeyDefinition* primary = table->PrimaryKey();
  bool stays = column.identity != nullptr ||
               (primary != nullptr && Contains(primary->columns, check.columns[0]));
  column.not_null = stays;
}

}  // namespace

void TouchTable(const DefinitionContext& context, ObjectId id) {
  TablePtr table = context.catalog->current()->TableById(id);
  if (table != nullptr) context.catalog->PutTable(*table);
}

void DropForeignKeysTo(const DefinitionContext& context, TableDefinition* table, bool cascade,
                       const std::string& what, Position position, const DependsOn& depends) {
  auto erase_from = [&](TableDefinition* referencing) {
    std::erase_if(referencing->foreign_keys, [&](const ForeignKeyDefinition& key) {
      if (key.referenced_table != table->id || !depends(*referencing, key)) return false;
      if (!cascade) {
        ThrowDependent(*table, what, Describe(*referencing, "foreign key", key.name), position);
      }
      return true;
    });
    AdaptForeignKeyIndexes(context, referencing);
  };
  erase_from(table);
  for (const TablePtr& other : context.catalog->current()->Referencing(table->id)) {
    if (other->id == table->id) continue;
    bool concerned = std::ranges::any_of(other->foreign_keys, [&](const ForeignKeyDefinition& key) {
      return key.referenced_table == table->id && depends(*other, key);
    });
    if (!concerned) continue;
    TableDefinition changed = *other;
    if (cascade) LockTable(context, changed, position);
    erase_from(&changed);
    context.catalog->PutTable(std::move(changed));
  }
}

void DropConstraint(const DefinitionContext& context, TableDefinition* table,
                    const ast::Identifier& name, bool cascade) {
  std::vector<const Name*> names;
  for (const KeyDefinition& key : table->keys) names.push_back(&key.name);
  for (const CheckDefinition& check : table->checks) names.push_back(&check.name);
  for (const ForeignKeyDefinition& key : table->foreign_keys) names.push_back(&key.name);
  size_t found = FindName(MakeName(name).key, names.size(),
                          [&](size_t i) -> std::string_view { return names[i]->key; });
  if (found == kNameNotFound || found == kNameAmbiguous) {
    bool ambiguous = found == kNameAmbiguous;
    throw Error(ambiguous ? ErrorCode::kAmbiguousColumn : ErrorCode::kUndefinedObject,
                ambiguous
                    ? "constraint name matches more than one without regard to case; quote it: " +
                          std::string(name.text)
                    : "constraint not found on table " + table->name.spelling + ": " +
                          std::string(name.text),
                name.position)
        .OnTable(table->name.spelling)
        .OnConstraint(std::string(name.text));
  }
  size_t checks = table->keys.size(), foreign_keys = checks + table->checks.size();
  if (found >= foreign_keys) {
    EraseForeignKey(context, table, found - foreign_keys);
  } else if (found >= checks) {
    DropCheck(table, found - checks);
  } else {
    DropKey(context, table, found, cascade, name.position);
  }
  AdaptForeignKeyIndexes(context, table);
}

namespace {

// Constraints of this column alone go with it; with others they must be dropped first, or cascade.
void DropConstraintsOver(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                         bool cascade, Position position) {
  std::string what =
      "column " + table->columns[column].name.spelling + " of table " + table->name.spelling;
  auto goes = [&](const std::vector<uint16_t>& columns, const char* kind, const Name& name) {
    if (!Contains(columns, column)) return false;
    if (columns.size() > 1 && !cascade) {
      ThrowDependent(*table, what, Describe(*table, kind, name), position);
    }
    return true;
  };
  for (size_t i = table->foreign_keys.size(); i-- > 0;) {
    const ForeignKeyDefinition& key = table->foreign_keys[i];
    if (goes(key.columns, "foreign key", key.name)) EraseForeignKey(context, table, i);
  }
  DropForeignKeysTo(context, table, cascade, what, position,
                    [&](const TableDefinition&, const ForeignKeyDefinition& key) {
                      return Contains(key.referenced_columns, column);
                    });
  for (size_t i = table->keys.size(); i-- > 0;) {
    const KeyDefinition& key = table->keys[i];
    if (goes(key.columns, "constraint", key.name)) EraseKey(context, table, i);
  }
  std::erase_if(table->checks, [&](const CheckDefinition& check) {
    return goes(check.columns, "constraint", check.name);
  });
  AdaptForeignKeyIndexes(context, table);
  for (size_t i = table->indexes.size(); i-- > 0;) {
    bool has_column = std::ranges::any_of(
        table->indexes[i].columns, [&](const IndexedColumn& one) { return one.column == column; });
    if (has_column) EraseIndex(context, table, table->indexes[i].index);
  }
}

// Columns behind the one that is gone move up.
void Renumber(std::vector<uint16_t>* columns, uint16_t gone) {
  for (uint16_t& column : *columns) column = static_cast<uint16_t>(column - (column > gone));
}

void RenumberReferences(TableDefinition* table, ObjectId referenced, uint16_t gone) {
  for (ForeignKeyDefinition& key : table->foreign_keys) {
    if (key.referenced_table == referenced) Renumber(&key.referenced_columns, gone);
  }
}

}  // namespace

void DropColumn(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                bool cascade, Position position) {
  if (table->columns.size() == 1) {
    throw Error(ErrorCode::kInvalidTableDefinition,
                "the last column of a table can't be dropped; drop the table: " +
                    table->columns[column].name.spelling,
                position)
        .OnTable(table->name.spelling)
        .OnColumn(table->columns[column].name.spelling);
  }
  std::string key = table->columns[column].name.key;
  DropGeneratedFrom(context, table, key, cascade, position);
  column = *table->FindColumn(key);  // those in front of it may be gone
  DropViewsUsingColumn(context, *table, column, cascade, position);
  DropConstraintsOver(context, table, column, cascade, position);
  table->data->DropColumn(context.transaction, table->columns[column].physical);
  table->columns.erase(table->columns.begin() + column);
  for (ColumnDefinition& other : table->columns) Renumber(&other.generated_from, column);
  for (KeyDefinition& key : table->keys) Renumber(&key.columns, column);
  for (CheckDefinition& check : table->checks) Renumber(&check.columns, column);
  for (ForeignKeyDefinition& key : table->foreign_keys) Renumber(&key.columns, column);
  for (IndexDefinition& index : table->indexes) {
    for (IndexedColumn& one : index.columns) {
      one.column = static_cast<uint16_t>(one.column - (one.column > column));
    }
  }
  RenumberReferences(table, table->id, column);
  for (const TablePtr& other : context.catalog->current()->Referencing(table->id)) {
    if (other->id == table->id) continue;
    TableDefinition changed = *other;
    RenumberReferences(&changed, table->id, column);
    context.catalog->PutTable(std::move(changed));
  }
}

}  // namespace tupelo

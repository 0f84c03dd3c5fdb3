// engine/definition_names.cpp: which names exist, which are free, how constraints are called.
#include <algorithm>

#include "catalog/system_view.h"
#include "engine/definition_steps.h"
#include "exec/conflict_on.h"
#include "plan/binder.h"

namespace tupelo {

Name SchemaOf(const DefinitionContext& context, const ast::QualifiedName& name) {
  if (name.parts.size() > 2) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "catalog names are not supported; write schema.name: " + ToText(name),
                name.position());
  }
  CatalogPtr catalog = context.catalog->current();
  Name schema = name.parts.size() == 2 ? MakeName(name.parts[0]) : Name::Exact(kDefaultSchema);
  if (IsSystemSchema(schema)) {
    throw Error(ErrorCode::kInvalidSchemaName,
                "schema tupelo has views in which the database tells of itself, and nothing else "
                "can be in it; name another schema: " +
                    ToText(name),
                name.position());
  }
  const Name* found = nullptr;
  try {
    found = catalog->FindSchemaName(schema);
  } catch (Error& error) {
    error.AtPosition(name.position());
    throw;
  }
  if (found == nullptr) {
    throw Error(ErrorCode::kInvalidSchemaName,
                "schema not found; CREATE SCHEMA makes one: " + schema.spelling, name.position());
  }
  return *found;
}

bool NamesTemporarySchema(const ast::QualifiedName& name) {
  return name.parts.size() == 2 && MakeName(name.parts[0]).key == kTemporarySchema;
}

Name UseTemporarySchema(const DefinitionContext& context, const ast::QualifiedName& name) {
  if (name.parts.size() > 1 && !NamesTemporarySchema(name)) {
    throw Error(ErrorCode::kInvalidTableDefinition,
                "a temporary table or view of a session is in no other schema than PG_TEMP: " +
                    ToText(name),
                name.position());
  }
  context.catalog->UseTemporarySchema(context.temporary_schema);
  return context.temporary_schema;
}

TablePtr FindTable(const DefinitionContext& context, const ast::QualifiedName& name) {
  CatalogPtr catalog = context.catalog->current();
  std::vector<Type> no_parameters;
  return Binder(*catalog, no_parameters).FindTable(name);
}

uint16_t FindColumn(const TableDefinition& table, const ast::Identifier& name) {
  std::optional<uint16_t> found;
  try {
    found = table.FindColumn(MakeName(name).key);
  } catch (Error& error) {
    error.AtPosition(name.position);
    throw;
  }
  if (!found.has_value()) {
    throw Error(ErrorCode::kUndefinedColumn,
                "column not found in table " + table.name.spelling + ": " + std::string(name.text),
                name.position)
        .OnTable(table.name.spelling)
        .OnColumn(std::string(name.text));
  }
  return *found;
}

std::vector<uint16_t> FindColumns(const TableDefinition& table, ast::List<ast::Identifier> names) {
  std::vector<uint16_t> columns;
  for (const ast::Identifier& name : names) {
    uint16_t column = FindColumn(table, name);
    if (Contains(columns, column)) {
      throw Error(ErrorCode::kDuplicateColumn,
                  "column stands twice in the list; once is enough: " + std::string(name.text),
                  name.position)
          .OnTable(table.name.spelling)
          .OnColumn(table.columns[column].name.spelling);
    }
    columns.push_back(column);
  }
  return columns;
}

bool RelationExists(const DefinitionContext& context, const Name& schema, const Name& name) {
  for (const TablePtr& table : context.catalog->current()->TablesOf(schema)) {
    if (table->name.key == name.key) return true;
    for (const IndexDefinition& index : table->indexes) {
      if (index.name.key == name.key) return true;
    }
  }
  for (const ViewPtr& view : context.catalog->current()->ViewsOf(schema)) {
    if (view->name.key == name.key) return true;
  }
  for (const SequencePtr& sequence : context.catalog->current()->SequencesOf(schema)) {
    if (sequence->name.key == name.key) return true;
  }
  return false;
}

void ThrowIfRelationExists(const DefinitionContext& context, const Name& schema, const Name& name,
                           Position position) {
  if (!RelationExists(context, schema, name)) return;
  throw Error(ErrorCode::kDuplicateTable,
              "a table, view, index or sequence of that name exists already in schema " +
                  schema.spelling + "; choose another name: " + name.spelling,
              position)
      .OnTable(name.spelling);
}

namespace {

// Calls `visit` for each constraint's name in the schema; `table` instead of its version in the
// catalog.
template <typename Visit>
void VisitConstraintNames(const DefinitionContext& context, const TableDefinition& table,
                          Visit&& visit) {
  auto visit_table = [&](const TableDefinition& one) {
    for (const KeyDefinition& key : one.keys) visit(key.name);
    for (const CheckDefinition& check : one.checks) visit(check.name);
    for (const ForeignKeyDefinition& key : one.foreign_keys) visit(key.name);
  };
  visit_table(table);
  for (const TablePtr& other : context.catalog->current()->TablesOf(table.schema)) {
    if (other->id != table.id) visit_table(*other);
  }
}

template <typename Visit>
void VisitRelationNames(const DefinitionContext& context, const TableDefinition& table,
                        Visit&& visit) {
  auto visit_table = [&](const TableDefinition& one) {
    visit(one.name);
    for (const IndexDefinition& index : one.indexes) visit(index.name);
  };
  visit_table(table);
  for (const TablePtr& other : context.catalog->current()->TablesOf(table.schema)) {
    if (other->id != table.id) visit_table(*other);
  }
  for (const ViewPtr& view : context.catalog->current()->ViewsOf(table.schema)) visit(view->name);
  for (const SequencePtr& sequence : context.catalog->current()->SequencesOf(table.schema)) {
    visit(sequence->name);
  }
}

// So that a name made of several stays one that can be written.
std::string Shorten(const std::string& name, size_t bytes) {
  if (name.size() <= bytes) return name;
  while (bytes > 0 && (static_cast<unsigned char>(name[bytes]) & 0xC0) == 0x80) --bytes;
  return name.substr(0, bytes);
}

bool IsFolded(const Name& name) { return name.key == FoldUpper(name.spelling); }

}  // namespace

Name NameConstraint(const DefinitionContext& context, const TableDefinition& table,
                    const ast::Identifier& given, const std::vector<uint16_t>& columns,
                    std::string_view suffix, bool is_index) {
  if (!given.empty()) {
    Name name = MakeName(given);
    VisitConstraintNames(context, table, [&](const Name& other) {
      if (other.key != name.key) return;
      throw Error(ErrorCode::kDuplicateObject,
                  "a constraint of that name exists already in schema " + table.schema.spelling +
                      "; choose another name: " + name.spelling,
                  given.position)
          .OnTable(table.name.spelling)
          .OnConstraint(name.spelling);
    });
    if (is_index) {
      VisitRelationNames(context, table, [&](const Name& other) {
        if (other.key != name.key) return;
        throw Error(ErrorCode::kDuplicateTable,
                    "the constraint's index would be called as a table or index of schema " +
                        table.schema.spelling + "; choose another name: " + name.spelling,
                    given.position)
            .OnTable(table.name.spelling)
            .OnConstraint(name.spelling);
      });
    }
    return name;
  }
  constexpr size_t kPartBytes = 50;
  std::string base = Shorten(table.name.spelling, kPartBytes);
  bool delimited = !IsFolded(table.name);
  std::string middle;
  for (uint16_t column : columns) {
    middle += "_" + table.columns[column].name.spelling;
    delimited |= !IsFolded(table.columns[column].name);
  }
  base += Shorten(middle, kPartBytes) + "_" + std::string(suffix);
  for (uint32_t number = 0;; ++number) {
    Name name(number == 0 ? base : base + std::to_string(number), delimited);
    bool taken = false;
    auto compare = [&](const Name& other) { taken |= EqualIgnoringCase(other.key, name.key); };
    VisitConstraintNames(context, table, compare);
    VisitRelationNames(context, table, compare);
    if (!taken) return name;
  }
}

std::string ListColumns(const TableDefinition& table, const std::vector<uint16_t>& columns) {
  std::string names;
  for (uint16_t column : columns) {
    names += (names.empty() ? "" : ", ") + table.columns[column].name.spelling;
  }
  return "(" + names + ")";
}

bool SameColumns(std::vector<uint16_t> a, std::vector<uint16_t> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  return a == b;
}

bool Contains(const std::vector<uint16_t>& columns, uint16_t column) {
  return std::ranges::find(columns, column) != columns.end();
}

void LockTable(const DefinitionContext& context, const TableDefinition& table, Position position) {
  if (context.transactions->LockForDefinition(context.transaction, table.data.get())) return;
  ThrowConflictOn(table.name.spelling,
                  context.transactions->BlockersOfDefinition(context.transaction, *table.data),
                  position);
}

void KeepTable(const DefinitionContext& context, const TableDefinition& table) {
  context.transaction->OnRollback([data = table.data] {});
}

void MakeStoredTable(const DefinitionContext& context, const std::vector<Type>& types,
                     TableDefinition* table) {
  table->data = std::make_shared<Table>(context.transactions, types);
  KeepTable(context, *table);
  if (!table->is_temporary()) table->data->Store(context.transaction, NextObjectId());
}

}  // namespace tupelo

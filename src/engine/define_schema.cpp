// engine/define_schema.cpp: CREATE SCHEMA and DROP SCHEMA.
#include "catalog/system_view.h"
#include "engine/definition_steps.h"
#include "plan/scope.h"

namespace tupelo {

void CreateSchema(const DefinitionContext& context, const ast::CreateSchemaStatement& statement) {
  Name name = MakeName(statement.schema);
  CatalogPtr catalog = context.catalog->current();
  const SchemaDefinition* found = nullptr;
  try {
    found = catalog->FindSchema(name);
  } catch (const Error&) {  // others differ from it, and from each other, by case alone
  }
  // These are there in every session.
  bool is_own = name.key == kTemporarySchema || IsSystemSchema(name);
  if (is_own || (found != nullptr && found->name.key == name.key)) {
    if (statement.if_not_exists) return;
    throw Error(ErrorCode::kDuplicateObject,
                "a schema of that name exists already; choose another: " + name.spelling,
                statement.schema.position);
  }
  context.catalog->PutSchema(name);
}

void DropSchema(const DefinitionContext& context, const ast::DropSchemaStatement& statement) {
  Name name = MakeName(statement.schema);
  Position position = statement.schema.position;
  if (IsSystemSchema(name)) {
    throw Error(ErrorCode::kDependentObjects,
                "schema tupelo, in which the database tells of itself, can't be dropped", position);
  }
  CatalogPtr catalog = context.catalog->current();
  const SchemaDefinition* found = nullptr;
  try {
    found = catalog->FindSchema(name);
  } catch (Error& error) {
    error.AtPosition(position);
    throw;
  }
  if (found == nullptr) {
    if (statement.if_exists) return;
    throw Error(ErrorCode::kInvalidSchemaName, "schema not found: " + name.spelling, position);
  }
  if (found->name.key == kDefaultSchema) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "dropping the default schema is not supported; drop its tables instead: " +
                    found->name.spelling,
                position);
  }
  std::vector<TablePtr> tables = catalog->TablesOf(found->name);
  bool cascade = statement.behavior == ast::DropBehavior::kCascade;
  std::vector<ViewPtr> views = catalog->ViewsOf(found->name);
  if ((!tables.empty() || !views.empty()) && !cascade) {
    const Name& first = tables.empty() ? views.front()->name : tables.front()->name;
    throw Error(ErrorCode::kDependentObjects,
                std::string("the schema is not empty: it has ") +
                    (tables.empty() ? "view " : "table ") + first.spelling +
                    "; drop what is in it first, or use CASCADE: " + found->name.spelling,
                position)
        .OnTable(first.spelling);
  }
  DropViews(context, views, cascade, position);
  std::vector<SequencePtr> sequences = catalog->SequencesOf(found->name);
  if (!sequences.empty() && !cascade) {
    throw Error(ErrorCode::kDependentObjects,
                "the schema is not empty: it has sequence " + sequences.front()->name.spelling +
                    "; drop its sequences first, or use CASCADE: " + found->name.spelling,
                position);
  }
  DropTables(context, tables, cascade, position);
  DropSequences(context, sequences, cascade, position);
  context.catalog->DropSchema(found->id);
}

}  // namespace tupelo

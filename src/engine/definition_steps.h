// engine/definition_steps.h: the steps that CREATE, ALTER and DROP are made of.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/definition.h"
#include "plan/expression.h"
#include "txn/table.h"

namespace tupelo {

// A definition is edited as a copy (`TableDefinition* table`), its stored table changes at once,
// and PutTable publishes it in the transaction's catalog. Whatever is left half done by an Error is
// undone by the owner of the context.

// The statements (define_table.cpp, alter_table.cpp, drop_table.cpp, truncate.cpp,
// define_index.cpp, define_schema.cpp).
void CreateTable(const DefinitionContext& context, const ast::CreateTableStatement& statement);
// The rest of it for CREATE TABLE ... AS, of a table that has a name so far (define_table_as.cpp).
void CreateTableAs(const DefinitionContext& context, const ast::CreateTableStatement& statement,
                   TableDefinition table);
void AlterTable(const DefinitionContext& context, const ast::AlterTableStatement& statement);
void DropTable(const DefinitionContext& context, const ast::DropTableStatement& statement);
void Truncate(const DefinitionContext& context, const ast::TruncateStatement& statement);
// The same table, without rows, in a stored table of its own (truncate.cpp).
void DeleteAllRows(TransactionManager* transactions, Transaction* transaction, Table* table);
TableDefinition MakeEmptyCopy(const TableDefinition& old, TransactionManager* transactions,
                              Transaction* transaction);
void CreateIndex(const DefinitionContext& context, const ast::CreateIndexStatement& statement);
void DropIndex(const DefinitionContext& context, const ast::DropIndexStatement& statement);
void CreateView(const DefinitionContext& context, const ast::CreateViewStatement& statement);
void DropView(const DefinitionContext& context, const ast::DropViewStatement& statement);
void CreateSequence(const DefinitionContext& context,
                    const ast::CreateSequenceStatement& statement);
void AlterSequence(const DefinitionContext& context, const ast::AlterSequenceStatement& statement);
void DropSequence(const DefinitionContext& context, const ast::DropSequenceStatement& statement);
void CreateSchema(const DefinitionContext& context, const ast::CreateSchemaStatement& statement);
void DropSchema(const DefinitionContext& context, const ast::DropSchemaStatement& statement);

// Names (definition_names.cpp) ------------------------------------------------------------------

// The name of an existing schema that a table or index is, or is to be, in; not said, it is the
// default one. kInvalidSchemaName.
Name SchemaOf(const DefinitionContext& context, const ast::QualifiedName& name);
// Whether the name is qualified by PG_TEMP.
bool NamesTemporarySchema(const ast::QualifiedName& name);
// The schema of the session's temporary objects, which there is from now on.
// kInvalidTableDefinition when `name` names another one.
Name UseTemporarySchema(const DefinitionContext& context, const ast::QualifiedName& name);
// kUndefinedTable.
TablePtr FindTable(const DefinitionContext& context, const ast::QualifiedName& name);
// kUndefinedColumn.
uint16_t FindColumn(const TableDefinition& table, const ast::Identifier& name);
// kUndefinedColumn, kDuplicateColumn.
std::vector<uint16_t> FindColumns(const TableDefinition& table, ast::List<ast::Identifier> names);
// Tables and indexes share one space of names in a schema. By the exact name.
bool RelationExists(const DefinitionContext& context, const Name& schema, const Name& name);
void ThrowIfRelationExists(const DefinitionContext& context, const Name& schema, const Name& name,
                           Position position);
// The name of a constraint: the one given (kDuplicateObject when it is taken), else
// table_columns_suffix. `is_index`: an index is to have it too.
Name NameConstraint(const DefinitionContext& context, const TableDefinition& table,
                    const ast::Identifier& given, const std::vector<uint16_t>& columns,
                    std::string_view suffix, bool is_index);
// "(a, b)"
std::string ListColumns(const TableDefinition& table, const std::vector<uint16_t>& columns);
// Whether the two lists hold the same columns, in any order.
bool SameColumns(std::vector<uint16_t> a, std::vector<uint16_t> b);
bool Contains(const std::vector<uint16_t>& columns, uint16_t column);

// Reserves the stored table until the transaction ends; kSerializationFailure when others write it.
void LockTable(const DefinitionContext& context, const TableDefinition& table, Position position);
// Keeps the stored table at least until the transaction has ended and nobody needs its old
// versions.
void KeepTable(const DefinitionContext& context, const TableDefinition& table);
// Gives a table to be the rows that it stores, with columns of these types.
void MakeStoredTable(const DefinitionContext& context, const std::vector<Type>& types,
                     TableDefinition* table);

// Columns (define_column.cpp) -------------------------------------------------------------------

inline constexpr size_t kMaxColumns = 1600;

// kDuplicateColumn when the table being made has one of that name.
void ThrowIfColumnTwice(const TableDefinition& table, const Name& name, Position position);
// Name, type and NOT NULL of a column; the default and the identity are left out.
ColumnDefinition DefineColumn(const ast::ColumnDefinition& column);
// Checks the default by binding it; stores its text.
void DefineDefault(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                   const ast::Expression& value);
void DefineIdentity(TableDefinition* table, uint16_t column, const ast::ColumnDefinition& source);
// The identity's numbers go on in a column of another type; kInvalidParameterValue.
std::shared_ptr<IdentitySequence> RetypeIdentity(const IdentitySequence& sequence, const Type& from,
                                                 const ColumnDefinition& column, Position position);
// The default bound. REQUIRES: the column has one.
ExpressionPtr BindDefaultOf(const DefinitionContext& context, const TableDefinition& table,
                            uint16_t column);
// The default bound once more, as the definition is now: it must still fit.
void CheckDefault(const DefinitionContext& context, const TableDefinition& table, uint16_t column);

// Generated columns (define_generated.cpp) ------------------------------------------------------

// Checks the value by binding it; stores its text.
void DefineGenerated(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                     const ast::Expression& value);
// None may be generated from another: kInvalidObjectDefinition.
void CheckGenerated(const TableDefinition& table, Position position);
ExpressionPtr BindGeneratedOf(const DefinitionContext& context, const TableDefinition& table,
                              uint16_t column);
// kSyntaxError: `what` is not for generated columns.
void ThrowIfGenerated(const TableDefinition& table, uint16_t column, const char* what,
                      Position position);
// kFeatureNotSupported for a generated column, and for one that another is generated from.
void ThrowIfTypeIsNeeded(const TableDefinition& table, uint16_t column, Position position);
// Drops the columns that are generated from the one of that key, or throws kDependentObjects.
void DropGeneratedFrom(const DefinitionContext& context, TableDefinition* table,
                       std::string_view key, bool cascade, Position position);

// Numbers (sequence_options.cpp, define_sequence.cpp) -------------------------------------------

struct NumberRange {
  int64_t least, greatest;
};
// Who has the numbers, for errors: "identity column A", "sequence S".
struct NumberOwner {
  std::string name;
  Position position = kNoPosition;
  std::string column = {};  // empty: none
};
// What numbers a type can hold; kInvalidParameterValue for a type that is not for numbering.
NumberRange RangeOf(const Type& type, const NumberOwner& owner);
// kInvalidParameterValue.
void CheckWithin(int64_t value, const NumberRange& range, const char* what, const char* limits,
                 const NumberOwner& owner, Position position);
// `altered`: whose options hold where none are given, and whose numbers go on unless RESTART is
// said; nullptr: none.
std::shared_ptr<IdentitySequence> MakeNumbers(const ast::IdentityOptions& options, const Type& type,
                                              const NumberOwner& owner,
                                              const IdentitySequence* altered);
// With `cascade` the defaults that need them go too; else they are kDependentObjects.
void DropSequences(const DefinitionContext& context, const std::vector<SequencePtr>& sequences,
                   bool cascade, Position position);

// Stored expressions (stored_expression.cpp) ----------------------------------------------------

// Throws for what a stored expression may not have: subqueries, parameters, and (of defaults)
// columns.
void ThrowUnlessStorable(const ast::Expression& expression, const char* clause,
                         bool columns_allowed);
// The text of a condition with each column's name quoted, exact and unqualified; `columns` that it
// reads, ascending.
std::string CanonicalCondition(const TableDefinition& table, const ast::Expression& condition,
                               std::vector<uint16_t>* columns);
// The text after column `from` is called `to`.
std::string RenameInCondition(const std::string& sql, std::string_view from, std::string_view to);

// Constraints (define_constraint.cpp, define_foreign_key.cpp, drop_constraint.cpp) --------------

// Adds a key, a check or NOT NULL; existing rows are checked. `column`: of a column's constraint,
// else -1. `is_new`: this statement makes the table. REQUIRES: not a foreign key.
void AddConstraint(const DefinitionContext& context, TableDefinition* table,
                   const ast::Constraint& constraint, int column, bool is_new);
// Adds a foreign key. REQUIRES: the table is in the catalog (as it was before).
void AddForeignKey(const DefinitionContext& context, TableDefinition* table,
                   const ast::Constraint& constraint, int column);
// When the constraint is to be checked.
Deferral DeferralOf(const ast::Constraint& constraint);
// The types of the columns of a foreign key must fit those that they reference: kDatatypeMismatch.
void CheckForeignKeyTypes(const TableDefinition& table, const ForeignKeyDefinition& key,
                          const TableDefinition& referenced, Position position);
// Makes what indexes the foreign keys of the table need, and drops those that they need no more.
void AdaptForeignKeyIndexes(const DefinitionContext& context, TableDefinition* table);

// Drops the constraint of that name; kUndefinedObject.
void DropConstraint(const DefinitionContext& context, TableDefinition* table,
                    const ast::Identifier& name, bool cascade);
// Drops what depends on a column, or throws kDependentObjects; then the column.
void DropColumn(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                bool cascade, Position position);
// Drops the foreign keys to `table` for which `depends` holds; without `cascade` they are
// kDependentObjects.
using DependsOn =
    std::function<bool(const TableDefinition& referencing, const ForeignKeyDefinition&)>;
void DropForeignKeysTo(const DefinitionContext& context, TableDefinition* table, bool cascade,
                       const std::string& what, Position position, const DependsOn& depends);
// A new version for a table whose own definition stays as it is, so that plans look again at what
// references it.
void TouchTable(const DefinitionContext& context, ObjectId id);

// Tables whose foreign keys are all among them, or go too.
void DropTables(const DefinitionContext& context, const std::vector<TablePtr>& tables, bool cascade,
                Position position);

// Views (define_view.cpp) ------------------------------------------------------------------------

// Whether the view reads the other one, directly or through views.
bool ReadsView(const CatalogSnapshot& catalog, const ViewDefinition& view, ObjectId sought);
// Drops views, and with `cascade` those that read them; else such ones are kDependentObjects.
void DropViews(const DefinitionContext& context, const std::vector<ViewPtr>& views, bool cascade,
               Position position);
// Drops the views that use `what`, or throws kDependentObjects when there are some.
void DropDependentViews(const DefinitionContext& context, const std::vector<ViewPtr>& users,
                        bool cascade, const std::string& what, Position position);
void DropViewsUsingColumn(const DefinitionContext& context, const TableDefinition& table,
                          uint16_t column, bool cascade, Position position);

// Indexes (define_index.cpp) --------------------------------------------------------------------

// Builds the index over the rows that are there: 23505, naming `name`.
Index* BuildIndex(const DefinitionContext& context, const TableDefinition& table, const Name& name,
                  const std::vector<IndexedColumn>& columns, bool unique, bool never_null,
                  Position position);

// Columns of a table that has rows (alter_column.cpp, alter_table.cpp) --------------------------

// A column more in the stored table, `value` in every row; kTooManyColumns.
uint16_t AddStoredColumn(const DefinitionContext& context, const TableDefinition& table,
                         const Type& type, const Value& value, Position position);
void SetColumnType(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                   const ast::TypeName& type);
void SetNotNull(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                Position position);
void DropNotNull(TableDefinition* table, uint16_t column, Position position);
// The condition under which a NOT NULL with a name of its own is kept among the checks.
std::string NamedNotNullCondition(const ColumnDefinition& column);

}  // namespace tupelo

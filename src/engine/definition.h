// engine/definition.h: CREATE, ALTER and DROP.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "catalog/catalog.h"
#include "functions/function.h"
#include "sql/ast_statement.h"

namespace tupelo {

struct Plan;
class SharedLatch;
class Transaction;
class TransactionManager;

// What a definition statement works on: the session's transaction and its uncommitted catalog.
struct DefinitionContext {
  CatalogChange* catalog = nullptr;
  TransactionManager* transactions = nullptr;
  Transaction* transaction = nullptr;
  // For defaults that give existing rows their values. A time of 0: now.
  EvaluationContext evaluation = {};
  Name temporary_schema = {};  // of the session
  // The database's, which the caller has: long steps give it up in between. nullptr: they do not.
  SharedLatch* latch = nullptr;
  // Of CREATE TABLE AS: the parameters of its query, and what runs the plan that writes its rows,
  // once the table is in the catalog.
  std::vector<Type> parameter_types = {};
  std::function<void(std::shared_ptr<const Plan>)> run_write = {};
};

// Runs CREATE TABLE, ALTER TABLE, DROP TABLE, TRUNCATE, CREATE INDEX, DROP INDEX, CREATE VIEW,
// DROP VIEW, CREATE, ALTER and DROP SEQUENCE, CREATE SCHEMA, DROP SCHEMA. The stored tables change
// at once, undone by a rollback of the transaction; the catalog changes in `context.catalog`, whose
// owner returns to an earlier mark when the statement fails. Errors carry the position in the
// statement's text.
void ExecuteDefinition(const ast::Statement& statement, const DefinitionContext& context);

// Whether the statement is one of those.
bool IsDefinition(ast::StatementKind kind);

}  // namespace tupelo

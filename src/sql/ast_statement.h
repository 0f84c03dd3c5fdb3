// sql/ast_statement.h: the syntax tree of statements.
#pragma once

#include <cassert>

#include "sql/ast_query.h"
#include "sql/ast_table.h"

namespace tupelo::ast {

enum class StatementKind : uint8_t {
  kQuery,
  kInsert,
  kUpdate,
  kDelete,
  kMerge,
  kCopy,
  kCreateTable,
  kAlterTable,
  kDropTable,
  kTruncate,
  kCreateIndex,
  kDropIndex,
  kCreateSequence,
  kAlterSequence,
  kDropSequence,
  kCreateSchema,
  kCreateView,
  kDropView,
  kDropSchema,
  kStartTransaction,
  kSetTransaction,
  kCommit,
  kRollback,
  kSavepoint,
  kReleaseSavepoint,
  kSetConstraints,
  kExplain,
  kSet,
  kSetTimeZone,
  kAnalyze,
  kVacuum,
  kShow,
};

struct Statement {
  StatementKind kind;
  Position position = kNoPosition;
  Position end = kNoPosition;  // the semicolon after it not included

 protected:
  explicit Statement(StatementKind k) : kind(k) {}
};

template <typename T>
const T& As(const Statement& statement) {
  assert(statement.kind == T::kKind);
  return static_cast<const T&>(statement);
}

// Gives a statement type its kind.
template <StatementKind kind_of_statement>
struct StatementOf : Statement {
  static constexpr StatementKind kKind = kind_of_statement;
  StatementOf() : Statement(kind_of_statement) {}
};

// SELECT, VALUES, TABLE.
struct QueryStatement : StatementOf<StatementKind::kQuery> {
  const QueryExpression* query = nullptr;
};

enum class Overriding : uint8_t { kNone, kSystemValue, kUserValue };

// column = value, (columns) = (values), (columns) = (query).
struct Assignment {
  List<Identifier> columns;  // one or more
  bool row = false;          // the columns stand in parentheses
  List<const Expression*>
      values;  // as many as columns; DefaultExpression allowed; empty with a query
  const QueryExpression* query = nullptr;  // of (columns) = (query), else nullptr
};

// ON CONFLICT [(columns) | ON CONSTRAINT name] {DO NOTHING | DO UPDATE SET ... [WHERE ...]}; INSERT
// OR IGNORE and OR REPLACE.
struct ConflictClause {
  Position position = kNoPosition;
  List<Identifier> columns;  // of a key; empty: not given
  Identifier constraint;     // empty: not given
  bool updates = false;      // DO UPDATE; else DO NOTHING
  bool replaces = false;     // INSERT OR REPLACE, REPLACE INTO
  List<Assignment> assignments;
  const Expression* where = nullptr;
};

struct InsertStatement : StatementOf<StatementKind::kInsert> {
  QualifiedName table;
  Identifier alias;
  List<Identifier> columns;  // empty: all
  Overriding overriding = Overriding::kNone;
  const WithClause* with = nullptr;  // before INSERT
  // nullptr: DEFAULT VALUES. A plain VALUES body may hold DefaultExpressions as whole values.
  const QueryExpression* source = nullptr;
  const ConflictClause* conflict = nullptr;  // nullptr: none
  List<SelectItem> returning;                // empty: none
};

struct UpdateStatement : StatementOf<StatementKind::kUpdate> {
  QualifiedName table;
  Identifier alias;
  const WithClause* with = nullptr;
  List<Assignment> assignments;
  List<const TableReference*> from;  // empty: none
  const Expression* where = nullptr;
  List<SelectItem> returning;  // empty: none
};

struct DeleteStatement : StatementOf<StatementKind::kDelete> {
  QualifiedName table;
  Identifier alias;
  const WithClause* with = nullptr;
  List<const TableReference*> from;  // USING; empty: none
  const Expression* where = nullptr;
  List<SelectItem> returning;  // empty: none
};

enum class MergeAction : uint8_t { kNothing, kUpdate, kDelete, kInsert };

// WHEN [NOT] MATCHED [AND condition] THEN action.
struct MergeClause {
  Position position = kNoPosition;
  bool matched = true;
  const Expression* condition = nullptr;  // nullptr: none
  MergeAction action = MergeAction::kNothing;
  List<Assignment> assignments;  // kUpdate
  // kInsert
  List<Identifier> columns;  // empty: all
  Overriding overriding = Overriding::kNone;
  bool default_values = false;
  List<const Expression*> values;  // DefaultExpression allowed
  Position values_position = kNoPosition;
};

struct MergeStatement : StatementOf<StatementKind::kMerge> {
  QualifiedName table;
  Identifier alias;
  const TableReference* source = nullptr;
  const Expression* on = nullptr;
  List<MergeClause> clauses;   // one or more
  List<SelectItem> returning;  // empty: none
};

struct CopyOption {
  std::string_view name;   // as typed
  std::string_view value;  // of a word, string or number
  bool has_value = false;
  Position position = kNoPosition;
  Position value_position = kNoPosition;
};

struct CopyStatement : StatementOf<StatementKind::kCopy> {
  bool to_file = false;
  QualifiedName table;                     // without a query
  List<Identifier> columns;                // empty: all
  const QueryExpression* query = nullptr;  // COPY (query) TO
  const Expression* path = nullptr;        // a literal or a parameter
  List<CopyOption> options;
};

enum class DropBehavior : uint8_t { kUnspecified, kRestrict, kCascade };

enum class TableScope : uint8_t { kPermanent, kTemporary, kLocalTemporary, kGlobalTemporary };
enum class OnCommit : uint8_t { kUnspecified, kPreserveRows, kDeleteRows, kDrop };

struct CreateTableStatement : StatementOf<StatementKind::kCreateTable> {
  QualifiedName table;
  TableScope scope = TableScope::kPermanent;
  OnCommit on_commit = OnCommit::kUnspecified;
  Position on_commit_position = kNoPosition;
  bool if_not_exists = false;
  List<ColumnDefinition> columns;
  List<LikeClause> likes;
  List<Constraint> constraints;
  // CREATE TABLE t [(names)] AS query WITH [NO] DATA; else nullptr.
  const QueryExpression* query = nullptr;
  List<Identifier> names;
  bool with_data = true;
};

enum class AlterTableAction : uint8_t {
  kAddColumn,       // column
  kDropColumn,      // name, behavior
  kSetDefault,      // name, default_value, default_text
  kDropDefault,     // name
  kSetNotNull,      // name
  kDropNotNull,     // name
  kSetType,         // name, type
  kRestart,         // name, restart_with
  kAddConstraint,   // constraint
  kDropConstraint,  // name, behavior
  kRenameTable,     // new_name
  kRenameColumn,    // name, new_name
};

struct AlterTableStatement : StatementOf<StatementKind::kAlterTable> {
  QualifiedName table;
  AlterTableAction action = AlterTableAction::kAddColumn;
  const ColumnDefinition* column = nullptr;
  const Constraint* constraint = nullptr;
  Identifier name;
  Identifier new_name;
  TypeName type;
  const Expression* default_value = nullptr;
  std::string_view default_text;
  SignedInteger restart_with;  // empty: where the column's numbers began
  DropBehavior behavior = DropBehavior::kUnspecified;
};

struct DropTableStatement : StatementOf<StatementKind::kDropTable> {
  bool if_exists = false;
  List<QualifiedName> tables;  // one or more
  DropBehavior behavior = DropBehavior::kUnspecified;
};

struct TruncateStatement : StatementOf<StatementKind::kTruncate> {
  List<QualifiedName> tables;  // one or more
  bool restart_identity = false;
  DropBehavior behavior = DropBehavior::kUnspecified;
};

struct IndexColumn {
  Identifier name;
  bool descending = false;
  NullOrder nulls = NullOrder::kUnspecified;
};

struct CreateIndexStatement : StatementOf<StatementKind::kCreateIndex> {
  bool unique = false;
  bool if_not_exists = false;
  QualifiedName index;
  QualifiedName table;
  List<IndexColumn> columns;
};

struct DropIndexStatement : StatementOf<StatementKind::kDropIndex> {
  bool if_exists = false;
  List<QualifiedName> indexes;  // one or more
  DropBehavior behavior = DropBehavior::kUnspecified;
};

struct CreateSequenceStatement : StatementOf<StatementKind::kCreateSequence> {
  bool if_not_exists = false;
  QualifiedName sequence;
  bool has_type = false;  // AS type
  TypeName type;
  IdentityOptions options;
};

struct AlterSequenceStatement : StatementOf<StatementKind::kAlterSequence> {
  QualifiedName sequence;
  IdentityOptions options;  // one or more given
};

struct DropSequenceStatement : StatementOf<StatementKind::kDropSequence> {
  bool if_exists = false;
  List<QualifiedName> sequences;  // one or more
  DropBehavior behavior = DropBehavior::kUnspecified;
};

struct CreateSchemaStatement : StatementOf<StatementKind::kCreateSchema> {
  bool if_not_exists = false;
  Identifier schema;
};

enum class ViewCheck : uint8_t { kNone, kLocal, kCascaded };

struct CreateViewStatement : StatementOf<StatementKind::kCreateView> {
  bool or_replace = false;
  bool temporary = false;
  bool if_not_exists = false;
  QualifiedName view;
  List<Identifier> columns;  // empty: those of the query
  const QueryExpression* query = nullptr;
  std::string_view query_text;  // source of `query`
  ViewCheck check = ViewCheck::kNone;
  Position check_position = kNoPosition;
};

struct DropViewStatement : StatementOf<StatementKind::kDropView> {
  bool if_exists = false;
  List<QualifiedName> views;  // one or more
  DropBehavior behavior = DropBehavior::kUnspecified;
};

struct DropSchemaStatement : StatementOf<StatementKind::kDropSchema> {
  bool if_exists = false;
  Identifier schema;
  DropBehavior behavior = DropBehavior::kUnspecified;
};

enum class IsolationLevel : uint8_t {
  kUnspecified,
  kReadUncommitted,
  kReadCommitted,
  kRepeatableRead,
  kSerializable,
};
enum class AccessMode : uint8_t { kUnspecified, kReadOnly, kReadWrite };

struct TransactionModes {
  IsolationLevel isolation = IsolationLevel::kUnspecified;
  AccessMode access = AccessMode::kUnspecified;
  Position isolation_position = kNoPosition;
  Position access_position = kNoPosition;
};

// SET [SESSION] name = literal, SET name TO DEFAULT, RESET name, RESET ALL.
struct SetStatement : StatementOf<StatementKind::kSet> {
  Identifier name;  // empty: all that are the session's
  bool to_default = false;
  std::string_view value;  // the literal without quotes
  Position value_position = kNoPosition;
};

// SHOW name, SHOW ALL.
struct ShowStatement : StatementOf<StatementKind::kShow> {
  Identifier name;  // empty: all
};

// SET TIME ZONE {value | LOCAL | DEFAULT}.
struct SetTimeZoneStatement : StatementOf<StatementKind::kSetTimeZone> {
  const Expression* zone = nullptr;  // nullptr: the one that sessions begin with
};

// ANALYZE [table].
struct AnalyzeStatement : StatementOf<StatementKind::kAnalyze> {
  QualifiedName table;  // without parts: all tables
};

struct VacuumStatement : StatementOf<StatementKind::kVacuum> {};

// START TRANSACTION, BEGIN.
struct StartTransactionStatement : StatementOf<StatementKind::kStartTransaction> {
  TransactionModes modes;
};

// SET TRANSACTION modes, SET SESSION CHARACTERISTICS AS TRANSACTION modes.
struct SetTransactionStatement : StatementOf<StatementKind::kSetTransaction> {
  TransactionModes modes;
  bool of_session = false;
};

struct CommitStatement : StatementOf<StatementKind::kCommit> {
  bool chain = false;
};

// ROLLBACK [AND CHAIN], ROLLBACK TO savepoint.
struct RollbackStatement : StatementOf<StatementKind::kRollback> {
  bool chain = false;
  Identifier savepoint;  // empty: the whole transaction
};

struct SavepointStatement : StatementOf<StatementKind::kSavepoint> {
  Identifier savepoint;
};

struct ReleaseSavepointStatement : StatementOf<StatementKind::kReleaseSavepoint> {
  Identifier savepoint;
};

// SET CONSTRAINTS {ALL | names} {DEFERRED | IMMEDIATE}.
struct SetConstraintsStatement : StatementOf<StatementKind::kSetConstraints> {
  List<QualifiedName> names;  // empty: ALL
  bool deferred = false;
};

// Of a query, INSERT, UPDATE or DELETE.
struct ExplainStatement : StatementOf<StatementKind::kExplain> {
  bool analyze = false;
  const Statement* statement = nullptr;
};

}  // namespace tupelo::ast

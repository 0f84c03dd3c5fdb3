// engine/define_table.cpp: CREATE TABLE, of columns written there or LIKE those of another table.
#include "engine/definition_steps.h"
#include "plan/scope.h"

namespace tupelo {

namespace {

// The columns of the statement, those of LIKE among them; with each what it was written as, or
// nullptr for one of LIKE.
struct NewColumns {
  std::vector<const ast::ColumnDefinition*> sources;
  std::vector<std::pair<ColumnDefinition, Position>> columns;
};

std::shared_ptr<IdentitySequence> CopyIdentity(const IdentitySequence& from) {
  auto copy = std::make_shared<IdentitySequence>();
  copy->start = from.start;
  copy->increment = from.increment;
  copy->minimum = from.minimum;
  copy->maximum = from.maximum;
  copy->cycle = from.cycle;
  copy->always = from.always;
  copy->next = from.start;
  return copy;
}

// LIKE copies names, types and NOT NULL; defaults and identities where they are included.
void AddLike(const DefinitionContext& context, const ast::LikeClause& like, NewColumns* made) {
  TablePtr table = FindTable(context, like.table);
  for (const ColumnDefinition& from : table->columns) {
    ColumnDefinition column;
    column.name = from.name;
    column.type = from.type;
    column.not_null = from.not_null;
    if (like.defaults) column.default_sql = from.default_sql;
    if (like.identity && from.identity != nullptr) column.identity = CopyIdentity(*from.identity);
    made->sources.push_back(nullptr);
    made->columns.emplace_back(std::move(column), like.table.position());
  }
}

NewColumns CollectColumns(const DefinitionContext& context,
                          const ast::CreateTableStatement& statement) {
  NewColumns made;
  size_t next_like = 0;
  for (size_t i = 0; i <= statement.columns.size(); ++i) {
    while (next_like < statement.likes.size() && statement.likes[next_like].before == i) {
      AddLike(context, statement.likes[next_like++], &made);
    }
    if (i == statement.columns.size()) break;
    made.sources.push_back(&statement.columns[i]);
    made.columns.emplace_back(DefineColumn(statement.columns[i]), statement.columns[i].position);
  }
  return made;
}

void DefineColumns(const DefinitionContext& context, NewColumns made, TableDefinition* table) {
  if (made.columns.size() > kMaxColumns) {
    throw Error(ErrorCode::kTooManyColumns,
                "a table has at most " + std::to_string(kMaxColumns) + " columns, not " +
                    std::to_string(made.columns.size()) + ": " + table->name.spelling,
                made.columns[kMaxColumns].second)
        .OnTable(table->name.spelling);
  }
  for (auto& [column, position] : made.columns) {
    ThrowIfColumnTwice(*table, column.name, position);
    column.physical = static_cast<uint16_t>(table->columns.size());
    table->columns.push_back(std::move(column));
  }
  for (uint16_t i = 0; i < table->columns.size(); ++i) {
    const ast::ColumnDefinition* source = made.sources[i];
    if (source == nullptr) continue;
    if (source->identity != ast::IdentityKind::kNone) DefineIdentity(table, i, *source);
    if (source->default_value != nullptr) DefineDefault(context, table, i, *source->default_value);
    if (source->generated != nullptr) DefineGenerated(context, table, i, *source->generated);
  }
}

// Calls `add` for every constraint, with the number of its column or -1.
template <typename Add>
void ForEachConstraint(const ast::CreateTableStatement& statement,
                       const std::vector<const ast::ColumnDefinition*>& sources, Add&& add) {
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i] == nullptr) continue;
    for (const ast::Constraint& constraint : sources[i]->constraints) {
      add(constraint, static_cast<int>(i));
    }
  }
  for (const ast::Constraint& constraint : statement.constraints) add(constraint, -1);
}

// The schema, and who sees the table how long. The standard's temporary tables lose their rows at
// COMMIT unless they say otherwise; those of the shorter, common spelling keep them.
void SetLifetime(const DefinitionContext& context, const ast::CreateTableStatement& statement,
                 TableDefinition* table) {
  using Scope = ast::TableScope;
  Scope scope = statement.scope;
  if (scope == Scope::kPermanent && NamesTemporarySchema(statement.table))
    scope = Scope::kTemporary;
  if (scope == Scope::kTemporary || scope == Scope::kLocalTemporary) {
    table->lifetime = TableLifetime::kSession;
    table->schema = UseTemporarySchema(context, statement.table);
  } else {
    table->lifetime =
        scope == Scope::kPermanent ? TableLifetime::kPermanent : TableLifetime::kGlobal;
    table->schema = SchemaOf(context, statement.table);
  }
  auto fail = [&](ErrorCode code, const char* message) {
    throw Error(code, message + ToText(statement.table), statement.on_commit_position);
  };
  switch (statement.on_commit) {
    case ast::OnCommit::kUnspecified:
      if (scope == Scope::kLocalTemporary || scope == Scope::kGlobalTemporary) {
        table->on_commit = CommitAction::kDeleteRows;
      }
      break;
    case ast::OnCommit::kPreserveRows: break;
    case ast::OnCommit::kDeleteRows: table->on_commit = CommitAction::kDeleteRows; break;
    case ast::OnCommit::kDrop:
      table->on_commit = CommitAction::kDropTable;
      if (scope == Scope::kGlobalTemporary) {
        fail(ErrorCode::kFeatureNotSupported,
             "ON COMMIT DROP of a GLOBAL TEMPORARY table, which all see, is not supported: ");
      }
      break;
  }
  if (statement.on_commit != ast::OnCommit::kUnspecified && scope == Scope::kPermanent) {
    fail(ErrorCode::kInvalidTableDefinition, "ON COMMIT is for temporary tables: ");
  }
}

}  // namespace

void ThrowIfColumnTwice(const TableDefinition& table, const Name& name, Position position) {
  for (const ColumnDefinition& other : table.columns) {
    if (other.name.key != name.key) continue;
    throw Error(ErrorCode::kDuplicateColumn,
                "two columns have the same name; rename one: " + name.spelling, position)
        .OnTable(table.name.spelling)
        .OnColumn(name.spelling);
  }
}

void CreateTable(const DefinitionContext& context, const ast::CreateTableStatement& statement) {
  TableDefinition table;
  SetLifetime(context, statement, &table);
  table.name = MakeName(statement.table.last());
  if (statement.if_not_exists && RelationExists(context, table.schema, table.name)) return;
  ThrowIfRelationExists(context, table.schema, table.name, statement.table.last().position);
  table.id = NextObjectId();
  if (statement.query != nullptr) return CreateTableAs(context, statement, std::move(table));
  NewColumns made = CollectColumns(context, statement);
  std::vector<const ast::ColumnDefinition*> sources = made.sources;
  DefineColumns(context, std::move(made), &table);
  CheckGenerated(table, statement.table.position());

  std::vector<Type> types;
  for (const ColumnDefinition& column : table.columns) types.push_back(column.type);
  MakeStoredTable(context, types, &table);

  // Keys first: a foreign key may reference one of them.
  bool has_foreign_keys = false;
  ForEachConstraint(statement, sources, [&](const ast::Constraint& constraint, int column) {
    if (constraint.kind == ast::ConstraintKind::kForeignKey) {
      has_foreign_keys = true;
    } else {
      AddConstraint(context, &table, constraint, column, true);
    }
  });
  context.catalog->PutTable(table);
  if (!has_foreign_keys) return;
  ForEachConstraint(statement, sources, [&](const ast::Constraint& constraint, int column) {
    if (constraint.kind == ast::ConstraintKind::kForeignKey) {
      AddForeignKey(context, &table, constraint, column);
    }
  });
  context.catalog->PutTable(std::move(table));
}

}  // namespace tupelo

// engine/system_views.cpp: one function a view, which appends its rows.
//
// Of a database in memory `database` has nulls where it would tell of the file; `log` and
// `checkpoints` have no rows.
#include "engine/system_views.h"

#include "base/work_memory.h"
#include "buffer/extent_pool.h"
#include "engine/database.h"
#include "engine/session.h"
#include "engine/statement_state.h"
#include "engine/stored_database.h"
#include "storage/block_cache.h"
#include "txn/index.h"
#include "txn/table.h"

namespace tupelo {

namespace {

Value Text(std::string_view text) { return Value::Text(Type::Varchar(), std::string(text)); }
Value Number(uint64_t number) {
  return Value::Integer(Type::BigInt(), static_cast<int64_t>(number));
}
Value Truth(bool truth) { return Value::Boolean(truth); }

struct Filling {
  SessionState& session;
  const ExecutionContext& context;
  SystemViewRows& rows;

  DatabaseState& database() const { return session.database(); }
  const StoredDatabase* stored() const { return database().stored.get(); }
  // As clocks of the session show it; null for 0.
  Value Time(int64_t us) const {
    if (us == 0) return Value::Null(Type::TimestampTz());
    return Value::Zoned(Type::TimestampTz(), ZoneClock(session.settings().time_zone).At(us));
  }
};

void AppendSettings(const Filling& to) {
  for (const ShownSetting& shown : ShowSettings(to.session.settings(), to.database())) {
    to.rows.push_back({Text(shown.name), Text(shown.value), Text(shown.default_value),
                       Text(shown.scope), Text(shown.description)});
  }
}

// Calls visit(table, schema's name) for the tables that the statement may name.
template <typename Visit>
void VisitTables(const Filling& to, Visit&& visit) {
  const CatalogSnapshot& catalog = *to.context.catalog;
  for (const TablePtr& table : catalog.Tables()) {
    bool is_of_session = table->lifetime == TableLifetime::kSession;
    if (is_of_session && table->schema.key != catalog.temporary_schema().key) continue;
    visit(*table, is_of_session ? kTemporarySchema : std::string_view(table->schema.spelling));
  }
}

void AppendTables(const Filling& to) {
  VisitTables(to, [&](const TableDefinition& table, std::string_view schema) {
    to.rows.push_back({Text(schema), Text(table.name.spelling),
                       Number(table.data->Count(*to.context.view)), Number(table.columns.size()),
                       Number(table.indexes.size()), Number(table.data->row_bytes()),
                       Truth(table.is_temporary())});
  });
}

// As CREATE INDEX takes them.
std::string ColumnsOf(const TableDefinition& table, const IndexDefinition& index) {
  std::string columns;
  for (const IndexedColumn& column : index.columns) {
    columns += (columns.empty() ? "" : ", ") + table.columns[column.column].name.spelling;
    if (column.descending) columns += " DESC";
    // By default null is greater than all values.
    if (column.nulls_first != column.descending) {
      columns += column.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
  }
  return columns;
}

void AppendIndexes(const Filling& to) {
  VisitTables(to, [&](const TableDefinition& table, std::string_view schema) {
    for (const IndexDefinition& index : table.indexes) {
      to.rows.push_back({Text(schema), Text(table.name.spelling), Text(index.name.spelling),
                         Text(ColumnsOf(table, index)), Truth(index.index->is_unique()),
                         Truth(index.of_constraint), Number(index.index->entry_count()),
                         Number(index.index->memory_bytes())});
    }
  });
}

void AppendDatabase(const Filling& to) {
  const TransactionManager& transactions = to.database().transactions;
  std::vector<Value> row;
  if (const StoredDatabase* stored = to.stored()) {
    DatabaseFile& file = stored->file();
    row = {Text(stored->path()),   Number(file.file().Size()),
           Number(kPageBytes),     Number(file.free_pages() * kPageBytes),
           Number(kFormatVersion), Number(file.root().generation)};
  } else {
    row.push_back(Value::Null(Type::Varchar()));
    for (int column = 0; column < 5; ++column) row.push_back(Value::Null(Type::BigInt()));
  }
  row.push_back(Number(transactions.memory_bytes()));
  row.push_back(Number(transactions.old_version_count()));
  row.push_back(Number(transactions.old_version_bytes()));
  row.push_back(Number(to.session.shared_database()->connection_count()));
  to.rows.push_back(std::move(row));
}

void AppendLog(const Filling& to) {
  const StoredDatabase* stored = to.stored();
  if (stored == nullptr) return;
  std::array<uint64_t, kLogFiles> sizes = stored->LogFileSizes();
  to.rows.push_back({Number(stored->log_bytes_since_checkpoint()), Number(stored->log_bytes()),
                     Number(sizes[0]), Number(sizes[1]),
                     Text(DurabilityName(to.database().synchronous))});
}

void AppendCache(const Filling& to) {
  TransactionManager& transactions = to.database().transactions;
  const WorkMemory& work = transactions.work_memory();
  to.rows.push_back({Number(transactions.cache().limit()),
                     Number(transactions.cache().pool()->used_bytes_in_memory()),
                     Number(work.held()), Number(work.mapped()), Number(work.written())});
}

void AppendCheckpoints(const Filling& to) {
  if (to.stored() == nullptr) return;
  CheckpointHistory::State state = to.stored()->checkpoints().state();
  bool has_one = state.completed != 0;
  to.rows.push_back({Number(state.completed), to.Time(state.finished_us),
                     has_one ? Value::Double(state.duration_ms) : Value::Null(Type::Double()),
                     has_one ? Number(state.bytes_written) : Value::Null(Type::BigInt()),
                     Number(state.failed), to.Time(state.failed_us),
                     state.error.empty() ? Value::Null(Type::Varchar()) : Text(state.error)});
}

void AppendTransactions(const Filling& to) {
  to.database().transactions.VisitActive([&](const Transaction& transaction) {
    to.rows.push_back({Number(transaction.id()), Number(transaction.snapshot()),
                       to.Time(transaction.began_us()), Number(transaction.statement()),
                       Truth(transaction.has_changes()),
                       Truth(&transaction == to.context.transaction)});
  });
}

std::string_view KindText(StatementKind kind) {
  switch (kind) {
    case StatementKind::kQuery: return "query";
    case StatementKind::kInsert: return "insert";
    case StatementKind::kUpdate: return "update";
    case StatementKind::kDelete: return "delete";
    case StatementKind::kMerge: return "merge";
    case StatementKind::kCopyFrom: return "copy from";
    case StatementKind::kCopyTo: return "copy to";
    case StatementKind::kDefinition: return "definition";
    case StatementKind::kTransaction: return "transaction";
    case StatementKind::kExplain: return "explain";
    case StatementKind::kShow: return "show";
  }
  return "";
}

void AppendStatements(const Filling& to) {
  to.session.VisitStatements([&](const StatementState& statement) {
    StatementState::Use use = statement.CountUse();
    to.rows.push_back({Text(statement.sql()), Text(KindText(statement.kind())),
                       Number(statement.parameter_count()), Number(use.plans), Number(use.runs),
                       Number(use.open_results)});
  });
}

std::string_view HolderText(const SnapshotHolder& holder) {
  if (holder.transaction != nullptr) return "transaction";
  switch (holder.use) {
    case ViewUse::kResult: return "result";
    case ViewUse::kBackup: return "backup";
    case ViewUse::kCheckpoint: return "checkpoint";
    case ViewUse::kCheck: return "check";
    case ViewUse::kDefinition: return "definition";
  }
  return "";
}

std::string_view LevelText(IsolationLevel level) {
  switch (level) {
    case IsolationLevel::kReadCommitted: return "READ COMMITTED";
    case IsolationLevel::kRepeatableRead: return "REPEATABLE READ";
    case IsolationLevel::kSerializable: return "SERIALIZABLE";
  }
  return "";
}

void AppendVersions(const Filling& to) {
  const TransactionManager& transactions = to.database().transactions;
  for (const SnapshotHolder& holder : transactions.SnapshotHolders()) {
    to.rows.push_back(
        {holder.owner != nullptr ? Number(holder.owner->connection) : Value::Null(Type::BigInt()),
         Text(HolderText(holder)), to.Time(holder.since_us),
         holder.transaction != nullptr ? Text(LevelText(holder.transaction->level()))
                                       : Value::Null(Type::Varchar()),
         Number(holder.snapshot), Number(transactions.last_commit() - holder.snapshot),
         Number(holder.old_versions), Number(holder.old_version_bytes)});
  }
}

}  // namespace

void SessionSystemViews::Append(SystemViewId view, const ExecutionContext& context,
                                SystemViewRows* rows) {
  Filling to{*session_, context, *rows};
  switch (view) {
    case SystemViewId::kSettings: return AppendSettings(to);
    case SystemViewId::kTables: return AppendTables(to);
    case SystemViewId::kIndexes: return AppendIndexes(to);
    case SystemViewId::kDatabase: return AppendDatabase(to);
    case SystemViewId::kLog: return AppendLog(to);
    case SystemViewId::kCache: return AppendCache(to);
    case SystemViewId::kCheckpoints: return AppendCheckpoints(to);
    case SystemViewId::kTransactions: return AppendTransactions(to);
    case SystemViewId::kStatements: return AppendStatements(to);
    case SystemViewId::kVersions: return AppendVersions(to);
  }
}

}  // namespace tupelo

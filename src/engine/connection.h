// engine/connection.h: a session: one transaction at a time, statements, settings.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tupelo {

class Database;
struct SessionOptions;
enum class IsolationLevel : uint8_t;
class FileSystem;
class Statement;
class SessionState;

// Rows of one table that a statement has changed: row_id, row_id + 1 and so on.
struct RowChange {
  std::string_view operation;  // "INSERT", "UPDATE" or "DELETE"
  std::string_view schema, table;
  int64_t row_id = 0;
  uint64_t count = 1;
};

// Nanoseconds that one run of a statement spent where.
struct StatementProfile {
  std::string sql;
  int64_t runs = 0;
  int64_t rows = 0;
  int64_t parse_ns = 0, bind_ns = 0, plan_ns = 0, execute_ns = 0, convert_ns = 0;
};

// Thread-safe in the sense that threads may share it and take turns: every public call of
// Connection, Statement and Result enters the connection's lock, which its holder may enter again.
// Waiting for it goes through base/wait.h.
class Connection {
 public:
  ~Connection();  // rolls back; what closing a file throws is lost

  // The database may be used by other connections too. kConnectionClosed.
  std::shared_ptr<Database> database() const;

  // Parses one statement (42601 when the text holds none or more than one). Binding waits for the
  // parameters' types. The statement keeps the connection's state alive, but raises
  // kConnectionClosed once it is closed.
  std::shared_ptr<Statement> Prepare(std::string_view sql);

  // Splits `script` into statements; each call yields the next one's text, or false at the end.
  // `*offset` starts at 0. Throws kSyntaxError.
  static bool NextStatement(std::string_view script, size_t* offset, std::string_view* statement);

  // Ends the session: rolls back, ends open results, whose chunks are gone. The last session of a
  // database in a file closes the file; when that fails, the session is closed all the same, and
  // what was committed is in the log. Closing twice is fine.
  void Close();
  bool is_closed() const;
  // Its database is in a file; or was, once it is closed.
  bool is_in_file() const;

  // False (as PEP 249): a transaction is always open, started by the first statement after the last
  // one ended. True: each statement is a transaction unless START TRANSACTION opened one. Switching
  // to true commits.
  void SetAutocommit(bool autocommit);
  bool autocommit() const;
  // A transaction is open: with autocommit off always, else after START TRANSACTION.
  bool in_transaction() const;
  // The open transaction has changed something.
  bool has_changes() const;
  // There is little for Commit to do but to wait, for others or for the disk: so a host need not
  // give up its global lock for that, which it gets back late where others want it.
  bool is_commit_short() const;
  void Commit();
  // Writes what is in the log to the database file. Nothing to do for one in memory.
  // kReadOnlyTransaction for a read-only connection.
  void Checkpoint();
  // It was opened as OpenOptions::read_only says.
  bool is_read_only() const;
  // For a read-only connection (else kObjectNotReady): ends its transaction, unless START
  // TRANSACTION began it (kActiveTransaction), and moves all that this process sees of the database
  // on to what is durable now. What transactions of other connections and open results see stays as
  // it is.
  void Refresh();
  void Rollback();
  // Of transactions that say nothing else, from the next on.
  IsolationLevel isolation_level() const;
  void SetIsolationLevel(IsolationLevel level);
  // How another connection begins that is like this one.
  SessionOptions options() const;

  // Makes the running statement, and no later one, end with kQueryCanceled. From any thread.
  void Interrupt();
  // Called from time to time by long statements; when it returns true the statement ends with
  // kQueryCanceled. For signals. nullptr for none. `takes_long` (may be nullptr) is called once in
  // each statement, and in each step of a result, that turns out to be more than a moment's work:
  // the host may give up a global lock then. Both by the thread that runs the statement.
  void SetProgressCallback(bool (*callback)(void*), void* argument,
                           void (*takes_long)(void*) = nullptr);

  // Called by COPY from time to time and at its end: rows so far, bytes of the file done, and in
  // all (0: unknown, and of COPY TO). When it returns true the statement ends with kQueryCanceled.
  // It must not use this connection. nullptr for none.
  using CopyProgress = bool (*)(void* argument, uint64_t rows, uint64_t bytes,
                                uint64_t total_bytes);
  void SetCopyProgress(CopyProgress callback, void* argument);

  // Hooks. They are called while other connections wait, by the thread that uses this one, which
  // they must not use (kInvalidTransactionState). nullptr for none: then they cost nothing.
  //
  // Before a transaction that has changed something commits. When it returns true, it is rolled
  // back instead, and who wanted to commit gets kTransactionRollback.
  using CommitHook = bool (*)(void* argument);
  void SetCommitHook(CommitHook hook, void* argument);
  // After a transaction that had changed something was rolled back. Must not throw.
  using RollbackHook = void (*)(void* argument);
  void SetRollbackHook(RollbackHook hook, void* argument);
  // At the end of a statement that has succeeded, for all rows that it has changed, in order, those
  // of referential actions included. When it returns true, the statement is undone and ends with
  // kQueryCanceled. Definitions report nothing.
  using UpdateHook = bool (*)(void* argument, const RowChange& change);
  void SetUpdateHook(UpdateHook hook, void* argument);

  // Copies of the whole database as the last commits of all left it, temporary tables aside, made
  // while others write. Its old versions are kept meanwhile. Interrupt ends each of these calls.
  //
  // Called after each few thousand rows, and at the end: rows done, and in all. When it returns
  // true the backup ends with kQueryCanceled, and nothing is left of it. It must not use the
  // connections.
  using BackupProgress = bool (*)(void* argument, uint64_t done, uint64_t total);
  struct BackupOptions {
    BackupProgress progress = nullptr;
    void* argument = nullptr;
    FileSystem* files = nullptr;  // that hold `path`; nullptr: the operating system's
  };
  // To a file: kDuplicateObject where there is one that is not empty, kInvalidParameterValue where
  // it is the database's own. A power cut leaves all of the copy, durable, or no file of that name.
  void Backup(std::string_view path, const BackupOptions& options);
  // Replaces what the database of `target` holds, its temporary tables too; in a file a power cut
  // leaves one of the two. kObjectInUse where another connection uses it, or an open result;
  // kActiveTransaction where a transaction is open; kReadOnlyTransaction where it changes nothing.
  // Rows count twice where the target is in memory, for they are read and then stored.
  void Backup(Connection& target, const BackupOptions& options);
  // The bytes of a file that Backup would make.
  std::vector<uint8_t> Serialize();
  // Replaces what the database, which must be in memory (else kObjectNotReady), holds by that of a
  // file with these bytes; as Backup to a connection does. Throws what opening the file would, and
  // then all is as it was.
  void Deserialize(std::span<const uint8_t> bytes);

  // nullptr switches profiling off (then it costs nothing); else runs are added there per statement
  // text.
  void SetProfile(std::vector<StatementProfile>* profile);

  // The identity value given last by an INSERT of this connection; false when the last INSERT gave
  // none.
  bool LastIdentity(int64_t* value) const;

  SessionState& session() { return *session_; }

 private:
  friend class Database;
  Connection(std::shared_ptr<Database> database, const SessionOptions& options);
  std::shared_ptr<SessionState> session_;
};

}  // namespace tupelo

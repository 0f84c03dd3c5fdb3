// engine/backup.cpp: copies of a whole database: to a file, to bytes, to another database; and
// back.
//
// All go by a file, which may be memory: a snapshot is written to it as a checkpoint does, but
// whole, and read from it as opening a database does.
#include <functional>
#include <map>
#include <optional>

#include "base/anonymous_file.h"
#include "base/error.h"
#include "base/interruption_scope.h"
#include "base/path.h"
#include "engine/connection.h"
#include "engine/database.h"
#include "engine/database_state.h"
#include "engine/new_database_file.h"
#include "engine/opened_tables.h"
#include "engine/reading_database.h"
#include "engine/session.h"
#include "engine/stored_database.h"
#include "engine/stored_root.h"
#include "engine/stored_snapshot.h"

namespace tupelo {

namespace {

// What ends the work for a session, and who is told how it goes on.
class BackupWatch {
 public:
  // `target`: nullptr, or another session that takes part.
  BackupWatch(SessionState* session, const Connection::BackupOptions& options,
              SessionState* target = nullptr)
      : session_(session), target_(target), options_(options) {
    session->interrupted.store(false, std::memory_order_relaxed);
    interruption_.Begin(&session->interrupted, session->progress, session->progress_argument, 0);
    scope_.emplace(&interruption_);
  }

  void Begin(uint64_t total) { total_ = total; }
  void Did(uint64_t rows) {
    interruption_.Check();
    done_ += rows;
    if (rows != 0) Report();
  }
  // Where there were no rows, nobody has been told yet.
  void End() {
    if (!is_end_told_ && done_ == total_) Report();
  }

 private:
  void Report() {
    is_end_told_ = done_ == total_;
    if (options_.progress == nullptr) return;
    SessionState::CallbackScope own(session_);
    std::optional<SessionState::CallbackScope> other;
    if (target_ != nullptr) other.emplace(target_);
    if (!options_.progress(options_.argument, done_, total_)) return;
    throw Error(ErrorCode::kQueryCanceled, "the backup was stopped by what it told its progress");
  }

  SessionState* session_;
  SessionState* target_;
  Connection::BackupOptions options_;
  Interruption interruption_;
  std::optional<InterruptionScope> scope_;
  uint64_t done_ = 0, total_ = 0;
  bool is_end_told_ = false;
};

// Keeps the session's database as it is now for who copies it.
class CopiedDatabase {
 public:
  explicit CopiedDatabase(SessionState* session) : session_(session) {
    ExclusiveGuard latch(session->database().latch);
    snapshot_.emplace(&session->database(), ViewUse::kBackup, session->owner());
    session->SetCopying(true);
  }
  ~CopiedDatabase() {
    ExclusiveGuard latch(session_->database().latch);
    session_->SetCopying(false);
  }
  CopiedDatabase(const CopiedDatabase&) = delete;
  CopiedDatabase& operator=(const CopiedDatabase&) = delete;

  StoredSnapshot& snapshot() { return *snapshot_; }
  uint64_t rows() {
    uint64_t rows = 0;
    for (const StoredSnapshot::Rows& table : snapshot_->tables()) rows += table.live_rows;
    return rows;
  }

 private:
  SessionState* session_;
  std::optional<StoredSnapshot> snapshot_;
};

// Makes a database of the empty file, durable when it returns. `times`: how often each row counts.
std::unique_ptr<DatabaseFile> WriteCopy(SessionState* session, std::unique_ptr<File> file,
                                        const DatabaseId& id, uint64_t times, BackupWatch* watch) {
  std::unique_ptr<DatabaseFile> copy = DatabaseFile::Create(std::move(file), id);
  CopiedDatabase from(session);
  StoredSnapshot& snapshot = from.snapshot();
  watch->Begin(times * from.rows());
  for (StoredSnapshot::Rows& rows : snapshot.tables()) {
    StoredParts parts;
    snapshot.Copy(&rows, copy.get(), &parts, [&](uint64_t count) { watch->Did(count); });
  }
  DatabaseRoot root;
  root.catalog = snapshot.WriteCatalog(copy.get());
  SetLastObject(snapshot.last_object(), &root);
  // Both roots lead to it: when one is damaged, the other is no older state.
  copy->CommitRoot(root);
  copy->CommitRoot(root);
  return copy;
}

// Tables of another file, which nobody sees yet; they go with the latch.
struct NewTables {
  explicit NewTables(DatabaseState* its_state) : state(its_state) {}
  ~NewTables() {
    ExclusiveGuard latch(state->latch);
    catalog = nullptr;
  }
  DatabaseState* state;
  std::map<uint64_t, StoredParts> parts;
  CatalogPtr catalog;
};

// From now on the table and its indexes are in memory alone.
void TakeIntoMemory(DatabaseState* state, StoredParts* parts, BackupWatch* watch) {
  std::shared_ptr<Table> table = parts->table.lock();
  if (table == nullptr) return;
  uint64_t rows = 0;
  for (uint32_t segment = 0; segment < StoredTable::SegmentCount(*table); ++segment) {
    uint64_t count;
    {
      ExclusiveGuard latch(state->latch);
      count = StoredTable::DetachSegment(table.get(), segment);
    }
    rows += count;
    watch->Did(count);
  }
  ExclusiveGuard latch(state->latch);
  if (rows != table->committed_row_count()) {
    parts->rows->ThrowDamagedSegment(0, "the table has another number of rows");
  }
  StoredTable::Detach(table.get());
  for (const auto& [number, index] : parts->indexes) {
    StoredIndex::Detach(table->FindIndex(number));
  }
}

// What `content` holds, with a log that goes on behind it nowhere, becomes what the session's
// database holds, which is in memory.
void ReplaceInMemory(SessionState* session, DatabaseFile* content, BackupWatch* watch) {
  DatabaseState& state = session->database();
  NewTables made(&state);
  {
    ExclusiveGuard latch(state.latch);
    DatabaseRoot root = content->root();
    ReserveObjectIds(LastObjectOf(root));
    OpenedTables opened(&state, Catalog().Current(), nullptr);
    opened.Load(content, root.catalog, &made.parts);
    opened.Finish();
    made.catalog = opened.catalog().current();
  }
  for (auto& [number, parts] : made.parts) TakeIntoMemory(&state, &parts, watch);
  watch->End();
  ExclusiveGuard latch(state.latch);
  CatalogPtr old = state.catalog.Current();
  state.catalog.Install(made.catalog);
  session->ForgetDatabase();
  old = nullptr;
}

void ReplaceInFile(SessionState* session, SessionState* from, BackupWatch* watch) {
  DatabaseState& state = session->database();
  CopiedDatabase copied(from);
  watch->Begin(copied.rows());
  std::map<uint64_t, StoredParts> replaced =
      state.stored->Replace(&copied.snapshot(), [&](uint64_t rows) { watch->Did(rows); });
  ExclusiveGuard latch(state.latch);
  session->ForgetDatabase();
}

// The file of a database that is in one.
struct Place {
  FileSystem* files = nullptr;
  std::string path;

  bool Is(const Place& other) const {
    if (files == nullptr || files != other.files) return false;
    if (path == other.path) return true;
    std::optional<FileIdentity> identity = files->IdentityOf(path);
    return identity && identity == files->IdentityOf(other.path);
  }
};

Place PlaceOf(const DatabaseState& state) {
  if (state.stored != nullptr) return {&state.stored->files(), state.stored->path()};
  if (state.reading != nullptr) return {&state.reading->files(), state.reading->path()};
  return {};
}

[[noreturn]] void ThrowSame() {
  throw Error(ErrorCode::kInvalidParameterValue,
              "a backup goes to another database, not to the one that it is of");
}

void ThrowIfThere(FileSystem& files, const std::string& path) {
  if (NewDatabaseFile::IsMissing(files, path)) return;
  throw Error(ErrorCode::kDuplicateObject,
              "a backup is a new file; remove the one that is there, or name another: " + path);
}

}  // namespace

void Connection::Backup(std::string_view path, const BackupOptions& options) {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  if (Database::IsInMemory(path)) {
    throw Error(ErrorCode::kInvalidParameterValue,
                "a backup goes to a file, or to a connection: " + std::string(path));
  }
  FileSystem& files = options.files != nullptr ? *options.files : SystemFiles();
  std::string name = options.files != nullptr ? std::string(path) : CanonicalPath(path);
  const Place from = PlaceOf(session_->database());
  if (from.Is({&files, name})) ThrowSame();
  ThrowIfThere(files, name);
  BackupWatch watch(session_.get(), options);
  NewDatabaseFile made(files, name);
  ThrowIfThere(files, name);
  // Who may not read the database may not read the copy.
  if (from.files == &files) files.CopyPermissions(from.path, made.made_path());
  std::unique_ptr<DatabaseFile> copy =
      WriteCopy(session_.get(), made.TakeFile(), made.id(), 1, &watch);
  watch.End();
  ThrowIfThere(files, name);
  made.Publish();
}

void Connection::Backup(Connection& target, const BackupOptions& options) {
  SessionState* from = session_.get();
  SessionState* to = target.session_.get();
  // Two backups that cross each other take their turns in one order.
  bool is_first = std::less<>()(from, to);
  TurnGuard first(is_first ? from->turn : to->turn);
  TurnGuard second(is_first ? to->turn : from->turn);
  from->ThrowIfClosed();
  to->ThrowIfClosed();
  if (&from->database() == &to->database() ||
      PlaceOf(from->database()).Is(PlaceOf(to->database()))) {
    ThrowSame();
  }
  to->ThrowUnlessIdle();
  Database::SoleUse use(to->shared_database().get());
  BackupWatch watch(from, options, to);
  if (to->is_stored()) {
    ReplaceInFile(to, from, &watch);
    watch.End();
    return;
  }
  std::unique_ptr<DatabaseFile> copy = WriteCopy(
      from, std::make_unique<AnonymousFile>("the copy in memory"), MakeDatabaseId(), 2, &watch);
  ReplaceInMemory(to, copy.get(), &watch);
}

std::vector<uint8_t> Connection::Serialize() {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  BackupWatch watch(session_.get(), {});
  auto file = std::make_unique<AnonymousFile>("the serialized database");
  AnonymousFile* memory = file.get();
  std::unique_ptr<DatabaseFile> copy =
      WriteCopy(session_.get(), std::move(file), MakeDatabaseId(), 1, &watch);
  std::vector<uint8_t> bytes(memory->Size());
  memory->ReadAt(0, bytes);
  return bytes;
}

void Connection::Deserialize(std::span<const uint8_t> bytes) {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  if (session_->database().is_in_file()) {
    throw Error(ErrorCode::kObjectNotReady,
                "deserialize is for databases in memory, and this one is in a file; connect to "
                "\":memory:\", and make a backup of that to here if you mean to replace the file");
  }
  session_->ThrowUnlessIdle();
  Database::SoleUse use(session_->shared_database().get());
  BackupWatch watch(session_.get(), {});
  std::unique_ptr<DatabaseFile> content =
      DatabaseFile::Open(std::make_unique<BytesFile>("the bytes to deserialize", bytes));
  if (LogPlaceOf(content->root()).is_begun) {
    throw Error(ErrorCode::kDataCorrupted,
                "the bytes are of a file that was open, and goes on in its log; close that "
                "database first, or serialize it");
  }
  ReplaceInMemory(session_.get(), content.get(), &watch);
}

}  // namespace tupelo

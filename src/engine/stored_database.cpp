// engine/stored_database.cpp: opening: the file, what its root leads to, and the log behind it.
#include "engine/stored_database.h"

#include "base/error.h"
#include "base/own_threads.h"
#include "engine/database_state.h"
#include "engine/new_database_file.h"
#include "engine/opened_tables.h"
#include "engine/stored_root.h"
#include "wal/log_replay.h"

namespace tupelo {

namespace {

// The lock of the process that writes: far behind any page.
constexpr LockRange kWriterLock{uint64_t{1} << 62, 1};

}  // namespace

StoredDatabase::StoredDatabase(FileSystem& files, const std::string& path, Synchronous synchronous,
                               DatabaseState* state)
    : files_(files), path_(path), synchronous_(synchronous), state_(state) {
  if (NewDatabaseFile::IsMissing(files_, path_)) CreateFile();
  OpenFile();
  Load();
  state_->transactions.SetCommitLog(this);
}

void StoredDatabase::CreateFile() {
  NewDatabaseFile made(files_, path_);
  // Another process may have made it meanwhile.
  if (!NewDatabaseFile::IsMissing(files_, path_)) return;
  std::unique_ptr<DatabaseFile> database = DatabaseFile::Create(made.TakeFile(), made.id());
  made.Publish();
}

void StoredDatabase::OpenFile() {
  std::unique_ptr<File> file = files_.Open(path_, OpenMode::kReadWrite);
  File* opened = file.get();
  bool is_free = opened->TryLock(kWriterLock, true);
  file_ = DatabaseFile::Open(std::move(file));
  if (!is_free) {
    uint64_t writer = file_->NotedWriter();
    throw Error(ErrorCode::kObjectInUse,
                "another process has the database open for writing" +
                    (writer == 0 ? std::string() : " (process " + std::to_string(writer) + ")") +
                    "; close it there, or open it read-only: " + path_);
  }
  file_->NoteWriter(static_cast<uint64_t>(ProcessNumber()));
}

void StoredDatabase::Load() {
  DatabaseRoot root = file_->root();
  LogPlace place = LogPlaceOf(root);
  ReserveObjectIds(LastObjectOf(root));
  OpenedTables opened(state_, state_->catalog.Current(), OpenedTables::Numbers::kTheirs);
  catalog_ = root.catalog;
  opened.Load(file_.get(), catalog_, &tables_);
  LogReplay replay(files_, path_, file_->id(), place);
  LogRecord record;
  while (replay.Next(&record)) ReplayChanges(record.payload, &opened);
  opened.Finish();
  state_->catalog.Install(opened.catalog().current());
  log_ = std::make_unique<Log>(files_, path_, file_->id(), replay.End(), synchronous_);
  checkpointed_bytes_ = log_->appended_bytes() - replay.End().bytes;
}

void StoredDatabase::Append(std::span<const uint8_t> changes) {
  ThrowIfUnknown();
  last_appended_ = log_->Append(changes);
}

}  // namespace tupelo

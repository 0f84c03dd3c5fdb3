// engine/stored_database.cpp: opening: the file, what its root leads to, and the log behind it.
#include "engine/stored_database.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/own_threads.h"
#include "base/path.h"
#include "base/work_memory.h"
#include "engine/database_state.h"
#include "engine/new_database_file.h"
#include "engine/opened_tables.h"
#include "engine/stored_root.h"
#include "engine/transaction_parts.h"
#include "storage/file_locks.h"
#include "wal/log_replay.h"

namespace tupelo {

namespace {

constexpr size_t kMaxTransactionPart = size_t{16} << 20;

}  // namespace

StoredDatabase::StoredDatabase(FileSystem& files, const std::string& path, Synchronous synchronous,
                               DatabaseState* state)
    : files_(files), path_(path), synchronous_(synchronous), state_(state) {
  undurable_.reserve(kMostUndurable);
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

std::unique_ptr<File> StoredDatabase::OpenForWriting() {
  try {
    std::unique_ptr<File> file = files_.Open(path_, OpenMode::kReadWrite);
    files_.CheckCanCreateBeside(path_);  // the log
    return file;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kIoError) throw;
    throw Error(ErrorCode::kIoError,
                error.message() + "; what can't be written can be opened read-only");
  }
}

// Writes nothing: a file that turns out to be of no use stays as it is.
void StoredDatabase::OpenFile() {
  std::unique_ptr<File> opened = OpenForWriting();
  File* file = opened.get();
  bool is_free = file->TryLock(kWriterLock, true);
  if (is_free) LockWriterNumber(file, static_cast<uint64_t>(ProcessNumber()));
  file_ = DatabaseFile::Open(std::move(opened));
  if (!is_free) {
    uint64_t writer = WriterNumber(file);
    throw Error(ErrorCode::kObjectInUse,
                "another process has the database open for writing" +
                    (writer == 0 ? std::string() : " (process " + std::to_string(writer) + ")") +
                    "; close it there, or open it read-only: " + path_);
  }
  file_->SetOldestPinned([file](uint64_t before) { return OldestPinned(file, before); });
}

void StoredDatabase::Load() {
  DatabaseRoot root = file_->root();
  LogPlace place = LogPlaceOf(root);
  ReserveObjectIds(LastObjectOf(root));
  OpenedTables opened(state_, state_->catalog.Current(), nullptr);
  catalog_ = root.catalog;
  opened.Load(file_.get(), catalog_, &tables_);
  LogReplay replay(files_, path_, file_->id(), place);
  LogRecord record;
  WorkMemoryScope memory(&state_->transactions.work_memory());
  TransactionParts parts;
  while (replay.Next(&record)) {
    if (parts.Add(record.payload)) ReplayChanges(parts.changes(), &opened);
  }
  opened.Finish();
  state_->catalog.Install(opened.catalog().current());
  log_ = std::make_unique<Log>(files_, path_, file_->id(), replay.End(), synchronous_);
  checkpointed_bytes_ = log_->appended_bytes() - replay.End().bytes;
}

// What there is of a transaction without its last part does not keep memory.
void StoredDatabase::Append(std::span<const uint8_t> changes, bool is_first, bool is_last) {
  ThrowIfUnknown();
  do {
    std::span<const uint8_t> part = changes.first(std::min(changes.size(), kMaxTransactionPart));
    changes = changes.subspan(part.size());
    const bool is_end = is_last && changes.empty();
    uint8_t flags = (is_first ? kFirstTransactionPart : 0) | (is_end ? kLastTransactionPart : 0);
    const std::span<const uint8_t> record[] = {{&flags, 1}, part};
    last_appended_ = log_->Append(record);
    is_first = false;
    if (!is_end) log_->WriteLargeBuffer();
  } while (!changes.empty());
}

void StoredDatabase::SetSynchronous(Synchronous synchronous) {
  log_->set_synchronous(synchronous);
  durable_record_.store(0, std::memory_order_relaxed);
}

std::array<uint64_t, kLogFiles> StoredDatabase::LogFileSizes() const {
  std::array<uint64_t, kLogFiles> sizes{};
  for (int file = 0; file < kLogFiles; ++file) {
    std::string path = LogPath(path_, file);
    if (!files_.Exists(path)) continue;
    sizes[static_cast<size_t>(file)] = files_.Open(path, OpenMode::kRead)->Size();
  }
  return sizes;
}

void StoredDatabase::WaitDurable(uint64_t record) {
  auto raise = [](std::atomic<uint64_t>* known, uint64_t to) {
    uint64_t before = known->load(std::memory_order_relaxed);
    while (before < to && !known->compare_exchange_weak(before, to)) {
    }
  };
  try {
    log_->WaitDurable(record);
  } catch (...) {
    raise(&shown_record_, UINT64_MAX);
    throw;
  }
  raise(&durable_record_, record);
  raise(&shown_record_, record);
}

void StoredDatabase::NoteCommit(CommitNumber commit) {
  const uint64_t shown = shown_record_.load();
  std::erase_if(undurable_, [&](const Undurable& each) { return each.record <= shown; });
  if (undurable_.size() == kMostUndurable) {
    undurable_.back().record = last_appended_;
  } else {
    undurable_.push_back({last_appended_, commit});
  }
}

CommitNumber StoredDatabase::DurableCommit(CommitNumber last) const {
  if (undurable_.empty()) return last;
  const uint64_t shown = shown_record_.load();
  if (undurable_.back().record <= shown) return last;
  for (const Undurable& each : undurable_) {
    if (each.record > shown) return each.commit - 1;
  }
  return last;
}

}  // namespace tupelo

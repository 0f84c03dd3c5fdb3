// engine/stored_database.cpp: opening: the file, what its root leads to, and the log behind it.
#include "engine/stored_database.h"

#include <algorithm>
#include <utility>
#include <vector>

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

// A record of the log is a byte of flags, and changes of one transaction or a part of them.
constexpr uint8_t kFirstPart = 1, kLastPart = 2;
constexpr size_t kMaxTransactionPart = size_t{16} << 20;

// Puts the changes of a transaction together. One whose last part is missing did not commit: there
// was no room for it in the log.
class TransactionParts {
 public:
  // Whether `record` is the last part of a transaction.
  bool Add(std::span<const uint8_t> record) {
    if (record.empty() || record[0] > (kFirstPart | kLastPart)) ThrowDamaged("a record of the log");
    bool is_first = (record[0] & kFirstPart) != 0, is_last = (record[0] & kLastPart) != 0;
    if (is_first) {
      gathered_.clear();
    } else if (gathered_.empty()) {
      ThrowDamaged("a part of a transaction without those before it");
    }
    changes_ = record.subspan(1);
    if (is_first && is_last) return true;
    gathered_.insert(gathered_.end(), changes_.begin(), changes_.end());
    if (!is_last) return false;
    complete_ = std::exchange(gathered_, {});
    changes_ = complete_;
    return true;
  }
  // Good until the next Add.
  std::span<const uint8_t> changes() const { return changes_; }

 private:
  std::vector<uint8_t> gathered_, complete_;
  std::span<const uint8_t> changes_;
};

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
  TransactionParts parts;
  while (replay.Next(&record)) {
    if (parts.Add(record.payload)) ReplayChanges(parts.changes(), &opened);
  }
  opened.Finish();
  state_->catalog.Install(opened.catalog().current());
  log_ = std::make_unique<Log>(files_, path_, file_->id(), replay.End(), synchronous_);
  checkpointed_bytes_ = log_->appended_bytes() - replay.End().bytes;
}

void StoredDatabase::Append(std::span<const uint8_t> changes) {
  ThrowIfUnknown();
  bool is_first = true;
  do {
    std::span<const uint8_t> part = changes.first(std::min(changes.size(), kMaxTransactionPart));
    changes = changes.subspan(part.size());
    uint8_t flags = (is_first ? kFirstPart : 0) | (changes.empty() ? kLastPart : 0);
    const std::span<const uint8_t> record[] = {{&flags, 1}, part};
    last_appended_ = log_->Append(record);
    is_first = false;
  } while (!changes.empty());
}

void StoredDatabase::WaitDurable(uint64_t record) {
  log_->WaitDurable(record);
  uint64_t known = durable_record_.load(std::memory_order_relaxed);
  while (known < record &&
         !durable_record_.compare_exchange_weak(known, record, std::memory_order_relaxed)) {
  }
}

}  // namespace tupelo

// engine/stored_database.cpp: opening: the file, what its root leads to, and the log behind it.
#include "engine/stored_database.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/own_threads.h"
#include "base/path.h"
#include "engine/database_state.h"
#include "engine/stored_root.h"
#include "storage/stored_bytes.h"
#include "txn/table.h"
#include "wal/log_replay.h"

namespace tupelo {

namespace {

// The lock of the process that writes: far behind any page.
constexpr LockRange kWriterLock{uint64_t{1} << 62, 1};

DatabaseId MakeDatabaseId() {
  std::random_device random;
  DatabaseId id;
  for (uint8_t& byte : id) byte = static_cast<uint8_t>(random());
  return id;
}

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

// Tables that are made of the file and the log; they come to the catalog as definitions name them.
class StoredDatabase::Opening : public ReplayTarget, public StoredTables {
 public:
  explicit Opening(DatabaseState* state) : state_(state), catalog_(state->catalog.Current()) {}

  Table* FindTable(uint64_t number) override { return RowsOf(number).get(); }
  std::shared_ptr<Table> RowsOf(uint64_t number) override {
    auto found = tables_.find(number);
    return found == tables_.end() ? nullptr : found->second;
  }
  std::shared_ptr<Table> MakeTable(const std::vector<Type>& types) override {
    return std::make_shared<Table>(&state_->transactions, types);
  }
  void CreateTable(uint64_t number, const std::vector<Type>& types) override {
    if (number == 0 || FindTable(number) != nullptr) ThrowDamaged("the number of a table");
    std::shared_ptr<Table> table = MakeTable(types);
    table->SetStoredNumber(number);
    tables_[number] = std::move(table);
    ReserveObjectIds(number);
  }
  void ChangeDefinitions(std::span<const uint8_t> definitions) override {
    ApplyCatalogChanges(definitions, this, &catalog_);
  }
  // After the last change.
  void Finish() {
    for (auto& [number, table] : tables_) table->FinishReplay();
    state_->catalog.Install(state_->catalog.Merge(catalog_));
  }

 private:
  DatabaseState* state_;
  CatalogChange catalog_;
  std::map<uint64_t, std::shared_ptr<Table>> tables_;
};

StoredDatabase::StoredDatabase(FileSystem& files, const std::string& path, Synchronous synchronous,
                               DatabaseState* state)
    : files_(files), path_(path), synchronous_(synchronous), state_(state) {
  if (IsMissing()) CreateFile();
  OpenFile();
  Load();
  state_->transactions.SetCommitLog(this);
}

// An empty file becomes a database, as those of tempfile do.
bool StoredDatabase::IsMissing() {
  return !files_.Exists(path_) || files_.Open(path_, OpenMode::kRead)->Size() == 0;
}

// Under another name first: a power cut leaves no half of a database under its own. The lock on
// that file says that it is being made, and is no remainder of a crash.
void StoredDatabase::CreateFile() {
  const std::string name = path_ + "-new";
  auto throw_busy = [&] {
    throw Error(ErrorCode::kObjectInUse,
                "another process is just making the database; try again: " + path_);
  };
  const DatabaseId id = MakeDatabaseId();
  // A log that belongs to another database would be taken for this one's.
  LogReplay(files_, path_, id, LogPlace());
  if (files_.Exists(name)) {
    std::unique_ptr<File> left = files_.Open(name, OpenMode::kReadWrite);
    if (!left->TryLock(kWriterLock, true)) throw_busy();
    files_.Remove(name);
  }
  std::unique_ptr<File> file = files_.Open(name, OpenMode::kCreate);
  if (!file->TryLock(kWriterLock, true)) throw_busy();
  if (!IsMissing()) {  // another process has made it meanwhile
    files_.Remove(name);
    return;
  }
  try {
    if (files_.Exists(path_)) files_.CopyPermissions(path_, name);
    std::unique_ptr<DatabaseFile> made = DatabaseFile::Create(std::move(file), id);
    files_.Rename(name, path_);
  } catch (const Error&) {
    files_.Remove(name);
    throw;
  }
  files_.SyncDirectory(path_);
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

// What a checkpoint has written, as WriteCatalog does.
void StoredDatabase::LoadStoredCatalog(std::span<const uint8_t> bytes, Opening* opening) {
  auto decode = [&](auto&& part) { return file_->Decoding(catalog_, part); };
  ByteReader reader(bytes);
  uint64_t count = decode([&] { return reader.TakeVarint(); });
  for (uint64_t i = 0; i < count; ++i) {
    SegmentDirectoryRoot directory;
    uint64_t number = decode([&] {
      uint64_t taken = reader.TakeVarint();
      directory.node = ExtentAddress::Unpack(reader.Take<uint64_t>());
      directory.level = reader.Take<uint8_t>();
      ReplayColumns(&reader, taken, opening);
      return taken;
    });
    Table* table = opening->FindTable(number);
    auto stored = std::make_unique<StoredTable>(file_.get(), number, directory);
    stored->Load(table);
    tables_[number] = std::move(stored);
    decode([&] { ReplayIndexes(&reader, table); });
  }
  decode([&] { opening->ChangeDefinitions(reader.TakeBytes(reader.left())); });
}

void StoredDatabase::Load() {
  DatabaseRoot root = file_->root();
  LogPlace place = LogPlaceOf(root);
  ReserveObjectIds(LastObjectOf(root));
  Opening opening(state_);
  catalog_ = root.catalog;
  if (catalog_) {
    ExtentBuffer buffer;
    std::span<const uint8_t> bytes = file_->Read(catalog_, ExtentKind::kCatalog, &buffer);
    LoadStoredCatalog(bytes, &opening);
  }
  LogReplay replay(files_, path_, file_->id(), place);
  LogRecord record;
  TransactionParts parts;
  while (replay.Next(&record)) {
    if (parts.Add(record.payload)) ReplayChanges(parts.changes(), &opening);
  }
  opening.Finish();
  log_ = std::make_unique<Log>(files_, path_, file_->id(), replay.End(), synchronous_);
  checkpointed_bytes_ = log_->appended_bytes() - replay.End().bytes;
}

void StoredDatabase::Append(std::span<const uint8_t> changes) {
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
  log_->WaitDurable(record);
  uint64_t known = durable_record_.load(std::memory_order_relaxed);
  while (known < record &&
         !durable_record_.compare_exchange_weak(known, record, std::memory_order_relaxed)) {
  }
}

}  // namespace tupelo

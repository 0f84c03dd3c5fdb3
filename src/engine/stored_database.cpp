// engine/stored_database.cpp: opening: the file, what its root leads to, and the log behind it.
#include "engine/stored_database.h"

#include <random>

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
  ByteReader reader(bytes);
  file_->Decoding(catalog_, [&] {
    uint64_t count = reader.TakeVarint();
    for (uint64_t i = 0; i < count; ++i) LoadTable(&reader, opening);
    opening->ChangeDefinitions(reader.TakeBytes(reader.left()));
  });
}

void StoredDatabase::LoadTable(ByteReader* reader, Opening* opening) {
  uint64_t number = reader->TakeVarint();
  SegmentDirectoryRoot directory;
  directory.node = ExtentAddress::Unpack(reader->Take<uint64_t>());
  directory.level = reader->Take<uint8_t>();
  uint64_t used_rows = reader->TakeVarint();
  uint64_t live_rows = reader->TakeVarint();
  ReplayColumns(reader, number, opening);
  std::shared_ptr<Table> table = opening->RowsOf(number);
  Stored& stored = tables_[number];
  stored.rows =
      std::make_unique<StoredTable>(file_.get(), &state_->transactions.cache(), number, directory);
  stored.table = table;
  stored.rows->Attach(table.get(), used_rows, live_rows);
  ReplayIndexes(reader, table.get());
  for (uint64_t index_number : table->CommittedIndexes()) {
    StoredTreeRoot root;
    root.node = ExtentAddress::Unpack(reader->Take<uint64_t>());
    root.level = reader->Take<uint8_t>();
    auto index = std::make_unique<StoredIndex>(file_.get(), number, index_number, root);
    index->Attach(table.get(), table->FindIndex(index_number));
    stored.indexes[index_number] = std::move(index);
  }
  table->TakeStatistics(reader);
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
  while (replay.Next(&record)) ReplayChanges(record.payload, &opening);
  opening.Finish();
  log_ = std::make_unique<Log>(files_, path_, file_->id(), replay.End(), synchronous_);
  checkpointed_bytes_ = log_->appended_bytes() - replay.End().bytes;
}

void StoredDatabase::Append(std::span<const uint8_t> changes) {
  last_appended_ = log_->Append(changes);
}

}  // namespace tupelo

// engine/checkpoint.cpp: writing what the log says to the file, so that the log can begin anew.
//
// With the latch, all at one moment: the log is switched, a view is registered, and the catalog is
// taken. From then on what is committed belongs to the new log, and the view keeps the versions
// that belong to the file. Tables are written segment by segment, with the latch while a segment is
// encoded.
#include <system_error>

#include "base/error.h"
#include "engine/database_state.h"
#include "engine/stored_database.h"
#include "engine/stored_root.h"
#include "storage/stored_bytes.h"
#include "txn/table.h"

namespace tupelo {

namespace {

// The log is as long as it may get before a checkpoint makes it short again.
constexpr uint64_t kLogBytes = uint64_t{64} << 20;
constexpr uint64_t kMostLogBytes = 8 * kLogBytes;

}  // namespace

// The database at one moment.
struct StoredDatabase::Snapshot {
  struct Rows {
    uint64_t number = 0;
    std::shared_ptr<Table> table;
    ByteVector shape;
    SegmentDirectoryRoot directory;
  };
  explicit Snapshot(DatabaseState* its_state) : state(its_state) {}
  ~Snapshot() {
    TurnGuard latch(state->latch);
    state->transactions.UnregisterView(&view);
    tables.clear();  // a table that was dropped meanwhile goes here
  }
  DatabaseState* state;
  ReadView view{0, 0, 0};
  LogPlace place;
  uint64_t log_bytes = 0;  // that were appended until then
  std::vector<Rows> tables;
  ByteVector definitions;
  uint64_t last_object = 0;
};

LogPlace StoredDatabase::BeginCheckpoint(bool is_last, Snapshot* snapshot) {
  TurnGuard latch(state_->latch);
  snapshot->view = ReadView(state_->transactions.last_commit(), 0, 0);
  state_->transactions.RegisterView(&snapshot->view);
  CatalogPtr catalog = state_->catalog.Current();
  for (const TablePtr& table : catalog->Tables()) {
    if (table->data->stored_number() == 0) continue;
    snapshot->tables.push_back({table->data->stored_number(), table->data, {}, {}});
    table->data->AppendShape(&snapshot->tables.back().shape);
  }
  AppendCatalogChanges(*Catalog().Current(), *catalog, &snapshot->definitions);
  // Whatever begins to be made from now on has a higher one, but for what the log tells.
  snapshot->last_object = NextObjectId();
  snapshot->log_bytes = log_->appended_bytes();
  return is_last ? log_->PlaceAfterClose() : log_->Switch();
}

ExtentAddress StoredDatabase::WriteCatalog(Snapshot* snapshot) {
  ByteVector bytes;
  AppendVarint(snapshot->tables.size(), &bytes);
  for (const Snapshot::Rows& rows : snapshot->tables) {
    AppendVarint(rows.number, &bytes);
    AppendNumber(rows.directory.node.Pack(), &bytes);
    AppendNumber(rows.directory.level, &bytes);
    AppendBytes(rows.shape.data(), rows.shape.size(), &bytes);
  }
  AppendBytes(snapshot->definitions.data(), snapshot->definitions.size(), &bytes);
  if (bytes.size() > kMaxExtentPayload) {
    throw Error(ErrorCode::kProgramLimit,
                "the definitions take more than 16 MB; a checkpoint can't write so many");
  }
  ExtentAddress address = file_->Allocate(bytes.size());
  file_->Write(address, ExtentKind::kCatalog, {}, bytes);
  return address;
}

void StoredDatabase::WriteCheckpoint(bool is_last) {
  // A root that was found after a crash may have been read from memory alone; what it needs of the
  // log is written over from now on.
  if (!is_root_durable_) file_->CommitRoot(file_->root());
  is_root_durable_ = true;
  if (!is_last) log_->PrepareSwitch();
  Snapshot snapshot(state_);
  snapshot.place = BeginCheckpoint(is_last, &snapshot);
  std::map<uint64_t, std::unique_ptr<StoredTable>> dropped;
  dropped.swap(tables_);
  for (Snapshot::Rows& rows : snapshot.tables) {
    auto found = dropped.extract(rows.number);
    std::unique_ptr<StoredTable>& stored = tables_[rows.number];
    stored = found
                 ? std::move(found.mapped())
                 : std::make_unique<StoredTable>(file_.get(), rows.number, SegmentDirectoryRoot());
  }
  for (auto& [number, stored] : dropped) stored->Remove();
  for (Snapshot::Rows& rows : snapshot.tables) {
    StoredTable* stored = tables_[rows.number].get();
    for (uint32_t segment = 0;; ++segment) {
      bool has_changed;
      {
        TurnGuard latch(state_->latch);
        if (segment >= StoredTable::SegmentCount(*rows.table)) break;
        has_changed = stored->Prepare(rows.table.get(), segment, snapshot.view);
      }
      if (has_changed) stored->Write();
    }
    rows.directory = stored->Flush();
  }
  ExtentAddress old = catalog_;
  catalog_ = WriteCatalog(&snapshot);
  if (old) file_->Free(old);
  log_->Sync();
  DatabaseRoot root;
  root.catalog = catalog_;
  SetLogPlace(snapshot.place, &root);
  SetLastObject(snapshot.last_object, &root);
  file_->CommitRoot(root);
  if (!is_last) log_->DropOld();
  checkpointed_bytes_ = snapshot.log_bytes;
}

void StoredDatabase::Checkpoint() {
  std::lock_guard guard(checkpoint_);
  WriteCheckpoint(false);
}

// What prevents it is told to who asks for a checkpoint, and to who closes the database; until then
// the log has everything. It is tried again when the log has grown once more as much.
void StoredDatabase::CheckpointIfDue() {
  std::lock_guard guard(checkpoint_);
  if (!IsCheckpointDue()) return;
  try {
    WriteCheckpoint(false);
  } catch (const std::exception&) {
    checkpointed_bytes_ = log_->appended_bytes();
  }
}

bool StoredDatabase::IsCheckpointDue() const {
  return log_->appended_bytes() - checkpointed_bytes_ > kLogBytes;
}

void StoredDatabase::KeepLogShort() {
  if (!IsCheckpointDue()) return;
  std::lock_guard guard(service_mutex_);
  if (service_ == nullptr) {
    try {
      service_ = std::make_unique<BackgroundTask>([this] { CheckpointIfDue(); });
    } catch (const std::system_error&) {  // no thread to be had: this one makes it
      return CheckpointIfDue();
    }
  }
  service_->Ask();
  // More is written than checkpoints keep up with: it waits for one.
  if (log_->appended_bytes() - checkpointed_bytes_ > kMostLogBytes) CheckpointIfDue();
}

void StoredDatabase::Close() {
  service_ = nullptr;
  std::lock_guard guard(checkpoint_);
  if (HasLogFiles(files_, path_)) {
    WriteCheckpoint(true);
    // Both roots lead to it then: were one damaged once the log is gone, the other one would be
    // taken for the newest, and all that the log had told would be missing without a word.
    file_->CommitRoot(file_->root());
    log_.reset();
    RemoveLogFiles(files_, path_);
  }
  file_->NoteWriter(0);
}

StoredDatabase::~StoredDatabase() {
  service_ = nullptr;
  state_->transactions.SetCommitLog(nullptr);
}

}  // namespace tupelo

// engine/checkpoint.cpp: writing what the log says to the file, so that the log can begin anew.
//
// With the latch, all at one moment: a snapshot is taken, and the log is switched. From then on
// what is committed belongs to the new log, and the snapshot keeps what belongs to the file.
#include <system_error>

#include "base/error.h"
#include "engine/database_state.h"
#include "engine/stored_database.h"
#include "engine/stored_root.h"

namespace tupelo {

namespace {

// The log is as long as it may get before a checkpoint makes it short again.
constexpr uint64_t kLogBytes = uint64_t{64} << 20;
constexpr uint64_t kMostLogBytes = 8 * kLogBytes;

}  // namespace

// A root that was found after a crash may have been read from memory alone; what it needs of the
// log is written over from now on.
void StoredDatabase::MakeRootDurable() {
  if (!is_root_durable_) file_->CommitRoot(file_->root());
  is_root_durable_ = true;
}

// The root so far, and what it is a root of; `catalog`: nullptr for the current one.
DatabaseRoot StoredDatabase::BeginCheckpoint(bool is_last, std::optional<StoredSnapshot>* snapshot,
                                             CatalogPtr catalog) {
  ThrowIfUnknown();
  MakeRootDurable();
  if (!is_last) log_->PrepareSwitch();
  TurnGuard latch(state_->latch);
  snapshot->emplace(state_, catalog != nullptr ? *catalog : *state_->catalog.Current());
  DatabaseRoot root;
  SetLastObject((*snapshot)->last_object(), &root);
  SetLogPlace(is_last ? log_->PlaceAfterClose() : log_->Switch(), &root);
  checkpointing_bytes_ = log_->appended_bytes();
  return root;
}

void StoredDatabase::WriteCheckpoint(bool is_last) {
  std::optional<StoredSnapshot> snapshot;
  DatabaseRoot root = BeginCheckpoint(is_last, &snapshot);
  std::map<uint64_t, std::unique_ptr<StoredTable>> dropped;
  dropped.swap(tables_);
  for (StoredSnapshot::Rows& rows : snapshot->tables()) {
    auto found = dropped.extract(rows.number);
    std::unique_ptr<StoredTable>& stored = tables_[rows.number];
    stored = found
                 ? std::move(found.mapped())
                 : std::make_unique<StoredTable>(file_.get(), rows.number, SegmentDirectoryRoot());
  }
  for (auto& [number, stored] : dropped) stored->Remove();
  for (StoredSnapshot::Rows& rows : snapshot->tables()) {
    snapshot->WriteChanges(&rows, tables_[rows.number].get());
  }
  ExtentAddress old = catalog_;
  root.catalog = catalog_ = snapshot->WriteCatalog(file_.get());
  if (old) file_->Free(old);
  log_->Sync();
  file_->CommitRoot(root);
  if (!is_last) log_->DropOld();
  checkpointed_bytes_ = checkpointing_bytes_;
}

// What was there becomes free with the root that no longer reaches it, and not before: until then
// all may fail. When the root itself can't be written, nobody knows which of the two a crash would
// find; the log would be wrong for one of them.
void StoredDatabase::Replace(const CatalogPtr& catalog, const StoredSnapshot::Wrote& wrote) {
  std::lock_guard guard(checkpoint_);
  std::map<uint64_t, std::unique_ptr<StoredTable>> tables;
  ExtentAddress written_catalog;
  uint64_t making = UINT64_MAX;
  auto give_up = [&] {
    is_unknown_ = making < file_->next_generation();
    if (is_unknown_) return;
    for (auto& [number, stored] : tables) stored->Remove();
    if (written_catalog) file_->Free(written_catalog);
  };
  try {
    std::optional<StoredSnapshot> snapshot;
    DatabaseRoot root = BeginCheckpoint(false, &snapshot, catalog);
    for (StoredSnapshot::Rows& rows : snapshot->tables()) {
      std::unique_ptr<StoredTable>& stored = tables[rows.number];
      stored = std::make_unique<StoredTable>(file_.get(), rows.number, SegmentDirectoryRoot());
      snapshot->WriteAll(&rows, stored.get(), wrote);
    }
    root.catalog = written_catalog = snapshot->WriteCatalog(file_.get());
    std::vector<ExtentAddress> freed;
    auto free = [&](const ExtentAddress& extent) { freed.push_back(extent); };
    for (auto& [number, stored] : tables_) stored->ForEachExtent(free);
    if (catalog_) free(catalog_);
    log_->Sync();
    making = file_->next_generation();
    file_->CommitRoot(root, {}, freed);
  } catch (const Error&) {
    // Once there is the root, it is only the file that is longer than it need be.
    if (file_->root().generation < making) {
      give_up();
      throw;
    }
  } catch (...) {
    give_up();
    throw;
  }
  tables_ = std::move(tables);
  catalog_ = written_catalog;
  checkpointed_bytes_ = checkpointing_bytes_;
  {
    TurnGuard latch(state_->latch);
    CatalogPtr old = state_->catalog.Current();
    state_->catalog.Install(catalog);
    old = nullptr;
  }
  try {
    log_->DropOld();
  } catch (const Error&) {  // all is done but for room of the log, which it uses again
  }
}

void StoredDatabase::ThrowIfUnknown() const {
  if (!is_unknown_) return;
  throw Error(ErrorCode::kIoError,
              "the file failed while all that it holds was replaced: nothing can be written before "
              "it is closed and opened anew: " +
                  path_);
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

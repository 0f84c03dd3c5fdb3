// engine/checkpoint.cpp: writing what the log says to the file, so that the log can begin anew.
//
// With the latch, all at one moment: a snapshot is taken, and the log is switched. From then on
// what is committed belongs to the new log, and the snapshot keeps what belongs to the file. Tables
// are written segment by segment, with the latch while a segment is encoded.
#include <algorithm>
#include <set>
#include <system_error>

#include "base/error.h"
#include "engine/database_state.h"
#include "engine/stored_database.h"
#include "engine/stored_root.h"
#include "txn/table.h"

namespace tupelo {

namespace {

// The log is as long as it may get before a checkpoint makes it short again.
constexpr uint64_t kLogBytes = uint64_t{64} << 20;
// And in relation to the memory that there may be.
constexpr uint64_t kShareOfLimit = 8;
constexpr uint64_t kMostLogBytes = 8 * kLogBytes;

}  // namespace

// A root that was found after a crash may have been read from memory alone; what it needs of the
// log is written over from now on.
void StoredDatabase::MakeRootDurable() {
  if (!is_root_durable_) file_->CommitRoot(file_->root());
  is_root_durable_ = true;
}

// What the root to come says of the log and of numbers.
DatabaseRoot StoredDatabase::BeginCheckpoint(bool is_last,
                                             std::optional<StoredSnapshot>* snapshot) {
  TurnGuard latch(state_->latch);
  snapshot->emplace(state_);
  state_->transactions.MarkOldKeys();
  DatabaseRoot root;
  SetLastObject((*snapshot)->last_object(), &root);
  SetLogPlace(is_last ? log_->PlaceAfterClose() : log_->Switch(), &root);
  checkpointing_bytes_ = log_->appended_bytes();
  return root;
}

void StoredDatabase::RemoveDropped(StoredSnapshot* snapshot) {
  std::erase_if(dropped_, [&](const Dropped& dropped) {
    if (!dropped.stored.table.expired()) return false;
    file_->LetRootGo(dropped.held);
    return true;
  });
  std::set<uint64_t> there;
  for (const StoredSnapshot::Rows& rows : snapshot->tables()) there.insert(rows.number);
  for (auto at = tables_.begin(); at != tables_.end();) {
    // What a checkpoint that failed has written would be free at once: not while it may be read.
    bool may_be_read = !is_complete_ && !at->second.table.expired();
    if (there.contains(at->first) || may_be_read) {
      ++at;
      continue;
    }
    Dropped& dropped = dropped_.emplace_back();
    dropped.stored = std::move(at->second);
    dropped.held = file_->HoldRoot();
    at = tables_.erase(at);
    TurnGuard latch(state_->latch);
    dropped.stored.rows->Remove();
    for (auto& [number, index] : dropped.stored.indexes) index->Remove(nullptr);
  }
}

void StoredDatabase::WriteTable(const ReadView& view, StoredSnapshot::Rows* rows) {
  StoredParts& stored = tables_[rows->number];
  if (stored.rows == nullptr) {
    stored.rows = std::make_unique<StoredTable>(file_.get(), &state_->transactions.cache(),
                                                rows->number, SegmentDirectoryRoot());
    stored.table = rows->table;
  }
  {
    TurnGuard latch(state_->latch);
    rows->table->AppendStatistics(&rows->statistics);
  }
  WriteRows(view, rows);
  WriteIndexes(view, rows);
}

void StoredDatabase::WriteRows(const ReadView& view, StoredSnapshot::Rows* rows) {
  StoredTable* out = tables_[rows->number].rows.get();
  for (uint32_t segment = 0;; ++segment) {
    {
      TurnGuard latch(state_->latch);
      if (segment >= StoredTable::SegmentCount(*rows->table)) break;
      if (!out->Prepare(rows->table.get(), segment, view)) continue;
    }
    try {
      out->Write();
      TurnGuard latch(state_->latch);
      out->Publish();
    } catch (...) {
      TurnGuard latch(state_->latch);
      out->Abandon();
      throw;
    }
  }
  TurnGuard latch(state_->latch);
  rows->directory = out->Flush();
}

void StoredDatabase::WriteIndexes(const ReadView& view, StoredSnapshot::Rows* rows) {
  auto& stored = tables_[rows->number].indexes;
  for (uint64_t number : rows->indexes) {
    std::unique_ptr<StoredIndex>& out = stored[number];
    if (out == nullptr) {
      out = std::make_unique<StoredIndex>(file_.get(), rows->number, number, StoredTreeRoot());
    }
    out->Begin();
    for (bool is_more = true; is_more;) {
      TurnGuard latch(state_->latch);
      is_more = out->WriteSome(rows->table.get(), rows->table->FindIndex(number), view);
    }
    rows->trees.push_back(out->root());
  }
  // Those that were dropped.
  for (auto at = stored.begin(); at != stored.end();) {
    if (std::ranges::count(rows->indexes, at->first) > 0) {
      ++at;
      continue;
    }
    TurnGuard latch(state_->latch);
    at->second->Remove(rows->table->FindIndex(at->first));
    at = stored.erase(at);
  }
}

void StoredDatabase::WriteCheckpoint(bool is_last) {
  CheckpointHistory::Begun begun = CheckpointHistory::Begin(*file_);
  ThrowIfUnknown();
  MakeRootDurable();
  if (!is_last) log_->PrepareSwitch();
  std::optional<StoredSnapshot> snapshot;
  DatabaseRoot root = BeginCheckpoint(is_last, &snapshot);
  RemoveDropped(&*snapshot);
  is_complete_ = false;
  for (StoredSnapshot::Rows& rows : snapshot->tables()) WriteTable(snapshot->view(), &rows);
  ExtentAddress old = catalog_;
  root.catalog = catalog_ = snapshot->WriteCatalog(file_.get());
  if (old) file_->Free(old);
  log_->Sync();
  file_->CommitRoot(root);
  is_complete_ = true;
  if (!is_last) log_->DropOld();
  checkpointed_bytes_ = checkpointing_bytes_;
  checkpoints_.NoteFinished(begun, *file_);
}

void StoredDatabase::Checkpoint() {
  std::lock_guard guard(checkpoint_);
  WriteCheckpoint(false);
}

// What prevents it is told to who asks for a checkpoint, and to who closes the database; until then
// the log has everything, and tupelo.checkpoints the message. It is tried again when the log has
// grown once more as much.
void StoredDatabase::CheckpointIfDue() {
  std::lock_guard guard(checkpoint_);
  if (!IsCheckpointDue()) return;
  try {
    WriteCheckpoint(false);
  } catch (const std::exception& error) {
    checkpoints_.NoteFailed(error.what());
    given_up_bytes_ = log_->appended_bytes();
  }
}

bool StoredDatabase::IsCheckpointDue() const {
  uint64_t since =
      log_->appended_bytes() - std::max<uint64_t>(checkpointed_bytes_, given_up_bytes_);
  if (since > kLogBytes) return true;
  // What has changed may leave memory once it is written.
  const BlockCache& cache = state_->transactions.cache();
  return since > cache.limit() / kShareOfLimit;
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
    // In both root pages: were the newest damaged once the log is gone, the other one would be
    // taken for it, and what the log had told would be missing without a word.
    file_->CommitRoot(file_->root());
    log_.reset();
    RemoveLogFiles(files_, path_);
  }
}

StoredDatabase::~StoredDatabase() {
  service_ = nullptr;
  state_->transactions.SetCommitLog(nullptr);
}

}  // namespace tupelo

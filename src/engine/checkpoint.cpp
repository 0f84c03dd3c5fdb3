// engine/checkpoint.cpp: writing what the log says to the file, so that the log can begin anew.
//
// With the latch, all at one moment: a snapshot is taken, and the log is switched. From then on
// what is committed belongs to the new log, and the snapshot keeps what belongs to the file. Tables
// are written segment by segment, with the latch while a segment is encoded.
#include <algorithm>
#include <set>
#include <system_error>

#include "base/error.h"
#include "base/wait.h"
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
// Of pages at the end of the file, that one checkpoint moves by the way.
constexpr uint64_t kMostMovedPages = 1024;
// In which VACUUM ends, however much others write meanwhile.
constexpr int kMostRounds = 12;
// It goes on for as many in which the file gets no shorter: what a dropped table had, or what was
// moved, is free some roots later, and then the extents that say so.
constexpr int kMostUnchanged = 8;
// What the next roots need for themselves.
constexpr uint64_t kFewPages = 32;

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
  ExclusiveGuard latch(state_->latch);
  snapshot->emplace(state_, ViewUse::kCheckpoint);
  state_->transactions.MarkOldKeys();
  DatabaseRoot root;
  SetLastObject((*snapshot)->last_object(), &root);
  SetLogPlace(is_last ? log_->PlaceAfterClose() : log_->Switch(), &root);
  checkpointing_bytes_ = log_->appended_bytes();
  return root;
}

void StoredDatabase::RemoveDropped(StoredSnapshot* snapshot) {
  CommitNumber oldest;
  {
    ExclusiveGuard latch(state_->latch);
    oldest = state_->transactions.oldest_needed();
  }
  std::erase_if(dropped_, [&](Dropped& dropped) {
    const bool is_gone = dropped.stored.table.expired();
    if (dropped.is_held && (is_gone || oldest >= dropped.seen_until)) {
      file_->LetRootGo(dropped.held);
      dropped.is_held = false;
    }
    return is_gone;
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
    dropped.seen_until = snapshot->view().snapshot;
    at = tables_.erase(at);
    ExclusiveGuard latch(state_->latch);
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
    ExclusiveGuard latch(state_->latch);
    rows->table->AppendStatistics(&rows->statistics);
  }
  WriteRows(view, rows);
  WriteIndexes(view, rows);
}

void StoredDatabase::WriteRows(const ReadView& view, StoredSnapshot::Rows* rows) {
  StoredTable* out = tables_[rows->number].rows.get();
  const std::set<uint32_t>& moved = moves_.segments[rows->number];
  for (uint32_t segment = 0;; ++segment) {
    {
      ExclusiveGuard latch(state_->latch);
      if (segment >= StoredTable::SegmentCount(*rows->table)) break;
      if (moved.contains(segment)) out->WriteAnew(rows->table.get(), segment, moves_.from_page);
      if (!out->Prepare(rows->table.get(), segment, view)) continue;
    }
    try {
      out->Write();
      ExclusiveGuard latch(state_->latch);
      out->Publish();
    } catch (...) {
      ExclusiveGuard latch(state_->latch);
      out->Abandon();
      throw;
    }
  }
  ExclusiveGuard latch(state_->latch);
  for (uint32_t first : moves_.directory_nodes[rows->number]) out->WriteNodeAnew(first);
  rows->directory = out->Flush();
}

void StoredDatabase::WriteIndexes(const ReadView& view, StoredSnapshot::Rows* rows) {
  auto& stored = tables_[rows->number].indexes;
  for (uint64_t number : rows->indexes) {
    std::unique_ptr<StoredIndex>& out = stored[number];
    if (out == nullptr) {
      out = std::make_unique<StoredIndex>(file_.get(), rows->number, number, StoredTreeRoot());
    }
    out->Begin(moves_);
    for (bool is_more = true; is_more;) {
      ExclusiveGuard latch(state_->latch);
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
    ExclusiveGuard latch(state_->latch);
    at->second->Remove(rows->table->FindIndex(at->first));
    at = stored.erase(at);
  }
}

// The end of the file may be damaged: that prevents no checkpoint.
void StoredDatabase::FindMoves(Moves moves) {
  moves_ = {};
  const bool is_wanted = moves != Moves::kSome;
  try {
    moves_ = TailMoves::Find(file_.get(), is_wanted ? UINT64_MAX : kMostMovedPages, is_wanted);
  } catch (const Error& error) {
    if (is_wanted || error.code() != ErrorCode::kDataCorrupted) throw;
  }
  moves_.joins_leaves = moves == Moves::kAllAndJoin;
  file_->PreferBelow(moves_.from_page == UINT64_MAX ? 0 : moves_.from_page);
}

void StoredDatabase::WriteCheckpoint(bool is_last, Moves moves) {
  CheckpointHistory::Begun begun = CheckpointHistory::Begin(*file_);
  ThrowIfUnknown();
  MakeRootDurable();
  if (!is_last) log_->PrepareSwitch();
  std::optional<StoredSnapshot> snapshot;
  DatabaseRoot root = BeginCheckpoint(is_last, &snapshot);
  RemoveDropped(&*snapshot);
  FindMoves(moves);
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

// What is moved leaves its old place with the second root after that.
void StoredDatabase::Vacuum() {
  std::lock_guard guard(checkpoint_);
  uint64_t before = UINT64_MAX;
  for (int round = 0, unchanged = 0; round < kMostRounds && unchanged < kMostUnchanged; ++round) {
    WriteCheckpoint(false, round == 0 ? Moves::kAllAndJoin : Moves::kAll);
    uint64_t unused = 0;
    for (const ExtentAddress& extent : file_->UnusedExtents()) unused += extent.pages;
    const uint64_t now = file_->file().Size() / kPageBytes;
    // The file itself gets shorter when no root needs what is cut off.
    if (round > 0 && unused <= kFewPages && now <= file_->file_pages()) break;
    unchanged = now < before ? 0 : unchanged + 1;
    before = std::min(now, before);
  }
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
  WaitScope waiting;  // ends after the mutex is given back
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

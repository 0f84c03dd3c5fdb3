// txn/old_versions.cpp: who needs old versions of rows, and how long they are kept.
//
// Each holder of a snapshot, a transaction or a registered view, needs what was replaced by commits
// after it. So the changes of a transaction that has committed wait, in the order of commits, until
// the oldest holder sees them.
#include <algorithm>
#include <cassert>

#include "base/coarse_clock.h"
#include "buffer/extent_pool.h"
#include "txn/table.h"
#include "txn/transaction.h"
#include "txn/undo.h"

namespace tupelo {

void TransactionManager::RegisterView(ReadView* view, ViewUse use, const SnapshotOwner* owner) {
  assert(!view->registered_);
  view->registered_ = true;
  view->lost_ = false;
  view->use_ = use;
  view->owner_ = owner;
  view->since_us_ = CoarseWallTime();
  view->previous_ = nullptr;
  view->next_ = views_;
  if (views_ != nullptr) views_->previous_ = view;
  views_ = view;
  if (Transaction* transaction = FindActive(view->transaction)) ++transaction->registered_views_;
}

void TransactionManager::UnregisterView(ReadView* view) {
  if (!view->registered_) return;
  view->registered_ = false;
  (view->previous_ == nullptr ? views_ : view->previous_->next_) = view->next_;
  if (view->next_ != nullptr) view->next_->previous_ = view->previous_;
  if (Transaction* transaction = FindActive(view->transaction)) --transaction->registered_views_;
  Collect();
}

CommitNumber TransactionManager::oldest_needed() const {
  const Transaction* first = oldest_;
  while (first != nullptr && first->lost_snapshot_) first = first->next_;
  CommitNumber oldest = durable_commit();
  if (first != nullptr) oldest = std::min(oldest, first->snapshot_);
  for (const ReadView* view = views_; view != nullptr; view = view->next_) {
    if (!view->lost_) oldest = std::min(oldest, view->snapshot);
  }
  return oldest;
}

void TransactionManager::Collect() {
  if (waiting_first_ == nullptr) return;
  CommitNumber horizon = oldest_needed();
  while (waiting_first_ != nullptr && waiting_first_->commit <= horizon) {
    UndoLog* log = waiting_first_;
    Purge(log, horizon);
    NoteCollected(log);
    // Only now: the records of the others in the queue are reached through their logs.
    waiting_first_ = log->next_waiting;
    if (waiting_first_ == nullptr) waiting_last_ = nullptr;
    ReleaseLog(log);
  }
}

void TransactionManager::Purge(UndoLog* log, CommitNumber horizon) {
  log->ForEach([this, horizon](UndoRecord& record) {
    if (record.writes->table != nullptr) record.writes->table->Purge(&record, horizon);
    extents_->NoteUse(1);
  });
  for (TableWrites* writes = log->writes; writes != nullptr; writes = writes->next_in_log) {
    if (writes->table != nullptr) writes->table->PruneCounts(horizon);
  }
  for (size_t i = 0; i < log->actions.size(); ++i) {
    if (log->actions[i].unneeded) log->actions[i].unneeded();
  }
}

std::vector<SnapshotHolder> TransactionManager::SnapshotHolders() const {
  std::vector<SnapshotHolder> holders;
  for (const Transaction* each = oldest_; each != nullptr; each = each->next_) {
    if (each->lost_snapshot_) continue;
    holders.push_back({each->owner_, each, ViewUse::kResult, each->snapshot_, each->began_us_});
  }
  for (const ReadView* view = views_; view != nullptr; view = view->next_) {
    if (view->lost_) continue;
    holders.push_back({view->owner_, nullptr, view->use_, view->snapshot, view->since_us_});
  }
  std::ranges::stable_sort(holders, {}, &SnapshotHolder::snapshot);
  // What waits, by commits: those that a holder does not see are the last of them.
  struct Waiting {
    CommitNumber commit;
    uint64_t count, bytes;  // of it and of all behind it
  };
  std::vector<Waiting> waiting;
  for (const UndoLog* log = waiting_first_; log != nullptr; log = log->next_waiting) {
    waiting.push_back({log->commit, log->record_count, log->record_bytes});
  }
  for (size_t i = waiting.size(); i > 1; --i) {
    waiting[i - 2].count += waiting[i - 1].count;
    waiting[i - 2].bytes += waiting[i - 1].bytes;
  }
  for (SnapshotHolder& holder : holders) {
    auto first = std::ranges::upper_bound(waiting, holder.snapshot, {}, &Waiting::commit);
    if (first == waiting.end()) continue;
    holder.old_versions = first->count;
    holder.old_version_bytes = first->bytes;
  }
  return holders;
}

}  // namespace tupelo

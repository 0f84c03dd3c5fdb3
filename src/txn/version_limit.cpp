// txn/version_limit.cpp: what readers may hold back; who holds back more loses its snapshot.
//
// What waits is in the order of commits. With a limit, within_limit_ is the first of it from which
// on all is no more than the limit; each commit moves it forward by what has become too much, so in
// the long run that takes one step a commit. A snapshot older than the commit before it holds back
// more than the limit. It is only marked as lost, and what it held back is forgotten: whoever owns
// it finds the mark, with the latch, before it reads again. Transactions keep their own changes,
// which no other has touched, and undo them.
#include <algorithm>

#include "txn/transaction.h"
#include "txn/undo.h"

namespace tupelo {

namespace {

bool MayLose(const SnapshotOwner* owner) { return owner != nullptr && owner->running == 0; }

}  // namespace

void TransactionManager::NoteWaiting(UndoLog* log) {
  if (within_limit_ == nullptr) within_limit_ = log;
  bytes_within_limit_ += log->record_bytes;
  while (bytes_within_limit_ > version_limit_) {
    bytes_within_limit_ -= within_limit_->record_bytes;
    beyond_limit_ = within_limit_->commit;
    within_limit_ = within_limit_->next_waiting;
  }
}

void TransactionManager::NoteCollected(UndoLog* log) {
  if (log != within_limit_) return;
  bytes_within_limit_ -= log->record_bytes;
  within_limit_ = log->next_waiting;
}

void TransactionManager::SetVersionLimit(uint64_t bytes) {
  version_limit_ = bytes;
  within_limit_ = nullptr;
  bytes_within_limit_ = 0;
  beyond_limit_ = 0;
  if (bytes == 0) return;
  for (UndoLog* log = waiting_first_; log != nullptr; log = log->next_waiting) NoteWaiting(log);
  LimitVersions();
}

void TransactionManager::LimitVersions() {
  if (waiting_first_ == nullptr || waiting_first_->commit > beyond_limit_) return;
  // Behind one that stays nothing would be gained.
  CommitNumber end = beyond_limit_;
  for (const Transaction* each = oldest_; each != nullptr && each->snapshot_ < end;
       each = each->next_) {
    if (!each->lost_snapshot_ && !MayLose(each->owner_)) end = each->snapshot_;
  }
  for (const ReadView* view = views_; view != nullptr; view = view->next_) {
    if (view->lost_ || (view->use_ == ViewUse::kResult && MayLose(view->owner_))) continue;
    end = std::min(end, view->snapshot);
  }
  for (Transaction* each = oldest_; each != nullptr && each->snapshot_ < end; each = each->next_) {
    each->lost_snapshot_ = true;
  }
  for (ReadView* view = views_; view != nullptr; view = view->next_) {
    if (view->snapshot < end) view->lost_ = true;
  }
  Collect();
}

}  // namespace tupelo

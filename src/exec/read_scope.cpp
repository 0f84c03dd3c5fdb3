// exec/read_scope.cpp: entering, and what is put in order on leaving.
#include "exec/read_scope.h"

#include "storage/block_cache.h"
#include "txn/transaction.h"

namespace tupelo {

void ReadScope::Enter() {
  slot_ = context_->latch->LockShared(context_->latch_slot);
  if (!context_->view->is_lost()) return;
  context_->latch->UnlockShared(slot_);
  throw Error(ErrorCode::kSnapshotTooOld,
              "the rest of the result can't be read: the old versions of rows that were kept for "
              "it were more than version_limit; read results to their end sooner, or raise "
              "version_limit");
}

// Blocks that were read beside other readers may be more than there is room for.
void ReadScope::Leave() {
  BlockCache& cache = context_->transactions->cache();
  const bool is_full = slot_ != nullptr && cache.HoldsTooMuch();
  context_->latch->UnlockShared(slot_);
  if (!is_full) return;
  ExclusiveGuard latch(*context_->latch);
  cache.LetGoIfFull();
}

}  // namespace tupelo

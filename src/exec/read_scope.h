// exec/read_scope.h: a step of an operator that reads or writes tables.
#pragma once

#include "base/shared_latch.h"
#include "exec/execution_context.h"

namespace tupelo {

// Statements that may take long hold the database's latch for each step that reads a table, and for
// that alone: others write between two steps. What the step hands on must be good without it, and
// it must not compute expressions, which may have steps of their own. Where the statement holds the
// latch all the time, this costs a comparison.
class ReadScope {
 public:
  // Throws kSnapshotTooOld where the versions that the statement sees are not kept any more.
  explicit ReadScope(const ExecutionContext* context) : context_(context) {
    if (context->latch != nullptr) Enter();
  }
  // For a step that only gives back what others have pinned.
  enum class Closing : uint8_t { kTag };
  ReadScope(const ExecutionContext* context, Closing) : context_(context) {
    if (context->latch != nullptr) slot_ = context->latch->LockShared(context->latch_slot);
  }
  ~ReadScope() {
    if (context_->latch != nullptr) Leave();
  }
  ReadScope(const ReadScope&) = delete;
  ReadScope& operator=(const ReadScope&) = delete;

 private:
  void Enter();
  void Leave();
  const ExecutionContext* context_;
  SharedLatch::Slot* slot_ = nullptr;
};

// The same of a step that writes: no other thread reads or writes meanwhile. It may compute
// expressions.
class WriteScope {
 public:
  explicit WriteScope(const ExecutionContext* context) : latch_(context->latch) {
    if (latch_ == nullptr) return;
    if (!latch_->IsMine()) latch_->GiveWay();
    latch_->Lock();
  }
  ~WriteScope() {
    if (latch_ != nullptr) latch_->Unlock();
  }
  WriteScope(const WriteScope&) = delete;
  WriteScope& operator=(const WriteScope&) = delete;

 private:
  SharedLatch* latch_;
};

}  // namespace tupelo

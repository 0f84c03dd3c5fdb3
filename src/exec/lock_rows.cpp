// exec/lock_rows.cpp: FOR UPDATE and FOR SHARE: passes rows on once those of the tables are locked.
//
// Below a LIMIT the rows are given one by one, so that none is locked which nobody asks for.
#include "exec/conflict_on.h"
#include "exec/operators.h"
#include "txn/table.h"

namespace tupelo {

namespace {

class LockRows : public Operator {
 public:
  LockRows(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        locks_(*node.locks),
        child_(BuildInput(node, 0, context, outer)),
        columns_(outer) {
    columns_.AddChunk(node.children[0]->output, child_->output());
    for (const LockedTable& table : locks_.tables) ids_.push_back(columns_.Find(table.row_id));
    if (locks_.locks_singly) waiting_ = MakeScratchArray<uint16_t>(kVectorSize);
  }

  void OpenSelf() override {
    next_ = end_ = 0;
    child_->Open();
  }
  void Close() override {
    next_ = end_ = 0;
    child_->Close();
  }
  Chunk& output() override { return child_->output(); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override { return locks_.locks_singly ? NextRow() : NextRows(); }

 private:
  Chunk* NextRows() {
    while (Chunk* chunk = child_->Next()) {
      context_->CheckInterrupt();
      Rows rows = chunk->rows();
      uint16_t* selection = chunk->SelectionBuffer();  // perhaps where `rows` are: none is passed
      uint32_t count = 0;
      for (uint32_t i = 0; i < rows.count; ++i) {
        auto row = static_cast<uint16_t>(rows[i]);
        if (Lock(row)) selection[count++] = row;
      }
      if (count == rows.count) return chunk;
      if (count == 0) continue;
      chunk->SetRows(Rows{selection, count});
      return chunk;
    }
    return nullptr;
  }

  Chunk* NextRow() {
    for (;;) {
      while (next_ < end_) {
        uint16_t* row = &waiting_[next_++];
        if (!Lock(*row)) continue;
        child_->output().SetRows(Rows{row, 1});
        return &child_->output();
      }
      context_->CheckInterrupt();
      Chunk* chunk = child_->Next();
      if (chunk == nullptr) return nullptr;
      Rows rows = chunk->rows();
      for (uint32_t i = 0; i < rows.count; ++i) waiting_[i] = static_cast<uint16_t>(rows[i]);
      next_ = 0;
      end_ = rows.count;
    }
  }

  // False: the row is to be left out.
  bool Lock(uint16_t row) {
    for (size_t i = 0; i < ids_.size(); ++i) {
      if (!ids_[i]->IsValid(row)) continue;  // of an outer join: no row of this table
      if (!Lock(*locks_.tables[i].table, ids_[i]->At<int64_t>(row))) return false;
    }
    return true;
  }

  bool Lock(const TableDefinition& table, RowId row) {
    Transaction* transaction = context_->transaction;
    if (table.data->TryLockRow(transaction, row, locks_.mode)) return true;
    std::vector<TransactionId> blockers = table.data->BlockersOf(transaction, row, locks_.mode);
    const std::string& name = table.name.spelling;
    if (!blockers.empty() && locks_.wait == LockWait::kSkipLocked) return false;
    if (!blockers.empty() && locks_.wait == LockWait::kNoWait) {
      throw Error(
          ErrorCode::kLockNotAvailable,
          "a row of table " + name + " is locked or being changed by another transaction (NOWAIT)")
          .OnTable(name);
    }
    ThrowConflictOn(name, std::move(blockers));
  }

  const LockPlan& locks_;
  OperatorPtr child_;
  ColumnMap columns_;
  std::vector<const Vector*> ids_;  // by table
  // locks_singly: rows of the child's chunk that were not asked for yet.
  ScratchArray<uint16_t> waiting_;
  uint32_t next_ = 0, end_ = 0;
};

}  // namespace

OperatorPtr MakeLockRows(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<LockRows>(node, context, outer);
}

}  // namespace tupelo

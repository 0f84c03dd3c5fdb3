// exec/limit_ties.cpp: FETCH FIRST ... WITH TIES: rows that agree with the last one in the sort
// keys pass too.
#include "exec/operators.h"
#include "exec/row_collection.h"
#include "exec/row_limit.h"
#include "types/compare.h"

namespace tupelo {

namespace {

class LimitWithTies : public Operator {
 public:
  LimitWithTies(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildInput(node, 0, context, outer)),
        limit_(node, context, outer) {
    ColumnMap columns;
    columns.AddChunk(node.children[0]->output, child_->output());
    std::vector<Type> types;
    for (const SortKey& key : node.sort_keys) {
      keys_.push_back(columns.Find(key.column));
      types.push_back(keys_.back()->type());
    }
    last_.Init(types);
  }
  void OpenSelf() override {
    limit_.Evaluate();
    to_skip_ = limit_.offset();
    to_pass_ = limit_.limit();
    is_done_ = to_pass_ == 0;
    last_.Clear();
    child_->Open();
  }
  void Close() override {
    child_->Close();
    last_.Clear();
  }
  Chunk& output() override { return child_->output(); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    while (!is_done_) {
      Chunk* chunk = child_->Next();
      if (chunk == nullptr) return nullptr;
      context_->CheckInterrupt();
      Rows rows = chunk->rows();
      if (to_skip_ >= rows.count) {
        to_skip_ -= rows.count;
        continue;
      }
      auto skip = static_cast<uint32_t>(to_skip_);
      to_skip_ = 0;
      uint32_t end = skip + static_cast<uint32_t>(std::min<uint64_t>(rows.count - skip, to_pass_));
      to_pass_ -= end - skip;
      if (to_pass_ == 0) end = PassTies(rows, skip, end);
      if (end == skip) return nullptr;
      Keep(chunk, skip, end);
      return chunk;
    }
    return nullptr;
  }

 private:
  // The last row that counts is the one before `end`, or one of a chunk before this one.
  uint32_t PassTies(Rows rows, uint32_t begin, uint32_t end) {
    if (end > begin) {
      auto last = static_cast<uint16_t>(rows[end - 1]);
      last_.Clear();
      last_.Append(keys_, Rows{&last, 1});
    }
    while (end < rows.count && IsTie(rows[end])) ++end;
    is_done_ = end < rows.count;
    return end;
  }

  bool IsTie(uint32_t row) const {
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (!EqualOrBothNull(*keys_[i], row, last_.VectorOf(i, 0), 0)) return false;
    }
    return true;
  }

  static void Keep(Chunk* chunk, uint32_t skip, uint32_t end) {
    Rows rows = chunk->rows();
    if (skip == 0 && end == rows.count) return;
    uint16_t* selection = chunk->SelectionBuffer();
    uint32_t count = 0;
    for (uint32_t i = skip; i < end; ++i) selection[count++] = static_cast<uint16_t>(rows[i]);
    chunk->SetRows(Rows{selection, count});
  }

  OperatorPtr child_;
  RowLimit limit_;
  std::vector<const Vector*> keys_;
  RowCollection last_;  // the keys of the last row that counts
  uint64_t to_skip_ = 0, to_pass_ = 0;
  bool is_done_ = true;
};

}  // namespace

OperatorPtr MakeLimitWithTies(const PlanNode& node, ExecutionContext* context,
                              const ColumnMap* outer) {
  return std::make_unique<LimitWithTies>(node, context, outer);
}

}  // namespace tupelo

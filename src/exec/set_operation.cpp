// exec/set_operation.cpp: UNION ALL, INTERSECT and EXCEPT, with ALL and without.
//
// All but UNION ALL put the right side's rows into a table of groups and then stream the left side.
// With m equal rows on the left and n on the right, INTERSECT ALL gives min(m, n) and EXCEPT ALL
// max(m - n, 0) of them (SQL:1999 part 2, 7.12): `left_over_` counts down the n.
#include "base/give_back.h"
#include "exec/group_table.h"
#include "exec/operators.h"
#include "exec/pipeline_worker.h"

namespace tupelo {

namespace {

class UnionAll : public Operator {
 public:
  UnionAll(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context) {
    InitOutput();
    for (size_t i = 0; i < node.children.size(); ++i) {
      children_.push_back(BuildInput(node, i, context, outer));
    }
  }
  void OpenSelf() override {
    current_ = 0;
    for (const OperatorPtr& child : children_) child->Open();
  }
  void Close() override {
    for (const OperatorPtr& child : children_) child->Close();
  }
  void PrepareWorkers(SharedPipeline* shared) override {
    bool gives_nothing = shared->gives_nothing;
    for (const OperatorPtr& child : children_) {
      child->PrepareWorkers(shared);
      shared->gives_nothing = gives_nothing;
    }
  }
  const Operator* child(size_t i) const override {
    return i < children_.size() ? children_[i].get() : nullptr;
  }

 protected:
  Chunk* Step() override {
    for (; current_ < children_.size(); ++current_) {
      Chunk* chunk = children_[current_]->Next();
      if (chunk == nullptr) continue;
      for (size_t i = 0; i < output_.column_count(); ++i) {
        output_.column(i).Reference(chunk->column(i));
      }
      output_.SetRows(chunk->rows());
      return &output_;
    }
    return nullptr;
  }

 private:
  std::vector<OperatorPtr> children_;
  size_t current_ = 0;
};

std::vector<Type> OutputTypes(const PlanNode& node) {
  std::vector<Type> types;
  for (const OutputColumn& column : node.output) types.push_back(column.type);
  return types;
}

class Matching : public Operator {
 public:
  Matching(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        kind_(node.set_kind),
        left_(BuildInput(node, 0, context, outer)),
        right_(BuildInput(node, 1, context, outer)),
        table_(OutputTypes(node), &context->interruption),
        groups_(MakeScratchArray<uint32_t>(kVectorSize)) {
    InitOutput();
    for (size_t i = 0; i < node.output.size(); ++i) {
      left_columns_.push_back(&left_->output().column(i));
      right_columns_.push_back(&right_->output().column(i));
    }
  }
  void OpenSelf() override {
    table_.Clear();
    left_over_.clear();
    is_filled_ = false;
    right_->Open();
    left_->Open();
  }
  void Close() override {
    left_->Close();
    right_->Close();
    table_.Release();
    GiveBackMemory(&left_over_);
  }
  const Operator* child(size_t i) const override {
    return i == 0 ? left_.get() : i == 1 ? right_.get() : nullptr;
  }

 protected:
  Chunk* Step() override {
    if (!is_filled_) Fill();
    bool intersects =
        kind_ == SetOperationKind::kIntersect || kind_ == SetOperationKind::kIntersectAll;
    if (intersects && table_.group_count() == 0) return nullptr;
    while (Chunk* chunk = left_->Next()) {
      context_->CheckInterrupt();
      uint16_t* kept = output_.SelectionBuffer();
      uint32_t count = Choose(chunk->rows(), kept);
      if (count == 0) continue;
      for (size_t i = 0; i < left_columns_.size(); ++i) {
        output_.column(i).Reference(*left_columns_[i]);
      }
      output_.SetRows(Rows{kept, count});
      return &output_;
    }
    return nullptr;
  }

 private:
  void Fill() {
    is_filled_ = true;
    uint16_t* added = output_.SelectionBuffer();
    while (Chunk* chunk = right_->Next()) {
      context_->CheckInterrupt();
      table_.FindOrAdd(right_columns_, chunk->rows(), groups_.get(), added);
      if (kind_ == SetOperationKind::kExcept) continue;
      left_over_.resize(table_.group_count());
      ForEachRow(chunk->rows(), [&](uint32_t row) { ++left_over_[groups_[row]]; });
    }
  }

  // Writes the left rows to give out; returns how many.
  uint32_t Choose(Rows rows, uint16_t* kept) {
    if (kind_ == SetOperationKind::kExcept) {  // what is given out joins the right side
      return table_.FindOrAdd(left_columns_, rows, groups_.get(), kept);
    }
    table_.Find(left_columns_, rows, groups_.get());
    uint32_t count = 0;
    ForEachRow(rows, [&](uint32_t row) {
      uint32_t group = groups_[row];
      bool pairs = group != GroupTable::kNoGroup && left_over_[group] > 0;
      if (pairs) {
        if (kind_ == SetOperationKind::kIntersect) {
          left_over_[group] = 0;
        } else {
          --left_over_[group];
        }
      }
      kept[count] = static_cast<uint16_t>(row);
      count += pairs == (kind_ != SetOperationKind::kExceptAll);
    });
    return count;
  }

  SetOperationKind kind_;
  OperatorPtr left_, right_;
  std::vector<const Vector*> left_columns_, right_columns_;
  GroupTable table_;
  std::vector<uint64_t> left_over_;  // by group: right rows that no left row was paired with
  ScratchArray<uint32_t> groups_;
  bool is_filled_ = false;
};

}  // namespace

OperatorPtr MakeSetOperation(const PlanNode& node, ExecutionContext* context,
                             const ColumnMap* outer) {
  if (node.set_kind == SetOperationKind::kUnionAll) {
    return std::make_unique<UnionAll>(node, context, outer);
  }
  return std::make_unique<Matching>(node, context, outer);
}

}  // namespace tupelo

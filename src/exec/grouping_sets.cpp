// exec/grouping_sets.cpp: each row once for each grouping set.
//
// No value is copied: a chunk goes up as often as there are sets, each time with the vectors of the
// groups that the set has and constant nulls for the others.
#include "exec/operators.h"

namespace tupelo {

namespace {

class GroupingSets : public Operator {
 public:
  GroupingSets(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildOperator(*node.children[0], context, outer)),
        columns_(outer),
        evaluator_(context, &columns_),
        plan_(*node.grouping) {
    InitOutput();
    columns_.AddChunk(node.children[0]->output, child_->output());
    for (const ComputedColumn& group : node.computed) {
      groups_.push_back(evaluator_.Add(*group.expression));
    }
    for (size_t i = groups_.size() + plan_.columns.size(); i < node.output.size(); ++i) {
      passed_on_.push_back(columns_.Find(node.output[i].id));
    }
  }
  void OpenSelf() override {
    chunk_ = nullptr;
    child_->Open();
  }
  void Close() override {
    chunk_ = nullptr;
    child_->Close();
  }
  void PrepareWorkers(SharedPipeline* shared) override { child_->PrepareWorkers(shared); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    if (chunk_ != nullptr && ++set_ == plan_.sets.size()) chunk_ = nullptr;
    if (chunk_ == nullptr) {
      chunk_ = child_->Next();
      if (chunk_ == nullptr) return nullptr;
      set_ = 0;
      evaluator_.Run(chunk_->rows());
      for (size_t i = 0; i < passed_on_.size(); ++i) {
        output_.column(groups_.size() + plan_.columns.size() + i).Reference(*passed_on_[i]);
      }
    }
    for (size_t i = 0; i < groups_.size(); ++i) output_.column(i).SetConstantNull();
    for (uint16_t group : plan_.sets[set_]) output_.column(group).Reference(*groups_[group]);
    for (size_t i = 0; i < plan_.columns.size(); ++i) {
      Vector& column = output_.column(groups_.size() + i);
      column.PrepareWrite(1);
      column.MutableData<int32_t>()[0] = plan_.columns[i].values[set_];
      column.SetConstant(true);
    }
    output_.SetRows(chunk_->rows());
    return &output_;
  }

 private:
  OperatorPtr child_;
  ColumnMap columns_;
  Evaluator evaluator_;
  const GroupingPlan& plan_;
  std::vector<const Vector*> groups_;
  std::vector<const Vector*> passed_on_;
  Chunk* chunk_ = nullptr;  // of the child, not yet given in all sets
  size_t set_ = 0;
};

}  // namespace

OperatorPtr MakeGroupingSets(const PlanNode& node, ExecutionContext* context,
                             const ColumnMap* outer) {
  return std::make_unique<GroupingSets>(node, context, outer);
}

}  // namespace tupelo

// exec/values.cpp: rows from nothing: VALUES, and the single row of a SELECT without FROM.
#include "exec/operators.h"

namespace tupelo {

namespace {

class SingleRow : public Operator {
 public:
  SingleRow(const PlanNode& node, ExecutionContext* context) : Operator(node, context) {}
  void OpenSelf() override { done_ = false; }
  void Close() override {}

 protected:
  Chunk* Step() override {
    if (done_) return nullptr;
    done_ = true;
    output_.SetRows(1);
    return &output_;
  }

 private:
  bool done_ = false;
};

// One row: computed for all rows of the parameters' batch at once. Several rows: collected into
// vector sets.
class Values : public Operator {
 public:
  Values(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context), columns_(outer) {
    InitOutput();
    for (const auto& row : node.rows) {
      rows_.push_back({Evaluator(context, &columns_), {}});
      for (const ExpressionPtr& value : row)
        rows_.back().values.push_back(rows_.back().evaluator.Add(*value));
    }
  }
  void OpenSelf() override { next_ = 0; }
  void Close() override {}

 protected:
  Chunk* Step() override {
    if (next_ == rows_.size()) return nullptr;
    if (rows_.size() == 1) return WholeBatch();
    for (size_t i = 0; i < output_.column_count(); ++i) {
      output_.column(i).PrepareWrite(
          static_cast<uint32_t>(std::min<size_t>(rows_.size() - next_, kVectorSize)));
    }
    uint32_t count = 0;
    while (next_ < rows_.size() && count < kVectorSize) {
      Row& row = rows_[next_++];
      row.evaluator.Run(Rows{nullptr, 1});
      for (size_t i = 0; i < row.values.size(); ++i) {
        output_.column(i).Append(count, *row.values[i], Rows{nullptr, 1}, true);
      }
      ++count;
    }
    output_.SetRows(count);
    return &output_;
  }

 private:
  struct Row {
    Evaluator evaluator;
    std::vector<const Vector*> values;
  };

  Chunk* WholeBatch() {
    Rows rows{nullptr, context_->batch_rows};
    next_ = 1;
    rows_[0].evaluator.Run(rows);
    for (size_t i = 0; i < rows_[0].values.size(); ++i) {
      output_.column(i).Reference(*rows_[0].values[i]);
    }
    output_.SetRows(rows);
    return &output_;
  }

  ColumnMap columns_;
  std::vector<Row> rows_;
  size_t next_ = 0;
};

}  // namespace

OperatorPtr MakeSingleRow(const PlanNode& node, ExecutionContext* context, const ColumnMap*) {
  return std::make_unique<SingleRow>(node, context);
}

OperatorPtr MakeValues(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Values>(node, context, outer);
}

}  // namespace tupelo

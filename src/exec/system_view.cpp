// exec/system_view.cpp: the rows of a system view, made when the first scan of it is opened in a
// run; the others find what that one got.
#include "exec/system_view.h"

#include <algorithm>

#include "exec/operators.h"

namespace tupelo {

namespace {

std::shared_ptr<const SystemViewRows> RowsOf(SystemViewId view, ExecutionContext* context) {
  std::erase_if(context->made_system_views,
                [&](const MadeSystemView& made) { return made.run != context->run; });
  for (const MadeSystemView& made : context->made_system_views) {
    if (made.view == view) return made.rows;
  }
  auto rows = std::make_shared<SystemViewRows>();
  context->system_views->Append(view, *context, rows.get());
  context->made_system_views.push_back({view, context->run, rows});
  return rows;
}

class SystemViewScan : public Operator {
 public:
  SystemViewScan(const PlanNode& node, ExecutionContext* context) : Operator(node, context) {
    InitOutput();
  }

  void OpenSelf() override {
    rows_ = RowsOf(node_->system_view->id, context_);
    next_ = 0;
  }
  void Close() override { rows_ = nullptr; }

 protected:
  Chunk* Step() override {
    context_->CheckInterrupt();
    auto count = static_cast<uint32_t>(std::min<size_t>(rows_->size() - next_, kVectorSize));
    if (count == 0) return nullptr;
    for (size_t i = 0; i < output_.column_count(); ++i) {
      Vector& column = output_.column(i);
      column.PrepareWrite(count);
      for (uint32_t row = 0; row < count; ++row) {
        (*rows_)[next_ + row][node_->scan_columns[i]].ToVector(&column, row);
      }
    }
    next_ += count;
    output_.SetRows(count);
    return &output_;
  }

 private:
  std::shared_ptr<const SystemViewRows> rows_;
  size_t next_ = 0;
};

}  // namespace

OperatorPtr MakeSystemViewScan(const PlanNode& node, ExecutionContext* context, const ColumnMap*) {
  return std::make_unique<SystemViewScan>(node, context);
}

}  // namespace tupelo

// exec/window.cpp: window functions.
//
// All rows are collected with the arguments of the functions and sorted by partition and order;
// then vector sets of them go up, each with the results that the functions give for it.
#include <algorithm>

#include "exec/operators.h"
#include "exec/window_function.h"

namespace tupelo {

namespace {

class Window : public Operator {
 public:
  Window(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer);
  void OpenSelf() override;
  void Close() override;
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override;

 private:
  uint32_t KeepColumn(ColumnId id);
  uint32_t KeepVector(const Vector* vector);
  void AddKeys();
  void AddFunction(const WindowColumn& column, const ColumnMap* outer);
  void Collect();

  // Where a column of the output comes from.
  struct Source {
    WindowFunction* function = nullptr;
    uint32_t column = 0;  // of rows_, where there is no function
  };

  OperatorPtr child_;
  ColumnMap columns_;
  Evaluator evaluator_;
  std::vector<const Vector*> kept_;  // what rows_ keeps
  std::vector<KeyColumn> keys_;
  std::vector<uint32_t> columns_of_keys_;
  WindowRows rows_;
  std::vector<WindowFunctionPtr> functions_;
  std::vector<Source> sources_;
  uint32_t next_ = 0;
  bool is_collected_ = true;
};

Window::Window(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
    : Operator(node, context),
      child_(BuildOperator(*node.children[0], context, outer)),
      columns_(outer),
      evaluator_(context, &columns_) {
  InitOutput();
  columns_.AddChunk(node.children[0]->output, child_->output());
  AddKeys();
  for (const WindowColumn& column : node.window->functions) AddFunction(column, outer);
  for (const OutputColumn& column : node.output) {
    Source source;
    for (size_t i = 0; i < functions_.size(); ++i) {
      if (node.window->functions[i].id == column.id) source.function = functions_[i].get();
    }
    if (source.function == nullptr) source.column = KeepColumn(column.id);
    sources_.push_back(source);
  }
  std::vector<Type> types;
  for (const Vector* vector : kept_) types.push_back(vector->type());
  std::vector<uint32_t> levels;
  for (const WindowColumn& column : node.window->functions) levels.push_back(column.order_count);
  rows_.Init(std::move(types), columns_of_keys_, keys_,
             static_cast<uint32_t>(node.window->partition_columns.size()), std::move(levels));
}

uint32_t Window::KeepVector(const Vector* vector) {
  auto found = std::find(kept_.begin(), kept_.end(), vector);
  if (found == kept_.end()) found = kept_.insert(found, vector);
  return static_cast<uint32_t>(found - kept_.begin());
}

uint32_t Window::KeepColumn(ColumnId id) { return KeepVector(columns_.Find(id)); }

void Window::AddKeys() {
  auto add = [&](ColumnId id, bool descending, bool nulls_first) {
    for (const OutputColumn& column : node_->children[0]->output) {
      if (column.id != id) continue;
      keys_.push_back({column.type, descending, nulls_first, !column.nullable});
      columns_of_keys_.push_back(KeepColumn(id));
      return;
    }
    assert(false);
  };
  for (ColumnId id : node_->window->partition_columns) add(id, false, false);
  for (const SortKey& key : node_->sort_keys) add(key.column, key.descending, key.nulls_first);
}

void Window::AddFunction(const WindowColumn& column, const ColumnMap* outer) {
  WindowFunctionInput input{&column, &rows_, {}, 0, {}, nullptr, context_};
  for (const ExpressionPtr& argument : column.arguments) {
    input.arguments.push_back(KeepVector(evaluator_.Add(*argument)));
  }
  if (column.filter != nullptr) input.filter = KeepVector(evaluator_.Add(*column.filter));
  for (const AggregateOrder& order : column.order) {
    input.order.push_back(KeepVector(evaluator_.Add(*order.key)));
  }
  // Of the first sort key: RANGE with an offset has one alone.
  size_t first = node_->window->partition_columns.size();
  bool has_order = column.order_count > 0;
  input.frame = std::make_unique<FrameCursor>(
      column.frame, column.order_count, rows_, has_order ? columns_of_keys_[first] : 0,
      has_order ? keys_[first].type : Type(), has_order && keys_[first].descending,
      has_order && keys_[first].nulls_first, context_, outer);
  switch (column.function) {
    case WindowFunctionKind::kAggregate:
      functions_.push_back(MakeWindowAggregate(std::move(input)));
      return;
    case WindowFunctionKind::kLag:
    case WindowFunctionKind::kLead:
      functions_.push_back(MakeOffsetFunction(std::move(input)));
      return;
    case WindowFunctionKind::kFirstValue:
    case WindowFunctionKind::kLastValue:
    case WindowFunctionKind::kNthValue:
      functions_.push_back(MakeValueFunction(std::move(input)));
      return;
    default: functions_.push_back(MakeRankFunction(std::move(input)));
  }
}

void Window::OpenSelf() {
  rows_.Clear();
  next_ = 0;
  is_collected_ = false;
  child_->Open();
}

void Window::Close() {
  child_->Close();
  rows_.Release();
  for (WindowFunctionPtr& function : functions_) function->Release();
  next_ = 0;
  is_collected_ = true;
}

void Window::Collect() {
  is_collected_ = true;
  while (Chunk* chunk = child_->Next()) {
    context_->CheckInterrupt();
    evaluator_.Run(chunk->rows());
    rows_.Append(kept_, chunk->rows());
  }
  rows_.Finish(context_->interruption);
  for (WindowFunctionPtr& function : functions_) function->Start();
}

Chunk* Window::Step() {
  if (!is_collected_) Collect();
  if (next_ == rows_.count()) return nullptr;
  context_->CheckInterrupt();
  uint32_t count = std::min(rows_.count() - next_, kVectorSize);
  for (size_t i = 0; i < sources_.size(); ++i) {
    Vector& target = output_.column(i);
    if (sources_[i].function != nullptr) {
      sources_[i].function->Fill(next_, count, &target);
    } else {
      target.Reference(rows_.rows().VectorOf(sources_[i].column, next_));
    }
  }
  next_ += count;
  output_.SetRows(count);
  return &output_;
}

}  // namespace

OperatorPtr MakeWindow(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Window>(node, context, outer);
}

}  // namespace tupelo

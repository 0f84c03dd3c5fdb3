// exec/window_columns.cpp: numbering the columns, making the functions.
#include "exec/window_columns.h"

#include <algorithm>

namespace tupelo {

WindowColumns::WindowColumns(const PlanNode& node, ExecutionContext* context, const Chunk& input,
                             const ColumnMap* outer)
    : node_(node), columns_(outer), evaluator_(context, &columns_) {
  columns_.AddChunk(node.children[0]->output, input);
  AddKeys();
  for (const WindowColumn& column : node.window->functions) AddFunction(column);
  for (const OutputColumn& column : node.output) {
    Source source;
    for (uint32_t i = 0; i < node.window->functions.size(); ++i) {
      if (node.window->functions[i].id == column.id) source.function = i;
    }
    if (source.function == kNoFunction) source.column = KeepColumn(column.id);
    sources_.push_back(source);
  }
}

std::vector<Type> WindowColumns::types() const {
  std::vector<Type> types;
  for (const Vector* vector : kept_) types.push_back(vector->type());
  return types;
}

uint32_t WindowColumns::KeepVector(const Vector* vector) {
  auto found = std::find(kept_.begin(), kept_.end(), vector);
  if (found == kept_.end()) found = kept_.insert(found, vector);
  return static_cast<uint32_t>(found - kept_.begin());
}

uint32_t WindowColumns::KeepColumn(ColumnId id) { return KeepVector(columns_.Find(id)); }

void WindowColumns::AddKeys() {
  auto add = [&](ColumnId id, bool descending, bool nulls_first) {
    for (const OutputColumn& column : node_.children[0]->output) {
      if (column.id != id) continue;
      keys_.push_back({column.type, descending, nulls_first, !column.nullable});
      columns_of_keys_.push_back(KeepColumn(id));
      return;
    }
    assert(false);
  };
  for (ColumnId id : node_.window->partition_columns) add(id, false, false);
  for (const SortKey& key : node_.sort_keys) add(key.column, key.descending, key.nulls_first);
}

void WindowColumns::AddFunction(const WindowColumn& column) {
  Read& read = reads_.emplace_back();
  for (const ExpressionPtr& argument : column.arguments) {
    read.arguments.push_back(KeepVector(evaluator_.Add(*argument)));
  }
  if (column.filter != nullptr) read.filter = KeepVector(evaluator_.Add(*column.filter));
  for (const AggregateOrder& order : column.order) {
    read.order.push_back(KeepVector(evaluator_.Add(*order.key)));
  }
}

std::vector<WindowFunctionPtr> WindowColumns::MakeFunctions(const WindowRows& rows,
                                                            ExecutionContext* context,
                                                            const ColumnMap* outer) const {
  // Of the first sort key: RANGE with an offset has one alone.
  size_t first = node_.window->partition_columns.size();
  std::vector<WindowFunctionPtr> functions;
  for (size_t i = 0; i < reads_.size(); ++i) {
    const WindowColumn& column = node_.window->functions[i];
    const Read& read = reads_[i];
    bool has_order = column.order_count > 0;
    auto frame = std::make_unique<FrameCursor>(
        column.frame, column.order_count, rows, has_order ? columns_of_keys_[first] : 0,
        has_order ? keys_[first].type : Type(), has_order && keys_[first].descending,
        has_order && keys_[first].nulls_first, context, outer);
    functions.push_back(MakeWindowFunction(
        {&column, &rows, read.arguments, read.filter, read.order, std::move(frame), context}));
  }
  return functions;
}

WindowFunctionPtr MakeWindowFunction(WindowFunctionInput input) {
  switch (input.column->function) {
    case WindowFunctionKind::kAggregate: return MakeWindowAggregate(std::move(input));
    case WindowFunctionKind::kLag:
    case WindowFunctionKind::kLead: return MakeOffsetFunction(std::move(input));
    case WindowFunctionKind::kFirstValue:
    case WindowFunctionKind::kLastValue:
    case WindowFunctionKind::kNthValue: return MakeValueFunction(std::move(input));
    default: return MakeRankFunction(std::move(input));
  }
}

}  // namespace tupelo

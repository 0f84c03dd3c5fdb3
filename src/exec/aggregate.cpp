// exec/aggregate.cpp: GROUP BY and aggregates.
//
// Rows are numbered by their group, a vector set at a time; then each aggregate takes in the whole
// set through pointers to its states. Without groups there is one row of states, and aggregates
// take in vector sets whole. What an aggregate with ORDER BY takes in is collected and sorted
// first.
#include <algorithm>
#include <cstring>

#include "exec/group_table.h"
#include "exec/operators.h"
#include "exec/ordered_input.h"

namespace tupelo {

namespace {

// Rows of states, one a group, that stay where they are.
class GroupStates {
 public:
  explicit GroupStates(size_t bytes) : bytes_(bytes) {}

  // Makes the first `count` rows exist, zeroed when new.
  void Provide(uint32_t count) {
    for (; count_ < count; ++count_) {
      if (count_ / kBlockRows == blocks_.size()) {
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockRows * bytes_));
      }
      std::memset(At(count_), 0, bytes_);
    }
  }
  char* At(uint32_t row) const {
    return blocks_[row / kBlockRows].get() + row % kBlockRows * bytes_;
  }
  uint32_t count() const { return count_; }
  void Clear() { count_ = 0; }
  void Release() {
    count_ = 0;
    if (blocks_.size() > 1) blocks_.resize(1);
  }

 private:
  static constexpr uint32_t kBlockRows = 1024;
  size_t bytes_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  uint32_t count_ = 0;
};

std::vector<Type> GroupTypes(const PlanNode& node) {
  std::vector<Type> types;
  for (const ComputedColumn& group : node.computed) types.push_back(group.expression->type);
  return types;
}

size_t AlignedBytes(const BoundAggregate& function) { return (function.state_bytes + 7) / 8 * 8; }

size_t StateBytes(const PlanNode& node) {
  size_t bytes = 0;
  for (const AggregateColumn& aggregate : node.aggregates)
    bytes += AlignedBytes(aggregate.function);
  return bytes;
}

class Aggregate : public Operator {
 public:
  Aggregate(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer);
  void Open() override;
  void Close() override;
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override;

 private:
  struct Item {
    const BoundAggregate* function;
    size_t offset;                                 // of its state in a row of states
    const Vector* argument = nullptr;              // nullptr: COUNT(*)
    std::vector<const Vector*> more;               // the other arguments
    const Vector* filter = nullptr;                // nullptr: none
    std::unique_ptr<Evaluator> filtered_argument;  // with a filter: runs on what it lets through
    std::unique_ptr<GroupTable> distinct;  // group (when there are groups) and argument seen
    std::vector<const Vector*> distinct_columns;
    std::unique_ptr<OrderedInput> ordered;
  };
  struct Source {
    bool is_group;
    size_t number;  // of the group expression or of the item
  };

  void AddItem(const AggregateColumn& aggregate, size_t offset);
  void Consume();
  void AddConstantGroups();
  void TakeIn(Rows rows);
  void Update(const Item& item, const Vector* argument, const Vector* const* more, Rows rows);
  void TakeInOrder(Item& item);
  void NumberGroups(Rows rows);
  Rows RowsFor(Item& item, Rows rows);
  Rows KeepNew(Item& item, Rows rows);
  void PointToStates(Rows rows, size_t offset);
  void ProvideStates(uint32_t count);

  OperatorPtr child_;
  ColumnMap columns_;
  Evaluator evaluator_;
  std::vector<const Vector*> group_values_;
  std::vector<Item> items_;
  std::vector<Source> sources_;  // of the output
  GroupTable table_;
  GroupStates states_;
  Arena heap_;  // strings in states
  bool is_grouped_, is_consumed_ = false;
  uint32_t next_group_ = 0;

  // For one vector set.
  std::unique_ptr<uint32_t[]> groups_;       // by row number
  std::unique_ptr<uint32_t[]> pairs_;        // by row number: number in Item::distinct
  std::unique_ptr<char*[]> state_pointers_;  // by position
  std::unique_ptr<uint16_t[]> filtered_, valid_, fresh_;
  Vector group_numbers_;  // groups_ as BIGINT, for DISTINCT and ORDER BY
};

Aggregate::Aggregate(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
    : Operator(node, context),
      child_(BuildOperator(*node.children[0], context, outer)),
      columns_(outer),
      evaluator_(context, &columns_),
      table_(GroupTypes(node)),
      states_(StateBytes(node)),
      is_grouped_(!node.computed.empty()),
      groups_(std::make_unique_for_overwrite<uint32_t[]>(kVectorSize)),
      pairs_(std::make_unique_for_overwrite<uint32_t[]>(kVectorSize)),
      state_pointers_(std::make_unique_for_overwrite<char*[]>(kVectorSize)),
      filtered_(std::make_unique_for_overwrite<uint16_t[]>(kVectorSize)),
      valid_(std::make_unique_for_overwrite<uint16_t[]>(kVectorSize)),
      fresh_(std::make_unique_for_overwrite<uint16_t[]>(kVectorSize)),
      group_numbers_(Type::BigInt()) {
  InitOutput();
  columns_.AddChunk(node.children[0]->output, child_->output());
  for (const ComputedColumn& group : node.computed) {
    group_values_.push_back(evaluator_.Add(*group.expression));
  }
  size_t offset = 0;
  for (const AggregateColumn& aggregate : node.aggregates) {
    AddItem(aggregate, offset);
    offset += AlignedBytes(aggregate.function);
  }
  for (const OutputColumn& column : node.output) {
    for (size_t i = 0; i < node.computed.size(); ++i) {
      if (node.computed[i].id == column.id) sources_.push_back({true, i});
    }
    for (size_t i = 0; i < node.aggregates.size(); ++i) {
      if (node.aggregates[i].id == column.id) sources_.push_back({false, i});
    }
  }
  assert(sources_.size() == node.output.size());
}

void Aggregate::AddItem(const AggregateColumn& aggregate, size_t offset) {
  Item& item = items_.emplace_back();
  item.function = &aggregate.function;
  item.offset = offset;
  Evaluator* evaluator = &evaluator_;
  if (aggregate.filter != nullptr) {
    item.filter = evaluator_.Add(*aggregate.filter);
    item.filtered_argument = std::make_unique<Evaluator>(context_, &columns_);
    evaluator = item.filtered_argument.get();
  }
  if (aggregate.argument == nullptr) return;
  item.argument = evaluator->Add(*aggregate.argument);
  for (const ExpressionPtr& argument : aggregate.more_arguments) {
    item.more.push_back(evaluator->Add(*argument));
  }
  std::vector<const Vector*> arguments = item.more;
  arguments.insert(arguments.begin(), item.argument);
  if (!aggregate.order.empty()) {
    std::vector<const Vector*> keys;
    for (const AggregateOrder& order : aggregate.order) keys.push_back(evaluator->Add(*order.key));
    item.ordered = std::make_unique<OrderedInput>(aggregate, arguments, std::move(keys));
  }
  if (!aggregate.distinct) return;
  std::vector<Type> types;
  if (is_grouped_) {
    types.push_back(group_numbers_.type());
    item.distinct_columns.push_back(&group_numbers_);
  }
  for (const Vector* argument : arguments) {
    types.push_back(argument->type());
    item.distinct_columns.push_back(argument);
  }
  item.distinct = std::make_unique<GroupTable>(std::move(types));
}

void Aggregate::Open() {
  for (Item& item : items_) {
    if (item.distinct != nullptr) item.distinct->Clear();
    if (item.ordered != nullptr) item.ordered->Clear();
  }
  table_.Clear();
  states_.Clear();
  heap_.Reset();
  is_consumed_ = false;
  next_group_ = 0;
  child_->Open();
}

void Aggregate::Close() {
  child_->Close();
  table_.Release();
  states_.Release();
  heap_.Reset();
  for (Item& item : items_) {
    if (item.distinct != nullptr) item.distinct->Release();
    if (item.ordered != nullptr) item.ordered->Release();
  }
  is_consumed_ = true;
  next_group_ = 0;
}

void Aggregate::ProvideStates(uint32_t count) {
  uint32_t first = states_.count();
  states_.Provide(count);
  for (Item& item : items_) {
    if (item.function->init == nullptr) continue;
    for (uint32_t group = first; group < count; ++group) {
      item.function->init(states_.At(group) + item.offset, item.function->data);
    }
  }
}

void Aggregate::PointToStates(Rows rows, size_t offset) {
  for (uint32_t i = 0; i < rows.count; ++i) {
    state_pointers_[i] = states_.At(groups_[rows[i]]) + offset;
  }
}

// The rows that the filter and DISTINCT leave, the argument evaluated for them.
Rows Aggregate::RowsFor(Item& item, Rows rows) {
  if (item.filter != nullptr) {
    rows = Rows{filtered_.get(), SelectTrue(*item.filter, rows, filtered_.get())};
    if (rows.count > 0) item.filtered_argument->Run(rows);
  }
  if (item.distinct != nullptr && rows.count > 0) rows = KeepNew(item, rows);
  return rows;
}

Rows Aggregate::KeepNew(Item& item, Rows rows) {
  if (item.argument->may_have_nulls()) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows.count; ++i) {
      valid_[count] = static_cast<uint16_t>(rows[i]);
      count += item.argument->IsValid(rows[i]);
    }
    rows = Rows{valid_.get(), count};
  }
  NumberGroups(rows);
  uint32_t count =
      item.distinct->FindOrAdd(item.distinct_columns, rows, pairs_.get(), fresh_.get());
  return Rows{fresh_.get(), count};
}

void Aggregate::NumberGroups(Rows rows) {
  group_numbers_.PrepareWrite(kVectorSize);
  auto* numbers = group_numbers_.MutableData<int64_t>();
  ForEachRow(rows, [&](uint32_t row) { numbers[row] = is_grouped_ ? groups_[row] : 0; });
}

// Rows whose states are in state_pointers_, by position.
void Aggregate::Update(const Item& item, const Vector* argument, const Vector* const* more,
                       Rows rows) {
  item.function->update(
      {argument, rows, state_pointers_.get(), &heap_, &item.function->data, more});
}

// All that was collected for the item.
void Aggregate::TakeInOrder(Item& item) {
  OrderedInput& input = *item.ordered;
  input.Sort();
  for (uint64_t done = 0; done < input.count();) {
    context_->CheckInterrupt();
    auto count = static_cast<uint32_t>(std::min<uint64_t>(input.count() - done, kVectorSize));
    input.Gather(done, count);
    const auto* groups = input.groups().Data<int64_t>();
    for (uint32_t i = 0; i < count; ++i) {
      state_pointers_[i] = states_.At(static_cast<uint32_t>(groups[i])) + item.offset;
    }
    std::vector<const Vector*> more;
    for (size_t i = 1; i < input.argument_count(); ++i) more.push_back(input.argument(i));
    Update(item, input.argument(0), more.data(), Rows{nullptr, count});
    done += count;
  }
}

// Groups that are there without any row.
void Aggregate::AddConstantGroups() {
  if (node_->grouping == nullptr) return;
  for (const std::vector<Value>& group : node_->grouping->constant_groups) {
    std::vector<Vector> values;
    std::vector<const Vector*> columns;
    values.reserve(group.size());
    for (const Value& value : group) {
      Vector& column = values.emplace_back(value.type);
      column.PrepareWrite(1);
      value.ToVector(&column, 0);
      columns.push_back(&column);
    }
    table_.FindOrAdd(columns, Rows{nullptr, 1}, groups_.get(), fresh_.get());
  }
  ProvideStates(table_.group_count());
}

void Aggregate::TakeIn(Rows rows) {
  evaluator_.Run(rows);
  if (is_grouped_) {
    table_.FindOrAdd(group_values_, rows, groups_.get(), fresh_.get());
    ProvideStates(table_.group_count());
  }
  bool points = false;  // state_pointers_ are those of `rows`, at offset `points_at`
  size_t points_at = 0;
  for (Item& item : items_) {
    bool narrows = item.filter != nullptr || item.distinct != nullptr;
    Rows mine = narrows ? RowsFor(item, rows) : rows;
    if (mine.count == 0) continue;
    const BoundAggregate& function = *item.function;
    if (item.ordered != nullptr) {
      if (item.distinct == nullptr) NumberGroups(mine);
      item.ordered->Append(group_numbers_, mine);
      continue;
    }
    if (!is_grouped_ && function.update_single != nullptr) {
      function.update_single(item.argument, mine, states_.At(0) + item.offset, &heap_,
                             function.data);
      continue;
    }
    if (!is_grouped_) {
      std::fill_n(state_pointers_.get(), mine.count, states_.At(0) + item.offset);
    } else if (narrows || !points) {
      PointToStates(mine, item.offset);
    } else {
      size_t step = item.offset - points_at;
      for (uint32_t i = 0; i < rows.count; ++i) state_pointers_[i] += step;
    }
    points = !narrows;
    points_at = item.offset;
    Update(item, item.argument, item.more.data(), mine);
  }
}

void Aggregate::Consume() {
  is_consumed_ = true;
  if (!is_grouped_) ProvideStates(1);
  AddConstantGroups();
  while (Chunk* chunk = child_->Next()) {
    context_->CheckInterrupt();
    TakeIn(chunk->rows());
  }
  for (Item& item : items_) {
    if (item.ordered != nullptr) TakeInOrder(item);
  }
}

Chunk* Aggregate::Step() {
  if (!is_consumed_) Consume();
  uint32_t total = is_grouped_ ? table_.group_count() : states_.count();
  if (next_group_ == total) return nullptr;
  context_->CheckInterrupt();
  uint32_t count = std::min(total - next_group_, kVectorSize);
  for (size_t i = 0; i < sources_.size(); ++i) {
    Vector& target = output_.column(i);
    if (sources_[i].is_group) {
      target.Reference(table_.keys().VectorOf(sources_[i].number, next_group_));
      continue;
    }
    const Item& item = items_[sources_[i].number];
    for (uint32_t group = 0; group < count; ++group) {
      state_pointers_[group] = states_.At(next_group_ + group) + item.offset;
    }
    target.PrepareWrite(count);
    item.function->finalize(state_pointers_.get(), count, &target, 0, item.function->data);
  }
  next_group_ += count;
  output_.SetRows(count);
  return &output_;
}

}  // namespace

OperatorPtr MakeAggregate(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Aggregate>(node, context, outer);
}

}  // namespace tupelo

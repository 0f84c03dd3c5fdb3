// exec/aggregate_sink.cpp: taking in rows.
//
// Rows are numbered by their group, a vector set at a time; then each aggregate takes in the whole
// set through pointers to its states. Without groups there is one row of states, and aggregates
// take in vector sets whole. What an aggregate with ORDER BY takes in is collected and sorted
// first.
#include "exec/aggregate_sink.h"

#include <algorithm>

#include "exec/extreme_filter.h"
#include "types/hash.h"

namespace tupelo {

namespace {

std::vector<Type> GroupTypes(const PlanNode& node) {
  std::vector<Type> types;
  if (node.kind == PlanKind::kDistinct) {
    for (const OutputColumn& column : node.output) types.push_back(column.type);
  }
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

}  // namespace

AggregateSink::AggregateSink(const PlanNode& node, ExecutionContext* context, const Chunk& input,
                             const ColumnMap* outer)
    : node_(node),
      context_(context),
      columns_(outer),
      evaluator_(context, &columns_),
      table_(GroupTypes(node), &context->interruption),
      states_(StateBytes(node)),
      is_grouped_(!node.computed.empty() || node.kind == PlanKind::kDistinct),
      groups_(MakeScratchArray<uint32_t>(kVectorSize)),
      pairs_(MakeScratchArray<uint32_t>(kVectorSize)),
      state_pointers_(MakeScratchArray<char*>(kVectorSize)),
      filtered_(MakeScratchArray<uint16_t>(kVectorSize)),
      valid_(MakeScratchArray<uint16_t>(kVectorSize)),
      fresh_(MakeScratchArray<uint16_t>(kVectorSize)),
      group_numbers_(Type::BigInt()) {
  columns_.AddChunk(node.children[0]->output, input);
  if (node.kind == PlanKind::kAggregate && node.extremes_number != 0) {
    extremes_ = ExtremeFilter::Of(context, node.extremes_number);
  }
  if (node.kind == PlanKind::kDistinct) {
    for (const OutputColumn& column : node.output) {
      group_values_.push_back(columns_.Find(column.id));
    }
  }
  for (const ComputedColumn& group : node.computed) {
    group_values_.push_back(evaluator_.Add(*group.expression));
  }
  size_t offset = 0;
  for (const AggregateColumn& aggregate : node.aggregates) {
    AddItem(aggregate, offset);
    offset += AlignedBytes(aggregate.function);
  }
}

void AggregateSink::AddItem(const AggregateColumn& aggregate, size_t offset) {
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
  item.distinct = std::make_unique<GroupTable>(std::move(types), &context_->interruption);
}

void AggregateSink::Clear() {
  for (Item& item : items_) {
    if (item.distinct != nullptr) item.distinct->Clear();
    if (item.ordered != nullptr) item.ordered->Clear();
  }
  table_.Clear();
  states_.Clear();
  heap_.Reset();
}

void AggregateSink::Release() {
  table_.Release();
  states_.Release();
  heap_.Reset();
  for (Item& item : items_) {
    if (item.distinct != nullptr) item.distinct->Release();
    if (item.ordered != nullptr) item.ordered->Release();
  }
}

void AggregateSink::ProvideStates(uint32_t count) {
  uint32_t first = states_.count();
  states_.Provide(count);
  for (Item& item : items_) {
    if (item.function->init == nullptr) continue;
    for (uint32_t group = first; group < count; ++group) {
      item.function->init(states_.At(group) + item.offset, item.function->data);
    }
  }
}

void AggregateSink::PointToStates(Rows rows, size_t offset) {
  for (uint32_t i = 0; i < rows.count; ++i) {
    state_pointers_[i] = states_.At(groups_[rows[i]]) + offset;
  }
}

// The rows that the filter and DISTINCT leave, the argument evaluated for them.
Rows AggregateSink::RowsFor(Item& item, Rows rows) {
  if (item.filter != nullptr) {
    rows = Rows{filtered_.get(), SelectTrue(*item.filter, rows, filtered_.get())};
    if (rows.count > 0) item.filtered_argument->Run(rows);
  }
  if (item.distinct != nullptr && rows.count > 0) rows = KeepNew(item, rows);
  return rows;
}

Rows AggregateSink::KeepNew(Item& item, Rows rows) {
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

void AggregateSink::NumberGroups(Rows rows) {
  group_numbers_.PrepareWrite(kVectorSize);
  auto* numbers = group_numbers_.MutableData<int64_t>();
  ForEachRow(rows, [&](uint32_t row) { numbers[row] = is_grouped_ ? groups_[row] : 0; });
}

// Rows whose states are in state_pointers_, by position.
void AggregateSink::Update(const Item& item, const Vector* argument, const Vector* const* more,
                           Rows rows) {
  item.function->update(
      {argument, rows, state_pointers_.get(), &heap_, &item.function->data, more});
}

// All that was collected for the item.
void AggregateSink::TakeInOrder(Item& item) {
  OrderedInput& input = *item.ordered;
  input.Sort(context_->interruption);
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
void AggregateSink::AddConstantGroups() {
  if (node_.grouping == nullptr) return;
  for (const std::vector<Value>& group : node_.grouping->constant_groups) {
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

void AggregateSink::TakeIn(Rows rows) {
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
    if (mine.count == 0 || (defers_distinct_ && item.distinct != nullptr)) continue;
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
  if (extremes_ != nullptr && extremes_->is_wanted()) TellExtremes();
}

// The scan below leaves out what can change nothing any more.
void AggregateSink::TellExtremes() {
  for (size_t i = 0; i < items_.size(); ++i) {
    char* state = states_.At(0) + items_[i].offset;
    Vector best(items_[i].function->result);
    best.PrepareWrite(1);
    items_[i].function->finalize(&state, 1, &best, 0, items_[i].function->data);
    if (best.IsValid(0)) extremes_->SetBest(i, Value::FromVector(best, 0));
  }
}

void AggregateSink::Begin(bool with_constant_groups, bool defers_distinct) {
  defers_distinct_ = defers_distinct;
  if (!is_grouped_) ProvideStates(1);
  if (with_constant_groups) AddConstantGroups();
}

void AggregateSink::Finish() {
  for (Item& item : items_) {
    if (item.ordered != nullptr) TakeInOrder(item);
  }
}

void AggregateSink::CombineStates(const char* source, char* target) {
  for (const Item& item : items_) {
    item.function->combine(source + item.offset, target + item.offset, &heap_, item.function->data);
  }
}

bool AggregateSink::has_distinct() const {
  return std::ranges::any_of(items_, [](const Item& item) { return item.distinct != nullptr; });
}

uint64_t AggregateSink::deferred_count() const {
  uint64_t count = 0;
  for (const Item& item : items_) {
    if (item.distinct != nullptr) count += item.distinct->group_count();
  }
  return count;
}

Rows AggregateSink::ChooseDeferred(const Chunk& values, const DeferredPart& part) {
  Rows rows = values.rows();
  uint32_t count = 0;
  if (is_grouped_) {
    if (part.part_of_group == nullptr) return rows;
    const auto* groups = values.column(0).Data<int64_t>();
    for (uint32_t row = 0; row < rows.count; ++row) {
      valid_[count] = static_cast<uint16_t>(row);
      count += part.part_of_group[groups[row]] == part.part ? 1 : 0;
    }
    return Rows{valid_.get(), count};
  }
  if (part.parts == 1) return rows;
  uint64_t hashes[kVectorSize];
  for (size_t i = 0; i < values.column_count(); ++i) {
    HashVector(values.column(i), rows, hashes, i > 0);
  }
  for (uint32_t row = 0; row < rows.count; ++row) {
    valid_[count] = static_cast<uint16_t>(row);
    count += (hashes[row] >> 56) * part.parts >> 8 == part.part ? 1 : 0;
  }
  return Rows{valid_.get(), count};
}

void AggregateSink::TakeInDeferred(Item& item, const RowCollection& values,
                                   const DeferredPart& part) {
  std::vector<const Vector*> columns(values.column_count());
  size_t first = is_grouped_ ? 1 : 0;  // of the arguments
  for (size_t set = 0; set < values.set_count(); ++set) {
    context_->CheckInterrupt();
    const Chunk& chunk = values.set(set);
    Rows rows = ChooseDeferred(chunk, part);
    if (rows.count == 0) continue;
    for (size_t i = 0; i < columns.size(); ++i) columns[i] = &chunk.column(i);
    if (is_grouped_) {
      const auto* groups = chunk.column(0).Data<int64_t>();
      ForEachRow(rows, [&](uint32_t row) { groups_[row] = part.group_of[groups[row]]; });
      NumberGroups(rows);
      columns[0] = &group_numbers_;
    }
    uint32_t count = item.distinct->FindOrAdd(columns, rows, pairs_.get(), fresh_.get());
    Rows fresh{fresh_.get(), count};
    for (uint32_t i = 0; i < count; ++i) {
      state_pointers_[i] = states_.At(is_grouped_ ? groups_[fresh[i]] : 0) + item.offset;
    }
    if (count > 0) Update(item, columns[first], columns.data() + first + 1, fresh);
  }
}

void AggregateSink::TakeInDeferred(const AggregateSink& source, const DeferredPart& part) {
  for (size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].distinct == nullptr) continue;
    TakeInDeferred(items_[i], source.items_[i].distinct->keys(), part);
  }
}

}  // namespace tupelo

// exec/sort.cpp: ORDER BY, of all rows or of as many as a LIMIT above will take.
//
// With a limit, what is collected is sorted and cut whenever it is a few times too much; from then
// on rows behind the last one kept are not collected at all.
#include <algorithm>

#include "exec/operators.h"
#include "exec/row_collection.h"
#include "exec/row_limit.h"
#include "exec/sort_keys.h"

namespace tupelo {

namespace {

constexpr uint64_t kLeastToCut = 2 * kVectorSize;

class Sort : public Operator {
 public:
  Sort(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildOperator(*node.children[0], context, outer)),
        limit_(node, context, outer) {
    InitOutput();
    ColumnMap columns;
    columns.AddChunk(node.children[0]->output, child_->output());
    std::vector<Type> types;
    for (const OutputColumn& column : node.output) {
      columns_.push_back(columns.Find(column.id));
      types.push_back(column.type);
    }
    std::vector<KeyColumn> keys;
    for (const SortKey& key : node.sort_keys) {
      for (const OutputColumn& column : node.children[0]->output) {
        if (column.id != key.column) continue;
        keys.push_back({column.type, key.descending, key.nulls_first, !column.nullable});
        key_columns_.push_back(columns.Find(column.id));
        break;  // the same column may stand there twice
      }
    }
    assert(keys.size() == node.sort_keys.size());
    keys_.Init(std::move(keys));
    rows_.Init(types);
    if (node.limit != nullptr) best_.Init(types);
  }

  void Open() override {
    limit_.Evaluate();
    uint64_t limit = limit_.limit(), offset = limit_.offset();
    wanted_ = limit > UINT64_MAX - offset ? UINT64_MAX : limit + offset;
    if (limit == 0) wanted_ = 0;
    rows_.Clear();
    keys_.Clear();
    next_ = 0;
    is_collected_ = wanted_ == 0;
    child_->Open();
  }
  void Close() override {
    child_->Close();
    rows_.Clear();
    best_.Clear();
    keys_.Release();
    next_ = 0;
    is_collected_ = true;
  }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    if (!is_collected_) Collect();
    uint64_t end = std::min(keys_.count(), wanted_);
    if (next_ == end) return nullptr;
    context_->CheckInterrupt();
    auto count = static_cast<uint32_t>(std::min<uint64_t>(end - next_, kVectorSize));
    Gather(next_, count);
    next_ += count;
    return &output_;
  }

 private:
  void Collect() {
    is_collected_ = true;
    uint64_t most = wanted_ > UINT32_MAX ? UINT64_MAX : std::max(4 * wanted_, kLeastToCut);
    while (Chunk* chunk = child_->Next()) {
      context_->CheckInterrupt();
      uint16_t kept[kVectorSize];
      uint32_t count = keys_.Append(key_columns_, chunk->rows(), kept);
      bool all = count == chunk->row_count();
      rows_.Append(columns_, all ? chunk->rows() : Rows{kept, count});
      if (keys_.count() > most) Cut();
    }
    keys_.Sort();
  }

  // Leaves the first `wanted_` rows.
  void Cut() {
    keys_.Sort();
    best_.Clear();
    for (uint64_t done = 0; done < wanted_;) {
      auto count = static_cast<uint32_t>(std::min<uint64_t>(wanted_ - done, kVectorSize));
      Gather(done, count);
      best_.Append(output_);
      done += count;
    }
    std::swap(rows_, best_);
    keys_.KeepFirst(wanted_);
  }

  // Fills output_ with `count` rows in order, beginning at number `first`.
  void Gather(uint64_t first, uint32_t count) {
    uint32_t numbers[kVectorSize];
    for (uint32_t i = 0; i < count; ++i) numbers[i] = keys_.row(first + i);
    for (size_t i = 0; i < columns_.size(); ++i) {
      rows_.Gather(i, numbers, count, &output_.column(i));
    }
    output_.SetRows(count);
  }

  OperatorPtr child_;
  RowLimit limit_;
  std::vector<const Vector*> columns_;  // of the child, as the output has them
  std::vector<const Vector*> key_columns_;
  SortKeys keys_;
  RowCollection rows_, best_;
  uint64_t wanted_ = UINT64_MAX;  // rows to give, those that an OFFSET above skips included
  uint64_t next_ = 0;
  bool is_collected_ = true;
};

}  // namespace

OperatorPtr MakeSort(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Sort>(node, context, outer);
}

}  // namespace tupelo

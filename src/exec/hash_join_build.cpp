// exec/hash_join_build.cpp: storing rows with their keys.
#include "exec/hash_join_build.h"

namespace tupelo {

void StoreJoinRows(const HashJoinInput& input, Rows rows, JoinKeyBuffers* buffers,
                   const HashJoinRows& target) {
  const HashJoinShape& shape = *input.shape;
  for (size_t i = 0; i < target.filters.size(); ++i) {
    target.filters[i]->Add(*input.filter_keys[i], rows);
  }
  uint8_t* is_key = buffers->is_key.get();
  bool has_nulls = FindNullKeys(input.keys, shape.null_keys, rows, is_key);
  if (has_nulls && !shape.keeps_right) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows.count; ++i) {
      buffers->with_key[count] = static_cast<uint16_t>(rows[i]);
      count += is_key[i];
    }
    rows = Rows{buffers->with_key.get(), count};
    has_nulls = false;
    if (count == 0) return;
  }
  target.rows->Append(input.stored, rows);
  if (!has_nulls) is_key = nullptr;
  if (shape.is_integer) {
    target.integers->Add(rows, PackKeys(input.keys, rows, buffers->packed.get()), is_key);
    return;
  }
  HashKeys(input.keys, shape.left_keys, rows, buffers->hashes.get());
  target.hashed->Add(rows, buffers->hashes.get(), is_key);
}

HashJoinWorker::HashJoinWorker(const PlanNode& node, ExecutionContext* context, const Chunk& input,
                               const ColumnMap* outer, const HashJoinShape* shape,
                               const std::vector<size_t>& stored)
    : columns_(outer),
      evaluator_(context, &columns_),
      input_{shape, {}, {}, {}},
      buffers_(shape->is_integer) {
  columns_.AddChunk(node.children[1]->output, input);
  for (const ExpressionPtr& key : node.right_keys) input_.keys.push_back(evaluator_.Add(*key));
  std::vector<Type> types;
  for (size_t number : stored) {
    size_t columns = input.column_count();
    input_.stored.push_back(number < columns ? &input.column(number)
                                             : input_.keys[number - columns]);
    types.push_back(input_.stored.back()->type());
  }
  rows_.Init(std::move(types));
  filters_.resize(node.join_filters.size());
  for (size_t i = 0; i < filters_.size(); ++i) {
    input_.filter_keys.push_back(input_.keys[node.join_filters[i].key]);
    filters_to_fill_.push_back(&filters_[i]);
  }
}

void HashJoinWorker::TakeIn(const Chunk& chunk, uint32_t morsel) {
  auto before = static_cast<uint32_t>(rows_.row_count());
  evaluator_.Run(chunk.rows());
  StoreJoinRows(input_, chunk.rows(), &buffers_, {&rows_, &integers_, &hashed_, filters_to_fill_});
  auto after = static_cast<uint32_t>(rows_.row_count());
  if (after == before) return;
  if (runs_.empty() || runs_.back().morsel != morsel) {
    runs_.push_back({morsel, {before, after}});
  } else {
    runs_.back().rows.end = after;
  }
}

void HashJoinWorker::MoveTo(const HashJoinRows& target, uint64_t* first_row) {
  *first_row = target.rows->Adopt(&rows_);
  for (size_t i = 0; i < filters_.size(); ++i) target.filters[i]->TakeKeys(&filters_[i]);
  if (input_.shape->is_integer) {
    target.integers->AddPart(integers_, *first_row);
    integers_.Release();
  } else {
    target.hashed->AddPart(hashed_, *first_row);
    hashed_.Release();
  }
}

void HashJoinWorker::Clear() {
  rows_.Clear();
  integers_.Release();
  hashed_.Release();
  runs_.clear();
  for (JoinFilter& filter : filters_) filter.Clear();
}

}  // namespace tupelo

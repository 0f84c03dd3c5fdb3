// exec/index_join.cpp: joins by look-ups in an index of the right side's table.
//
// For each row of a left vector set the right rows with its key are looked up in the index. What
// many look-ups find is fetched together, and conditions are tested on all of it at once. Left
// rows that an outer join keeps, and those that semi and anti joins give, come when the vector set
// is through.
#include <algorithm>

#include "exec/index_key.h"
#include "exec/operators.h"
#include "exec/read_scope.h"
#include "plan/column_set.h"
#include "txn/read_set.h"
#include "txn/scan.h"
#include "txn/undo.h"

namespace tupelo {

namespace {

class IndexJoin : public Operator {
 public:
  IndexJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer);
  void OpenSelf() override;
  void Close() override;
  const Operator* child(size_t i) const override { return i == 0 ? left_.get() : nullptr; }

 protected:
  Chunk* Step() override;

 private:
  // One column of the key: of each left row, or the same for all.
  struct Key {
    const Vector* value;
    bool is_own_type;  // of the column; else it is converted
    Vector one, converted;
    uint64_t validity = 1;
  };
  // An output column: of the left side, and where candidates have it.
  struct Source {
    static constexpr size_t kNone = static_cast<size_t>(-1);
    size_t left = kNone;
    size_t candidate = kNone;
  };
  void AddKey(const BoundExpression& expression, size_t index_column);
  void AddCandidateColumns();
  bool MakeKey(uint32_t row);
  // Finds candidates for the left rows from position_ on, and fetches them.
  uint32_t FindCandidates();
  uint32_t FindRows();
  bool FirstDecides() const { return gives_left_only_ && predicates_.empty(); }
  // Narrows candidates_ to those that match.
  void TestCandidates(uint32_t count);
  Chunk* EmitPairs();
  // Left rows by whether they have a match.
  Chunk* EmitLeft(bool matched);

  const PlanNode* inner_;
  JoinKind kind_;
  bool gives_left_only_, is_point_;
  const Table* table_;
  const Index* index_;
  OperatorPtr left_;
  ColumnMap left_columns_, candidate_columns_;
  Evaluator key_values_;
  std::vector<Key> keys_;
  std::vector<uint16_t> physical_;
  uint64_t read_ = 0;             // the same, by ColumnBit
  std::vector<size_t> gathered_;  // left columns that candidates have, before those of the table
  Chunk candidates_, fetched_;
  std::vector<std::unique_ptr<Predicate>> predicates_;
  std::vector<Source> sources_;

  Chunk* left_chunk_ = nullptr;
  uint32_t position_ = 0;       // in the left vector set
  bool is_range_open_ = false;  // scan_ has more for the left row there
  bool is_through_ = false;     // the rest of the left vector set was given
  KeyBuffer key_;
  IndexScan scan_;
  PointLookup lookup_;
  ScratchArray<RowId> row_ids_;
  ScratchArray<uint16_t> left_rows_, selection_;  // by candidate; of left rows
  ScratchArray<uint8_t> matched_;                 // by row number of the left vector set
};

IndexJoin::IndexJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
    : Operator(node, context),
      inner_(node.children[1].get()),
      kind_(node.join_kind),
      gives_left_only_(GivesLeftOnly(node.join_kind)),
      is_point_(inner_->index->is_unique &&
                inner_->range.equal.size() == inner_->index->columns.size()),
      table_(inner_->table->data.get()),
      index_(inner_->index->index),
      left_(BuildInput(node, 0, context, outer)),
      left_columns_(outer),
      candidate_columns_(outer),
      key_values_(context, &left_columns_),
      row_ids_(MakeScratchArray<RowId>(kVectorSize)),
      left_rows_(MakeScratchArray<uint16_t>(kVectorSize)),
      selection_(MakeScratchArray<uint16_t>(kVectorSize)),
      matched_(MakeScratchArray<uint8_t>(kVectorSize)) {
  InitOutput();
  left_columns_.AddChunk(node.children[0]->output, left_->output());
  keys_.reserve(inner_->range.equal.size());
  for (size_t i = 0; i < inner_->range.equal.size(); ++i) AddKey(*inner_->range.equal[i], i);
  AddCandidateColumns();
  for (const BoundExpression* condition : {inner_->condition.get(), node.condition.get()}) {
    if (condition == nullptr) continue;
    predicates_.push_back(std::make_unique<Predicate>(context, &candidate_columns_, *condition));
  }
}

void IndexJoin::AddKey(const BoundExpression& expression, size_t index_column) {
  const Type& type = inner_->table->columns[inner_->index->columns[index_column].column].type;
  const Vector* value = key_values_.Add(expression);
  const Type& from = value->type();
  bool is_own_type = from.physical() == type.physical() &&
                     (!type.is_exact() || from.decimal_scale() == type.decimal_scale());
  keys_.push_back({value, is_own_type, Vector(from), Vector(type)});
}

void IndexJoin::AddCandidateColumns() {
  ColumnSet read;
  if (node_->condition != nullptr) read.AddRead(*node_->condition);
  if (!gives_left_only_) read.AddOutput(*node_);
  const std::vector<OutputColumn>& left = node_->children[0]->output;
  std::vector<Type> types, fetched_types;
  std::vector<ColumnId> ids;
  for (size_t i = 0; i < left.size(); ++i) {
    if (!read.Has(left[i].id)) continue;
    gathered_.push_back(i);
    types.push_back(left_->output().column(i).type());
    ids.push_back(left[i].id);
  }
  for (size_t i = 0; i < inner_->output.size(); ++i) {
    const ColumnDefinition& column = inner_->table->columns[inner_->scan_columns[i]];
    physical_.push_back(column.physical);
    read_ |= ColumnBit(column.physical);
    types.push_back(column.type);
    fetched_types.push_back(column.type);
    ids.push_back(inner_->output[i].id);
  }
  candidates_.Init(types);
  fetched_.Init(fetched_types);
  for (size_t i = 0; i < ids.size(); ++i) candidate_columns_.Add(ids[i], &candidates_.column(i));
  for (const OutputColumn& column : node_->output) {
    Source source;
    auto is_it = [&](const OutputColumn& other) { return other.id == column.id; };
    auto found = std::find_if(left.begin(), left.end(), is_it);
    if (found != left.end()) source.left = static_cast<size_t>(found - left.begin());
    auto candidate = std::find(ids.begin(), ids.end(), column.id);
    if (candidate != ids.end()) source.candidate = static_cast<size_t>(candidate - ids.begin());
    if (source.left == Source::kNone && source.candidate == Source::kNone) {
      throw Error(ErrorCode::kInternalError, "a column of a join is in neither of its inputs");
    }
    sources_.push_back(source);
  }
}

void IndexJoin::OpenSelf() {
  left_chunk_ = nullptr;
  left_->Open();
  ReadScope scope(context_);
  scan_.Open(table_, index_, *context_->view, physical_, KeyBound::None(), KeyBound::None());
}

void IndexJoin::Close() {
  left_->Close();
  scan_.Close();
  left_chunk_ = nullptr;
}

// False when no row can have the key.
bool IndexJoin::MakeKey(uint32_t row) {
  key_.Clear();
  for (size_t i = 0; i < keys_.size(); ++i) {
    Key& key = keys_[i];
    if (!key.value->IsValid(row)) return false;
    const KeyColumn& column = index_->key_columns()[i];
    if (key.is_own_type) {
      AppendKeyColumn(column, *key.value, row, &key_);
      continue;
    }
    size_t width = WidthBytes(key.value->physical());
    auto* data = const_cast<char*>(static_cast<const char*>(key.value->RawData()));
    key.one.Borrow(data + key.value->Index(row) * width, nullptr);
    if (ConvertToKey(key.one, &key.converted) != KeyFit::kFits) return false;
    AppendKeyColumn(column, key.converted, 0, &key_);
  }
  return true;
}

uint32_t IndexJoin::FindCandidates() {
  ReadScope scope(context_);
  const uint32_t count = FindRows();
  if (count > 0 && !FirstDecides()) scan_.Fetch(row_ids_.get(), count, &fetched_);
  return count;
}

uint32_t IndexJoin::FindRows() {
  Rows rows = left_chunk_->rows();
  const bool first_decides = FirstDecides();
  uint32_t count = 0;
  auto next_row = [&] {
    is_range_open_ = false;
    ++position_;
  };
  while (position_ < rows.count && count < kVectorSize) {
    uint32_t row = rows[position_];
    if (gives_left_only_ && matched_[row] != 0) {
      next_row();
      continue;
    }
    if (!is_range_open_) {
      if (!MakeKey(row)) {
        next_row();
        continue;
      }
      if (context_->reads != nullptr) context_->reads->AddKey(table_, index_, key_.view(), read_);
      if (is_point_) {
        left_rows_[count] = static_cast<uint16_t>(row);
        count += lookup_.FindRow(table_, index_, *context_->view, key_.view(), &row_ids_[count]);
        next_row();
        continue;
      }
      KeyBound bound = KeyBound::At(key_.view(), true);
      scan_.Open(table_, index_, *context_->view, physical_, bound, bound);
      is_range_open_ = true;
    }
    uint32_t limit = first_decides ? 1 : kVectorSize - count;
    uint32_t found = scan_.NextRows(&row_ids_[count], limit);
    std::fill_n(&left_rows_[count], found, static_cast<uint16_t>(row));
    count += found;
    if (found < limit || first_decides) next_row();
  }
  return count;
}

void IndexJoin::TestCandidates(uint32_t count) {
  if (FirstDecides()) {
    candidates_.SetRows(count);
  } else {
    for (size_t i = 0; i < gathered_.size(); ++i) {
      Vector& target = candidates_.column(i);
      target.PrepareWrite(count);
      target.Append(0, left_chunk_->column(gathered_[i]), Rows{left_rows_.get(), count}, false);
    }
    for (size_t i = 0; i < fetched_.column_count(); ++i) {
      candidates_.column(gathered_.size() + i).Reference(fetched_.column(i));
    }
    candidates_.SetRows(count);
    for (const auto& predicate : predicates_) predicate->Apply(&candidates_);
  }
  Rows passed = candidates_.rows();
  for (uint32_t i = 0; i < passed.count; ++i) matched_[left_rows_[passed[i]]] = 1;
}

Chunk* IndexJoin::EmitPairs() {
  for (size_t i = 0; i < sources_.size(); ++i) {
    output_.column(i).Reference(candidates_.column(sources_[i].candidate));
  }
  output_.SetRows(candidates_.rows());
  return &output_;
}

Chunk* IndexJoin::EmitLeft(bool matched) {
  Rows rows = left_chunk_->rows();
  uint32_t count = 0;
  for (uint32_t i = 0; i < rows.count; ++i) {
    selection_[count] = static_cast<uint16_t>(rows[i]);
    count += (matched_[rows[i]] != 0) == matched;
  }
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].left == Source::kNone) {
      output_.column(i).SetConstantNull();
    } else {
      output_.column(i).Reference(left_chunk_->column(sources_[i].left));
    }
  }
  output_.SetRows(Rows{selection_.get(), count});
  return &output_;
}

Chunk* IndexJoin::Step() {
  for (;;) {
    context_->CheckInterrupt();
    if (left_chunk_ == nullptr) {
      left_chunk_ = left_->Next();
      if (left_chunk_ == nullptr) return nullptr;
      key_values_.Run(left_chunk_->rows());
      position_ = 0;
      is_range_open_ = is_through_ = false;
      std::fill_n(matched_.get(), kVectorSize, uint8_t{0});
    }
    if (position_ < left_chunk_->row_count()) {
      uint32_t count = FindCandidates();
      if (count == 0) continue;
      TestCandidates(count);
      if (!gives_left_only_ && candidates_.row_count() > 0) return EmitPairs();
      continue;
    }
    if (kind_ != JoinKind::kInner && !is_through_) {
      is_through_ = true;
      if (EmitLeft(kind_ == JoinKind::kSemi)->row_count() > 0) return &output_;
    }
    left_chunk_ = nullptr;
  }
}

}  // namespace

OperatorPtr MakeIndexJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<IndexJoin>(node, context, outer);
}

}  // namespace tupelo

// exec/index_scan.cpp: rows whose key lies in a range; one look-up when the whole key of a unique
// index is given.
#include <algorithm>

#include "exec/index_key.h"
#include "exec/operators.h"
#include "exec/read_scope.h"
#include "txn/read_set.h"
#include "txn/scan.h"
#include "txn/undo.h"

namespace tupelo {

namespace {

constexpr uint32_t kFirstRows =
    32;  // a reader may want only a few: sets grow as more are asked for

class ScanIndex : public Operator {
 public:
  ScanIndex(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        columns_(outer),
        keys_(context, outer),
        table_(node.table->data.get()),
        index_(node.index->index) {
    InitOutput();
    std::vector<Type> types;  // of the columns without the row's id, when that is among them
    physical_.reserve(node.scan_columns.size());
    with_ids_ = std::find(node.scan_columns.begin(), node.scan_columns.end(), kRowIdColumn) !=
                node.scan_columns.end();
    for (size_t i = 0; i < node.scan_columns.size(); ++i) {
      if (node.scan_columns[i] == kRowIdColumn) {
        row_id_column_ = i;
        continue;
      }
      const ColumnDefinition& column = node.table->columns[node.scan_columns[i]];
      physical_.push_back(column.physical);
      read_ |= ColumnBit(column.physical);
      if (with_ids_) types.push_back(column.type);
    }
    if (with_ids_) data_.Init(types);
    key_values_.reserve(node.range.equal.size() + (node.range.lower != nullptr ? 1 : 0) +
                        (node.range.upper != nullptr ? 1 : 0));
    for (size_t i = 0; i < node.range.equal.size(); ++i) AddKey(*node.range.equal[i], i);
    size_t next = node.range.equal.size();
    if (node.range.lower != nullptr) AddKey(*node.range.lower, next);
    if (node.range.upper != nullptr) AddKey(*node.range.upper, next);
    is_point_ = node.index->is_unique && next == node.index->columns.size();
    if (node.condition != nullptr) {
      columns_.AddChunk(node.output, output_);
      predicate_ = std::make_unique<Predicate>(context, &columns_, *node.condition);
    }
  }

  void OpenSelf() override {
    keys_.Run(Rows{nullptr, 1});
    done_ = !MakeBounds();
    rows_wanted_ = kFirstRows;
    range_ = nullptr;
    if (done_) return;
    ReadScope scope(context_);
    if (is_point_) {
      if (context_->reads != nullptr) context_->reads->AddKey(table_, index_, lower_.view(), read_);
      return;
    }
    if (context_->reads != nullptr) {
      range_ = context_->reads->AddRange(table_, index_, lower_bound_, upper_bound_, node_->reverse,
                                         read_);
    }
    if (with_ids_ && ids_ == nullptr) ids_ = std::make_unique<RowIds>();
    if (scan_ == nullptr) scan_ = std::make_unique<IndexScan>();
    scan_->Open(table_, index_, *context_->view, physical_, lower_bound_, upper_bound_,
                node_->reverse);
  }
  void Close() override {
    if (scan_ != nullptr) scan_->Close();
    done_ = true;
  }

 protected:
  Chunk* Step() override {
    while (!done_) {
      if (is_point_) {
        done_ = true;
        if (!FindPoint()) return nullptr;
      } else {
        context_->CheckInterrupt();
        if (!NextOfRange()) {
          done_ = true;
          return nullptr;
        }
      }
      if (predicate_ != nullptr) predicate_->Apply(&output_);
      if (output_.row_count() != 0) return &output_;
    }
    return nullptr;
  }

 private:
  struct Key {
    const Vector* value;
    Vector converted;
  };

  void AddKey(const BoundExpression& expression, size_t index_column) {
    const IndexedColumn& column = node_->index->columns[index_column];
    key_values_.push_back(
        {keys_.Add(expression), Vector(node_->table->columns[column.column].type)});
  }

  // False when no row can match.
  bool MakeBounds() {
    size_t equal = node_->range.equal.size();
    const Vector* parts[kMaxIndexColumns];
    for (size_t i = 0; i < equal; ++i) {
      if (ConvertToKey(*key_values_[i].value, &key_values_[i].converted) != KeyFit::kFits)
        return false;
      parts[i] = &key_values_[i].converted;
    }
    if (is_point_) {
      MakeKey(parts, equal, &lower_);
      return true;
    }
    lower_bound_ = upper_bound_ = KeyBound::None();
    bound_is_value_[0] = bound_is_value_[1] = false;
    if (equal > 0) {
      MakeKey(parts, equal, &lower_);
      MakeKey(parts, equal, &upper_);
      lower_bound_ = KeyBound::At(lower_.view(), true);
      upper_bound_ = KeyBound::At(upper_.view(), true);
    }
    size_t at = equal;
    bool descending = at < node_->index->columns.size() && node_->index->columns[at].descending;
    if (node_->range.lower != nullptr &&
        !MakeBound(at++, parts, equal, descending, false, node_->range.lower_inclusive)) {
      return false;
    }
    if (node_->range.upper != nullptr &&
        !MakeBound(at, parts, equal, descending, true, node_->range.upper_inclusive)) {
      return false;
    }
    const IndexRange& range = node_->range;
    if (range.not_null || range.lower != nullptr || range.upper != nullptr) {
      LeaveOutNulls(parts, equal);
    }
    return true;
  }

  // A comparison is never true for null: the end that has no bound stops where the nulls begin.
  void LeaveOutNulls(const Vector** parts, size_t equal) {
    const KeyColumn& column = index_->key_columns()[equal];
    if (column.not_null) return;
    KeyBuffer& buffer = column.nulls_first ? lower_ : upper_;
    KeyBound& bound = column.nulls_first ? lower_bound_ : upper_bound_;
    if (!bound.unbounded && buffer.size() > 0 && bound_is_value_[column.nulls_first ? 0 : 1])
      return;
    MakeKey(parts, equal, &buffer);
    AppendNullKey(column, &buffer);
    bound = KeyBound::At(buffer.view(), false);
  }

  void MakeKey(const Vector** parts, size_t count, KeyBuffer* key) const {
    key->Clear();
    for (size_t i = 0; i < count; ++i) AppendKeyColumn(index_->key_columns()[i], *parts[i], 0, key);
  }

  // The bound on the column after the equal ones; a descending column turns lower and upper round.
  bool MakeBound(size_t key, const Vector** parts, size_t equal, bool descending, bool is_upper,
                 bool inclusive) {
    Key& value = key_values_[key];
    KeyFit fit = ConvertToBound(*value.value, is_upper, &value.converted);
    if (fit == KeyFit::kNull) return false;
    if (fit != KeyFit::kFits)
      return (fit == KeyFit::kTooLarge) == is_upper;  // no bound at all, or no row
    parts[equal] = &value.converted;
    KeyBuffer& buffer = is_upper != descending ? upper_ : lower_;
    KeyBound& bound = is_upper != descending ? upper_bound_ : lower_bound_;
    MakeKey(parts, equal + 1, &buffer);
    bound = KeyBound::At(buffer.view(), inclusive);
    bound_is_value_[is_upper != descending ? 1 : 0] = true;
    return true;
  }

  bool FindPoint() {
    RowId row;
    ReadScope scope(context_);
    Chunk* target = with_ids_ ? &data_ : &output_;
    if (!lookup_.Find(table_, index_, *context_->view, lower_.view(), physical_, target, &row)) {
      return false;
    }
    output_.SetRows(1);
    if (with_ids_) {
      point_id_ = static_cast<int64_t>(row);
      ReferenceData(&point_id_);
    }
    return true;
  }

  bool NextOfRange() {
    ReadScope scope(context_);
    Chunk* target = with_ids_ ? &data_ : &output_;
    bool more = scan_->Next(target, ids_.get(), rows_wanted_);
    if (range_ != nullptr && context_->reads != nullptr) {
      if (more && target->row_count() == rows_wanted_) {
        range_->Reach(scan_->key());
      } else {
        range_->Finish();
      }
    }
    if (!more) return false;
    rows_wanted_ = std::min(rows_wanted_ * 8, kVectorSize);
    if (with_ids_) {
      ReferenceData(ids_->ids);
      output_.SetRows(data_.rows());
    }
    return true;
  }

  template <typename Id>
  void ReferenceData(Id* ids) {
    static_assert(sizeof(Id) == sizeof(int64_t));
    for (size_t i = 0, from = 0; i < output_.column_count(); ++i) {
      if (i == row_id_column_) {
        output_.column(i).Borrow(ids, nullptr);
      } else {
        output_.column(i).Reference(data_.column(from++));
      }
    }
  }

  ColumnMap columns_;
  Evaluator keys_;
  const Table* table_;
  const Index* index_;
  std::vector<uint16_t> physical_;
  uint64_t read_ = 0;           // the same, by ColumnBit
  ReadRange* range_ = nullptr;  // what was read so far, as long as the transaction notes it
  std::vector<Key> key_values_;
  std::unique_ptr<Predicate> predicate_;
  bool is_point_ = false, done_ = true, with_ids_ = false;
  size_t row_id_column_ = 0;
  Chunk data_;
  int64_t point_id_ = 0;
  std::unique_ptr<RowIds> ids_;
  KeyBuffer lower_, upper_;
  KeyBound lower_bound_, upper_bound_;
  bool bound_is_value_[2] = {false, false};  // lower, upper: says more than the equal columns
  PointLookup lookup_;
  std::unique_ptr<IndexScan> scan_;  // made when first needed: point look-ups have none
  uint32_t rows_wanted_ = kFirstRows;
};

}  // namespace

OperatorPtr MakeIndexScan(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<ScanIndex>(node, context, outer);
}

}  // namespace tupelo

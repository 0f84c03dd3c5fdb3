// exec/upsert.cpp: INSERT ... ON CONFLICT, INSERT OR REPLACE.
//
// Rows are taken one after the other, since each may meet a key that one before it has brought or
// changed. What counts is what is there now, as for the keys themselves: a row that another
// transaction has written since the snapshot is a conflict of transactions (40001), not a row to
// leave alone or to update unseen.
#include "exec/write_operator.h"
#include "txn/read_set.h"
#include "txn/scan.h"
#include "txn/undo.h"

namespace tupelo {

namespace {

class Upsert : public InsertOperator {
 public:
  Upsert(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : InsertOperator(node, context, outer), conflict_(*node.conflict), columns_(outer) {
    std::vector<Type> types;
    for (const ColumnDefinition& column : node.table->columns) {
      types.push_back(column.type);
      physical_.push_back(column.physical);
    }
    for (uint16_t arbiter : conflict_.arbiters) {
      const IndexDefinition& index = node.table->indexes[arbiter];
      Arbiter& added = arbiters_.emplace_back();
      added.index = index.index;
      for (const IndexedColumn& column : index.columns) {
        added.key.push_back(&row_.column(column.column));
      }
    }
    if (!conflict_.updates) return;
    existing_.Init(types);
    for (size_t i = 0; i < types.size(); ++i) {
      auto number = static_cast<ColumnId>(i);
      columns_.Add(conflict_.existing + number, &existing_.column(i));
      columns_.Add(conflict_.excluded + number, &row_.column(i));
    }
    if (conflict_.condition != nullptr) {
      condition_ = std::make_unique<Evaluator>(context, &columns_);
      condition_value_ = condition_->Add(*conflict_.condition);
      std::vector<ColumnId> read;
      CollectColumns(*conflict_.condition, &read);
      for (ColumnId id : read) {
        const auto column = static_cast<size_t>(id - conflict_.existing);
        if (id >= conflict_.existing && column < types.size()) {
          condition_columns_ |= ColumnBit(physical_[column]);
        }
      }
    }
    evaluator_ = std::make_unique<Evaluator>(context, &columns_);
    std::vector<Type> target_types;
    for (size_t i = 0; i < conflict_.values.size(); ++i) {
      values_.push_back(evaluator_->Add(*conflict_.values[i]));
      target_types.push_back(types[conflict_.target_columns[i]]);
    }
    new_values_.Init(target_types);
  }

 protected:
  uint32_t Write(Chunk& chunk) override {
    MakeRows(&chunk);
    change_->CheckRows(&row_);
    Rows rows = chunk.rows();
    for (size_t i = 0; i < output_.column_count(); ++i) output_.column(i).PrepareWrite();
    uint32_t changed = 0;
    for (uint32_t i = 0; i < rows.count; ++i) {
      at_ = static_cast<uint16_t>(rows[i]);
      RowId other;
      if (conflict_.replaces) RemoveConflicts();
      if (conflict_.replaces || !FindConflict(&other)) {
        row_.SetRows(ThisRow());
        change_->StoreRows(row_);
        NoteIdentity(row_, at_);
        Return(changed++, nullptr);
      } else if (!conflict_.updates) {
        NoteKeys(found_ + 1, 0);
      } else if (UpdateExisting(other)) {
        NoteKeys(found_, 0);
        Return(changed++, &new_values_);
      } else {
        NoteKeys(found_ + 1, condition_columns_);
      }
    }
    output_.SetRows(changed);
    return changed;
  }

 private:
  struct Arbiter {
    Index* index = nullptr;
    std::vector<const Vector*> key;
  };

  Rows ThisRow() const { return {&at_, 1}; }

  // That the row in hand stays out depends on the one that is there, on these columns of it, and on
  // that none is there with a key that was looked for before.
  void NoteKeys(size_t arbiters, uint64_t columns) {
    if (context_->reads == nullptr) return;
    for (size_t i = 0; i < arbiters; ++i) {
      if (arbiters_[i].index->MakeKey(arbiters_[i].key.data(), at_, &key_)) continue;
      context_->reads->AddKey(node_->table->data.get(), arbiters_[i].index, key_.view(), columns);
    }
  }

  // A row that is there and has a key of the one in hand: that of arbiter found_.
  bool FindConflict(RowId* other) {
    const Table& table = *node_->table->data;
    for (found_ = 0; found_ < arbiters_.size(); ++found_) {
      const Arbiter& arbiter = arbiters_[found_];
      if (arbiter.index->MakeKey(arbiter.key.data(), at_, &key_)) continue;
      lookup_.Open(&table, arbiter.index, context_->transaction, key_.view());
      RowState state;
      while (lookup_.Next(other, &state)) {
        if (state == RowState::kDeletedNewer) continue;  // found out by the key's own check
        if (state == RowState::kInFlight || table.WriteConflict(context_->transaction, *other)) {
          change_->ThrowConflict(*other);
        }
        return true;
      }
    }
    return false;
  }

  // Deletes the rows that are in the way of the one in hand. What that sets off happens at once,
  // so that rows that come later are not concerned.
  void RemoveConflicts() {
    RowId other;
    while (FindConflict(&other)) {
      change_->Delete(&other, 1);
      writes_.RunActions();
    }
  }

  // False when the condition says that the row stays as it is.
  bool UpdateExisting(RowId other) {
    const Table& table = *node_->table->data;
    if (table.IsChangedByStatement(context_->transaction, other)) {
      throw Error(ErrorCode::kCardinalityViolation,
                  "ON CONFLICT DO UPDATE would change a row of table " +
                      node_->table->name.spelling +
                      " a second time: two of the rows to be inserted have the same key")
          .OnTable(node_->table->name.spelling);
    }
    for (size_t i = 0; i < existing_.column_count(); ++i) {
      existing_.column(i).PrepareWrite(std::max<uint32_t>(at_ + 1u, 64));
    }
    table.FetchCurrent(context_->transaction, other, physical_, &existing_, at_);
    if (condition_ != nullptr) {
      condition_->Run(ThisRow());
      if (!condition_value_->IsValid(at_) || condition_value_->At<uint8_t>(at_) == 0) return false;
    }
    evaluator_->Run(ThisRow());
    for (size_t i = 0; i < values_.size(); ++i) new_values_.column(i).Reference(*values_[i]);
    new_values_.SetRows(ThisRow());
    change_->Update(&other, 1, conflict_.target_columns, new_values_);
    return true;
  }

  // The row just written as row `position` of the output; `updated`: what was set of it.
  void Return(uint32_t position, const Chunk* updated) {
    for (size_t i = 0; i < output_.column_count(); ++i) {
      uint16_t column = node_->returned_columns[i];
      const Vector* source = updated == nullptr ? &row_.column(column) : &existing_.column(column);
      for (size_t j = 0; updated != nullptr && j < conflict_.target_columns.size(); ++j) {
        if (conflict_.target_columns[j] == column) source = &updated->column(j);
      }
      const Vector* generated = updated != nullptr ? change_->GeneratedValue(column) : nullptr;
      if (generated != nullptr) source = generated;
      output_.column(i).Append(position, *source, ThisRow(), true);
    }
  }

  const ConflictPlan& conflict_;
  std::vector<Arbiter> arbiters_;
  std::vector<uint16_t> physical_;
  ColumnMap columns_;
  Chunk existing_, new_values_;
  std::unique_ptr<Evaluator> condition_, evaluator_;
  const Vector* condition_value_ = nullptr;
  std::vector<const Vector*> values_;
  CurrentLookup lookup_;
  KeyBuffer key_;
  size_t found_ = 0;
  uint64_t condition_columns_ = 0;  // by ColumnBit
  uint16_t at_ = 0;                 // the row in hand
};

}  // namespace

OperatorPtr MakeUpsert(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Upsert>(node, context, outer);
}

}  // namespace tupelo

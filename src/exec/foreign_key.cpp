// exec/foreign_key.cpp: noting keys while rows are written, and looking them up at the end.
//
// A key is looked up through an index of the other table whose first columns are those of the
// foreign key; for the referenced side that is the index of its PRIMARY KEY or UNIQUE constraint,
// for the referencing side one that CREATE TABLE made for it where there was none.
#include "exec/foreign_key.h"

#include <algorithm>

#include "base/interruption_scope.h"
#include "catalog/catalog.h"
#include "exec/conflict_on.h"
#include "exec/index_key.h"
#include "exec/statement_writes.h"
#include "txn/table.h"
#include "types/compare.h"

namespace tupelo {

namespace {

std::vector<Type> TypesOf(const TableDefinition& table, const std::vector<uint16_t>& columns) {
  std::vector<Type> types;
  for (uint16_t column : columns) types.push_back(table.columns[column].type);
  return types;
}

// Finds rows of a table by the values of some columns.
class KeyLookup {
 public:
  // `columns` of the definition of `table`; the values come in this order.
  KeyLookup(const TableDefinition& table, const std::vector<uint16_t>& columns)
      : table_(table.data.get()) {
    for (const IndexDefinition& index : table.indexes) {
      if (index.columns.size() < columns.size()) continue;
      order_.clear();
      for (size_t i = 0; i < columns.size(); ++i) {
        auto found = std::find(columns.begin(), columns.end(), index.columns[i].column);
        if (found == columns.end()) break;
        order_.push_back(static_cast<size_t>(found - columns.begin()));
      }
      if (order_.size() == columns.size()) {
        index_ = index.index;
        break;
      }
    }
    if (index_ == nullptr) {
      throw Error(ErrorCode::kInternalError,
                  "a foreign key has no index: table " + table.name.spelling);
    }
    for (size_t i = 0; i < order_.size(); ++i) {
      converted_.emplace_back(table.columns[columns[order_[i]]].type);
    }
  }

  // Looks for row `row` of the vectors of `values`. False when no row can have this key.
  bool Open(const Transaction* transaction, const std::vector<const Vector*>& values,
            uint32_t row) {
    StepInterruption();
    key_.Clear();
    Vector one;
    for (size_t i = 0; i < order_.size(); ++i) {
      const Vector& value = *values[order_[i]];
      one.SetType(value.type());
      one.PrepareWrite(1);
      uint16_t at = static_cast<uint16_t>(row);
      one.Append(0, value, Rows{&at, 1}, true);
      if (ConvertToKey(one, &converted_[i]) != KeyFit::kFits) return false;
      AppendKeyColumn(index_->key_columns()[i], converted_[i], 0, &key_);
    }
    lookup_.Open(table_, index_, transaction, key_.view());
    return true;
  }
  bool Next(RowId* row, RowState* state) { return lookup_.Next(row, state); }

 private:
  const Table* table_;
  const Index* index_ = nullptr;
  std::vector<size_t> order_;  // index column i is column order_[i] of the foreign key
  std::vector<Vector> converted_;
  KeyBuffer key_;
  CurrentLookup lookup_;
};

std::string DescribeColumns(const TableDefinition& table, const std::vector<uint16_t>& columns) {
  std::string names;
  for (uint16_t column : columns) {
    names += (names.empty() ? "" : ", ") + table.columns[column].name.spelling;
  }
  return "(" + names + ")";
}

std::string DescribeValues(const RowCollection& keys, size_t count, uint64_t row) {
  std::string values;
  for (size_t i = 0; i < count; ++i) {
    values += (i == 0 ? "" : ", ") +
              Value::FromVector(keys.VectorOf(i, row), static_cast<uint32_t>(row % kVectorSize))
                  .ToString();
  }
  return "(" + values + ")";
}

bool Intersects(const std::vector<uint16_t>& columns, std::span<const uint16_t> changed) {
  return std::any_of(columns.begin(), columns.end(), [&](uint16_t column) {
    return std::find(changed.begin(), changed.end(), column) != changed.end();
  });
}

}  // namespace

struct ForeignKeyGuard::Outgoing {
  const ForeignKeyDefinition* definition;
  TablePtr referenced;
  std::unique_ptr<KeyLookup> lookup;
  RowCollection keys;  // of rows written, to be found in `referenced`
};

struct ForeignKeyGuard::Incoming {
  TablePtr referencing;
  const ForeignKeyDefinition* definition;
  std::unique_ptr<KeyLookup> children;  // rows of `referencing` by its foreign key
  std::unique_ptr<KeyLookup> parents;   // rows of this table by the referenced columns
  RowCollection keys;  // old keys; for updates the row's id beside, -1 for deletions
  uint64_t done = 0;   // of keys: actions were carried out
};

ForeignKeyGuard::ForeignKeyGuard(const TablePtr& table, ExecutionContext* context)
    : table_(table), context_(context) {
  for (const ForeignKeyDefinition& definition : table->foreign_keys) {
    auto key = std::make_unique<Outgoing>();
    key->definition = &definition;
    key->referenced = definition.referenced_table == table->id
                          ? table
                          : context->catalog->TableById(definition.referenced_table);
    key->lookup = std::make_unique<KeyLookup>(*key->referenced, definition.referenced_columns);
    key->keys.Init(TypesOf(*table, definition.columns));
    outgoing_.push_back(std::move(key));
  }
  for (const TablePtr& other : context->catalog->Referencing(table->id)) {
    for (const ForeignKeyDefinition& definition : other->foreign_keys) {
      if (definition.referenced_table != table->id) continue;
      auto key = std::make_unique<Incoming>();
      key->referencing = other;
      key->definition = &definition;
      key->children = std::make_unique<KeyLookup>(*other, definition.columns);
      key->parents = std::make_unique<KeyLookup>(*table, definition.referenced_columns);
      std::vector<Type> types = TypesOf(*table, definition.referenced_columns);
      types.push_back(Type::BigInt());
      key->keys.Init(std::move(types));
      incoming_.push_back(std::move(key));
    }
  }
}

ForeignKeyGuard::~ForeignKeyGuard() = default;

void ForeignKeyGuard::Begin() {
  for (auto& key : outgoing_) key->keys.Clear();
  for (auto& key : incoming_) {
    key->keys.Clear();
    key->done = 0;
  }
}

void ForeignKeyGuard::FetchColumns(const TableDefinition& table, const RowId* ids, uint32_t count,
                                   std::span<const uint16_t> columns, Chunk* out) const {
  std::vector<uint16_t> physical;
  for (size_t i = 0; i < columns.size(); ++i) {
    physical.push_back(table.columns[columns[i]].physical);
    out->column(i).PrepareWrite(count);
  }
  for (uint32_t i = 0; i < count; ++i) {
    table.data->FetchCurrent(context_->transaction, ids[i], physical, out, i);
  }
  out->SetRows(count);
}

namespace {

// Rows of `chunk` in which the first `columns` columns are all not null.
Rows WithoutNulls(Chunk* chunk, size_t columns) {
  uint16_t* kept = chunk->SelectionBuffer();
  uint32_t count = 0;
  for (uint32_t row = 0; row < chunk->rows().count; ++row) {
    bool valid = true;
    for (size_t i = 0; i < columns; ++i) valid &= chunk->column(i).IsValid(row);
    kept[count] = static_cast<uint16_t>(row);
    count += valid;
  }
  return {kept, count};
}

}  // namespace

void ForeignKeyGuard::NoteWritten(const RowId* ids, uint32_t count,
                                  std::span<const uint16_t> columns) {
  for (auto& key : outgoing_) {
    if (!columns.empty() && !Intersects(key->definition->columns, columns)) continue;
    Chunk rows(TypesOf(*table_, key->definition->columns));
    FetchColumns(*table_, ids, count, key->definition->columns, &rows);
    if (key->definition->match_full) CheckMatchFull(*key, rows);
    rows.SetRows(WithoutNulls(&rows, rows.column_count()));
    key->keys.Append(rows);
  }
}

void ForeignKeyGuard::NoteOld(const RowId* ids, uint32_t count, std::span<const uint16_t> columns,
                              bool is_delete) {
  for (auto& key : incoming_) {
    const std::vector<uint16_t>& referenced = key->definition->referenced_columns;
    if (!is_delete && !Intersects(referenced, columns)) continue;
    std::vector<Type> types = TypesOf(*table_, referenced);
    types.push_back(Type::BigInt());
    Chunk rows(types);
    FetchColumns(*table_, ids, count, referenced, &rows);
    Vector& id = rows.column(referenced.size());
    id.PrepareWrite(count);
    for (uint32_t i = 0; i < count; ++i) id.MutableData<int64_t>()[i] = is_delete ? kNoRow : ids[i];
    rows.SetRows(WithoutNulls(&rows, referenced.size()));
    key->keys.Append(rows);
  }
}

void ForeignKeyGuard::CheckMatchFull(const Outgoing& key, const Chunk& rows) const {
  for (uint32_t row = 0; row < rows.row_count(); ++row) {
    size_t nulls = 0;
    for (size_t i = 0; i < rows.column_count(); ++i) nulls += !rows.column(i).IsValid(row);
    if (nulls == 0 || nulls == rows.column_count()) continue;
    throw Error(ErrorCode::kForeignKeyViolation,
                "foreign key " + key.definition->name.spelling + " of table " +
                    table_->name.spelling +
                    " is MATCH FULL: its columns must be null all together or not at all")
        .OnTable(table_->name.spelling)
        .OnConstraint(key.definition->name.spelling);
  }
}

void ForeignKeyGuard::CheckOutgoing(Outgoing& key) {
  std::vector<const Vector*> values(key.definition->columns.size());
  for (uint64_t row = 0; row < key.keys.row_count(); ++row) {
    for (size_t i = 0; i < values.size(); ++i) values[i] = &key.keys.VectorOf(i, row);
    bool found = false;
    RowId in_flight = kNoRow;
    if (key.lookup->Open(context_->transaction, values, static_cast<uint32_t>(row % kVectorSize))) {
      RowId parent;
      RowState state;
      while (!found && key.lookup->Next(&parent, &state)) {
        found = state == RowState::kCommitted || state == RowState::kOwn;
        if (state == RowState::kInFlight) in_flight = parent;
      }
    }
    if (found) continue;
    if (in_flight != kNoRow) {
      ThrowConflictOn(key.referenced->name.spelling,
                      key.referenced->data->BlockersOf(context_->transaction, in_flight));
    }
    throw Error(ErrorCode::kForeignKeyViolation,
                "table " + key.referenced->name.spelling + " has no row with " +
                    DescribeColumns(*key.referenced, key.definition->referenced_columns) + " = " +
                    DescribeValues(key.keys, values.size(), row) + ", which foreign key " +
                    key.definition->name.spelling + " of table " + table_->name.spelling +
                    " references")
        .OnTable(table_->name.spelling)
        .OnConstraint(key.definition->name.spelling);
  }
}

namespace {

// Rows that reference the key now.
std::vector<RowId> FindChildren(KeyLookup* children, const Transaction* transaction,
                                const std::vector<const Vector*>& values, uint32_t row,
                                const TableDefinition& table) {
  std::vector<RowId> found;
  if (!children->Open(transaction, values, row)) return found;
  RowId child;
  RowState state;
  while (children->Next(&child, &state)) {
    if (state == RowState::kInFlight) {
      ThrowConflictOn(table.name.spelling, table.data->BlockersOf(transaction, child));
    }
    if (state == RowState::kCommitted || state == RowState::kOwn) found.push_back(child);
  }
  return found;
}

bool ParentExists(KeyLookup* parents, const Transaction* transaction,
                  const std::vector<const Vector*>& values, uint32_t row) {
  if (!parents->Open(transaction, values, row)) return false;
  RowId parent;
  RowState state;
  while (parents->Next(&parent, &state)) {
    if (state == RowState::kCommitted || state == RowState::kOwn) return true;
  }
  return false;
}

[[noreturn]] void ThrowReferenced(ErrorCode code, const TableDefinition& table,
                                  const TableDefinition& referencing,
                                  const ForeignKeyDefinition& key, const std::string& values) {
  throw Error(code, "rows of table " + referencing.name.spelling + " still reference " +
                        DescribeColumns(table, key.referenced_columns) + " = " + values +
                        " of table " + table.name.spelling + " by foreign key " + key.name.spelling)
      .OnTable(referencing.name.spelling)
      .OnConstraint(key.name.spelling);
}

}  // namespace

// An old key whose action changes rows, and those rows.
struct ForeignKeyGuard::Action {
  ReferentialAction action;
  bool is_delete;
  Chunk now;  // the referenced columns; of an update: as they are now
  std::vector<RowId> children;
};

// What is to be done for an old key; nothing when `children` is empty.
ForeignKeyGuard::Action ForeignKeyGuard::PlanAction(Incoming& key, uint64_t row) {
  const ForeignKeyDefinition& definition = *key.definition;
  size_t degree = definition.columns.size();
  auto at = static_cast<uint32_t>(row % kVectorSize);
  std::vector<const Vector*> values(degree);
  for (size_t i = 0; i < degree; ++i) values[i] = &key.keys.VectorOf(i, row);
  RowId changed = key.keys.VectorOf(degree, row).At<int64_t>(at);
  Action plan;
  plan.now.Init(TypesOf(*table_, definition.referenced_columns));
  plan.is_delete = changed == kNoRow;
  plan.action = plan.is_delete ? definition.on_delete : definition.on_update;
  if (plan.action == ReferentialAction::kNoAction) return plan;
  if (!plan.is_delete) {  // an update that left the key as it was sets nothing off
    FetchColumns(*table_, &changed, 1, definition.referenced_columns, &plan.now);
    bool same = true;
    for (size_t i = 0; i < degree; ++i) {
      same &= plan.now.column(i).IsValid(0) && EqualValues(plan.now.column(i), 0, *values[i], at);
    }
    if (same) return plan;
  }
  plan.children =
      FindChildren(key.children.get(), context_->transaction, values, at, *key.referencing);
  if (!plan.children.empty() && plan.action == ReferentialAction::kRestrict) {
    ThrowReferenced(ErrorCode::kRestrictViolation, *table_, *key.referencing, definition,
                    DescribeValues(key.keys, degree, row));
  }
  return plan;
}

// Carries out one key's action for the old keys noted since the last time. All rows concerned are
// found before the first is changed: a row whose key is changed to what was another row's old key
// must not be taken for a child of that.
bool ForeignKeyGuard::RunIncoming(Incoming& key, StatementWrites* writes) {
  std::vector<Action> actions;
  while (key.done < key.keys.row_count()) {
    Action plan = PlanAction(key, key.done++);
    if (!plan.children.empty()) actions.push_back(std::move(plan));
  }
  if (actions.empty()) return false;
  TableChange& change = writes->Of(key.referencing);
  for (const Action& plan : actions) {
    StepInterruption();
    if (plan.action != ReferentialAction::kCascade || !plan.is_delete) {
      UpdateReferencingRows(&change, key.referencing, *key.definition, plan.action, plan.now,
                            plan.children, context_);
      continue;
    }
    for (size_t i = 0; i < plan.children.size(); i += kVectorSize) {
      size_t count = std::min<size_t>(kVectorSize, plan.children.size() - i);
      change.Delete(&plan.children[i], static_cast<uint32_t>(count));
    }
  }
  return true;
}

bool ForeignKeyGuard::RunActions(StatementWrites* writes) {
  bool acted = false;
  for (size_t i = 0; i < incoming_.size(); ++i) acted |= RunIncoming(*incoming_[i], writes);
  return acted;
}

void ForeignKeyGuard::CheckIncoming(Incoming& key) {
  size_t degree = key.definition->columns.size();
  std::vector<const Vector*> values(degree);
  for (uint64_t row = 0; row < key.keys.row_count(); ++row) {
    auto at = static_cast<uint32_t>(row % kVectorSize);
    for (size_t i = 0; i < degree; ++i) values[i] = &key.keys.VectorOf(i, row);
    std::vector<RowId> children =
        FindChildren(key.children.get(), context_->transaction, values, at, *key.referencing);
    if (children.empty()) continue;
    if (ParentExists(key.parents.get(), context_->transaction, values, at)) continue;
    ThrowReferenced(ErrorCode::kForeignKeyViolation, *table_, *key.referencing, *key.definition,
                    DescribeValues(key.keys, degree, row));
  }
}

void ForeignKeyGuard::Check() {
  for (auto& key : outgoing_) CheckOutgoing(*key);
  for (auto& key : incoming_) CheckIncoming(*key);
}

}  // namespace tupelo

// exec/foreign_key.cpp: noting keys while rows are written, and looking them up at the end.
#include "exec/foreign_key.h"

#include <algorithm>

#include "base/interruption_scope.h"
#include "catalog/catalog.h"
#include "exec/deferred_checks.h"
#include "exec/foreign_key_check.h"
#include "exec/statement_writes.h"
#include "txn/table.h"
#include "types/compare.h"

namespace tupelo {

namespace {

bool Intersects(const std::vector<uint16_t>& columns, std::span<const uint16_t> changed) {
  return std::any_of(columns.begin(), columns.end(), [&](uint16_t column) {
    return std::find(changed.begin(), changed.end(), column) != changed.end();
  });
}

// The first `values->size()` columns of a row; its number within the vectors.
uint32_t KeyOf(const RowCollection& keys, uint64_t row, KeyValues* values) {
  for (size_t i = 0; i < values->size(); ++i) (*values)[i] = &keys.VectorOf(i, row);
  return static_cast<uint32_t>(row % kVectorSize);
}

}  // namespace

struct ForeignKeyGuard::Outgoing {
  Outgoing(TablePtr referencing, TablePtr referenced, const ForeignKeyDefinition* definition)
      : check(std::move(referencing), std::move(referenced), definition) {}
  ForeignKeyCheck check;
  RowCollection keys;  // of rows written, to be found in the referenced table
};

struct ForeignKeyGuard::Incoming {
  Incoming(TablePtr referencing, TablePtr referenced, const ForeignKeyDefinition* definition)
      : check(std::move(referencing), std::move(referenced), definition) {}
  ForeignKeyCheck check;
  RowCollection keys;  // old keys; for updates the row's id beside, -1 for deletions
  uint64_t done = 0;   // of keys: actions were carried out
};

ForeignKeyGuard::ForeignKeyGuard(const TablePtr& table, ExecutionContext* context)
    : table_(table), context_(context) {
  for (const ForeignKeyDefinition& definition : table->foreign_keys) {
    TablePtr referenced = definition.referenced_table == table->id
                              ? table
                              : context->catalog->TableById(definition.referenced_table);
    auto key = std::make_unique<Outgoing>(table, std::move(referenced), &definition);
    key->keys.Init(TypesOf(*table, definition.columns));
    outgoing_.push_back(std::move(key));
  }
  for (const TablePtr& other : context->catalog->Referencing(table->id)) {
    for (const ForeignKeyDefinition& definition : other->foreign_keys) {
      if (definition.referenced_table != table->id) continue;
      auto key = std::make_unique<Incoming>(other, table, &definition);
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

bool ForeignKeyGuard::IsDeferred(const ForeignKeyCheck& check) const {
  return IsDeferredNow(context_->deferred, check.referencing()->id, check.definition());
}

void ForeignKeyGuard::NoteWritten(const RowId* ids, uint32_t count,
                                  std::span<const uint16_t> columns) {
  for (auto& key : outgoing_) {
    const ForeignKeyDefinition& definition = key->check.definition();
    if (!columns.empty() && !Intersects(definition.columns, columns)) continue;
    if (IsDeferred(key->check)) {
      context_->deferred->NoteRows(table_->id, definition.name, {ids, count});
      continue;
    }
    Chunk rows(TypesOf(*table_, definition.columns));
    FetchColumns(*table_, ids, count, definition.columns, &rows);
    key->check.CheckMatchFull(rows);
    rows.SetRows(WithoutNulls(&rows, rows.column_count()));
    key->keys.Append(rows);
  }
}

void ForeignKeyGuard::NoteOld(const RowId* ids, uint32_t count, std::span<const uint16_t> columns,
                              bool is_delete) {
  for (auto& key : incoming_) {
    const std::vector<uint16_t>& referenced = key->check.definition().referenced_columns;
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

// An old key whose action changes rows, and those rows.
struct ForeignKeyGuard::Action {
  ReferentialAction action;
  bool is_delete;
  Chunk now;  // the referenced columns; of an update: as they are now
  std::vector<RowId> children;
};

// What is to be done for an old key; nothing when `children` is empty.
ForeignKeyGuard::Action ForeignKeyGuard::PlanAction(Incoming& key, uint64_t row) {
  const ForeignKeyDefinition& definition = key.check.definition();
  size_t degree = definition.columns.size();
  KeyValues values(degree);
  uint32_t at = KeyOf(key.keys, row, &values);
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
  plan.children = key.check.FindReferencing(context_->transaction, values, at);
  if (!plan.children.empty() && plan.action == ReferentialAction::kRestrict) {
    key.check.ThrowReferencing(ErrorCode::kRestrictViolation, values, at);
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
  TableChange& change = writes->Of(key.check.referencing());
  for (const Action& plan : actions) {
    StepInterruption();
    if (plan.action != ReferentialAction::kCascade || !plan.is_delete) {
      UpdateReferencingRows(&change, key.check.referencing(), key.check.definition(), plan.action,
                            plan.now, plan.children, context_);
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

void ForeignKeyGuard::CheckOutgoing(Outgoing& key) {
  KeyValues values(key.check.definition().columns.size());
  for (uint64_t row = 0; row < key.keys.row_count(); ++row) {
    uint32_t at = KeyOf(key.keys, row, &values);
    key.check.CheckReferenced(context_->transaction, values, at);
  }
}

void ForeignKeyGuard::CheckIncoming(Incoming& key) {
  const ForeignKeyDefinition& definition = key.check.definition();
  if (key.keys.row_count() != 0 && IsDeferred(key.check)) {
    context_->deferred->NoteKeys(key.check.referencing()->id, definition.name,
                                 TypesOf(*table_, definition.referenced_columns), key.keys);
    return;
  }
  KeyValues values(definition.columns.size());
  for (uint64_t row = 0; row < key.keys.row_count(); ++row) {
    uint32_t at = KeyOf(key.keys, row, &values);
    key.check.CheckUnreferenced(context_->transaction, values, at);
  }
}

void ForeignKeyGuard::Check() {
  for (auto& key : outgoing_) CheckOutgoing(*key);
  for (auto& key : incoming_) CheckIncoming(*key);
}

}  // namespace tupelo

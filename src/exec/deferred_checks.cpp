// exec/deferred_checks.cpp: noting what is to be checked, and checking it against what is there.
#include "exec/deferred_checks.h"

#include <algorithm>

#include "base/large_vector.h"
#include "catalog/catalog.h"
#include "exec/foreign_key_check.h"
#include "exec/unique_check.h"
#include "txn/table.h"

namespace tupelo {

bool ConstraintModes::IsDeferred(ObjectId table, const Name& constraint, Deferral deferral) const {
  if (deferral == Deferral::kNotDeferrable) return false;
  for (const Mode& mode : modes_) {
    if (mode.table == table && mode.constraint == constraint.key) return mode.is_deferred;
  }
  return all_.value_or(deferral == Deferral::kInitiallyDeferred);
}

void ConstraintModes::SetAll(bool is_deferred) {
  modes_.clear();
  all_ = is_deferred;
}

void ConstraintModes::Set(ObjectId table, const Name& constraint, bool is_deferred) {
  for (Mode& mode : modes_) {
    if (mode.table != table || mode.constraint != constraint.key) continue;
    mode.is_deferred = is_deferred;
    return;
  }
  modes_.push_back({table, constraint.key, is_deferred});
}

DeferredChecks::Note* DeferredChecks::Find(ObjectId table, const std::string& constraint) const {
  for (const auto& note : notes_) {
    if (note->table == table && note->constraint == constraint) return note.get();
  }
  return nullptr;
}

DeferredChecks::Note& DeferredChecks::Of(ObjectId table, const Name& constraint) {
  if (Note* found = Find(table, constraint.key)) return *found;
  notes_.push_back(std::make_unique<Note>(Note{table, constraint.key}));
  return *notes_.back();
}

void DeferredChecks::Forget(ObjectId table, const Name& constraint) {
  std::erase_if(notes_, [&](const auto& note) {
    return note->table == table && note->constraint == constraint.key;
  });
}

void DeferredChecks::NoteRows(ObjectId table, const Name& constraint, std::span<const RowId> rows) {
  std::vector<RowId>& noted = *RowsOf(table, constraint);
  MakeRoom(&noted, rows.size());
  noted.insert(noted.end(), rows.begin(), rows.end());
}

namespace {

bool HasTypes(const RowCollection& keys, const std::vector<Type>& types) {
  bool same = keys.column_count() == types.size();
  for (size_t i = 0; same && i < types.size(); ++i) same = keys.type(i) == types[i];
  return same;
}

}  // namespace

void DeferredChecks::NoteKeys(ObjectId table, const Name& constraint,
                              const std::vector<Type>& types, const RowCollection& keys) {
  Note& note = Of(table, constraint);
  if (note.keys.empty() || !HasTypes(*note.keys.back(), types)) {
    note.keys.push_back(std::make_unique<RowCollection>(types));
  }
  KeyValues values(types.size());
  for (size_t set = 0; set < keys.set_count(); ++set) {
    const Chunk& chunk = keys.set(set);
    for (size_t i = 0; i < values.size(); ++i) values[i] = &chunk.column(i);
    note.keys.back()->Append(values, chunk.rows());
  }
}

namespace {

// Calls visit(rows, count) for those of `rows` that are there and were last changed by the
// transaction itself, some at a time. All others are as somebody has committed them, or are to be
// checked by who changes them.
template <typename Visit>
void VisitOwnRows(const Table& table, const Transaction* transaction,
                  const std::vector<RowId>& rows, Visit&& visit) {
  auto own = std::make_unique<RowId[]>(kVectorSize);
  uint32_t count = 0;
  for (RowId row : rows) {
    if (table.StateOf(transaction, row) != RowState::kOwn) continue;
    own[count++] = row;
    if (count < kVectorSize) continue;
    visit(own.get(), count);
    count = 0;
  }
  if (count != 0) visit(own.get(), count);
}

void CheckKeyOfRows(const TableDefinition& table, const KeyDefinition& key,
                    const std::vector<RowId>& rows, Transaction* transaction) {
  UniqueChecks checks;
  VisitOwnRows(*table.data, transaction, rows, [&](const RowId* own, uint32_t count) {
    checks.Clear();
    for (uint32_t i = 0; i < count; ++i) checks.Add(key.index, own[i]);
    CheckUniqueKeys(table, transaction, checks);
  });
}

void CheckReferencesOfRows(const TableDefinition& table, ForeignKeyCheck* check,
                           const std::vector<RowId>& rows, Transaction* transaction) {
  const std::vector<uint16_t>& columns = check->definition().columns;
  std::vector<uint16_t> physical;
  for (uint16_t column : columns) physical.push_back(table.columns[column].physical);
  Chunk chunk(TypesOf(table, columns));
  KeyValues values(columns.size());
  VisitOwnRows(*table.data, transaction, rows, [&](const RowId* own, uint32_t count) {
    for (size_t i = 0; i < values.size(); ++i) {
      chunk.column(i).PrepareWrite(count);
      values[i] = &chunk.column(i);
    }
    for (uint32_t i = 0; i < count; ++i) {
      table.data->FetchCurrent(transaction, own[i], physical, &chunk, i);
    }
    chunk.SetRows(count);
    check->CheckMatchFull(chunk);
    for (uint32_t i = 0; i < count; ++i) {
      if (std::ranges::all_of(values, [&](const Vector* value) { return value->IsValid(i); })) {
        check->CheckReferenced(transaction, values, i);
      }
    }
  });
}

// A key that is there again is looked at no further: who references it decides nothing then.
void CheckNothingReferences(ForeignKeyCheck* check, const RowCollection& keys,
                            Transaction* transaction) {
  KeyValues values(keys.column_count());
  for (uint64_t row = 0; row < keys.row_count(); ++row) {
    for (size_t i = 0; i < values.size(); ++i) values[i] = &keys.VectorOf(i, row);
    auto at = static_cast<uint32_t>(row % kVectorSize);
    if (check->IsThere(transaction, values, at)) continue;
    check->CheckUnreferenced(transaction, values, at);
  }
}

}  // namespace

// Keys of other types than the referenced columns have now are of before an ALTER TABLE that has
// looked at all rows itself.
void DeferredChecks::CheckNote(const Note& note, Transaction* transaction,
                               const CatalogSnapshot& catalog) {
  TablePtr table = catalog.TableById(note.table);
  if (table == nullptr) return;
  for (const KeyDefinition& key : table->keys) {
    if (key.name.key == note.constraint) CheckKeyOfRows(*table, key, note.rows, transaction);
  }
  for (const ForeignKeyDefinition& key : table->foreign_keys) {
    if (key.name.key != note.constraint) continue;
    TablePtr referenced = catalog.TableById(key.referenced_table);
    ForeignKeyCheck check(table, referenced, &key);
    CheckReferencesOfRows(*table, &check, note.rows, transaction);
    std::vector<Type> types = TypesOf(*referenced, key.referenced_columns);
    for (const auto& keys : note.keys) {
      if (HasTypes(*keys, types)) CheckNothingReferences(&check, *keys, transaction);
    }
  }
}

void DeferredChecks::CheckAll(Transaction* transaction, const CatalogSnapshot& catalog) const {
  for (const auto& note : notes_) CheckNote(*note, transaction, catalog);
}

void DeferredChecks::Check(ObjectId table, const Name& constraint, Transaction* transaction,
                           const CatalogSnapshot& catalog) const {
  const Note* note = Find(table, constraint.key);
  if (note != nullptr) CheckNote(*note, transaction, catalog);
}

}  // namespace tupelo

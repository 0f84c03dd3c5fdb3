// txn/table.cpp: the life of a table, its columns and its indexes.
#include "txn/table.h"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <utility>

#include "base/error.h"
#include "base/interruption_scope.h"
#include "base/large_vector.h"
#include "buffer/extent_pool.h"
#include "txn/undo.h"
#include "txn/version_keys.h"

namespace tupelo {

Table::Table(TransactionManager* manager, const std::vector<Type>& column_types)
    : manager_(manager), store_(&manager->extents(), column_types) {
  for (uint32_t c = 0; c < column_types.size(); ++c) {
    if (column_types[c].physical() == PhysicalType::kString) string_mask_ |= ColumnBit(c);
  }
}

Table::~Table() {
  // What waits for readers has no table any more.
  for (TableWrites* writes = writes_; writes != nullptr; writes = writes->next_in_table) {
    writes->log->Forget(this);
    writes->table = nullptr;
  }
  for (uint32_t i = 0; i < store_.stripe_count(); ++i) {
    Stripe* stripe = store_.stripe(i);
    for (ChainHeads*& heads : stripe->chains) {
      if (heads == nullptr) continue;
      std::ranges::fill(heads->of, nullptr);
      manager_->GiveChains(std::exchange(heads, nullptr));
    }
  }
}

void Table::AddUndoAction(Transaction* transaction, UndoAction action) {
  [[maybe_unused]] TableWrites* writes = WritesOf(transaction);
  assert(writes != nullptr);
  action.table = this;
  transaction->AddAction(std::move(action));
}

void Table::RecomputeIndexedMask() {
  indexed_mask_ = 0;
  for (const std::unique_ptr<Index>& index : indexes_) indexed_mask_ |= index->column_mask_;
}

void Table::EraseIndex(const Index* index) {
  std::erase_if(indexes_,
                [&](const std::unique_ptr<Index>& other) { return other.get() == index; });
  RecomputeIndexedMask();
}

namespace {

// The entries of an index to be, sorted before they go into the tree: then every insertion is at
// its end.
struct NewEntries {
  struct Entry {
    const char* key;
    uint32_t size;
    RowId row;
  };
  Arena arena{size_t{1} << 16};
  std::vector<Entry> entries;

  void Add(const KeyBuffer& key, RowId row) {
    if (key.size() > kMaxIndexKeyBytes) {
      throw Error(ErrorCode::kProgramLimit,
                  fmt::format("a key of an index may have at most {} bytes, not {}",
                              kMaxIndexKeyBytes, key.size()));
    }
    std::string_view copy = arena.CopyString(key.view());
    MakeRoom(&entries, 1);
    entries.push_back({copy.data(), static_cast<uint32_t>(copy.size()), row});
  }
  void Sort() {
    InterruptionCounter counter(InterruptionScope::Current());
    std::ranges::sort(entries, [&](const Entry& a, const Entry& b) {
      counter.Step();
      int order = std::string_view(a.key, a.size).compare(std::string_view(b.key, b.size));
      return order != 0 ? order < 0 : a.row < b.row;
    });
  }
};

}  // namespace

Index* Table::CreateIndex(Transaction* transaction, const std::vector<IndexColumn>& columns,
                          bool unique, UniqueOutcome* violation) {
  std::unique_ptr<Index> index(new Index(&manager_->extents(), *this, columns, unique));
  index->table_ = this;
  // 1. A key for each version that is still there.
  NewEntries entries;
  for (uint32_t i = 0; i < store_.stripe_count(); ++i) {
    CheckInterruption();
    const Stripe& stripe = *store_.stripe(i);
    for (uint32_t slot = 0; slot < stripe.used; ++slot) {
      const UndoRecord* record = stripe.Chain(slot);
      if (!stripe.IsLive(slot) && record == nullptr) continue;
      RowId row = static_cast<RowId>(i) * kBlockRows + slot;
      VersionKeys keys(store_, *index, row);
      keys.MakeKey(&key_);
      entries.Add(key_, row);
      for (; record != nullptr; record = record->older) {
        if (!keys.Changes(*record)) continue;
        keys.StepOver(*record);
        keys.MakeKey(&key_);
        entries.Add(key_, row);
      }
    }
  }
  // 2. In their order; neighbours with the same key are looked at as a statement's would be.
  entries.Sort();
  UniqueChecks checks;
  InterruptionCounter counter(InterruptionScope::Current());
  for (const NewEntries::Entry& entry : entries.entries) {
    counter.Step();
    if (index->tree_.Insert({entry.key, entry.size}, entry.row).equal_neighbour && unique) {
      checks.Add(index.get(), entry.row);
    }
  }
  UniqueOutcome outcome = CheckUnique(transaction, checks);
  if (outcome.kind != UniqueOutcome::kFine) {
    *violation = outcome;
    violation->index = nullptr;
    return nullptr;
  }
  Index* made = index.get();
  AddUndoAction(transaction, {this, nullptr, [this, made] { EraseIndex(made); }, nullptr});
  indexes_.push_back(std::move(index));
  RecomputeIndexedMask();
  return made;
}

void Table::DropIndex(Transaction* transaction, Index* index) {
  bool unique = std::exchange(index->unique_, false);
  AddUndoAction(transaction, {this, nullptr, [index, unique] { index->unique_ = unique; },
                              [this, index] { EraseIndex(index); }});
}

uint16_t Table::AddColumn(Transaction* transaction, const Type& type, const Value& value) {
  auto column = static_cast<uint16_t>(store_.AddColumn(type, value));
  if (type.physical() == PhysicalType::kString) string_mask_ |= ColumnBit(column);
  AddUndoAction(transaction,
                {this, nullptr, [this, column] { store_.DropColumn(column); }, nullptr});
  return column;
}

void Table::DropColumn(Transaction* transaction, uint16_t column) {
  AddUndoAction(transaction,
                {this, nullptr, nullptr, [this, column] { store_.DropColumn(column); }});
}

}  // namespace tupelo

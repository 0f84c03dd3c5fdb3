// txn/table.cpp: the life of a table, its columns and its indexes.
#include "txn/table.h"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <utility>

#include "base/error.h"
#include "base/interruption_scope.h"
#include "base/large_vector.h"
#include "base/shared_latch.h"
#include "buffer/extent_pool.h"
#include "storage/stored_bytes.h"
#include "txn/redo.h"
#include "txn/redo_kind.h"
#include "txn/undo.h"
#include "txn/version_keys.h"

namespace tupelo {

Table::Table(TransactionManager* manager, const std::vector<Type>& column_types)
    : manager_(manager),
      store_(&manager->extents(), column_types),
      committed_columns_(static_cast<uint32_t>(column_types.size())) {
  for (uint32_t c = 0; c < column_types.size(); ++c) {
    if (column_types[c].physical() == PhysicalType::kString) string_mask_ |= ColumnBit(c);
  }
}

Table::~Table() {
  manager_->ForgetReads(this);
  // What waits for readers has no table any more.
  for (TableWrites* writes = writes_; writes != nullptr; writes = writes->next_in_table) {
    writes->log->Forget(this);
    writes->table = nullptr;
  }
  for (uint32_t i = 0; i < store_.stripe_count(); ++i) {
    Stripe* stripe = store_.ResidentStripe(i);
    if (stripe == nullptr) continue;
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
  manager_->WidenReads(this);
  std::erase_if(indexes_,
                [&](const std::unique_ptr<Index>& other) { return other.get() == index; });
  RecomputeIndexedMask();
}

namespace {

void BeginRedo(RedoKind kind, uint64_t table, ByteVector* redo) {
  AppendNumber(kind, redo);
  AppendVarint(table, redo);
}

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
  // They are nobody else's: the latch is not needed.
  void Sort() {
    InterruptionCounter counter(InterruptionScope::Current());
    std::ranges::sort(entries, [&](const Entry& a, const Entry& b) {
      counter.Step();
      int order = std::string_view(a.key, a.size).compare(std::string_view(b.key, b.size));
      return order != 0 ? order < 0 : a.row < b.row;
    });
  }
};

// While it lives, all versions that are there stay. nullptr: nobody takes them away anyway.
class KeptVersions {
 public:
  explicit KeptVersions(TransactionManager* manager) : manager_(manager) {
    if (manager_ == nullptr) return;
    view_.snapshot = manager_->oldest_needed();
    manager_->RegisterView(&view_, ViewUse::kDefinition);
  }
  ~KeptVersions() {
    if (manager_ != nullptr) manager_->UnregisterView(&view_);
  }
  KeptVersions(const KeptVersions&) = delete;
  KeptVersions& operator=(const KeptVersions&) = delete;

 private:
  TransactionManager* manager_;
  ReadView view_;
};

}  // namespace

Index* Table::CreateIndex(Transaction* transaction, const std::vector<IndexColumn>& columns,
                          bool unique, UniqueOutcome* violation, SharedLatch* latch) {
  // Until the table has it: keys of versions that go could not be erased from it.
  KeptVersions kept(latch == nullptr ? nullptr : manager_);
  std::unique_ptr<Index> index(new Index(&manager_->extents(), *this, columns, unique));
  index->table_ = this;
  UniqueChecks checks;
  FillIndex(index.get(), &checks, latch);
  UniqueOutcome outcome = CheckUnique(transaction, checks);
  if (outcome.kind != UniqueOutcome::kFine) {
    *violation = outcome;
    violation->index = nullptr;
    return nullptr;
  }
  index->number_ = ++last_index_;
  Index* made = index.get();
  UndoAction action{this, [made](CommitNumber) { made->is_committed_ = true; },
                    [this, made] { EraseIndex(made); }, nullptr};
  if (stored_number_ != 0) {
    BeginRedo(RedoKind::kCreateIndex, stored_number_, &action.redo);
    AppendIndex(*made, &action.redo);
  }
  AddUndoAction(transaction, std::move(action));
  indexes_.push_back(std::move(index));
  RecomputeIndexedMask();
  return made;
}

void Table::FillIndex(Index* index, UniqueChecks* checks, SharedLatch* latch) {
  // 1. A key for each version that is still there.
  NewEntries entries;
  for (uint32_t i = 0; i < store_.stripe_count(); ++i) {
    CheckInterruption();
    if (latch != nullptr) latch->LetOthersIn();
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
  {
    LatchBreak others_may_work(latch);
    entries.Sort();
  }
  InterruptionCounter counter(InterruptionScope::Current());
  for (const NewEntries::Entry& entry : entries.entries) {
    counter.Step();
    if (latch != nullptr) latch->LetOthersIn();
    if (index->tree_.Insert({entry.key, entry.size}, entry.row).equal_neighbour && index->unique_) {
      checks->Add(index, entry.row);
    }
  }
}

Index* Table::FindIndex(uint64_t number) const {
  for (const std::unique_ptr<Index>& index : indexes_) {
    if (index->number_ == number) return index.get();
  }
  return nullptr;
}

void Table::AppendShape(ByteVector* out) const {
  AppendVarint(committed_columns_, out);
  for (uint32_t c = 0; c < committed_columns_; ++c) {
    AppendType(store_.type(c), out);
    bool is_gone = store_.is_dropped(c) || std::ranges::count(gone_columns_, c) > 0;
    AppendNumber(static_cast<uint8_t>(is_gone), out);
  }
  uint64_t count = 0;
  for (const std::unique_ptr<Index>& index : indexes_) {
    count += index->is_committed_ && !index->is_gone_;
  }
  AppendVarint(count, out);
  for (const std::unique_ptr<Index>& index : indexes_) {
    if (index->is_committed_ && !index->is_gone_) AppendIndex(*index, out);
  }
}

std::vector<uint64_t> Table::CommittedIndexes() const {
  std::vector<uint64_t> numbers;
  for (const std::unique_ptr<Index>& index : indexes_) {
    if (index->is_committed_ && !index->is_gone_) numbers.push_back(index->number_);
  }
  return numbers;
}

void Table::Store(Transaction* transaction, uint64_t number) {
  stored_number_ = number;
  UndoAction action;
  BeginRedo(RedoKind::kCreateTable, number, &action.redo);
  AppendVarint(store_.column_count(), &action.redo);
  for (uint32_t c = 0; c < store_.column_count(); ++c) AppendType(store_.type(c), &action.redo);
  AddUndoAction(transaction, std::move(action));
}

void Table::DropIndex(Transaction* transaction, Index* index) {
  bool unique = std::exchange(index->unique_, false);
  UndoAction action{this, [index](CommitNumber) { index->is_gone_ = true; },
                    [index, unique] { index->unique_ = unique; },
                    [this, index] { EraseIndex(index); }};
  if (stored_number_ != 0) {
    BeginRedo(RedoKind::kDropIndex, stored_number_, &action.redo);
    AppendVarint(index->number_, &action.redo);
    action.redo_follows_rows = true;
  }
  AddUndoAction(transaction, std::move(action));
}

uint16_t Table::AddColumn(Transaction* transaction, const Type& type, const Value& value) {
  Vector all(type);
  all.PrepareWrite(1);
  all.SetConstant(true);
  value.ToVector(&all, 0);
  auto column = static_cast<uint16_t>(store_.AddColumn(all));
  if (type.physical() == PhysicalType::kString) string_mask_ |= ColumnBit(column);
  UndoAction action{this, [this, column](CommitNumber) { committed_columns_ = column + 1u; },
                    [this, column] { store_.DropColumn(column); }, nullptr};
  if (stored_number_ != 0) {
    BeginRedo(RedoKind::kAddColumn, stored_number_, &action.redo);
    AppendVarint(column, &action.redo);
    AppendType(type, &action.redo);
    AppendValue(all, &action.redo);
  }
  AddUndoAction(transaction, std::move(action));
  return column;
}

void Table::DropColumn(Transaction* transaction, uint16_t column) {
  UndoAction action{this, [this, column](CommitNumber) { gone_columns_.push_back(column); },
                    nullptr, [this, column] { store_.DropColumn(column); }};
  if (stored_number_ != 0) {
    BeginRedo(RedoKind::kDropColumn, stored_number_, &action.redo);
    AppendVarint(column, &action.redo);
    action.redo_follows_rows = true;
  }
  AddUndoAction(transaction, std::move(action));
}

}  // namespace tupelo

// engine/database_check.cpp: every table: its blocks, its indexes, the rules for its rows.
#include "engine/database_check.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "engine/database_state.h"
#include "engine/reference_check.h"
#include "engine/row_rules.h"
#include "txn/table_check.h"

namespace tupelo {

namespace {

// What is looked at while the latch is held once.
constexpr uint32_t kLookups = 256;
// A tree of so many entries is looked at as a whole beside running statements.
constexpr uint64_t kSmallTree = 100'000;

}  // namespace

DatabaseCheck::DatabaseCheck(DatabaseState* state, const Interruption* interruption, File file,
                             Findings* findings, const SnapshotOwner* owner)
    : state_(state), findings_(findings), file_(file) {
  ExclusiveGuard latch(state_->latch);
  view_ = ReadView(state_->transactions.last_commit(), 0, 0);
  state_->transactions.RegisterView(&view_, ViewUse::kCheck, owner);
  catalog_ = state_->catalog.Current();
  tables_ = catalog_->Tables();
  execution_.transactions = &state_->transactions;
  execution_.view = &view_;
  execution_.catalog = catalog_.get();
  if (interruption != nullptr) execution_.interruption = *interruption;
  execution_.evaluation.interruption = &execution_.interruption;
  execution_.evaluation.statement_time_us = std::chrono::duration_cast<std::chrono::microseconds>(
                                                std::chrono::system_clock::now().time_since_epoch())
                                                .count();
}

DatabaseCheck::~DatabaseCheck() {
  ExclusiveGuard latch(state_->latch);
  state_->transactions.UnregisterView(&view_);
  tables_.clear();  // one that was dropped meanwhile goes here
  catalog_ = nullptr;
}

void DatabaseCheck::Run() {
  for (const TablePtr& table : tables_) CheckTable(table);
}

template <typename Step>
void DatabaseCheck::Repeat(Step&& step) {
  for (uint32_t number = 0;; ++number) {
    CheckInterrupt();
    ExclusiveGuard latch(state_->latch);
    if (!step(number)) return;
  }
}

// What can't be read leaves the other parts to be looked at.
template <typename Part>
void DatabaseCheck::CheckPart(const TableDefinition& table, Part&& part) {
  try {
    part();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kQueryCanceled || error.code() == ErrorCode::kOutOfMemory) {
      throw;
    }
    if (error.code() == ErrorCode::kDataCorrupted && file_ == File::kDamaged) return;
    findings_->Add(PlaceOfTable(table), error.message());
  }
}

void DatabaseCheck::CheckTable(const TablePtr& table) {
  CheckPart(*table, [&] { CheckStorage(*table); });
  for (size_t i = 0; i < table->indexes.size(); ++i) {
    CheckPart(*table, [&] { CheckIndex(*table, static_cast<uint16_t>(i)); });
  }
  CheckPart(*table, [&] { CheckRows(table); });
}

void DatabaseCheck::CheckStorage(const TableDefinition& table) {
  const std::string where = PlaceOfTable(table);
  TableCheck check(table.data.get(), view_);
  auto report = [&](const char* what, RowId row) {
    row == kNoRow ? findings_->Add(where, what) : findings_->AddRow(where, what, row);
  };
  Repeat([&](uint32_t stripe) { return check.CheckStripe(stripe, file_ == File::kNone, report); });
  ExclusiveGuard latch(state_->latch);
  check.CheckCount(report);
}

void DatabaseCheck::CheckIndex(const TableDefinition& table, uint16_t number) {
  const IndexDefinition& definition = table.indexes[number];
  const std::string where = PlaceOfTable(table) + ", index " + definition.name.spelling;
  TableCheck check(table.data.get(), view_);
  const BrokenRule rule{BrokenRule::kUnique, table.id, number};
  auto report = [&](const char* what, RowId row) {
    row == kNoRow ? findings_->Add(where, what) : findings_->AddRow(where, what, row, rule);
  };
  size_t before = findings_->size();
  {
    ExclusiveGuard latch(state_->latch);
    if (definition.index->entry_count() <= kSmallTree) {
      TableCheck::CheckTree(*definition.index, report);
    }
    check.BeginIndex(definition.index);
  }
  Repeat([&](uint32_t) { return check.AddEntries(report); });
  Repeat([&](uint32_t stripe) { return check.AddRows(stripe); });
  if (check.Agrees()) return;
  Repeat([&](uint32_t) { return check.SearchEntries(report); });
  Repeat([&](uint32_t stripe) { return check.SearchRows(stripe, report); });
  if (findings_->size() > before) return;
  findings_->Add(where, "its entries are not those of the rows", rule);
}

void DatabaseCheck::CheckRows(const TablePtr& table) {
  RowRules rules(table, &execution_, findings_);
  std::vector<std::unique_ptr<ReferenceCheck>> references;
  for (size_t i = 0; i < table->foreign_keys.size(); ++i) {
    auto reference = std::make_unique<ReferenceCheck>(*catalog_, table, static_cast<uint16_t>(i),
                                                      view_, findings_);
    if (reference->can_look()) references.push_back(std::move(reference));
  }
  TableScan scan;
  auto ids = std::make_unique<RowIds>();
  struct Closing {  // what is read is pinned
    DatabaseState* state;
    TableScan* scan;
    ~Closing() {
      ExclusiveGuard latch(state->latch);
      scan->Close();
    }
  } closing{state_, &scan};
  {
    ExclusiveGuard latch(state_->latch);
    scan.Open(table->data.get(), view_, rules.columns());
  }
  for (;;) {
    CheckInterrupt();
    {
      ExclusiveGuard latch(state_->latch);
      if (!scan.Next(&rules.chunk(), ids.get())) break;
    }
    rules.Check(*ids);
    uint32_t count = rules.chunk().row_count();
    for (auto& reference : references) {
      for (uint32_t first = 0; first < count; first += kLookups) {
        ExclusiveGuard latch(state_->latch);
        reference->Check(rules.chunk(), *ids, first, std::min(count, first + kLookups));
      }
    }
  }
}

}  // namespace tupelo

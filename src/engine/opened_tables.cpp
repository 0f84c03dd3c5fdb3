// engine/opened_tables.cpp: tables as a checkpoint has written them, and changes of them.
#include "engine/opened_tables.h"

#include <utility>

#include "engine/database_state.h"
#include "engine/stored_parts.h"
#include "storage/database_file.h"
#include "storage/stored_bytes.h"
#include "txn/table.h"

namespace tupelo {

namespace {

// A table with what it needs, which goes after it.
struct OwnedTable {
  OwnedTable(std::shared_ptr<const void> its_owner, TransactionManager* transactions,
             const std::vector<Type>& types)
      : owner(std::move(its_owner)), table(transactions, types) {}
  std::shared_ptr<const void> owner;
  Table table;
};

}  // namespace

OpenedTables::OpenedTables(DatabaseState* state, const CatalogPtr& base,
                           std::shared_ptr<const void> owner)
    : state_(state), catalog_(base), owner_(std::move(owner)) {}

void OpenedTables::ReadCatalog(std::span<const uint8_t> payload, const VisitWritten& visit) {
  ByteReader reader(payload);
  uint64_t count = reader.TakeVarint();
  for (uint64_t i = 0; i < count; ++i) ReadTable(&reader, visit);
  ChangeDefinitions(reader.TakeBytes(reader.left()));
}

void OpenedTables::ReadTable(ByteReader* reader, const VisitWritten& visit) {
  WrittenTable written;
  written.number = reader->TakeVarint();
  written.directory.node = ExtentAddress::Unpack(reader->Take<uint64_t>());
  written.directory.level = reader->Take<uint8_t>();
  written.used_rows = reader->TakeVarint();
  written.live_rows = reader->TakeVarint();
  ReplayColumns(reader, written.number, this);
  written.table = RowsOf(written.number);
  ReplayIndexes(reader, written.table.get());
  for (uint64_t index : written.table->CommittedIndexes()) {
    StoredTreeRoot root;
    root.node = ExtentAddress::Unpack(reader->Take<uint64_t>());
    root.level = reader->Take<uint8_t>();
    written.trees.push_back({index, root});
  }
  visit(written);
  written.table->TakeStatistics(reader);
}

void OpenedTables::Load(DatabaseFile* file, const ExtentAddress& catalog,
                        std::map<uint64_t, StoredParts>* stored) {
  if (!catalog) return;
  ExtentBuffer buffer;
  std::span<const uint8_t> payload = file->Read(catalog, ExtentKind::kCatalog, &buffer);
  file->Decoding(catalog, [&] {
    ReadCatalog(payload, [&](const WrittenTable& written) { Attach(file, written, stored); });
  });
}

void OpenedTables::Attach(DatabaseFile* file, const WrittenTable& written,
                          std::map<uint64_t, StoredParts>* stored) {
  Table* table = written.table.get();
  StoredParts& parts = (*stored)[written.number];
  parts.rows = std::make_unique<StoredTable>(file, &state_->transactions.cache(), written.number,
                                             written.directory);
  parts.table = written.table;
  parts.rows->Attach(table, written.used_rows, written.live_rows);
  for (const WrittenTable::Tree& tree : written.trees) {
    auto index = std::make_unique<StoredIndex>(file, written.number, tree.index, tree.root);
    index->Attach(table, table->FindIndex(tree.index));
    parts.indexes[tree.index] = std::move(index);
  }
}

void OpenedTables::Know(const CatalogSnapshot& catalog) {
  for (const TablePtr& table : catalog.Tables()) {
    if (uint64_t number = table->data->stored_number()) tables_[number] = table->data;
  }
}

Table* OpenedTables::FindTable(uint64_t number) {
  auto found = tables_.find(number);
  if (found == tables_.end()) return nullptr;
  changed_.insert(number);
  return found->second.get();
}

std::shared_ptr<Table> OpenedTables::RowsOf(uint64_t number) {
  auto found = tables_.find(number);
  return found == tables_.end() ? nullptr : found->second;
}

std::shared_ptr<Table> OpenedTables::MakeTable(const std::vector<Type>& types) {
  auto owned = std::make_shared<OwnedTable>(owner_, &state_->transactions, types);
  return {owned, &owned->table};
}

void OpenedTables::CreateTable(uint64_t number, const std::vector<Type>& types) {
  if (number == 0 || FindTable(number) != nullptr) ThrowDamaged("the number of a table");
  std::shared_ptr<Table> table = MakeTable(types);
  table->SetStoredNumber(number);
  tables_[number] = std::move(table);
  changed_.insert(number);
  ReserveObjectIds(number);
}

void OpenedTables::ChangeDefinitions(std::span<const uint8_t> definitions) {
  ApplyCatalogChanges(definitions, this, &catalog_);
}

void OpenedTables::Finish() {
  for (uint64_t number : changed_) tables_[number]->FinishReplay();
}

}  // namespace tupelo

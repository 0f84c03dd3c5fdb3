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

void OpenedTables::Load(DatabaseFile* file, const ExtentAddress& catalog,
                        std::map<uint64_t, StoredParts>* stored) {
  if (!catalog) return;
  ExtentBuffer buffer;
  LoadCatalog(file, catalog, file->Read(catalog, ExtentKind::kCatalog, &buffer), stored);
}

void OpenedTables::LoadCatalog(DatabaseFile* file, const ExtentAddress& catalog,
                               std::span<const uint8_t> bytes,
                               std::map<uint64_t, StoredParts>* stored) {
  ByteReader reader(bytes);
  file->Decoding(catalog, [&] {
    uint64_t count = reader.TakeVarint();
    for (uint64_t i = 0; i < count; ++i) LoadTable(file, &reader, stored);
    ChangeDefinitions(reader.TakeBytes(reader.left()));
  });
}

// Rows and entries of indexes are read when they are wanted.
void OpenedTables::LoadTable(DatabaseFile* file, ByteReader* reader,
                             std::map<uint64_t, StoredParts>* stored) {
  uint64_t number = reader->TakeVarint();
  SegmentDirectoryRoot directory;
  directory.node = ExtentAddress::Unpack(reader->Take<uint64_t>());
  directory.level = reader->Take<uint8_t>();
  uint64_t used_rows = reader->TakeVarint();
  uint64_t live_rows = reader->TakeVarint();
  ReplayColumns(reader, number, this);
  std::shared_ptr<Table> table = RowsOf(number);
  StoredParts& parts = (*stored)[number];
  parts.rows =
      std::make_unique<StoredTable>(file, &state_->transactions.cache(), number, directory);
  parts.table = table;
  parts.rows->Attach(table.get(), used_rows, live_rows);
  ReplayIndexes(reader, table.get());
  for (uint64_t index_number : table->CommittedIndexes()) {
    StoredTreeRoot root;
    root.node = ExtentAddress::Unpack(reader->Take<uint64_t>());
    root.level = reader->Take<uint8_t>();
    auto index = std::make_unique<StoredIndex>(file, number, index_number, root);
    index->Attach(table.get(), table->FindIndex(index_number));
    parts.indexes[index_number] = std::move(index);
  }
  table->TakeStatistics(reader);
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

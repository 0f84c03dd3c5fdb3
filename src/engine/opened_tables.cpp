// engine/opened_tables.cpp: tables as a checkpoint has written them, and changes of them.
#include "engine/opened_tables.h"

#include <utility>

#include "engine/database_state.h"
#include "storage/database_file.h"
#include "storage/stored_bytes.h"
#include "txn/stored_table.h"
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
                        std::map<uint64_t, std::unique_ptr<StoredTable>>* stored) {
  if (!catalog) return;
  ExtentBuffer buffer;
  LoadCatalog(file, catalog, file->Read(catalog, ExtentKind::kCatalog, &buffer), stored);
}

void OpenedTables::LoadCatalog(DatabaseFile* file, const ExtentAddress& catalog,
                               std::span<const uint8_t> bytes,
                               std::map<uint64_t, std::unique_ptr<StoredTable>>* stored) {
  auto decode = [&](auto&& part) { return file->Decoding(catalog, part); };
  ByteReader reader(bytes);
  uint64_t count = decode([&] { return reader.TakeVarint(); });
  for (uint64_t i = 0; i < count; ++i) {
    SegmentDirectoryRoot directory;
    uint64_t number = decode([&] {
      uint64_t taken = reader.TakeVarint();
      directory.node = ExtentAddress::Unpack(reader.Take<uint64_t>());
      directory.level = reader.Take<uint8_t>();
      ReplayColumns(&reader, taken, this);
      return taken;
    });
    Table* table = FindTable(number);
    auto of_table = std::make_unique<StoredTable>(file, number, directory);
    of_table->Load(table);
    (*stored)[number] = std::move(of_table);
    decode([&] { ReplayIndexes(&reader, table); });
  }
  decode([&] { ChangeDefinitions(reader.TakeBytes(reader.left())); });
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

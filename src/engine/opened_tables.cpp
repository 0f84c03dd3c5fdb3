// engine/opened_tables.cpp: tables as a checkpoint has written them, and changes of them.
#include "engine/opened_tables.h"

#include "engine/database_state.h"
#include "storage/database_file.h"
#include "storage/stored_bytes.h"
#include "txn/stored_table.h"
#include "txn/table.h"

namespace tupelo {

OpenedTables::OpenedTables(DatabaseState* state, const CatalogPtr& base, Numbers numbers)
    : state_(state), catalog_(base), numbers_(numbers) {}

void OpenedTables::Load(DatabaseFile* file, const ExtentAddress& catalog,
                        std::map<uint64_t, std::unique_ptr<StoredTable>>* stored,
                        const Loaded& loaded) {
  if (!catalog) return;
  ExtentBuffer buffer;
  ByteReader reader(file->Read(catalog, ExtentKind::kCatalog, &buffer));
  auto decode = [&](auto&& part) { return file->Decoding(catalog, part); };
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
    loaded(table->committed_row_count());
  }
  decode([&] { ChangeDefinitions(reader.TakeBytes(reader.left())); });
}

std::shared_ptr<Table> OpenedTables::RowsOf(uint64_t number) {
  auto found = tables_.find(number);
  return found == tables_.end() ? nullptr : found->second;
}

std::shared_ptr<Table> OpenedTables::MakeTable(const std::vector<Type>& types) {
  return std::make_shared<Table>(&state_->transactions, types);
}

void OpenedTables::CreateTable(uint64_t number, const std::vector<Type>& types) {
  if (number == 0 || FindTable(number) != nullptr) ThrowDamaged("the number of a table");
  ReserveObjectIds(number);
  std::shared_ptr<Table> table = MakeTable(types);
  table->SetStoredNumber(numbers_ == Numbers::kTheirs ? number : NextObjectId());
  tables_[number] = std::move(table);
}

void OpenedTables::ChangeDefinitions(std::span<const uint8_t> definitions) {
  ApplyCatalogChanges(definitions, this, &catalog_);
}

void OpenedTables::Finish() {
  for (auto& [number, table] : tables_) table->FinishReplay();
}

}  // namespace tupelo

// engine/file_tables.cpp: the catalog of a file, part by part.
#include "engine/file_tables.h"

#include "engine/database_state.h"
#include "storage/stored_bytes.h"

namespace tupelo {

FileTables::FileTables(DatabaseState* state) : state_(state), catalog_(state->catalog.Current()) {}

std::shared_ptr<Table> FileTables::RowsOf(uint64_t number) {
  auto found = tables_.find(number);
  return found == tables_.end() ? nullptr : found->second;
}

std::shared_ptr<Table> FileTables::MakeTable(const std::vector<Type>& types) {
  return std::make_shared<Table>(&state_->transactions, types);
}

void FileTables::CreateTable(uint64_t number, const std::vector<Type>& types) {
  if (number == 0 || FindTable(number) != nullptr) ThrowDamaged("the number of a table");
  std::shared_ptr<Table> table = MakeTable(types);
  table->SetStoredNumber(number);
  tables_[number] = std::move(table);
  ReserveObjectIds(number);
}

void FileTables::ChangeDefinitions(std::span<const uint8_t> definitions) {
  ApplyCatalogChanges(definitions, this, &catalog_);
}

void FileTables::Finish() {
  for (auto& [number, table] : tables_) table->FinishReplay();
  state_->catalog.Install(state_->catalog.Merge(catalog_));
}

void ReadStoredCatalog(std::span<const uint8_t> bytes, FileTables* tables,
                       const VisitStoredRows& rows) {
  ByteReader reader(bytes);
  uint64_t count = reader.TakeVarint();
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t number = reader.TakeVarint();
    SegmentDirectoryRoot directory;
    directory.node = ExtentAddress::Unpack(reader.Take<uint64_t>());
    directory.level = reader.Take<uint8_t>();
    ReplayColumns(&reader, number, tables);
    Table* table = tables->FindTable(number);
    rows(number, directory, table);
    ReplayIndexes(&reader, table);
  }
  tables->ChangeDefinitions(reader.TakeBytes(reader.left()));
}

}  // namespace tupelo

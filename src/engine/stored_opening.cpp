// engine/stored_opening.cpp: reading what a checkpoint wrote.
#include "engine/stored_opening.h"

#include "engine/database_state.h"
#include "storage/stored_bytes.h"
#include "txn/table.h"

namespace tupelo {

StoredOpening::StoredOpening(DatabaseState* state, Numbers numbers)
    : state_(state), numbers_(numbers), catalog_(Catalog().Current()) {}

std::shared_ptr<Table> StoredOpening::RowsOf(uint64_t number) {
  auto found = tables_.find(number);
  return found == tables_.end() ? nullptr : found->second;
}

std::shared_ptr<Table> StoredOpening::MakeTable(const std::vector<Type>& types) {
  return std::make_shared<Table>(&state_->transactions, types);
}

void StoredOpening::CreateTable(uint64_t number, const std::vector<Type>& types) {
  if (number == 0 || FindTable(number) != nullptr) ThrowDamaged("the number of a table");
  ReserveObjectIds(number);
  std::shared_ptr<Table> table = MakeTable(types);
  table->SetStoredNumber(numbers_ == Numbers::kTheirs ? number : NextObjectId());
  tables_[number] = std::move(table);
}

void StoredOpening::LoadCatalog(DatabaseFile* file, const ExtentAddress& catalog,
                                StoredByNumber* stored, const Loaded& loaded) {
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
    auto rows = std::make_unique<StoredTable>(file, number, directory);
    rows->Load(table);
    (*stored)[number] = std::move(rows);
    decode([&] { ReplayIndexes(&reader, table); });
    loaded(table->committed_row_count());
  }
  decode([&] { ChangeDefinitions(reader.TakeBytes(reader.left())); });
}

CatalogPtr StoredOpening::Finish() {
  for (auto& [number, table] : tables_) table->FinishReplay();
  return catalog_.current();
}

}  // namespace tupelo

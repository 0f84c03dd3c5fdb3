// engine/salvage.cpp: catalog, rows, log; then what of the definitions still holds.
//
// 1. The newest catalog that can be read is read twice: first without rows, to know the names of
//    tables and which columns must not be null; then with them.
// 2. The log is made anew on top of it. A change that meets what is lost is passed over.
// 3. The new database is checked; keys, checks and references that do not hold are taken from the
//    definitions, until all hold.
// 4. A checkpoint writes everything.
#include "engine/salvage.h"

#include <memory>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/path.h"
#include "engine/database_check.h"
#include "engine/database_state.h"
#include "engine/file_tables.h"
#include "engine/row_rules.h"
#include "engine/salvaged_extents.h"
#include "engine/salvaged_rows.h"
#include "engine/stored_database.h"
#include "engine/stored_root.h"
#include "engine/unsound_rules.h"
#include "storage/stored_bytes.h"
#include "wal/log_replay.h"

namespace tupelo {

namespace {

// Changes of the log, on top of what may lack some of what they change.
class SalvagedTables : public FileTables {
 public:
  SalvagedTables(DatabaseState* state, Findings* losses) : FileTables(state), losses_(losses) {}
  bool AcceptMisfit() override { return true; }
  void CreateTable(uint64_t number, const std::vector<Type>& types) override {
    if (FindTable(number) == nullptr) FileTables::CreateTable(number, types);
  }
  void ChangeDefinitions(std::span<const uint8_t> definitions) override {
    try {
      FileTables::ChangeDefinitions(definitions);
    } catch (const Error& error) {
      losses_->Add("the definitions", "a change of them is lost: " + error.message());
    }
  }

 private:
  Findings* losses_;
};

class Salvager {
 public:
  Salvager(FileSystem& files, const std::string& path, const Interruption* interruption)
      : files_(files), path_(path), interruption_(interruption) {}

  void Open() {
    std::unique_ptr<File> file = files_.Open(path_, OpenMode::kRead);
    std::optional<DatabaseId> id = FindDatabaseId(*file);
    if (!id.has_value()) id = IdOfLog();
    if (!id.has_value()) {
      throw Error(ErrorCode::kDataCorrupted,
                  "neither the file nor its log says which database it was; nothing of it can be "
                  "told from other bytes: " +
                      path_);
    }
    source_ = std::make_unique<SalvagedExtents>(std::move(file), *id, interruption_);
    ChooseCatalog();
  }

  // Fills `state`, which is empty.
  void Load(DatabaseState* state) {
    SalvagedTables tables(state, &losses_);
    if (catalog_) {
      RawExtent extent = source_->extents().Read(catalog_);
      ByteVector bytes(extent.payload.begin(), extent.payload.end());
      ReadStoredCatalog(bytes, &tables,
                        [&](uint64_t number, const SegmentDirectoryRoot& directory, Table* table) {
                          SalvagedRows(source_.get(), number, names_, needed_[number],
                                       &state->transactions.extents(), interruption_, &losses_)
                              .Load(directory, table);
                        });
    }
    ReplayLog(&tables);
    tables.Finish();
  }
  Findings& losses() { return losses_; }
  uint64_t last_object() const { return last_object_; }

 private:
  std::optional<DatabaseId> IdOfLog();
  void ChooseCatalog();
  bool TryCatalog(const ExtentAddress& address);
  void ReplayLog(SalvagedTables* tables);
  void ReplayFrom(const LogPlace& place, SalvagedTables* tables);
  bool FindWholeLog(LogPlace* place);

  FileSystem& files_;
  const std::string path_;
  const Interruption* interruption_;
  Findings losses_;
  std::unique_ptr<SalvagedExtents> source_;
  ExtentAddress catalog_;  // none: there were no tables yet
  std::optional<DatabaseRoot> root_;
  uint64_t last_object_ = 0;
  uint64_t replayed_ = 0;  // records of the log
  StoredNames names_;
  // By the stored number of the table: columns that must not be null.
  std::map<uint64_t, std::set<uint16_t>> needed_;
};

std::optional<DatabaseId> Salvager::IdOfLog() {
  for (int i = 0; i < kLogFiles; ++i) {
    if (!files_.Exists(LogPath(path_, i))) continue;
    LogHeader header;
    std::unique_ptr<File> file = files_.Open(LogPath(path_, i), OpenMode::kRead);
    if (ReadLogHeader(*file, &header) == LogHeaderState::kSound) return header.database;
  }
  return std::nullopt;
}

bool Salvager::TryCatalog(const ExtentAddress& address) {
  DatabaseState definitions;
  FileTables tables(&definitions);
  try {
    RawExtent extent = source_->extents().Read(address, ExtentKind::kCatalog, {});
    ByteVector bytes(extent.payload.begin(), extent.payload.end());
    ReadStoredCatalog(bytes, &tables, [](uint64_t, const SegmentDirectoryRoot&, Table*) {});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    losses_.Add(path_ + ", byte " + std::to_string(address.offset()),
                "a catalog is damaged: " + error.message());
    return false;
  }
  names_.Add(*tables.catalog().current());
  for (const TablePtr& table : tables.catalog().current()->Tables()) {
    uint64_t number = table->data->stored_number();
    for (const ColumnDefinition& column : table->columns) {
      if (column.not_null) needed_[number].insert(column.physical);
    }
  }
  // An index may rely on what was NOT NULL when it was made.
  for (const auto& [number, table] : tables.tables()) {
    for (const auto& index : table->indexes()) {
      for (const IndexColumn& column : index->columns()) {
        if (column.not_null) needed_[number].insert(column.column);
      }
    }
  }
  catalog_ = address;
  return true;
}

void Salvager::ChooseCatalog() {
  for (const DatabaseRoot& root : source_->roots()) {
    if (root.catalog && !TryCatalog(root.catalog)) continue;
    root_ = root;
    last_object_ = LastObjectOf(root);
    return;
  }
  losses_.Add(path_, source_->roots().empty()
                         ? "neither of the roots checks out; catalogs were searched for in the file"
                         : "no root leads to a sound catalog; older ones were searched for");
  for (const auto& found : source_->Of(ExtentKind::kCatalog, {})) {
    if (!TryCatalog(found.address)) continue;
    losses_.Add(path_,
                "the definitions are those of generation " + std::to_string(found.generation));
    return;
  }
  throw Error(ErrorCode::kDataCorrupted,
              "there is no sound catalog in the file; without one nobody knows what its bytes "
              "mean: " +
                  path_);
}

void Salvager::ReplayFrom(const LogPlace& place, SalvagedTables* tables) {
  LogReplay replay(files_, path_, source_->extents().id(), place);
  LogRecord record;
  while (replay.Next(&record)) {
    if (interruption_ != nullptr) interruption_->Check();
    ++replayed_;
    try {
      ReplayChanges(record.payload, tables);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDataCorrupted) throw;
      losses_.Add("the log, transaction " + std::to_string(record.sequence),
                  "a part of it can't be made anew: " + error.message());
    }
  }
}

// Where the log begins, as far as it is there.
bool Salvager::FindWholeLog(LogPlace* place) {
  bool is_found = false;
  for (int i = 0; i < kLogFiles; ++i) {
    if (!files_.Exists(LogPath(path_, i))) continue;
    LogHeader header;
    std::unique_ptr<File> file = files_.Open(LogPath(path_, i), OpenMode::kRead);
    if (ReadLogHeader(*file, &header) != LogHeaderState::kSound ||
        header.database != source_->extents().id() ||
        (root_.has_value() && header.generation < root_->log_generation) ||
        (is_found && header.generation > place->generation)) {
      continue;
    }
    is_found = true;
    *place = {header.generation, kLogHeaderSize, header.first_sequence, true};
  }
  return is_found;
}

// What the log tells again though the rows have it already does no harm: a row is in the end as the
// last change of it says.
void Salvager::ReplayLog(SalvagedTables* tables) {
  std::string what = "no root says where it goes on";
  if (root_.has_value()) {
    try {
      return ReplayFrom(LogPlaceOf(*root_), tables);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDataCorrupted) throw;
      what = error.message();
    }
  }
  if (replayed_ > 0) {
    losses_.Add("the log", what + "; what follows there is lost");
    return;
  }
  LogPlace place;
  if (!FindWholeLog(&place)) {
    if (root_.has_value()) losses_.Add("the log", what);
    return;
  }
  losses_.Add("the log", what + "; what can be read of it was made anew");
  try {
    ReplayFrom(place, tables);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    losses_.Add("the log", error.message());
  }
}

void RemoveFiles(FileSystem& files, const std::string& path) {
  for (const std::string& name : {LogPath(path, 0), LogPath(path, 1), path}) {
    if (files.Exists(name)) files.Remove(name);
  }
}

SalvageReport Make(FileSystem& files, Salvager* salvager, const std::string& made,
                   const Interruption* interruption) {
  SalvageReport report;
  DatabaseState state;
  StoredDatabase stored(files, made, Synchronous::kOff, &state);
  ReserveObjectIds(salvager->last_object());
  salvager->Load(&state);
  LeaveOutUnsoundRules(&state, interruption, &salvager->losses());
  for (const TablePtr& table : state.catalog.Current()->Tables()) {
    report.tables.emplace_back(PlaceOfTable(*table), table->data->committed_row_count());
  }
  stored.Checkpoint();
  stored.Close();
  report.losses = salvager->losses().Take();
  return report;
}

}  // namespace

SalvageReport Salvage(FileSystem& files, const std::string& damaged, const std::string& made,
                      const Interruption* interruption) {
  if (files.Exists(made)) {
    throw Error(
        ErrorCode::kDuplicateObject,
        "there is a file of that name already; what is salvaged goes to a new one: " + made);
  }
  Salvager salvager(files, damaged, interruption);
  salvager.Open();
  try {
    return Make(files, &salvager, made, interruption);
  } catch (...) {
    RemoveFiles(files, made);
    throw;
  }
}

SalvageReport Salvage(const std::string& damaged, const std::string& made, bool (*progress)(void*),
                      void* argument) {
  Interruption interruption;
  interruption.Begin(nullptr, progress, argument, 0);
  return Salvage(SystemFiles(), CanonicalPath(damaged), CanonicalPath(made), &interruption);
}

}  // namespace tupelo

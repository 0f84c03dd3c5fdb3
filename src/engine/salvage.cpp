// engine/salvage.cpp: catalog, rows, log; then what of the definitions still holds.
//
// 1. The newest catalog that can be read makes the tables; each then gets its rows, and its indexes
//    what the rows say: the trees in the file are not read.
// 2. The log is made anew on top of it. A change that meets what is lost is passed over.
// 3. The new database is checked; keys, checks and references that do not hold are taken from the
//    definitions, until all hold.
// 4. A checkpoint writes everything; others before it, whenever memory is full.
#include "engine/salvage.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/path.h"
#include "base/work_memory.h"
#include "buffer/extent_pool.h"
#include "engine/database_check.h"
#include "engine/database_state.h"
#include "engine/nameless_tables.h"
#include "engine/opened_tables.h"
#include "engine/row_rules.h"
#include "engine/salvaged_extents.h"
#include "engine/salvaged_rows.h"
#include "engine/stored_database.h"
#include "engine/stored_root.h"
#include "engine/transaction_parts.h"
#include "engine/unsound_rules.h"
#include "storage/stored_bytes.h"
#include "wal/log_replay.h"

namespace tupelo {

namespace {

// What memory has to grow by, as a share of its limit, before it is written again.
constexpr uint64_t kShareOfLimit = 8;

// Changes of the log, on top of what may lack some of what they change.
class SalvagedTables : public OpenedTables {
 public:
  SalvagedTables(DatabaseState* state, Findings* losses)
      : OpenedTables(state, state->catalog.Current(), nullptr), losses_(losses) {}
  bool AcceptMisfit() override { return true; }
  void CreateTable(uint64_t number, const std::vector<Type>& types) override {
    if (FindTable(number) == nullptr) OpenedTables::CreateTable(number, types);
  }
  // They name no columns of tables whose types are not known.
  void set_is_nameless(bool is_nameless) { is_nameless_ = is_nameless; }
  void ChangeDefinitions(std::span<const uint8_t> definitions) override {
    if (is_nameless_) return;
    try {
      OpenedTables::ChangeDefinitions(definitions);
    } catch (const Error& error) {
      losses_->Add("the definitions", "a change of them is lost: " + error.message());
    }
  }

 private:
  Findings* losses_;
  bool is_nameless_ = false;
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
      losses_.Add(path_,
                  "neither the file nor its log says which database it was, so no checksum can be "
                  "verified: what looks like a part of it was taken for one, and may be wrong");
    }
    source_ = std::make_unique<SalvagedExtents>(std::move(file), id, interruption_);
    ChooseCatalog();
  }

  // Fills `state`, which is empty; `stored` is its file.
  void Load(DatabaseState* state, StoredDatabase* stored) {
    SalvagedTables tables(state, &losses_);
    tables.set_is_nameless(is_nameless_);
    std::vector<WrittenTable> written;
    if (catalog_) {
      ByteVector payload = PayloadOf(catalog_);
      tables.ReadCatalog(payload, [&](const WrittenTable& table) { written.push_back(table); });
      state->catalog.Install(tables.catalog().current());
    }
    if (is_nameless_) {
      for (const NamelessTable& table : FindNamelessTables(source_.get())) {
        tables.CreateTable(table.number, table.types);
        WrittenTable& found = written.emplace_back();
        found.number = table.number;
        found.table = tables.RowsOf(table.number);
      }
    }
    auto write_if_full = [&] { WriteIfFull(state, stored); };
    WorkMemoryScope memory(&state->transactions.work_memory());
    for (const WrittenTable& table : written) {
      SalvagedRows rows(source_.get(), table.number, names_, needed_[table.number],
                        &state->transactions.extents(), interruption_, &losses_);
      // An older catalog knows nothing of rows that came later.
      uint64_t used_rows = root_.has_value() && catalog_ ? table.used_rows : kMaxRowId;
      rows.Load(is_nameless_ ? nullptr : &table.directory, used_rows,
                tables.FindTable(table.number), write_if_full);
    }
    ReplayLog(&tables, write_if_full);
    if (is_nameless_) DefineNamelessTables(tables, &tables.catalog());
    tables.Finish();
    state->catalog.Install(tables.catalog().current());
  }
  Findings& losses() { return losses_; }
  uint64_t last_object() const { return last_object_; }

 private:
  std::optional<DatabaseId> IdOfLog();
  void ChooseCatalog();
  bool TryCatalog(const ExtentAddress& address);
  using Step = std::function<void()>;
  void ReplayLog(SalvagedTables* tables, const Step& after_record);
  void ReplayFrom(const LogPlace& place, SalvagedTables* tables, const Step& after_record);
  void WriteIfFull(DatabaseState* state, StoredDatabase* stored);
  ByteVector PayloadOf(const ExtentAddress& catalog);
  bool FindWholeLog(LogPlace* place);

  FileSystem& files_;
  const std::string path_;
  const Interruption* interruption_;
  Findings losses_;
  std::unique_ptr<SalvagedExtents> source_;
  ExtentAddress catalog_;     // none: there were no tables yet, or
  bool is_nameless_ = false;  // no catalog could be read
  std::optional<DatabaseRoot> root_;
  uint64_t last_object_ = 0;
  uint64_t replayed_ = 0;  // records of the log
  uint64_t write_at_ = 0;  // as much memory is taken
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

// What is written may leave memory.
void Salvager::WriteIfFull(DatabaseState* state, StoredDatabase* stored) {
  BlockCache& cache = state->transactions.cache();
  if (cache.pool()->used_bytes_in_memory() < std::max(write_at_, cache.limit())) return;
  stored->Checkpoint();
  cache.MakeRoom(nullptr);
  // Indexes stay.
  write_at_ = cache.pool()->used_bytes_in_memory() + cache.limit() / kShareOfLimit;
}

ByteVector Salvager::PayloadOf(const ExtentAddress& catalog) {
  RawExtent extent = source_->extents().Read(catalog, ExtentKind::kCatalog, {});
  return {extent.payload.begin(), extent.payload.end()};
}

bool Salvager::TryCatalog(const ExtentAddress& address) {
  DatabaseState definitions;
  OpenedTables tables(&definitions, definitions.catalog.Current(), nullptr);
  std::vector<WrittenTable> written;
  try {
    ByteVector payload = PayloadOf(address);
    tables.ReadCatalog(payload, [&](const WrittenTable& table) { written.push_back(table); });
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
  for (const WrittenTable& table : written) {
    for (const auto& index : table.table->indexes()) {
      for (const IndexColumn& column : index->columns()) {
        if (column.not_null) needed_[table.number].insert(column.column);
      }
    }
  }
  catalog_ = address;
  return true;
}

void Salvager::ChooseCatalog() {
  for (const DatabaseRoot& root : source_->roots()) {
    // Where the newest one leads to tables, the one before says nothing by having none.
    bool is_sound = root.catalog ? TryCatalog(root.catalog)
                                 : root.generation == source_->roots().front().generation;
    if (!is_sound) continue;
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
  if (source_->ObjectsOf(ExtentKind::kSegmentPage).empty()) {
    throw Error(ErrorCode::kDataCorrupted,
                "nothing that belongs to a database was found in the file: " + path_);
  }
  is_nameless_ = true;
  if (!source_->roots().empty()) root_ = source_->roots().front();
  losses_.Add(path_,
              "all definitions are lost: tables go by numbers, dropped ones may be among them, and "
              "columns have types as they are stored: decimals have lost their point, dates are "
              "days since 1970-01-01, times and intervals microseconds or months");
}

void Salvager::ReplayFrom(const LogPlace& place, SalvagedTables* tables, const Step& after_record) {
  LogReplay replay(files_, path_, source_->extents().id(), place);
  LogRecord record;
  TransactionParts parts;
  while (replay.Next(&record)) {
    if (interruption_ != nullptr) interruption_->Check();
    ++replayed_;
    try {
      if (parts.Add(record.payload)) ReplayChanges(parts.changes(), tables);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDataCorrupted) throw;
      losses_.Add("the log, record " + std::to_string(record.sequence),
                  "a part of it can't be made anew: " + error.message());
    }
    after_record();
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
void Salvager::ReplayLog(SalvagedTables* tables, const Step& after_record) {
  std::string what = "no root says where it goes on";
  if (root_.has_value()) {
    try {
      return ReplayFrom(LogPlaceOf(*root_), tables, after_record);
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
    ReplayFrom(place, tables, after_record);
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
  state.stored = std::make_unique<StoredDatabase>(files, made, Synchronous::kOff, &state);
  ReserveObjectIds(salvager->last_object());
  salvager->Load(&state, state.stored.get());
  LeaveOutUnsoundRules(&state, interruption, &salvager->losses());
  for (const TablePtr& table : state.catalog.Current()->Tables()) {
    report.tables.emplace_back(PlaceOfTable(*table), table->data->committed_row_count());
  }
  state.stored->Checkpoint();
  state.stored->Close();
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

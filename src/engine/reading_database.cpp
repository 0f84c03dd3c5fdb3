// engine/reading_database.cpp: pinning a root, reading the log behind it, moving on.
#include "engine/reading_database.h"

#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/work_array.h"
#include "engine/database_state.h"
#include "engine/file_sessions.h"
#include "engine/opened_tables.h"
#include "engine/stored_parts.h"
#include "engine/stored_root.h"
#include "storage/database_file.h"
#include "storage/file_locks.h"
#include "wal/log_replay.h"

namespace tupelo {

namespace {

using Clock = std::chrono::steady_clock;

// What a process that writes may leave for a moment does not last that long.
constexpr auto kMomentary = std::chrono::milliseconds(200);
// Checkpoints that come one upon the other let a reader in before that.
constexpr auto kMostWaiting = std::chrono::seconds(30);

}  // namespace

// A root that is pinned, and what it takes to read what it reaches. Its tables hold it.
struct ReadingDatabase::Generation {
  std::optional<FileIdentity> identity;
  std::unique_ptr<DatabaseFile> file;
  DatabaseRoot root;
  std::map<uint64_t, StoredParts> tables;
};

// What the log holds behind a place. Read as a whole before any of it is made anew: who writes
// needs the files for other records soon.
struct ReadingDatabase::Records {
  WorkArray<uint8_t> bytes;  // of transactions that are complete
  std::vector<size_t> ends;
  TransactionParts parts;  // of the one that is not
  LogPlace end;

  template <typename Do>
  void ForEach(Do&& run) const {
    size_t begin = 0;
    for (size_t record_end : ends) {
      run(std::span(bytes.data() + begin, record_end - begin));
      begin = record_end;
    }
  }
};

ReadingDatabase::ReadingDatabase(FileSystem& files, const std::string& path, DatabaseState* state)
    : files_(files), path_(path), state_(state) {
  if (!files_.Exists(path_)) {
    throw Error(ErrorCode::kUndefinedFile,
                "there is no database to read; opened for writing it would be made: " + path_);
  }
  Open();
}

ReadingDatabase::~ReadingDatabase() = default;

// False: there is a newer root. The files of the log that continue this one are used anew only
// after that was written, so what was read before is of one piece.
bool ReadingDatabase::ReadLog(const Generation& generation, const LogPlace& from,
                              const TransactionParts& parts, Records* records) {
  *records = Records();
  records->parts.CopyFrom(parts);
  LogReplay replay(files_, path_, generation.file->id(), from);
  LogRecord record;
  while (replay.Next(&record)) {
    if (!records->parts.Add(record.payload)) continue;
    std::span<const uint8_t> changes = records->parts.changes();
    records->bytes.Append(changes.data(), changes.size());
    records->ends.push_back(records->bytes.size());
  }
  records->end = replay.End().place;
  return generation.file->NewestGeneration() == generation.root.generation;
}

// nullptr: a newer root was written meanwhile.
std::shared_ptr<ReadingDatabase::Generation> ReadingDatabase::TryToPin(Records* records) {
  auto generation = std::make_shared<Generation>();
  generation->identity = files_.IdentityOf(path_);
  generation->file = DatabaseFile::Open(files_.Open(path_, OpenMode::kRead));
  generation->file->PinRoot();
  generation->root = generation->file->root();
  try {
    bool is_newest = ReadLog(*generation, LogPlaceOf(generation->root), {}, records);
    return is_newest ? generation : nullptr;
  } catch (const Error& error) {
    // The log of a newer root does not go on where this one ends.
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    if (generation->file->NewestGeneration() == generation->root.generation) throw;
    return nullptr;
  }
}

bool ReadingDatabase::IsBeingWritten() {
  return files_.Open(path_, OpenMode::kRead)->IsLockedByOther(kWriterLock);
}

// What another process writes just now, a root, a log's header or the file's size, may be found
// half done: it looks like damage, but does not stay so.
std::shared_ptr<ReadingDatabase::Generation> ReadingDatabase::Pin(Records* records) {
  Clock::time_point begin = Clock::now();
  for (bool is_first = true;; is_first = false) {
    try {
      if (std::shared_ptr<Generation> generation = TryToPin(records)) return generation;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDataCorrupted) throw;
      // Who wrote may have ended just now.
      if (!is_first && (!IsBeingWritten() || Clock::now() - begin > kMomentary)) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (Clock::now() - begin > kMostWaiting) {
      throw Error(ErrorCode::kObjectInUse,
                  "another process makes checkpoints of the database too fast for it to be "
                  "read; try again: " +
                      path_);
    }
  }
}

void ReadingDatabase::Open() {
  WorkMemoryScope memory(&state_->transactions.work_memory());
  Records records;
  std::shared_ptr<Generation> generation = Pin(&records);
  ExclusiveGuard latch(state_->latch);
  ReserveObjectIds(LastObjectOf(generation->root));
  OpenedTables opened(state_, Catalog().Current(), generation);
  opened.Load(generation->file.get(), generation->root.catalog, &generation->tables);
  records.ForEach([&](std::span<const uint8_t> changes) { ReplayChanges(changes, &opened); });
  opened.Finish();
  state_->catalog.Install(opened.catalog().current());
  generation_ = std::move(generation);
  parts_ = std::move(records.parts);
  end_ = records.end;
  is_whole_ = true;
}

// False: the tables must be opened anew.
bool ReadingDatabase::GoOn() {
  if (!is_whole_) return false;
  // Another file may have been put there.
  if (files_.IdentityOf(path_) != generation_->identity) return false;
  WorkMemoryScope memory(&state_->transactions.work_memory());
  Records records;
  try {
    if (!ReadLog(*generation_, end_, parts_, &records)) return false;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kDataCorrupted) return false;  // whether it lasts is seen then
    throw;
  }
  CatalogPtr none = Catalog().Current();
  ExclusiveGuard latch(state_->latch);
  if (!records.ends.empty()) {
    if (FileSessions::AnyReads(*state_)) return false;
    CatalogPtr base = state_->catalog.Current();
    OpenedTables opened(state_, base, generation_);
    opened.Know(*base);
    is_whole_ = false;
    try {
      records.ForEach([&](std::span<const uint8_t> changes) { ReplayChanges(changes, &opened); });
      opened.Finish();
      CatalogPtr now = opened.catalog().current();
      if (now != base) state_->catalog.Install(std::move(now));
    } catch (...) {
      // Nobody may see what was done by half.
      state_->catalog.Install(std::move(none));
      return false;
    }
    is_whole_ = true;
  }
  parts_ = std::move(records.parts);
  end_ = records.end;
  return true;
}

void ReadingDatabase::Refresh() {
  std::lock_guard guard(refreshing_);
  if (GoOn()) return;
  try {
    Open();
  } catch (const Error& error) {
    if (is_whole_) throw;
    throw Error(error.code(), error.message() +
                                  "; changes were made by half: to this process the database is "
                                  "empty until it can be read again");
  }
}

}  // namespace tupelo

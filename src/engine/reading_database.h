// engine/reading_database.h: a database in a file that another process may be writing.
//
// It is opened as it is at one moment: the newest root, which is pinned, and the log behind it,
// whose changes are made anew in memory. Neither file is written. Moving on is making the changes
// that came to the log since then, where the root is still the newest one and nobody reads; else
// all tables are opened anew, beside those that who still reads goes on with: like a transaction
// that replaces each of them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/file_system.h"
#include "engine/transaction_parts.h"
#include "storage/file_header.h"
#include "wal/log_place.h"

namespace tupelo {

struct DatabaseState;

class ReadingDatabase {
 public:
  // Fills `state`, which is empty. `path` is canonical. kUndefinedFile where there is no file, and
  // what is wrong with it.
  ReadingDatabase(FileSystem& files, const std::string& path, DatabaseState* state);
  ~ReadingDatabase();

  const std::string& path() const { return path_; }
  FileSystem& files() const { return files_; }

  // Moves on to what is durable now. What transactions and results that are open see stays as it
  // is. Waits for the latch. Throws what is wrong with the files; then all is as it was, unless the
  // message says otherwise.
  void Refresh();

 private:
  struct Generation;
  struct Records;

  bool ReadLog(const Generation& generation, const LogPlace& from, const TransactionParts& parts,
               Records* records);
  std::shared_ptr<Generation> TryToPin(Records* records);
  std::shared_ptr<Generation> Pin(Records* records);
  bool IsBeingWritten();
  void Open();
  bool GoOn();

  FileSystem& files_;
  const std::string path_;
  DatabaseState* state_;

  std::mutex refreshing_;  // guards what follows
  std::shared_ptr<Generation> generation_;
  TransactionParts parts_;  // of a transaction that is not complete yet
  LogPlace end_;            // of the log, as far as its changes were made
  bool is_whole_ = false;   // no change was made by half
};

}  // namespace tupelo

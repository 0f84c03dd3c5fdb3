// wal/log_replay.h: reads what a log holds behind a root: the older file, then the newer one.
//
// Of the two files, the one of the generation that the root names is read from the position that
// it names. Where that ends with a switch record, the other file must be of the generation which
// the record names, and is read from its beginning. Between two crash points there are these
// states (g: the generation that the root names):
//
//   files                             what happened                         read
//   none, or older than g             new, or closed; nothing logged since  nothing
//                                     (a closing root names g = 2 more than the last one)
//   g                                 the usual one                         g
//   g, older                          switched, checkpoint done             g
//   g, g+1 without a record           a switch began: its record is not     g; the log goes on in g
//                                     durable
//   g with switch record, g+1         switched; the next root not written   g, then g+1
//
// Anything else is damage: generation g missing though it was begun; a generation later than g+1,
// or later than g while g is missing (the database file is older than its log, as a copy put back
// may be); records in g+1 while g does not end with a switch record; a switch record without the
// file that it names. A file that no rule asks for may hold anything.
//
// A file may be longer than its records: room was taken ahead, or it was used before.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "wal/log_place.h"
#include "wal/record.h"

namespace tupelo {

// Not thread-safe. Changes no file. Another process may write the log meanwhile: then
// IsUnchanged says afterwards whether what was read was of one piece.
class LogReplay {
 public:
  // Opens the files and looks at their headers. Throws kDataCorrupted (see above; also for a log
  // with records of another database) and kFeatureNotSupported for another version.
  LogReplay(FileSystem& files, const std::string& database_path, const DatabaseId& database,
            const LogPlace& from);

  // The next record that was appended; false at the end. Throws kDataCorrupted where the log is
  // damaged.
  bool Next(LogRecord* record);

  // REQUIRES: Next returned false.
  LogEnd End() const;

  // Whether the files that were read are still of the generations that they were of: a file is used
  // anew only once a later root than this one is durable. Where another process writes the log,
  // ask also when Next threw, and begin with the later root when they are not.
  bool IsUnchanged();

 private:
  struct Candidate {
    std::unique_ptr<File> file;  // null: there is none
    LogHeaderState state = LogHeaderState::kUnused;
    LogHeader header;
  };

  void ReadCandidate(int file);
  bool HasRecords(Candidate& candidate) const;
  void CheckNothingWasLogged();
  void BeginReading();
  void FollowSwitch(uint64_t generation);
  bool CheckOther(LogRecord* record);
  void EndPart();
  [[noreturn]] void ThrowOlderThanLog(const Candidate& log) const;

  FileSystem& files_;
  const std::string database_path_;
  const DatabaseId database_;
  std::array<Candidate, kLogFiles> candidates_;
  int current_ = -1;  // the file that is read; -1: none
  std::optional<LogReader> reader_;
  uint64_t part_begin_ = 0;
  LogEnd end_;
};

}  // namespace tupelo

// wal/log.h: appends payloads to the log of a database and makes them durable.
//
// A commit: under the lock that orders commits, Append, which puts the record into memory and
// takes the room that it needs in the file, so that a full disk is found here (53100, and nothing
// has happened); publish the commit; give the lock back; WaitDurable, and only then tell the
// user. Who waits first writes and syncs for all whose records are in memory by then; meanwhile the
// next ones gather.
//
// When writing or syncing fails nevertheless, nobody knows what is in the file: the log is broken.
// All who wait, and each later call, get 58030 until the database is opened anew. Whether the
// commits that waited are found then is open, as after a crash.
//
// A checkpoint: PrepareSwitch; under the lock that orders commits, Switch, which says where replay
// begins after it, and take the snapshot; Sync; write and sync the root that names the place;
// DropOld. When a checkpoint is given up halfway, the records stay in both files; the next one's
// Switch then goes on in the newer file, and DropOld frees the older one. Without a successful
// PrepareSwitch, Switch names a place within the present file, which is right too.
//
// The older file is written over by a switch, so the root that the database was opened with must
// be durable by then. One that was found after a crash may not be, though it was read: it is
// written again and synced before the first PrepareSwitch.
//
// To close: Sync, write and sync a root that names PlaceAfterClose, destroy the log,
// RemoveLogFiles.
#pragma once

#include <array>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "wal/log_place.h"
#include "wal/record.h"

namespace tupelo {

// What a power cut may take away. A crash of the process alone takes nothing in the first two.
enum class Synchronous : uint8_t {
  kFull,    // nothing: WaitDurable returns once the record is synced
  kNormal,  // the last records: WaitDurable returns once the record is written
  kOff,     // the same; and a crash of the process what was not written yet: WaitDurable returns
};

// Thread-safe. No lock of the caller's is needed but to order commits.
class Log {
 public:
  // Goes on where a replay ended. Touches no file yet: that is left to the first Append.
  Log(FileSystem& files, const std::string& database_path, const DatabaseId& database,
      const LogEnd& end, Synchronous synchronous);
  ~Log();

  void set_synchronous(Synchronous synchronous);

  // Returns the record's sequence number: larger than those before, though not always by one. The
  // payload is all parts, one behind the other; as a whole at most kMaxLogPayload long. Throws
  // kDiskFull (or std::bad_alloc) when there is no room for it; the log is then as it was.
  uint64_t Append(std::span<const std::span<const uint8_t>> parts);
  uint64_t Append(std::span<const uint8_t> payload);

  // Waits for what `synchronous` asks for, for all records up to that one.
  void WaitDurable(uint64_t sequence);
  // Writes, without a sync, when much has gathered: for parts of a transaction that nobody waits
  // for yet.
  void WriteLargeBuffer();
  // Returns once all that was appended is durable, in each mode.
  void Sync();

  // See above. One checkpoint at a time; the other calls go on beside it. PrepareSwitch throws
  // kDiskFull when there is no room, and changes nothing then.
  void PrepareSwitch();
  LogPlace Switch();
  // REQUIRES: Sync returned since Switch, and the root that names its place is durable.
  void DropOld();
  // What the root names that the database is closed with. Appending nothing after it is the
  // caller's to see to.
  LogPlace PlaceAfterClose() const;

  // How many bytes were appended in all, those that were replayed included: grows only.
  uint64_t appended_bytes() const;

 private:
  struct LogFile {
    std::unique_ptr<File> file;  // null: not opened yet
    LogHeader header;
    uint64_t reserved = 0;                       // the file has room up to here
    uint64_t durable_position = kLogHeaderSize;  // known to be durable up to here
    bool is_named_durably = false;               // its directory was synced
  };
  // What is to be written to a file, at one place.
  struct Batch {
    std::vector<uint8_t> bytes;
    uint64_t position = 0;  // in the file
    uint64_t last_sequence = 0;
  };

  LogFile& current() { return log_files_[static_cast<size_t>(current_)]; }
  LogFile& other() { return log_files_[static_cast<size_t>(1 - current_)]; }

  void ThrowIfBroken() const;
  template <typename Step>
  void BreakIfFails(Step&& step);
  void OpenFile(int index);
  void MakeNameDurable(LogFile& log);
  void BeginAppending();
  void BeginFile();
  void WriteTailAgain(const LogEnd::Part& part);
  void EnsureRoom(uint64_t end);
  uint64_t RoomWanted(uint64_t end) const;
  void TopUp(std::unique_lock<std::mutex>& lock);
  void WaitFor(uint64_t sequence, bool durable);
  bool WriteAtOnce(uint64_t sequence);
  void WaitForCompany(std::unique_lock<std::mutex>& lock);
  void WriteBatches(std::unique_lock<std::mutex>& lock, bool durable);
  static void WriteHeader(const LogFile& log);

  FileSystem& files_;
  const std::string database_path_;
  const DatabaseId database_;

  // The mutex guards all that follows. While is_writing_ is set, the thread that set it has
  // writing_, writing_closed_ and the writing of the files to itself.
  mutable std::mutex mutex_;
  std::condition_variable written_or_broken_;
  Synchronous synchronous_;
  std::vector<LogEnd::Part> replayed_;  // empty once the files are ready to be appended to
  std::array<LogFile, kLogFiles> log_files_;
  int current_ = 0;
  bool is_begun_;               // records may be appended to the current file
  bool is_prepared_ = false;    // the other file may be switched to
  bool is_old_kept_ = false;    // the other file holds records that a root needs
  bool is_header_due_ = false;  // closed_ and the current file's header are to be written
  LogRecordWriter writer_;
  Batch open_;    // of the current file
  Batch closed_;  // of the other one, where is_header_due_
  Batch writing_, writing_closed_;
  uint64_t appended_bytes_;
  uint64_t written_sequence_;  // all up to these are written, or durable
  uint64_t durable_sequence_;
  uint64_t synced_together_ = 1;  // records, the last time
  bool is_writing_ = false;
  std::exception_ptr broken_;  // what failed; null: nothing
};

// Once a root is durable that names Log::PlaceAfterClose. Durable or not, that makes no difference.
void RemoveLogFiles(FileSystem& files, const std::string& database_path);
bool HasLogFiles(FileSystem& files, const std::string& database_path);

}  // namespace tupelo

// wal/log_files.cpp: the files of a log: begun, gone on with, given room, switched and dropped.
#include <algorithm>
#include <cassert>

#include "base/error.h"
#include "base/wait.h"
#include "wal/log.h"

namespace tupelo {

namespace {

// Room is taken in steps that grow with the file.
constexpr uint64_t kFirstRoom = uint64_t{1} << 20;
constexpr uint64_t kMostRoom = uint64_t{16} << 20;
// A file that waits for the next switch keeps that much.
constexpr uint64_t kKeptRoom = uint64_t{64} << 20;
// What of a file is read and written again at once.
constexpr uint64_t kCopied = uint64_t{1} << 20;

}  // namespace

// What is in the files after `step` failed is unknown, unless all it lacked was room or memory.
template <typename Step>
void Log::BreakIfFails(Step&& step) {
  try {
    step();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDiskFull) broken_ = std::current_exception();
    throw;
  } catch (...) {
    broken_ = std::current_exception();
    throw;
  }
}

void Log::OpenFile(int index) {
  LogFile& log = log_files_[static_cast<size_t>(index)];
  if (log.file != nullptr) return;
  std::string path = LogPath(database_path_, index);
  bool is_there = files_.Exists(path);
  log.file = files_.Open(path, is_there ? OpenMode::kReadWrite : OpenMode::kCreate);
  // What the database may be read by, so may its log: not by others.
  if (!is_there && files_.Exists(database_path_)) files_.CopyPermissions(database_path_, path);
}

// Even of a file that was there: who made it may have ended before that.
void Log::MakeNameDurable(LogFile& log) {
  if (log.is_named_durably) return;
  files_.SyncDirectory(log.file->path());
  log.is_named_durably = true;
}

void Log::WriteHeader(const LogFile& log) {
  log.file->WriteAt(0, LogHeaderBytes(log.header));
  log.file->Sync();
}

// Makes the files fit to be appended to: begins the first one, or goes on with those that were
// replayed.
void Log::BeginAppending() {
  if (replayed_.empty()) {
    OpenFile(current_);
    BreakIfFails([&] { BeginFile(); });
  } else {
    for (const LogEnd::Part& part : replayed_) OpenFile(part.file);
    BreakIfFails([&] {
      for (const LogEnd::Part& part : replayed_) WriteTailAgain(part);
    });
  }
  is_begun_ = true;
  replayed_.clear();
}

// What a file of that name held before is gone first: were the header found torn before it, that
// would look like damage.
void Log::BeginFile() {
  LogFile& log = current();
  if (log.file->Size() > 0) {
    log.file->Resize(0);
    log.file->Sync();
  }
  WriteHeader(log);
  MakeNameDurable(log);
}

// Records that nothing says to be durable may have been read from the system's memory after a sync
// of them failed: no later sync would write them. And what follows the end must never be taken for
// records that follow those which are appended now.
void Log::WriteTailAgain(const LogEnd::Part& part) {
  LogFile& log = log_files_[static_cast<size_t>(part.file)];
  std::vector<uint8_t> bytes(kLogHeaderSize);
  auto write_again = [&](uint64_t from, uint64_t end) {
    while (from < end) {
      bytes.resize(std::min<uint64_t>(kCopied, end - from));
      size_t count = log.file->ReadAt(from, bytes);
      if (count == 0) break;
      log.file->WriteAt(from, std::span(bytes).first(count));
      from += count;
    }
  };
  write_again(0, kLogHeaderSize);
  write_again(part.durable_position, part.end_position);
  log.file->Resize(part.end_position);
  log.file->Sync();
  MakeNameDurable(log);
  log.durable_position = part.end_position;
  log.reserved = part.end_position;
}

uint64_t Log::RoomWanted(uint64_t end) const {
  return end + std::clamp(end, kFirstRoom, kMostRoom);
}

// Takes the room up to `end`, and some more where there is.
void Log::EnsureRoom(uint64_t end) {
  LogFile& log = current();
  if (end <= log.reserved) return;
  BreakIfFails([&] {
    uint64_t room = RoomWanted(end);
    try {
      log.file->Reserve(room);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDiskFull) throw;
      room = end;
      log.file->Reserve(room);
    }
    log.reserved = std::max(log.reserved, room);
  });
}

// Takes room before an Append would have to. That there is none is for the Append to say.
void Log::TopUp(std::unique_lock<std::mutex>& lock) {
  LogFile& log = current();
  uint64_t end = writer_.position() + kFirstRoom / 2;
  if (!is_begun_ || end <= log.reserved) return;
  uint64_t room = RoomWanted(end);
  lock.unlock();
  bool is_taken = true;
  try {
    log.file->Reserve(room);
  } catch (const std::exception&) {
    is_taken = false;
  }
  lock.lock();
  if (is_taken) log.reserved = std::max(log.reserved, room);
}

void Log::PrepareSwitch() {
  WaitScope waiting;
  std::unique_lock lock(mutex_);
  ThrowIfBroken();
  if (!replayed_.empty()) BeginAppending();
  if (!is_begun_ || is_prepared_ || is_old_kept_) return;
  int index = 1 - current_;
  LogFile& log = log_files_[static_cast<size_t>(index)];
  lock.unlock();
  OpenFile(index);
  uint64_t room = std::max(kFirstRoom, log.file->Size());
  log.file->Reserve(room);
  std::exception_ptr failure;
  try {
    MakeNameDurable(log);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  if (failure != nullptr) {
    broken_ = failure;
    std::rethrow_exception(failure);
  }
  log.reserved = room;
  is_prepared_ = true;
}

LogPlace Log::Switch() {
  std::lock_guard guard(mutex_);
  ThrowIfBroken();
  if (is_prepared_) {
    uint64_t generation = current().header.generation + 1;
    open_.bytes.reserve(open_.bytes.size() + kLogSwitchSize);
    if (open_.bytes.empty()) open_.position = writer_.position();
    open_.last_sequence = writer_.next_sequence();
    writer_.AppendSwitch(generation, current().durable_position, &open_.bytes);
    appended_bytes_ += kLogSwitchSize;
    std::swap(open_, closed_);
    is_header_due_ = true;
    is_prepared_ = false;
    is_old_kept_ = true;
    current_ = 1 - current_;
    current().header = {database_, generation, writer_.next_sequence()};
    current().durable_position = kLogHeaderSize;
    writer_ = LogRecordWriter(current().header);
  }
  bool is_begun = is_begun_ || !replayed_.empty();
  return {current().header.generation, writer_.position(), writer_.next_sequence(), is_begun};
}

void Log::DropOld() {
  std::unique_lock lock(mutex_);
  assert(!is_header_due_);
  if (!is_old_kept_) return;
  is_old_kept_ = false;
  if (!replayed_.empty()) replayed_.erase(replayed_.begin());
  LogFile& log = other();
  if (log.file == nullptr || log.reserved <= kKeptRoom) return;
  lock.unlock();
  WaitScope waiting;
  log.file->Resize(kKeptRoom);
}

// The generation after the present one may be in a header, of a switch that was not completed.
LogPlace Log::PlaceAfterClose() const {
  std::lock_guard guard(mutex_);
  uint64_t generation = log_files_[static_cast<size_t>(current_)].header.generation;
  bool is_used = is_begun_ || !replayed_.empty();
  return {generation + (is_used ? 2 : 0), kLogHeaderSize, writer_.next_sequence(), false};
}

void RemoveLogFiles(FileSystem& files, const std::string& database_path) {
  for (int file = 0; file < kLogFiles; ++file) {
    std::string path = LogPath(database_path, file);
    if (files.Exists(path)) files.Remove(path);
  }
}

bool HasLogFiles(FileSystem& files, const std::string& database_path) {
  for (int file = 0; file < kLogFiles; ++file) {
    if (files.Exists(LogPath(database_path, file))) return true;
  }
  return false;
}

}  // namespace tupelo

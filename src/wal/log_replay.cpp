// wal/log_replay.cpp: which file is read, and what the other one must be then.
#include "wal/log_replay.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace tupelo {

std::string LogPath(const std::string& database_path, int file) {
  return database_path + (file == 0 ? "-wal" : "-wal2");
}

namespace {

[[noreturn]] void ThrowDamagedLog(const std::string& what, const std::string& path) {
  throw Error(ErrorCode::kDataCorrupted, what + ": " + path);
}

std::string Named(uint64_t generation) {
  return "the log of generation " + std::to_string(generation);
}

}  // namespace

LogReplay::LogReplay(FileSystem& files, const std::string& database_path,
                     const DatabaseId& database, const LogPlace& from)
    : files_(files), database_path_(database_path), database_(database) {
  end_.place = from;
  for (int file = 0; file < kLogFiles; ++file) ReadCandidate(file);
  for (int file = 0; file < kLogFiles; ++file) {
    const Candidate& log = candidates_[static_cast<size_t>(file)];
    if (log.state == LogHeaderState::kSound && log.header.generation == from.generation)
      current_ = file;
  }
  current_ < 0 ? CheckNothingWasLogged() : BeginReading();
}

void LogReplay::ReadCandidate(int file) {
  Candidate& log = candidates_[static_cast<size_t>(file)];
  log = Candidate{};
  try {
    log.file = files_.Open(LogPath(database_path_, file), OpenMode::kRead);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUndefinedFile) return;
    throw;
  }
  log.state = ReadLogHeader(*log.file, &log.header);
  if (log.state != LogHeaderState::kSound || log.header.database == database_) return;
  if (HasRecords(log)) {
    ThrowDamagedLog("the log belongs to another database; put that one back, or the log away",
                    log.file->path());
  }
  log.state = LogHeaderState::kUnused;
}

bool LogReplay::HasRecords(Candidate& candidate) const {
  LogReader reader(candidate.header, *candidate.file);
  LogRecord record;
  return reader.Next(&record);
}

void LogReplay::ThrowOlderThanLog(const Candidate& log) const {
  ThrowDamagedLog("the database file is older than its log, which is of generation " +
                      std::to_string(log.header.generation) + " where the file names " +
                      std::to_string(end_.place.generation),
                  log.file->path());
}

void LogReplay::CheckNothingWasLogged() {
  for (const Candidate& log : candidates_) {
    if (log.state == LogHeaderState::kSound && log.header.generation > end_.place.generation)
      ThrowOlderThanLog(log);
  }
  for (const Candidate& log : candidates_) {
    if (log.state == LogHeaderState::kDamaged) {
      ThrowDamagedLog("the log's header is damaged", log.file->path());
    }
  }
  if (end_.place.is_begun) {
    ThrowDamagedLog(Named(end_.place.generation) + ", which the database goes on with, is missing",
                    LogPath(database_path_, 0));
  }
  end_.place.position = kLogHeaderSize;
}

void LogReplay::BeginReading() {
  Candidate& log = candidates_[static_cast<size_t>(current_)];
  LogPlace& from = end_.place;
  bool at_begin = from.position == kLogHeaderSize;
  if (from.position < kLogHeaderSize || from.position % 8 != 0 ||
      from.position > log.file->Size() ||
      (at_begin ? from.sequence != log.header.first_sequence
                : from.sequence <= log.header.first_sequence)) {
    ThrowDamagedLog("the database goes on with record " + std::to_string(from.sequence) +
                        " at byte " + std::to_string(from.position) +
                        " of the log, where it cannot be",
                    log.file->path());
  }
  reader_.emplace(log.header, *log.file, from.position, from.sequence);
  part_begin_ = from.position;
  from.is_begun = true;
}

bool LogReplay::Next(LogRecord* record) {
  if (!reader_) return false;
  bool found = reader_->Next(record);
  while (!found || record->is_switch) {
    if (found) {
      FollowSwitch(record->next_generation);
      found = reader_->Next(record);
    } else if (CheckOther(record)) {
      found = true;
    } else {
      EndPart();
      return false;
    }
  }
  return true;
}

void LogReplay::FollowSwitch(uint64_t generation) {
  EndPart();
  current_ = 1 - current_;
  ReadCandidate(current_);
  Candidate& log = candidates_[static_cast<size_t>(current_)];
  if (log.state != LogHeaderState::kSound || log.header.generation != generation ||
      generation != end_.place.generation + 1 || log.header.first_sequence != end_.place.sequence) {
    ThrowDamagedLog(Named(end_.place.generation) + " goes on in that of generation " +
                        std::to_string(generation) + ", which is missing or damaged",
                    LogPath(database_path_, current_));
  }
  reader_.emplace(log.header, *log.file);
  part_begin_ = kLogHeaderSize;
}

// The log ends without a switch record: that the other file was begun says nothing, but it must
// hold no record. Unless the switch was made just now: then true, with the next record.
bool LogReplay::CheckOther(LogRecord* record) {
  ReadCandidate(1 - current_);
  Candidate& other = candidates_[static_cast<size_t>(1 - current_)];
  uint64_t generation = candidates_[static_cast<size_t>(current_)].header.generation;
  if (other.state != LogHeaderState::kSound || other.header.generation <= generation) return false;
  if (other.header.generation > generation + 1) ThrowOlderThanLog(other);
  if (!HasRecords(other)) return false;
  if (reader_->LookAgain(record)) return true;
  ThrowDamagedLog(Named(generation) + " is damaged at byte " +
                      std::to_string(reader_->end_position()) +
                      ": records are missing before those of generation " +
                      std::to_string(other.header.generation),
                  candidates_[static_cast<size_t>(current_)].file->path());
}

void LogReplay::EndPart() {
  const LogHeader& header = candidates_[static_cast<size_t>(current_)].header;
  end_.place.generation = header.generation;
  end_.place.position = reader_->end_position();
  end_.place.sequence = reader_->next_sequence();
  // A root names no place that is not durable.
  uint64_t durable = std::max(reader_->durable_position(), part_begin_);
  end_.parts.push_back({current_, header, durable, reader_->end_position()});
  end_.bytes += reader_->end_position() - part_begin_;
}

LogEnd LogReplay::End() const { return end_; }

bool LogReplay::IsUnchanged() {
  auto is_still = [&](int index, const LogHeader& expected) {
    LogHeader header;
    File& file = *candidates_[static_cast<size_t>(index)].file;
    return ReadLogHeader(file, &header) == LogHeaderState::kSound && header == expected;
  };
  for (const LogEnd::Part& part : end_.parts) {
    if (!is_still(part.file, part.header)) return false;
  }
  return !reader_ || is_still(current_, candidates_[static_cast<size_t>(current_)].header);
}

}  // namespace tupelo

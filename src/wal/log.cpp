// wal/log.cpp: records go to memory, and one of those who wait writes them for all.
//
// Where a switch is to be written, the order is: the new file's header, sync; the last records of
// the old file with the switch record, sync; then the first records of the new file. So a durable
// switch record has a durable header to go with, and records in the new file a durable switch
// record (see wal/log_replay.h).
#include "wal/log.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/wait.h"

namespace tupelo {

namespace {

// What who commits writes by himself without giving up the host's lock.
constexpr size_t kSmallBuffer = size_t{64} << 10;
// What is written even though nobody waits for it, and the memory that a buffer keeps.
constexpr size_t kLargeBuffer = size_t{1} << 20;
constexpr size_t kKeptBuffer = size_t{2} << 20;

}  // namespace

Log::Log(FileSystem& files, const std::string& database_path, const DatabaseId& database,
         const LogEnd& end, Synchronous synchronous)
    : files_(files),
      database_path_(database_path),
      database_(database),
      synchronous_(synchronous),
      replayed_(end.parts),
      is_begun_(false),
      writer_({database, end.place.generation, end.place.sequence}),
      appended_bytes_(end.bytes),
      written_sequence_(end.place.sequence - 1),
      durable_sequence_(end.place.sequence - 1) {
  for (const LogEnd::Part& part : end.parts) {
    current_ = part.file;
    current().header = part.header;
    current().durable_position = part.durable_position;
  }
  is_old_kept_ = end.parts.size() > 1;
  if (end.parts.empty()) {
    current().header = {database, end.place.generation, end.place.sequence};
  } else {
    writer_ = LogRecordWriter(current().header, end.place.position, end.place.sequence);
  }
}

Log::~Log() = default;

void Log::set_synchronous(Synchronous synchronous) {
  std::lock_guard guard(mutex_);
  synchronous_ = synchronous;
}

void Log::ThrowIfBroken() const {
  if (broken_ == nullptr) return;
  try {
    std::rethrow_exception(broken_);
  } catch (const Error& error) {
    throw Error(ErrorCode::kIoError,
                "the log cannot be written any more; open the database anew: " + error.message());
  }
}

uint64_t Log::Append(std::span<const uint8_t> payload) { return Append({&payload, 1}); }

uint64_t Log::Append(std::span<const std::span<const uint8_t>> parts) {
  uint64_t length = 0;
  for (std::span<const uint8_t> part : parts) length += part.size();
  assert(length <= kMaxLogPayload);
  uint64_t size = LogRecordSize(length);
  std::lock_guard guard(mutex_);
  ThrowIfBroken();
  if (!is_begun_) BeginAppending();
  EnsureRoom(writer_.position() + size + kLogSwitchSize);
  // Grows by doubling: reserve alone would take exactly what is asked for, each time.
  std::vector<uint8_t>& bytes = open_.bytes;
  if (bytes.capacity() - bytes.size() < size + kLogSwitchSize)
    bytes.reserve(std::max(bytes.size() + size + kLogSwitchSize, 2 * bytes.capacity()));
  if (bytes.empty()) open_.position = writer_.position();
  uint64_t sequence = writer_.next_sequence();
  writer_.Begin(&bytes);
  for (std::span<const uint8_t> part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  writer_.End(&bytes, current().durable_position);
  open_.last_sequence = sequence;
  appended_bytes_ += size;
  return sequence;
}

void Log::WaitDurable(uint64_t sequence) {
  bool durable;
  {
    std::lock_guard guard(mutex_);
    durable = synchronous_ == Synchronous::kFull;
    if ((durable ? durable_sequence_ : written_sequence_) >= sequence) return;
    if (synchronous_ == Synchronous::kOff && open_.bytes.size() < kLargeBuffer)
      return ThrowIfBroken();
  }
  WaitFor(sequence, durable);
}

void Log::WriteLargeBuffer() {
  uint64_t sequence;
  {
    std::lock_guard guard(mutex_);
    ThrowIfBroken();
    if (open_.bytes.size() < kLargeBuffer) return;
    sequence = open_.last_sequence;
  }
  WaitFor(sequence, false);
}

void Log::Sync() {
  uint64_t sequence;
  {
    std::lock_guard guard(mutex_);
    ThrowIfBroken();
    if (!replayed_.empty()) BeginAppending();
    sequence = writer_.next_sequence() - 1;
  }
  WaitFor(sequence, true);
}

void Log::WaitFor(uint64_t sequence, bool durable) {
  if (!durable && WriteAtOnce(sequence)) return;
  // Ends after the mutex is given back: what it ends with may wait for who waits for the mutex.
  WaitScope waiting;
  std::unique_lock lock(mutex_);
  assert(sequence < writer_.next_sequence());
  while ((durable ? durable_sequence_ : written_sequence_) < sequence) {
    ThrowIfBroken();
    if (is_writing_) {
      written_or_broken_.wait(lock);
    } else {
      WriteBatches(lock, durable);
    }
  }
}

// Little to write, and nobody else who writes: that takes less time than a host's global lock that
// others want.
bool Log::WriteAtOnce(uint64_t sequence) {
  std::unique_lock lock(mutex_);
  if (written_sequence_ >= sequence) return true;
  if (is_writing_ || is_header_due_ || open_.bytes.size() > kSmallBuffer) return false;
  ThrowIfBroken();
  WriteBatches(lock, false);
  return true;
}

// Threads that the last sync has let go are likely to commit once more right away: waiting for them
// a moment, a fraction of what a sync takes, lets the next one serve all of them again, where it
// would serve the first of them alone. Who commits by himself does not wait. (PostgreSQL has
// commit_delay and commit_siblings for this.)
void Log::WaitForCompany(std::unique_lock<std::mutex>& lock) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kMost = std::chrono::microseconds(40);
  auto is_complete = [this] {
    return writer_.next_sequence() - 1 - durable_sequence_ >= synced_together_;
  };
  if (is_complete()) return;
  const Clock::time_point end = Clock::now() + kMost;
  while (!is_complete() && Clock::now() < end) {
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
  }
}

// Writes all that has gathered. The mutex is given back meanwhile.
void Log::WriteBatches(std::unique_lock<std::mutex>& lock, bool durable) {
  is_writing_ = true;
  if (durable) WaitForCompany(lock);
  bool is_switching = is_header_due_;
  is_header_due_ = false;
  std::swap(open_, writing_);
  if (is_switching) std::swap(closed_, writing_closed_);
  uint64_t last = writer_.next_sequence() - 1;
  uint64_t end = writer_.position();
  LogFile& log = current();
  LogFile& old = other();
  lock.unlock();
  std::exception_ptr failure;
  try {
    if (is_switching) {
      WriteHeader(log);
      old.file->WriteAt(writing_closed_.position, writing_closed_.bytes);
      old.file->Sync();
    }
    if (!writing_.bytes.empty()) log.file->WriteAt(writing_.position, writing_.bytes);
    if (durable) log.file->Sync();
  } catch (...) {
    failure = std::current_exception();
  }
  for (Batch* batch : {&writing_, &writing_closed_}) {
    batch->bytes.clear();
    if (batch->bytes.capacity() > kKeptBuffer) batch->bytes.shrink_to_fit();
  }
  lock.lock();
  if (failure == nullptr) {
    written_sequence_ = last;
    if (is_switching)
      durable_sequence_ = std::max(durable_sequence_, writing_closed_.last_sequence);
    if (durable) {
      synced_together_ = std::max<uint64_t>(last - durable_sequence_, 1);
      durable_sequence_ = last;
      log.durable_position = end;
    }
    written_or_broken_.notify_all();
    TopUp(lock);
  } else {
    broken_ = failure;
  }
  is_writing_ = false;
  written_or_broken_.notify_all();
  if (failure != nullptr) ThrowIfBroken();
}

uint64_t Log::appended_bytes() const {
  std::lock_guard guard(mutex_);
  return appended_bytes_;
}

}  // namespace tupelo

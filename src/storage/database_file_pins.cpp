// storage/database_file_pins.cpp: readers in other processes: pinning a root, and asking for pins.
//
// A reader pins the newest root and looks at the roots once more. Who writes asks for pins after it
// has written a root, and frees what no root in the file and no pinned one reaches. So either the
// writer sees the pin, or the reader sees the newer root and tries again.
#include <algorithm>

#include "base/error.h"
#include "storage/database_file.h"
#include "storage/file_locks.h"

namespace tupelo {

namespace {

constexpr uint64_t kWriterNumbers = kWriterLock.offset + kWriterLock.length;
constexpr uint64_t kMostProcesses = uint64_t{1} << 32;

// The first byte of [begin, end) that another one has locked; `end`: there is none.
uint64_t FirstLocked(File* file, uint64_t begin, uint64_t end) {
  if (begin == end || !file->IsLockedByOther({begin, end - begin})) return end;
  while (end - begin > 1) {
    uint64_t middle = begin + (end - begin) / 2;
    (file->IsLockedByOther({begin, middle - begin}) ? end : begin) = middle;
  }
  return begin;
}

}  // namespace

void LockWriterNumber(File* file, uint64_t process) {
  if (process < kMostProcesses) file->TryLock({kWriterNumbers + process, 1}, true);
}

uint64_t WriterNumber(File* file) {
  uint64_t end = kWriterNumbers + kMostProcesses;
  uint64_t found = FirstLocked(file, kWriterNumbers, end);
  return found == end ? 0 : found - kWriterNumbers;
}

uint64_t OldestPinned(File* file, uint64_t before) {
  uint64_t found = FirstLocked(file, 0, before);
  return found == before ? UINT64_MAX : found;
}

uint64_t DatabaseFile::NewestGeneration() const {
  uint64_t newest = 0;
  for (uint64_t number : {1, 2}) {
    Page page;
    DatabaseRoot root;
    if (file_->ReadAt(number * kPageBytes, page) == kPageBytes &&
        LoadRoot(page, id_, number, &root)) {
      newest = std::max(newest, root.generation);
    }
  }
  return newest;
}

void DatabaseFile::PinRoot() {
  std::lock_guard lock(mutex_);
  for (;;) {
    LockRange pin = PinLock(root_.generation);
    if (!file_->TryLock(pin, false)) {
      throw Error(ErrorCode::kObjectInUse,
                  "another program has locked parts of the database; end it: " + path());
    }
    if (NewestGeneration() == root_.generation) return;
    file_->Unlock(pin);
    LoadRoots();
  }
}

void DatabaseFile::SetOldestPinned(std::function<uint64_t(uint64_t)> oldest_pinned) {
  std::lock_guard lock(mutex_);
  oldest_pinned_ = std::move(oldest_pinned);
  FindPins();
}

// What is pinned later is one of the roots that are in the file now, or of those to come.
void DatabaseFile::FindPins() {
  pinned_ = UINT64_MAX;
  if (!oldest_pinned_) return;
  try {
    pinned_ = oldest_pinned_(std::min(older_generation_, root_.generation));
  } catch (const Error&) {  // the root is made: until it can be told, all is taken to be pinned
    pinned_ = 0;
  }
}

}  // namespace tupelo

// storage/file_locks.h: the bytes of a database file that processes lock to know of each other.
#pragma once

#include <cstdint>

#include "base/file_system.h"

namespace tupelo {

// Locked, excluding all others, by the process that writes: far behind any page.
inline constexpr LockRange kWriterLock{uint64_t{1} << 62, 1};

// The same of who makes a database, on the file that it has no name yet under: not the lock above,
// which others may want as soon as the file has its name.
inline constexpr LockRange kMakerLock{uint64_t{1} << 61, 1};

// Besides that the same process locks the byte that its number leads to, so that others can say who
// it is. It is never wrong, and needs no write to the file.
void LockWriterNumber(File* file, uint64_t process);
// 0: it can't be told.
uint64_t WriterNumber(File* file);

// Locked, together with others, by who reads what the root of that generation reaches: the byte of
// that number. What stands there has nothing to do with it.
inline LockRange PinLock(uint64_t generation) { return {generation, 1}; }

// The oldest generation before `before` that another one has pinned; UINT64_MAX: there is none.
uint64_t OldestPinned(File* file, uint64_t before);

}  // namespace tupelo

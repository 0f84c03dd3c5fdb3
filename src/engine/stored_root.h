// engine/stored_root.h: what a root of the database file says to the engine.
#pragma once

#include "storage/file_header.h"
#include "wal/log_place.h"

namespace tupelo {

// Where the log goes on behind what the root leads to; in the root's own members and two of its
// numbers.
LogPlace LogPlaceOf(const DatabaseRoot& root);
void SetLogPlace(const LogPlace& place, DatabaseRoot* root);
// No object has a number beyond it.
uint64_t LastObjectOf(const DatabaseRoot& root);
void SetLastObject(uint64_t number, DatabaseRoot* root);

}  // namespace tupelo

// ext/profile.h: con.profile(): where the time of statements goes.
#pragma once

#include <Python.h>

#include <chrono>

#include "ext/connection.h"
#include "ext/cursor.h"
#include "ext/statement_cache.h"

namespace tupelo {

// A new tupelo.Profile of `connection`, not begun yet.
PyObject* NewProfile(ConnectionObject* connection);

// Adds time spent between Python objects and values, and rows that were handed out or changed, to
// what the profile says of `statement`.
void AddConverted(ProfileObject* profile, const CachedStatement* statement, int64_t nanoseconds,
                  int64_t rows);

// Measures its scope where a profile is on; else it costs one comparison.
class ConvertTimer {
 public:
  ConvertTimer(ConnectionObject* connection, const CachedStatement* statement)
      : connection_(connection->profile == nullptr ? nullptr : connection), statement_(statement) {
    if (connection_ != nullptr) start_ = Clock::now();
  }
  ~ConvertTimer() {
    if (connection_ == nullptr || connection_->profile == nullptr) return;
    auto spent = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start_);
    AddConverted(connection_->profile, statement_, spent.count(), rows_);
  }
  void AddRows(int64_t rows) { rows_ += rows; }
  ConvertTimer(const ConvertTimer&) = delete;
  ConvertTimer& operator=(const ConvertTimer&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  ConnectionObject* connection_;
  const CachedStatement* statement_;
  Clock::time_point start_;
  int64_t rows_ = 0;
};

// Adds the rows that the cursor's statement changed, where a profile is on. REQUIRES: row_count is
// set.
inline void NoteRowsChanged(CursorObject* cursor) {
  ProfileObject* profile = cursor->connection->profile;
  if (profile == nullptr || cursor->row_count < 0) return;
  AddConverted(profile, cursor->statement.get(), 0, cursor->row_count);
}

}  // namespace tupelo

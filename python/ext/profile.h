// ext/profile.h: con.profile(): where the time of statements goes.
#pragma once

#include <Python.h>

#include <chrono>

#include "ext/connection.h"
#include "ext/statement_cache.h"

namespace tupelo {

// A new tupelo.Profile of `connection`, not begun yet.
PyObject* NewProfile(ConnectionObject* connection);

// Adds time spent between Python objects and values to what the profile says of `statement`.
void AddConvertTime(ProfileObject* profile, const CachedStatement* statement, int64_t nanoseconds);

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
    AddConvertTime(connection_->profile, statement_, spent.count());
  }
  ConvertTimer(const ConvertTimer&) = delete;
  ConvertTimer& operator=(const ConvertTimer&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  ConnectionObject* connection_;
  const CachedStatement* statement_;
  Clock::time_point start_;
};

}  // namespace tupelo

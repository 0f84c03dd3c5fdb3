// wal/log_test.h: a database in little for tests of the log: a root, and what was appended.
#pragma once

#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/simulated_files.h"
#include "wal/log.h"
#include "wal/log_replay.h"

namespace tupelo {

using Bytes = std::vector<uint8_t>;

inline constexpr DatabaseId kTestDatabase{1, 2, 3};

inline Bytes BytesOf(const std::string& text) { return {text.begin(), text.end()}; }

// The SQLSTATE that `run` ends with, or empty.
template <typename Run>
std::string StateOf(Run&& run) {
  try {
    run();
  } catch (const Error& error) {
    return std::string(error.sqlstate());
  }
  return {};
}

// All payloads behind `from`; `end` is set when it is given.
inline std::vector<Bytes> PayloadsOf(FileSystem& files, const LogPlace& from,
                                     LogEnd* end = nullptr) {
  LogReplay replay(files, "db", kTestDatabase, from);
  std::vector<Bytes> payloads;
  LogRecord record;
  while (replay.Next(&record)) payloads.emplace_back(record.payload.begin(), record.payload.end());
  EXPECT_TRUE(replay.IsUnchanged());
  if (end != nullptr) *end = replay.End();
  return payloads;
}

inline std::unique_ptr<Log> OpenLog(FileSystem& files, const LogPlace& from,
                                    Synchronous synchronous = Synchronous::kFull) {
  LogEnd end;
  PayloadsOf(files, from, &end);
  return std::make_unique<Log>(files, "db", kTestDatabase, end, synchronous);
}

}  // namespace tupelo

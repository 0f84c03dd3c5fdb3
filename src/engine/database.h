// engine/database.h: one database: its catalog, its tables, its transactions.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tupelo {

class Connection;
class DatabaseState;

// Shared by its connections; goes when the last of them and the last owner are gone. Thread-safe.
class Database : public std::enable_shared_from_this<Database> {
 public:
  // "" or ":memory:": a database of its own. ":memory:name": the one that all who open that name in
  // this process share. Anything else is a file: kFeatureNotSupported.
  static std::shared_ptr<Database> Open(std::string_view location);
  ~Database();

  std::unique_ptr<Connection> Connect();

  // Bytes and number of old row versions kept for snapshots that still need them.
  size_t old_version_bytes() const;
  size_t old_version_count() const;

  DatabaseState& state() { return *state_; }

 private:
  Database();
  std::unique_ptr<DatabaseState> state_;
};

}  // namespace tupelo

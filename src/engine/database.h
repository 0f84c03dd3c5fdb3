// engine/database.h: one database: its catalog, its tables, its transactions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tupelo {

class Connection;
class FileSystem;
struct DatabaseState;

// What a power cut may take away.
enum class Durability : uint8_t {
  kFull,    // nothing that a commit has acknowledged
  kNormal,  // the last commits; a crash of the process alone takes none
  kOff,     // the last commits, as a crash of the process may
};

// How a database in a file is opened. Who opens it again while it is open shares it as it is.
struct OpenOptions {
  Durability synchronous = Durability::kFull;
  FileSystem* files = nullptr;  // that hold it; nullptr: the operating system's
};

// Shared by its connections; goes when the last of them and the last owner are gone. Thread-safe.
class Database : public std::enable_shared_from_this<Database> {
 public:
  // "" or ":memory:": a database of its own. ":memory:name": the one that all who open that name in
  // this process share. Anything else is a file, which all who open it in this process share, by
  // whatever path; it is made where there is none. kObjectInUse where another process has it open.
  static std::shared_ptr<Database> Open(std::string_view location, const OpenOptions& options = {});
  ~Database();

  std::unique_ptr<Connection> Connect();

  // Bytes and number of old row versions kept for snapshots that still need them.
  size_t old_version_bytes() const;
  size_t old_version_count() const;

  DatabaseState& state() { return *state_; }

 private:
  explicit Database(std::string name);
  std::string name_;  // in the list of those that are shared; empty: not in it
  std::unique_ptr<DatabaseState> state_;
};

}  // namespace tupelo

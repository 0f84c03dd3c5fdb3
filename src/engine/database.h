// engine/database.h: one database: its catalog, its tables, its transactions.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/isolation_level.h"

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
std::string_view DurabilityName(Durability durability);  // in lower case

// How a connection begins.
struct SessionOptions {
  // It changes nothing.
  bool read_only = false;
  // Of its transactions, where they say nothing else.
  IsolationLevel isolation_level = IsolationLevel::kSerializable;
  // How long its statements wait for what other transactions hold.
  std::chrono::milliseconds timeout{0};
};

// How a database is opened. Who opens it again while it is open shares it as it is.
struct OpenOptions {
  Durability synchronous = Durability::kFull;
  uint64_t memory_limit = 0;    // bytes; 0: three quarters of the machine's
  FileSystem* files = nullptr;  // that hold it; nullptr: the operating system's
  // The connection changes nothing. A database in a file is not made, nor is any file written; it
  // is seen as it was durable when it was opened (Connection::Refresh), and other processes may
  // write it meanwhile. Where this process has it open for writing, that is shared.
  bool read_only = false;
  // How long to wait for another process that has it open for writing; and as SessionOptions say.
  std::chrono::milliseconds timeout{0};
  IsolationLevel isolation_level = IsolationLevel::kSerializable;
  // Called from time to time while waiting; when it returns true, that ends with kQueryCanceled.
  bool (*progress)(void*) = nullptr;
  void* progress_argument = nullptr;
};

// Shared by its connections; goes when the last of them and the last owner are gone. One in a file
// is closed with its last connection. Thread-safe.
class Database : public std::enable_shared_from_this<Database> {
 public:
  // "" or ":memory:": a database of its own. ":memory:name": the one that all who open that name in
  // this process share. Anything else is a file, which all who open it in this process share, by
  // whatever path; it is made where there is none. kObjectInUse where another process has it open
  // for writing.
  static std::shared_ptr<Database> Open(std::string_view location, const OpenOptions& options = {});
  ~Database();

  // Whether such a location names no file.
  static bool IsInMemory(std::string_view location);

  // kConnectionClosed once the last connection has closed the file.
  std::unique_ptr<Connection> Connect(const SessionOptions& options = {});
  // Opens the database and connects, whoever else closes it meanwhile.
  static std::unique_ptr<Connection> Connect(std::string_view location,
                                             const OpenOptions& options = {});

  // Bytes and number of old row versions kept for snapshots that still need them.
  size_t old_version_bytes() const;
  size_t old_version_count() const;

  // Sessions that are open now.
  uint64_t connection_count() const { return sessions_.load(std::memory_order_relaxed); }

  DatabaseState& state() { return *state_; }

  // A session that was connected ends. Throws what closing the file throws.
  static void Leave(std::shared_ptr<Database> database);

  // For the session that replaces all that the database holds: while it is there nobody else can
  // connect. kObjectInUse where there are other sessions.
  class SoleUse {
   public:
    explicit SoleUse(Database* database);
    ~SoleUse();
    SoleUse(const SoleUse&) = delete;
    SoleUse& operator=(const SoleUse&) = delete;

   private:
    Database* database_;
  };

 private:
  explicit Database(std::string name);
  static std::shared_ptr<Database> OpenNow(const std::string& name, bool is_file, FileSystem& files,
                                           const OpenOptions& options);
  static std::shared_ptr<Database> FindShared(std::unique_lock<std::mutex>* lock,
                                              const std::string& path, bool is_reader,
                                              FileSystem* files);
  void Begin(const OpenOptions& options);
  void OpenFile(const std::string& path, FileSystem& files, const OpenOptions& options);
  std::unique_ptr<Connection> TryConnect(const SessionOptions& options);
  bool Enter();  // false: it is being closed, or was
  void CloseFile();
  void Unlist();

  std::string name_;  // in the list of those that are shared; empty: not in it
  // Changed under the mutex of that list.
  std::atomic<uint64_t> sessions_ = 0;
  bool is_closed_ = false;  // or about to be
  bool is_taken_ = false;   // by a SoleUse
  std::unique_ptr<DatabaseState> state_;
};

}  // namespace tupelo

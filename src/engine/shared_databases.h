// engine/shared_databases.h: the databases that connections of this process share.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/file_system.h"

namespace tupelo {

class Database;

// By name or canonical path. One in a file is here until it is closed: nobody else in this process
// may open the file before. One that is only read has a name of its own (ReaderName), for it may be
// opened for writing beside that.
class SharedDatabases {
 public:
  struct Entry {
    std::weak_ptr<Database> database;
    const Database* address = nullptr;  // also when that is about to go
    bool is_file = false;
    std::optional<FileIdentity> identity;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  static SharedDatabases& Get();
  static std::string ReaderName(const std::string& path);

  // REQUIRES, of all: the mutex is held.
  // The entry of that name, else of another name of the same file; end(): there is none.
  Entries::iterator Find(const std::string& name, const std::optional<FileIdentity>& identity,
                         bool is_reader);
  void Remove(const std::string& name, const Database* database);

  std::mutex mutex;
  std::condition_variable closed;  // something was removed
  Entries entries;                 // guarded by the mutex

 private:
  SharedDatabases();
  static void PrepareFork();
  static void ResumeParent();
  static void ResumeChild();
};

}  // namespace tupelo

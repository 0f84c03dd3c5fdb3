// engine/new_database_file.h: a database file that is made under another name first.
#pragma once

#include <memory>
#include <string>

#include "base/database_id.h"
#include "base/file_system.h"

namespace tupelo {

// Random.
DatabaseId MakeDatabaseId();

// A power cut leaves all of the database under its name, or nothing. The lock on the other file
// says that it is being made, and is no remainder of a crash.
class NewDatabaseFile {
 public:
  // kObjectInUse where somebody is just making it, in whatever process. kDataCorrupted where there
  // is the log of another database, which would be taken for this one's.
  NewDatabaseFile(FileSystem& files, const std::string& path);
  // Without Publish nothing is left.
  ~NewDatabaseFile();
  NewDatabaseFile(const NewDatabaseFile&) = delete;
  NewDatabaseFile& operator=(const NewDatabaseFile&) = delete;

  // The path names no file, or one that is empty, as those of tempfile are.
  static bool IsMissing(FileSystem& files, const std::string& path);

  const DatabaseId& id() const { return id_; }
  const std::string& made_path() const { return made_path_; }
  // The empty file. Who takes it keeps it until Publish.
  std::unique_ptr<File> TakeFile() { return std::move(file_); }
  // What is in the file, which must be synced, is there under the path from now on; a power cut
  // takes it no more once this returns.
  void Publish();

 private:
  FileSystem& files_;
  const std::string path_;
  const std::string made_path_;
  const DatabaseId id_;
  std::unique_ptr<File> file_;
  bool is_published_ = false;
};

}  // namespace tupelo

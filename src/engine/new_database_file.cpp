// engine/new_database_file.cpp: the other name, its lock, and the renaming.
#include "engine/new_database_file.h"

#include <random>

#include "base/error.h"
#include "storage/file_locks.h"
#include "wal/log_replay.h"

namespace tupelo {

DatabaseId MakeDatabaseId() {
  std::random_device random;
  DatabaseId id;
  for (uint8_t& byte : id) byte = static_cast<uint8_t>(random());
  return id;
}

NewDatabaseFile::NewDatabaseFile(FileSystem& files, const std::string& path)
    : files_(files), path_(path), made_path_(path + "-new"), id_(MakeDatabaseId()) {
  auto lock = [&](File& file) {
    if (file.TryLock(kMakerLock, true)) return;
    throw Error(ErrorCode::kObjectInUse,
                "somebody else is just making the database; try again: " + path_);
  };
  LogReplay(files_, path_, id_, LogPlace());
  if (files_.Exists(made_path_)) {
    std::unique_ptr<File> left = files_.Open(made_path_, OpenMode::kReadWrite);
    lock(*left);
    files_.Remove(made_path_);
  }
  file_ = files_.Open(made_path_, OpenMode::kCreate);
  lock(*file_);
}

NewDatabaseFile::~NewDatabaseFile() {
  if (is_published_) return;
  try {
    files_.Remove(made_path_);
  } catch (const std::exception&) {  // it is removed by who makes the database next
  }
}

bool NewDatabaseFile::IsMissing(FileSystem& files, const std::string& path) {
  return !files.Exists(path) || files.Open(path, OpenMode::kRead)->Size() == 0;
}

void NewDatabaseFile::Publish() {
  if (files_.Exists(path_)) files_.CopyPermissions(path_, made_path_);
  files_.Rename(made_path_, path_);
  is_published_ = true;
  files_.SyncDirectory(path_);
}

}  // namespace tupelo

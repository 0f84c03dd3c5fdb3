// base/file_system.h: files that are read and written anywhere, and the directory that they are in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace tupelo {

// A part of a file that is locked: [offset, offset + length). Locks need not lie within the file.
struct LockRange {
  uint64_t offset = 0;
  uint64_t length = 1;
};

// Thread-safe. Errors: kDiskFull (53100) where there is no room, kIoError (58030) for everything
// else that the operating system reports; interrupted calls are repeated. What was written is
// certain to be there after a power cut once Sync returned, and not before. In a child made by
// fork() each call is kObjectNotReady (55000).
class File {
 public:
  virtual ~File() = default;
  virtual const std::string& path() const = 0;
  virtual uint64_t Size() = 0;
  // Returns how many bytes were read: fewer than asked for only at the end of the file.
  virtual size_t ReadAt(uint64_t offset, std::span<uint8_t> bytes) = 0;
  // Behind the end it leaves a hole of zeroes.
  virtual void WriteAt(uint64_t offset, std::span<const uint8_t> bytes) = 0;
  // What is added is a hole of zeroes: it needs no room yet, so a write into it may find none.
  virtual void Resize(uint64_t size) = 0;
  // Makes the file at least that long, and takes the room that it needs: later writes within don't
  // fail for want of it (where the file system promises that; those that copy on write can't).
  // After kDiskFull it may be longer than before.
  virtual void Reserve(uint64_t size);
  // The bytes, and the size that is needed to read them again. After a failure (always kIoError)
  // nobody knows what of the earlier writes is there, and another call could wrongly succeed: it
  // throws as well. Even a file opened anew may then read what the disk does not hold.
  virtual void Sync() = 0;

  // Locks between processes; they belong to this object, go with it and with the process, and are
  // not inherited by a forked child. False: another one, in whatever process, holds what excludes
  // it.
  virtual bool TryLock(const LockRange& range, bool exclusive) = 0;
  virtual void Unlock(const LockRange& range) = 0;
  // Whether another one holds any lock within the range.
  virtual bool IsLockedByOther(const LockRange& range) = 0;
};

enum class OpenMode : uint8_t {
  kRead,       // kUndefinedFile where there is none
  kReadWrite,  // likewise
  kCreate,     // empty, where there is none; an error where there is one
};

// What tells a file from all others that are there, whatever its names are.
struct FileIdentity {
  uint64_t device = 0, number = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Thread-safe. Paths are any bytes but zero (kInvalidParameterValue), and name regular files.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual std::unique_ptr<File> Open(const std::string& path, OpenMode mode) = 0;
  virtual bool Exists(const std::string& path) = 0;
  // None where there is no such file, or where paths alone tell files apart.
  virtual std::optional<FileIdentity> IdentityOf(const std::string&) { return std::nullopt; }
  // Throws what creating a file beside `path` would, as far as that is known without doing so.
  virtual void CheckCanCreateBeside(const std::string&) {}
  // Who may read and write `from` may do so with `to`, as far as this process may say so.
  virtual void CopyPermissions(const std::string& from, const std::string& to) = 0;
  // Replaces `to`. Durable after SyncDirectory, as are new files and removals.
  virtual void Rename(const std::string& from, const std::string& to) = 0;
  // kUndefinedFile where there is none.
  virtual void Remove(const std::string& path) = 0;
  // Of the directory that `path` lies in.
  virtual void SyncDirectory(const std::string& path) = 0;
};

// That of the operating system.
FileSystem& SystemFiles();

}  // namespace tupelo

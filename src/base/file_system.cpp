// base/file_system.cpp: files and their locks by calls of the operating system.
#include "base/file_system.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <sys/stat.h>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/open_descriptors.h"
#include "base/system_files.h"

#ifndef F_OFD_SETLK
#error "locks that belong to an open file (F_OFD_SETLK) are needed"
#endif

namespace tupelo {

void File::Reserve(uint64_t size) {
  static constexpr size_t kPart = 1 << 16;
  static const std::vector<uint8_t> zeroes(kPart);
  for (uint64_t at = Size(); at < size;) {
    size_t part = static_cast<size_t>(std::min<uint64_t>(kPart, size - at));
    WriteAt(at, std::span(zeroes).first(part));
    at += part;
  }
}

namespace {

// Repeats `call` while it is interrupted.
template <typename Call>
auto Uninterrupted(Call&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// The path for the operating system, which would take a zero for its end.
const char* Terminated(const std::string& path) {
  if (path.find('\0') != std::string::npos) {
    throw Error(ErrorCode::kInvalidParameterValue,
                "a path must not contain a character with code 0: " + path);
  }
  return path.c_str();
}

// "x/y" lies in "x", "/y" in "/", "y" in ".".
std::string DirectoryOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return path.substr(0, slash == 0 ? 1 : slash);
}

// Whatever the reason is, what was written may be lost.
[[noreturn]] void ThrowSyncFailed(const char* what, const std::string& path, int error_number) {
  try {
    ThrowFileError(what, path, error_number);
  } catch (const Error& error) {
    throw Error(ErrorCode::kIoError, error.message());
  }
}

int OpenDescriptorOf(const std::string& path, OpenMode mode) {
  // O_NONBLOCK: not to wait for a pipe's other end; regular files don't care.
  int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  flags |= mode == OpenMode::kRead ? O_RDONLY : O_RDWR;
  if (mode == OpenMode::kCreate) flags |= O_CREAT | O_EXCL;
  const char* name = Terminated(path);
  int descriptor = Uninterrupted([&] { return open(name, flags, 0666); });
  if (descriptor < 0) {
    ThrowFileError(mode == OpenMode::kCreate ? "create the file" : "open the file", path, errno);
  }
  return descriptor;
}

class SystemFile : public File {
 public:
  SystemFile(const SystemCalls& calls, const std::string& path, OpenMode mode)
      : calls_(calls), path_(path), descriptor_(OpenDescriptorOf(path, mode)) {
    struct stat status;
    if (fstat(descriptor_.get(), &status) != 0) ThrowFileError("open the file", path_, errno);
    if (S_ISDIR(status.st_mode)) ThrowFileError("open the file", path_, EISDIR);
    if (!S_ISREG(status.st_mode)) {
      throw Error(ErrorCode::kIoError, "cannot open the file: Not a regular file: " + path_);
    }
  }

  const std::string& path() const override { return path_; }

  uint64_t Size() override {
    struct stat status;
    if (fstat(Descriptor(), &status) != 0) ThrowFileError("read the file's size", path_, errno);
    return static_cast<uint64_t>(status.st_size);
  }

  size_t ReadAt(uint64_t offset, std::span<uint8_t> bytes) override {
    int descriptor = Descriptor();
    size_t done = 0;
    while (done < bytes.size()) {
      ssize_t count = Uninterrupted([&] {
        return calls_.pread(descriptor, bytes.data() + done, bytes.size() - done,
                            static_cast<off_t>(offset + done));
      });
      if (count < 0) ThrowFileError("read the file", path_, errno);
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }

  void WriteAt(uint64_t offset, std::span<const uint8_t> bytes) override {
    int descriptor = Descriptor();
    size_t done = 0;
    while (done < bytes.size()) {
      ssize_t count = Uninterrupted([&] {
        return calls_.pwrite(descriptor, bytes.data() + done, bytes.size() - done,
                             static_cast<off_t>(offset + done));
      });
      // Some file systems say so when the disk is full.
      if (count <= 0) ThrowFileError("write the file", path_, count == 0 ? ENOSPC : errno);
      done += static_cast<size_t>(count);
    }
  }

  void Resize(uint64_t size) override {
    int descriptor = Descriptor();
    if (Uninterrupted([&] { return calls_.ftruncate(descriptor, static_cast<off_t>(size)); }) != 0)
      ThrowFileError("change the file's size", path_, errno);
  }

  void Reserve(uint64_t size) override {
    int descriptor = Descriptor();
    if (size == 0) return;
    if (Uninterrupted(
            [&] { return calls_.fallocate(descriptor, 0, 0, static_cast<off_t>(size)); }) == 0) {
      return;
    }
    if (errno != EOPNOTSUPP && errno != ENOSYS)
      ThrowFileError("make room for the file", path_, errno);
    File::Reserve(size);
  }

  void Sync() override {
    int descriptor = Descriptor();
    if (sync_failed_.load()) {
      throw Error(ErrorCode::kIoError,
                  "cannot write the file to the disk: it failed before, and what was written since "
                  "then may be lost: " +
                      path_);
    }
    if (Uninterrupted([&] { return calls_.fdatasync(descriptor); }) == 0) return;
    int error_number = errno;
    sync_failed_.store(true);
    ThrowSyncFailed("write the file to the disk", path_, error_number);
  }

  bool TryLock(const LockRange& range, bool exclusive) override {
    struct flock lock = Lock(range, exclusive ? F_WRLCK : F_RDLCK);
    if (Control(F_OFD_SETLK, &lock) == 0) return true;
    if (errno == EAGAIN || errno == EACCES) return false;
    ThrowFileError("lock the file", path_, errno);
  }

  void Unlock(const LockRange& range) override {
    struct flock lock = Lock(range, F_UNLCK);
    if (Control(F_OFD_SETLK, &lock) != 0) ThrowFileError("unlock the file", path_, errno);
  }

  bool IsLockedByOther(const LockRange& range) override {
    struct flock lock = Lock(range, F_WRLCK);
    if (Control(F_OFD_GETLK, &lock) != 0) ThrowFileError("test the file's locks", path_, errno);
    return lock.l_type != F_UNLCK;
  }

 private:
  int Descriptor() const {
    if (descriptor_.get() < 0) {
      throw Error(ErrorCode::kObjectNotReady,
                  "the file was opened before fork(); open it anew in this process: " + path_);
    }
    return descriptor_.get();
  }

  int Control(int command, struct flock* lock) const {
    int descriptor = Descriptor();
    return Uninterrupted([&] { return fcntl(descriptor, command, lock); });
  }

  static struct flock Lock(const LockRange& range, int type) {
    struct flock lock {};
    lock.l_type = static_cast<short>(type);
    lock.l_whence = SEEK_SET;
    lock.l_start = static_cast<off_t>(range.offset);
    lock.l_len = static_cast<off_t>(range.length);
    return lock;
  }

  const SystemCalls calls_;
  const std::string path_;
  OpenDescriptor descriptor_;
  std::atomic<bool> sync_failed_{false};
};

class SystemFileSystem : public FileSystem {
 public:
  explicit SystemFileSystem(const SystemCalls& calls) : calls_(calls) {}

  std::unique_ptr<File> Open(const std::string& path, OpenMode mode) override {
    return std::make_unique<SystemFile>(calls_, path, mode);
  }

  bool Exists(const std::string& path) override {
    struct stat status;
    if (stat(Terminated(path), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    ThrowFileError("find the file", path, errno);
  }

  std::optional<FileIdentity> IdentityOf(const std::string& path) override {
    struct stat status;
    if (stat(Terminated(path), &status) == 0) return FileIdentity{status.st_dev, status.st_ino};
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    ThrowFileError("find the file", path, errno);
  }

  void CheckCanCreateBeside(const std::string& path) override {
    std::string directory = DirectoryOf(path);
    if (faccessat(AT_FDCWD, Terminated(directory), W_OK | X_OK, AT_EACCESS) != 0) {
      ThrowFileError("create files in the directory", directory, errno);
    }
  }

  void CopyPermissions(const std::string& from, const std::string& to) override {
    struct stat status;
    if (stat(Terminated(from), &status) != 0) ThrowFileError("find the file", from, errno);
    if (chmod(Terminated(to), status.st_mode & 0777) != 0) {
      ThrowFileError("set the permissions of the file", to, errno);
    }
  }

  void Rename(const std::string& from, const std::string& to) override {
    if (rename(Terminated(from), Terminated(to)) != 0)
      ThrowFileError("rename the file", from, errno);
  }

  void Remove(const std::string& path) override {
    if (unlink(Terminated(path)) != 0) ThrowFileError("remove the file", path, errno);
  }

  void SyncDirectory(const std::string& path) override {
    std::string directory = DirectoryOf(path);
    const char* what = "write the directory to the disk";
    int descriptor = Uninterrupted(
        [&] { return open(Terminated(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (descriptor < 0) ThrowSyncFailed(what, directory, errno);
    OpenDescriptor closing(descriptor);
    // EINVAL: a file system that has no such call for directories.
    if (Uninterrupted([&] { return calls_.fsync(descriptor); }) != 0 && errno != EINVAL)
      ThrowSyncFailed(what, directory, errno);
  }

 private:
  const SystemCalls calls_;
};

}  // namespace

std::unique_ptr<FileSystem> SystemFilesBy(const SystemCalls& calls) {
  return std::make_unique<SystemFileSystem>(calls);
}

// Never destroyed: files may be used while the process exits.
FileSystem& SystemFiles() {
  static FileSystem& files = *SystemFilesBy(SystemCalls{}).release();
  return files;
}

}  // namespace tupelo

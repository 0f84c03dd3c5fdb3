// base/file.cpp: files by POSIX calls.
#include "base/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/error.h"

namespace tupelo {

namespace {

ErrorCode CodeOf(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return ErrorCode::kUndefinedFile;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ErrorCode::kDiskFull;
    default: return ErrorCode::kIoError;
  }
}

}  // namespace

void ThrowFileError(const char* what, const std::string& path, int error_number) {
  throw Error(CodeOf(error_number), std::string("cannot ") + what + ": " +
                                        std::generic_category().message(error_number) + ": " +
                                        path);
}

void ThrowDamaged(const std::string& path, const char* what) {
  throw Error(ErrorCode::kIoError,
              std::string("the compressed file is damaged: ") + what + ": " + path);
}

InputFile::InputFile(const std::string& path)
    : path_(path), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) ThrowFileError("open the file", path, errno);
  struct stat status;
  if (fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) {
    size_ = static_cast<uint64_t>(status.st_size);
  }
}

InputFile::~InputFile() { close(descriptor_); }

size_t InputFile::Read(char* buffer, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t count = read(descriptor_, buffer + done, size - done);
    if (count == 0) break;
    if (count < 0) {
      if (errno == EINTR) continue;
      ThrowFileError("read the file", path_, errno);
    }
    done += static_cast<size_t>(count);
  }
  read_ += done;
  return done;
}

OutputFile::OutputFile(const std::string& path)
    : path_(path), descriptor_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) ThrowFileError("write the file", path, errno);
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  struct stat status;
  bool regular = fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
  close(descriptor_);
  if (regular) unlink(path_.c_str());
}

void OutputFile::Write(const char* bytes, size_t size) {
  while (size > 0) {
    ssize_t count = write(descriptor_, bytes, size);
    if (count < 0) {
      if (errno == EINTR) continue;
      ThrowFileError("write the file", path_, errno);
    }
    bytes += count;
    size -= static_cast<size_t>(count);
  }
}

void OutputFile::Finish() {
  int descriptor = descriptor_;
  descriptor_ = -1;
  if (close(descriptor) != 0) ThrowFileError("write the file", path_, errno);
}

}  // namespace tupelo

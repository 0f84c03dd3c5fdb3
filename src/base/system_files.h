// base/system_files.h: the file system of the operating system, and the calls that it is made of.
#pragma once

#include <fcntl.h>
#include <memory>
#include <sys/types.h>
#include <unistd.h>

#include "base/file_system.h"

namespace tupelo {

// Each as in POSIX. Tests put others in place: ones that are interrupted, do less than was asked
// for, or fail.
struct SystemCalls {
  ssize_t (*pread)(int, void*, size_t, off_t) = ::pread;
  ssize_t (*pwrite)(int, const void*, size_t, off_t) = ::pwrite;
  int (*ftruncate)(int, off_t) = ::ftruncate;
  int (*fallocate)(int, int, off_t, off_t) = ::fallocate;
  int (*fdatasync)(int) = ::fdatasync;
  int (*fsync)(int) = ::fsync;
};

std::unique_ptr<FileSystem> SystemFilesBy(const SystemCalls& calls);

}  // namespace tupelo

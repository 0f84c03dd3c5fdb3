// base/file_system_test.cpp: files and locks of the operating system, and calls that fail.
#include "base/file_system.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "base/error.h"
#include "base/system_files.h"

namespace tupelo {
namespace {

using Bytes = std::vector<uint8_t>;

// The SQLSTATE and the message that `run` ends with, or empty.
template <typename Run>
std::string ErrorOf(Run&& run) {
  try {
    run();
  } catch (const Error& error) {
    return std::string(error.sqlstate()) + " " + error.message();
  }
  return {};
}

class Files : public testing::Test {
 protected:
  Files() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tupelo_XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~Files() override { std::filesystem::remove_all(directory_); }

  std::string PathOf(const std::string& name) const { return directory_ + "/" + name; }
  std::unique_ptr<File> Create(const std::string& name) {
    return SystemFiles().Open(PathOf(name), OpenMode::kCreate);
  }
  std::unique_ptr<File> Open(const std::string& name, OpenMode mode = OpenMode::kReadWrite) {
    return SystemFiles().Open(PathOf(name), mode);
  }

  std::string directory_;
};

Bytes ReadAll(File& file) {
  Bytes bytes(file.Size() + 1);
  bytes.resize(file.ReadAt(0, bytes));
  return bytes;
}

// The exit status of a child that runs `run`; -1 when it did not exit by itself.
int StatusOfChild(const std::function<int()>& run) {
  pid_t child = fork();
  if (child == 0) {
    try {
      _exit(run());
    } catch (...) {
      _exit(99);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Files, AreReadAndWrittenAnywhere) {
  auto file = Create("a");
  EXPECT_EQ(file->Size(), 0u);
  file->WriteAt(3, Bytes{1, 2, 3});
  EXPECT_EQ(ReadAll(*file), (Bytes{0, 0, 0, 1, 2, 3}));
  file->WriteAt(1, Bytes{9});
  file->Resize(4);
  file->Sync();
  EXPECT_EQ(ReadAll(*Open("a", OpenMode::kRead)), (Bytes{0, 9, 0, 1}));
  Bytes two(2);
  EXPECT_EQ(file->ReadAt(3, two), 1u);
  EXPECT_EQ(file->ReadAt(100, two), 0u);
  file->Resize(6);
  EXPECT_EQ(ReadAll(*file), (Bytes{0, 9, 0, 1, 0, 0}));
}

TEST_F(Files, AreCreatedOnceRenamedAndRemoved) {
  EXPECT_FALSE(SystemFiles().Exists(PathOf("a")));
  Create("a")->WriteAt(0, Bytes{1});
  EXPECT_TRUE(SystemFiles().Exists(PathOf("a")));
  EXPECT_EQ(ErrorOf([&] { Create("a"); }),
            "58030 cannot create the file: File exists: " + PathOf("a"));
  Create("b");
  SystemFiles().Rename(PathOf("a"), PathOf("b"));
  SystemFiles().SyncDirectory(PathOf("b"));
  EXPECT_FALSE(SystemFiles().Exists(PathOf("a")));
  EXPECT_EQ(ReadAll(*Open("b")), Bytes{1});
  SystemFiles().Remove(PathOf("b"));
  EXPECT_EQ(ErrorOf([&] { SystemFiles().Remove(PathOf("b")); }).substr(0, 5), "58P01");
  EXPECT_EQ(ErrorOf([&] { Open("b"); }),
            "58P01 cannot open the file: No such file or directory: " + PathOf("b"));
  EXPECT_EQ(ErrorOf([&] { Create("missing/b"); }).substr(0, 5), "58P01");
  EXPECT_EQ(ErrorOf([&] {
              Create("x")->path();
              Create("x/b");
            }).substr(0, 5),
            "58P01");
}

TEST_F(Files, ReserveTakesTheRoomAndShortensNothing) {
  auto file = Create("a");
  file->WriteAt(0, Bytes{7});
  file->Reserve(1 << 20);
  EXPECT_EQ(file->Size(), 1u << 20);
  struct stat status;
  ASSERT_EQ(stat(PathOf("a").c_str(), &status), 0);
  EXPECT_GE(status.st_blocks * 512, 1 << 20);
  file->Reserve(10);
  EXPECT_EQ(file->Size(), 1u << 20);
  EXPECT_EQ(ReadAll(*file)[0], 7);
}

TEST_F(Files, WhatIsNoRegularFileIsAnError) {
  for (OpenMode mode : {OpenMode::kRead, OpenMode::kReadWrite}) {
    EXPECT_EQ(ErrorOf([&] { SystemFiles().Open(directory_, mode); }),
              "58030 cannot open the file: Is a directory: " + directory_);
    EXPECT_EQ(ErrorOf([&] { SystemFiles().Open("/dev/null", mode); }),
              "58030 cannot open the file: Not a regular file: /dev/null");
  }
  ASSERT_EQ(mkfifo(PathOf("pipe").c_str(), 0600), 0);
  EXPECT_EQ(ErrorOf([&] { Open("pipe", OpenMode::kRead); }).substr(0, 5), "58030");
}

TEST_F(Files, PathsAreAnyBytesButZero) {
  std::string odd = "\xFF\x01 \n'\"\xC3";
  Create(odd)->WriteAt(0, Bytes{5});
  EXPECT_TRUE(SystemFiles().Exists(PathOf(odd)));
  EXPECT_EQ(ReadAll(*Open(odd)), Bytes{5});
  std::string zero("a\0b", 3);
  EXPECT_EQ(ErrorOf([&] { Create(zero); }).substr(0, 5), "22023");
  EXPECT_EQ(ErrorOf([&] { SystemFiles().Exists(PathOf(zero)); }).substr(0, 5), "22023");
  EXPECT_EQ(ErrorOf([&] { SystemFiles().Remove(PathOf(zero)); }).substr(0, 5), "22023");
  EXPECT_FALSE(SystemFiles().Exists(PathOf("a")));
}

// Calls that do as little as they may: interrupted every other time, else a byte or three.
int reluctant_calls = 0;
template <typename Call>
ssize_t Reluctant(size_t size, Call&& call) {
  if (++reluctant_calls % 2 == 1) {
    errno = EINTR;
    return -1;
  }
  return call(std::min<size_t>(size, reluctant_calls % 4 == 0 ? 1 : 3));
}

TEST_F(Files, InterruptedAndShortCallsAreGoneOnWith) {
  SystemCalls calls;
  calls.pread = [](int file, void* bytes, size_t size, off_t offset) {
    return Reluctant(size, [&](size_t part) { return pread(file, bytes, part, offset); });
  };
  calls.pwrite = [](int file, const void* bytes, size_t size, off_t offset) {
    return Reluctant(size, [&](size_t part) { return pwrite(file, bytes, part, offset); });
  };
  calls.fdatasync = [](int file) {
    return static_cast<int>(Reluctant(1, [&](size_t) { return fdatasync(file); }));
  };
  auto file = SystemFilesBy(calls)->Open(PathOf("a"), OpenMode::kCreate);
  Bytes bytes(1000);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 7);
  file->WriteAt(5, bytes);
  file->Sync();
  Bytes read(1000);
  EXPECT_EQ(file->ReadAt(5, read), 1000u);
  EXPECT_EQ(read, bytes);
  EXPECT_EQ(file->ReadAt(900, read), 105u);
}

template <int number>
ssize_t FailingWrite(int, const void*, size_t, off_t) {
  errno = number;
  return -1;
}

TEST_F(Files, AFullDiskHasACodeOfItsOwn) {
  SystemCalls calls;
  auto state = [&](ssize_t (*write)(int, const void*, size_t, off_t)) {
    calls.pwrite = write;
    std::filesystem::remove(PathOf("a"));
    auto file = SystemFilesBy(calls)->Open(PathOf("a"), OpenMode::kCreate);
    return ErrorOf([&] { file->WriteAt(0, Bytes{1}); });
  };
  EXPECT_EQ(state(FailingWrite<ENOSPC>),
            "53100 cannot write the file: No space left on device: " + PathOf("a"));
  EXPECT_EQ(state(FailingWrite<EDQUOT>).substr(0, 5), "53100");
  EXPECT_EQ(state(FailingWrite<EFBIG>).substr(0, 5), "53100");
  EXPECT_EQ(state(FailingWrite<EIO>).substr(0, 5), "58030");
  EXPECT_EQ(state([](int, const void*, size_t, off_t) -> ssize_t { return 0; }).substr(0, 5),
            "53100");
}

TEST_F(Files, WhereRoomCannotBeReservedZeroesAreWritten) {
  SystemCalls calls;
  calls.fallocate = [](int, int, off_t, off_t) {
    errno = EOPNOTSUPP;
    return -1;
  };
  auto file = SystemFilesBy(calls)->Open(PathOf("a"), OpenMode::kCreate);
  file->WriteAt(0, Bytes{7});
  file->Reserve(100000);
  EXPECT_EQ(file->Size(), 100000u);
  EXPECT_EQ(ReadAll(*file)[0], 7);
  calls.fallocate = [](int, int, off_t, off_t) {
    errno = ENOSPC;
    return -1;
  };
  file = SystemFilesBy(calls)->Open(PathOf("a"), OpenMode::kReadWrite);
  EXPECT_EQ(ErrorOf([&] { file->Reserve(200000); }).substr(0, 5), "53100");
}

TEST_F(Files, AFailedSyncIsNeverFollowedByOneThatSucceeds) {
  static int error_number = 0;
  SystemCalls calls;
  calls.fdatasync = [](int) {
    errno = error_number;
    return error_number == 0 ? 0 : -1;
  };
  for (int number : {EIO, ENOSPC}) {
    std::filesystem::remove(PathOf("a"));
    auto file = SystemFilesBy(calls)->Open(PathOf("a"), OpenMode::kCreate);
    error_number = 0;
    file->Sync();
    error_number = number;
    EXPECT_EQ(ErrorOf([&] { file->Sync(); }).substr(0, 5), "58030");
    error_number = 0;
    EXPECT_EQ(ErrorOf([&] { file->Sync(); }).substr(0, 5), "58030");
    SystemFilesBy(calls)->Open(PathOf("a"), OpenMode::kReadWrite)->Sync();
  }
}

TEST_F(Files, AFailedSyncOfADirectoryIsAnErrorWhereThereIsSuchACall) {
  static int error_number = 0;
  SystemCalls calls;
  calls.fsync = [](int) {
    errno = error_number;
    return -1;
  };
  error_number = EIO;
  EXPECT_EQ(ErrorOf([&] { SystemFilesBy(calls)->SyncDirectory(PathOf("a")); }),
            "58030 cannot write the directory to the disk: Input/output error: " + directory_);
  error_number = EINVAL;
  SystemFilesBy(calls)->SyncDirectory(PathOf("a"));
}

TEST_F(Files, LocksOfTwoOpenFilesExcludeEachOtherByRange) {
  auto one = Create("a"), two = Open("a"), reader = Open("a", OpenMode::kRead);
  EXPECT_TRUE(one->TryLock({10, 5}, true));
  EXPECT_FALSE(two->TryLock({14, 1}, true));
  EXPECT_FALSE(two->TryLock({12, 1}, false));
  EXPECT_TRUE(two->TryLock({15, 1}, true));
  EXPECT_TRUE(two->IsLockedByOther({0, 100}));
  EXPECT_FALSE(two->IsLockedByOther({15, 100}));
  EXPECT_FALSE(one->IsLockedByOther({10, 5}));
  EXPECT_TRUE(one->TryLock({10, 5}, true));
  one->Unlock({10, 5});
  EXPECT_TRUE(two->TryLock({uint64_t{1} << 40, 1}, false));
  EXPECT_TRUE(reader->TryLock({uint64_t{1} << 40, 1}, false));
  EXPECT_FALSE(one->TryLock({uint64_t{1} << 40, 1}, true));
  two.reset();
  EXPECT_TRUE(one->IsLockedByOther({uint64_t{1} << 40, 1}));
  reader.reset();
  EXPECT_FALSE(one->IsLockedByOther({0, uint64_t{1} << 50}));
}

TEST_F(Files, ALockOutlivesOtherUsesOfItsFileInTheProcess) {
  auto file = Create("a");
  file->WriteAt(0, Bytes{1, 2});
  ASSERT_TRUE(file->TryLock({0, 1}, true));
  ReadAll(*Open("a", OpenMode::kRead));
  std::ifstream(PathOf("a")).get();
  std::ofstream(PathOf("a"), std::ios::app).put('x');
  int other = StatusOfChild([&] { return Open("a")->TryLock({0, 1}, true) ? 1 : 0; });
  EXPECT_EQ(other, 0);
}

TEST_F(Files, ALockEndsWithItsProcessHoweverThatEnds) {
  auto file = Create("a");
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    auto own = Open("a");
    char answer = own->TryLock({0, 1}, true) ? 'y' : 'n';
    if (write(ready[1], &answer, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char answer = 0;
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_FALSE(file->TryLock({0, 1}, true));
  EXPECT_TRUE(file->IsLockedByOther({0, 1}));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(file->TryLock({0, 1}, true));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(Files, AForkedChildHasNeitherTheFileNorItsLock) {
  auto file = Create("a");
  ASSERT_TRUE(file->TryLock({0, 1}, true));
  int looked[2], stop[2];
  ASSERT_EQ(pipe(looked), 0);
  ASSERT_EQ(pipe(stop), 0);
  pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    bool refused = ErrorOf([&] { file->Size(); }).starts_with("55000 the file was opened before") &&
                   ErrorOf([&] { file->WriteAt(0, Bytes{1}); }).starts_with("55000") &&
                   ErrorOf([&] { file->Sync(); }).starts_with("55000") &&
                   ErrorOf([&] {
                     file->TryLock({0, 1}, true);
                   }).starts_with("55000");
    auto anew = Open("a");
    bool excluded = !anew->TryLock({0, 1}, true);
    anew.reset();
    if (write(looked[1], &byte, 1) != 1 || read(stop[0], &byte, 1) != 1) _exit(1);
    _exit(refused && excluded ? 0 : 2);
  }
  char byte = 0;
  ASSERT_EQ(read(looked[0], &byte, 1), 1);
  file.reset();  // while the child lives
  auto anew = Open("a");
  EXPECT_FALSE(anew->IsLockedByOther({0, 1}));
  EXPECT_EQ(write(stop[1], &byte, 1), 1);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  for (int end : {looked[0], looked[1], stop[0], stop[1]}) close(end);
}

}  // namespace
}  // namespace tupelo

// base/work_memory.cpp: counting, and files that are mapped.
#include "base/work_memory.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <new>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace tupelo {

namespace {

// What a page of a mapped file that is wanted brings into memory: Linux maps those around it that
// it has in its cache.
constexpr uint64_t kBytesOfUse = 64 << 10;
// Between two looks at how much there is in memory, which take some microseconds.
constexpr uint64_t kFewestUses = 64, kMostUses = 4096;

constinit thread_local WorkMemory* current_memory = nullptr;

// Without a name from the beginning where the file system can do that.
int OpenTemporary(const std::string& directory) {
#ifdef O_TMPFILE
  int unnamed = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (unnamed >= 0) return unnamed;
#endif
  std::string path = directory + "/tupelo-XXXXXX";
  int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor >= 0) unlink(path.c_str());
  return descriptor;
}

// /tmp last: it is often memory.
std::vector<std::string> UsualDirectories() {
  std::vector<std::string> all;
  const char* wanted = std::getenv("TMPDIR");
  if (wanted != nullptr && *wanted != '\0') all.emplace_back(wanted);
  all.insert(all.end(), {"/var/tmp", "/tmp"});
  return all;
}

// 0, or what went wrong. In small steps: of what is written at once Linux makes one large page of
// its cache, all of which each access to a part of it would pay for.
int WriteAll(int descriptor, const char* bytes, size_t count) {
  constexpr size_t kStep = size_t{16} << 10;
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, std::min(count, kStep));
    if (written < 0 && errno != EINTR) return errno;
    if (written <= 0) continue;
    bytes += written;
    count -= static_cast<size_t>(written);
  }
  return 0;
}

// Pages in memory that the process shares with files; 0 where that is not told.
uint64_t SharedPages() {
  int descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  char text[128] = {};
  ssize_t size = read(descriptor, text, sizeof(text) - 1);
  close(descriptor);
  unsigned long long all = 0, resident = 0, shared = 0;
  return size > 0 && std::sscanf(text, "%llu %llu %llu", &all, &resident, &shared) == 3 ? shared
                                                                                        : 0;
}

}  // namespace

void WorkMemory::SetLimit(uint64_t bytes) {
  limit_.store(bytes, std::memory_order_relaxed);
  uses_of_look_.store(std::clamp(bytes / 8 / kBytesOfUse, kFewestUses, kMostUses),
                      std::memory_order_relaxed);
}

void WorkMemory::SetDirectory(std::string directory) {
  std::lock_guard lock(mutex_);
  directory_ = std::move(directory);
}

int WorkMemory::MakeFile(std::string* directory) {
  std::vector<std::string> all;
  {
    std::lock_guard lock(mutex_);
    if (!directory_.empty()) all.push_back(directory_);
  }
  for (std::string& usual : UsualDirectories()) all.push_back(std::move(usual));
  int first_error = 0;
  for (std::string& one : all) {
    int descriptor = OpenTemporary(one);
    if (descriptor >= 0) {
      *directory = std::move(one);
      return descriptor;
    }
    if (first_error == 0) first_error = errno;
  }
  ThrowFileError("make a temporary file for what does not fit memory_limit in the folder", all[0],
                 first_error);
}

// Room that is not there is told now, not when the memory is written to; where the file system
// can promise none, the file is only as long as it has to be.
MappedPiece::MappedPiece(std::shared_ptr<WorkMemory> owner, size_t bytes)
    : owner_(std::move(owner)), size_(bytes) {
  std::string directory;
  int descriptor = owner_->MakeFile(&directory);
  int error;
  do {
    error = posix_fallocate(descriptor, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  if (error == EOPNOTSUPP && ftruncate(descriptor, static_cast<off_t>(bytes)) == 0) error = 0;
  Map(descriptor, directory, error, nullptr);
}

MappedPiece::MappedPiece(std::shared_ptr<WorkMemory> owner, char* memory, size_t bytes)
    : owner_(std::move(owner)), size_(bytes), is_in_place_(true) {
  std::string directory;
  int descriptor = owner_->MakeFile(&directory);
  Map(descriptor, directory, WriteAll(descriptor, memory, bytes), memory);
}

// Takes the descriptor. `error`: of what was done with it.
void MappedPiece::Map(int descriptor, const std::string& directory, int error, char* memory) {
  void* data = MAP_FAILED;
  if (error == 0) {
    const int flags = MAP_SHARED | (memory != nullptr ? MAP_FIXED : 0);
    try {
      // Before it takes the place of what was there: nothing may fail then.
      if (memory != nullptr) owner_->Add(memory, size_);
    } catch (...) {
      close(descriptor);
      throw;
    }
    data = mmap(memory, size_, PROT_READ | PROT_WRITE, flags, descriptor, 0);
    if (data == MAP_FAILED) error = errno;
    if (data == MAP_FAILED && memory != nullptr) owner_->Remove(memory);
  }
  close(descriptor);
  if (error == ENOMEM) throw std::bad_alloc();
  if (error != 0) {
    ThrowFileError("write what does not fit memory_limit to a temporary file in the folder",
                   directory, error);
  }
  data_ = static_cast<char*>(data);
  static_cast<void>(madvise(data_, size_, MADV_NOHUGEPAGE));  // for the same reason
  if (memory != nullptr) return;
  try {
    owner_->Add(data_, size_);
  } catch (...) {
    munmap(data_, size_);
    throw;
  }
}

MappedPiece::~MappedPiece() {
  owner_->Remove(data_);
  if (!is_in_place_) {
    munmap(data_, size_);
    return;
  }
  // Where the system has no new pages to give, those of the file serve as well.
  static_cast<void>(
      mmap(data_, size_, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

void WorkMemory::Add(char* data, size_t bytes) {
  std::lock_guard lock(mutex_);
  if (pieces_.empty()) other_pages_ = SharedPages();
  pieces_.emplace(data, bytes);
  mapped_.fetch_add(bytes, std::memory_order_relaxed);
  written_.fetch_add(bytes, std::memory_order_relaxed);
}

void WorkMemory::Remove(char* data) {
  std::lock_guard lock(mutex_);
  auto found = pieces_.find(data);
  mapped_.fetch_sub(found->second, std::memory_order_relaxed);
  pieces_.erase(found);
}

bool WorkMemory::TryHold(uint64_t bytes) {
  uint64_t before = held_.fetch_add(bytes, std::memory_order_relaxed);
  if (before + bytes <= limit() / 2) return true;
  GiveBack(bytes);
  return false;
}

// Pages that leave are still in the system's cache of files for as long as it has room for them.
void WorkMemory::Look() {
  used_.store(0, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  if (pieces_.empty()) return;
  static const auto page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t pages = SharedPages();
  if (pages < other_pages_ || (pages - other_pages_) * page_bytes < limit() / 4) return;
  for (const auto& [data, bytes] : pieces_) static_cast<void>(madvise(data, bytes, MADV_DONTNEED));
  other_pages_ = SharedPages();
}

void* WorkMemory::Allocate(size_t bytes, bool in_file) {
  if (!in_file && TryHold(bytes)) {
    try {
      return ::operator new(bytes);
    } catch (...) {
      GiveBack(bytes);
      throw;
    }
  }
  auto piece = std::make_unique<MappedPiece>(shared_from_this(), bytes);
  void* data = piece->data();
  std::lock_guard lock(mutex_);
  allocated_.emplace(data, std::move(piece));
  return data;
}

void WorkMemory::Free(void* memory, size_t bytes) {
  std::unique_ptr<MappedPiece> piece;
  {
    std::lock_guard lock(mutex_);
    auto found = allocated_.find(memory);
    if (found != allocated_.end()) {
      piece = std::move(found->second);
      allocated_.erase(found);
    }
  }
  if (piece != nullptr) return;
  GiveBack(bytes);
  ::operator delete(memory);
}

WorkMemory* WorkMemoryScope::Current() { return current_memory; }

void WorkMemoryScope::Enter(WorkMemory* memory) {
  entered_ = true;
  outer_ = current_memory;
  current_memory = memory;
}

void WorkMemoryScope::Leave() { current_memory = outer_; }

void* AllocateWork(size_t bytes, bool in_file, std::shared_ptr<WorkMemory>* owner) {
  owner->reset();
  WorkMemory* memory = bytes < WorkMemory::kLeastBytes ? nullptr : WorkMemoryScope::Current();
  if (memory == nullptr) return ::operator new(bytes);
  *owner = memory->shared_from_this();
  return memory->Allocate(bytes, in_file);
}

void FreeWork(void* memory, size_t bytes, const std::shared_ptr<WorkMemory>& owner) noexcept {
  if (memory == nullptr) return;
  if (owner == nullptr) {
    ::operator delete(memory);
  } else {
    owner->Free(memory, bytes);
  }
}

}  // namespace tupelo

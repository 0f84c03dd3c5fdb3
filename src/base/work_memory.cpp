// base/work_memory.cpp: counting, and files that are mapped.
#include "base/work_memory.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <new>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace tupelo {

namespace {

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

// Pages in memory that the process shares with files; 0 where that is not told.
uint64_t SharedPages() {
  std::ifstream file("/proc/self/statm");
  uint64_t size = 0, resident = 0, shared = 0;
  return file >> size >> resident >> shared ? shared : 0;
}

}  // namespace

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

MappedPiece::MappedPiece(std::shared_ptr<WorkMemory> owner, size_t bytes)
    : owner_(std::move(owner)), size_(bytes) {
  std::string directory;
  int descriptor = owner_->MakeFile(&directory);
  // Room that is not there is told now, not when the memory is written to; where the file system
  // can promise none, the file is only as long as it has to be.
  int error;
  do {
    error = posix_fallocate(descriptor, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  if (error == EOPNOTSUPP && ftruncate(descriptor, static_cast<off_t>(bytes)) == 0) error = 0;
  void* data = MAP_FAILED;
  if (error == 0) {
    data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (data == MAP_FAILED) error = errno;
  }
  close(descriptor);
  if (error == ENOMEM) throw std::bad_alloc();
  if (error != 0) {
    ThrowFileError("write what does not fit memory_limit to a temporary file in the folder",
                   directory, error);
  }
  data_ = static_cast<char*>(data);
  try {
    owner_->Add(data_, bytes);
  } catch (...) {
    munmap(data_, size_);
    throw;
  }
}

MappedPiece::~MappedPiece() {
  owner_->Remove(data_);
  munmap(data_, size_);
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
  if (pages < other_pages_ || (pages - other_pages_) * page_bytes < limit() / 2) return;
  for (const auto& [data, bytes] : pieces_) static_cast<void>(madvise(data, bytes, MADV_DONTNEED));
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

// base/work_memory.h: memory of running statements; beyond a limit, of temporary files.
//
// Rows that a sort, join or grouping collects are put into files that have no name: they are gone
// with the process, however it ends. The files are mapped, so that who reads the rows needs not
// know where they are; what is not read for a while is left to the operating system. So is memory
// of the database that there is too much of (buffer/extent_pool.h).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace tupelo {

class WorkMemory;

// A piece of memory, and the file that it is in. The bytes are zero at first.
class MappedPiece {
 public:
  // Takes all the room that the file needs. Throws kDiskFull or kIoError.
  MappedPiece(std::shared_ptr<WorkMemory> owner, size_t bytes);
  // What lies at `memory` (whole pages) goes to a file that is there from then on, with the same
  // bytes; with the piece they are gone, and the memory is as if it had just been taken. Other
  // threads may read there meanwhile, not write.
  MappedPiece(std::shared_ptr<WorkMemory> owner, char* memory, size_t bytes);
  ~MappedPiece();
  MappedPiece(const MappedPiece&) = delete;
  MappedPiece& operator=(const MappedPiece&) = delete;

  char* data() { return data_; }
  size_t size() const { return size_; }
  WorkMemory& owner() const { return *owner_; }

 private:
  void Map(int descriptor, const std::string& directory, int error, char* memory);
  std::shared_ptr<WorkMemory> owner_;
  char* data_;
  size_t size_;
  bool is_in_place_ = false;  // of memory that was there before, and is afterwards
};

// One per database. Thread-safe.
class WorkMemory : public std::enable_shared_from_this<WorkMemory> {
 public:
  // In bytes, of the database: statements hold half of it at most, and of what is in files a
  // quarter of it may be in memory besides.
  void SetLimit(uint64_t bytes);
  uint64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  // Where the files are made; "": where temporary files usually are. Where none can be made there,
  // that is the other place.
  void SetDirectory(std::string directory);

  // Counts bytes as held by a statement; false: there would be too many.
  bool TryHold(uint64_t bytes);
  void GiveBack(uint64_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }
  uint64_t held() const { return held_.load(std::memory_order_relaxed); }
  // Who holds more than a moment ago had better put it in order now and write it.
  bool is_short() const { return held() > limit() / 4; }

  // In files, now and since the beginning.
  uint64_t mapped() const { return mapped_.load(std::memory_order_relaxed); }
  uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  // By who has read or written about `count` places of pieces: from time to time the operating
  // system is told that all of them may leave memory.
  void NoteUse(uint64_t count) {
    if (mapped() == 0) return;
    if (used_.fetch_add(count, std::memory_order_relaxed) + count >=
        uses_of_look_.load(std::memory_order_relaxed)) {
      Look();
    }
  }

  // What AllocateWork takes.
  static constexpr size_t kLeastBytes = size_t{1} << 20;
  void* Allocate(size_t bytes, bool in_file);
  void Free(void* memory, size_t bytes);

 private:
  friend class MappedPiece;
  void Look();
  int MakeFile(std::string* directory);
  void Add(char* data, size_t bytes);
  void Remove(char* data);

  std::atomic<uint64_t> limit_{UINT64_MAX};
  std::atomic<uint64_t> held_{0}, mapped_{0}, written_{0}, used_{0}, uses_of_look_{UINT64_MAX};
  std::mutex mutex_;
  std::string directory_;
  std::map<char*, size_t> pieces_;
  uint64_t other_pages_ = 0;  // in memory and shared with files, when none was of a piece
  std::map<void*, std::unique_ptr<MappedPiece>> allocated_;  // by Allocate, of files
};

// Bytes that one object holds, and gives back when it goes.
class HeldBytes {
 public:
  HeldBytes() = default;
  ~HeldBytes() { Clear(); }
  HeldBytes(HeldBytes&& other) noexcept
      : memory_(std::move(other.memory_)), bytes_(std::exchange(other.bytes_, 0)) {}
  HeldBytes& operator=(HeldBytes&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  // False: they are not held, for there would be too many. REQUIRES: always the same memory.
  bool TryAdd(WorkMemory* memory, uint64_t bytes) {
    if (!memory->TryHold(bytes)) return false;
    if (memory_ == nullptr) memory_ = memory->shared_from_this();
    bytes_ += bytes;
    return true;
  }
  void Adopt(HeldBytes* other) {
    if (memory_ == nullptr) memory_ = std::move(other->memory_);
    bytes_ += std::exchange(other->bytes_, 0);
  }
  void Clear() {
    if (bytes_ != 0) memory_->GiveBack(std::exchange(bytes_, 0));
  }

 private:
  std::shared_ptr<WorkMemory> memory_;
  uint64_t bytes_ = 0;
};

// That of the statement for which the calling thread works.
class WorkMemoryScope {
 public:
  // nullptr leaves things as they are, and costs nothing.
  explicit WorkMemoryScope(WorkMemory* memory) {
    if (memory != nullptr) Enter(memory);
  }
  ~WorkMemoryScope() {
    if (entered_) Leave();
  }
  WorkMemoryScope(const WorkMemoryScope&) = delete;
  WorkMemoryScope& operator=(const WorkMemoryScope&) = delete;

  // nullptr outside of all scopes: memory has no limit there.
  static WorkMemory* Current();

 private:
  void Enter(WorkMemory* memory);
  void Leave();
  WorkMemory* outer_ = nullptr;
  bool entered_ = false;
};

// Memory for values that need no destructor, aligned for any type. Much of it is counted, and
// beyond the limit it is of a file, `in_file`: in any case. `owner` is set to who has to take it
// back.
void* AllocateWork(size_t bytes, bool in_file, std::shared_ptr<WorkMemory>* owner);
void FreeWork(void* memory, size_t bytes, const std::shared_ptr<WorkMemory>& owner) noexcept;

}  // namespace tupelo

// base/simulated_disk.h: what is durable, what is not yet, and what a power cut makes of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace tupelo {

// What a power cut leaves of the changes that were not synced.
enum class Kept : uint8_t {
  kAll,
  kNone,
  kPrefix,  // the first ones, in the order in which they were made
  kRandom,  // each for itself: writes are torn and reordered
};

// Not thread-safe. Writes are kept or lost by sectors, changes of a file's size and of a directory
// each as a whole.
class SimulatedDisk {
 public:
  static constexpr uint64_t kSector = 512;
  static constexpr uint64_t kBlock = 4096;  // in which room is given to files

  struct HeldLock {
    const File* owner;
    LockRange range;
    bool exclusive;
  };
  // A part of a sector, or a new size.
  struct Change {
    uint64_t number;  // in the order of all changes
    uint64_t offset = 0;
    std::vector<uint8_t> bytes;  // empty: a size
    bool is_lost = false;        // its sync failed: no later one makes it durable
  };
  struct Node {
    std::vector<uint8_t> bytes;    // as they are read
    std::vector<uint8_t> durable;  // as they are for certain after a power cut
    std::vector<Change> changes;   // that lead from `durable` to `bytes`
    std::vector<bool> blocks;      // those that have room on the disk
    std::vector<HeldLock> locks;
  };
  using NodePointer = std::shared_ptr<Node>;

  // Null where there is none.
  NodePointer Find(const std::string& path) const;
  std::vector<std::string> Paths() const;

  // REQUIRES: there is no such file.
  NodePointer Create(const std::string& path);
  // REQUIRES: the file that is renamed, or removed, exists.
  void Rename(const std::string& from, const std::string& to);
  void Remove(const std::string& path);
  void SyncDirectory(const std::string& path);

  // That have room, of all files.
  uint64_t UsedBlocks() const;
  // As much of it as there is room for, when all files together may take `room` bytes; returns
  // whether that was everything.
  bool Write(Node* node, uint64_t offset, std::span<const uint8_t> bytes, uint64_t room);
  bool Reserve(Node* node, uint64_t size, uint64_t room);
  void Resize(Node* node, uint64_t size);
  void Sync(Node* node);
  // Neither this sync nor a later one makes durable what is not yet.
  void FailSync(Node* node);

  std::unique_ptr<SimulatedDisk> Recover(uint64_t seed, Kept kept) const;

 private:
  using Entries = std::map<std::string, NodePointer>;
  struct EntryChange {
    uint64_t number;
    std::string directory;
    std::string removed;  // empty: nothing
    std::string added;    // empty: nothing
    NodePointer node;     // of `added`
  };

  static void Apply(const EntryChange& change, Entries* entries);
  void ChangeEntries(EntryChange change);
  void AddChange(Node* node, uint64_t offset, std::span<const uint8_t> bytes);
  bool TakeRoom(Node* node, uint64_t block, uint64_t room);

  uint64_t next_change_ = 0;
  Entries entries_, durable_entries_;
  std::vector<EntryChange> entry_changes_;
};

}  // namespace tupelo

// base/simulated_disk.cpp: changes of files and directories, kept in order until they are synced.
#include "base/simulated_disk.h"

#include <algorithm>
#include <random>
#include <set>
#include <utility>

namespace tupelo {

namespace {

std::string DirectoryOf(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

void Put(uint64_t offset, std::span<const uint8_t> from, std::vector<uint8_t>* bytes) {
  if (bytes->size() < offset + from.size()) bytes->resize(offset + from.size());
  std::copy(from.begin(), from.end(), bytes->begin() + static_cast<ptrdiff_t>(offset));
}

void Apply(const SimulatedDisk::Change& change, std::vector<uint8_t>* bytes) {
  if (change.bytes.empty()) {
    bytes->resize(change.offset);
  } else {
    Put(change.offset, change.bytes, bytes);
  }
}

// Bytes of a sector of which the new size was lost are not seen.
void ApplyWithin(const SimulatedDisk::Change& change, std::vector<uint8_t>* bytes) {
  if (change.bytes.empty() || change.offset >= bytes->size()) {
    if (change.bytes.empty()) bytes->resize(change.offset);
    return;
  }
  size_t length = std::min<size_t>(change.bytes.size(), bytes->size() - change.offset);
  Put(change.offset, std::span(change.bytes).first(length), bytes);
}

// All sizes count as one sector.
uint64_t SectorOf(const SimulatedDisk::Change& change) {
  return change.bytes.empty() ? UINT64_MAX : change.offset / SimulatedDisk::kSector;
}

uint64_t BlocksOf(uint64_t size) {
  return (size + SimulatedDisk::kBlock - 1) / SimulatedDisk::kBlock;
}

}  // namespace

SimulatedDisk::NodePointer SimulatedDisk::Find(const std::string& path) const {
  auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : found->second;
}

std::vector<std::string> SimulatedDisk::Paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, node] : entries_) paths.push_back(path);
  return paths;
}

void SimulatedDisk::Apply(const EntryChange& change, Entries* entries) {
  if (!change.removed.empty()) entries->erase(change.removed);
  if (!change.added.empty()) (*entries)[change.added] = change.node;
}

void SimulatedDisk::ChangeEntries(EntryChange change) {
  change.number = next_change_++;
  Apply(change, &entries_);
  entry_changes_.push_back(std::move(change));
}

SimulatedDisk::NodePointer SimulatedDisk::Create(const std::string& path) {
  auto node = std::make_shared<Node>();
  ChangeEntries({0, DirectoryOf(path), "", path, node});
  return node;
}

void SimulatedDisk::Rename(const std::string& from, const std::string& to) {
  ChangeEntries({0, DirectoryOf(to), from, to, Find(from)});
}

void SimulatedDisk::Remove(const std::string& path) {
  ChangeEntries({0, DirectoryOf(path), path, "", nullptr});
}

void SimulatedDisk::SyncDirectory(const std::string& path) {
  std::string directory = DirectoryOf(path);
  std::erase_if(entry_changes_, [&](const EntryChange& change) {
    if (change.directory != directory) return false;
    Apply(change, &durable_entries_);
    return true;
  });
}

uint64_t SimulatedDisk::UsedBlocks() const {
  uint64_t used = 0;
  for (const auto& [path, node] : entries_) {
    used += static_cast<uint64_t>(std::count(node->blocks.begin(), node->blocks.end(), true));
  }
  return used;
}

bool SimulatedDisk::TakeRoom(Node* node, uint64_t block, uint64_t room) {
  if (node->blocks.size() <= block) node->blocks.resize(block + 1);
  if (node->blocks[block]) return true;
  if (room != UINT64_MAX && (UsedBlocks() + 1) * kBlock > room) return false;
  node->blocks[block] = true;
  return true;
}

void SimulatedDisk::AddChange(Node* node, uint64_t offset, std::span<const uint8_t> bytes) {
  node->changes.push_back({next_change_++, offset, {bytes.begin(), bytes.end()}});
  tupelo::Apply(node->changes.back(), &node->bytes);
}

bool SimulatedDisk::Write(Node* node, uint64_t offset, std::span<const uint8_t> bytes,
                          uint64_t room) {
  bool whole = true;
  if (!bytes.empty()) {
    uint64_t last = (offset + bytes.size() - 1) / kBlock;
    for (uint64_t block = offset / kBlock; block <= last; ++block) {
      if (TakeRoom(node, block, room)) continue;
      uint64_t end = std::max(offset, block * kBlock);
      bytes = bytes.first(end - offset);
      whole = false;
      break;
    }
  }
  if (bytes.empty()) return whole;
  uint64_t end = offset + bytes.size();
  if (end > node->bytes.size()) AddChange(node, end, {});
  while (!bytes.empty()) {
    size_t part = std::min<size_t>(bytes.size(), kSector - offset % kSector);
    AddChange(node, offset, bytes.first(part));
    bytes = bytes.subspan(part);
    offset += part;
  }
  return whole;
}

bool SimulatedDisk::Reserve(Node* node, uint64_t size, uint64_t room) {
  for (uint64_t block = 0; block < BlocksOf(size); ++block) {
    if (!TakeRoom(node, block, room)) return false;
  }
  if (size > node->bytes.size()) Resize(node, size);
  return true;
}

void SimulatedDisk::Resize(Node* node, uint64_t size) {
  AddChange(node, size, {});
  if (node->blocks.size() > BlocksOf(size)) node->blocks.resize(BlocksOf(size));
}

// A sector that is written again is written whole: what a failed sync lost of it comes back.
void SimulatedDisk::Sync(Node* node) {
  std::set<uint64_t> written;
  for (const Change& change : node->changes) {
    if (!change.is_lost) written.insert(SectorOf(change));
  }
  std::erase_if(node->changes, [&](const Change& change) {
    if (!written.contains(SectorOf(change))) return false;
    tupelo::Apply(change, &node->durable);
    return true;
  });
}

void SimulatedDisk::FailSync(Node* node) {
  for (Change& change : node->changes) change.is_lost = true;
}

std::unique_ptr<SimulatedDisk> SimulatedDisk::Recover(uint64_t seed, Kept kept) const {
  std::mt19937_64 random(seed);
  uint64_t end = kept == Kept::kPrefix ? random() % (next_change_ + 1) : 0;
  auto keep = [&](uint64_t number) {
    switch (kept) {
      case Kept::kAll: return true;
      case Kept::kNone: return false;
      case Kept::kPrefix: return number < end;
      case Kept::kRandom: break;
    }
    return (random() & 1) != 0;
  };
  Entries entries = durable_entries_;
  for (const EntryChange& change : entry_changes_) {
    if (keep(change.number)) Apply(change, &entries);
  }
  auto disk = std::make_unique<SimulatedDisk>();
  for (const auto& [path, node] : entries) {
    auto found = std::make_shared<Node>();
    found->durable = node->durable;
    for (const Change& change : node->changes) {
      if (keep(change.number)) ApplyWithin(change, &found->durable);
    }
    found->bytes = found->durable;
    found->blocks = node->blocks;
    found->blocks.resize(BlocksOf(found->bytes.size()));
    disk->entries_[path] = found;
  }
  disk->durable_entries_ = disk->entries_;
  return disk;
}

}  // namespace tupelo

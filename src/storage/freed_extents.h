// storage/freed_extents.h: extents that are no longer needed, but that somebody still reaches.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "storage/extent_address.h"
#include "storage/stored_bytes.h"

namespace tupelo {

// Lists of extents by the generation that was being made when they became free: roots older than
// that reach them. Not thread-safe. A list is stored once, with the root of its generation, as the
// payloads of kFreedList extents: addresses, 8 bytes each. Lists of generation 0 are of extents
// that no root reaches at all: used by the process that wrote the root, and free for the next one.
class FreedExtents {
 public:
  static constexpr size_t kMostInOneList = kMaxExtentPayload / 8;
  struct List {
    uint64_t generation = 0;
    ExtentAddress stored;
    bool loaded = false;
    std::vector<ExtentAddress> extents;
  };

  // `reader`: of kFreedList extents.
  explicit FreedExtents(ExtentReader reader) : reader_(std::move(reader)) {}

  void Clear() { lists_.clear(); }
  void AddStored(uint64_t generation, const ExtentAddress& stored);
  // Those of generation 0 come first, the others last.
  void Add(std::vector<List> lists);
  const std::vector<List>& lists() const { return lists_; }
  // Its extents, read if need be.
  const std::vector<ExtentAddress>& ExtentsOf(size_t list);

  // The extents of the first list, when no root of generation `oldest` or later reaches them; else
  // nullptr. To be removed then.
  const List* Releasable(uint64_t oldest);
  void RemoveFirst() { lists_.erase(lists_.begin()); }

  static void Store(std::span<const ExtentAddress> extents, ByteVector* out);

 private:
  void Load(List* list);

  ExtentReader reader_;
  std::vector<List> lists_;  // ascending by generation
};

}  // namespace tupelo

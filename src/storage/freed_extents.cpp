// storage/freed_extents.cpp: lists, read when they are wanted.
#include "storage/freed_extents.h"

#include <utility>

namespace tupelo {

void FreedExtents::AddStored(uint64_t generation, const ExtentAddress& stored) {
  List list;
  list.generation = generation;
  list.stored = stored;
  lists_.push_back(std::move(list));
}

void FreedExtents::Load(List* list) {
  if (list->loaded) return;
  std::vector<ExtentAddress> extents;
  reader_(list->stored, [&](std::span<const uint8_t> payload) {
    ByteReader reader(payload);
    extents.reserve(payload.size() / 8);
    while (reader.left() > 0) {
      ExtentAddress extent = ExtentAddress::Unpack(reader.Take<uint64_t>());
      if (extent.pages == 0 || extent.pages > kMaxExtentPages) {
        ThrowDamaged("a list of free extents holds what is none");
      }
      extents.push_back(extent);
    }
  });
  list->extents = std::move(extents);
  list->loaded = true;
}

const std::vector<ExtentAddress>& FreedExtents::ExtentsOf(size_t list) {
  Load(&lists_[list]);
  return lists_[list].extents;
}

const FreedExtents::List* FreedExtents::Releasable(uint64_t oldest) {
  if (lists_.empty() || lists_.front().generation > oldest) return nullptr;
  Load(&lists_.front());
  return &lists_.front();
}

void FreedExtents::Add(std::vector<List> lists) {
  lists_.reserve(lists_.size() + lists.size());
  for (List& list : lists) {
    lists_.insert(list.generation == 0 ? lists_.begin() : lists_.end(), std::move(list));
  }
}

void FreedExtents::Store(std::span<const ExtentAddress> extents, ByteVector* out) {
  for (const ExtentAddress& extent : extents) AppendNumber(extent.Pack(), out);
}

}  // namespace tupelo

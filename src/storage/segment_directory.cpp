// storage/segment_directory.cpp: nodes read on demand, changed ones written from below.
#include "storage/segment_directory.h"

#include <cassert>
#include <utility>

#include "storage/database_file.h"

namespace tupelo {

struct SegmentDirectory::Node {
  ExtentAddress stored;  // as it was read or written last; none: never
  uint8_t level = 0;
  bool changed = false;
  uint64_t first_segment = 0;
  std::array<ExtentAddress, kFanOut> addresses{};
  std::array<uint16_t, kFanOut> live_rows{};            // level 0
  std::array<std::unique_ptr<Node>, kFanOut> children;  // of inner nodes, those that were read
};

SegmentDirectory::SegmentDirectory(DatabaseFile* file, uint64_t object,
                                   const SegmentDirectoryRoot& root)
    : file_(file), object_(object), stored_root_(root) {}

SegmentDirectory::~SegmentDirectory() = default;

std::unique_ptr<SegmentDirectory::Node> SegmentDirectory::ReadNode(const ExtentAddress& address,
                                                                   uint8_t level, uint64_t first) {
  auto node = std::make_unique<Node>();
  ExtentBuffer buffer;
  ByteReader reader(file_->Read(address, ExtentKind::kSegmentNode, &buffer));
  file_->Decoding(address, [&] {
    auto first_segment = reader.Take<uint32_t>();
    auto stored_level = reader.Take<uint8_t>();
    auto zero = reader.Take<uint8_t>();
    size_t count = reader.Take<uint16_t>();
    if (first_segment != first || stored_level != level || zero != 0 || count > kFanOut) {
      ThrowDamaged("a node of the segment directory is another one");
    }
    for (size_t i = 0; i < count; ++i) {
      node->addresses[i] = ExtentAddress::Unpack(reader.Take<uint64_t>());
    }
    for (size_t i = 0; i < count && level == 0; ++i) {
      node->live_rows[i] = reader.Take<uint16_t>();
      if (node->live_rows[i] > kBlocksPerSegment * kBlockRows) {
        ThrowDamaged("a segment has too many rows");
      }
    }
    reader.ExpectEnd();
  });
  node->stored = address;
  node->level = level;
  node->first_segment = first;
  return node;
}

SegmentDirectory::Node* SegmentDirectory::Child(Node* node, uint32_t index) {
  if (node->children[index] == nullptr && node->addresses[index]) {
    uint64_t first = node->first_segment + index * SegmentsBelow(node->level) / kFanOut;
    node->children[index] =
        ReadNode(node->addresses[index], static_cast<uint8_t>(node->level - 1), first);
  }
  return node->children[index].get();
}

SegmentDirectory::Node* SegmentDirectory::LeafOf(uint32_t segment, bool make) {
  if (root_ == nullptr && stored_root_.node) {
    if (stored_root_.level >= kMostLevels) {
      file_->ThrowDamaged(stored_root_.node, "the segment directory has too many levels");
    }
    root_ = ReadNode(stored_root_.node, stored_root_.level, 0);
  }
  if (root_ == nullptr) {
    if (!make) return nullptr;
    root_ = std::make_unique<Node>();
  }
  while (segment >= SegmentsBelow(root_->level)) {
    if (!make) return nullptr;
    auto higher = std::make_unique<Node>();
    higher->level = static_cast<uint8_t>(root_->level + 1);
    higher->addresses[0] = root_->stored;
    higher->children[0] = std::move(root_);
    root_ = std::move(higher);
  }
  Node* node = root_.get();
  while (node->level > 0) {
    if (make) node->changed = true;
    uint32_t index = segment >> (kBits * node->level) & (kFanOut - 1);
    Node* child = Child(node, index);
    if (child == nullptr) {
      if (!make) return nullptr;
      node->children[index] = std::make_unique<Node>();
      child = node->children[index].get();
      child->level = static_cast<uint8_t>(node->level - 1);
      child->first_segment = node->first_segment + index * SegmentsBelow(child->level);
    }
    node = child;
  }
  if (make) node->changed = true;
  return node;
}

ExtentAddress SegmentDirectory::Find(uint32_t segment) {
  Node* leaf = LeafOf(segment, false);
  return leaf == nullptr ? ExtentAddress{} : leaf->addresses[segment % kFanOut];
}

SegmentPage SegmentDirectory::ReadPage(uint32_t segment) {
  ExtentAddress address = Find(segment);
  assert(address);
  ExtentBuffer buffer;
  std::span<const uint8_t> payload = file_->Read(address, ExtentKind::kSegmentPage, &buffer);
  return file_->Decoding(address, [&] { return SegmentPage::Load(payload, segment); });
}

uint32_t SegmentDirectory::LiveRows(uint32_t segment) {
  Node* leaf = LeafOf(segment, false);
  return leaf == nullptr ? 0 : leaf->live_rows[segment % kFanOut];
}

void SegmentDirectory::Set(uint32_t segment, const ExtentAddress& address, uint32_t live_rows) {
  Node* leaf = LeafOf(segment, true);
  leaf->live_rows[segment % kFanOut] = static_cast<uint16_t>(live_rows);
  ExtentAddress old = std::exchange(leaf->addresses[segment % kFanOut], address);
  if (old) file_->Free(old);
}

ExtentAddress SegmentDirectory::StorePage(const SegmentPage& page) {
  ByteVector payload;
  page.Store(&payload);
  ExtentAddress address = file_->Allocate(payload.size());
  try {
    file_->Write(address, ExtentKind::kSegmentPage, {object_, page.number}, payload);
  } catch (...) {
    file_->Free(address);
    throw;
  }
  return address;
}

void SegmentDirectory::SetPage(const SegmentPage& page, const ExtentAddress& address) {
  uint32_t live_rows = 0;
  for (const StoredStripe& stripe : page.stripes) live_rows += stripe.live_rows;
  Set(page.number, address, live_rows);
}

void SegmentDirectory::WritePage(const SegmentPage& page) {
  ExtentAddress address = StorePage(page);
  try {
    SetPage(page, address);
  } catch (...) {
    file_->Free(address);
    throw;
  }
}

void SegmentDirectory::Remove(uint32_t segment) {
  if (Find(segment)) Set(segment, {}, 0);
}

// What was written already stays written when a later one fails: the next call goes on.
ExtentAddress SegmentDirectory::FlushNode(Node* node) {
  if (!node->changed) return node->stored;
  uint32_t count = 0;
  for (uint32_t i = 0; i < kFanOut; ++i) {
    if (node->children[i] != nullptr) node->addresses[i] = FlushNode(node->children[i].get());
    if (node->addresses[i]) count = i + 1;
  }
  ExtentAddress address;
  if (count > 0) {
    ByteVector payload;
    AppendNumber(static_cast<uint32_t>(node->first_segment), &payload);
    AppendNumber(node->level, &payload);
    AppendNumber(uint8_t{0}, &payload);
    AppendNumber(static_cast<uint16_t>(count), &payload);
    for (uint32_t i = 0; i < count; ++i) AppendNumber(node->addresses[i].Pack(), &payload);
    for (uint32_t i = 0; i < count && node->level == 0; ++i) {
      AppendNumber(node->live_rows[i], &payload);
    }
    address = file_->Allocate(payload.size());
    try {
      uint64_t place = uint64_t{node->level} << 32 | node->first_segment;
      file_->Write(address, ExtentKind::kSegmentNode, {object_, place}, payload);
    } catch (...) {
      file_->Free(address);
      throw;
    }
  }
  if (node->stored) file_->Free(node->stored);
  node->stored = address;
  node->changed = false;
  return address;
}

SegmentDirectoryRoot SegmentDirectory::Flush() {
  if (root_ == nullptr) return stored_root_;
  stored_root_ = {FlushNode(root_.get()), root_->level};
  if (!stored_root_.node) {
    root_.reset();
    stored_root_ = {};
  }
  return stored_root_;
}

void SegmentDirectory::Visit(Node* node,
                             const std::function<void(uint32_t, const ExtentAddress&)>* pages,
                             const std::function<void(const ExtentAddress&)>* nodes) {
  if (nodes != nullptr && node->stored) (*nodes)(node->stored);
  for (uint32_t i = 0; i < kFanOut; ++i) {
    if (node->level > 0) {
      Node* child = Child(node, i);
      if (child != nullptr) Visit(child, pages, nodes);
    } else if (pages != nullptr && node->addresses[i]) {
      (*pages)(static_cast<uint32_t>(node->first_segment + i), node->addresses[i]);
    }
  }
}

void SegmentDirectory::ForEach(const std::function<void(uint32_t, const ExtentAddress&)>& visit) {
  LeafOf(0, false);
  if (root_ != nullptr) Visit(root_.get(), &visit, nullptr);
}

void SegmentDirectory::ForEachNode(const std::function<void(const ExtentAddress&)>& visit) {
  LeafOf(0, false);
  if (root_ != nullptr) Visit(root_.get(), nullptr, &visit);
}

void SegmentDirectory::Forget() {
  root_.reset();
  stored_root_ = {};
}

void SegmentDirectory::Clear() {
  // All is read before anything is freed.
  std::vector<ExtentAddress> extents;
  ForEach([&](uint32_t, const ExtentAddress& page) { extents.push_back(page); });
  ForEachNode([&](const ExtentAddress& node) { extents.push_back(node); });
  for (const ExtentAddress& extent : extents) file_->Free(extent);
  Forget();
}

}  // namespace tupelo

// storage/raw_extents.cpp: an extent is believed when its checksum is right, for that is bound to
// the database and to its place.
#include "storage/raw_extents.h"

#include <algorithm>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/error.h"
#include "storage/stored_bytes.h"

namespace tupelo {

namespace {

// The header of an extent, as storage/database_file.h draws it.
constexpr uint64_t kWindowPages = 256;
constexpr size_t kIdOffset = 16;  // in the header of the file

bool IsKind(uint8_t kind) {
  return kind >= static_cast<uint8_t>(ExtentKind::kFreeSpace) &&
         kind <= static_cast<uint8_t>(ExtentKind::kCatalog);
}

// Without a checksum: no more pages than it needs, and zeroes behind the payload.
bool LooksSound(std::span<const uint8_t> bytes, const ExtentHeader& header) {
  size_t used = sizeof(header) + header.payload_bytes;
  return header.generation != 0 && bytes.size() - used < kPageBytes &&
         std::all_of(bytes.begin() + static_cast<ptrdiff_t>(used), bytes.end(),
                     [](uint8_t byte) { return byte == 0; });
}

bool AnyRootChecksOut(const Page* roots, const DatabaseId& id) {
  DatabaseRoot root;
  return LoadRoot(roots[0], id, 1, &root) || LoadRoot(roots[1], id, 2, &root);
}

}  // namespace

RawExtents::RawExtents(std::unique_ptr<File> file, const std::optional<DatabaseId>& id)
    : file_(std::move(file)), id_(id), file_pages_(file_->Size() / kPageBytes) {}

bool RawExtents::Load(const ExtentAddress& address, RawExtent* extent) {
  uint8_t* bytes = buffer_.Reserve(address.bytes());
  if (file_->ReadAt(address.offset(), {bytes, address.bytes()}) < address.bytes()) return false;
  ExtentHeader header;
  std::memcpy(&header, bytes, sizeof(header));
  if (id_.has_value()) {
    uint64_t checksum =
        XXH3_64bits_withSeed(bytes + 8, address.bytes() - 8, ExtentSeed(*id_, address));
    if (header.checksum != checksum) return false;
  }
  extent->address = address;
  extent->kind = static_cast<ExtentKind>(header.kind);
  extent->generation = header.generation;
  extent->owner = {header.object, header.place};
  if (header.pages != address.pages || !IsKind(header.kind) || header.zero != 0 ||
      header.payload_bytes > address.bytes() - sizeof(header)) {
    return false;
  }
  extent->payload = {bytes + sizeof(header), header.payload_bytes};
  return id_.has_value() || LooksSound({bytes, address.bytes()}, header);
}

RawExtent RawExtents::Read(const ExtentAddress& address) {
  if (address.first_page < kFirstFreePage || address.pages == 0 ||
      address.pages > kMaxExtentPages) {
    ThrowDamaged("there can be no extent");
  }
  if (address.end_page() > file_pages_) ThrowDamaged("the file ends before its end");
  RawExtent extent;
  if (!Load(address, &extent)) ThrowDamaged("its checksum is wrong");
  return extent;
}

RawExtent RawExtents::Read(const ExtentAddress& address, ExtentKind kind,
                           const ExtentOwner& owner) {
  RawExtent extent = Read(address);
  if (extent.kind != kind) ThrowDamaged("it is of another kind than who refers to it says");
  if (extent.owner != owner) ThrowDamaged("it belongs to another object than who refers to it");
  return extent;
}

bool RawExtents::FindNext(uint64_t page, RawExtent* extent) {
  for (page = std::max(page, kFirstFreePage); page < file_pages_; ++page) {
    if (page < window_page_ || page >= window_page_ + window_pages_) {
      uint64_t pages = std::min(kWindowPages, file_pages_ - page);
      uint8_t* bytes = window_.Reserve(kWindowPages * kPageBytes);
      size_t got = file_->ReadAt(page * kPageBytes, {bytes, pages * kPageBytes});
      if (got < kPageBytes) return false;
      window_page_ = page;
      window_pages_ = got / kPageBytes;
    }
    ExtentHeader header;
    std::memcpy(&header, window_.Reserve(0) + (page - window_page_) * kPageBytes, sizeof(header));
    ExtentAddress address{page, header.pages};
    if (!IsKind(header.kind) || header.zero != 0 || address.pages == 0 ||
        address.pages > kMaxExtentPages || address.end_page() > file_pages_) {
      continue;
    }
    if (Load(address, extent)) return true;
  }
  return false;
}

bool RawExtents::ReadRoot(uint64_t page_number, DatabaseRoot* root) {
  Page page{};
  if (!id_.has_value() || file_->ReadAt(page_number * kPageBytes, page) < kPageBytes) return false;
  return LoadRoot(page, *id_, page_number, root);
}

uint64_t RawExtents::NewestGeneration() {
  uint64_t newest = 0;
  for (uint64_t page : {1, 2}) {
    DatabaseRoot root;
    if (ReadRoot(page, &root)) newest = std::max(newest, root.generation);
  }
  return newest;
}

std::optional<DatabaseId> FindDatabaseId(File& file) {
  Page header{};
  size_t got = file.ReadAt(0, header);
  try {
    return LoadFileHeader({header.data(), got}, file.path());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
  }
  Page roots[2] = {};
  for (uint64_t i : {0, 1}) file.ReadAt((i + 1) * kPageBytes, roots[i]);
  DatabaseId id;
  std::memcpy(id.data(), header.data() + kIdOffset, id.size());
  if (AnyRootChecksOut(roots, id)) return id;
  for (uint8_t& byte : id) {
    const uint8_t stored = byte;
    for (int other = 0; other < 256; ++other) {
      byte = static_cast<uint8_t>(other);
      if (AnyRootChecksOut(roots, id)) return id;
    }
    byte = stored;
  }
  return std::nullopt;
}

}  // namespace tupelo

// storage/extent_address.h: where an extent lies in the file, what it is and whose it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace tupelo {

inline constexpr size_t kPageBytes = 4096;
inline constexpr size_t kExtentHeaderBytes = 40;
// The longest extent: longer values are cut into several.
inline constexpr uint32_t kMaxExtentPages = 4096;
inline constexpr size_t kMaxExtentPayload = kMaxExtentPages * kPageBytes - kExtentHeaderBytes;

// Pages [first_page, first_page + pages). All zero: none.
//
// Stored as one number: first_page << 20 | pages.
struct ExtentAddress {
  uint64_t first_page = 0;
  uint32_t pages = 0;

  static constexpr unsigned kPagesBits = 20;
  static ExtentAddress Unpack(uint64_t packed) {
    return {packed >> kPagesBits, static_cast<uint32_t>(packed & ((1u << kPagesBits) - 1))};
  }
  uint64_t Pack() const { return first_page << kPagesBits | pages; }

  explicit operator bool() const { return pages != 0; }
  uint64_t end_page() const { return first_page + pages; }
  uint64_t offset() const { return first_page * kPageBytes; }
  size_t bytes() const { return size_t{pages} * kPageBytes; }
  friend bool operator==(const ExtentAddress&, const ExtentAddress&) = default;
};

// Stored: the numbers never change.
enum class ExtentKind : uint8_t {
  kFreeSpace = 1,   // the root of the free-space tree (storage/free_space.h)
  kFreeRegion = 2,  // the free runs of one region
  kFreedList = 3,   // extents that are free once no root and no reader reaches them
  kBlock = 4,       // of a column (storage/block_codec.h)
  kSegmentPage = 5,
  kSegmentNode = 6,
  kTreeLeaf = 7,
  kTreeInner = 8,
  kLongValue = 9,
  kCatalog = 10,
};

// Before the payload of an extent, as it lies in the file (docs/file_format.md).
struct ExtentHeader {
  uint64_t checksum;
  uint32_t payload_bytes;
  uint8_t kind;
  uint8_t zero;
  uint16_t pages;
  uint64_t generation;
  uint64_t object;
  uint64_t place;
};
static_assert(sizeof(ExtentHeader) == kExtentHeaderBytes);

// Reads the payload of an extent and decodes it; an error of that says which extent it is.
using ExtentReader = std::function<void(
    const ExtentAddress& address, const std::function<void(std::span<const uint8_t>)>& decode)>;

// Who refers to an extent: not read by whoever knows its address, but by a checkpoint that moves it
// and by what salvages a damaged file. Both numbers are the writer's to choose.
struct ExtentOwner {
  uint64_t object = 0;  // of a table, an index
  uint64_t place = 0;   // within it
  friend bool operator==(const ExtentOwner&, const ExtentOwner&) = default;
};

}  // namespace tupelo

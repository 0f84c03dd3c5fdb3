// storage/file_header.cpp: the pages in bytes.
#include "storage/file_header.h"

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/error.h"
#include "storage/stored_bytes.h"

namespace tupelo {

namespace {

constexpr char kMagic[8] = {'T', 'u', 'p', 'e', 'l', 'o', 'D', 'B'};
constexpr uint32_t kByteOrder = 0x01020304;
constexpr size_t kChecksumOffset = 4072;

struct StoredHeader {
  char magic[8];
  uint32_t version;
  uint32_t byte_order;
  DatabaseId database;
  uint32_t page_bytes;
};
static_assert(sizeof(StoredHeader) == 36);

struct StoredRoot {
  uint64_t checksum;
  uint64_t generation;
  uint64_t catalog;
  uint64_t free_space;
  uint64_t log_generation;
  uint64_t log_sequence;
  uint64_t file_pages;
  uint64_t numbers[8];
};
static_assert(sizeof(StoredRoot) == 120);

uint64_t RootChecksum(const Page& page, const DatabaseId& database, uint64_t page_number) {
  return XXH3_64bits_withSeed(page.data() + 8, kPageBytes - 8,
                              ExtentSeed(database, {page_number, 1}));
}

}  // namespace

uint64_t ExtentSeed(const DatabaseId& database, const ExtentAddress& address) {
  struct {
    DatabaseId database;
    uint64_t address;
  } place{database, address.Pack()};
  static_assert(sizeof(place) == 24);
  return XXH3_64bits(&place, sizeof(place));
}

uint64_t HeaderChecksum(const Page& page) { return XXH3_64bits(page.data(), kChecksumOffset); }

void StoreFileHeader(const DatabaseId& database, Page* page) {
  page->fill(0);
  StoredHeader stored{};
  std::memcpy(stored.magic, kMagic, sizeof(kMagic));
  stored.version = kFormatVersion;
  stored.byte_order = kByteOrder;
  stored.database = database;
  stored.page_bytes = kPageBytes;
  std::memcpy(page->data(), &stored, sizeof(stored));
  uint64_t checksum = HeaderChecksum(*page);
  std::memcpy(page->data() + kChecksumOffset, &checksum, 8);
}

DatabaseId LoadFileHeader(std::span<const uint8_t> bytes, const std::string& path) {
  StoredHeader stored;
  if (bytes.size() < sizeof(kMagic) || std::memcmp(bytes.data(), kMagic, sizeof(kMagic)) != 0) {
    throw Error(ErrorCode::kDataCorrupted, "the file is not a Tupelo database: " + path);
  }
  if (bytes.size() < kPageBytes) {
    throw Error(ErrorCode::kDataCorrupted,
                "the database is truncated to " + std::to_string(bytes.size()) + " bytes: " + path);
  }
  std::memcpy(&stored, bytes.data(), sizeof(stored));
  uint64_t checksum;
  std::memcpy(&checksum, bytes.data() + kChecksumOffset, 8);
  bool other_order = stored.byte_order == __builtin_bswap32(kByteOrder);
  if (other_order) checksum = __builtin_bswap64(checksum);
  if (checksum != XXH3_64bits(bytes.data(), kChecksumOffset)) {
    throw Error(ErrorCode::kDataCorrupted, "the database is damaged: its header, at byte 0 of " +
                                               path + ", does not check out");
  }
  if (other_order) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "the database was written by a machine of the other byte order: " + path);
  }
  if (stored.version != kFormatVersion) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "the database has format version " + std::to_string(stored.version) +
                    "; this program reads version " + std::to_string(kFormatVersion) + ": " + path);
  }
  if (stored.byte_order != kByteOrder || stored.page_bytes != kPageBytes) {
    throw Error(ErrorCode::kFeatureNotSupported, "the database has pages of " +
                                                     std::to_string(stored.page_bytes) +
                                                     " bytes; this program reads pages of " +
                                                     std::to_string(kPageBytes) + ": " + path);
  }
  return stored.database;
}

void StoreRoot(const DatabaseRoot& root, const DatabaseId& database, uint64_t page_number,
               Page* page) {
  page->fill(0);
  StoredRoot stored{0,
                    root.generation,
                    root.catalog.Pack(),
                    root.free_space.Pack(),
                    root.log_generation,
                    root.log_sequence,
                    root.file_pages,
                    {}};
  std::memcpy(stored.numbers, root.numbers.data(), sizeof(stored.numbers));
  std::memcpy(page->data(), &stored, sizeof(stored));
  stored.checksum = RootChecksum(*page, database, page_number);
  std::memcpy(page->data(), &stored.checksum, 8);
}

bool LoadRoot(const Page& page, const DatabaseId& database, uint64_t page_number,
              DatabaseRoot* root) {
  StoredRoot stored;
  std::memcpy(&stored, page.data(), sizeof(stored));
  if (stored.checksum != RootChecksum(page, database, page_number)) return false;
  root->generation = stored.generation;
  root->catalog = ExtentAddress::Unpack(stored.catalog);
  root->free_space = ExtentAddress::Unpack(stored.free_space);
  root->log_generation = stored.log_generation;
  root->log_sequence = stored.log_sequence;
  root->file_pages = stored.file_pages;
  std::memcpy(root->numbers.data(), stored.numbers, sizeof(stored.numbers));
  return true;
}

}  // namespace tupelo

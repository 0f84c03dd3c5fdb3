// wal/log_header.cpp: the header in bytes.
#include "wal/log_header.h"

#include <bit>
#include <cstring>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/error.h"

namespace tupelo {

namespace {

static_assert(std::endian::native == std::endian::little,
              "numbers are stored as they are in memory");

constexpr uint8_t kMagic[8] = {'T', 'u', 'p', 'e', 'l', 'o', 'W', 'L'};
constexpr uint32_t kVersion = 1;

struct StoredHeader {
  uint8_t magic[8];
  uint32_t version;
  uint32_t zero;
  DatabaseId database;
  uint64_t generation;
  uint64_t first_sequence;
  uint64_t checksum;
};
static_assert(sizeof(StoredHeader) == kLogHeaderSize);

uint64_t ChecksumOf(const StoredHeader& stored) {
  return XXH3_64bits(&stored, offsetof(StoredHeader, checksum));
}

StoredHeader Store(const LogHeader& header) {
  StoredHeader stored{};
  std::memcpy(stored.magic, kMagic, sizeof(kMagic));
  stored.version = kVersion;
  stored.database = header.database;
  stored.generation = header.generation;
  stored.first_sequence = header.first_sequence;
  stored.checksum = ChecksumOf(stored);
  return stored;
}

}  // namespace

uint64_t LogHeader::RecordSeed() const { return Store(*this).checksum; }

std::array<uint8_t, kLogHeaderSize> LogHeaderBytes(const LogHeader& header) {
  return std::bit_cast<std::array<uint8_t, kLogHeaderSize>>(Store(header));
}

LogHeaderState ReadLogHeader(File& file, LogHeader* header) {
  StoredHeader stored{};
  uint8_t bytes[sizeof(stored) + 1];
  size_t size = file.ReadAt(0, bytes);
  if (size >= sizeof(stored)) std::memcpy(&stored, bytes, sizeof(stored));
  if (size < sizeof(stored) || stored.checksum != ChecksumOf(stored) || stored.zero != 0 ||
      std::memcmp(stored.magic, kMagic, sizeof(kMagic)) != 0) {
    return size <= sizeof(stored) ? LogHeaderState::kUnused : LogHeaderState::kDamaged;
  }
  if (stored.version != kVersion) {
    throw Error(ErrorCode::kFeatureNotSupported, "the log has format version " +
                                                     std::to_string(stored.version) +
                                                     "; this program reads version " +
                                                     std::to_string(kVersion) + ": " + file.path());
  }
  *header = {stored.database, stored.generation, stored.first_sequence};
  return LogHeaderState::kSound;
}

}  // namespace tupelo

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

void AppendLogHeader(const LogHeader& header, std::vector<uint8_t>* out) {
  StoredHeader stored = Store(header);
  const auto* bytes = reinterpret_cast<const uint8_t*>(&stored);
  out->insert(out->end(), bytes, bytes + sizeof(stored));
}

bool ReadLogHeader(std::span<const uint8_t> file, LogHeader* header) {
  StoredHeader stored{};
  bool whole = file.size() >= sizeof(stored);
  if (whole) std::memcpy(&stored, file.data(), sizeof(stored));
  if (!whole || stored.checksum != ChecksumOf(stored) || stored.zero != 0 ||
      std::memcmp(stored.magic, kMagic, sizeof(kMagic)) != 0) {
    if (file.size() <= sizeof(stored)) return false;
    throw Error(ErrorCode::kDataCorrupted, "the log's header is damaged");
  }
  if (stored.version != kVersion) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "the log has format version " + std::to_string(stored.version) +
                    "; this program reads version " + std::to_string(kVersion));
  }
  *header = {stored.database, stored.generation, stored.first_sequence};
  return true;
}

void CheckLogContinues(const LogHeader& header, const DatabaseId& database,
                       uint64_t root_generation) {
  if (header.database != database) {
    throw Error(ErrorCode::kDataCorrupted, "the log belongs to another database");
  }
  if (header.generation > root_generation) {
    throw Error(ErrorCode::kDataCorrupted,
                "the log continues generation " + std::to_string(header.generation) +
                    " of the database, but the file holds generation " +
                    std::to_string(root_generation) + ": it is older than its log");
  }
}

}  // namespace tupelo

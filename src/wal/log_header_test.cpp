// wal/log_header_test.cpp: headers, sound and damaged, of this database and of others.
#include "wal/log_header.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/error.h"
#include "base/simulated_files.h"

namespace tupelo {
namespace {

LogHeader SomeHeader() {
  LogHeader header;
  header.database[3] = 0xAB;
  header.generation = 41;
  header.first_sequence = uint64_t{1} << 40;
  return header;
}

std::vector<uint8_t> BytesOf(const LogHeader& header) {
  auto bytes = LogHeaderBytes(header);
  return {bytes.begin(), bytes.end()};
}

LogHeaderState StateOf(const std::vector<uint8_t>& bytes, LogHeader* header) {
  SimulatedFiles files;
  auto file = files.Open("log", OpenMode::kCreate);
  file->WriteAt(0, bytes);
  return ReadLogHeader(*file, header);
}

TEST(LogHeader, IsReadBack) {
  std::vector<uint8_t> bytes = BytesOf(SomeHeader());
  EXPECT_EQ(bytes.size(), kLogHeaderSize);
  LogHeader header;
  EXPECT_EQ(StateOf(bytes, &header), LogHeaderState::kSound);
  EXPECT_EQ(header, SomeHeader());
  EXPECT_EQ(header.RecordSeed(), SomeHeader().RecordSeed());
}

TEST(LogHeader, AnyMemberChangesTheSeedOfRecords) {
  LogHeader header = SomeHeader();
  ++header.generation;
  EXPECT_NE(header.RecordSeed(), SomeHeader().RecordSeed());
  header = SomeHeader();
  header.database[15] = 1;
  EXPECT_NE(header.RecordSeed(), SomeHeader().RecordSeed());
}

TEST(LogHeader, AFileCutOffInItsHeaderWasNeverUsed) {
  std::vector<uint8_t> bytes = BytesOf(SomeHeader());
  LogHeader header;
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(StateOf({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)}, &header),
              LogHeaderState::kUnused)
        << size;
  }
}

TEST(LogHeader, AnyChangedByteIsDamageOnceRecordsFollow) {
  for (size_t i = 0; i < kLogHeaderSize; ++i) {
    for (uint8_t change : {0x01, 0x80, 0xFF}) {
      std::vector<uint8_t> bytes = BytesOf(SomeHeader());
      bytes[i] ^= change;
      LogHeader header;
      EXPECT_EQ(StateOf(bytes, &header), LogHeaderState::kUnused) << i;
      bytes.push_back(0);
      EXPECT_EQ(StateOf(bytes, &header), LogHeaderState::kDamaged) << i;
    }
  }
}

TEST(LogHeader, OfAnotherVersionIsNotRead) {
  std::vector<uint8_t> bytes = BytesOf(SomeHeader());
  bytes[8] = 9;
  uint64_t checksum = XXH3_64bits(bytes.data(), 48);
  std::memcpy(bytes.data() + 48, &checksum, sizeof(checksum));
  LogHeader header;
  try {
    StateOf(bytes, &header);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.sqlstate(), "0A000");
    EXPECT_EQ(error.message(), "the log has format version 9; this program reads version 1: log");
  }
}

}  // namespace
}  // namespace tupelo

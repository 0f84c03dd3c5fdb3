// wal/log_header_test.cpp: headers, sound and damaged, of this database and of others.
#include "wal/log_header.h"

#include <gtest/gtest.h>
#include <string>

#include "base/error.h"

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
  std::vector<uint8_t> bytes;
  AppendLogHeader(header, &bytes);
  return bytes;
}

// The SQLSTATE that `run` ends with, or empty.
template <typename Run>
std::string StateOf(Run&& run) {
  try {
    run();
  } catch (const Error& error) {
    return std::string(error.sqlstate());
  }
  return {};
}

TEST(LogHeader, IsReadBack) {
  std::vector<uint8_t> bytes = BytesOf(SomeHeader());
  EXPECT_EQ(bytes.size(), kLogHeaderSize);
  LogHeader header;
  EXPECT_TRUE(ReadLogHeader(bytes, &header));
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
    EXPECT_FALSE(ReadLogHeader(std::span(bytes).first(size), &header)) << size;
  }
}

TEST(LogHeader, AnyChangedByteIsDamageOnceRecordsFollow) {
  for (size_t i = 0; i < kLogHeaderSize; ++i) {
    for (uint8_t change : {0x01, 0x80, 0xFF}) {
      std::vector<uint8_t> bytes = BytesOf(SomeHeader());
      bytes[i] ^= change;
      LogHeader header;
      EXPECT_FALSE(ReadLogHeader(bytes, &header)) << i;
      bytes.push_back(0);
      EXPECT_EQ(StateOf([&] { ReadLogHeader(bytes, &header); }), "XX001") << i;
    }
  }
}

TEST(LogHeader, ContinuesTheRootItNamesAndLaterOnesOfItsDatabase) {
  LogHeader header = SomeHeader();
  auto check = [&](const DatabaseId& database, uint64_t generation) {
    return StateOf([&] { CheckLogContinues(header, database, generation); });
  };
  EXPECT_EQ(check(header.database, 41), "");
  EXPECT_EQ(check(header.database, 42), "");
  EXPECT_EQ(check(header.database, 40), "XX001");
  EXPECT_EQ(check(DatabaseId{}, 41), "XX001");
}

}  // namespace
}  // namespace tupelo

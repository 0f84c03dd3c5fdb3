// wal/record_test.cpp: logs cut off at every place and damaged in every byte.
#include "wal/record.h"

#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <string>

#include "base/error.h"
#include "base/simulated_files.h"

namespace tupelo {
namespace {

using Bytes = std::vector<uint8_t>;

LogHeader SomeHeader() {
  LogHeader header;
  for (size_t i = 0; i < header.database.size(); ++i)
    header.database[i] = static_cast<uint8_t>(i + 1);
  header.generation = 7;
  header.first_sequence = 1000;
  return header;
}

void AppendHeader(const LogHeader& header, Bytes* file) {
  auto bytes = LogHeaderBytes(header);
  file->insert(file->end(), bytes.begin(), bytes.end());
}

struct Written {
  uint64_t position, durable;
  Bytes payload;
};

// A log of records with payloads of those lengths; every third record knows that all before it is
// durable.
struct Log {
  LogHeader header = SomeHeader();
  Bytes file;
  std::vector<Written> records;

  explicit Log(const std::vector<size_t>& lengths) {
    AppendHeader(header, &file);
    LogRecordWriter writer(header);
    std::mt19937 random(static_cast<uint32_t>(lengths.size()));
    uint64_t durable = kLogHeaderSize;
    for (size_t i = 0; i < lengths.size(); ++i) {
      Bytes payload(lengths[i]);
      for (uint8_t& byte : payload) byte = static_cast<uint8_t>(random());
      if (i % 3 == 2) durable = writer.position();
      records.push_back({writer.position(), durable, payload});
      writer.Append(payload, durable, &file);
    }
    EXPECT_EQ(writer.position(), file.size());
  }

  uint64_t EndOf(size_t i) const {
    return i + 1 < records.size() ? records[i + 1].position : file.size();
  }
  // Whether some record behind number `i` says that its place was durable.
  bool IsKnownDurable(size_t i) const {
    for (size_t j = i + 1; j < records.size(); ++j) {
      if (records[j].durable > records[i].position) return true;
    }
    return false;
  }
};

// A file with those bytes.
struct StoredFile {
  SimulatedFiles files;
  std::unique_ptr<File> file = files.Open("log", OpenMode::kCreate);
  explicit StoredFile(std::span<const uint8_t> bytes) { file->WriteAt(0, bytes); }
};

struct Replay {
  size_t count = 0;
  bool torn = false;
  bool damaged = false;
  uint64_t end = 0;
};

// Reads the log; what it gives must be what was written.
Replay ReplayOf(const Log& log, std::span<const uint8_t> file) {
  Replay replay;
  StoredFile stored(file);
  LogReader reader(log.header, *stored.file);
  try {
    LogRecord record;
    while (reader.Next(&record)) {
      EXPECT_LT(replay.count, log.records.size());
      const Written& written = log.records[replay.count];
      EXPECT_EQ(record.sequence, log.header.first_sequence + replay.count);
      EXPECT_EQ(record.position, written.position);
      EXPECT_EQ(record.durable_position, written.durable);
      EXPECT_EQ(Bytes(record.payload.begin(), record.payload.end()), written.payload);
      ++replay.count;
    }
    EXPECT_EQ(reader.next_sequence(), log.header.first_sequence + replay.count);
    replay.torn = reader.has_torn_tail();
    replay.end = reader.end_position();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataCorrupted);
    replay.damaged = true;
  }
  return replay;
}

const std::vector<size_t> kLengths{0, 1, 4, 5, 12, 100, 0, 33, 7, 64, 3, 250, 8};

TEST(LogRecord, WhatIsWrittenIsReadBack) {
  Log log(kLengths);
  Replay replay = ReplayOf(log, log.file);
  EXPECT_EQ(replay.count, kLengths.size());
  EXPECT_FALSE(replay.torn);
  EXPECT_EQ(replay.end, log.file.size());
}

TEST(LogRecord, ALogWithoutRecordsIsAtItsEnd) {
  Log log({});
  Replay replay = ReplayOf(log, log.file);
  EXPECT_EQ(replay.count, 0u);
  EXPECT_FALSE(replay.torn);
  EXPECT_EQ(replay.end, kLogHeaderSize);
}

TEST(LogRecord, APayloadIsWrittenInPartsBetweenBeginAndEnd) {
  Log log({5});
  Bytes file;
  AppendHeader(log.header, &file);
  LogRecordWriter writer(log.header);
  writer.Begin(&file);
  for (uint8_t byte : log.records[0].payload) file.push_back(byte);
  writer.End(&file, kLogHeaderSize);
  EXPECT_EQ(file, log.file);
  EXPECT_EQ(writer.next_sequence(), log.header.first_sequence + 1);
}

TEST(LogRecord, ALogCutOffAnywhereEndsBehindItsLastWholeRecord) {
  Log log(kLengths);
  for (size_t size = kLogHeaderSize; size <= log.file.size(); ++size) {
    size_t whole = 0;
    while (whole < log.records.size() && log.EndOf(whole) <= size) ++whole;
    Replay replay = ReplayOf(log, std::span(log.file).first(size));
    uint64_t end = whole == 0 ? kLogHeaderSize : log.EndOf(whole - 1);
    ASSERT_FALSE(replay.damaged) << size;
    ASSERT_EQ(replay.count, whole) << size;
    ASSERT_EQ(replay.end, end) << size;
    ASSERT_EQ(replay.torn, size > end) << size;
  }
}

TEST(LogRecord, AnyChangedByteIsDamageWhereItWasKnownToBeDurableAndTheTornTailElsewhere) {
  Log log(kLengths);
  size_t damages = 0, tails = 0;
  for (size_t i = 0; i < log.records.size(); ++i) {
    for (uint64_t at = log.records[i].position; at < log.EndOf(i); ++at) {
      for (uint8_t change : {0x01, 0x80, 0xFF}) {
        Bytes file = log.file;
        file[at] ^= change;
        Replay replay = ReplayOf(log, file);
        ASSERT_EQ(replay.count, i) << at;
        ASSERT_EQ(replay.damaged, log.IsKnownDurable(i)) << at;
        if (!replay.damaged) {
          ASSERT_TRUE(replay.torn);
          ASSERT_EQ(replay.end, log.records[i].position);
        }
        ++(replay.damaged ? damages : tails);
      }
    }
  }
  EXPECT_GT(damages, 0u);
  EXPECT_GT(tails, 0u);
}

TEST(LogRecord, LostPagesOfTheTailAreNoDamageWhenNothingThereWasDurable) {
  Log log(kLengths);
  for (size_t i = 0; i < log.records.size(); ++i) {
    Bytes file = log.file;
    std::fill(file.begin() + static_cast<ptrdiff_t>(log.records[i].position),
              file.begin() + static_cast<ptrdiff_t>(log.EndOf(i)), uint8_t{0});
    Replay replay = ReplayOf(log, file);
    EXPECT_EQ(replay.count, i);
    EXPECT_EQ(replay.damaged, log.IsKnownDurable(i));
  }
}

TEST(LogRecord, ZeroesBehindTheLastRecordAreItsEnd) {
  Log log(kLengths);
  for (size_t extra : {1, 7, 8, 27, 28, 32, 4096}) {
    Bytes file = log.file;
    file.resize(file.size() + extra);
    Replay replay = ReplayOf(log, file);
    EXPECT_EQ(replay.count, kLengths.size());
    EXPECT_TRUE(replay.torn);
    EXPECT_EQ(replay.end, log.file.size());
  }
}

TEST(LogRecord, ARecordLeftOutIsDamageEvenThoughTheRestIsSound) {
  Log log(kLengths);
  for (size_t i = 0; i + 1 < log.records.size(); ++i) {
    Bytes file = log.file;
    file.erase(file.begin() + static_cast<ptrdiff_t>(log.records[i].position),
               file.begin() + static_cast<ptrdiff_t>(log.EndOf(i)));
    EXPECT_EQ(ReplayOf(log, file).count, i);  // those behind it are bound to their places
  }
}

TEST(LogRecord, RecordsOfAnotherLogNeverCheckOut) {
  Log log(kLengths);
  for (int which = 0; which < 3; ++which) {
    Log other({});
    if (which == 0) other.header.database[15] ^= 1;
    if (which == 1) ++other.header.generation;
    if (which == 2) ++other.header.first_sequence;
    Bytes file;
    AppendHeader(other.header, &file);
    file.insert(file.end(), log.file.begin() + kLogHeaderSize, log.file.end());
    Replay replay = ReplayOf(other, file);
    EXPECT_EQ(replay.count, 0u);
    EXPECT_TRUE(replay.torn);
  }
}

TEST(LogRecord, ALogInThePayloadOfARecordIsNotTakenForTheLog) {
  Log inner(kLengths);
  LogHeader header = inner.header;
  Bytes file;
  AppendHeader(header, &file);
  LogRecordWriter writer(header);
  writer.Append(inner.file, kLogHeaderSize, &file);
  file[kLogHeaderSize] ^= 1;
  StoredFile stored(file);
  LogReader reader(header, *stored.file);
  LogRecord record;
  EXPECT_FALSE(reader.Next(&record));
  EXPECT_TRUE(reader.has_torn_tail());
}

TEST(LogRecord, WritingGoesOnWhereReplayEnded) {
  Log log(kLengths);
  size_t kept = 5;
  Bytes file(log.file.begin(), log.file.begin() + static_cast<ptrdiff_t>(log.EndOf(kept - 1) + 3));
  StoredFile stored(file);
  LogReader reader(log.header, *stored.file);
  LogRecord record;
  while (reader.Next(&record)) {
  }
  ASSERT_EQ(reader.end_position(), log.EndOf(kept - 1));
  file.resize(reader.end_position());
  LogRecordWriter writer(log.header, reader.end_position(), reader.next_sequence());
  for (size_t i = kept; i < log.records.size(); ++i) {
    writer.Append(log.records[i].payload, log.records[i].durable, &file);
  }
  EXPECT_EQ(file, log.file);
}

TEST(LogRecord, PayloadsAreLongerThanWhatIsReadAtOnce) {
  Log log({3, 1000, 300000, 17, 1 << 20, 262144 - 28, 5, 262144});
  EXPECT_EQ(ReplayOf(log, log.file).count, log.records.size());
  for (size_t i = 0; i < log.records.size(); ++i) {
    for (uint64_t at : {log.records[i].position + 1, log.EndOf(i) - 1}) {
      Bytes file = log.file;
      file[at] ^= 0x10;
      Replay replay = ReplayOf(log, file);
      EXPECT_EQ(replay.count, i);
      EXPECT_EQ(replay.damaged, log.IsKnownDurable(i));
    }
  }
}

TEST(LogRecord, ReadingBeginsAtAnyRecordAndFindsWhatIsAppendedLater) {
  Log log(kLengths);
  uint64_t half = log.records[6].position;
  StoredFile stored(std::span(log.file).first(half));
  LogReader reader(log.header, *stored.file, log.records[4].position, 1004);
  LogRecord record;
  EXPECT_TRUE(reader.Next(&record));
  EXPECT_EQ(record.sequence, 1004u);
  EXPECT_TRUE(reader.Next(&record));
  EXPECT_FALSE(reader.Next(&record));
  stored.file->WriteAt(half, std::span(log.file).subspan(half));
  EXPECT_FALSE(reader.Next(&record));
  EXPECT_TRUE(reader.LookAgain(&record));
  EXPECT_EQ(record.sequence, 1006u);
}

TEST(LogRecord, TheSwitchRecordNamesTheLogThatGoesOn) {
  Log log({5});
  LogRecordWriter writer(log.header, log.file.size(), 1001);
  writer.AppendSwitch(8, kLogHeaderSize, &log.file);
  EXPECT_EQ(writer.position(), log.file.size());
  StoredFile stored(log.file);
  LogReader reader(log.header, *stored.file);
  LogRecord record;
  EXPECT_TRUE(reader.Next(&record));
  EXPECT_FALSE(record.is_switch);
  EXPECT_TRUE(reader.Next(&record));
  EXPECT_TRUE(record.is_switch);
  EXPECT_EQ(record.next_generation, 8u);
}

TEST(LogRecord, RandomBytesBehindTheHeaderAreATornTail) {
  Log log({});
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    Bytes file = log.file;
    for (uint32_t n = random() % 500; n > 0; --n) file.push_back(static_cast<uint8_t>(random()));
    Replay replay = ReplayOf(log, file);
    EXPECT_EQ(replay.count, 0u);
    EXPECT_FALSE(replay.damaged);
  }
}

}  // namespace
}  // namespace tupelo

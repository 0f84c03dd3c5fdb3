// wal/log_test.cpp: what is appended is found again; disks that are full or fail; damaged files.
#include "wal/log_test.h"

#include <thread>

namespace tupelo {
namespace {

using Payloads = std::vector<Bytes>;

uint64_t AppendText(Log& log, const std::string& text) { return log.Append(BytesOf(text)); }

void Commit(Log& log, const std::string& text) { log.WaitDurable(AppendText(log, text)); }

Payloads Texts(const std::vector<std::string>& texts) {
  Payloads payloads;
  for (const std::string& text : texts) payloads.push_back(BytesOf(text));
  return payloads;
}

// As a checkpoint does it, without writing anything.
LogPlace Checkpoint(Log& log) {
  log.PrepareSwitch();
  LogPlace place = log.Switch();
  log.Sync();
  log.DropOld();
  return place;
}

TEST(Log, IsNotThereBeforeSomethingIsAppended) {
  SimulatedFiles files;
  auto log = OpenLog(files, {});
  log->Sync();
  EXPECT_EQ(log->Switch(), LogPlace{});
  EXPECT_EQ(log->PlaceAfterClose(), LogPlace{});
  EXPECT_EQ(files.operations(), 0u);
  EXPECT_TRUE(files.Paths().empty());
}

TEST(Log, PayloadsAreFoundInTheirOrder) {
  SimulatedFiles files;
  auto log = OpenLog(files, {});
  EXPECT_EQ(AppendText(*log, "one"), 1u);
  Bytes a = BytesOf("t"), b = BytesOf("wo"), empty;
  std::vector<std::span<const uint8_t>> parts{a, empty, b};
  EXPECT_EQ(log->Append(parts), 2u);
  EXPECT_EQ(log->Append(empty), 3u);
  log->WaitDurable(3);
  LogEnd end;
  EXPECT_EQ(PayloadsOf(files, {}, &end), Texts({"one", "two", ""}));
  EXPECT_EQ(end.place.sequence, 4u);
  EXPECT_EQ(end.bytes, log->appended_bytes());
  log = OpenLog(files, {});
  EXPECT_EQ(log->appended_bytes(), end.bytes);
  EXPECT_EQ(AppendText(*log, "four"), 4u);
  log->Sync();
  EXPECT_EQ(PayloadsOf(files, {}), Texts({"one", "two", "", "four"}));
}

TEST(Log, WhoWaitsFirstWritesForAll) {
  SimulatedFiles files;
  auto log = OpenLog(files, {});
  Commit(*log, "first");
  uint64_t before = files.operations(), last = 0;
  for (int i = 0; i < 100; ++i) last = AppendText(*log, "x");
  log->WaitDurable(last);
  EXPECT_EQ(files.operations(), before + 2);
  log->WaitDurable(last - 50);
  log->Sync();
  EXPECT_EQ(files.operations(), before + 2);
}

TEST(Log, EachModeKeepsWhatItPromises) {
  for (Synchronous mode : {Synchronous::kFull, Synchronous::kNormal, Synchronous::kOff}) {
    SimulatedFiles files;
    auto log = OpenLog(files, {}, mode);
    Commit(*log, "a");
    bool off = mode == Synchronous::kOff, full = mode == Synchronous::kFull;
    EXPECT_EQ(PayloadsOf(files, {}), off ? Payloads{} : Texts({"a"}));
    EXPECT_EQ(PayloadsOf(*files.Recover(1, Kept::kNone), {}), full ? Texts({"a"}) : Payloads{});
    log->Sync();
    EXPECT_EQ(PayloadsOf(*files.Recover(1, Kept::kNone), {}), Texts({"a"}));
    AppendText(*log, "b");
    log->set_synchronous(Synchronous::kFull);
    log->WaitDurable(2);
    EXPECT_EQ(PayloadsOf(*files.Recover(1, Kept::kNone), {}), Texts({"a", "b"}));
  }
}

TEST(Log, WhatGathersIsWrittenWhenItIsMuch) {
  SimulatedFiles files;
  auto log = OpenLog(files, {}, Synchronous::kOff);
  std::string large(300000, 'x');
  for (int i = 0; i < 3; ++i) Commit(*log, large);
  log->WriteLargeBuffer();
  EXPECT_EQ(PayloadsOf(files, {}).size(), 0u);
  Commit(*log, large);
  EXPECT_EQ(PayloadsOf(files, {}).size(), 4u);
  for (int i = 0; i < 4; ++i) AppendText(*log, large);
  log->WriteLargeBuffer();
  EXPECT_EQ(PayloadsOf(files, {}).size(), 8u);
}

TEST(Log, AFileIsUsedAnewAfterTwoCheckpoints) {
  SimulatedFiles files;
  auto log = OpenLog(files, {});
  LogPlace place;
  for (uint64_t i = 0; i < 10; ++i) {
    Commit(*log, "before");
    place = Checkpoint(*log);
    EXPECT_EQ(place, (LogPlace{i + 2, kLogHeaderSize, 2 * i + 3, true}));
    EXPECT_EQ(PayloadsOf(files, place), Payloads{});
  }
  Commit(*log, "after");
  EXPECT_EQ(PayloadsOf(files, place), Texts({"after"}));
  EXPECT_EQ(files.Paths(), (std::vector<std::string>{"db-wal", "db-wal2"}));
  EXPECT_LE(files.Contents("db-wal").size(), 2u << 20);
  LogPlace closed = log->PlaceAfterClose();
  EXPECT_EQ(PayloadsOf(files, closed), Payloads{});
  log.reset();
  RemoveLogFiles(files, "db");
  EXPECT_TRUE(files.Paths().empty());
  log = OpenLog(files, closed);
  Commit(*log, "again");
  EXPECT_EQ(PayloadsOf(files, closed), Texts({"again"}));
}

TEST(Log, RecordsAreInBothFilesUntilTheRootIsDurable) {
  SimulatedFiles files;
  std::unique_ptr<SimulatedFiles> recovered;
  auto log = OpenLog(files, {});
  Commit(*log, "a");
  log->PrepareSwitch();
  AppendText(*log, "b");
  LogPlace place = log->Switch();
  uint64_t last = AppendText(*log, "c");
  EXPECT_EQ(PayloadsOf(*files.Recover(1, Kept::kNone), {}), Texts({"a"}));
  log->WaitDurable(last);
  recovered = files.Recover(1, Kept::kNone);
  EXPECT_EQ(PayloadsOf(*recovered, {}), Texts({"a", "b", "c"}));
  EXPECT_EQ(PayloadsOf(*recovered, place), Texts({"c"}));
  // The checkpoint is given up; the next one goes on in the newer file.
  log = OpenLog(*recovered, {});
  Commit(*log, "d");
  log->PrepareSwitch();
  LogPlace second = log->Switch();
  EXPECT_EQ(second.generation, place.generation);
  EXPECT_GT(second.position, place.position);
  Commit(*log, "e");
  EXPECT_EQ(PayloadsOf(*recovered, {}), Texts({"a", "b", "c", "d", "e"}));
  EXPECT_EQ(PayloadsOf(*recovered, second), Texts({"e"}));
  log->DropOld();
  LogPlace third = Checkpoint(*log);
  EXPECT_EQ(third.generation, place.generation + 1);
  Commit(*log, "f");
  EXPECT_EQ(PayloadsOf(*recovered, third), Texts({"f"}));
}

TEST(Log, AFullDiskIsFoundBeforeAnythingIsAppended) {
  SimulatedFiles files;
  files.LimitRoom(0);
  auto log = OpenLog(files, {});
  EXPECT_EQ(StateOf([&] { AppendText(*log, "a"); }), "53100");
  files.LimitRoom(64 << 10);
  Commit(*log, "b");
  std::string large(50000, 'x');
  Commit(*log, large);
  EXPECT_EQ(StateOf([&] { AppendText(*log, large); }), "53100");
  Commit(*log, "c");
  EXPECT_EQ(StateOf([&] { log->PrepareSwitch(); }), "53100");
  LogPlace place = log->Switch();
  EXPECT_EQ(place.generation, 1u);
  Commit(*log, "d");
  EXPECT_EQ(PayloadsOf(files, {}), Texts({"b", large, "c", "d"}));
  EXPECT_EQ(PayloadsOf(files, place), Texts({"d"}));
  files.LimitRoom(64 << 20);
  Commit(*log, large);
  EXPECT_EQ(PayloadsOf(files, place), Texts({"d", large}));
}

TEST(Log, AWriteOrSyncThatFailsBreaksItUntilItIsOpenedAnew) {
  for (uint64_t which : {1, 2}) {
    for (ErrorCode code : {ErrorCode::kIoError, ErrorCode::kDiskFull}) {
      SimulatedFiles files;
      auto log = OpenLog(files, {});
      Commit(*log, "a");
      files.FailOperation(files.operations() + which, code);
      uint64_t sequence = AppendText(*log, "b");
      EXPECT_EQ(StateOf([&] { log->WaitDurable(sequence); }), "58030");
      EXPECT_EQ(StateOf([&] { log->WaitDurable(sequence); }), "58030");
      EXPECT_EQ(StateOf([&] { AppendText(*log, "c"); }), "58030");
      EXPECT_EQ(StateOf([&] { log->Switch(); }), "58030");
      log->WaitDurable(1);
      // What is read again after a failed sync may not be on the disk.
      Payloads found = PayloadsOf(files, {});
      EXPECT_EQ(found, which == 1 ? Texts({"a"}) : Texts({"a", "b"}));
      log = OpenLog(files, {});
      Commit(*log, "d");
      found.push_back(BytesOf("d"));
      EXPECT_EQ(PayloadsOf(*files.Recover(1, Kept::kNone), {}), found);
    }
  }
}

TEST(Log, ARootMayNameWhatWasReadBeforeItWasDurable) {
  SimulatedFiles files;
  auto log = OpenLog(files, {}, Synchronous::kNormal);
  Commit(*log, "a");
  log = OpenLog(files, {}, Synchronous::kNormal);  // the process was killed
  LogPlace place = log->Switch();
  log->Sync();
  auto recovered = files.Recover(1, Kept::kNone);
  EXPECT_EQ(PayloadsOf(*recovered, place), Payloads{});
  EXPECT_EQ(PayloadsOf(*recovered, {}), Texts({"a"}));
}

TEST(Log, RecordsBehindALostOneNeverComeBack) {
  SimulatedFiles files;
  auto log = OpenLog(files, {}, Synchronous::kNormal);
  std::string a(100, 'a'), b(100, 'b'), c(100, 'c');
  Commit(*log, a);
  Commit(*log, b);
  files.FlipByte("db-wal", kLogHeaderSize + 40, 1);
  log = OpenLog(files, {});
  EXPECT_EQ(PayloadsOf(files, {}), Payloads{});
  Commit(*log, c);  // in the place of the first, and of its size
  EXPECT_EQ(PayloadsOf(files, {}), Texts({c}));
}

TEST(Log, ThreadsFindTheirRecordsDurable) {
  SimulatedFiles files;
  auto log = OpenLog(files, {});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 200; ++j) Commit(*log, std::to_string(i * 1000 + j));
    });
  }
  // Readers beside them see a beginning of it, never damage.
  LogRecord record;
  for (int i = 0; i < 50; ++i) {
    LogReplay replay(files, "db", kTestDatabase, {});
    uint64_t last = 0;
    while (replay.Next(&record)) {
      EXPECT_GT(record.sequence, last);
      last = record.sequence;
    }
  }
  LogPlace place = Checkpoint(*log);
  for (std::thread& thread : threads) thread.join();
  size_t count = PayloadsOf(*files.Recover(1, Kept::kNone), {}).size();
  EXPECT_EQ(count, 800u);
  EXPECT_LE(PayloadsOf(files, place).size(), 800u);
}

// Files with records in generation 1, switched to 2 with records there.
struct TwoFiles {
  SimulatedFiles files;
  LogPlace second;
  TwoFiles() {
    auto log = OpenLog(files, {});
    Commit(*log, "a");
    log->PrepareSwitch();
    second = log->Switch();
    Commit(*log, "b");
  }
};

TEST(Log, WhatCannotBeIsDamage) {
  auto state = [](SimulatedFiles& files, const LogPlace& from) {
    return StateOf([&] { PayloadsOf(files, from); });
  };
  TwoFiles two;
  EXPECT_EQ(state(two.files, {}), "");
  EXPECT_EQ(state(two.files, {0, kLogHeaderSize, 1, false}), "XX001");  // older than its log
  EXPECT_EQ(state(two.files, {3, kLogHeaderSize, 9, true}), "XX001");   // missing
  EXPECT_EQ(state(two.files, {3, kLogHeaderSize, 9, false}), "");
  EXPECT_EQ(state(two.files, {1, kLogHeaderSize + 4, 2, true}), "XX001");
  EXPECT_EQ(state(two.files, {1, uint64_t{1} << 40, 2, true}), "XX001");
  EXPECT_EQ(state(two.files, {1, kLogHeaderSize, 2, true}), "XX001");
  LogReplay other(two.files, "other", kTestDatabase, {});
  EXPECT_EQ(StateOf([&] { LogReplay(two.files, "db", DatabaseId{9}, {}); }), "XX001");
  two.files.Remove("db-wal2");
  EXPECT_EQ(state(two.files, {}), "XX001");
  TwoFiles again;
  again.files.Remove("db-wal");
  EXPECT_EQ(state(again.files, {}), "XX001");
  EXPECT_EQ(state(again.files, again.second), "");
}

TEST(Log, AnyChangedByteThatMattersIsDamageAndAnyOtherChangesNothing) {
  for (const char* path : {"db-wal", "db-wal2"}) {
    for (uint64_t at = 0; at < 400; ++at) {
      TwoFiles two;
      two.files.FlipByte(path, at, 0x40);
      bool first = std::string(path) == "db-wal";
      // "a" with its frame takes 32 bytes and the switch record 40; the last record is a tail.
      bool matters = at < kLogHeaderSize + (first ? 72 : 0);
      bool tail = !first && !matters && at < kLogHeaderSize + 32;
      EXPECT_EQ(StateOf([&] {
                  EXPECT_EQ(PayloadsOf(two.files, {}), tail ? Texts({"a"}) : Texts({"a", "b"}));
                }),
                matters ? "XX001" : "")
          << path << " " << at;
      // The first file does not matter to a root that names the second.
      if (first) {
        EXPECT_EQ(PayloadsOf(two.files, two.second), Texts({"b"})) << at;
      }
    }
  }
}

TEST(Log, TheHeaderOfALogThatMayBeMissingIsDamagedOrSound) {
  SimulatedFiles files;
  Commit(*OpenLog(files, {}), "a");
  files.FlipByte("db-wal", 3, 1);
  EXPECT_EQ(StateOf([&] { PayloadsOf(files, {}); }), "XX001");
  files.Open("db-wal", OpenMode::kReadWrite)->Resize(20);
  EXPECT_EQ(PayloadsOf(files, {}), Payloads{});
  Commit(*OpenLog(files, {}), "b");
  EXPECT_EQ(PayloadsOf(files, {}), Texts({"b"}));
}

}  // namespace
}  // namespace tupelo

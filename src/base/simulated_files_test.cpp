// base/simulated_files_test.cpp: what a power cut leaves, and faults at the places asked for.
#include "base/simulated_files.h"

#include <gtest/gtest.h>
#include <set>

namespace tupelo {
namespace {

using Bytes = std::vector<uint8_t>;

template <typename Run>
std::string StateOf(Run&& run) {
  try {
    run();
  } catch (const Error& error) {
    return std::string(error.sqlstate());
  } catch (const PowerCut&) {
    return "cut";
  }
  return {};
}

Bytes Filled(size_t size, uint8_t value) { return Bytes(size, value); }

TEST(SimulatedFiles, WhatIsSyncedWithItsDirectoryStays) {
  SimulatedFiles files;
  auto file = files.Open("d/a", OpenMode::kCreate);
  file->WriteAt(0, Filled(2000, 1));
  file->Sync();
  files.SyncDirectory("d/a");
  file->WriteAt(1000, Filled(2000, 2));
  auto none = files.Recover(1, Kept::kNone);
  EXPECT_EQ(none->Contents("d/a"), Filled(2000, 1));
  auto all = files.Recover(1, Kept::kAll);
  EXPECT_EQ(all->Contents("d/a"), files.Contents("d/a"));
  EXPECT_EQ(files.Contents("d/a").size(), 3000u);
}

TEST(SimulatedFiles, NewFilesRenamesAndRemovalsAreLostWithoutTheirDirectory) {
  SimulatedFiles files;
  files.Open("old", OpenMode::kCreate)->WriteAt(0, Bytes{1});
  files.Open("gone", OpenMode::kCreate);
  files.SyncDirectory("old");
  files.Open("new", OpenMode::kCreate);
  files.Rename("old", "renamed");
  files.Remove("gone");
  using Names = std::vector<std::string>;
  EXPECT_EQ(files.Paths(), (Names{"new", "renamed"}));
  EXPECT_EQ(files.Recover(1, Kept::kAll)->Paths(), (Names{"new", "renamed"}));
  EXPECT_EQ(files.Recover(1, Kept::kNone)->Paths(), (Names{"gone", "old"}));
  std::set<Names> random, prefix;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    random.insert(files.Recover(seed, Kept::kRandom)->Paths());
    prefix.insert(files.Recover(seed, Kept::kPrefix)->Paths());
  }
  EXPECT_EQ(random.size(), 8u);
  EXPECT_EQ(prefix.size(), 4u);
  files.SyncDirectory("new");
  EXPECT_EQ(files.Recover(1, Kept::kNone)->Paths(), (Names{"new", "renamed"}));
}

TEST(SimulatedFiles, WritesAreTornAtSectorsAndReordered) {
  SimulatedFiles files;
  auto file = files.Open("a", OpenMode::kCreate);
  file->WriteAt(0, Filled(4 * 512, 0));
  file->Sync();
  files.SyncDirectory("a");
  file->WriteAt(256, Filled(1024, 1));
  std::set<std::vector<bool>> seen;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Bytes bytes = files.Recover(seed, Kept::kRandom)->Contents("a");
    ASSERT_EQ(bytes, files.Recover(seed, Kept::kRandom)->Contents("a"));
    ASSERT_EQ(bytes.size(), 2048u);
    for (auto [first, last] : {std::pair(256, 511), std::pair(512, 1023), std::pair(1024, 1279)}) {
      for (int at = first; at <= last; ++at)
        ASSERT_EQ(bytes[static_cast<size_t>(at)], bytes[static_cast<size_t>(first)]);
    }
    seen.insert({bytes[256] != 0, bytes[512] != 0, bytes[1024] != 0});
  }
  EXPECT_EQ(seen.size(), 8u);
}

TEST(SimulatedFiles, ALostSizeHidesWhatWasWrittenBehindTheOldOne) {
  SimulatedFiles files;
  auto file = files.Open("a", OpenMode::kCreate);
  file->Sync();
  files.SyncDirectory("a");
  file->WriteAt(0, Filled(600, 1));
  std::set<Bytes> seen;
  for (uint64_t seed = 0; seed < 100; ++seed)
    seen.insert(files.Recover(seed, Kept::kRandom)->Contents("a"));
  EXPECT_EQ(seen.size(), 5u);  // nothing, or one of four
  EXPECT_TRUE(seen.contains(Bytes{}));
  EXPECT_TRUE(seen.contains(Filled(600, 0)));
}

TEST(SimulatedFiles, ThePowerIsCutAtEachOperationInTurn) {
  auto run = [](SimulatedFiles& files) {
    auto file = files.Open("a", OpenMode::kCreate);
    file->Reserve(1000);
    file->WriteAt(0, Filled(512, 1));
    file->Resize(512);
    file->Sync();
    files.SyncDirectory("a");
    files.Rename("a", "b");
    files.Remove("b");
  };
  SimulatedFiles whole;
  run(whole);
  ASSERT_EQ(whole.operations(), 8u);
  for (uint64_t cut = 1; cut <= 8; ++cut) {
    SimulatedFiles files;
    files.CutPowerAt(cut);
    EXPECT_EQ(StateOf([&] { run(files); }), "cut") << cut;
    EXPECT_EQ(files.operations(), cut);
    EXPECT_EQ(StateOf([&] { files.Exists("a"); }), "cut");
    bool durable = cut > 6;
    EXPECT_EQ(files.Recover(1, Kept::kNone)->Paths().size(), durable ? 1u : 0u) << cut;
  }
}

TEST(SimulatedFiles, OperationsFailWhereTheyAreToldTo) {
  SimulatedFiles files;
  files.FailOperation(2, ErrorCode::kDiskFull);
  files.FailOperation(3, ErrorCode::kIoError);
  files.FailRead(2);
  auto file = files.Open("a", OpenMode::kCreate);
  EXPECT_EQ(StateOf([&] { file->WriteAt(0, Bytes{1}); }), "53100");
  EXPECT_EQ(StateOf([&] { file->Resize(3); }), "58030");
  EXPECT_EQ(file->Size(), 0u);
  file->WriteAt(0, Bytes{1, 2});
  Bytes bytes(2);
  EXPECT_EQ(file->ReadAt(0, bytes), 2u);
  EXPECT_EQ(StateOf([&] { file->ReadAt(0, bytes); }), "58030");
  EXPECT_EQ(file->ReadAt(1, bytes), 1u);
  files.FlipByte("a", 1, 0xF0);
  EXPECT_EQ(files.Contents("a"), (Bytes{1, 0xF2}));
}

TEST(SimulatedFiles, WhatAFailedSyncLostIsReadButNoLaterSyncSavesIt) {
  SimulatedFiles files;
  auto file = files.Open("a", OpenMode::kCreate);
  files.SyncDirectory("a");
  file->Resize(2048);
  file->Sync();
  file->WriteAt(0, Filled(1024, 1));
  files.FailOperation(files.operations() + 1, ErrorCode::kDiskFull);
  EXPECT_EQ(StateOf([&] { file->Sync(); }), "58030");
  EXPECT_EQ(StateOf([&] { file->Sync(); }), "58030");
  auto anew = files.Open("a", OpenMode::kReadWrite);
  anew->WriteAt(600, Bytes{2});
  anew->Sync();
  EXPECT_EQ(files.Contents("a")[0], 1);
  Bytes found = files.Recover(1, Kept::kNone)->Contents("a");
  EXPECT_EQ(found[0], 0);
  EXPECT_EQ(found[512], 1);  // its sector was written again
  EXPECT_EQ(found[600], 2);
  EXPECT_EQ(files.Recover(1, Kept::kAll)->Contents("a"), files.Contents("a"));
}

TEST(SimulatedFiles, AFullDiskTakesAPartOfAWrite) {
  SimulatedFiles files;
  files.LimitRoom(8192);
  auto one = files.Open("a", OpenMode::kCreate), two = files.Open("b", OpenMode::kCreate);
  one->Reserve(4096);
  two->Resize(1 << 20);  // a hole
  EXPECT_EQ(StateOf([&] { two->WriteAt(4000, Filled(200, 1)); }), "53100");
  EXPECT_EQ(files.Contents("b")[4095], 1);
  EXPECT_EQ(files.Contents("b")[4096], 0);
  one->WriteAt(0, Filled(4096, 1));
  EXPECT_EQ(StateOf([&] { one->Reserve(4097); }), "53100");
  files.Remove("b");
  one->Reserve(8192);
}

TEST(SimulatedFiles, LocksExcludeEachOtherByRangeAndGoWithTheirFile) {
  SimulatedFiles files;
  auto one = files.Open("a", OpenMode::kCreate), two = files.Open("a", OpenMode::kReadWrite);
  EXPECT_TRUE(one->TryLock({10, 10}, true));
  EXPECT_FALSE(two->TryLock({19, 1}, false));
  one->Unlock({12, 2});
  EXPECT_TRUE(two->TryLock({12, 2}, true));
  EXPECT_FALSE(two->TryLock({11, 1}, true));
  EXPECT_FALSE(two->TryLock({14, 1}, true));
  EXPECT_TRUE(one->IsLockedByOther({0, 13}));
  EXPECT_TRUE(one->TryLock({30, 1}, false));
  EXPECT_TRUE(two->TryLock({30, 1}, false));
  EXPECT_FALSE(two->TryLock({30, 1}, true));
  one.reset();
  EXPECT_TRUE(two->TryLock({0, 100}, true));
}

}  // namespace
}  // namespace tupelo

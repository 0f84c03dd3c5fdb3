// storage/database_file_pins_test.cpp: what a reader has pinned is there as long as it reads.
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/simulated_files.h"
#include "storage/database_file.h"
#include "storage/file_locks.h"

namespace tupelo {
namespace {

constexpr DatabaseId kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr const char* kPath = "/disk/app.db";

// Roots that each lead to extents of their own, all of whose bytes are the root's generation.
class Pins : public testing::Test {
 protected:
  Pins() {
    writer_ = DatabaseFile::Create(files_.Open(kPath, OpenMode::kCreate), kId);
    AskForPins();
  }

  void AskForPins() {
    File* file = &writer_->file();
    writer_->SetOldestPinned([this, file](uint64_t before) {
      ++asked_;
      return OldestPinned(file, before);
    });
  }

  void Commit(size_t bytes = 50000) {
    DatabaseRoot root;
    auto value = static_cast<uint8_t>(writer_->root().generation + 1);
    std::vector<uint8_t> payload(bytes, value);
    root.catalog = writer_->Allocate(bytes);
    writer_->Write(root.catalog, ExtentKind::kCatalog, {}, payload);
    if (writer_->root().catalog) writer_->Free(writer_->root().catalog);
    writer_->CommitRoot(root);
  }

  std::unique_ptr<DatabaseFile> Pin() {
    auto reader = DatabaseFile::Open(files_.Open(kPath, OpenMode::kRead));
    reader->PinRoot();
    return reader;
  }

  static void Check(const DatabaseFile& reader) {
    ExtentBuffer buffer;
    auto payload = reader.Read(reader.root().catalog, ExtentKind::kCatalog, &buffer);
    EXPECT_EQ(payload[0], static_cast<uint8_t>(reader.root().generation));
  }

  SimulatedFiles files_;
  std::unique_ptr<DatabaseFile> writer_;
  int asked_ = 0;
};

TEST_F(Pins, WhatAPinnedRootReachesIsKeptUntilTheReaderGoes) {
  for (int i = 0; i < 5; ++i) Commit();
  uint64_t pages = writer_->file_pages();
  std::unique_ptr<DatabaseFile> first = Pin();
  std::unique_ptr<DatabaseFile> second;
  for (int i = 0; i < 20; ++i) {
    Commit();
    if (i == 9) second = Pin();
    Check(*first);
    if (second != nullptr) Check(*second);
  }
  uint64_t most = writer_->file_pages();
  EXPECT_GT(most, pages + 10);
  first = nullptr;
  for (int i = 0; i < 5; ++i) Commit();
  Check(*second);
  second = nullptr;
  // Nothing is kept any more: what was is used again.
  for (int i = 0; i < 40; ++i) Commit();
  EXPECT_LE(writer_->file_pages(), most);
  EXPECT_GE(files_.Contents(kPath).size(), writer_->file_pages() * kPageBytes);
}

TEST_F(Pins, AWriterThatOpensTheFileAsksForThem) {
  for (int i = 0; i < 5; ++i) Commit();
  std::unique_ptr<DatabaseFile> reader = Pin();
  for (int i = 0; i < 5; ++i) Commit();
  for (int round = 0; round < 5; ++round) {
    writer_ = nullptr;
    writer_ = DatabaseFile::Open(files_.Open(kPath, OpenMode::kReadWrite));
    AskForPins();
    Commit();
    Check(*reader);
  }
}

TEST_F(Pins, AreAskedForOnceARoot) {
  Commit();
  asked_ = 0;
  std::unique_ptr<DatabaseFile> reader = Pin();
  for (int i = 0; i < 5; ++i) Commit();
  EXPECT_EQ(asked_, 5);
}

TEST_F(Pins, TheOldestOneIsFound) {
  std::unique_ptr<File> asking = files_.Open(kPath, OpenMode::kRead);
  EXPECT_EQ(OldestPinned(asking.get(), 1000), UINT64_MAX);
  std::unique_ptr<File> locking = files_.Open(kPath, OpenMode::kRead);
  locking->TryLock(PinLock(1000), false);
  EXPECT_EQ(OldestPinned(asking.get(), 1000), UINT64_MAX);
  for (uint64_t generation : {777, 776, 900, 1, 0}) {
    std::unique_ptr<File> other = files_.Open(kPath, OpenMode::kRead);
    other->TryLock(PinLock(generation), false);
    EXPECT_EQ(OldestPinned(asking.get(), 1000), generation);
    locking->TryLock(PinLock(generation), false);
    EXPECT_EQ(OldestPinned(locking.get(), 1000), generation);  // of the others
    locking->Unlock(PinLock(generation));
  }
}

TEST_F(Pins, TheProcessThatWritesIsNamed) {
  std::unique_ptr<File> asking = files_.Open(kPath, OpenMode::kRead);
  EXPECT_EQ(WriterNumber(asking.get()), 0u);
  for (uint64_t process : {1u, 4711u, 4194304u, 4294967295u}) {
    std::unique_ptr<File> writing = files_.Open(kPath, OpenMode::kReadWrite);
    EXPECT_TRUE(writing->TryLock(kWriterLock, true));
    LockWriterNumber(writing.get(), process);
    EXPECT_EQ(WriterNumber(asking.get()), process);
    EXPECT_FALSE(asking->TryLock(kWriterLock, true));
  }
  EXPECT_EQ(WriterNumber(asking.get()), 0u);
}

}  // namespace
}  // namespace tupelo

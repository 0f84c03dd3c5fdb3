// storage/database_file_test.cpp: what is opened, and what is refused.
#include "storage/database_file.h"

#include <cstring>
#include <gtest/gtest.h>
#include <set>

#include "storage/file_for_test.h"

namespace tupelo {
namespace {

constexpr DatabaseId kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

std::unique_ptr<DatabaseFile> Open(const std::shared_ptr<MemoryDisk>& disk) {
  return DatabaseFile::Open(std::make_unique<MemoryFile>(disk));
}

// The code and message of what opening throws.
std::string OpenError(const std::shared_ptr<MemoryDisk>& disk) {
  std::vector<uint8_t> before = disk->bytes;
  try {
    Open(disk);
  } catch (const Error& error) {
    EXPECT_EQ(disk->bytes, before);
    return std::string(error.sqlstate()) + " " + error.message();
  }
  return "";
}

std::shared_ptr<MemoryDisk> SmallDatabase() {
  auto disk = std::make_shared<MemoryDisk>();
  auto file = DatabaseFile::Create(std::make_unique<MemoryFile>(disk), kId);
  DatabaseRoot root;
  for (int i = 0; i < 3; ++i) {
    std::vector<uint8_t> payload(100 + 5000u * static_cast<unsigned>(i), 'x');
    root.catalog = file->Allocate(payload.size());
    root.log_sequence = static_cast<uint64_t>(i);
    file->Write(root.catalog, ExtentKind::kCatalog, {1, 2}, payload);
    file->CommitRoot(root);
  }
  return disk;
}

TEST(DatabaseFile, TheRootComesBack) {
  auto disk = std::make_shared<MemoryDisk>();
  DatabaseRoot root;
  {
    auto file = DatabaseFile::Create(std::make_unique<MemoryFile>(disk), kId);
    EXPECT_EQ(file->root().generation, 1u);
    root.log_generation = 5;
    root.log_sequence = 77;
    root.numbers = {1, 2, 3, 4, 5, 6, 7, 8};
    file->CommitRoot(root);
  }
  auto file = Open(disk);
  EXPECT_EQ(file->id(), kId);
  EXPECT_EQ(file->root().generation, 2u);
  EXPECT_EQ(file->root().log_generation, 5u);
  EXPECT_EQ(file->root().log_sequence, 77u);
  EXPECT_EQ(file->root().numbers, root.numbers);
  EXPECT_FALSE(file->other_root_is_broken());
}

TEST(DatabaseFile, TellsWhatIsWrongWithAFile) {
  auto disk = SmallDatabase();
  auto with = [&](size_t offset, std::vector<uint8_t> bytes) {
    auto changed = std::make_shared<MemoryDisk>(*disk);
    std::copy(bytes.begin(), bytes.end(), changed->bytes.begin() + static_cast<ptrdiff_t>(offset));
    return changed;
  };
  auto other = std::make_shared<MemoryDisk>();
  EXPECT_EQ(OpenError(other), "XX001 the file is not a Tupelo database: memory.db");
  other->bytes.assign(10000, 'a');
  EXPECT_EQ(OpenError(other), "XX001 the file is not a Tupelo database: memory.db");
  EXPECT_EQ(OpenError(with(20, {99})),
            "XX001 the database is damaged: its header, at byte 0 of memory.db, does not check "
            "out");
  for (size_t size : {8u, 4095u, 4096u, 12000u}) {
    auto cut = std::make_shared<MemoryDisk>(*disk);
    cut->bytes.resize(size);
    EXPECT_TRUE(OpenError(cut).starts_with("XX001 the database is truncated")) << OpenError(cut);
  }
  auto cut = std::make_shared<MemoryDisk>(*disk);
  cut->bytes.resize(cut->bytes.size() - 1);
  EXPECT_TRUE(OpenError(cut).starts_with("XX001 the database is truncated: "));
  auto broken = with(4096 + 8, {99, 99});
  broken->bytes[8192 + 8] ^= 1;
  EXPECT_TRUE(OpenError(broken).starts_with("XX001 the database is damaged: neither of its roots"));
}

TEST(DatabaseFile, VersionsAndByteOrdersOfOthersAreRefused) {
  auto disk = std::make_shared<MemoryDisk>();
  disk->bytes.resize(3 * kPageBytes);
  auto change = [&](size_t offset, uint32_t number, bool swapped) {
    Page page;
    StoreFileHeader(kId, &page);
    std::memcpy(page.data() + offset, &number, 4);
    uint64_t checksum = HeaderChecksum(page);
    if (swapped) checksum = __builtin_bswap64(checksum);
    std::memcpy(page.data() + 4072, &checksum, 8);
    std::copy(page.begin(), page.end(), disk->bytes.begin());
    return OpenError(disk);
  };
  EXPECT_EQ(change(8, 2, false),
            "0A000 the database has format version 2; this program reads version 1: memory.db");
  EXPECT_EQ(change(12, 0x04030201, true),
            "0A000 the database was written by a machine of the other byte order: memory.db");
  EXPECT_EQ(change(32, 8192, false),
            "0A000 the database has pages of 8192 bytes; this program reads pages of 4096: "
            "memory.db");
}

TEST(DatabaseFile, EveryFlippedByteIsNoticedOrDoesNotMatter) {
  auto disk = SmallDatabase();
  auto intact = Open(disk);
  DatabaseRoot root = intact->root();
  std::set<uint64_t> reached;
  auto reach = [&](const ExtentAddress& extent) {
    for (uint64_t page = extent.first_page; page < extent.end_page(); ++page) reached.insert(page);
  };
  reach(root.catalog);
  for (const ExtentAddress& extent : intact->FreeSpaceExtents()) reach(extent);
  size_t noticed = 0;
  for (size_t offset = 0; offset < disk->bytes.size(); offset += 1 + offset % 3) {
    auto flipped = std::make_shared<MemoryDisk>(*disk);
    flipped->bytes[offset] ^= static_cast<uint8_t>(1u << (offset % 8));
    bool is_root = offset / kPageBytes == 1 + root.generation % 2;
    is_root = is_root || offset / kPageBytes == 2 - root.generation % 2;
    bool must_notice = offset < kUncheckedOffset || reached.contains(offset / kPageBytes);
    try {
      auto file = Open(flipped);
      if (is_root) {
        EXPECT_TRUE(file->other_root_is_broken());
        EXPECT_GE(file->root().generation, root.generation - 1);
        continue;
      }
      ExtentBuffer buffer;
      auto payload = file->Read(file->root().catalog, ExtentKind::kCatalog, &buffer);
      EXPECT_EQ(payload.size(), 10100u);
      file->UnusedExtents();
      EXPECT_FALSE(must_notice) << offset;
    } catch (const Error& error) {
      ++noticed;
      EXPECT_EQ(error.sqlstate(), "XX001");
      EXPECT_NE(error.message().find("memory.db"), std::string::npos) << error.message();
      // A list of what is free by now is read once, to be given up.
      bool is_list = disk->bytes[offset / kPageBytes * kPageBytes + 12] ==
                     static_cast<uint8_t>(ExtentKind::kFreedList);
      EXPECT_TRUE(must_notice || is_list) << offset << error.message();
    }
  }
  EXPECT_GT(noticed, 4000u);
}

TEST(DatabaseFile, ATornNewRootLeavesTheOldOne) {
  auto disk = SmallDatabase();
  uint64_t generation = Open(disk)->root().generation;
  for (int page : {1, 2}) {
    auto torn = std::make_shared<MemoryDisk>(*disk);
    std::fill_n(torn->bytes.begin() + page * static_cast<int>(kPageBytes), 512, 0xAA);
    auto file = Open(torn);
    EXPECT_TRUE(file->other_root_is_broken());
    ExtentBuffer buffer;
    DatabaseRoot root = file->root();
    auto payload = file->Read(root.catalog, ExtentKind::kCatalog, &buffer);
    EXPECT_EQ(payload.size(), 100 + 5000 * root.log_sequence);
    EXPECT_EQ(root.generation, generation + root.log_sequence - 2);
  }
}

TEST(DatabaseFile, WhatARootWasToFreeStaysWhereThereIsNoRoomForTheRoot) {
  auto disk = std::make_shared<MemoryDisk>();
  auto file = DatabaseFile::Create(std::make_unique<MemoryFile>(disk), kId);
  std::vector<uint8_t> payload(100'000, 'x');
  DatabaseRoot root;
  root.catalog = file->Allocate(payload.size());
  file->Write(root.catalog, ExtentKind::kCatalog, {}, payload);
  file->CommitRoot(root);
  ExtentAddress old = root.catalog;
  root.catalog = {};
  uint64_t next = file->next_generation();
  for (bool is_full : {true, false}) {
    disk->full_at_write = is_full ? disk->writes + 1 : UINT64_MAX;
    if (is_full) {
      EXPECT_THROW(file->CommitRoot(root, {}, {{old}}), Error);
      EXPECT_EQ(file->next_generation(), next);
    } else {
      file->CommitRoot(root, {}, {{old}});
      EXPECT_EQ(file->next_generation(), next + 1);
    }
    bool is_unused = false;
    for (const ExtentAddress& extent : file->UnusedExtents()) {
      is_unused |= extent.first_page <= old.first_page && old.end_page() <= extent.end_page();
    }
    EXPECT_EQ(is_unused, !is_full);
  }
}

}  // namespace
}  // namespace tupelo

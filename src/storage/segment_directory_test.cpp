// storage/segment_directory_test.cpp: pages are found again, by reading little.
#include "storage/segment_directory.h"

#include <cstdio>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

#include "storage/block_codec.h"
#include "storage/block_for_test.h"
#include "storage/btree_codec.h"
#include "storage/database_file.h"
#include "storage/file_for_test.h"

namespace tupelo {
namespace {

constexpr DatabaseId kId = {9};

SegmentPage MakePage(uint32_t number, std::mt19937_64* random) {
  SegmentPage page;
  page.number = number;
  page.columns = {PhysicalType::kInt32, PhysicalType::kString, PhysicalType::kInt128,
                  PhysicalType::kDouble};
  for (StoredStripe& stripe : page.stripes) {
    if ((*random)() % 8 == 0) break;
    stripe.used = static_cast<uint16_t>((*random)() % (kBlockRows + 1));
    bool all = (*random)() % 2 == 0;
    for (uint32_t i = 0; i < stripe.used; ++i) {
      if (all || (*random)() % 3 == 0) stripe.live[i / 64] |= uint64_t{1} << (i % 64);
    }
    stripe.CountLive();
    if (stripe.live_rows == 0) continue;
    for (PhysicalType physical : page.columns) {
      StoredBlock block;
      if ((*random)() % 3 == 0) block.address = {3 + (*random)() % 100, 1};
      if (!block.address && (*random)() % 4 != 0) block.bytes.assign((*random)() % 900 + 1, 'b');
      block.null_count = static_cast<uint16_t>((*random)() % (stripe.live_rows + 1u));
      block.zone.unusable = (*random)() % 5 == 0;
      block.zone.empty = (*random)() % 5 == 0;
      if (!block.zone.empty && physical == PhysicalType::kInt128) {
        block.zone.min.wide = -(int128_t{1} << 100);
        block.zone.max.wide = int128_t{1} << 99;
      } else if (!block.zone.empty) {
        block.zone.min.integer = -5;
        block.zone.max.integer = 7;
      }
      stripe.columns.push_back(block);
    }
  }
  return page;
}

void ExpectSame(const SegmentPage& a, const SegmentPage& b) {
  ASSERT_EQ(a.number, b.number);
  ASSERT_EQ(a.columns, b.columns);
  for (size_t s = 0; s < a.stripes.size(); ++s) {
    const StoredStripe &left = a.stripes[s], &right = b.stripes[s];
    ASSERT_EQ(left.used, right.used);
    ASSERT_EQ(left.live, right.live);
    ASSERT_EQ(left.columns.size(), right.columns.size());
    for (size_t c = 0; c < left.columns.size(); ++c) {
      const StoredBlock &x = left.columns[c], &y = right.columns[c];
      EXPECT_EQ(x.address, y.address);
      EXPECT_EQ(x.bytes, y.bytes);
      EXPECT_EQ(x.null_count, y.null_count);
      EXPECT_EQ(x.zone.unusable, y.zone.unusable);
      if (x.zone.unusable) continue;
      EXPECT_EQ(x.zone.empty, y.zone.empty);
      if (x.zone.empty) continue;
      EXPECT_EQ(x.zone.min.integer, y.zone.min.integer);
      EXPECT_EQ(x.zone.max.integer, y.zone.max.integer);
      if (a.columns[c] != PhysicalType::kInt128) continue;
      EXPECT_TRUE(x.zone.min.wide == y.zone.min.wide && x.zone.max.wide == y.zone.max.wide);
    }
  }
}

TEST(SegmentPage, ComesBack) {
  std::mt19937_64 random(1);
  for (uint32_t i = 0; i < 200; ++i) {
    SegmentPage page = MakePage(i, &random);
    ByteVector bytes;
    page.Store(&bytes);
    ExpectSame(page, SegmentPage::Load(bytes, i));
    EXPECT_THROW(SegmentPage::Load(bytes, i + 1), Error);
  }
}

TEST(SegmentPage, NoFlippedByteAndNoTruncationDoesHarm) {
  std::mt19937_64 random(2);
  for (uint32_t round = 0; round < 6; ++round) {
    ByteVector bytes;
    MakePage(round, &random).Store(&bytes);
    auto check = [&](std::span<const uint8_t> damaged) {
      std::unique_ptr<uint8_t[]> copy(new uint8_t[damaged.size() + 1]);
      std::copy(damaged.begin(), damaged.end(), copy.get());
      try {
        SegmentPage::Load({copy.get(), damaged.size()}, round);
      } catch (const Error& error) {
        EXPECT_EQ(error.sqlstate(), "XX001");
      }
    };
    for (size_t i = 0; i < bytes.size(); i += 1 + bytes.size() / 700) {
      EXPECT_THROW(SegmentPage::Load(std::span(bytes).first(i), round), Error);
      bytes[i] ^= 0xFF;
      check(bytes);
      bytes[i] ^= 0xFE;
      check(bytes);
      bytes[i] ^= 0x01;
    }
  }
}

TEST(SegmentPage, ShortBlocksLieWithin) {
  std::vector<size_t> bytes(40, 5000);
  bytes[3] = 20;
  bytes[7] = 300;
  bytes[9] = 0;
  std::vector<bool> chosen = ChooseInline(bytes);
  for (size_t i = 0; i < chosen.size(); ++i) EXPECT_EQ(chosen[i], i == 3 || i == 7);
  std::vector<size_t> many(4000, 200);
  chosen = ChooseInline(many);
  EXPECT_LT(std::count(chosen.begin(), chosen.end(), true), 100);
}

class SegmentDirectoryTest : public ::testing::Test {
 protected:
  SegmentDirectoryTest() { file_ = DatabaseFile::Create(std::make_unique<MemoryFile>(disk_), kId); }
  void Reopen() { file_ = DatabaseFile::Open(std::make_unique<MemoryFile>(disk_)); }
  SegmentPage Page(uint32_t number, uint64_t seed) {
    std::mt19937_64 random(seed);
    return MakePage(number, &random);
  }

  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  std::unique_ptr<DatabaseFile> file_;
};

TEST_F(SegmentDirectoryTest, FollowsAMapThroughCommitsAndReopening) {
  std::mt19937_64 random(3);
  std::map<uint32_t, uint64_t> model;
  SegmentDirectoryRoot root;
  auto directory = std::make_unique<SegmentDirectory>(file_.get(), 1, root);
  for (int step = 0; step < 600; ++step) {
    uint32_t limit = step < 200 ? 200 : step < 400 ? 2000 : 200000;
    auto number = static_cast<uint32_t>(random() % limit);
    if (random() % 4 != 0) {
      model[number] = random();
      directory->WritePage(Page(number, model[number]));
    } else {
      directory->Remove(number);
      model.erase(number);
    }
    if (step % 50 != 49) continue;
    root = directory->Flush();
    file_->CommitRoot({});
    if (step % 100 == 99) {
      directory.reset();
      Reopen();
      directory = std::make_unique<SegmentDirectory>(file_.get(), 1, root);
    }
    auto expected = model.begin();
    directory->ForEach([&](uint32_t segment, const ExtentAddress&) {
      ASSERT_TRUE(expected != model.end());
      EXPECT_EQ(segment, expected->first);
      ++expected;
    });
    EXPECT_TRUE(expected == model.end());
    for (auto [segment, seed] : model)
      ExpectSame(directory->ReadPage(segment), Page(segment, seed));
    EXPECT_FALSE(directory->Find(limit + 1));
  }
  // Nothing is left over.
  directory->Clear();
  file_->CommitRoot({});
  uint64_t pages = kFirstFreePage;
  for (const ExtentAddress& extent : file_->UnusedExtents()) pages += extent.pages;
  for (const ExtentAddress& extent : file_->FreeSpaceExtents()) pages += extent.pages;
  EXPECT_EQ(pages, file_->file_pages());
  EXPECT_EQ(directory->Flush(), SegmentDirectoryRoot{});
}

TEST_F(SegmentDirectoryTest, APointAccessReadsAFewPages) {
  SegmentDirectory writer(file_.get(), 1, {});
  for (uint32_t i = 0; i < 3000; ++i) writer.WritePage(Page(i, i));
  SegmentDirectoryRoot root = writer.Flush();
  EXPECT_EQ(root.level, 1);
  file_->CommitRoot({});
  Reopen();
  disk_->bytes_read = 0;
  SegmentDirectory reader(file_.get(), 1, root);
  EXPECT_EQ(disk_->bytes_read, 0u);
  ExpectSame(reader.ReadPage(1234), Page(1234, 1234));
  EXPECT_LE(disk_->bytes_read, 12 * kPageBytes);
}

TEST_F(SegmentDirectoryTest, DamageIsToldWithItsPlace) {
  SegmentDirectory writer(file_.get(), 1, {});
  writer.WritePage(Page(5, 5));
  SegmentDirectoryRoot root = writer.Flush();
  // Sound, but of another directory.
  SegmentDirectory reader(file_.get(), 1, {root.node, 1});
  try {
    reader.Find(5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.sqlstate(), "XX001");
    EXPECT_NE(error.message().find("of memory.db"), std::string::npos) << error.message();
  }
}

// A table of an INTEGER key with its index, a name, an INTEGER, a DOUBLE and a BOOLEAN.
TEST_F(SegmentDirectoryTest, ATableTakesFewBytesARow) {
  constexpr uint32_t kSegments = 4, kRows = kSegments * kSegmentRows;
  ExtentPool pool;
  BlockEncoder encoder;
  std::mt19937_64 random(4);
  SegmentDirectory directory(file_.get(), 1, {});
  for (uint32_t s = 0; s < kSegments; ++s) {
    SegmentPage page;
    page.number = s;
    page.columns = {PhysicalType::kInt32, PhysicalType::kString, PhysicalType::kInt32,
                    PhysicalType::kDouble, PhysicalType::kBool};
    std::vector<ByteVector> encoded;
    for (uint32_t stripe = 0; stripe < kBlocksPerSegment; ++stripe) {
      page.stripes[stripe].used = page.stripes[stripe].live_rows = kBlockRows;
      page.stripes[stripe].live.fill(~uint64_t{0});
      for (PhysicalType physical : page.columns) {
        ColumnBlock* block = ColumnBlock::Create(&pool, physical, kBlockRows);
        bool is_key = page.stripes[stripe].columns.empty();
        for (uint32_t i = 0; i < kBlockRows; ++i) {
          uint32_t row = s * kSegmentRows + stripe * kBlockRows + i;
          switch (physical) {
            case PhysicalType::kInt32:
              block->values<int32_t>()[i] = static_cast<int32_t>(is_key ? row : random() % 1000000);
              break;
            case PhysicalType::kString: PutString(block, i, "name" + std::to_string(row)); break;
            case PhysicalType::kDouble:
              block->values<double>()[i] = static_cast<double>(random() >> 11) * 0x1p-53;
              break;
            default: block->values<uint8_t>()[i] = random() & 1; break;
          }
        }
        encoder.Encode(*block, kBlockRows, nullptr, nullptr, &encoded.emplace_back());
        block->Retire();
        page.stripes[stripe].columns.emplace_back().zone.empty = false;
      }
    }
    std::vector<size_t> lengths;
    for (const ByteVector& bytes : encoded) lengths.push_back(bytes.size());
    std::vector<bool> is_inline = ChooseInline(lengths);
    for (size_t b = 0; b < encoded.size(); ++b) {
      StoredBlock& block = page.stripes[b / 5].columns[b % 5];
      if (is_inline[b]) {
        block.bytes = encoded[b];
        continue;
      }
      block.address = file_->Allocate(encoded[b].size());
      file_->Write(block.address, ExtentKind::kBlock, {1, s}, encoded[b]);
    }
    directory.WritePage(page);
  }
  directory.Flush();
  EntryList entries;
  for (uint32_t row = 0; row < kRows; ++row) {
    uint32_t key = __builtin_bswap32(row ^ 0x80000000u);
    uint8_t* entry = entries.Extend(10);
    std::memcpy(entry, &key, 4);
    std::memset(entry + 4, 0, 2);
    uint32_t id = __builtin_bswap32(row);
    std::memcpy(entry + 6, &id, 4);
  }
  for (size_t begin = 0; begin < entries.size();) {
    ByteVector leaf;
    begin += EncodeLeaf(entries, begin, kPageBytes - kExtentHeaderBytes, &leaf);
    ExtentAddress address = file_->Allocate(leaf.size());
    file_->Write(address, ExtentKind::kTreeLeaf, {2, 0}, leaf);
  }
  file_->CommitRoot({});
  double bytes_a_row = static_cast<double>(disk_->bytes.size()) / kRows;
  std::printf("%.2f bytes a row\n", bytes_a_row);
  EXPECT_LT(bytes_a_row, 18.0);
}

}  // namespace
}  // namespace tupelo

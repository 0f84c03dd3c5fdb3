// storage/block_codec_test.cpp: every block comes back as it was, and no bytes do harm.
#include "storage/block_codec.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

#include "storage/block_for_test.h"
#include "storage/integer_codec.h"

namespace tupelo {
namespace {

constexpr PhysicalType kPhysicals[] = {
    PhysicalType::kBool,   PhysicalType::kInt16,  PhysicalType::kInt32,
    PhysicalType::kInt64,  PhysicalType::kInt128, PhysicalType::kFloat,
    PhysicalType::kDouble, PhysicalType::kString, PhysicalType::kZoned};

class MemoryLongValues : public LongValues {
 public:
  std::vector<ExtentAddress> Write(std::string_view bytes) override {
    std::vector<ExtentAddress> extents;
    while (!bytes.empty()) {
      size_t count = std::min(bytes.size(), kMaxExtentPayload);
      extents.push_back({next_page_++, 1});
      values_[extents.back().first_page] = std::string(bytes.substr(0, count));
      bytes.remove_prefix(count);
    }
    return extents;
  }
  void Read(std::span<const ExtentAddress> extents, std::span<char> bytes) override {
    for (const ExtentAddress& extent : extents) {
      auto found = values_.find(extent.first_page);
      if (found == values_.end() || found->second.size() > bytes.size()) {
        ThrowDamaged("there is no such long value");
      }
      std::copy(found->second.begin(), found->second.end(), bytes.begin());
      bytes = bytes.subspan(found->second.size());
    }
    if (!bytes.empty()) ThrowDamaged("a long value is too short");
  }

 private:
  std::map<uint64_t, std::string> values_;
  uint64_t next_page_ = 1;
};

class BlockCodecTest : public ::testing::Test {
 protected:
  ByteVector Encode(const ColumnBlock& block, uint32_t rows, const uint64_t* live = nullptr) {
    ByteVector bytes;
    encoder_.Encode(block, rows, live, &long_values_, &bytes);
    return bytes;
  }
  ColumnBlock* Decode(std::span<const uint8_t> bytes, PhysicalType physical, uint32_t rows) {
    return decoder_.Decode(bytes, physical, rows, rows, &long_values_, &pool_);
  }
  // Returns the number of bytes.
  size_t CheckRoundTrip(ColumnBlock* block, const uint64_t* live = nullptr) {
    uint32_t rows = block->capacity;
    ByteVector bytes = Encode(*block, rows, live);
    ColumnBlock* copy = Decode(bytes, block->physical, rows);
    uint32_t nulls = 0;
    for (uint32_t i = 0; i < rows; ++i) {
      if (live != nullptr && !IsSet(live, i)) {
        EXPECT_FALSE(copy->IsNull(i));
        continue;
      }
      EXPECT_TRUE(SameValue(*block, *copy, i)) << "row " << i;
      nulls += copy->IsNull(i) ? 1 : 0;
      if (::testing::Test::HasFailure()) break;
    }
    EXPECT_EQ(copy->null_count, nulls);
    copy->Retire();
    return bytes.size();
  }
  // Reads damaged bytes: an error, or some block.
  void CheckHarmless(std::span<const uint8_t> bytes, PhysicalType physical, uint32_t rows) {
    // A copy of just that size, for a sanitizer to see what lies behind.
    std::unique_ptr<uint8_t[]> copy(new uint8_t[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), copy.get());
    try {
      Decode({copy.get(), bytes.size()}, physical, rows)->Retire();
    } catch (const Error& error) {
      EXPECT_EQ(error.sqlstate(), "XX001");
    }
  }

  ExtentPool pool_;
  BlockEncoder encoder_;
  BlockDecoder decoder_;
  MemoryLongValues long_values_;
};

TEST_F(BlockCodecTest, BlocksOfAllTypesComeBack) {
  BlockMaker maker(&pool_, 1);
  for (PhysicalType physical : kPhysicals) {
    for (uint32_t pattern = 0; pattern < BlockMaker::kPatterns; ++pattern) {
      for (uint32_t rows : {1u, 2u, 7u, 63u, 64u, 65u, 500u, 2047u, 2048u}) {
        for (bool nulls : {false, true}) {
          SCOPED_TRACE(::testing::Message() << static_cast<int>(physical) << ", pattern " << pattern
                                            << ", rows " << rows << ", " << nulls);
          ColumnBlock* block = maker.Make(physical, rows, pattern, nulls);
          CheckRoundTrip(block);
          block->Retire();
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST_F(BlockCodecTest, RowsThatAreNotLiveCostNothing) {
  BlockMaker maker(&pool_, 2);
  uint64_t live[kBlockRows / 64] = {};
  for (uint32_t i = 0; i < kBlockRows; i += 16) live[i / 64] |= uint64_t{1} << (i % 64);
  for (PhysicalType physical : kPhysicals) {
    for (uint32_t pattern = 0; pattern < BlockMaker::kPatterns; ++pattern) {
      SCOPED_TRACE(::testing::Message() << static_cast<int>(physical) << ", pattern " << pattern);
      ColumnBlock* block = maker.Make(physical, kBlockRows, pattern, pattern % 2 == 0);
      CheckRoundTrip(block, live);
      block->Retire();
    }
  }
  uint64_t none[kBlockRows / 64] = {};
  for (PhysicalType physical : kPhysicals) {
    ColumnBlock* block = maker.Make(physical, kBlockRows, 2, true);
    EXPECT_LT(CheckRoundTrip(block, none), 100u);
    block->Retire();
  }
  // Two live rows in a hundred: what the others hold must not matter.
  ColumnBlock* block = ColumnBlock::Create(&pool_, PhysicalType::kInt64, kBlockRows);
  for (uint32_t i = 0; i < kBlockRows; ++i) {
    block->values<int64_t>()[i] = IsSet(live, i) ? 7 : static_cast<int64_t>(maker.Random());
  }
  EXPECT_LT(CheckRoundTrip(block, live), 30u);
  block->Retire();
}

TEST_F(BlockCodecTest, AllNullsAndNullsAmongLiveRowsOnly) {
  for (PhysicalType physical : kPhysicals) {
    ColumnBlock* block = ColumnBlock::Create(&pool_, physical, 1000);
    for (uint32_t i = 0; i < 1000; ++i) PutNull(block, i);
    EXPECT_LT(CheckRoundTrip(block), 100u);
    // Null, but not live: no bitmap.
    uint64_t live[kBlockRows / 64] = {};
    EXPECT_LT(CheckRoundTrip(block, live), 60u);
    block->Retire();
  }
}

TEST_F(BlockCodecTest, SimpleColumnsTakeLittle) {
  BlockMaker maker(&pool_, 3);
  auto bytes = [&](PhysicalType physical, uint32_t pattern) {
    ColumnBlock* block = maker.Make(physical, kBlockRows, pattern, false);
    size_t size = CheckRoundTrip(block);
    block->Retire();
    return size;
  };
  EXPECT_LE(bytes(PhysicalType::kInt32, 0), 20u);      // constant
  EXPECT_LE(bytes(PhysicalType::kInt64, 1), 40u);      // ascending by one
  EXPECT_LE(bytes(PhysicalType::kInt32, 3), 5160u);    // below a million: 20 bits
  EXPECT_LE(bytes(PhysicalType::kInt64, 4), 80u);      // runs
  EXPECT_LE(bytes(PhysicalType::kBool, 3), 280u);      // bits
  EXPECT_LE(bytes(PhysicalType::kDouble, 5), 13620u);  // random in [0, 1): 53 bits
  EXPECT_LE(bytes(PhysicalType::kDouble, 3), 5160u);   // two decimals
  EXPECT_LE(bytes(PhysicalType::kString, 1), 3000u);   // "name%d"
  EXPECT_LE(bytes(PhysicalType::kString, 6), 900u);    // five different ones
}

TEST_F(BlockCodecTest, LongValuesLieElsewhere) {
  ColumnBlock* block = ColumnBlock::Create(&pool_, PhysicalType::kString, 10);
  for (uint32_t i = 0; i < 10; ++i) PutString(block, i, std::string(1000u * i, 'a'));
  PutString(block, 3, std::string(kMaxExtentPayload + 10, 'b'));
  PutNull(block, 9);
  ByteVector bytes = Encode(*block, 10);
  EXPECT_LT(bytes.size(), 1000u);
  EXPECT_EQ(decoder_.LongValueExtents(bytes).size(), 2u + 4);
  CheckRoundTrip(block);
  // Without a place for them, they stay.
  bytes.clear();
  encoder_.Encode(*block, 10, nullptr, nullptr, &bytes);
  EXPECT_TRUE(decoder_.LongValueExtents(bytes).empty());
  ColumnBlock* copy = decoder_.Decode(bytes, PhysicalType::kString, 10, 10, nullptr, &pool_);
  for (uint32_t i = 0; i < 10; ++i) EXPECT_TRUE(SameValue(*block, *copy, i));
  copy->Retire();
  block->Retire();
}

TEST_F(BlockCodecTest, ADecodedBlockHasRoomForMoreRows) {
  BlockMaker maker(&pool_, 4);
  ColumnBlock* block = maker.Make(PhysicalType::kInt32, 100, 3, true);
  ByteVector bytes = Encode(*block, 100);
  ColumnBlock* copy = decoder_.Decode(bytes, PhysicalType::kInt32, 100, 512, nullptr, &pool_);
  EXPECT_EQ(copy->capacity, 512u);
  EXPECT_EQ(copy->null_count, block->null_count);
  for (uint32_t i = 100; i < 512; ++i) EXPECT_FALSE(copy->IsNull(i));
  copy->Retire();
  block->Retire();
}

TEST_F(BlockCodecTest, NoFlippedByteAndNoTruncationDoesHarm) {
  BlockMaker maker(&pool_, 5);
  for (PhysicalType physical : kPhysicals) {
    for (uint32_t pattern = 0; pattern < BlockMaker::kPatterns; ++pattern) {
      for (uint32_t rows : {3u, 200u}) {
        ColumnBlock* block = maker.Make(physical, rows, pattern, pattern % 2 == 1);
        ByteVector bytes = Encode(*block, rows);
        block->Retire();
        size_t step = 1 + bytes.size() / 500;
        for (size_t i = 0; i < bytes.size(); i += i < 64 ? 1 : step) {
          CheckHarmless(std::span(bytes).first(i), physical, rows);
          for (uint8_t flip : {0x01, 0x80, 0xFF}) {
            bytes[i] ^= flip;
            CheckHarmless(bytes, physical, rows);
            bytes[i] ^= flip;
          }
        }
      }
    }
  }
}

TEST_F(BlockCodecTest, ABlockOfAnotherColumnIsRefused) {
  BlockMaker maker(&pool_, 6);
  ColumnBlock* block = maker.Make(PhysicalType::kInt32, 100, 3, false);
  ByteVector bytes = Encode(*block, 100);
  block->Retire();
  EXPECT_THROW(Decode(bytes, PhysicalType::kInt64, 100), Error);
  EXPECT_THROW(Decode(bytes, PhysicalType::kInt32, 99), Error);
  Decode(bytes, PhysicalType::kInt32, 101)->Retire();  // rows that came later have no other values
  bytes.push_back(0);
  EXPECT_THROW(Decode(bytes, PhysicalType::kInt32, 100), Error);
}

TEST(IntegerCodec, IntegersOfEachWidthComeBack) {
  std::mt19937_64 random(1);
  for (unsigned width = 0; width <= 64; ++width) {
    for (size_t count : {1u, 2u, 3u, 8u, 9u, 100u, 5000u}) {
      std::vector<int64_t> values(count), back(count);
      auto base = static_cast<int64_t>(random());
      for (int64_t& value : values) {
        uint64_t offset = width == 0 ? 0 : random() >> (64 - width);
        value = static_cast<int64_t>(static_cast<uint64_t>(base) + offset);
      }
      ByteVector bytes;
      EncodeIntegers(values.data(), count, &bytes);
      bytes.shrink_to_fit();
      ByteReader reader(bytes);
      DecodeIntegers(&reader, count, back.data());
      EXPECT_EQ(reader.left(), 0u);
      ASSERT_EQ(values, back) << width << ", " << count;
    }
  }
}

}  // namespace
}  // namespace tupelo

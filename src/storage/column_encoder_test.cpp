// storage/column_encoder_test.cpp: codes of a block say what its strings say, whatever is written.
#include "storage/column_encoder.h"

#include <cstring>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "buffer/extent_pool.h"
#include "storage/row_store.h"
#include "types/hash.h"

namespace tupelo {
namespace {

using Text = std::optional<std::string>;

class ColumnEncoderTest : public ::testing::Test {
 protected:
  ColumnEncoderTest() : store_(&pool_, {Type::Varchar()}) {}

  // Makes a full stripe of rows that are live.
  void Fill(const std::vector<Text>& texts) {
    uint32_t got = 0;
    RowId first = store_.TakeSlots(kBlockRows, &got);
    ASSERT_EQ(got, kBlockRows);
    Stripe* stripe = store_.StripeOf(first);
    Vector source = ToVector(texts);
    store_.WriteRun(stripe, 0, 0, source, Rows{nullptr, kBlockRows}, 0, kBlockRows);
    for (uint32_t slot = 0; slot < kBlockRows; ++slot) stripe->SetLive(slot);
  }
  static Vector ToVector(const std::vector<Text>& texts) {
    Vector vector(Type::Varchar());
    vector.PrepareWrite(static_cast<uint32_t>(texts.size()));
    for (uint32_t i = 0; i < texts.size(); ++i) {
      vector.MutableData<StringRef>()[i] = texts[i] ? vector.CopyToHeap(*texts[i]) : StringRef();
      if (!texts[i]) vector.SetNull(i);
    }
    return vector;
  }
  // As a scan does; whether there are codes.
  bool Scan(uint32_t stripe = 0) {
    if (Block(stripe)->codes.codes == nullptr) store_.ProvideCodes(*store_.stripe(stripe), 0);
    return Block(stripe)->codes.codes != nullptr;
  }
  // How often a block is scanned before it has codes.
  int ScansUntilCodes() {
    int scans = 1;
    while (!Scan() && scans < 1000) ++scans;
    return scans;
  }
  ColumnBlock* Block(uint32_t stripe = 0) { return store_.stripe(stripe)->columns[0].block; }
  void CheckCodes(uint32_t number = 0) {
    const Stripe& stripe = *store_.stripe(number);
    const ColumnBlock& block = *Block(number);
    const StringDictionary& dictionary = *block.codes.dictionary;
    for (uint32_t slot = 0; slot < kBlockRows; ++slot) {
      if (!stripe.IsLive(slot)) continue;
      uint8_t code = block.codes.codes[slot];
      ASSERT_LT(code, dictionary.size());
      ASSERT_EQ(code == 0, block.IsNull(slot));
      if (code != 0) {
        ASSERT_EQ(dictionary.values()[code], block.values<StringRef>()[slot]);
      }
    }
  }

  ExtentPool pool_;
  RowStore store_;
};

std::string MakeText(uint32_t number) {
  return (number % 2 == 0 ? "t" : "a text that is not short, ") + std::to_string(number);
}

std::vector<Text> Repeated(uint32_t different) {
  std::vector<Text> texts;
  for (uint32_t i = 0; i < kBlockRows; ++i) texts.push_back(MakeText(i * 7919 % different));
  return texts;
}

TEST_F(ColumnEncoderTest, ABlockGetsCodesWhenItIsScannedAgain) {
  Fill(Repeated(40));
  EXPECT_FALSE(Scan());
  EXPECT_TRUE(Scan());
  CheckCodes();
  EXPECT_EQ(Block()->codes.dictionary->size(), 41U);
}

TEST_F(ColumnEncoderTest, BlocksShareTheirDictionary) {
  Fill(Repeated(3));
  Fill(Repeated(50));
  ScansUntilCodes();
  Scan(1);
  ASSERT_TRUE(Scan(1));
  EXPECT_EQ(Block(0)->codes.dictionary, Block(1)->codes.dictionary);
  CheckCodes(0);
  CheckCodes(1);
}

TEST_F(ColumnEncoderTest, AColumnOfManyValuesIsGivenUp) {
  Fill(Repeated(10));
  Fill(Repeated(1024));
  Fill(Repeated(10));
  ScansUntilCodes();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Scan(1));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Scan(2));
  EXPECT_TRUE(Scan(0)) << "what has codes keeps them";
  CheckCodes(0);
}

TEST_F(ColumnEncoderTest, AsManyValuesAsThereAreCodesFit) {
  Fill(Repeated(StringDictionary::kMostCodes - 1));
  ScansUntilCodes();
  ASSERT_TRUE(Scan());
  CheckCodes();
  Fill(Repeated(StringDictionary::kMostCodes));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Scan(1));
}

TEST_F(ColumnEncoderTest, WritesDropTheCodesForLongerAndLonger) {
  Fill(Repeated(10));
  int last = ScansUntilCodes();
  for (int i = 0; i < 4; ++i) {
    store_.WriteValue(store_.stripe(0), 0, 5, ToVector({"other"}), 0);
    ASSERT_EQ(Block()->codes.codes, nullptr);
    int scans = ScansUntilCodes();
    EXPECT_GT(scans, last);
    last = scans;
    CheckCodes();
  }
}

TEST_F(ColumnEncoderTest, AReaderKeepsItsCodesWhenTheBlockIsReplaced) {
  Fill(Repeated(10));
  ScansUntilCodes();
  ColumnBlock* block = Block();
  block->Pin(kBlockRows);
  StringCodes before = block->codes;
  store_.WriteValue(store_.stripe(0), 0, 0, ToVector({"other"}), 0);
  EXPECT_NE(Block(), block);
  EXPECT_EQ(Block()->codes.codes, nullptr);
  EXPECT_EQ(block->codes.codes, before.codes);
  EXPECT_EQ(before.dictionary->values()[before.codes[0]].view(), "t0");
  block->Unpin();
}

TEST_F(ColumnEncoderTest, RandomWritesLeaveNoStaleCodes) {
  std::mt19937 random(1);
  auto any = [&]() -> Text {
    auto number = static_cast<uint32_t>(random() % 100);
    return number == 0 ? Text() : MakeText(number);
  };
  std::vector<Text> texts;
  for (uint32_t i = 0; i < kBlockRows; ++i) texts.push_back(any());
  Fill(texts);
  Stripe* stripe = store_.stripe(0);
  for (int round = 0; round < 300; ++round) {
    Block()->scans_to_wait = 0;
    ASSERT_TRUE(Scan());
    CheckCodes();
    auto slot = static_cast<uint32_t>(random() % (kBlockRows - 20));
    switch (random() % 5) {
      case 0: store_.WriteValue(stripe, 0, slot, ToVector({any()}), 0); break;
      case 1: {
        Vector run = ToVector({any(), any(), any()});
        store_.WriteRun(stripe, 0, slot, run, Rows{nullptr, 3}, 0, 3);
        break;
      }
      case 2: {
        StringRef value("restored", 8);
        store_.RestoreValue(stripe, 0, slot, &value, false);
        break;
      }
      case 3: store_.RestoreValue(stripe, 0, slot, "0123456789abcdef", true); break;
      default:
        if (stripe->IsLive(slot)) stripe->SetDead(slot);
        store_.CompactHeap(stripe, 0);
    }
  }
}

TEST(StringDictionaryTest, HashesAreThoseOfVectors) {
  for (const Type& type : {Type::Varchar(), Type::Char(20)}) {
    StringDictionary dictionary;
    Vector values(type), codes(type);
    values.PrepareWrite(4);
    auto* texts = values.MutableData<StringRef>();
    texts[0] = StringRef("a  ", 3);
    texts[1] = StringRef(std::string_view("a text that is not short"));
    texts[2] = StringRef();
    texts[3] = StringRef("", 0);
    values.SetNull(3);
    uint8_t numbers[4] = {};
    for (uint32_t i = 0; i < 3; ++i) {
      numbers[i] = static_cast<uint8_t>(dictionary.FindOrAdd(texts[i]));
    }
    StringCodes shown{&dictionary, numbers};
    codes.Reference(values);
    codes.SetCodes(&shown);
    for (bool combine : {false, true}) {
      uint64_t expected[4] = {1, 2, 3, 4}, found[4] = {1, 2, 3, 4};
      HashVector(values, Rows{nullptr, 4}, expected, combine);
      HashVector(codes, Rows{nullptr, 4}, found, combine);
      for (int i = 0; i < 4; ++i) EXPECT_EQ(found[i], expected[i]);
    }
  }
}

}  // namespace
}  // namespace tupelo

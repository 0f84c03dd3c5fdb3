// storage/btree_codec_test.cpp: nodes come back as they were, and no bytes do harm.
#include "storage/btree_codec.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <string>

namespace tupelo {
namespace {

std::string BigEndian(uint64_t number, size_t bytes) {
  std::string text(bytes, '\0');
  for (size_t i = bytes; i-- > 0; number >>= 8) text[i] = static_cast<char>(number);
  return text;
}

// Entries of so many keys of one kind, ascending.
EntryList MakeEntries(int kind, size_t count, std::mt19937_64* random) {
  std::set<std::string> sorted;
  for (size_t i = 0; i < count; ++i) {
    std::string key;
    uint64_t row = i;
    switch (kind) {
      case 0: key = BigEndian(0x80000000u + i, 4); break;     // INTEGER, ascending
      case 1: key = "\1" + BigEndian((*random)(), 8); break;  // BIGINT, nullable
      case 2:
        key = "name" + std::to_string((*random)() % 1000000);  // strings
        key += std::string(2, '\0');
        break;
      case 3: key = std::string(1, static_cast<char>(i % 3)); break;  // few different ones
      case 4: key = std::string((*random)() % 990, static_cast<char>((*random)())); break;
      default: key = BigEndian((*random)(), 8) + BigEndian((*random)(), 8); break;
    }
    if (kind != 0) row = (*random)() >> 16;
    sorted.insert(key + BigEndian(row, 6));
  }
  EntryList entries;
  for (const std::string& entry : sorted) entries.Add(entry);
  return entries;
}

constexpr int kKinds = 6;

void ExpectSame(const EntryList& a, const EntryList& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a[i], b[i]);
}

TEST(BTreeCodec, LeavesComeBack) {
  std::mt19937_64 random(1);
  for (int kind = 0; kind < kKinds; ++kind) {
    for (size_t count : {1u, 2u, 10u, 3000u}) {
      for (size_t most_bytes : {1u, 4000u, 1000000u}) {
        EntryList entries = MakeEntries(kind, count, &random), back;
        for (size_t begin = 0; begin < entries.size();) {
          ByteVector bytes;
          size_t taken = EncodeLeaf(entries, begin, most_bytes, &bytes);
          ASSERT_GE(taken, 1u);
          EXPECT_TRUE(taken == 1 || bytes.size() <= most_bytes);
          DecodeLeaf(bytes, &back);
          begin += taken;
        }
        ExpectSame(entries, back);
      }
    }
  }
}

TEST(BTreeCodec, AscendingIntegersTakeNextToNothing) {
  std::mt19937_64 random(2);
  EntryList entries = MakeEntries(0, 20000, &random);
  ByteVector bytes;
  EXPECT_EQ(EncodeLeaf(entries, 0, 4000, &bytes), kMostLeafEntries);
  EXPECT_LT(bytes.size(), 100u);
}

TEST(BTreeCodec, RandomIntegersFillALeaf) {
  std::mt19937_64 random(3);
  EntryList entries = MakeEntries(1, 20000, &random);
  ByteVector bytes;
  size_t taken = EncodeLeaf(entries, 0, 4000, &bytes);
  EXPECT_GT(taken, 280u);
  EXPECT_GT(bytes.size(), 3600u);
}

TEST(BTreeCodec, InnerNodesComeBack) {
  std::mt19937_64 random(4);
  for (int kind = 0; kind < kKinds; ++kind) {
    for (size_t count : {0u, 1u, 2u, 300u}) {
      EntryList separators = MakeEntries(kind, count, &random), back;
      std::vector<ExtentAddress> children, children_back;
      for (size_t i = 0; i <= separators.size(); ++i) {
        children.push_back({3 + random() % 1000000, 1 + static_cast<uint32_t>(random() % 9)});
      }
      ByteVector bytes;
      EncodeInner(separators, children, &bytes);
      DecodeInner(bytes, &back, &children_back);
      ExpectSame(separators, back);
      EXPECT_EQ(children, children_back);
    }
  }
}

TEST(BTreeCodec, EntriesThatDoNotAscendAreRefused) {
  EntryList entries, before;
  entries.Add("b" + BigEndian(1, 6));
  ByteVector bytes;
  EncodeLeaf(entries, 0, 4000, &bytes);
  before.Add("b" + BigEndian(1, 6));
  EXPECT_THROW(DecodeLeaf(bytes, &before), Error);
}

TEST(BTreeCodec, NoFlippedByteAndNoTruncationDoesHarm) {
  std::mt19937_64 random(5);
  auto check = [](std::span<const uint8_t> bytes) {
    std::unique_ptr<uint8_t[]> copy(new uint8_t[bytes.size() + 1]);
    std::copy(bytes.begin(), bytes.end(), copy.get());
    EntryList entries;
    std::vector<ExtentAddress> children;
    for (bool leaf : {true, false}) {
      try {
        if (leaf) {
          DecodeLeaf({copy.get(), bytes.size()}, &entries);
        } else {
          DecodeInner({copy.get(), bytes.size()}, &entries, &children);
        }
      } catch (const Error& error) {
        EXPECT_EQ(error.sqlstate(), "XX001");
      }
    }
  };
  for (int kind = 0; kind < kKinds; ++kind) {
    EntryList entries = MakeEntries(kind, 50, &random);
    std::vector<ExtentAddress> children(entries.size() + 1, ExtentAddress{5, 1});
    ByteVector bytes[2];
    EncodeLeaf(entries, 0, 4000, &bytes[0]);
    EncodeInner(entries, children, &bytes[1]);
    for (ByteVector& node : bytes) {
      for (size_t i = 0; i < node.size(); ++i) {
        check(std::span(node).first(i));
        for (uint8_t flip : {0x01, 0x80, 0xFF}) {
          node[i] ^= flip;
          check(node);
          node[i] ^= flip;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tupelo

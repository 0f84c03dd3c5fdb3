// types/compare_test.cpp: order and equality of values, and hashes that agree with it.
#include "types/compare.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <set>
#include <vector>

#include "types/hash.h"
#include "types/value.h"

namespace tupelo {
namespace {

int ComparePaddedTexts(std::string_view left, std::string_view right) {
  return ComparePadded(StringRef(left), StringRef(right));
}

Vector MakeVector(const Type& type, const std::vector<Value>& values) {
  Vector vector(type);
  vector.PrepareWrite(static_cast<uint32_t>(values.size()));
  for (uint32_t i = 0; i < values.size(); ++i) values[i].ToVector(&vector, i);
  return vector;
}

TEST(Compare, CharacterIsPaddedWithBlanks) {
  EXPECT_EQ(ComparePaddedTexts("a", "a   "), 0);
  EXPECT_EQ(ComparePaddedTexts("", "    "), 0);
  EXPECT_LT(ComparePaddedTexts("a\x1f", "a"), 0);
  EXPECT_GT(ComparePaddedTexts("a", "a\x1f"), 0);
  EXPECT_GT(ComparePaddedTexts("a!", "a"), 0);
  EXPECT_LT(ComparePaddedTexts("a   \x01", "a"), 0);
  EXPECT_GT(ComparePaddedTexts("a   b", "a"), 0);
  EXPECT_GT(ComparePaddedTexts("a\xC3\xA4", "a"), 0);
  EXPECT_LT(ComparePaddedTexts("a", "b"), 0);
  EXPECT_TRUE(EqualPadded(StringRef("a a "), StringRef("a a")));
  EXPECT_FALSE(EqualPadded(StringRef("a a "), StringRef("a  a")));
}

TEST(Compare, PadsWhenEitherSideIsCharacter) {
  Vector fixed = MakeVector(Type::Char(3), {Value::Text(Type::Char(3), "a  ")});
  Vector varying = MakeVector(Type::Varchar(), {Value::Text(Type::Varchar(), "a")});
  Vector longer = MakeVector(Type::Varchar(), {Value::Text(Type::Varchar(), "a ")});
  EXPECT_EQ(CompareValues(fixed, 0, varying, 0), 0);
  EXPECT_EQ(CompareValues(varying, 0, fixed, 0), 0);
  EXPECT_TRUE(EqualValues(fixed, 0, longer, 0));
  EXPECT_LT(CompareValues(varying, 0, longer, 0), 0);
  EXPECT_FALSE(EqualValues(varying, 0, longer, 0));
}

TEST(Compare, ApproximateNumbersHaveOneZeroAndAGreatestNaN) {
  double infinity = std::numeric_limits<double>::infinity();
  Vector vector = MakeVector(Type::Double(),
                             {Value::Double(-infinity), Value::Double(-1), Value::Double(-0.0),
                              Value::Double(5e-324), Value::Double(infinity), Value::Double(NAN)});
  for (uint32_t i = 0; i < 6; ++i) {
    for (uint32_t j = 0; j < 6; ++j) {
      EXPECT_EQ(CompareValues(vector, i, vector, j) < 0, i < j);
      EXPECT_EQ(EqualValues(vector, i, vector, j), i == j);
    }
  }
  Vector zero = MakeVector(Type::Double(), {Value::Double(0.0), Value::Double(-NAN)});
  EXPECT_TRUE(EqualValues(vector, 2, zero, 0));
  EXPECT_TRUE(EqualValues(vector, 5, zero, 1));
  EXPECT_EQ(HashValue(vector, 2), HashValue(zero, 0));
  EXPECT_EQ(HashValue(vector, 5), HashValue(zero, 1));
}

TEST(Compare, ZonedValuesCompareByUtc) {
  Type type = Type::TimestampTz();
  Vector vector = MakeVector(type, {Value::Zoned(type, {5, 60, 0}), Value::Zoned(type, {5, -60, 0}),
                                    Value::Zoned(type, {6, -600, 0})});
  EXPECT_EQ(CompareValues(vector, 0, vector, 1), 0);
  EXPECT_LT(CompareValues(vector, 0, vector, 2), 0);
  EXPECT_EQ(HashValue(vector, 0), HashValue(vector, 1));
}

TEST(Compare, NullsAgreeOnlyWhenAsked) {
  Type type = Type::Integer();
  Value one = Value::Integer(type, 1), two = Value::Integer(type, 2), null = Value::Null(type);
  Vector left = MakeVector(type, {one, null, null, two, one});
  Vector right = MakeVector(type, {one, null, one, null, two});
  EXPECT_TRUE(EqualOrBothNull(left, 1, right, 1));
  EXPECT_FALSE(EqualOrBothNull(left, 2, right, 2));
  EXPECT_FALSE(EqualOrBothNull(left, 3, right, 3));
  uint16_t matches[5];
  ASSERT_EQ(MatchRows(left, right, {nullptr, 5}, nullptr, true, matches), 2u);
  EXPECT_EQ(matches[0], 0);
  EXPECT_EQ(matches[1], 1);
  ASSERT_EQ(MatchRows(left, right, {nullptr, 5}, nullptr, false, matches), 1u);
}

TEST(Compare, MatchingNarrowsASelectionInPlace) {
  Type type = Type::Varchar();
  std::vector<Value> texts;
  for (const char* text : {"x", "a longer string than inline", "y", "z"}) {
    texts.push_back(Value::Text(type, text));
  }
  Vector left = MakeVector(type, texts);
  Vector right = MakeVector(type, {texts[1], texts[0], texts[3]});
  uint16_t selection[] = {0, 1, 3};
  uint16_t right_rows[] = {1, 0, 9, 0};  // of left row 0, 1, -, 3
  ASSERT_EQ(MatchRows(left, right, {selection, 3}, right_rows, false, selection), 2u);
  EXPECT_EQ(selection[0], 0);
  EXPECT_EQ(selection[1], 1);
  Vector constant = MakeVector(type, {texts[2]});
  constant.SetConstant(true);
  ASSERT_EQ(MatchRows(left, constant, {nullptr, 4}, nullptr, false, selection), 1u);
  EXPECT_EQ(selection[0], 2);
}

TEST(Hash, EqualNumbersOfAnyWidthHashAlike) {
  for (int64_t number : {0, 1, -1, 32767, -32768}) {
    std::set<uint64_t> hashes;
    for (const Type& type : {Type::SmallInt(), Type::Integer(), Type::BigInt()}) {
      hashes.insert(HashValue(MakeVector(type, {Value::Integer(type, number)}), 0));
    }
    Type wide = Type::Decimal(38, 0);
    hashes.insert(HashValue(MakeVector(wide, {Value::Wide(wide, number)}), 0));
    EXPECT_EQ(hashes.size(), 1u) << number;
    EXPECT_TRUE(HashAlike(Type::SmallInt(), wide));
  }
  EXPECT_FALSE(HashAlike(Type::Integer(), Type::Decimal(5, 1)));
  EXPECT_FALSE(HashAlike(Type::Integer(), Type::Double()));
}

TEST(Hash, CharacterIgnoresTrailingBlanksAndVaryingDoesNot) {
  Vector fixed = MakeVector(Type::Char(3),
                            {Value::Text(Type::Char(3), "a  "), Value::Text(Type::Char(3), "a")});
  EXPECT_EQ(HashValue(fixed, 0), HashValue(fixed, 1));
  Vector varying = MakeVector(
      Type::Varchar(), {Value::Text(Type::Varchar(), "a  "), Value::Text(Type::Varchar(), "a")});
  EXPECT_NE(HashValue(varying, 0), HashValue(varying, 1));
}

TEST(Hash, VectorsHashAsTheirValuesDoInEveryForm) {
  Type type = Type::BigInt();
  Vector vector = MakeVector(type, {Value::Integer(type, 4), Value::Null(type),
                                    Value::Integer(type, 6), Value::Integer(type, 7)});
  uint64_t hashes[4] = {};
  HashVector(vector, {nullptr, 4}, hashes, false);
  EXPECT_EQ(hashes[1], kNullHash);
  for (uint32_t i = 0; i < 4; ++i) EXPECT_EQ(hashes[i], HashValue(vector, i));
  uint64_t chosen_hashes[4] = {1, 2, 3, 4};
  uint16_t chosen[] = {0, 3};
  HashVector(vector, {chosen, 2}, chosen_hashes, true);
  EXPECT_EQ(chosen_hashes[0], CombineHashes(1, hashes[0]));
  EXPECT_EQ(chosen_hashes[1], 2u);
  EXPECT_EQ(chosen_hashes[3], CombineHashes(4, hashes[3]));
  Vector constant = MakeVector(type, {Value::Integer(type, 6)});
  constant.SetConstant(true);
  uint64_t same[4] = {};
  HashVector(constant, {nullptr, 4}, same, false);
  EXPECT_EQ(same[3], hashes[2]);
}

TEST(Hash, SpreadsSmallIntegersOverAllBits) {
  std::set<uint64_t> low, high;
  for (uint64_t i = 0; i < 4096; ++i) {
    low.insert(HashInt64(i) & 0xFFFF);
    high.insert(HashInt64(i << 40) >> 48);
  }
  // 4,096 balls in 65,536 bins fill about 3,969 of them.
  EXPECT_GT(low.size(), 3850u);
  EXPECT_GT(high.size(), 3850u);
  EXPECT_NE(CombineHashes(1, 2), CombineHashes(2, 1));
}

}  // namespace
}  // namespace tupelo

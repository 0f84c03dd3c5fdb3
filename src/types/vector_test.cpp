// types/vector_test.cpp: own, borrowed and constant vectors.
#include "types/vector.h"

#include <gtest/gtest.h>
#include <numeric>

#include "types/chunk.h"

namespace tupelo {
namespace {

TEST(Vector, StartsSmallGrowsAndIsZeroed) {
  Vector vector(Type::BigInt());
  vector.PrepareWrite(1);
  for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(vector.Data<int64_t>()[i], 0);
  const void* small = vector.RawData();
  vector.MutableData<int64_t>()[0] = 7;
  vector.PrepareWrite(16);
  EXPECT_EQ(vector.RawData(), small);
  vector.PrepareWrite(17);
  for (uint32_t i = 0; i < 32; ++i) EXPECT_EQ(vector.Data<int64_t>()[i], 0);
  vector.PrepareWrite();
  for (uint32_t i = 0; i < kVectorSize; ++i) ASSERT_EQ(vector.Data<int64_t>()[i], 0);
}

TEST(Vector, NullsComeAndGoWithPrepareWrite) {
  Vector vector(Type::Integer());
  vector.PrepareWrite(200);
  EXPECT_FALSE(vector.may_have_nulls());
  vector.SetNull(0);
  vector.SetNull(199);
  EXPECT_FALSE(vector.IsValid(0));
  EXPECT_TRUE(vector.IsValid(1));
  EXPECT_FALSE(vector.IsValid(199));
  vector.SetValid(199);
  EXPECT_TRUE(vector.IsValid(199));
  vector.PrepareWrite(3);
  EXPECT_FALSE(vector.may_have_nulls());
  EXPECT_TRUE(vector.IsValid(0));
  vector.PrepareWrite();
  vector.SetNull(2047);
  EXPECT_TRUE(vector.IsValid(0));
  EXPECT_TRUE(vector.IsValid(2046));
}

TEST(Vector, TheArraySuitsATypeThatIsSetLater) {
  Vector vector(Type::Boolean());
  vector.PrepareWrite(kVectorSize);
  vector.SetNull(5);
  vector.SetType(Type::Decimal(38, 0));
  vector.PrepareWrite(kVectorSize);
  vector.MutableData<int128_t>()[kVectorSize - 1] = 1;
  vector.SetType(Type::SmallInt());
  vector.PrepareWrite(4 * kVectorSize);
  vector.SetNull(4 * kVectorSize - 1);
  EXPECT_TRUE(vector.IsValid(4 * kVectorSize - 2));
}

TEST(Vector, AConstantStandsForEveryRow) {
  Vector vector(Type::Integer());
  vector.PrepareWrite(1);
  vector.MutableData<int32_t>()[0] = 42;
  vector.SetConstant(true);
  EXPECT_EQ(vector.At<int32_t>(1999), 42);
  EXPECT_TRUE(vector.IsValid(1999));
  vector.SetConstantNull();
  EXPECT_TRUE(vector.is_constant());
  EXPECT_FALSE(vector.IsValid(1999));
  vector.PrepareWrite(1);
  EXPECT_FALSE(vector.is_constant());
}

TEST(Vector, ReferencesShowWithoutCopying) {
  Vector own(Type::Integer());
  own.PrepareWrite(4);
  std::iota(own.MutableData<int32_t>(), own.MutableData<int32_t>() + 4, 10);
  own.SetNull(2);
  Vector other;
  other.Reference(own);
  EXPECT_EQ(other.type(), Type::Integer());
  EXPECT_EQ(other.RawData(), own.RawData());
  EXPECT_FALSE(other.IsValid(2));
  other.PrepareWrite(4);  // its own array again
  other.MutableData<int32_t>()[0] = 1;
  EXPECT_EQ(own.At<int32_t>(0), 10);
}

TEST(Vector, AppendGathersRowsAndTheirNulls) {
  Vector source(Type::BigInt());
  source.PrepareWrite(8);
  std::iota(source.MutableData<int64_t>(), source.MutableData<int64_t>() + 8, 0);
  source.SetNull(3);
  Vector target(Type::BigInt());
  target.PrepareWrite(100);
  target.Append(0, source, {nullptr, 2}, false);
  uint16_t chosen[] = {7, 3, 5};
  target.Append(2, source, {chosen, 3}, false);
  Vector constant(Type::BigInt());
  constant.SetConstantNull();
  target.Append(5, constant, {nullptr, 70}, false);
  EXPECT_EQ(target.At<int64_t>(1), 1);
  EXPECT_EQ(target.At<int64_t>(2), 7);
  EXPECT_FALSE(target.IsValid(3));
  EXPECT_TRUE(target.IsValid(4));
  EXPECT_EQ(target.At<int64_t>(4), 5);
  EXPECT_FALSE(target.IsValid(5));
  EXPECT_FALSE(target.IsValid(74));
  EXPECT_TRUE(target.IsValid(75));
  Vector plain(Type::BigInt());
  plain.PrepareWrite(1);
  plain.MutableData<int64_t>()[0] = 9;
  target.Append(5, plain, {nullptr, 1}, false);
  EXPECT_TRUE(target.IsValid(5));
  EXPECT_EQ(target.At<int64_t>(5), 9);
}

TEST(Vector, AppendCopiesStringsWhenAsked) {
  Vector source(Type::Varchar());
  source.PrepareWrite(2);
  source.MutableData<StringRef>()[0] = source.CopyToHeap("a string that is long enough");
  source.MutableData<StringRef>()[1] = source.CopyToHeap("short");
  Vector copied(Type::Varchar()), shown(Type::Varchar());
  copied.PrepareWrite(2);
  shown.PrepareWrite(2);
  copied.Append(0, source, {nullptr, 2}, true);
  shown.Append(0, source, {nullptr, 2}, false);
  EXPECT_NE(copied.At<StringRef>(0).data(), source.At<StringRef>(0).data());
  EXPECT_EQ(shown.At<StringRef>(0).data(), source.At<StringRef>(0).data());
  EXPECT_TRUE(copied.At<StringRef>(0) == source.At<StringRef>(0));
  source.PrepareWrite(2);
  EXPECT_EQ(copied.At<StringRef>(0).view(), "a string that is long enough");
  EXPECT_EQ(copied.At<StringRef>(1).view(), "short");
}

TEST(Chunk, MayShowASelectionOfItsRows) {
  Chunk chunk({Type::Integer(), Type::Varchar()});
  EXPECT_EQ(chunk.column_count(), 2u);
  chunk.SetRows(5);
  EXPECT_EQ(chunk.row_count(), 5u);
  EXPECT_TRUE(chunk.rows().is_dense());
  uint16_t* selection = chunk.SelectionBuffer();
  selection[0] = 4;
  chunk.SetRows(Rows{selection, 1});
  EXPECT_EQ(chunk.rows()[0], 4u);
}

TEST(StringRef, ComparesBytesAsUnsignedNumbers) {
  std::string texts[] = {"",
                         std::string(1, '\0'),
                         "a",
                         std::string("a\0", 2),
                         "aaaa",
                         "aaaab",
                         "aaaabbbbcccc",
                         "aaaabbbbccccd",
                         "aaaabbbbccccdd",
                         "b",
                         "\xC3\xA4"};
  for (size_t i = 0; i < std::size(texts); ++i) {
    for (size_t j = 0; j < std::size(texts); ++j) {
      StringRef left{std::string_view(texts[i])}, right{std::string_view(texts[j])};
      int order = left.Compare(right);
      EXPECT_EQ(order < 0, i < j) << i << " " << j;
      EXPECT_EQ(order == 0, i == j) << i << " " << j;
      EXPECT_EQ(left == right, i == j);
    }
  }
}

}  // namespace
}  // namespace tupelo

// types/type_test.cpp: names, families and common types.
#include "types/type.h"

#include <gtest/gtest.h>

#include "types/string_ref.h"

namespace tupelo {
namespace {

using enum IntervalField;

std::string CommonName(const Type& left, const Type& right) {
  Type common, mirrored;
  bool found = CommonType(left, right, &common);
  EXPECT_EQ(CommonType(right, left, &mirrored), found);
  if (!found) return "none";
  EXPECT_EQ(common, mirrored);
  return common.ToString();
}

TEST(Type, IsWrittenAsSqlWritesIt) {
  EXPECT_EQ(Type::Decimal(10, 2).ToString(), "DECIMAL(10, 2)");
  EXPECT_EQ(Type::Varchar(20).ToString(), "CHARACTER VARYING(20)");
  EXPECT_EQ(Type::Varchar().ToString(), "CHARACTER VARYING");
  EXPECT_EQ(Type::Char(3).ToString(), "CHARACTER(3)");
  EXPECT_EQ(Type::TimeTz(3).ToString(), "TIME(3) WITH TIME ZONE");
  EXPECT_EQ(Type::TimestampTz(0).ToString(), "TIMESTAMP(0) WITH TIME ZONE");
  EXPECT_EQ(Type::Timestamp().ToString(), "TIMESTAMP(6)");
  EXPECT_EQ(Type::Double().ToString(), "DOUBLE PRECISION");
  EXPECT_EQ(Type::Interval(kDay, kSecond).ToString(), "INTERVAL DAY(2) TO SECOND(6)");
  EXPECT_EQ(Type::Interval(kYear, kMonth, 4).ToString(), "INTERVAL YEAR(4) TO MONTH");
  EXPECT_EQ(Type::Interval(kSecond, kSecond, 5, 3).ToString(), "INTERVAL SECOND(5, 3)");
  EXPECT_EQ(Type::Interval(kHour, kHour).ToString(), "INTERVAL HOUR(2)");
}

TEST(Type, WideDecimalsTakeSixteenBytes) {
  EXPECT_EQ(Type::Decimal(18, 2).physical(), PhysicalType::kInt64);
  EXPECT_EQ(Type::Decimal(19, 2).physical(), PhysicalType::kInt128);
  EXPECT_EQ(WidthBytes(PhysicalType::kInt128), 16u);
  EXPECT_EQ(WidthBytes(PhysicalType::kZoned), sizeof(ZonedTime));
  EXPECT_EQ(Type::BigInt().decimal_precision(), 19);
  EXPECT_EQ(Type::SmallInt().decimal_precision(), 5);
  EXPECT_EQ(Type::Decimal(7, 2).decimal_precision(), 7);
}

TEST(Type, OnlyFamiliesCompare) {
  EXPECT_TRUE(Comparable(Type::Integer(), Type::Double()));
  EXPECT_TRUE(Comparable(Type::Decimal(5, 2), Type::Real()));
  EXPECT_TRUE(Comparable(Type::Char(3), Type::Clob()));
  EXPECT_TRUE(Comparable(Type::Null(), Type::Blob()));
  EXPECT_TRUE(Comparable(Type::Time(), Type::TimeTz()));
  EXPECT_FALSE(Comparable(Type::Integer(), Type::Varchar()));
  EXPECT_FALSE(Comparable(Type::Boolean(), Type::Integer()));
  EXPECT_FALSE(Comparable(Type::Date(), Type::Timestamp()));
  EXPECT_FALSE(Comparable(Type::Interval(kYear, kYear), Type::Interval(kDay, kDay)));
  EXPECT_FALSE(Comparable(Type::Blob(), Type::Varchar()));
}

TEST(Type, CommonNumbersLoseNothing) {
  EXPECT_EQ(CommonName(Type::SmallInt(), Type::BigInt()), "BIGINT");
  EXPECT_EQ(CommonName(Type::Integer(), Type::Decimal(5, 2)), "DECIMAL(12, 2)");
  EXPECT_EQ(CommonName(Type::BigInt(), Type::Decimal(4, 4)), "DECIMAL(23, 4)");
  EXPECT_EQ(CommonName(Type::Decimal(10, 0), Type::Decimal(6, 4)), "DECIMAL(14, 4)");
  EXPECT_EQ(CommonName(Type::Decimal(38, 0), Type::Decimal(38, 10)), "DECIMAL(38, 10)");
  EXPECT_EQ(CommonName(Type::Real(), Type::Real()), "REAL");
  EXPECT_EQ(CommonName(Type::Real(), Type::Double()), "DOUBLE PRECISION");
  EXPECT_EQ(CommonName(Type::Real(), Type::SmallInt()), "DOUBLE PRECISION");
}

TEST(Type, CommonStringsTakeTheLongerLength) {
  EXPECT_EQ(CommonName(Type::Char(3), Type::Char(5)), "CHARACTER(5)");
  EXPECT_EQ(CommonName(Type::Char(9), Type::Varchar(5)), "CHARACTER VARYING(9)");
  EXPECT_EQ(CommonName(Type::Char(9), Type::Varchar()), "CHARACTER VARYING");
  EXPECT_EQ(CommonName(Type::Varchar(9), Type::Clob(5)), "CHARACTER LARGE OBJECT(9)");
  EXPECT_EQ(CommonName(Type::Blob(9), Type::Blob(5)), "BINARY LARGE OBJECT(9)");
}

TEST(Type, CommonDatetimesTakeZoneAndPrecision) {
  EXPECT_EQ(CommonName(Type::Time(3), Type::TimeTz(0)), "TIME(3) WITH TIME ZONE");
  EXPECT_EQ(CommonName(Type::Timestamp(0), Type::Timestamp(6)), "TIMESTAMP(6)");
  EXPECT_EQ(CommonName(Type::Interval(kDay, kDay), Type::Interval(kMinute, kSecond, 2, 3)),
            "INTERVAL DAY(2) TO SECOND(3)");
}

TEST(Type, TheUntypedNullFitsEverythingAndFamiliesDoNotMix) {
  EXPECT_EQ(CommonName(Type::Null(), Type::Date()), "DATE");
  EXPECT_EQ(CommonName(Type::Null(), Type::Null()), "NULL");
  EXPECT_EQ(CommonName(Type::Date(), Type::Timestamp()), "none");
  EXPECT_EQ(CommonName(Type::Integer(), Type::Varchar()), "none");
  EXPECT_EQ(CommonName(Type::Integer(), Type::Boolean()), "none");
  EXPECT_EQ(CommonName(Type::Clob(), Type::Blob()), "none");
}

}  // namespace
}  // namespace tupelo

// types/value_test.cpp: constants as text, as literals and in vectors.
#include "types/value.h"

#include <cmath>
#include <gtest/gtest.h>

#include "types/datetime.h"
#include "types/decimal.h"
#include "types/vector.h"

namespace tupelo {
namespace {

using enum IntervalField;

std::vector<Value> Samples() {
  Type wide = Type::Decimal(38, 2);
  return {Value::Boolean(true),
          Value::Integer(Type::SmallInt(), -7),
          Value::Integer(Type::Integer(), 42),
          Value::Integer(Type::BigInt(), INT64_MIN),
          Value::Integer(Type::Decimal(10, 2), -1250),
          Value::Wide(wide, PowerOfTen(37)),
          Value::Real(0.1f),
          Value::Double(1e20),
          Value::Text(Type::Char(4), "it's"),
          Value::Text(Type::Varchar(), "a string that is longer than twelve bytes"),
          Value::Text(Type::Blob(), std::string("\x00\xFF", 2)),
          Value::Integer(Type::Date(), 0),
          Value::Integer(Type::Time(3), 1'500'000),
          Value::Integer(Type::Timestamp(0), -1'000'000),
          Value::Zoned(Type::TimeTz(0), MakeZonedTime(0, 60)),
          Value::Zoned(Type::TimestampTz(1), MakeZonedTimestamp(500'000, -90)),
          Value::Integer(Type::Interval(kYear, kMonth), -18),
          Value::Integer(Type::Interval(kDay, kSecond, 2, 0), 90'061'000'000)};
}

TEST(Value, TextIsThatOfACast) {
  const char* expected[] = {"TRUE",
                            "-7",
                            "42",
                            "-9223372036854775808",
                            "-12.50",
                            "100000000000000000000000000000000000.00",
                            "0.1",
                            "1e+20",
                            "it's",
                            "a string that is longer than twelve bytes",
                            "x'00ff'",
                            "1970-01-01",
                            "00:00:01.500",
                            "1969-12-31 23:59:59",
                            "00:00:00+01:00",
                            "1970-01-01 00:00:00.5-01:30",
                            "-1-6",
                            "1 01:01:01"};
  std::vector<Value> samples = Samples();
  for (size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(samples[i].ToString(), expected[i]);
  EXPECT_EQ(Value::Null().ToString(), "NULL");
  EXPECT_EQ(Value::Boolean(false).ToString(), "FALSE");
}

TEST(Value, LiteralsKeepTheType) {
  const char* expected[] = {
      "TRUE",
      "CAST(-7 AS SMALLINT)",
      "42",
      "CAST(-9223372036854775808 AS BIGINT)",
      "CAST(-12.50 AS DECIMAL(10, 2))",
      "CAST(100000000000000000000000000000000000.00 AS DECIMAL(38, 2))",
      "CAST(1E-01 AS REAL)",
      "1E+20",
      "'it''s'",
      "CAST('a string that is longer than twelve bytes' AS CHARACTER VARYING)",
      "CAST(x'00ff' AS BINARY LARGE OBJECT)",
      "DATE '1970-01-01'",
      "TIME '00:00:01.500'",
      "TIMESTAMP '1969-12-31 23:59:59'",
      "TIME '00:00:00+01:00'",
      "TIMESTAMP '1970-01-01 00:00:00.5-01:30'",
      "INTERVAL '-1-6' YEAR(2) TO MONTH",
      "INTERVAL '1 01:01:01' DAY(2) TO SECOND(0)"};
  std::vector<Value> samples = Samples();
  for (size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(samples[i].ToLiteral(), expected[i]);
  EXPECT_EQ(Value::Null(Type::Date()).ToLiteral(), "CAST(NULL AS DATE)");
  EXPECT_EQ(Value::Null().ToLiteral(), "NULL");
  EXPECT_EQ(Value::Integer(Type::Integer(), INT32_MIN).ToLiteral(), "CAST(-2147483648 AS INTEGER)");
}

TEST(Value, SurvivesAVector) {
  for (const Value& value : Samples()) {
    Vector vector(value.type);
    vector.PrepareWrite(3);
    Value::Null(value.type).ToVector(&vector, 0);
    value.ToVector(&vector, 2);
    Value::Null(value.type).ToVector(&vector, 1);
    value.ToVector(&vector, 1);
    EXPECT_TRUE(Value::FromVector(vector, 0).is_null);
    for (uint32_t row : {1u, 2u}) {
      Value back = Value::FromVector(vector, row);
      EXPECT_EQ(back.type, value.type);
      EXPECT_TRUE(back == value) << value.ToString();
      EXPECT_EQ(back.ToString(), value.ToString());
    }
  }
}

TEST(Value, EqualityFollowsTheFamily) {
  EXPECT_TRUE(Value::Integer(Type::SmallInt(), 5) == Value::Wide(Type::Decimal(38, 1), 50));
  EXPECT_FALSE(Value::Integer(Type::SmallInt(), 5) == Value::Integer(Type::Decimal(3, 1), 51));
  EXPECT_TRUE(Value::Text(Type::Char(3), "a  ") == Value::Text(Type::Varchar(), "a"));
  EXPECT_FALSE(Value::Text(Type::Varchar(), "a ") == Value::Text(Type::Varchar(), "a"));
  EXPECT_FALSE(Value::Integer(Type::Date(), 0) == Value::Integer(Type::Integer(), 0));
  EXPECT_TRUE(Value::Null(Type::Integer()) == Value::Null(Type::BigInt()));
  EXPECT_FALSE(Value::Null(Type::Integer()) == Value::Integer(Type::Integer(), 0));
  EXPECT_TRUE(Value::Double(0.5) == Value::Real(0.5f));
  EXPECT_TRUE(Value::Zoned(Type::TimestampTz(), MakeZonedTimestamp(0, 0)) ==
              Value::Zoned(Type::TimestampTz(), MakeZonedTimestamp(3600'000'000, 60)));
}

}  // namespace
}  // namespace tupelo

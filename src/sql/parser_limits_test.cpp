// sql/parser_limits_test.cpp: parameters, deep nesting, and text that is long.
#include <chrono>
#include <gtest/gtest.h>

#include "sql/parse_testing.h"

namespace tupelo {
namespace {

std::string Repeat(std::string_view text, size_t count) {
  std::string repeated;
  repeated.reserve(text.size() * count);
  for (size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

TEST(ParameterTest, QuestionMarksAreNumbered) {
  Arena arena;
  ParsedStatement parsed = ParseStatement("SELECT ?, a FROM t WHERE b = ? LIMIT ?", arena);
  EXPECT_EQ(parsed.parameter_count, 3u);
  EXPECT_TRUE(parsed.parameter_names.empty());
}

TEST(ParameterTest, EqualNamesAreOneParameter) {
  Arena arena;
  ParsedStatement parsed = ParseStatement("SELECT :a, :B, :a, :b", arena);
  ASSERT_EQ(parsed.parameter_count, 3u);
  EXPECT_EQ(parsed.parameter_names[0], "a");
  EXPECT_EQ(parsed.parameter_names[1], "B");
  EXPECT_EQ(parsed.parameter_names[2], "b");
}

TEST(ParameterTest, BothKindsDoNotMix) {
  EXPECT_EQ(PlaceOf("SELECT ?, :a"), "42601 at 10");
  EXPECT_EQ(PlaceOf("SELECT :a, ?"), "42601 at 11");
}

TEST(ParameterTest, ThereAreAtMost65535) {
  EXPECT_EQ(ErrorOf("SELECT ?" + Repeat(",?", 65534)), "no error");
  EXPECT_EQ(PlaceOf("SELECT ?" + Repeat(",?", 65535)), "54023 at " + std::to_string(7 + 2 * 65535));
}

TEST(LimitsTest, DeepNestingIsAnError) {
  const size_t deep = 100000;
  EXPECT_EQ(ErrorOf("SELECT " + Repeat("(", 900) + "1" + Repeat(")", 900)), "no error");
  for (const char* part :
       {"(", "-(", "NOT ", "- ", "a + (", "f(", "CASE WHEN ", "(SELECT ", "a IN (", "CAST(",
        "EXISTS (SELECT ", "ROW(", "a = ANY (SELECT ", "a AT TIME ZONE (", "COALESCE("}) {
    EXPECT_EQ(PlaceOf("SELECT " + Repeat(part, deep)).substr(0, 5), "54001") << part;
  }
  EXPECT_EQ(PlaceOf(Repeat("(", deep)).substr(0, 5), "54001");
  EXPECT_EQ(PlaceOf("SELECT * FROM " + Repeat("(", deep)).substr(0, 5), "54001");
  EXPECT_EQ(PlaceOf("SELECT * FROM " + Repeat("a JOIN ", deep)).substr(0, 5), "54001");
  EXPECT_EQ(PlaceOf("SELECT a" + Repeat(" IS NULL", deep)).substr(0, 5), "54001");
  EXPECT_EQ(PlaceOf("SELECT a" + Repeat(" AT LOCAL", deep)).substr(0, 5), "54001");
  EXPECT_EQ(
      PlaceOf("SELECT " + Repeat("(SELECT ", 600) + "(1 " + Repeat("IS NULL ", 600)).substr(0, 5),
      "54001");
  EXPECT_EQ(PlaceOf("SELECT * FROM " + Repeat("(SELECT * FROM ", deep)).substr(0, 5), "54001");
}

TEST(LimitsTest, LongFlatTextIsFine) {
  const size_t many = 100000;
  EXPECT_EQ(ErrorOf("SELECT 1" + Repeat("+1", many)), "no error");
  EXPECT_EQ(ErrorOf("SELECT 1" + Repeat("*2/3", many)), "no error");
  EXPECT_EQ(ErrorOf("SELECT a" + Repeat(" AND b OR c", many)), "no error");
  EXPECT_EQ(ErrorOf("SELECT 'a'" + Repeat("||'b'", many)), "no error");
  EXPECT_EQ(ErrorOf("SELECT a IN (1" + Repeat(",2", many) + ")"), "no error");
  EXPECT_EQ(ErrorOf("SELECT 1" + Repeat(" UNION SELECT 1", many)), "no error");
  EXPECT_EQ(ErrorOf("SELECT * FROM a" + Repeat(" CROSS JOIN b", many)), "no error");
  EXPECT_EQ(ErrorOf("SELECT 'a'" + Repeat("\n'b'", many)), "no error");
  EXPECT_EQ(ErrorOf("SELECT CASE" + Repeat(" WHEN a THEN b", many) + " END"), "no error");
  Arena arena;
  std::string chain = "1" + Repeat(" + 1", many);
  EXPECT_EQ(PrintExpression(*ParseExpression(chain, arena)), chain);
}

TEST(LimitsTest, TenMegabytesTakeTenTimesAsLongAsOne) {
  auto seconds = [](size_t rows) {
    std::string sql = "INSERT INTO t VALUES (0, 'x')" + Repeat(", (123, 'it''s text')", rows);
    auto start = std::chrono::steady_clock::now();
    Arena arena;
    ParseStatement(sql, arena);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  seconds(50000);
  double one = seconds(50000);
  double ten = seconds(500000);
  EXPECT_LT(ten, 60 * one);  // quadratic time would be a hundredfold
  EXPECT_EQ(ErrorOf("SELECT '" + Repeat("é", 5000000) + "'"), "no error");
}

}  // namespace
}  // namespace tupelo

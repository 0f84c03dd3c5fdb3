// base/error_test.cpp: SQLSTATE codes, and places in a statement's text.
#include "base/error.h"

#include <gtest/gtest.h>
#include <set>

namespace tupelo {
namespace {

TEST(Error, EveryCodeHasAStateOfItsOwnOfFiveCharacters) {
  std::set<std::string_view> states;
#define TUPELO_CHECK(name, sqlstate, sentence)             \
  EXPECT_EQ(SqlState(ErrorCode::name), sqlstate);          \
  EXPECT_EQ(std::string_view(sqlstate).size(), 5u);        \
  EXPECT_TRUE(states.insert(sqlstate).second) << sqlstate; \
  EXPECT_TRUE(std::string_view(sentence).ends_with(".")) << sentence;
  TUPELO_ERROR_CODES(TUPELO_CHECK)
#undef TUPELO_CHECK
}

TEST(Error, LocatesLinesAndColumnsInCharacters) {
  std::string_view text = "SELECT 'ä€😀',\n  x\nFROM t";
  auto locate = [&](size_t position) {
    Error error(ErrorCode::kSyntaxError, "wrong", static_cast<Position>(position));
    error.Locate(text);
    return std::pair(error.line(), error.column());
  };
  EXPECT_EQ(locate(0), std::pair(1u, 1u));
  EXPECT_EQ(locate(text.find(',')), std::pair(1u, 13u));
  EXPECT_EQ(locate(text.find('x')), std::pair(2u, 3u));
  EXPECT_EQ(locate(text.find("FROM")), std::pair(3u, 1u));
  EXPECT_EQ(locate(text.size() + 100), std::pair(3u, 7u));
}

TEST(Error, KeepsTheFirstPositionAndWhatItConcerns) {
  Error error(ErrorCode::kUniqueViolation, "duplicate");
  EXPECT_EQ(error.position(), kNoPosition);
  error.Locate("SELECT");
  EXPECT_EQ(error.line(), 0u);
  error.AtPosition(3).AtPosition(5);
  EXPECT_EQ(error.position(), 3u);
  error.OnTable("t").OnColumn("c").OnConstraint("k");
  EXPECT_EQ(error.table_name(), "t");
  EXPECT_EQ(error.column_name(), "c");
  EXPECT_EQ(error.constraint_name(), "k");
  EXPECT_EQ(error.sqlstate(), "23505");
  EXPECT_STREQ(error.what(), "duplicate");
}

}  // namespace
}  // namespace tupelo

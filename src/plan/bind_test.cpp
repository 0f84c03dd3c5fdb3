// plan/bind_test.cpp: what names, types and clauses come to in a bound plan, and what is refused.
#include <gtest/gtest.h>

#include "plan/plan_for_test.h"

namespace tupelo {
namespace {

class BindTest : public ::testing::Test {
 protected:
  BindTest() {
    database.Add("t", {{"id", Type::Integer()}, {"v", Type::Integer()}, {"d", Type::Date()}}, {0});
    database.Add("u", {{"id", Type::Integer()}, {"w", Type::Varchar(5)}, {"d", Type::Date()}});
  }
  // The names of the result's columns.
  std::string NamesOf(const std::string& sql) {
    std::string names;
    for (const OutputColumn& column : database.Bind(sql).root->output) {
      names += (names.empty() ? "" : " ") + column.name.spelling;
    }
    return names;
  }
  Type TypeOf(const std::string& expression) {
    return database.Bind("SELECT " + expression + " FROM t").root->output[0].type;
  }
  testing::PlanTestDatabase database;
};

TEST_F(BindTest, ADifferenceOfDatetimesTakesAnIntervalQualifier) {
  EXPECT_EQ(TypeOf("(d - DATE '2024-01-01') DAY"),
            Type::Interval(IntervalField::kDay, IntervalField::kDay));
  EXPECT_EQ(TypeOf("(d - d) DAY(5) TO SECOND(3)"),
            Type::Interval(IntervalField::kDay, IntervalField::kSecond, 5, 3));
  EXPECT_EQ(TypeOf("(d - d) YEAR TO MONTH"),
            Type::Interval(IntervalField::kYear, IntervalField::kMonth));
  EXPECT_EQ(TypeOf("(d + INTERVAL '1' DAY - '2024-01-01') DAY"),
            Type::Interval(IntervalField::kDay, IntervalField::kDay));
  EXPECT_EQ(TypeOf("(NULL - NULL) DAY"), Type::Interval(IntervalField::kDay, IntervalField::kDay));
  EXPECT_EQ(database.ErrorOf("SELECT (v - 1) DAY FROM t"), "42804");
  EXPECT_EQ(database.ErrorOf("SELECT (v - 1) AS day FROM t"), "");
  EXPECT_EQ(database.ErrorOf("SELECT (v + 1) day FROM t"), "");
  EXPECT_EQ(database.ErrorOf("SELECT (d - d) DAY(10) FROM t"), "22023");
  EXPECT_EQ(database.ErrorOf("SELECT (TIME '10:00:00' - TIME '09:00:00') YEAR FROM t"), "42883");
}

}  // namespace
}  // namespace tupelo

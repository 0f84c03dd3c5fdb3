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
    Plan plan = database.Bind(sql);
    for (const OutputColumn& column : plan.root->output) {
      names += (names.empty() ? "" : " ") + column.name->spelling;
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

TEST_F(BindTest, NaturalJoinsLookAtNamesThatBothSidesHave) {
  // id and d stand twice on the left: that matters only when the right side has them too.
  EXPECT_EQ(NamesOf("SELECT * FROM (t JOIN u ON t.id = u.id) NATURAL JOIN "
                    "(SELECT 1 AS w2, 'a' AS w FROM t) AS x"),
            "w id v d id d w2");
  EXPECT_EQ(database.ErrorOf("SELECT * FROM (t JOIN u ON t.id = u.id) NATURAL JOIN t AS x"),
            "42702");
  EXPECT_EQ(NamesOf("SELECT * FROM t NATURAL JOIN u"), "id d v w");
  EXPECT_EQ(NamesOf("SELECT * FROM t JOIN u USING (d)"), "d id v id w");
  EXPECT_EQ(NamesOf("SELECT u.*, t.* FROM t JOIN u USING (id)"), "id w d id v d");
  EXPECT_EQ(database.ErrorOf("SELECT * FROM t JOIN u USING (id, id)"), "42701");
  EXPECT_EQ(database.ErrorOf("SELECT * FROM t JOIN u USING (v)"), "42703");
}

TEST_F(BindTest, AQualifierNamesItsSchemaOrNone) {
  EXPECT_EQ(NamesOf("SELECT public.t.* FROM t"), "id v d");
  EXPECT_EQ(database.ErrorOf("SELECT elsewhere.t.* FROM t"), "42P01");
  EXPECT_EQ(database.ErrorOf("SELECT public.x.* FROM t AS x"), "42P01");
  EXPECT_EQ(database.ErrorOf("SELECT c.public.t.id FROM t"), "42703");
  EXPECT_EQ(database.ErrorOf("SELECT t.id FROM t AS x"), "42P01");
}

TEST_F(BindTest, AColumnOfAnEnclosingQueryMakesTheSubqueryCorrelated) {
  auto correlated = [&](const std::string& subquery) {
    Plan plan = database.Bind("SELECT (" + subquery + ") FROM t AS o");
    for (const std::string& line : ExplainPlan(plan, nullptr)) {
      if (line.find("(correlated by o.v)") != std::string::npos) return true;
    }
    return false;
  };
  EXPECT_TRUE(correlated("SELECT o.v FROM t"));
  EXPECT_TRUE(correlated("SELECT COUNT(*) FROM t GROUP BY o.v"));
  EXPECT_TRUE(correlated("SELECT x.a FROM t LEFT JOIN (SELECT o.v AS a FROM t) AS x ON t.id = 1"));
  EXPECT_FALSE(correlated("SELECT v FROM t"));
}

TEST_F(BindTest, AnAggregateBelongsToTheInnermostQueryWhoseColumnsItReads) {
  // SUM(t.v) is one of the outer query, which has one row then.
  std::string text = database.Explain("SELECT (SELECT SUM(t.v) FROM u) FROM t");
  EXPECT_NE(text.find("correlated by SUM(v)"), std::string::npos) << text;
  EXPECT_EQ(database.ErrorOf("SELECT v, (SELECT SUM(t.v) FROM u) FROM t"), "42803");
  EXPECT_EQ(database.ErrorOf("SELECT v FROM t WHERE EXISTS (SELECT SUM(t.v) FROM u)"), "42803");
  EXPECT_EQ(database.ErrorOf("SELECT v, (SELECT SUM(t.v + u.id) FROM u) FROM t"), "");
  EXPECT_EQ(database.ErrorOf("SELECT SUM(MAX(v)) FROM t"), "42803");
}

TEST_F(BindTest, ConditionsMoveAcrossOuterJoinsOnlyWhereThatKeepsTheirMeaning) {
  // ON says which rows match: about the side that is kept it stays with the join.
  EXPECT_EQ(database.Explain("SELECT v, w FROM t LEFT JOIN u ON t.id = u.id AND v = 1 AND w = 'a'"),
            "\nProject: v, w\n"
            "  Hash join (left) on t.id = u.id, where v = 1\n"
            "    Table scan of t\n"
            "    Table scan of u, where w = 'a'");
  // WHERE drops rows: about the side that may be filled with nulls it makes the join an inner one,
  // unless it can be true for null.
  EXPECT_EQ(database.Explain("SELECT v, w FROM t LEFT JOIN u ON t.id = u.id WHERE w IS NULL"),
            "\nProject: v, w\n"
            "  Filter: w IS NULL\n"
            "    Hash join (left) on t.id = u.id\n"
            "      Table scan of t\n"
            "      Table scan of u");
  std::string inner =
      database.Explain("SELECT v, w FROM t LEFT JOIN u ON t.id = u.id WHERE w = 'a'");
  EXPECT_NE(inner.find("(inner)"), std::string::npos) << inner;
  std::string full = database.Explain("SELECT v, w FROM t FULL JOIN u ON t.id = u.id WHERE v = 1");
  EXPECT_NE(full.find("(left)"), std::string::npos) << full;
}

TEST_F(BindTest, HavingMovesBelowGroupingOnlyWithGroups) {
  EXPECT_EQ(database.Explain("SELECT COUNT(*) FROM t HAVING 1 = 2"), "\nNo rows");
  EXPECT_EQ(database.Explain("SELECT v FROM t GROUP BY v HAVING v > 1 AND COUNT(*) > 2"),
            "\nProject: v\n"
            "  Filter: COUNT(*) > 2\n"
            "    Aggregate: COUNT(*) by v\n"
            "      Table scan of t, where v > 1");
}

}  // namespace
}  // namespace tupelo

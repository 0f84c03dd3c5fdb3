// plan/explain_test.cpp: plans and expressions as EXPLAIN shows them.
#include "plan/explain.h"

#include <gtest/gtest.h>

#include "plan/plan_for_test.h"

namespace tupelo {
namespace {

class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() {
    database.Add("flights",
                 {{"id", Type::Integer()},
                  {"carrier", Type::Char(2)},
                  {"delay", Type::Integer()},
                  {"day", Type::Date()}},
                 {0});
    database.Add("carriers", {{"code", Type::Char(2)}, {"name", Type::Varchar()}}, {0});
  }
  // The condition of SELECT 1 FROM flights WHERE ..., as text.
  std::string Condition(const std::string& sql, const std::vector<Type>& parameters = {}) {
    std::string text = database.Explain("SELECT 1 FROM flights WHERE " + sql, parameters);
    size_t at = text.find(", where ");
    return at == std::string::npos ? text : text.substr(at + 8);
  }
  testing::PlanTestDatabase database;
};

TEST_F(ExplainTest, ScansNameTheirTableAndCondition) {
  EXPECT_EQ(database.Explain("SELECT delay FROM flights"), "\nTable scan of flights");
  EXPECT_EQ(database.Explain("SELECT f.delay + 1 FROM flights AS f WHERE f.delay > 5"),
            "\nProject: delay + 1\n  Table scan of flights AS f, where delay > 5");
  EXPECT_EQ(database.Explain("SELECT delay + 1 AS later FROM flights"),
            "\nProject: delay + 1 AS later\n  Table scan of flights");
}

TEST_F(ExplainTest, AProjectionThatOnlyPassesColumnsOnIsPartOfItsScan) {
  EXPECT_EQ(database.Explain("SELECT delay AS late, id FROM flights WHERE id + delay = 7"),
            "\nTable scan of flights, where id + delay = 7");
  // Not one that leaves out a column of the condition, or has one twice.
  EXPECT_EQ(database.Explain("SELECT id FROM flights WHERE delay = 7"),
            "\nProject: id\n  Table scan of flights, where delay = 7");
  EXPECT_EQ(database.Explain("SELECT id, id FROM flights"),
            "\nProject: id, id\n  Table scan of flights");
  Plan plan = database.PlanOf("SELECT delay AS late, id FROM flights");
  ASSERT_EQ(plan.root->output.size(), 2u);
  EXPECT_EQ(plan.root->output[0].name->spelling, "late");
  EXPECT_EQ(plan.root->scan_columns[0], plan.root->table->FindColumn("DELAY"));
  EXPECT_EQ(plan.root->scan_columns[1], plan.root->table->FindColumn("ID"));
}

TEST_F(ExplainTest, IndexScansSayWhatTheyLookUp) {
  EXPECT_EQ(database.Explain("SELECT delay FROM flights AS f WHERE id = ? AND delay < 3",
                             {Type::Integer()}),
            "\nIndex scan of flights AS f using flights_pkey: id = ?1, where delay < 3");
  EXPECT_EQ(database.Explain("SELECT delay FROM flights WHERE id > 1 AND id <= 9"),
            "\nIndex scan of flights using flights_pkey: id > 1 AND id <= 9");
}

TEST_F(ExplainTest, ColumnsAreQualifiedWhereTwoTablesShareTheName) {
  EXPECT_EQ(database.Explain(
                "SELECT a.delay, b.delay FROM flights a LEFT JOIN flights b ON a.id = b.delay"),
            "\nProject: a.delay, b.delay\n"
            "  Hash join (left) on a.id = b.delay\n"
            "    Table scan of flights AS a\n"
            "    Table scan of flights AS b");
}

TEST_F(ExplainTest, JoinsSayHowAndWhy) {
  EXPECT_EQ(database.Explain("SELECT name FROM flights RIGHT JOIN carriers ON carrier < code"),
            "\nProject: name\n"
            "  Nested loop join (left) on carrier < code\n"
            "    Table scan of carriers\n"
            "    Table scan of flights");
  EXPECT_EQ(database.Explain(
                "SELECT name FROM flights FULL JOIN carriers ON carrier = code AND delay > 1"),
            "\nProject: name\n"
            "  Hash join (full) on carrier = code, where delay > 1\n"
            "    Table scan of flights\n"
            "    Table scan of carriers");
  EXPECT_EQ(database.Explain("SELECT 1 FROM flights, carriers"),
            "\nProject: 1\n"
            "  Nested loop join (cross)\n"
            "    Table scan of flights\n"
            "    Table scan of carriers");
}

TEST_F(ExplainTest, GroupsAggregatesAndTheirConditionsAreNamed) {
  EXPECT_EQ(database.Explain(
                "SELECT carrier, COUNT(*), SUM(DISTINCT delay) FROM flights GROUP BY carrier "
                "HAVING MAX(delay) > 3"),
            "\nProject: carrier, COUNT(*), SUM(DISTINCT delay)\n"
            "  Filter: MAX(delay) > 3\n"
            "    Aggregate: COUNT(*), SUM(DISTINCT delay), MAX(delay) by carrier\n"
            "      Table scan of flights");
  EXPECT_EQ(
      database.Explain(
          "SELECT delay / 10, COUNT(*) FILTER (WHERE id > 1) FROM flights GROUP BY delay / 10"),
      "\nProject: delay / 10, COUNT(*) FILTER (WHERE id > 1)\n"
      "  Aggregate: COUNT(*) FILTER (WHERE id > 1) by delay / 10\n"
      "    Table scan of flights");
  EXPECT_EQ(database.Explain("SELECT COUNT(*) FROM flights AS f"),
            "\nProject: COUNT(*)\n  Row count of flights AS f");
}

TEST_F(ExplainTest, SortsShowTheirKeysAndLimits) {
  EXPECT_EQ(database.Explain("SELECT id FROM flights ORDER BY delay DESC, id"),
            "\nProject: id\n"
            "  Sort: delay DESC, id\n"
            "    Table scan of flights");
  EXPECT_EQ(
      database.Explain("SELECT id FROM flights ORDER BY id DESC NULLS LAST LIMIT 10 OFFSET 2"),
      "\nLimit: 10, offset 2\n"
      "  Top-N sort: id DESC NULLS LAST, keeping 10 after 2\n"
      "    Table scan of flights");
  EXPECT_EQ(database.Explain("SELECT id FROM flights OFFSET 2"),
            "\nLimit: offset 2\n  Table scan of flights");
}

TEST_F(ExplainTest, SetOperationsAndValuesAreShownWithTheirInputs) {
  EXPECT_EQ(database.Explain("SELECT id FROM flights UNION SELECT delay FROM flights"),
            "\nDistinct\n"
            "  Union all\n"
            "    Table scan of flights\n"
            "    Table scan of flights");
  EXPECT_EQ(database.Explain("VALUES (1, 'a'), (2, 'it''s')"), "\nValues: (1, 'a'), (2, 'it''s')");
  EXPECT_EQ(database.Explain("VALUES (1), (2), (3), (4), (5), (6), (7)"),
            "\nValues: (1), (2), (3), (4), (5), ... (7 in all)");
  EXPECT_EQ(database.Explain("VALUES (1) EXCEPT ALL VALUES (2)"),
            "\nExcept all\n  Values: (1)\n  Values: (2)");
}

TEST_F(ExplainTest, SubqueriesStandBelowTheOperatorThatHoldsThem) {
  EXPECT_EQ(
      database.Explain("SELECT id FROM flights WHERE delay > (SELECT MAX(delay) FROM flights) "
                       "AND EXISTS (SELECT 1 FROM carriers WHERE code = carrier)"),
      "\nProject: flights.id\n"
      "  Hash join (semi) on flights.carrier = code\n"
      "    Table scan of flights, where flights.delay > (subquery 1)\n"
      "      Subquery 1 (runs once):\n"
      "        Project: MAX(flights.delay)\n"
      "          Aggregate: MAX(flights.delay)\n"
      "            Table scan of flights, by bounds of MAX flights.delay\n"
      "    Table scan of carriers");
  EXPECT_EQ(database.Explain("SELECT (SELECT name FROM carriers WHERE code = carrier) FROM flights "
                             "WHERE id = ?",
                             {Type::Integer()}),
            "\nProject: (subquery 1)\n"
            "  Subquery 1 (correlated by carrier):\n"
            "    Index scan of carriers using carriers_pkey: code = carrier\n"
            "  Index scan of flights using flights_pkey: id = ?1");
  EXPECT_EQ(Condition("delay NOT IN (SELECT 1 FROM carriers)").substr(0, 25),
            "delay NOT IN (subquery 1)");
  EXPECT_EQ(Condition("delay < ALL (SELECT 1 FROM carriers)").substr(0, 24),
            "delay < ALL (subquery 1)");
}

TEST_F(ExplainTest, WritesNameTheTableAndItsColumns) {
  EXPECT_EQ(database.Explain("INSERT INTO carriers VALUES ('AA', 'American')"),
            "\nInsert into carriers (code, name)\n  Values: ('AA', 'American')");
  EXPECT_EQ(database.Explain("UPDATE flights SET delay = delay + 1 WHERE id = 1"),
            "\nUpdate of flights (delay)\n"
            "  Project: row id, delay + 1 AS delay\n"
            "    Index scan of flights using flights_pkey: id = 1");
  EXPECT_EQ(database.Explain("DELETE FROM flights"),
            "\nDelete from flights\n  Table scan of flights");
}

TEST_F(ExplainTest, EstimatesAndMeasurementsEndEachLine) {
  Plan plan = database.PlanOf("SELECT id FROM flights WHERE id = 3");
  std::vector<std::string> lines = ExplainPlan(plan, [](const PlanNode& node) {
    return node.kind == PlanKind::kIndexScan ? std::string("actual rows=0") : std::string();
  });
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "Index scan of flights using flights_pkey: id = 3 (rows=1) actual rows=0"}));
}

TEST_F(ExplainTest, ExpressionsHaveOnlyTheParenthesesThatTheyNeed) {
  EXPECT_EQ(Condition("(delay + 1) * 2 > 3 OR delay > 1 AND delay < 4"),
            "(delay + 1) * 2 > 3 OR delay > 1 AND delay < 4");
  EXPECT_EQ(Condition("delay - (delay - 1) = 3"), "delay - (delay - 1) = 3");
  EXPECT_EQ(Condition("delay - 1 - 2 = -delay"), "delay - 1 - 2 = -delay");
  EXPECT_EQ(Condition("NOT (delay = 1 OR delay = 2)"), "NOT (delay = 1 OR delay = 2)");
  EXPECT_EQ(Condition("(delay = 1) IS TRUE"), "(delay = 1) IS TRUE");
}

TEST_F(ExplainTest, PredicatesAndFunctionsHaveTheFormOfTheStandard) {
  EXPECT_EQ(Condition("carrier NOT LIKE 'A_' ESCAPE '!'"), "carrier NOT LIKE 'A_' ESCAPE '!'");
  EXPECT_EQ(Condition("delay IS NOT NULL"), "delay IS NOT NULL");
  EXPECT_EQ(Condition("delay IS DISTINCT FROM 3"), "delay IS DISTINCT FROM 3");
  EXPECT_EQ(Condition("delay NOT IN (1,2,3,4,5,6,7,8,9,10,11,12)"),
            "delay NOT IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ... (12 in all))");
  EXPECT_EQ(Condition("day = DATE '2024-02-01'"), "day = DATE '2024-02-01'");
  EXPECT_EQ(Condition("day < CURRENT_DATE"), "day < CURRENT_DATE");
  EXPECT_EQ(Condition("EXTRACT(YEAR FROM day) = 2024"), "EXTRACT(YEAR FROM day) = 2024");
  EXPECT_EQ(Condition("TRIM(LEADING 'x' FROM carrier) = SUBSTRING(carrier FROM 1 FOR 1)"),
            "TRIM(LEADING 'x' FROM carrier) = SUBSTRING(carrier FROM 1 FOR 1)");
  EXPECT_EQ(Condition("CAST(delay AS VARCHAR(5)) = 'x'"),
            "CAST(delay AS CHARACTER VARYING(5)) = 'x'");
  EXPECT_EQ(Condition("COALESCE(delay, 0) = CASE WHEN id > 1 THEN 2 ELSE 3 END"),
            "COALESCE(delay, 0) = CASE WHEN id > 1 THEN 2 ELSE 3 END");
  EXPECT_EQ(Condition("delay > 1.5"), "delay > 1.5");
}

}  // namespace
}  // namespace tupelo

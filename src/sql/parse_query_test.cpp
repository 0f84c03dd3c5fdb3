// sql/parse_query_test.cpp: tests of queries, by their canonical text.
#include <gtest/gtest.h>

#include "sql/parse_testing.h"

namespace tupelo {
namespace {

void ExpectPrints(std::initializer_list<std::pair<const char*, const char*>> cases) {
  for (auto [text, printed] : cases) {
    EXPECT_EQ(ReprintQuery(text), printed) << text;
    EXPECT_EQ(ReprintQuery(printed), printed) << text;
  }
}

TEST(QueryTest, SelectKeepsItsClauses) {
  ExpectPrints(
      {{"select 1;", "SELECT 1"},
       {"select all a x, b as \"y\", t.*, s.t.* from t",
        "SELECT a AS x, b AS \"y\", t.*, s.t.* FROM t"},
       {"select distinct * from t where a group by b, c having d order by e desc nulls last, 2",
        "SELECT DISTINCT * FROM t WHERE a GROUP BY b, c HAVING d ORDER BY e DESC NULLS LAST, 2"},
       {"select t.a + 1 from t", "SELECT t.a + 1 FROM t"},
       {"select s.f(1) * 2", "SELECT s.f(1) * 2"},
       {"select a where b", "SELECT a WHERE b"},
       {"values (1, 'a'), (2, null)", "VALUES (1, 'a'), (2, NULL)"},
       {"table s.t", "TABLE s.t"}});
}

TEST(QueryTest, RowLimitsHaveOneMeaning) {
  ExpectPrints({{"select 1 limit 5 offset 2", "SELECT 1 LIMIT 5 OFFSET 2"},
                {"select 1 offset 2 rows fetch next 5 rows only", "SELECT 1 LIMIT 5 OFFSET 2"},
                {"select 1 fetch first row only", "SELECT 1 LIMIT 1"},
                {"select 1 limit all", "SELECT 1"}});
}

TEST(QueryTest, IntersectBindsTighterThanUnion) {
  ExpectPrints({{"select 1 union select 2 intersect all select 3 except select 4",
                 "SELECT 1 UNION SELECT 2 INTERSECT ALL SELECT 3 EXCEPT SELECT 4"},
                {"(select 1 union distinct select 2) intersect select 3",
                 "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3"},
                {"(select 1 limit 1) union all (values (2)) order by 1",
                 "(SELECT 1 LIMIT 1) UNION ALL (VALUES (2)) ORDER BY 1"}});
  Arena arena;
  auto parsed = ParseStatement("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3", arena);
  auto& query = *ast::As<ast::QueryStatement>(*parsed.statement).query;
  auto& operation = ast::As<ast::SetOperationBody>(*query.body);
  EXPECT_EQ(operation.first->kind, ast::QueryBodyKind::kSelect);
  ASSERT_EQ(operation.links.size(), 1u);
  EXPECT_EQ(operation.links[0].operand->kind, ast::QueryBodyKind::kSetOperation);
}

TEST(QueryTest, JoinsGroupFromLeftToRight) {
  ExpectPrints(
      {{"select * from a x, b as y(c, d)", "SELECT * FROM a AS x, b AS y(c, d)"},
       {"select * from a inner join b on x left outer join c using (d, e) natural join f cross "
        "join g",
        "SELECT * FROM a JOIN b ON x LEFT JOIN c USING (d, e) NATURAL JOIN f CROSS JOIN g"},
       {"select * from a join b join c on x on y", "SELECT * FROM a JOIN (b JOIN c ON x) ON y"},
       {"select * from (a full join b on x) right join (select 1) d on y",
        "SELECT * FROM (a FULL JOIN b ON x) RIGHT JOIN (SELECT 1) AS d ON y"},
       {"select * from ((select 1) union select 2) as t",
        "SELECT * FROM ((SELECT 1) UNION SELECT 2) AS t"},
       {"select * from ((select 1)) t", "SELECT * FROM (SELECT 1) AS t"},
       {"select * from ((select 1) t join u on v)", "SELECT * FROM (SELECT 1) AS t JOIN u ON v"}});
}

TEST(QueryTest, SubqueriesStandAnywhereInExpressions) {
  ExpectPrints({{"select (select 1) + (select 2)", "SELECT (SELECT 1) + (SELECT 2)"},
                {"select ((select 1) + 2)", "SELECT (SELECT 1) + 2"},
                {"select ((select 1) union (select 2) limit 1)",
                 "SELECT ((SELECT 1) UNION (SELECT 2) LIMIT 1)"},
                {"select (((select 1)))", "SELECT (SELECT 1)"},
                {"select (select 1 order by 1 limit 1)", "SELECT (SELECT 1 ORDER BY 1 LIMIT 1)"}});
}

TEST(QueryTest, WithStandsBeforeAnyQuery) {
  ExpectPrints({{"with a as (select 1), b (x) as (table a) select * from b",
                 "WITH a AS (SELECT 1), b(x) AS (TABLE a) SELECT * FROM b"},
                {"with recursive t as (select 1) search depth first by a, b set c select 1",
                 "WITH RECURSIVE t AS (SELECT 1) SEARCH DEPTH FIRST BY a, b SET c SELECT 1"},
                {"with recursive t as (select 1) cycle a set c to 1 default 0 using p select 1",
                 "WITH RECURSIVE t AS (SELECT 1) CYCLE a SET c TO 1 DEFAULT 0 USING p SELECT 1"},
                {"select (with a as (select 1) table a)", "SELECT (WITH a AS (SELECT 1) TABLE a)"},
                {"select 1 union all corresponding by (a) select 2",
                 "SELECT 1 UNION ALL CORRESPONDING BY (a) SELECT 2"},
                {"select * from a, lateral (select 1) b, (a join b on x) as j (y)",
                 "SELECT * FROM a, LATERAL (SELECT 1) AS b, (a JOIN b ON x) AS j(y)"}});
}

TEST(QueryTest, LocksNameTablesAndWhatBecomesOfLockedRows) {
  ExpectPrints(
      {{"select a from t for update", "SELECT a FROM t FOR UPDATE"},
       {"select a from t order by a limit 1 offset 2 for share nowait",
        "SELECT a FROM t ORDER BY a LIMIT 1 OFFSET 2 FOR SHARE NOWAIT"},
       {"select a from t, s as \"s\" for update of t, \"s\" skip locked",
        "SELECT a FROM t, s AS \"s\" FOR UPDATE OF t, \"s\" SKIP LOCKED"},
       {"with t as (select 1) select of from skip as locked for update of locked skip locked",
        "WITH t AS (SELECT 1) SELECT of FROM skip AS locked FOR UPDATE OF locked SKIP "
        "LOCKED"}});
  Arena arena;
  auto parsed = ParseStatement("SELECT a FROM t FOR SHARE OF t, u NOWAIT", arena);
  const ast::LockClause& lock = *ast::As<ast::QueryStatement>(*parsed.statement).query->lock;
  EXPECT_EQ(lock.position, 16u);
  EXPECT_FALSE(lock.for_update);
  EXPECT_EQ(lock.wait, ast::LockWait::kNoWait);
  ASSERT_EQ(lock.tables.size(), 2u);
  EXPECT_EQ(lock.tables[1].text, "u");
}

TEST(QueryTest, WhatIsNoLockIsRefused) {
  EXPECT_EQ(ErrorOf("SELECT 1 FOR"),
            "42601 at 12: syntax error at the end of the statement: expected UPDATE or SHARE");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR t"), "42601 at 13");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR UPDATE OF"), "42601 at 22");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR UPDATE OF t,"), "42601 at 25");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR UPDATE OF s.t"), "42601 at 23");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR UPDATE t"), "42601 at 20");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR UPDATE SKIP"), "42601 at 24");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR UPDATE NOWAIT SKIP LOCKED"), "42601 at 27");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR UPDATE LIMIT 1"), "42601 at 20");
  EXPECT_EQ(ErrorOf("SELECT 1 FOR READ ONLY"), "0A000 at 9: FOR READ ONLY is not supported");
  EXPECT_EQ(ErrorOf("SELECT 1 FOR NO KEY UPDATE"),
            "0A000 at 9: FOR NO KEY UPDATE is not supported");
  EXPECT_EQ(ErrorOf("SELECT 1 FOR KEY SHARE"), "0A000 at 9: FOR KEY SHARE is not supported");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR UPDATE FOR SHARE"), "0A000 at 20");
}

TEST(QueryTest, ErrorsSayWhatWasFoundAndExpectedAndWhere) {
  EXPECT_EQ(
      ErrorOf("SELECT * FORM t"),
      "42601 at 9: syntax error at \"FORM\": expected \",\", FROM or the end of the statement");
  EXPECT_EQ(
      ErrorOf("SELECT * FROM"),
      "42601 at 13: syntax error at the end of the statement: expected a table name or LATERAL");
  EXPECT_EQ(ErrorOf("SELECT * FROM order"),
            "42601 at 14: syntax error at \"order\": expected a table name or LATERAL (ORDER is "
            "reserved: as "
            "a name it stands in double quotes)");
  EXPECT_EQ(PlaceOf("SELECT * FROM a JOIN b"), "42601 at 22");
  EXPECT_EQ(PlaceOf("SELECT * FROM (a)"), "42601 at 16");
  EXPECT_EQ(PlaceOf("SELECT"), "42601 at 6");
  EXPECT_EQ(PlaceOf("SELECT 1 LIMIT 1 LIMIT 2"), "42601 at 17");
  EXPECT_EQ(PlaceOf("SELECT a, FROM t"), "42601 at 10");
  EXPECT_EQ(PlaceOf("VALUES"), "42601 at 6");
  EXPECT_EQ(PlaceOf("VALUES ()"), "42601 at 8");
}

TEST(QueryTest, UnsupportedFeaturesAreNamed) {
  EXPECT_EQ(PlaceOf("SELECT * FROM f(1)"), "0A000 at 14");
  EXPECT_EQ(PlaceOf("SELECT 1 FOR READ ONLY"), "0A000 at 9");
}

}  // namespace
}  // namespace tupelo

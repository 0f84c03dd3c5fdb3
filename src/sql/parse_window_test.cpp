// sql/parse_window_test.cpp: tests of GROUP BY, clauses of calls and windows, by canonical text.
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

TEST(GroupByTest, ElementsNest) {
  ExpectPrints({{"select 1 from t group by rollup (a, (b, c)), cube (d), ()",
                 "SELECT 1 FROM t GROUP BY ROLLUP (a, (b, c)), CUBE (d), ()"},
                {"select 1 from t group by distinct grouping sets ((), (a), grouping sets (b))",
                 "SELECT 1 FROM t GROUP BY DISTINCT GROUPING SETS ((), a, GROUPING SETS (b))"},
                {"select 1 from t group by (a, b), row(c, d), rollup, cube",
                 "SELECT 1 FROM t GROUP BY (a, b), (c, d), rollup, cube"}});
}

TEST(WindowTest, SpecificationsKeepTheirClauses) {
  ExpectPrints(
      {{"select rank() over (partition by a, b order by c desc nulls last) from t",
        "SELECT rank() OVER (PARTITION BY a, b ORDER BY c DESC NULLS LAST) FROM t"},
       {"select sum(a) filter (where b) over w, f() over (w rows 1 preceding) from t window w as "
        "()",
        "SELECT sum(a) FILTER (WHERE b) OVER w, f() OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT "
        "ROW) FROM t WINDOW w AS ()"},
       {"select f() over (order by a groups between b + 1 following and unbounded following "
        "exclude "
        "ties) from t",
        "SELECT f() OVER (ORDER BY a GROUPS BETWEEN b + 1 FOLLOWING AND UNBOUNDED FOLLOWING "
        "EXCLUDE "
        "TIES) FROM t"},
       {"select nth_value(a, 2) from last ignore nulls over w, lag(a) respect nulls over (w) from "
        "t",
        "SELECT nth_value(a, 2) FROM LAST IGNORE NULLS OVER w, lag(a) RESPECT NULLS OVER (w) FROM "
        "t"}});
}

TEST(WindowTest, WordsOfWindowsAreNamesElsewhere) {
  ExpectPrints({{"select over, range, a ignore from rows groups",
                 "SELECT over, range, a AS ignore FROM rows AS groups"},
                {"select count(*) over from preceding", "SELECT count(*) AS over FROM preceding"}});
}

TEST(OrderedAggregateTest, ClausesStandWhereTheyWere) {
  ExpectPrints(
      {{"select string_agg(distinct a, ',' order by a desc)",
        "SELECT string_agg(DISTINCT a, ',' ORDER BY a DESC)"},
       {"select listagg(a on overflow truncate without count) within group (order by b)",
        "SELECT listagg(a ON OVERFLOW TRUNCATE WITHOUT COUNT) WITHIN GROUP (ORDER BY b)"},
       {"select listagg(a, ';' on overflow error) within group (order by b) filter (where c)",
        "SELECT listagg(a, ';' ON OVERFLOW ERROR) WITHIN GROUP (ORDER BY b) FILTER (WHERE c)"},
       {"select mode() within group (order by a, b nulls first)",
        "SELECT mode() WITHIN GROUP (ORDER BY a, b NULLS FIRST)"}});
}

}  // namespace
}  // namespace tupelo

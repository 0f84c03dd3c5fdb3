// sql/parse_expression_test.cpp: tests of expressions, by their canonical text.
#include <gtest/gtest.h>

#include "sql/parse_testing.h"

namespace tupelo {
namespace {

// Each pair: what is parsed, what it prints as.
using Cases = std::initializer_list<std::pair<const char*, const char*>>;

void ExpectPrints(Cases cases) {
  for (auto [text, printed] : cases) {
    EXPECT_EQ(Reprint(text), printed) << text;
    EXPECT_EQ(Reprint(printed), printed) << text;
  }
}

TEST(ExpressionTest, OperatorsBindByPrecedence) {
  ExpectPrints({{"1+2*3", "1 + 2 * 3"},
                {"(1+2)*3", "(1 + 2) * 3"},
                {"1-2-3", "1 - 2 - 3"},
                {"1-(2-3)", "1 - (2 - 3)"},
                {"(1-2)-3", "(1 - 2) - 3"},
                {"-a*b", "-a * b"},
                {"-(a*b)", "-(a * b)"},
                {"- -a", "- -a"},
                {"+ - + 1", "+ - +1"},
                {"a||b||c", "a || b || c"},
                {"a or b and c", "a OR b AND c"},
                {"(a or b) and c", "(a OR b) AND c"},
                {"not a = b and c", "NOT a = b AND c"},
                {"not (a and b)", "NOT (a AND b)"},
                {"not not a", "NOT NOT a"},
                {"a = b is true", "a = b IS TRUE"},
                {"a = (b is true)", "a = (b IS TRUE)"},
                {"a+b between c-1 and d+1 and e", "a + b BETWEEN c - 1 AND d + 1 AND e"},
                {"(a=b)=c", "(a = b) = c"}});
}

TEST(ExpressionTest, PredicatesKeepTheirForms) {
  ExpectPrints({{"a != 1", "a <> 1"},
                {"a NOT BETWEEN SYMMETRIC 1 AND 2", "a NOT BETWEEN SYMMETRIC 1 AND 2"},
                {"a BETWEEN ASYMMETRIC 1 AND 2", "a BETWEEN 1 AND 2"},
                {"a not in (1,2, 3)", "a NOT IN (1, 2, 3)"},
                {"a in (select 1)", "a IN (SELECT 1)"},
                {"a in ((select 1))", "a IN (SELECT 1)"},
                {"a in ((select 1), 2)", "a IN ((SELECT 1), 2)"},
                {"a in ((select 1) union select 2)", "a IN ((SELECT 1) UNION SELECT 2)"},
                {"(a,b) in ((1,2),(3,4))", "(a, b) IN ((1, 2), (3, 4))"},
                {"a like 'x!_' escape '!'", "a LIKE 'x!_' ESCAPE '!'"},
                {"a is not null", "a IS NOT NULL"},
                {"a is null is false", "a IS NULL IS FALSE"},
                {"a is not distinct from b", "a IS NOT DISTINCT FROM b"},
                {"exists((select 1))", "EXISTS (SELECT 1)"},
                {"a = some (select 1)", "a = ANY (SELECT 1)"},
                {"a >= all(values (1))", "a >= ALL (VALUES (1))"},
                {"any(a) = any(b)", "any(a) = any(b)"}});
}

TEST(ExpressionTest, LiteralsKeepTheirText) {
  ExpectPrints({{"12345678901234567890.50", "12345678901234567890.50"},
                {"'a' -- x\n 'b''c'", "'ab''c'"},
                {"x'0aFF'", "X'0AFF'"},
                {"n'x'", "N'x'"},
                {"unknown", "UNKNOWN"},
                {"date '2020-01-01'", "DATE '2020-01-01'"},
                {"timestamp'2020-01-01 00:00:00'", "TIMESTAMP '2020-01-01 00:00:00'"},
                {"interval - '1-2' year(4) to month", "INTERVAL -'1-2' YEAR(4) TO MONTH"},
                {"interval '1.5' second(2, 3)", "INTERVAL '1.5' SECOND(2, 3)"},
                {"interval '1 2:3:4' day to second(6)", "INTERVAL '1 2:3:4' DAY TO SECOND(6)"},
                {"(interval) - '1'", "\"INTERVAL\" - '1'"}});
}

TEST(ExpressionTest, FunctionsKeepTheirSyntax) {
  ExpectPrints({{"count(*)", "count(*)"},
                {"sum(distinct a) filter (where b > 1)", "sum(DISTINCT a) FILTER (WHERE b > 1)"},
                {"s.f()", "s.f()"},
                {"substring(a from 2 for 3)", "substring(a FROM 2 FOR 3)"},
                {"substring(a, 2)", "substring(a, 2)"},
                {"position('a' in b || c)", "position('a' IN b || c)"},
                {"overlay(a placing b from 1)", "overlay(a PLACING b FROM 1)"},
                {"trim(a)", "TRIM(a)"},
                {"trim('x' from a)", "TRIM(BOTH 'x' FROM a)"},
                {"trim(leading from a)", "TRIM(LEADING FROM a)"},
                {"extract(timezone_hour from a)", "EXTRACT(TIMEZONE_HOUR FROM a)"},
                {"cast(a as decimal(10,2))", "CAST(a AS NUMERIC(10, 2))"},
                {"nullif(a,b)", "NULLIF(a, b)"},
                {"coalesce(a,b,1)", "COALESCE(a, b, 1)"},
                {"current_timestamp(3)", "CURRENT_TIMESTAMP(3)"},
                {"user", "CURRENT_USER"},
                {"left(a, 1)", "left(a, 1)"},
                {"(a - b) day", "(a - b) DAY"},
                {"((a + c - b)) day (3) to second(0) + d", "(a + c - b) DAY(3) TO SECOND(0) + d"},
                {"(a - b) second(3, 1)", "(a - b) SECOND(3, 1)"},
                {"- (a - b) year to month", "-(a - b) YEAR TO MONTH"},
                {"a at time zone interval '1' hour", "a AT TIME ZONE INTERVAL '1' HOUR"},
                {"a at local at local", "a AT LOCAL AT LOCAL"},
                {"case a when 1 then 2 else 3 end", "CASE a WHEN 1 THEN 2 ELSE 3 END"},
                {"case when a then b when c then d end", "CASE WHEN a THEN b WHEN c THEN d END"},
                {"row(1)", "ROW(1)"},
                {"row(1, a)", "(1, a)"}});
}

TEST(ExpressionTest, CommonWordsAreNames) {
  for (const char* name :
       {"value", "name", "date", "key", "year", "position", "count", "text", "type", "time", "day",
        "row", "first", "data", "level", "action", "set", "interval"}) {
    EXPECT_EQ(
        ErrorOf(std::string("SELECT ") + name + ", t." + name + " FROM t WHERE " + name + " = 1"),
        "no error");
    EXPECT_EQ(ErrorOf(std::string("CREATE TABLE t (") + name + " INTEGER)"), "no error");
  }
}

TEST(ExpressionTest, TypesKeepTheirNumbers) {
  ExpectPrints({{"cast(a as character varying(10))", "CAST(a AS VARCHAR(10))"},
                {"cast(a as national char(3))", "CAST(a AS CHAR(3))"},
                {"cast(a as char large object(2K))", "CAST(a AS CLOB(2048))"},
                {"cast(a as blob(4 G))", "CAST(a AS BLOB(4194304K))"},
                {"cast(a as binary large object)", "CAST(a AS BLOB)"},
                {"cast(a as text)", "CAST(a AS CLOB)"},
                {"cast(a as double precision)", "CAST(a AS DOUBLE PRECISION)"},
                {"cast(a as float(24))", "CAST(a AS FLOAT(24))"},
                {"cast(a as time(3) with time zone)", "CAST(a AS TIME(3) WITH TIME ZONE)"},
                {"cast(a as timestamp without time zone)", "CAST(a AS TIMESTAMP)"},
                {"cast(a as interval day(3) to minute)", "CAST(a AS INTERVAL DAY(3) TO MINUTE)"}});
}

TEST(ExpressionTest, ErrorsSayWhatWasFoundAndExpectedAndWhere) {
  EXPECT_EQ(ErrorOf("SELECT 1 +"),
            "42601 at 10: syntax error at the end of the statement: expected an expression");
  EXPECT_EQ(ErrorOf("SELECT a = b = c"),
            "42601 at 13: syntax error at \"=\": expected \",\", FROM or the end of the statement");
  EXPECT_EQ(ErrorOf("SELECT a IN ()"),
            "42601 at 13: syntax error at \")\": expected an expression");
  EXPECT_EQ(ErrorOf("SELECT (1"),
            "42601 at 9: syntax error at the end of the statement: expected \",\" or \")\"");
  EXPECT_EQ(
      ErrorOf("SELECT a IS 5"),
      "42601 at 12: syntax error at \"5\": expected NOT, NULL, DISTINCT, TRUE, FALSE or UNKNOWN");
  EXPECT_EQ(PlaceOf("SELECT 'a' 'b'"), "42601 at 11");
  EXPECT_EQ(PlaceOf("SELECT X'0'"), "42601 at 7");
  EXPECT_EQ(PlaceOf("SELECT X'0g'"), "42601 at 7");
  EXPECT_EQ(PlaceOf("SELECT DEFAULT"), "42601 at 7");
  EXPECT_EQ(PlaceOf("SELECT INTERVAL '1' MONTH TO DAY"), "42601 at 29");
  EXPECT_EQ(PlaceOf("SELECT CAST(a AS foo)"), "42704 at 17");
  EXPECT_EQ(PlaceOf("SELECT 1k"), "42601 at 8");
  EXPECT_EQ(PlaceOf("SELECT EXISTS (1)"), "42601 at 15");
}

TEST(ExpressionTest, UnsupportedFeaturesAreNamed) {
  EXPECT_EQ(ErrorOf("SELECT B'01'"), "0A000 at 7: a bit string literal is not supported");
  EXPECT_EQ(ErrorOf("SELECT CAST(a AS BIT(3))"), "0A000 at 17: the type BIT is not supported");
}

TEST(ExpressionTest, StoredExpressionsHaveNoParameters) {
  EXPECT_EQ(Reprint("a > ?"), "a parameter is not allowed in a stored expression");
  EXPECT_EQ(Reprint("a > 1 b"), "syntax error at \"b\": expected the end of the expression");
}

}  // namespace
}  // namespace tupelo

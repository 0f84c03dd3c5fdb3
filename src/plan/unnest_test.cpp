// plan/unnest_test.cpp: which joins subqueries become, and which stay what they are.
#include <gtest/gtest.h>
#include <iostream>

#include "plan/plan_for_test.h"

namespace tupelo {
namespace {

class UnnestTest : public ::testing::Test {
 protected:
  UnnestTest() {
    database.Add("o", {{"id", Type::Integer()}, {"k", Type::Integer()}, {"v", Type::Integer()}},
                 {0});
    database.Add("t", {{"tid", Type::Integer()}, {"tk", Type::Integer()}, {"tv", Type::Integer()}},
                 {0});
  }
  bool Has(const std::string& sql, const std::string& part,
           const std::vector<Type>& parameters = {}) {
    std::string text = database.Explain(sql, parameters);
    bool has = text.find(part) != std::string::npos;
    if (!has) std::cerr << text << "\n";
    return has;
  }
  bool IsNested(const std::string& sql, const std::vector<Type>& parameters = {}) {
    return database.Explain(sql, parameters).find("correlated") != std::string::npos;
  }
  testing::PlanTestDatabase database;
};

TEST_F(UnnestTest, ConjunctsBecomeSemiAndAntiJoins) {
  EXPECT_TRUE(Has("SELECT id FROM o WHERE EXISTS (SELECT 1 FROM t WHERE tk = k)",
                  "Hash join (semi) on k = tk"));
  EXPECT_TRUE(Has("SELECT id FROM o WHERE NOT EXISTS (SELECT 1 FROM t WHERE tk = k AND tv < v)",
                  "Hash join (anti) on k = tk, where tv < v"));
  EXPECT_TRUE(Has("SELECT id FROM o WHERE v IN (SELECT tv FROM t)", "Hash join (semi) on v = tv"));
  EXPECT_TRUE(Has("SELECT id FROM o WHERE v NOT IN (SELECT tv FROM t WHERE tk = k)",
                  "Hash join (anti) on k = tk, where (v = tv) IS NOT FALSE"));
  EXPECT_TRUE(
      Has("SELECT id FROM o WHERE id NOT IN (SELECT tid FROM t)", "Hash join (anti) on id = tid"));
}

TEST_F(UnnestTest, ValuesBecomeMarkLeftAndSingleJoins) {
  EXPECT_TRUE(Has("SELECT v IN (SELECT tv FROM t WHERE tk = k) FROM o",
                  "Hash join (mark) on k = tk, comparing v = tv"));
  EXPECT_TRUE(Has("SELECT (SELECT tv FROM t WHERE tk = k) FROM o", "Hash join (single) on k = tk"));
  EXPECT_TRUE(Has("SELECT (SELECT tv FROM t WHERE tid = k) FROM o", "Hash join (left) on k = tid"));
  EXPECT_TRUE(
      Has("SELECT (SELECT COUNT(*) FROM t WHERE tk = k) FROM o", "Project: COALESCE(COUNT(*), 0)"));
}

TEST_F(UnnestTest, NoSubqueryRunsForEachOfManyRows) {
  for (const char* sql : {
           "SELECT (SELECT tid FROM t WHERE tk = k ORDER BY tv LIMIT 1) FROM o",
           "SELECT (SELECT SUM(tv + v) FROM t WHERE tk = k) FROM o",
           "SELECT (SELECT COUNT(*) FROM t WHERE tk < k HAVING COUNT(*) > 1) FROM o",
           "SELECT id FROM o WHERE id IN (SELECT tid FROM t WHERE tk = k UNION SELECT v)",
           "SELECT id FROM o WHERE EXISTS (SELECT 1 FROM t WHERE tk = k AND NOT EXISTS "
           "(SELECT 1 FROM t AS u WHERE u.tv = v AND u.tid > t.tid))",
           "SELECT CASE WHEN v > 1 THEN (SELECT tv FROM t WHERE tk = k) END FROM o",
       }) {
    EXPECT_FALSE(IsNested(sql)) << sql << database.Explain(sql);
  }
}

TEST_F(UnnestTest, WhatRunsOnceStays) {
  EXPECT_TRUE(
      IsNested("SELECT (SELECT tv FROM t WHERE tk = k) FROM o WHERE id = ?", {Type::Integer()}));
  EXPECT_TRUE(Has("SELECT id FROM o WHERE v > (SELECT MAX(tv) FROM t)", "runs once"));
  EXPECT_TRUE(Has("SELECT id FROM o WHERE v NOT IN (SELECT tv FROM t)", "runs once"));
}

TEST_F(UnnestTest, ConditionsReachEqualColumnsAndSingleTables) {
  EXPECT_TRUE(Has("SELECT id FROM o, t WHERE k = tk AND k = 5", "Table scan of t, where tk = 5"));
  EXPECT_TRUE(Has("SELECT id FROM o, t WHERE (v = 1 AND tv = 2) OR (v = 3 AND tv = 4)",
                  "Table scan of o, where v = 1 OR v = 3"));
  EXPECT_TRUE(Has("SELECT id FROM o, t WHERE (k = tk AND v = 1) OR (k = tk AND tv = 2)",
                  "Hash join (inner) on k = tk"));
  EXPECT_TRUE(Has("SELECT id FROM o, t WHERE k = tk AND v > 5 AND v < 3", "No rows"));
}

}  // namespace
}  // namespace tupelo

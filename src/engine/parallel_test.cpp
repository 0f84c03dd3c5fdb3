// engine/parallel_test.cpp: one statement on several threads gives what it gives on one.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "engine/parallel_for_test.h"

namespace tupelo {

namespace {

class ParallelTest : public ThreadsTest {
 protected:
  ParallelTest() {
    Connection& connection = *connection_;
    Execute(connection, "CREATE TABLE d (n INTEGER)");
    Execute(connection, "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)");
    Execute(connection, "CREATE TABLE t (id INTEGER, k INTEGER, s VARCHAR(40))");
    Execute(connection,
            "INSERT INTO t SELECT id, MOD(id * 7919, 40009), CASE WHEN MOD(id, 3) = 0 THEN NULL "
            "ELSE 'a text that is long enough ' || CAST(MOD(id, 5000) AS VARCHAR(10)) END FROM "
            "(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * e.n + 10000 * f.n + 100000 * g.n AS id "
            "FROM d a, d b, d c, d e, d f, d g WHERE g.n < 2) q");
    connection.Commit();
  }
};

TEST_F(ParallelTest, GivesTheSameRowsInTheSameOrderAtAnyNumberOfThreads) {
  const char* kQueries[] = {
      "SELECT COUNT(*), SUM(id), MIN(s), MAX(s) FROM t",
      "SELECT MOD(k, 7), COUNT(*), MAX(s) FROM t WHERE id > 1000 GROUP BY MOD(k, 7)",
      "SELECT k, COUNT(*), SUM(id), MIN(s) FROM t GROUP BY k ORDER BY k",
      "SELECT k, s, COUNT(*), COUNT(DISTINCT id) FROM t GROUP BY k, s ORDER BY k, s",
      "SELECT COUNT(DISTINCT k), COUNT(DISTINCT s), SUM(DISTINCT id) FROM t",
      "SELECT MOD(id, 9), COUNT(DISTINCT k), COUNT(DISTINCT s) FROM t GROUP BY MOD(id, 9)",
      "SELECT s, COUNT(*) AS c FROM t GROUP BY s ORDER BY c",
      "SELECT s, id FROM t ORDER BY s",
      "SELECT k, id FROM t ORDER BY MOD(k, 10) DESC, s",
      "SELECT s, id FROM t ORDER BY s DESC LIMIT 3000",
      "SELECT id FROM t ORDER BY k OFFSET 100 LIMIT 5",
      "SELECT a.id, b.id FROM t a JOIN t b ON a.id = b.k WHERE a.k < 2000",
      "SELECT a.id, b.id FROM t a JOIN t b ON a.k = b.k WHERE a.id < 3000",
      "SELECT a.s, COUNT(*), SUM(b.id) FROM t a LEFT JOIN t b ON a.k = b.id GROUP BY a.s",
      "SELECT a.id, b.id FROM t a RIGHT JOIN t b ON a.id = b.k * 7 WHERE b.k < 3000",
      "SELECT a.id, b.id FROM (SELECT * FROM t WHERE id < 5000) a FULL JOIN (SELECT * FROM t WHERE "
      "k < 900) b ON a.id = b.k * 7",
      "SELECT COUNT(*) FROM t a JOIN t b ON a.s = b.s AND a.id = b.id + 5000",
      "SELECT COUNT(*) FROM t WHERE k IN (SELECT id FROM t WHERE s IS NULL)",
      "SELECT COUNT(*) FROM t WHERE k NOT IN (SELECT id FROM t WHERE s IS NOT NULL)",
      "SELECT COUNT(*) FROM t a JOIN t b ON a.id = b.id JOIN d ON d.n = MOD(a.k, 20) WHERE b.k < 0",
      "SELECT DISTINCT id FROM t",
      "SELECT DISTINCT s, MOD(k, 10) FROM t WHERE id > 1000",
      "SELECT k FROM t UNION SELECT id + 7 FROM t",
      "SELECT k, COUNT(*) FROM (SELECT id, k FROM t UNION ALL SELECT k, id FROM t) q GROUP BY k",
      "SELECT id, k FROM (SELECT id, k FROM t UNION ALL SELECT k, id FROM t) q ORDER BY k",
      "SELECT t.id, q.v FROM t JOIN (SELECT id AS v FROM t WHERE k < 9 UNION ALL SELECT k FROM t "
      "WHERE id < 99) q ON t.k = q.v",
      "SELECT k FROM t WHERE MOD(id, 3) = 1 INTERSECT SELECT id FROM t WHERE k > 100",
      "SELECT k, s FROM t EXCEPT ALL SELECT id, s FROM t WHERE k > 100",
      "SELECT id, ROW_NUMBER() OVER (PARTITION BY k ORDER BY s), LAG(s, 1, 'none') OVER (PARTITION "
      "BY k ORDER BY s) FROM t",
      "SELECT id, AVG(k / 7.0e0) OVER (PARTITION BY MOD(k, 20) ORDER BY id ROWS BETWEEN 700 "
      "PRECEDING AND 20 PRECEDING EXCLUDE CURRENT ROW) FROM t",
      "SELECT id, MAX(s) OVER (PARTITION BY k ORDER BY id ROWS BETWEEN 5 PRECEDING AND 1 "
      "FOLLOWING),"
      " COUNT(DISTINCT s) OVER (PARTITION BY MOD(k, 1000)) FROM t",
      "SELECT id, NTILE(k - 5) OVER (PARTITION BY k ORDER BY id) FROM t WHERE k >= 6 LIMIT 10",
      "SELECT s, RANK() OVER (PARTITION BY MOD(c, 5) ORDER BY s) FROM (SELECT s, COUNT(*) AS c "
      "FROM "
      "t GROUP BY s) q",
      "SELECT id, SUM(k) OVER (PARTITION BY MOD(id, 2) ORDER BY id), COUNT(*) OVER () FROM t",
  };
  for (const char* sql : kQueries) {
    std::string expected = RowsWith(1, sql);
    for (int threads : {2, 3, 5}) {
      std::string rows = RowsWith(threads, sql);
      EXPECT_TRUE(rows == expected)
          << sql << " on " << threads << " threads: " << rows.substr(0, 200) << "\ninstead of\n"
          << expected.substr(0, 200);
    }
  }
}

TEST_F(ParallelTest, ExplainTellsHowManyThreadsScan) {
  std::string plan = RowsWith(3, "EXPLAIN SELECT k, COUNT(*) FROM t WHERE id > 5 GROUP BY k");
  EXPECT_NE(plan.find("Parallel scan of t (3 threads), where"), std::string::npos) << plan;
  plan = RowsWith(1, "EXPLAIN SELECT k, COUNT(*) FROM t GROUP BY k");
  EXPECT_NE(plan.find("Table scan of t"), std::string::npos) << plan;
  plan = RowsWith(3, "EXPLAIN ANALYZE SELECT COUNT(id) FROM t WHERE id >= 100");
  EXPECT_NE(plan.find("actual rows=199900"), std::string::npos) << plan;
}

TEST_F(ParallelTest, SeesTheRowsOfItsSnapshotAndOfItsTransaction) {
  auto other = database_->Connect();
  EXPECT_EQ(RowsWith(4, "SELECT COUNT(id), SUM(k) FROM t WHERE id >= 0"),
            Rows(*other, "SELECT COUNT(id), SUM(k) FROM t WHERE id >= 0"));
  std::string before = Rows(*other, "SELECT COUNT(s), SUM(k), MAX(s) FROM t");
  Execute(*connection_, "UPDATE t SET k = k + 1, s = s || ' and more' WHERE MOD(id, 3) = 1");
  Execute(*connection_, "DELETE FROM t WHERE MOD(id, 5) = 0");
  Execute(*other, "SET threads = 3");
  EXPECT_EQ(Rows(*other, "SELECT COUNT(s), SUM(k), MAX(s) FROM t"), before);
  std::string one = RowsWith(1, "SELECT COUNT(s), SUM(k), MAX(s) FROM t");
  EXPECT_NE(one, before);
  EXPECT_EQ(RowsWith(4, "SELECT COUNT(s), SUM(k), MAX(s) FROM t"), one);
  connection_->Rollback();
  EXPECT_EQ(RowsWith(4, "SELECT COUNT(s), SUM(k), MAX(s) FROM t"), before);
}

TEST_F(ParallelTest, AnErrorOfAWorkerEndsTheStatementAndNothingElse) {
  Execute(*connection_, "SET threads = 4");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(StateOf(*connection_, "SELECT SUM(1 / (id - 150000)) FROM t"), "22012");
    EXPECT_EQ(StateOf(*connection_, "SELECT id FROM t ORDER BY 1 / (id - 150000)"), "22012");
    EXPECT_EQ(StateOf(*connection_, "SELECT COUNT(*) FROM d JOIN t ON d.n = 10 / (t.id - 150000)"),
              "22012");
    EXPECT_EQ(Rows(*connection_, "SELECT COUNT(id) FROM t"), "200000");
  }
}

TEST_F(ParallelTest, InterruptEndsTheWorkers) {
  Execute(*connection_, "SET threads = 3");
  const char* kLong[] = {
      "SELECT SUM(a.id + b.k) FROM t a, t b WHERE a.id + b.id > 5",
      "SELECT a.id FROM t a, t b WHERE a.id + b.id > 5 ORDER BY a.id + b.k",
      "SELECT COUNT(*) FROM t c LEFT JOIN (SELECT a.id FROM t a, t b WHERE a.id + b.id > 5) q ON "
      "q.id = c.id",
  };
  for (const char* sql : kLong) ExpectInterruptsEnd(sql);
}

TEST_F(ParallelTest, ConnectionsTakeTurnsWithTheThreads) {
  std::atomic<int> wrong = 0;
  auto work = [&](int threads) {
    auto connection = database_->Connect();
    connection->SetAutocommit(true);
    Execute(*connection, "SET threads = " + std::to_string(threads));
    for (int i = 0; i < 10; ++i) {
      if (Rows(*connection, "SELECT COUNT(*) FROM t a JOIN t b ON a.id = b.id") != "200000") {
        ++wrong;
      }
      Execute(*connection, "UPDATE t SET s = 'new' WHERE id = " + std::to_string(threads));
      if (Rows(*connection, "SELECT COUNT(*) FROM (SELECT k, COUNT(*) FROM t GROUP BY k) q") !=
          "40009") {
        ++wrong;
      }
    }
  };
  std::vector<std::thread> threads;
  for (int count : {1, 2, 4}) threads.emplace_back(work, count);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(ParallelTest, AStatementKeptForLaterGoesByTheRowsThatThereAreThen) {
  Execute(*connection_, "SET threads = 3");
  Execute(*connection_, "CREATE TABLE grows (n INTEGER)");
  auto statement = connection_->Prepare("SELECT COUNT(n), SUM(n) FROM grows");
  for (int i = 1; i <= 3; ++i) {
    Result result = Execute(*statement);
    RowsOf(result);
    Execute(*connection_, "INSERT INTO grows SELECT 1 FROM t WHERE id < 100000");
    connection_->Commit();
    Result after = Execute(*statement);
    std::string count = std::to_string(i * 100000);
    EXPECT_EQ(RowsOf(after), count + "|" + count);
  }
}

}  // namespace

}  // namespace tupelo

// engine/parallel_result_test.cpp: what several threads compute ahead of a reader.
#include <chrono>
#include <thread>

#include "engine/parallel_for_test.h"

namespace tupelo {

namespace {

class ParallelResultTest : public ThreadsTest {
 protected:
  ParallelResultTest() {
    Connection& connection = *connection_;
    Execute(connection, "CREATE TABLE d (n INTEGER)");
    Execute(connection, "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)");
    Execute(connection, "CREATE TABLE t (id INTEGER, k INTEGER, s VARCHAR(40))");
    Execute(
        connection,
        "INSERT INTO t SELECT id, MOD(id * 1919, 40009), 'a text that is long enough ' || "
        "CAST(MOD(id, 5000) AS VARCHAR(10)) FROM (SELECT a.n + 10 * b.n + 100 * c.n + 1000 * "
        "e.n + 10000 * f.n + 100000 * g.n AS id FROM d a, d b, d c, d e, d f, d g WHERE g.n < 4) "
        "q");
    connection.Commit();
    Execute(connection, "SET threads = 3");
  }
};

TEST_F(ParallelResultTest, RowsComeInTheOrderOfOneThread) {
  const char* kQueries[] = {
      "SELECT id, k FROM t WHERE MOD(k, 3) = 1",
      "SELECT id FROM t WHERE MOD(k, 1000) = 1",
      "SELECT UPPER(s) || LOWER(s), id FROM t",
      "SELECT a.id, b.s FROM t a JOIN t b ON a.id = b.k",
      "SELECT a.id, d.n FROM t a, d WHERE d.n > MOD(a.k, 11)",
      "SELECT a.id, b.id FROM t a LEFT JOIN t b ON a.k = b.id AND b.k < 100",
      "SELECT id FROM t WHERE k > 20000 UNION ALL SELECT k FROM t WHERE MOD(id, 7) = 1",
      "SELECT id FROM t WHERE MOD(k, 5) = 1 OFFSET 50000 LIMIT 3000",
      "SELECT DISTINCT k FROM t WHERE MOD(id, 3) = 1 LIMIT 20000",
      "SELECT * FROM t WHERE k IN (SELECT id FROM t WHERE k < 1000)",
  };
  for (const char* sql : kQueries) {
    std::string expected = RowsWith(1, sql);
    for (int threads : {2, 3, 5}) {
      EXPECT_TRUE(RowsWith(threads, sql) == expected) << sql << " on " << threads << " threads";
    }
  }
}

TEST_F(ParallelResultTest, AnErrorComesBehindTheRowsBeforeIt) {
  // The row that fails is in the last morsels, which are computed long before they are asked for.
  std::string sql = "SELECT id, 1 / (id - 390000) FROM t WHERE MOD(k, 2) < 2";
  EXPECT_EQ(StateOf(*connection_, sql), "22012");
  EXPECT_EQ(RowsWith(3, "SELECT COUNT(*) FROM (" + sql + " LIMIT 380000) q"), "380000");
  // Of two errors it is that of the earlier row, whichever thread was first.
  sql =
      "SELECT CASE WHEN id < 200000 THEN 1 / (id - 150000) ELSE CAST(s AS INTEGER) END FROM t "
      "WHERE MOD(k, 2) < 2";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(StateOf(*connection_, sql), "22012");
}

TEST_F(ParallelResultTest, AReaderMayEndInTheMiddleAndWritersMayWriteMeanwhile) {
  const char* kSql = "SELECT id, k, s FROM t WHERE MOD(k, 4) <> 1";
  std::string expected = Rows(*connection_, kSql);
  auto other = database_->Connect();
  {
    Result result = Execute(*connection_, kSql);
    std::string rows = TextOf(*result.NextChunk());
    for (int i = 0; i < 20; ++i) rows += ";" + TextOf(*result.NextChunk());
    Execute(*other, "UPDATE t SET k = k + 1, s = s || '!' WHERE MOD(id, 3) = 1");
    Execute(*other, "DELETE FROM t WHERE MOD(id, 5) = 0");
    other->Commit();
    while (const Chunk* chunk = result.NextChunk()) rows += ";" + TextOf(*chunk);
    EXPECT_TRUE(rows == expected);
  }
  connection_->Rollback();
  for (int steps : {1, 10, 40}) {
    Result result = Execute(*connection_, kSql);
    for (int i = 0; i < steps; ++i) ASSERT_NE(result.NextChunk(), nullptr);
  }
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t WHERE id < 100"), "80");
}

TEST_F(ParallelResultTest, ATransactionsOwnWritesDoNotShowInItsOpenResult) {
  const char* kSql = "SELECT id, k FROM t WHERE MOD(k, 4) <> 1";
  std::string expected = Rows(*connection_, kSql);
  Result result = Execute(*connection_, kSql);
  std::string rows = TextOf(*result.NextChunk());
  Execute(*connection_, "INSERT INTO t SELECT id + 1000000, 2, s FROM t WHERE MOD(k, 2) = 0");
  Execute(*connection_, "UPDATE t SET k = 3 WHERE MOD(id, 2) = 0");
  rows += ";" + TextOf(*result.NextChunk());
  connection_->Rollback();
  while (const Chunk* chunk = result.NextChunk()) rows += ";" + TextOf(*chunk);
  EXPECT_TRUE(rows == expected);
}

TEST_F(ParallelResultTest, InterruptsAndLimitsOfTimeEndIt) {
  const char* kLong[] = {
      "SELECT a.id FROM t a, t b WHERE a.id + b.id < 0",
      "SELECT DISTINCT a.id + b.id FROM t a, t b WHERE a.id + b.id > 5",
      "SELECT SUM(a.id) OVER (PARTITION BY a.k ORDER BY b.k) FROM t a, t b WHERE a.id + b.id > 5",
      "SELECT SUM(id) OVER (PARTITION BY MOD(id, 4) ORDER BY k ROWS BETWEEN 200000 PRECEDING AND 1 "
      "PRECEDING EXCLUDE TIES), LISTAGG(s, '') WITHIN GROUP (ORDER BY s) OVER (PARTITION BY "
      "MOD(id, "
      "4) ORDER BY k) FROM t",
  };
  for (const char* sql : kLong) ExpectInterruptsEnd(sql);
}

TEST_F(ParallelResultTest, ExplainTellsWhatIsComputedAhead) {
  std::string plan = RowsWith(3, "EXPLAIN SELECT id FROM t WHERE MOD(k, 7) = 1 LIMIT 5");
  EXPECT_NE(plan.find("Parallel scan of t (3 threads), where"), std::string::npos) << plan;
  plan = RowsWith(3, "EXPLAIN SELECT id, k FROM t LIMIT 5");
  EXPECT_NE(plan.find("Table scan of t"), std::string::npos) << plan;
  plan = RowsWith(3, "EXPLAIN SELECT id FROM t WHERE RANDOM() > 0");
  EXPECT_NE(plan.find("Table scan of t"), std::string::npos) << plan;
  plan = RowsWith(3, "EXPLAIN ANALYZE SELECT id + 1 FROM t WHERE id >= 100");
  EXPECT_NE(plan.find("actual rows=399900"), std::string::npos) << plan;
}

}  // namespace

}  // namespace tupelo

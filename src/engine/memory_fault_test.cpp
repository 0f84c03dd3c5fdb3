// engine/memory_fault_test.cpp: each allocation of a statement fails in turn. The statement fails
// with it and leaves nothing behind, or does without that memory; the database goes on.
#include <filesystem>
#include <functional>
#include <new>
#include <random>

#include "base/error.h"
#include "engine/database_state.h"
#include "engine/heap_for_test.h"
#include "engine/stored_database.h"

// Behind the others, as its Rows() hides the type of that name.
#include "engine/engine_for_test.h"

namespace tupelo {
namespace {

constexpr const char* kCheckpoint = "";

// A statement that may be run again and again, perhaps after another one that takes it back.
struct Step {
  const char* sql;
  const char* undo = nullptr;
};

constexpr Step kSteps[] = {
    {"INSERT INTO t SELECT MAX(id) + 1, 7, 'a text that is longer than sixteen bytes' FROM t"},
    {"INSERT INTO t (id, n) VALUES ((SELECT MAX(id) + 1 FROM t), 1), (-1, 2)",
     "DELETE FROM t WHERE id = -1"},
    {"UPDATE t SET n = n + 1, s = s || 'x' WHERE id < 20"},
    {"UPDATE t SET id = id + 1"},
    {"DELETE FROM t WHERE id = (SELECT MAX(id) FROM t)"},
    {"MERGE INTO t USING (VALUES (5, 50), (2000, 60)) AS v (i, n) ON t.id = v.i WHEN MATCHED THEN "
     "UPDATE SET n = v.n WHEN NOT MATCHED THEN INSERT (id, n) VALUES (v.i, v.n)",
     "DELETE FROM t WHERE id = 2000"},
    {"INSERT INTO child VALUES (10), (11)", "DELETE FROM child WHERE t = 11"},
    {"CREATE TABLE other (a INTEGER PRIMARY KEY, b VARCHAR(10) DEFAULT 'b' CHECK (b <> 'c'))",
     "DROP TABLE other"},
    {"CREATE INDEX by_s ON t (s, n)", "DROP INDEX by_s"},
    {"ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 3", "ALTER TABLE t DROP COLUMN more"},
    {"CREATE VIEW v AS SELECT n, COUNT(*) AS c FROM t GROUP BY n", "DROP VIEW v"},
    {"INSERT INTO t (id, n) VALUES (3000, 1) RETURNING id, s", "DELETE FROM t WHERE id = 3000"},
    {"CREATE TABLE copied AS SELECT id, s FROM t WHERE n = 2", "DROP TABLE copied"},
    {"TRUNCATE TABLE child", "INSERT INTO child VALUES (10)"},
    {"SELECT a.n, COUNT(*), MAX(b.s) FROM t AS a LEFT JOIN t AS b ON a.id = b.n GROUP BY a.n "
     "ORDER BY 2 DESC, 1"},
    {"WITH RECURSIVE r (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM r WHERE i < 20) "
     "SELECT i, SUM(i) OVER (ORDER BY i ROWS 2 PRECEDING) FROM r WHERE i IN (SELECT id FROM t)"},
    {"SELECT DISTINCT s, LISTAGG(s, ',') WITHIN GROUP (ORDER BY id DESC) FROM t GROUP BY s, n "
     "UNION SELECT UPPER(s), 'x' FROM t EXCEPT SELECT s, 'y' FROM t ORDER BY 1, 2 LIMIT 5"},
    {kCheckpoint, "UPDATE t SET n = n + 1"},
};

std::string Dump(Connection& connection) {
  std::string rows = Rows(connection, "SELECT * FROM t ORDER BY id + 0");
  EXPECT_EQ(Rows(connection, "SELECT * FROM t ORDER BY id"), rows);
  EXPECT_EQ(Rows(connection, "SELECT COUNT(*) FROM t WHERE n >= 0"),
            Rows(connection, "SELECT COUNT(*) FROM t WHERE n + 0 >= 0"));
  return rows + "\n" + Rows(connection, "SELECT * FROM child ORDER BY t");
}

// Of a database that is in a file.
void Checkpoint(Connection& connection) {
  StoredDatabase* stored = connection.database()->state().stored.get();
  if (stored != nullptr) stored->Checkpoint();
}

// Whether it came to its end with the allocation failing; `has_failed`: whether that was reached.
bool RunFailing(const std::function<void()>& run, size_t allocation, bool* has_failed) {
  bool has_run = false;
  allocations_until_failure = allocation;
  try {
    run();
    has_run = true;
  } catch (const std::bad_alloc&) {
  } catch (const Error& error) {
    allocations_until_failure = 0;
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory) << error.message();
  }
  *has_failed = allocations_until_failure == 0;
  allocations_until_failure = 0;
  return has_run;
}

void RunAll(const std::string& location) {
  std::unique_ptr<Connection> connection = Database::Connect(location);
  connection->SetAutocommit(true);
  Execute(*connection, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s VARCHAR(200))");
  Execute(*connection, "CREATE INDEX by_n ON t (n)");
  Execute(*connection, "CREATE TABLE child (t INTEGER REFERENCES t ON UPDATE CASCADE)");
  Execute(*connection,
          "INSERT INTO t SELECT v, MOD(v, 5), 's' FROM GENERATE_SERIES(1, 30) AS s (v)");
  for (const Step& step : kSteps) {
    SCOPED_TRACE(step.sql);
    bool has_failed = true;
    for (size_t allocation = 1; has_failed; allocation += 1 + allocation / 50) {
      SCOPED_TRACE(allocation);
      std::string before = Dump(*connection);
      bool has_run = RunFailing(
          [&] {
            if (step.sql == kCheckpoint) return Checkpoint(*connection);
            Result result = Execute(*connection, step.sql);
            while (result.NextChunk() != nullptr) {
            }
          },
          allocation, &has_failed);
      if (!has_run) {
        ASSERT_EQ(Dump(*connection), before);
      } else if (step.undo != nullptr) {
        Execute(*connection, step.undo);
      }
    }
  }
  std::string after = Dump(*connection);
  if (location.empty()) return;
  connection = nullptr;
  connection = Database::Connect(location);
  EXPECT_EQ(Dump(*connection), after);
}

class MemoryFaultTest : public testing::Test {
  void SetUp() override {
    if (!TUPELO_COUNTS_ALLOCATIONS) GTEST_SKIP() << "a sanitizer owns the heap";
  }
};

TEST_F(MemoryFaultTest, AnyAllocationOfAStatementMayFail) { RunAll(""); }

TEST_F(MemoryFaultTest, AnyAllocationOfAStatementInAFileMayFail) {
  std::filesystem::path directory = std::filesystem::temp_directory_path() /
                                    ("tupelo-memory-" + std::to_string(std::random_device()()));
  std::filesystem::create_directory(directory);
  RunAll((directory / "test.db").string());
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace tupelo

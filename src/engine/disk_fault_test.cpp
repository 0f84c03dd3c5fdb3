// engine/disk_fault_test.cpp: the disk is full, or fails, at every operation on files in turn.
//
// A full disk fails the statement that needs room (53100) and nothing else: the database goes on,
// and what was acknowledged is there, now and when it is opened again. After a write or a sync that
// failed (58030) nobody knows what is on the disk: what the statement would have changed is open
// until the database is opened again; until then nothing more is written, and all can be read.
#include <functional>
#include <optional>

#include "base/simulated_files.h"
#include "engine/database_state.h"
#include "engine/stored_database.h"

// Behind the others, as its Rows() hides the type of that name.
#include "engine/engine_for_test.h"

namespace tupelo {
namespace {

constexpr const char* kPath = "/disk/test.db";

std::unique_ptr<Connection> Open(SimulatedFiles& files) {
  std::unique_ptr<Connection> connection = Database::Connect(kPath, {.files = &files});
  connection->SetAutocommit(true);
  return connection;
}

// "": a checkpoint. There is more than one stripe, and more than a log takes room for at once.
const std::vector<std::string>& Steps() {
  static const std::vector<std::string> steps{
      "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s VARCHAR(2000))",
      "INSERT INTO t VALUES (1, 1, 'one'), (2, 2, NULL)",
      "",
      "INSERT INTO t SELECT v, v, REPEAT('s', MOD(v, 700)) FROM GENERATE_SERIES(3, 6000) AS s (v)",
      "UPDATE t SET n = n + 1 WHERE id < 4000",
      "CREATE INDEX by_n ON t (n)",
      "",
      "DELETE FROM t WHERE MOD(id, 3) = 0",
      "ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 5",
      "UPDATE t SET more = id, s = REPEAT('r', 500) WHERE id > 3000",
      "",
      "INSERT INTO t VALUES (9000, 1, 'last', 2)",
      "DROP INDEX by_n",
      "",
      "INSERT INTO t VALUES (9001, 1, 'very last', 3)"};
  return steps;
}

std::string Dump(Connection& connection) {
  try {
    std::string rows = Rows(connection,
                            "SELECT COUNT(*), SUM(CAST(id AS BIGINT) * n), "
                            "SUM(CHAR_LENGTH(s)) FROM t");
    Result result = Execute(connection, "SELECT * FROM t WHERE id >= 9000 OR id < 5 ORDER BY id");
    for (const ResultColumn& column : result.columns()) rows += " " + column.name;
    return rows + " " + RowsOf(result);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUndefinedTable) throw;
    return "no table";
  }
}

void RunStep(Connection& connection, const std::string& step) {
  if (step.empty()) {
    connection.database()->state().stored->Checkpoint();
  } else {
    Execute(connection, step);
  }
}

// How many operations the steps need, from opening to closing.
uint64_t OperationsOfAll() {
  SimulatedFiles files;
  std::unique_ptr<Connection> connection = Open(files);
  for (const std::string& step : Steps()) RunStep(*connection, step);
  connection = nullptr;
  return files.operations();
}

using Outcome = std::optional<ErrorCode>;
constexpr Outcome kNoError;

// Runs `step` and gives the code of its error.
Outcome CodeOf(const std::function<void()>& step) {
  try {
    step();
  } catch (const Error& error) {
    return error.code();
  }
  return kNoError;
}

TEST(DiskFaultTest, AFullDiskFailsTheStatementAndNothingElse) {
  int failed_statements = 0, failed_checkpoints = 0;
  for (uint64_t blocks : {0, 1, 2, 3, 4, 5, 8, 13, 21, 50, 90, 200, 300, 400, 600}) {
    SCOPED_TRACE(blocks);
    SimulatedFiles files;
    auto run = [&](const std::function<void()>& step) {
      files.LimitRoom(files.room_taken() + blocks * SimulatedDisk::kBlock);
      Outcome outcome = CodeOf(step);
      files.LimitRoom(UINT64_MAX);
      return outcome;
    };
    std::unique_ptr<Connection> connection;
    Outcome code = run([&] { connection = Open(files); });
    if (connection == nullptr) {
      ASSERT_EQ(code, ErrorCode::kDiskFull);
      ASSERT_EQ(files.Paths(), std::vector<std::string>());
      connection = Open(files);
    }
    for (const std::string& step : Steps()) {
      SCOPED_TRACE(step);
      std::string before = Dump(*connection);
      code = run([&] { RunStep(*connection, step); });
      if (code == kNoError) continue;
      ASSERT_EQ(code, ErrorCode::kDiskFull);
      ASSERT_EQ(Dump(*connection), before);
      ++(step.empty() ? failed_checkpoints : failed_statements);
      RunStep(*connection, step);
    }
    std::string after = Dump(*connection);
    // Closing fails quietly; the next one reads the log.
    run([&] { connection = nullptr; });
    ASSERT_EQ(Dump(*Open(files)), after);
  }
  EXPECT_GT(failed_statements, 5);
  EXPECT_GT(failed_checkpoints, 20);
}

TEST(DiskFaultTest, AfterAnErrorOfTheDiskNothingIsWrittenAndAllCanBeRead) {
  uint64_t operations = OperationsOfAll();
  int failed_statements = 0;
  for (uint64_t at = 1; at <= operations; ++at) {
    SCOPED_TRACE(at);
    auto files = std::make_unique<SimulatedFiles>();
    files->FailOperation(at, ErrorCode::kIoError);
    std::unique_ptr<Connection> connection;
    Outcome code = CodeOf([&] { connection = Open(*files); });
    if (connection == nullptr) {
      ASSERT_EQ(code, ErrorCode::kIoError);
      connection = Open(*files);
    }
    std::string before, after;
    for (const std::string& step : Steps()) {
      SCOPED_TRACE(step);
      before = Dump(*connection);
      code = CodeOf([&] { RunStep(*connection, step); });
      after = Dump(*connection);
      if (code == kNoError) continue;
      ASSERT_EQ(code, ErrorCode::kIoError);
      if (step.empty()) {
        ASSERT_EQ(after, before);
      } else {
        ++failed_statements;
      }
      // Whatever failed: either it goes on as if nothing had been, or nothing is written any more.
      code = CodeOf([&] { Execute(*connection, "CREATE TABLE other (a INTEGER)"); });
      if (code == kNoError) {
        EXPECT_NO_THROW(Execute(*connection, "DROP TABLE other"));
        if (!step.empty() && after == before) {
          EXPECT_NO_THROW(RunStep(*connection, step));
        }
        after = before = Dump(*connection);
        continue;
      }
      ASSERT_EQ(code, ErrorCode::kIoError);
      ASSERT_EQ(CodeOf([&] { connection->database()->state().stored->Checkpoint(); }),
                ErrorCode::kIoError);
      ASSERT_EQ(Dump(*connection), after);
      break;
    }
    connection = nullptr;
    // And the power is cut too: what the failed sync had written may be there or not.
    for (Kept kept : {Kept::kAll, Kept::kNone}) {
      std::unique_ptr<SimulatedFiles> found = files->Recover(at, kept);
      std::string dump = Dump(*Open(*found));
      ASSERT_TRUE(dump == before || dump == after) << dump << "\n" << before << "\n" << after;
    }
  }
  EXPECT_GT(failed_statements, 5);
}

TEST(DiskFaultTest, ATransactionMayBeLongerThanARecordOfTheLog) {
  for (uint64_t room : {UINT64_MAX, uint64_t{24} << 20}) {
    SimulatedFiles files;
    std::unique_ptr<Connection> connection = Open(files);
    Execute(*connection, "CREATE TABLE t (id INTEGER PRIMARY KEY, s VARCHAR(2000))");
    files.LimitRoom(room);
    Outcome code = CodeOf([&] {
      Execute(*connection,
              "INSERT INTO t SELECT v, REPEAT('s', 1000) FROM GENERATE_SERIES(1, 40000) AS s (v)");
    });
    ASSERT_EQ(code, room == UINT64_MAX ? kNoError : Outcome(ErrorCode::kDiskFull));
    Execute(*connection, "INSERT INTO t VALUES (50000, 'short')");
    std::string expected = room == UINT64_MAX ? "40001|40000005" : "1|5";
    const char* query = "SELECT COUNT(*), SUM(CHAR_LENGTH(s)) FROM t";
    EXPECT_EQ(Rows(*connection, query), expected);
    // As if the process had been killed.
    std::unique_ptr<SimulatedFiles> found = files.Recover(1, Kept::kAll);
    EXPECT_EQ(Rows(*Open(*found), query), expected);
  }
}

}  // namespace
}  // namespace tupelo

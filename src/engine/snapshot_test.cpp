// engine/snapshot_test.cpp: what a transaction and an open result see while others write.
#include "engine/engine_for_test.h"

namespace tupelo {

namespace {

constexpr int kRows = 10'000;  // several vector sets

class SnapshotTest : public testing::Test {
 protected:
  SnapshotTest()
      : database_(Database::Open(":memory:")),
        reader_(database_->Connect()),
        writer_(database_->Connect()) {
    writer_->SetAutocommit(true);
    Execute(*writer_, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, name VARCHAR(100))");
    Execute(*writer_, "CREATE INDEX t_n ON t (n)");
    auto insert = writer_->Prepare("INSERT INTO t VALUES (?, ?, ?)");
    insert->BeginBatches();
    ParameterSet batch;
    batch.Reset(3);
    for (int i = 0; i < kRows; ++i) {
      AddRow(batch, {i, i % 100, NameOf(i).c_str()});
      if (!batch.is_full()) continue;
      insert->ExecuteBatch(batch);
      batch.Clear();
    }
    insert->ExecuteBatch(batch);
    EXPECT_EQ(insert->FinishBatches(), kRows);
    EXPECT_EQ(database_->old_version_count(), 0u);
  }

  // Long enough not to lie inline.
  static std::string NameOf(int i) { return "the row that has number " + std::to_string(i); }

  // Reads all that is left of `SELECT id, n, name` and says what is wrong with it, as rows
  // first..kRows-1 by key.
  static void ExpectFirstState(Result& result, int first) {
    std::vector<bool> seen(kRows, false);
    int count = 0;
    while (const Chunk* chunk = result.NextChunk()) {
      for (uint32_t i = 0; i < chunk->row_count(); ++i, ++count) {
        uint32_t row = chunk->rows()[i];
        int id = chunk->column(0).At<int32_t>(row);
        ASSERT_TRUE(id >= 0 && id < kRows) << id;
        ASSERT_FALSE(seen[id]) << id;
        seen[id] = true;
        ASSERT_EQ(chunk->column(1).At<int32_t>(row), id % 100);
        ASSERT_EQ(Value::FromVector(chunk->column(2), row).ToString(), NameOf(id));
      }
    }
    ASSERT_EQ(count, kRows - first);
  }

  // Everything that can happen to a row, several times over, each statement a transaction.
  void ChangeEverything() {
    Execute(*writer_, "UPDATE t SET n = n + 1000, name = 'changed' WHERE id < 4000");
    Execute(*writer_, "DELETE FROM t WHERE id >= 2000 AND id < 6000");
    for (int i = 2000; i < 3000; i += 50) {
      Execute(*writer_, "INSERT INTO t VALUES (?, 5, 'born again')", {i});
    }
    Execute(*writer_, "UPDATE t SET id = id + 100000 WHERE id >= 6000 AND id < 8000");
    Execute(*writer_,
            "INSERT INTO t SELECT id - 100000, 7, 'in its place' FROM t WHERE id >= 107000");
    Execute(*writer_, "UPDATE t SET id = id - 1000 WHERE id < 1000");
    Execute(*writer_, "UPDATE t SET n = n + 1, name = name || '!' WHERE id >= 8000");
    Execute(*writer_, "UPDATE t SET n = n - 1 WHERE id >= 8000");
    Execute(*writer_, "DELETE FROM t WHERE id >= 9000");
  }

  std::shared_ptr<Database> database_;
  std::unique_ptr<Connection> reader_, writer_;
};

TEST_F(SnapshotTest, AnOpenScanAndAnOpenIndexScanSeeTheirSnapshotWhateverAnotherConnectionCommits) {
  Result scan = Execute(*reader_, "SELECT id, n, name FROM t");
  Result by_key = Execute(*reader_, "SELECT id, n, name FROM t WHERE id >= 0 ORDER BY id");
  const Chunk* first = scan.NextChunk();
  ASSERT_NE(first, nullptr);
  std::string as_it_was = TextOf(*first);
  int first_rows = static_cast<int>(first->row_count());

  ChangeEverything();

  EXPECT_EQ(TextOf(*first), as_it_was);  // what was handed out is pinned
  ExpectFirstState(by_key, 0);
  std::vector<int> none;
  int rest = 0;
  while (const Chunk* chunk = scan.NextChunk()) {
    for (uint32_t i = 0; i < chunk->row_count(); ++i, ++rest) {
      int id = chunk->column(0).At<int32_t>(chunk->rows()[i]);
      ASSERT_EQ(Value::FromVector(chunk->column(2), chunk->rows()[i]).ToString(), NameOf(id));
    }
  }
  EXPECT_EQ(first_rows + rest, kRows);
}

TEST_F(SnapshotTest, LaterStatementsOfTheTransactionSeeTheSameSnapshotByEveryAccessPath) {
  Result open = Execute(*reader_, "SELECT id, n, name FROM t");
  ChangeEverything();
  EXPECT_EQ(Rows(*reader_, "SELECT COUNT(*) FROM t"), std::to_string(kRows));
  for (int id :
       {0, 1, 999, 1000, 2000, 2050, 3999, 5999, 6000, 7000, 7999, 8000, 9000, kRows - 1}) {
    EXPECT_EQ(Rows(*reader_, "SELECT n, name FROM t WHERE id = ?", {id}),
              std::to_string(id % 100) + "|" + NameOf(id));
  }
  EXPECT_EQ(Rows(*reader_, "SELECT n FROM t WHERE id = 106500"), "");
  EXPECT_EQ(Rows(*reader_, "SELECT COUNT(*) FROM t WHERE n = 5"), "100");
  EXPECT_EQ(Rows(*reader_, "SELECT COUNT(*) FROM t WHERE n >= 1000"), "0");
  EXPECT_EQ(
      Rows(*reader_, "SELECT COUNT(*), MIN(id), MAX(id) FROM t WHERE id BETWEEN 1990 AND 6010"),
      "4021|1990|6010");
  Result scan = Execute(*reader_, "SELECT id, n, name FROM t WHERE n + 0 >= 0");
  ExpectFirstState(scan, 0);
  Result by_n = Execute(*reader_, "SELECT id, n, name FROM t WHERE n >= 0 AND n < 200 ORDER BY n");
  ExpectFirstState(by_n, 0);
  ExpectFirstState(open, 0);
  reader_->Commit();
  EXPECT_EQ(Rows(*reader_, "SELECT COUNT(*) FROM t"), Rows(*writer_, "SELECT COUNT(id) FROM t"));
  EXPECT_EQ(Rows(*reader_, "SELECT n, name FROM t WHERE id = 2050"), "5|born again");
}

TEST_F(SnapshotTest, TheMemoryOfOldVersionsComesBackWhenTheLastReaderIsGone) {
  auto other = database_->Connect();
  Rows(*other, "SELECT COUNT(*) FROM t");
  Result open = Execute(*reader_, "SELECT id, n, name FROM t");
  ChangeEverything();
  EXPECT_GT(database_->old_version_count(), 10'000u);
  EXPECT_GT(database_->old_version_bytes(), 500'000u);
  other->Commit();
  EXPECT_GT(database_->old_version_count(), 10'000u);
  reader_->Commit();  // the result outlives the transaction and still needs them
  EXPECT_GT(database_->old_version_count(), 10'000u);
  ExpectFirstState(open, 0);
  EXPECT_EQ(database_->old_version_count(), 0u);
  EXPECT_EQ(database_->old_version_bytes(), 0u);
}

TEST_F(SnapshotTest, ClosingTheResultOrTheConnectionGivesTheSnapshotBackToo) {
  Result open = Execute(*reader_, "SELECT id FROM t");
  reader_->Commit();
  Execute(*writer_, "UPDATE t SET n = 1");
  EXPECT_EQ(database_->old_version_count(), size_t{kRows});
  open.Close();
  EXPECT_EQ(database_->old_version_count(), 0u);

  Result another = Execute(*reader_, "SELECT id FROM t");
  Execute(*writer_, "DELETE FROM t WHERE id < 10");
  EXPECT_EQ(database_->old_version_count(), 10u);
  reader_->Close();
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(SnapshotTest, TwoWritersOfOneRowAreASerializationFailureForTheSecond) {
  auto other = database_->Connect();
  Execute(*reader_, "UPDATE t SET n = 1 WHERE id = 5");
  EXPECT_EQ(StateOf(*other, "UPDATE t SET n = 2 WHERE id = 5"), "40001");
  EXPECT_EQ(StateOf(*other, "DELETE FROM t WHERE id = 5"), "40001");
  EXPECT_EQ(StateOf(*other, "UPDATE t SET n = 2 WHERE id = 6"), "");
  reader_->Commit();
  // Its snapshot is older than the commit.
  EXPECT_EQ(StateOf(*other, "UPDATE t SET n = 2 WHERE id = 5"), "40001");
  other->Rollback();
  EXPECT_EQ(StateOf(*other, "UPDATE t SET n = n + 1 WHERE id = 5"), "");
  other->Commit();
  EXPECT_EQ(Rows(*writer_, "SELECT n FROM t WHERE id = 5"), "2");
  EXPECT_EQ(Rows(*writer_, "SELECT n FROM t WHERE id = 6"), "6");
}

TEST_F(SnapshotTest, TwoInsertersOfOneKeyAreASerializationFailureForTheSecond) {
  auto other = database_->Connect();
  Rows(*other, "SELECT COUNT(*) FROM t");
  Execute(*reader_, "INSERT INTO t VALUES (50000, 1, 'first')");
  EXPECT_EQ(StateOf(*other, "INSERT INTO t VALUES (50000, 2, 'second')"), "40001");
  reader_->Commit();
  EXPECT_EQ(StateOf(*other, "INSERT INTO t VALUES (50000, 2, 'second')"), "23505");
  other->Rollback();
  EXPECT_EQ(StateOf(*other, "INSERT INTO t VALUES (50000, 2, 'second')"), "23505");
}

TEST_F(SnapshotTest, AResultKeepsItsStatementWithinItsOwnTransaction) {
  Result scan = Execute(*reader_, "SELECT id, n, name FROM t");
  Result by_key = Execute(*reader_, "SELECT id, n, name FROM t WHERE id >= 0 ORDER BY id");
  Execute(*reader_, "UPDATE t SET n = n + 1, name = 'mine' WHERE id < 5000");
  Execute(*reader_, "DELETE FROM t WHERE id >= 7000");
  Execute(*reader_, "INSERT INTO t VALUES (-1, 0, 'new'), (7000, 0, 'back')");
  Execute(*reader_, "UPDATE t SET id = id + 200000 WHERE id < 100");
  Result now = Execute(
      *reader_, "SELECT COUNT(*) FROM t WHERE name = 'mine' OR name = 'new' OR name = 'back'");
  EXPECT_EQ(RowsOf(now), "5002");
  ExpectFirstState(scan, 0);
  ExpectFirstState(by_key, 0);
}

TEST_F(SnapshotTest, AResultOutlivesTheCommitOfItsTransaction) {
  Execute(*reader_, "UPDATE t SET name = name WHERE id < 5000");
  Result scan = Execute(*reader_, "SELECT id, n, name FROM t");
  Execute(*reader_, "DELETE FROM t WHERE id < 3000");
  reader_->Commit();
  Execute(*writer_, "UPDATE t SET name = 'later'");
  ExpectFirstState(scan, 0);
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(SnapshotTest, AResultIsReadToItsEndBeforeItsTransactionIsRolledBack) {
  Execute(*reader_, "DELETE FROM t WHERE id < 1000");
  Execute(*reader_, "INSERT INTO t VALUES (-5, 95, 'only here')");
  Result scan = Execute(*reader_, "SELECT id, n, name FROM t");
  Result by_key = Execute(*reader_, "SELECT id FROM t WHERE id < 1002 ORDER BY id");
  const Chunk* first = scan.NextChunk();
  std::string as_it_was = TextOf(*first);
  size_t count = first->row_count();
  reader_->Rollback();
  Execute(*writer_, "UPDATE t SET name = 'later'");
  EXPECT_EQ(TextOf(*first), as_it_was);
  while (const Chunk* chunk = scan.NextChunk()) count += chunk->row_count();
  EXPECT_EQ(count, size_t{kRows - 1000 + 1});
  EXPECT_EQ(RowsOf(by_key), "-5;1000;1001");
  EXPECT_EQ(Rows(*reader_, "SELECT COUNT(*) FROM t"), std::to_string(kRows));
}

TEST_F(SnapshotTest, AResultIsReadToItsEndBeforeARollbackToASavepoint) {
  Execute(*reader_, "SAVEPOINT a");
  Execute(*reader_, "DELETE FROM t WHERE id >= 3000");
  Result scan = Execute(*reader_, "SELECT id FROM t");
  Execute(*reader_, "ROLLBACK TO SAVEPOINT a");
  size_t count = 0;
  while (const Chunk* chunk = scan.NextChunk()) count += chunk->row_count();
  EXPECT_EQ(count, 3000u);
  EXPECT_EQ(Rows(*reader_, "SELECT COUNT(*) FROM t"), std::to_string(kRows));
}

TEST_F(SnapshotTest, AnOpenResultIsLeftAloneByAStatementThatFailsAndIsUndone) {
  Execute(*reader_, "UPDATE t SET name = name WHERE id < 100");
  Result scan = Execute(*reader_, "SELECT id, n, name FROM t");
  Result by_key = Execute(*reader_, "SELECT id, n, name FROM t WHERE id >= 0 ORDER BY id");
  EXPECT_EQ(StateOf(*reader_, "UPDATE t SET id = id / 2, name = 'wrong'"), "23505");
  EXPECT_EQ(StateOf(*reader_, "UPDATE t SET n = 1 / (id - 9000)"), "22012");
  EXPECT_EQ(StateOf(*reader_, "INSERT INTO t SELECT id + 9000, 1, 'wrong' FROM t"), "23505");
  ExpectFirstState(scan, 0);
  ExpectFirstState(by_key, 0);
  Result now = Execute(*reader_, "SELECT id, n, name FROM t");
  ExpectFirstState(now, 0);
}

TEST_F(SnapshotTest, AnOpenResultSeesItsColumnsWhateverBecomesOfTheDefinition) {
  Result scan = Execute(*reader_, "SELECT id, n, name FROM t");
  Execute(*reader_, "ALTER TABLE t ADD COLUMN extra INTEGER DEFAULT 3");
  Execute(*reader_, "UPDATE t SET extra = 4, n = 0");
  Execute(*reader_, "ALTER TABLE t DROP COLUMN name");
  EXPECT_EQ(Rows(*reader_, "SELECT * FROM t WHERE id = 7"), "7|0|4");
  reader_->Commit();
  EXPECT_EQ(Rows(*writer_, "SELECT * FROM t WHERE id = 7"), "7|0|4");
  ExpectFirstState(scan, 0);
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(SnapshotTest, InAutocommitModeOpenResultsKeepTheirSnapshots) {
  Result scan = Execute(*writer_, "SELECT id, n, name FROM t");
  ChangeEverything();
  Result after = Execute(*writer_, "SELECT id FROM t");
  Execute(*writer_, "DELETE FROM t");
  EXPECT_EQ(Rows(*writer_, "SELECT COUNT(*) FROM t"), "0");
  ExpectFirstState(scan, 0);
  size_t count = 0;
  while (const Chunk* chunk = after.NextChunk()) count += chunk->row_count();
  EXPECT_GT(count, 4000u);
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(SnapshotTest, APointQueryHoldsNoSnapshot) {
  Result point = Execute(*writer_, "SELECT name FROM t WHERE id = 77");
  Execute(*writer_, "UPDATE t SET name = 'other' WHERE id = 77");
  EXPECT_EQ(database_->old_version_count(), 0u);
  EXPECT_EQ(RowsOf(point), NameOf(77));
}

}  // namespace

}  // namespace tupelo

// engine/batches_test.cpp: executemany: one statement over many rows of parameters.
#include "engine/engine_for_test.h"

namespace tupelo {

namespace {

class BatchesTest : public testing::Test {
 protected:
  BatchesTest() : database_(Database::Open("")), connection_(database_->Connect()) {
    Execute(*connection_, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, x DECIMAL(10, 2))");
    Execute(*connection_, "INSERT INTO t VALUES (1, 10, 1), (2, 20, 2), (3, 30, 3)");
    connection_->Commit();
  }

  // One batch of rows that have the same types.
  static void Batch(Statement& statement,
                    std::initializer_list<std::initializer_list<Parameter>> rows) {
    ParameterSet set;
    set.Reset(static_cast<uint32_t>(rows.begin()->size()));
    for (const auto& row : rows) {
      if (AddRow(set, row)) continue;
      statement.ExecuteBatch(set);
      set.StartBatchWithPendingRow();
    }
    statement.ExecuteBatch(set);
  }
  std::string All() { return Rows(*connection_, "SELECT id, n FROM t ORDER BY id"); }

  std::shared_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(BatchesTest, AreOneStatementUndoneAsAWholeWhenARowIsRefused) {
  auto insert = connection_->Prepare("INSERT INTO t (id, n) VALUES (?, ?)");
  insert->BeginBatches();
  Batch(*insert, {{4, 40}, {5, 50}});
  EXPECT_EQ(StateOf([&] { Batch(*insert, {{6, 60}, {nullptr, 70}}); }), "23502");
  insert->CancelBatches();
  EXPECT_EQ(All(), "1|10;2|20;3|30");

  insert->BeginBatches();
  Batch(*insert, {{4, 40}, {5, 50}});
  Batch(*insert, {{5, 51}});
  EXPECT_EQ(StateOf([&] { insert->FinishBatches(); }), "23505");
  EXPECT_EQ(All(), "1|10;2|20;3|30");

  insert->BeginBatches();
  Batch(*insert, {{4, 40}, {5, 50}});
  EXPECT_EQ(insert->FinishBatches(), 2);
  EXPECT_EQ(All(), "1|10;2|20;3|30;4|40;5|50");
}

TEST_F(BatchesTest, KeepWhatTheTransactionDidBeforeThem) {
  Execute(*connection_, "UPDATE t SET n = 11 WHERE id = 1");
  auto insert = connection_->Prepare("INSERT INTO t (id, n) VALUES (?, ?)");
  insert->BeginBatches();
  Batch(*insert, {{9, 90}});
  insert->CancelBatches();
  insert->CancelBatches();  // harmless
  EXPECT_EQ(All(), "1|11;2|20;3|30");
}

TEST_F(BatchesTest, ReadingBetweenThemSeesTheStateBefore) {
  Execute(*connection_, "INSERT INTO t (id, n) VALUES (4, 40)");
  auto insert = connection_->Prepare("INSERT INTO t (id, n) VALUES (?, ?)");
  insert->BeginBatches();
  Batch(*insert, {{5, 50}, {6, 60}});
  EXPECT_EQ(All(), "1|10;2|20;3|30;4|40");
  EXPECT_EQ(Rows(*connection_, "SELECT n FROM t WHERE id = 5"), "");
  Batch(*insert, {{7, 70}});
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t"), "4");
  EXPECT_EQ(insert->FinishBatches(), 3);
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t"), "7");
}

TEST_F(BatchesTest, WritingAndEndingTheTransactionBetweenThemIsRefused) {
  auto insert = connection_->Prepare("INSERT INTO t (id, n) VALUES (?, ?)");
  insert->BeginBatches();
  Batch(*insert, {{5, 50}});
  EXPECT_EQ(StateOf(*connection_, "INSERT INTO t (id, n) VALUES (8, 80)"), "25000");
  EXPECT_EQ(StateOf(*connection_, "DELETE FROM t"), "25000");
  EXPECT_EQ(StateOf(*connection_, "CREATE TABLE u (a INTEGER)"), "25000");
  EXPECT_EQ(StateOf(*connection_, "COMMIT"), "25000");
  EXPECT_EQ(StateOf(*connection_, "SAVEPOINT s"), "25000");
  EXPECT_EQ(StateOf([&] { connection_->Commit(); }), "25000");
  EXPECT_EQ(StateOf([&] { connection_->Rollback(); }), "25000");
  EXPECT_EQ(StateOf([&] { connection_->Prepare("DELETE FROM t WHERE id = ?")->BeginBatches(); }),
            "25000");
  EXPECT_EQ(StateOf([&] { insert->BeginBatches(); }), "25000");
  EXPECT_EQ(insert->FinishBatches(), 1);
  EXPECT_EQ(All(), "1|10;2|20;3|30;5|50");
}

TEST_F(BatchesTest, MayHaveRowsOfDifferentTypes) {
  auto insert = connection_->Prepare("INSERT INTO t VALUES (?, ?, ?)");
  insert->BeginBatches();
  Batch(*insert,
        {{4, nullptr, 1}, {5, 50, nullptr}, {6, 60, 2.0}, {7, nullptr, nullptr}, {8, 80, 3}});
  EXPECT_EQ(insert->FinishBatches(), 5);
  EXPECT_EQ(Rows(*connection_, "SELECT id, n, x FROM t WHERE id > 3 ORDER BY id"),
            "4|NULL|1.00;5|50|NULL;6|60|2.00;7|NULL|NULL;8|80|3.00");
}

TEST_F(BatchesTest, OfMoreRowsThanAVectorSetKeepEveryValue) {
  auto insert = connection_->Prepare("INSERT INTO t VALUES (?, ?, ?)");
  insert->BeginBatches();
  ParameterSet set;
  set.Reset(3);
  for (int i = 100; i < 10'100; ++i) {
    if (i % 3 == 0) {
      AddRow(set, {i, nullptr, i});
    } else {
      AddRow(set, {i, i * 2, i});
    }
    if (!set.is_full()) continue;
    insert->ExecuteBatch(set);
    set.Clear();
  }
  insert->ExecuteBatch(set);
  EXPECT_EQ(insert->FinishBatches(), 10'000);
  EXPECT_EQ(Rows(*connection_,
                 "SELECT COUNT(*), COUNT(n), SUM(n), SUM(x) FROM t WHERE id >= 100 AND "
                 "(n = 2 * id OR n IS NULL AND id / 3 * 3 = id) AND x = id"),
            "10000|6667|67993400|50995000.00");
}

TEST_F(BatchesTest, OfUpdatesAndDeletesSeeWhatTheRowsBeforeThemDid) {
  auto update = connection_->Prepare("UPDATE t SET n = n + ? WHERE id = ?");
  update->BeginBatches();
  Batch(*update, {{1, 1}, {1, 1}, {100, 2}, {1, 99}});
  EXPECT_EQ(update->FinishBatches(), 3);
  EXPECT_EQ(All(), "1|12;2|120;3|30");
  auto remove = connection_->Prepare("DELETE FROM t WHERE id = ?");
  remove->BeginBatches();
  Batch(*remove, {{1}, {1}, {3}});
  EXPECT_EQ(remove->FinishBatches(), 2);
  EXPECT_EQ(All(), "2|120");
}

TEST_F(BatchesTest, InAutocommitModeAreOneTransaction) {
  connection_->SetAutocommit(true);
  auto other = database_->Connect();
  other->SetAutocommit(true);
  auto insert = connection_->Prepare("INSERT INTO t (id, n) VALUES (?, ?)");
  insert->BeginBatches();
  Batch(*insert, {{4, 40}});
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t"), "3");  // does not end them
  EXPECT_EQ(Rows(*other, "SELECT COUNT(*) FROM t"), "3");
  Batch(*insert, {{5, 50}});
  insert->FinishBatches();
  EXPECT_EQ(Rows(*other, "SELECT COUNT(*) FROM t"), "5");
  EXPECT_FALSE(connection_->has_changes());
  insert->BeginBatches();
  Batch(*insert, {{6, 60}});
  insert->CancelBatches();
  EXPECT_EQ(Rows(*other, "SELECT COUNT(*) FROM t"), "5");
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(BatchesTest, WithoutRowsChangeNothing) {
  auto insert = connection_->Prepare("INSERT INTO t (id, n) VALUES (?, ?)");
  insert->BeginBatches();
  EXPECT_EQ(insert->FinishBatches(), 0);
  EXPECT_EQ(StateOf([&] { insert->FinishBatches(); }), "25000");
  EXPECT_EQ(StateOf([&] { Batch(*insert, {{1, 2}}); }), "25000");
}

TEST_F(BatchesTest, AreForInsertUpdateAndDelete) {
  EXPECT_EQ(StateOf([&] { connection_->Prepare("SELECT * FROM t WHERE id = ?")->BeginBatches(); }),
            "0A000");
  EXPECT_EQ(StateOf([&] { connection_->Prepare("COMMIT")->BeginBatches(); }), "0A000");
}

TEST_F(BatchesTest, EndWithTheConnectionOrTheStatement) {
  auto insert = connection_->Prepare("INSERT INTO t (id, n) VALUES (?, ?)");
  insert->BeginBatches();
  Batch(*insert, {{4, 40}});
  insert = nullptr;  // cancels
  EXPECT_EQ(StateOf(*connection_, "DELETE FROM t WHERE id = 1"), "");
  insert = connection_->Prepare("INSERT INTO t (id, n) VALUES (?, ?)");
  insert->BeginBatches();
  Batch(*insert, {{4, 40}});
  connection_->Close();
  EXPECT_EQ(StateOf([&] { insert->FinishBatches(); }), "08003");
  insert->CancelBatches();
  EXPECT_EQ(database_->old_version_count(), 0u);
  auto other = database_->Connect();
  EXPECT_EQ(Rows(*other, "SELECT COUNT(*) FROM t"), "3");
}

TEST_F(BatchesTest, GiveIdentityValues) {
  Execute(*connection_,
          "CREATE TABLE u (id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n INTEGER)");
  auto insert = connection_->Prepare("INSERT INTO u (n) VALUES (?)");
  insert->BeginBatches();
  Batch(*insert, {{10}, {20}, {30}});
  EXPECT_EQ(insert->FinishBatches(), 3);
  EXPECT_EQ(Rows(*connection_, "SELECT id, n FROM u ORDER BY id"), "1|10;2|20;3|30");
  int64_t last = 0;
  EXPECT_TRUE(connection_->LastIdentity(&last));
  EXPECT_EQ(last, 3);
  Execute(*connection_, "INSERT INTO t (id) VALUES (77)");
  EXPECT_FALSE(connection_->LastIdentity(&last));
}

}  // namespace

}  // namespace tupelo

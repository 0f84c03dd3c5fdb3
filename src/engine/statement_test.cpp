// engine/statement_test.cpp: parameters, plans kept and made anew, errors of closed connections,
// savepoints.
#include "engine/engine_for_test.h"

namespace tupelo {

namespace {

class StatementTest : public testing::Test {
 protected:
  StatementTest() : database_(Database::Open("")), connection_(database_->Connect()) {}

  void MakeTable() {
    Execute(*connection_, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, name VARCHAR(20))");
    Execute(*connection_, "INSERT INTO t VALUES (1, 10, 'one'), (2, 20, 'two'), (3, 30, 'three')");
    connection_->Commit();
  }

  std::shared_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(StatementTest, WantsAsManyParametersAsItHas) {
  auto statement = connection_->Prepare("VALUES (?, ?)");
  EXPECT_EQ(statement->parameter_count(), 2u);
  EXPECT_EQ(StateOf([&] { Execute(*statement, {1}); }), "07001");
  EXPECT_EQ(StateOf([&] { Execute(*statement, {1, 2, 3}); }), "07001");
  ParameterSet empty;
  empty.Reset(2);
  EXPECT_EQ(StateOf([&] { statement->Execute(empty); }), "07001");
  Result result = Execute(*statement, {1, "a"});
  EXPECT_EQ(RowsOf(result), "1|a");
}

TEST_F(StatementTest, NamesParametersOnce) {
  auto statement = connection_->Prepare("VALUES (:b, :a, :b)");
  ASSERT_EQ(statement->parameter_count(), 2u);
  Result result = Execute(*statement, {1, "x"});
  EXPECT_EQ(RowsOf(result), "1|x|1");
}

TEST_F(StatementTest, HasAPlanForEachCombinationOfTypes) {
  MakeTable();
  auto statement = connection_->Prepare("SELECT ?, name FROM t WHERE id = ?");
  for (int round = 0; round < 3; ++round) {
    Result integers = Execute(*statement, {7, 2});
    EXPECT_EQ(integers.columns()[0].type, Type::BigInt());
    Result texts = Execute(*statement, {"seven", 2});
    EXPECT_EQ(texts.columns()[0].type.id, TypeId::kVarchar);
    Result doubles = Execute(*statement, {7.5, 2.0});
    Result nulls = Execute(*statement, {nullptr, nullptr});
    EXPECT_EQ(RowsOf(integers), "7|two");
    EXPECT_EQ(RowsOf(texts), "seven|two");
    EXPECT_EQ(RowsOf(doubles), "7.5|two");
    EXPECT_EQ(RowsOf(nulls), "");
  }
  EXPECT_EQ(StateOf([&] { Execute(*statement, {1, "2"}); }), "22018");
  Result fraction = Execute(*statement, {1, 2.5});
  EXPECT_EQ(RowsOf(fraction), "");
  Result beyond = Execute(*statement, {1, int64_t{1} << 40});
  EXPECT_EQ(RowsOf(beyond), "");
}

TEST_F(StatementTest, MayRunAgainWhileItsResultsAreOpen) {
  MakeTable();
  auto statement = connection_->Prepare("SELECT id FROM t WHERE id >= ? ORDER BY id");
  Result first = Execute(*statement, {1}), second = Execute(*statement, {2}),
         third = Execute(*statement, {3});
  EXPECT_EQ(RowsOf(second), "2;3");
  EXPECT_EQ(RowsOf(third), "3");
  EXPECT_EQ(RowsOf(first), "1;2;3");
  statement = nullptr;  // a result keeps what it needs
  Result moved;
  moved = std::move(first);
  EXPECT_EQ(moved.NextChunk(), nullptr);
}

TEST_F(StatementTest, IsPlannedAnewWhenADefinitionChanges) {
  MakeTable();
  auto all = connection_->Prepare("SELECT * FROM t WHERE n = 20");
  auto insert = connection_->Prepare("INSERT INTO t VALUES (?, ?, ?)");
  Result before = Execute(*all);
  EXPECT_EQ(before.columns().size(), 3u);
  EXPECT_EQ(RowsOf(before), "2|20|two");
  Execute(*connection_, "ALTER TABLE t ADD COLUMN extra INTEGER DEFAULT 5");
  Result after = Execute(*all);
  EXPECT_EQ(after.columns().size(), 4u);
  EXPECT_EQ(RowsOf(after), "2|20|two|5");
  EXPECT_EQ(StateOf([&] { Execute(*insert, {4, 20, "four"}); }), "21S01");
  connection_->Rollback();
  Result again = Execute(*all);
  EXPECT_EQ(RowsOf(again), "2|20|two");
  Execute(*insert, {4, 20, "four"});
  Execute(*connection_, "CREATE INDEX t_n ON t (n)");
  Result indexed = Execute(*all);
  EXPECT_EQ(RowsOf(indexed), "2|20|two;4|20|four");
  Execute(*connection_, "DROP TABLE t");
  EXPECT_EQ(StateOf([&] { Execute(*all); }), "42P01");
  Execute(*connection_, "CREATE TABLE t (n INTEGER)");
  Execute(*connection_, "INSERT INTO t VALUES (20)");
  Result anew = Execute(*all);
  EXPECT_EQ(RowsOf(anew), "20");
}

TEST_F(StatementTest, AnOpenResultSurvivesDroppingItsTable) {
  MakeTable();
  Result open = Execute(*connection_, "SELECT name FROM t ORDER BY id");
  Execute(*connection_, "DROP TABLE t");
  connection_->Commit();
  EXPECT_EQ(RowsOf(open), "one;two;three");
}

TEST_F(StatementTest, IsUndoneAsAWholeWhenItFails) {
  MakeTable();
  EXPECT_EQ(StateOf(*connection_, "INSERT INTO t VALUES (4, 1, 'four'), (1, 1, 'again')"), "23505");
  EXPECT_EQ(StateOf(*connection_, "UPDATE t SET n = 100 / (id - 3)"), "22012");
  EXPECT_EQ(StateOf(*connection_, "UPDATE t SET id = 9 WHERE id < 3"), "23505");
  EXPECT_EQ(Rows(*connection_, "SELECT id, n FROM t ORDER BY id"), "1|10;2|20;3|30");
  EXPECT_FALSE(connection_->has_changes());
  Execute(*connection_, "UPDATE t SET id = id + 1");
  EXPECT_EQ(Rows(*connection_, "SELECT id, n FROM t ORDER BY id"), "2|10;3|20;4|30");
}

TEST_F(StatementTest, SaysWhereItsErrorIs) {
  try {
    connection_->Prepare("SELECT 1,\n  nothing")->Execute(ParameterSet());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.sqlstate(), "42703");
    EXPECT_EQ(error.line(), 2u);
    EXPECT_EQ(error.column(), 3u);
  }
}

TEST_F(StatementTest, OfAClosedConnectionIsRefused) {
  MakeTable();
  auto select = connection_->Prepare("SELECT id FROM t");
  Result open = Execute(*select);
  connection_->Close();
  connection_->Close();
  EXPECT_TRUE(connection_->is_closed());
  EXPECT_EQ(StateOf([&] { Execute(*select); }), "08003");
  EXPECT_EQ(StateOf([&] { open.NextChunk(); }), "08003");
  EXPECT_EQ(StateOf([&] { connection_->Prepare("VALUES (1)"); }), "08003");
  EXPECT_EQ(StateOf([&] { connection_->Commit(); }), "08003");
  EXPECT_EQ(StateOf([&] { connection_->Rollback(); }), "08003");
  EXPECT_EQ(StateOf([&] { connection_->SetAutocommit(true); }), "08003");
  EXPECT_FALSE(connection_->in_transaction());
  open.Close();
  connection_ = nullptr;
  select = nullptr;
}

TEST_F(StatementTest, ClosingAConnectionRollsBack) {
  MakeTable();
  auto other = database_->Connect();
  Execute(*other, "DELETE FROM t");
  EXPECT_TRUE(other->has_changes());
  other = nullptr;
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t"), "3");
  EXPECT_EQ(database_->old_version_count(), 0u);
}

TEST_F(StatementTest, SavepointsNest) {
  MakeTable();
  Execute(*connection_, "INSERT INTO t (id) VALUES (4)");
  Execute(*connection_, "SAVEPOINT a");
  Execute(*connection_, "INSERT INTO t (id) VALUES (5)");
  Execute(*connection_, "SAVEPOINT b");
  Execute(*connection_, "DELETE FROM t");
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t"), "0");
  Execute(*connection_, "ROLLBACK TO SAVEPOINT b");
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t"), "5");
  Execute(*connection_, "UPDATE t SET n = 0");
  Execute(*connection_, "ROLLBACK TO SAVEPOINT b");
  EXPECT_EQ(Rows(*connection_, "SELECT SUM(n) FROM t"), "60");
  Execute(*connection_, "ROLLBACK TO SAVEPOINT a");
  EXPECT_EQ(StateOf(*connection_, "ROLLBACK TO SAVEPOINT b"), "3B001");
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t"), "4");
  Execute(*connection_, "RELEASE SAVEPOINT a");
  EXPECT_EQ(StateOf(*connection_, "RELEASE SAVEPOINT a"), "3B001");
  connection_->Commit();
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t"), "4");
  EXPECT_EQ(StateOf(*connection_, "ROLLBACK TO SAVEPOINT a"), "3B001");
}

TEST_F(StatementTest, RollingBackToASavepointUndoesDefinitionsToo) {
  Execute(*connection_, "SAVEPOINT a");
  Execute(*connection_, "CREATE TABLE u (a INTEGER)");
  auto count = connection_->Prepare("SELECT COUNT(*) FROM u");
  Result one = Execute(*count);
  EXPECT_EQ(RowsOf(one), "0");
  one.Close();
  Execute(*connection_, "ROLLBACK TO SAVEPOINT a");
  EXPECT_EQ(StateOf([&] { Execute(*count); }), "42P01");
}

TEST_F(StatementTest, AutocommitEndsTheTransactionOfEachStatement) {
  MakeTable();
  connection_->SetAutocommit(true);
  auto other = database_->Connect();
  other->SetAutocommit(true);
  EXPECT_FALSE(connection_->in_transaction());
  Execute(*connection_, "UPDATE t SET n = 11 WHERE id = 1");
  EXPECT_EQ(Rows(*other, "SELECT n FROM t WHERE id = 1"), "11");
  EXPECT_EQ(StateOf(*connection_, "SAVEPOINT a"), "25P01");
  Execute(*connection_, "START TRANSACTION");
  EXPECT_TRUE(connection_->in_transaction());
  EXPECT_EQ(StateOf(*connection_, "START TRANSACTION"), "25001");
  Execute(*connection_, "UPDATE t SET n = 12 WHERE id = 1");
  EXPECT_EQ(StateOf(*connection_, "UPDATE t SET n = 1 / 0"), "22012");
  EXPECT_EQ(Rows(*connection_, "SELECT n FROM t WHERE id = 1"), "12");
  EXPECT_EQ(Rows(*other, "SELECT n FROM t WHERE id = 1"), "11");
  Execute(*connection_, "COMMIT");
  EXPECT_EQ(Rows(*other, "SELECT n FROM t WHERE id = 1"), "12");
  connection_->SetAutocommit(false);
  Execute(*connection_, "UPDATE t SET n = 13 WHERE id = 1");
  EXPECT_EQ(Rows(*other, "SELECT n FROM t WHERE id = 1"), "12");
  connection_->SetAutocommit(true);  // commits
  EXPECT_EQ(Rows(*other, "SELECT n FROM t WHERE id = 1"), "13");
}

TEST_F(StatementTest, ReadOnlyTransactionsRefuseToWrite) {
  MakeTable();
  Execute(*connection_, "START TRANSACTION READ ONLY");
  EXPECT_EQ(StateOf(*connection_, "DELETE FROM t"), "25006");
  EXPECT_EQ(StateOf(*connection_, "CREATE TABLE u (a INTEGER)"), "25006");
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM t"), "3");
  Execute(*connection_, "COMMIT");
  EXPECT_EQ(StateOf(*connection_, "DELETE FROM t WHERE id = 1"), "");
  EXPECT_EQ(StateOf(*connection_, "START TRANSACTION ISOLATION LEVEL SERIALIZABLE"), "25001");
  connection_->Rollback();
}

TEST_F(StatementTest, NamedMemoryDatabasesAreShared) {
  auto first = Database::Open(":memory:shared by name")->Connect();
  auto second = Database::Open(":memory:shared by name")->Connect();
  auto third = Database::Open(":memory:another")->Connect();
  Execute(*first, "CREATE TABLE u (a INTEGER)");
  Execute(*first, "INSERT INTO u VALUES (1)");
  first->Commit();
  EXPECT_EQ(Rows(*second, "SELECT a FROM u"), "1");
  EXPECT_EQ(StateOf(*third, "SELECT a FROM u"), "42P01");
  first = nullptr;
  second = nullptr;
  second = Database::Open(":memory:shared by name")->Connect();
  EXPECT_EQ(StateOf(*second, "SELECT a FROM u"), "42P01");
}

TEST_F(StatementTest, ProfilesCountRunsAndTime) {
  MakeTable();
  std::vector<StatementProfile> profile;
  connection_->SetProfile(&profile);
  auto statement = connection_->Prepare("SELECT n FROM t WHERE id = ?");
  for (int i = 0; i < 3; ++i) Execute(*statement, {i});
  connection_->SetProfile(nullptr);
  Execute(*statement, {1});
  ASSERT_EQ(profile.size(), 1u);
  EXPECT_EQ(profile[0].runs, 3);
  EXPECT_GT(profile[0].parse_ns, 0);
  EXPECT_GT(profile[0].bind_ns, 0);
  EXPECT_GT(profile[0].plan_ns, 0);
  EXPECT_GT(profile[0].execute_ns, 0);
}

}  // namespace

}  // namespace tupelo

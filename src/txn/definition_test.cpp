// txn/definition_test.cpp: changes of a table's definition: who may make them, and undoing them.
#include <memory>

#include "txn/table_model_test.h"

namespace tupelo {
namespace {

class DefinitionTest : public ::testing::Test {
 protected:
  DefinitionTest() : table_(&manager_, TestTypes()) {
    Transaction* setup = Begin();
    std::vector<TestRow> rows;
    for (int32_t i = 0; i < 3000; ++i)
      rows.push_back({i % 1500, std::to_string(i), std::nullopt, i});
    for (size_t begin : {0, 1500})
      Insert(setup, {rows.begin() + static_cast<int>(begin),
                     rows.begin() + static_cast<int>(begin) + 1500});
    manager_.Commit(setup);
  }
  Transaction* Begin() {
    Transaction* transaction = manager_.Begin();
    manager_.TakeSnapshot(transaction);
    manager_.NextStatement(transaction);
    return transaction;
  }
  WriteOutcome Insert(Transaction* transaction, const std::vector<TestRow>& rows) {
    Chunk chunk(TestTypes());
    FillChunk(rows, &chunk);
    return table_.InsertRows(transaction, chunk, nullptr, &checks_);
  }
  ReadView Now() const { return ReadView(manager_.last_commit(), 0, 0); }

  TransactionManager manager_;
  Table table_;
  UniqueChecks checks_;
};

TEST_F(DefinitionTest, AUniqueIndexOverDuplicatesIsRefused) {
  Transaction* transaction = Begin();
  ASSERT_TRUE(manager_.LockForDefinition(transaction, &table_));
  UniqueOutcome violation;
  EXPECT_EQ(table_.CreateIndex(transaction, {{0}}, true, &violation), nullptr);
  EXPECT_EQ(violation.kind, UniqueOutcome::kViolation);
  EXPECT_NE(violation.row, violation.other);
  EXPECT_NE(table_.CreateIndex(transaction, {{3}}, true, &violation), nullptr);
  EXPECT_NE(table_.CreateIndex(transaction, {{2}}, true, &violation), nullptr);  // nulls only
  manager_.Rollback(transaction);
  EXPECT_TRUE(table_.indexes().empty());
}

TEST_F(DefinitionTest, ANewIndexShowsOldSnapshotsWhatTheyShouldSee) {
  ReadView view = Now();
  manager_.RegisterView(&view);
  TestRows before = ScanAll(table_, view);
  Transaction* transaction = Begin();
  std::vector<RowId> ids;
  for (RowId row = 0; row < 500; ++row) ids.push_back(row);
  EXPECT_TRUE(table_.DeleteRows(transaction, ids.data(), 200).ok());
  Chunk chunk({Type::BigInt()});
  chunk.column(0).PrepareWrite(kVectorSize);
  for (int64_t i = 0; i < 300; ++i) chunk.column(0).MutableData<int64_t>()[i] = -i;
  chunk.SetRows(300);
  std::vector<uint16_t> columns{3};
  EXPECT_TRUE(table_.UpdateRows(transaction, ids.data() + 200, 300, columns, chunk, &checks_).ok());
  manager_.Commit(transaction);
  transaction = Begin();
  ASSERT_TRUE(manager_.LockForDefinition(transaction, &table_));
  UniqueOutcome violation;
  Index* index = table_.CreateIndex(transaction, {{3, true}}, false, &violation);
  manager_.Commit(transaction);
  EXPECT_EQ(ScanIndex(table_, *index, view, KeyBound::None(), KeyBound::None(), true), before);
  EXPECT_EQ(ScanIndex(table_, *index, Now(), KeyBound::None(), KeyBound::None(), false),
            ScanAll(table_, Now()));
  EXPECT_EQ(index->entry_count(), 3300u);
  manager_.UnregisterView(&view);
  EXPECT_EQ(index->entry_count(), 2800u);
}

TEST_F(DefinitionTest, ADroppedIndexLivesOnForOlderReadersAndComesBackByRollback) {
  Transaction* transaction = Begin();
  UniqueOutcome violation;
  Index* index = table_.CreateIndex(transaction, {{3}}, true, &violation);
  manager_.Commit(transaction);
  transaction = Begin();
  table_.DropIndex(transaction, index);
  EXPECT_FALSE(index->is_unique());
  manager_.Rollback(transaction);
  EXPECT_TRUE(index->is_unique());

  ReadView view = Now();
  manager_.RegisterView(&view);
  transaction = Begin();
  table_.DropIndex(transaction, index);
  manager_.Commit(transaction);
  transaction = Begin();
  RowId row = 5;
  EXPECT_TRUE(table_.DeleteRows(transaction, &row, 1).ok());
  manager_.Commit(transaction);
  EXPECT_EQ(ScanIndex(table_, *index, view, KeyBound::None(), KeyBound::None(), false).size(),
            3000u);
  manager_.UnregisterView(&view);
  EXPECT_TRUE(table_.indexes().empty());
}

TEST_F(DefinitionTest, ColumnsComeAndGoWithTheTransaction) {
  Transaction* transaction = Begin();
  ASSERT_TRUE(manager_.LockForDefinition(transaction, &table_));
  uint16_t added = table_.AddColumn(transaction, Type::Varchar(),
                                    Value::Text(Type::Varchar(), "a default value of some length"));
  EXPECT_EQ(added, 4);
  std::vector<uint16_t> columns{0, added};
  Chunk chunk({Type::Integer(), Type::Varchar()});
  TableScan scan;
  scan.Open(&table_, transaction->View(), columns);
  uint32_t count = 0;
  while (scan.Next(&chunk)) {
    for (uint32_t i = 0; i < chunk.row_count(); ++i) {
      count +=
          chunk.column(1).At<StringRef>(chunk.rows()[i]).view() == "a default value of some length";
    }
  }
  EXPECT_EQ(count, 3000u);
  size_t with = table_.row_bytes();
  manager_.Rollback(transaction);
  EXPECT_LT(table_.row_bytes(), with);

  ReadView view = Now();
  manager_.RegisterView(&view);
  TestRows before = ScanAll(table_, view);
  transaction = Begin();
  ASSERT_TRUE(manager_.LockForDefinition(transaction, &table_));
  table_.DropColumn(transaction, 1);
  manager_.Commit(transaction);
  EXPECT_EQ(ScanAll(table_, view), before);
  size_t kept = table_.row_bytes();
  manager_.UnregisterView(&view);
  EXPECT_LT(table_.row_bytes(), kept);
}

TEST_F(DefinitionTest, RowsOfARolledBackColumnChangeAreRestored) {
  TestRows before = ScanAll(table_, Now());
  Transaction* transaction = Begin();
  ASSERT_TRUE(manager_.LockForDefinition(transaction, &table_));
  uint16_t added = table_.AddColumn(transaction, Type::Integer(), Value::Null(Type::Integer()));
  Chunk chunk({Type::BigInt(), Type::Integer()});
  for (size_t c = 0; c < 2; ++c) chunk.column(c).PrepareWrite(1);
  chunk.column(0).MutableData<int64_t>()[0] = 1;
  chunk.column(1).MutableData<int32_t>()[0] = 1;
  chunk.SetRows(1);
  std::vector<uint16_t> columns{3, added};
  RowId row = 77;
  EXPECT_TRUE(table_.UpdateRows(transaction, &row, 1, columns, chunk, &checks_).ok());
  manager_.Rollback(transaction);
  EXPECT_EQ(ScanAll(table_, Now()), before);
}

TEST_F(DefinitionTest, WritersAndDefinersKeepOutOfEachOthersWay) {
  Transaction* writer = Begin();
  Transaction* definer = Begin();
  EXPECT_TRUE(Insert(writer, {TestRow()}).ok());
  EXPECT_TRUE(TransactionManager::WrittenByOthers(definer, table_));
  EXPECT_FALSE(TransactionManager::WrittenByOthers(writer, table_));
  EXPECT_FALSE(manager_.LockForDefinition(definer, &table_));
  manager_.Commit(writer);
  EXPECT_TRUE(manager_.LockForDefinition(definer, &table_));
  Transaction* late = Begin();
  EXPECT_TRUE(Insert(late, {TestRow()}).conflict);
  EXPECT_TRUE(Insert(definer, {TestRow()}).ok());
  manager_.Commit(definer);
  EXPECT_TRUE(Insert(late, {TestRow()}).conflict);  // the definition is newer than its snapshot
  manager_.Rollback(late);
  late = Begin();
  EXPECT_TRUE(Insert(late, {TestRow()}).ok());
  manager_.Rollback(late);
}

TEST_F(DefinitionTest, ActionsRunAtTheirTime) {
  std::string trace;
  auto run = [&](bool commit) {
    trace.clear();
    ReadView view = Now();
    manager_.RegisterView(&view);
    Transaction* transaction = Begin();
    transaction->OnCommit([&](CommitNumber) { trace += 'c'; });
    transaction->OnRollback([&] { trace += '1'; });
    UndoMark mark = manager_.Mark(transaction);
    transaction->OnRollback([&] { trace += '2'; });
    transaction->OnRollback([&] { trace += '3'; });
    manager_.RollbackTo(transaction, mark);
    transaction->OnUnneeded([&] { trace += 'u'; });
    EXPECT_TRUE(transaction->has_changes());
    commit ? manager_.Commit(transaction) : manager_.Rollback(transaction);
    trace += '|';
    manager_.UnregisterView(&view);
  };
  run(true);
  EXPECT_EQ(trace, "32c|u");
  run(false);
  EXPECT_EQ(trace, "321|");
}

}  // namespace
}  // namespace tupelo

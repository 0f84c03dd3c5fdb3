// txn/table_test.cpp: constraints, conflicts, definitions, memory: each behaviour by itself.
#include "txn/table.h"

#include <memory>

#include "base/error.h"
#include "buffer/extent_pool.h"
#include "txn/table_model_test.h"

namespace tupelo {
namespace {

class TableTest : public ::testing::Test {
 protected:
  TableTest() : table_(new Table(&manager_, TestTypes())) {
    Transaction* setup = Begin();
    UniqueOutcome violation;
    key_ = table_->CreateIndex(setup, {{0}}, true, &violation);
    manager_.Commit(setup);
  }

  Transaction* Begin() {
    Transaction* transaction = manager_.Begin();
    manager_.TakeSnapshot(transaction);
    manager_.NextStatement(transaction);
    return transaction;
  }
  std::vector<RowId> Insert(Transaction* transaction, const std::vector<TestRow>& rows) {
    Chunk chunk(TestTypes());
    FillChunk(rows, &chunk);
    std::vector<RowId> ids(rows.size());
    EXPECT_TRUE(table_->InsertRows(transaction, chunk, ids.data(), &checks_).ok());
    return ids;
  }
  RowId InsertOne(Transaction* transaction, TestRow row) { return Insert(transaction, {row})[0]; }
  // Sets the INTEGER column.
  WriteOutcome SetNumbers(Transaction* transaction, const std::vector<RowId>& ids,
                          const std::vector<int32_t>& numbers) {
    Chunk chunk({Type::Integer()});
    chunk.column(0).PrepareWrite(kVectorSize);
    for (size_t i = 0; i < ids.size(); ++i) chunk.column(0).MutableData<int32_t>()[i] = numbers[i];
    chunk.SetRows(static_cast<uint32_t>(ids.size()));
    std::vector<uint16_t> columns{0};
    return table_->UpdateRows(transaction, ids.data(), static_cast<uint32_t>(ids.size()), columns,
                              chunk, &checks_);
  }
  WriteOutcome SetText(Transaction* transaction, RowId id, const std::string& text) {
    Chunk chunk({Type::Varchar()});
    chunk.column(0).PrepareWrite(1);
    chunk.column(0).MutableData<StringRef>()[0] = chunk.column(0).CopyToHeap(text);
    chunk.SetRows(1);
    std::vector<uint16_t> columns{1};
    return table_->UpdateRows(transaction, &id, 1, columns, chunk, &checks_);
  }
  UniqueOutcome::Kind Check(Transaction* transaction) {
    UniqueOutcome outcome = Table::CheckUnique(transaction, checks_);
    checks_.Clear();
    return outcome.kind;
  }
  ReadView Now() const { return ReadView(manager_.last_commit(), 0, 0); }
  // A view of a snapshot taken now that stays.
  std::unique_ptr<ReadView> OpenView() {
    auto view = std::make_unique<ReadView>(Now());
    manager_.RegisterView(view.get());
    return view;
  }

  TransactionManager manager_;
  std::unique_ptr<Table> table_;
  Index* key_;
  UniqueChecks checks_;
};

TestRow Number(int32_t number) { return {number, std::nullopt, std::nullopt, std::nullopt}; }

TEST_F(TableTest, KeysMayPassEachOtherWithinAStatement) {
  Transaction* transaction = Begin();
  std::vector<TestRow> rows;
  std::vector<int32_t> next;
  for (int32_t i = 0; i < 2000; ++i) {
    rows.push_back(Number(i));
    next.push_back(i + 1);
  }
  std::vector<RowId> ids = Insert(transaction, rows);
  EXPECT_EQ(Check(transaction), UniqueOutcome::kFine);
  manager_.NextStatement(transaction);
  EXPECT_TRUE(SetNumbers(transaction, ids, next).ok());
  EXPECT_EQ(Check(transaction), UniqueOutcome::kFine);
  manager_.Commit(transaction);
  EXPECT_EQ(key_->entry_count(), 2000u);
  TestRows range =
      ScanIndex(*table_, *key_, Now(), KeyBound::At(TestKey(*key_, Number(2000)), true),
                KeyBound::None(), false);
  EXPECT_EQ(range.size(), 1u);
}

TEST_F(TableTest, EqualKeysAreAViolationAndNullsAreNot) {
  Transaction* transaction = Begin();
  InsertOne(transaction, Number(7));
  Insert(transaction, {TestRow(), TestRow()});
  EXPECT_EQ(Check(transaction), UniqueOutcome::kFine);
  UndoMark mark = manager_.Mark(transaction);
  InsertOne(transaction, Number(7));
  EXPECT_EQ(Check(transaction), UniqueOutcome::kViolation);
  manager_.RollbackTo(transaction, mark);
  Insert(transaction, {Number(8), Number(8)});
  EXPECT_EQ(Check(transaction), UniqueOutcome::kViolation);
  manager_.Rollback(transaction);
  EXPECT_EQ(key_->entry_count(), 0u);
}

TEST_F(TableTest, ADeletedKeyMayComeAgainInTheSameTransaction) {
  Transaction* transaction = Begin();
  RowId old = InsertOne(transaction, Number(7));
  manager_.Commit(transaction);
  transaction = Begin();
  EXPECT_TRUE(table_->DeleteRows(transaction, &old, 1).ok());
  InsertOne(transaction, Number(7));
  EXPECT_EQ(Check(transaction), UniqueOutcome::kFine);
  manager_.Commit(transaction);
  EXPECT_EQ(key_->entry_count(), 1u);
  EXPECT_EQ(table_->Count(Now()), 1u);
}

TEST_F(TableTest, AKeyThatDependsOnAnotherTransactionIsAConflict) {
  Transaction* setup = Begin();
  RowId row = InsertOne(setup, Number(1));
  manager_.Commit(setup);
  Transaction* other = Begin();
  Transaction* transaction = Begin();
  InsertOne(other, Number(5));
  EXPECT_EQ(Check(other), UniqueOutcome::kFine);
  InsertOne(transaction, Number(5));
  EXPECT_EQ(Check(transaction), UniqueOutcome::kConflict);
  // Also a key that another one gives up: it may be rolled back.
  EXPECT_TRUE(SetNumbers(other, {row}, {2}).ok());
  EXPECT_EQ(Check(other), UniqueOutcome::kFine);
  InsertOne(transaction, Number(1));
  EXPECT_EQ(Check(transaction), UniqueOutcome::kConflict);
  manager_.Rollback(other);
  InsertOne(transaction, Number(5));
  EXPECT_EQ(Check(transaction), UniqueOutcome::kViolation);  // with its own first one
  manager_.Rollback(transaction);
}

TEST_F(TableTest, TheSecondWriterOfARowMeetsAConflict) {
  Transaction* setup = Begin();
  std::vector<RowId> rows = Insert(setup, {Number(1), Number(2), Number(3)});
  manager_.Commit(setup);
  Transaction* first = Begin();
  Transaction* second = Begin();
  EXPECT_TRUE(SetNumbers(first, {rows[1]}, {20}).ok());
  WriteOutcome outcome = table_->DeleteRows(second, rows.data(), 3);
  EXPECT_TRUE(outcome.conflict);
  EXPECT_EQ(outcome.row, 1u);
  EXPECT_EQ(
      ScanAll(*table_, ReadView(second->snapshot(), second->id(), second->statement() + 1)).size(),
      3u);
  manager_.Commit(first);
  EXPECT_TRUE(SetNumbers(second, {rows[1]}, {21}).conflict);  // committed after its snapshot
  EXPECT_TRUE(SetNumbers(second, {rows[2]}, {30}).ok());
  manager_.Rollback(second);
  second = Begin();
  EXPECT_TRUE(SetNumbers(second, {rows[1]}, {22}).ok());
  manager_.Commit(second);
}

TEST_F(TableTest, AnOpenViewKeepsOldVersionsAndTheirMemoryComesBackWithIt) {
  Transaction* transaction = Begin();
  std::vector<RowId> ids = Insert(transaction, {Number(1), Number(2), Number(3)});
  manager_.Commit(transaction);
  EXPECT_EQ(manager_.old_version_bytes(), 0u);
  auto view = OpenView();
  for (int32_t round = 0; round < 50; ++round) {
    transaction = Begin();
    EXPECT_TRUE(SetNumbers(transaction, {ids[0]}, {100 + round}).ok());
    EXPECT_EQ(Check(transaction), UniqueOutcome::kFine);
    manager_.Commit(transaction);
  }
  transaction = Begin();
  EXPECT_TRUE(table_->DeleteRows(transaction, &ids[1], 1).ok());
  InsertOne(transaction, Number(2));
  InsertOne(transaction, Number(1));
  EXPECT_EQ(Check(transaction), UniqueOutcome::kFine);
  manager_.Commit(transaction);
  TestRows expected{{ids[0], Number(1)}, {ids[1], Number(2)}, {ids[2], Number(3)}};
  EXPECT_EQ(ScanAll(*table_, *view), expected);
  EXPECT_EQ(ScanIndex(*table_, *key_, *view, KeyBound::None(), KeyBound::None(), false), expected);
  EXPECT_EQ(table_->Count(*view), 3u);
  EXPECT_EQ(table_->Count(Now()), 4u);
  EXPECT_GT(manager_.old_version_count(), 50u);
  EXPECT_GT(key_->entry_count(), 50u);
  manager_.UnregisterView(view.get());
  EXPECT_EQ(manager_.old_version_bytes(), 0u);
  EXPECT_EQ(manager_.old_version_count(), 0u);
  EXPECT_EQ(key_->entry_count(), 4u);
}

TEST_F(TableTest, AKeyThatChangesAndComesBackKeepsItsEntry) {
  Transaction* transaction = Begin();
  RowId row = InsertOne(transaction, Number(1));
  manager_.Commit(transaction);
  auto view = OpenView();
  for (int32_t number : {2, 1, 3, 1}) {
    transaction = Begin();
    EXPECT_TRUE(SetNumbers(transaction, {row}, {number}).ok());
    manager_.Commit(transaction);
  }
  EXPECT_EQ(key_->entry_count(), 3u);
  manager_.UnregisterView(view.get());
  EXPECT_EQ(key_->entry_count(), 1u);
  EXPECT_EQ(ScanIndex(*table_, *key_, Now(), KeyBound::None(), KeyBound::None(), false).size(), 1u);
}

TEST_F(TableTest, AViewOfATransactionStaysAsItWasAfterLaterStatementsAndCommit) {
  Transaction* transaction = Begin();
  RowId row = InsertOne(transaction, Number(1));
  manager_.NextStatement(transaction);
  ReadView view = transaction->View();
  manager_.RegisterView(&view);
  InsertOne(transaction, Number(2));
  manager_.NextStatement(transaction);
  EXPECT_TRUE(SetNumbers(transaction, {row}, {10}).ok());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ScanAll(*table_, view), (TestRows{{row, Number(1)}}));
    EXPECT_EQ(table_->Count(view), 1u);
    if (i == 0) manager_.Commit(transaction);
  }
  Transaction* later = Begin();
  EXPECT_TRUE(table_->DeleteRows(later, &row, 1).ok());
  manager_.Commit(later);
  EXPECT_EQ(ScanAll(*table_, view), (TestRows{{row, Number(1)}}));
  EXPECT_EQ(table_->Count(view), 1u);
  manager_.UnregisterView(&view);
  EXPECT_EQ(manager_.old_version_bytes(), 0u);
  EXPECT_EQ(table_->Count(Now()), 1u);
}

TEST_F(TableTest, WhatAScanLentStaysAsItWasWhateverIsWritten) {
  Transaction* transaction = Begin();
  std::vector<TestRow> rows;
  for (int32_t i = 0; i < 1000; ++i)
    rows.push_back({i, "a text that is long " + std::to_string(i), 0.5, i});
  std::vector<RowId> ids = Insert(transaction, rows);
  manager_.Commit(transaction);
  Chunk chunk(TestTypes());
  RowIds row_ids;
  TableScan scan;
  scan.Open(table_.get(), Now(), AllTestColumns());
  ASSERT_TRUE(scan.Next(&chunk, &row_ids));
  for (int round = 0; round < 3; ++round) {
    transaction = Begin();
    for (RowId id : ids)
      EXPECT_TRUE(
          SetText(transaction, id, "another long text, round " + std::to_string(round)).ok());
    manager_.Commit(transaction);
  }
  transaction = Begin();
  EXPECT_TRUE(table_->DeleteRows(transaction, ids.data(), 1000).ok());
  manager_.Commit(transaction);
  transaction = Begin();
  Insert(transaction, std::vector<TestRow>(1000, TestRow()));
  manager_.Commit(transaction);
  ASSERT_EQ(chunk.row_count(), 1000u);
  for (uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(GetRow(chunk, i), rows[i]);
  scan.Close();
}

TEST_F(TableTest, RewrittenLongStringsDoNotPileUp) {
  Transaction* transaction = Begin();
  RowId row = InsertOne(transaction, {1, std::string(100, 'x'), std::nullopt, std::nullopt});
  manager_.Commit(transaction);
  for (int i = 0; i < 5000; ++i) {
    transaction = Begin();
    EXPECT_TRUE(SetText(transaction, row, std::string(100, static_cast<char>('a' + i % 26))).ok());
    manager_.Commit(transaction);
  }
  EXPECT_LT(table_->row_bytes(), size_t{64} << 10);
  EXPECT_EQ(*ScanAll(*table_, Now()).begin()->second.text,
            std::string(100, static_cast<char>('a' + 4999 % 26)));
}

TEST_F(TableTest, AKeyThatIsTooLongIsRefusedAndTheStatementCanBeUndone) {
  Transaction* transaction = Begin();
  UniqueOutcome violation;
  Index* texts = table_->CreateIndex(transaction, {{1}}, false, &violation);
  manager_.Commit(transaction);
  transaction = Begin();
  UndoMark mark = manager_.Mark(transaction);
  EXPECT_THROW(Insert(transaction, {{1, "fine", 1.0, 1}, {2, std::string(2000, 'x'), 1.0, 1}}),
               Error);
  manager_.RollbackTo(transaction, mark);
  RowId row = InsertOne(transaction, Number(1));
  EXPECT_THROW(SetText(transaction, row, std::string(2000, 'x')), Error);
  manager_.Rollback(transaction);
  EXPECT_EQ(texts->entry_count(), 0u);
  EXPECT_EQ(key_->entry_count(), 0u);
  EXPECT_EQ(table_->Count(Now()), 0u);
}

TEST_F(TableTest, AnEmptiedTableGivesItsMemoryBackAndIsFilledAgainFromTheBeginning) {
  for (int round = 0; round < 3; ++round) {
    Transaction* transaction = Begin();
    std::vector<RowId> ids;
    for (int batch = 0; batch < 5; ++batch) {
      std::vector<RowId> more = Insert(transaction, std::vector<TestRow>(2000, TestRow()));
      ids.insert(ids.end(), more.begin(), more.end());
    }
    EXPECT_LT(*std::max_element(ids.begin(), ids.end()), 10240);
    manager_.Commit(transaction);
    size_t full = table_->row_bytes();
    transaction = Begin();
    EXPECT_TRUE(table_->DeleteRows(transaction, ids.data(), 10000).ok());
    manager_.Commit(transaction);
    EXPECT_LT(table_->row_bytes(), full / 2);
    EXPECT_EQ(key_->entry_count(), 0u);
  }
}

TEST_F(TableTest, BlocksThatCannotHoldAMatchAreSkipped) {
  Transaction* transaction = Begin();
  for (int32_t batch = 0; batch < 4; ++batch) {
    std::vector<TestRow> rows;
    for (int32_t i = 0; i < 2048; ++i)
      rows.push_back({batch * 2048 + i, "k" + std::to_string(batch), batch * 1.0, std::nullopt});
    Insert(transaction, rows);
  }
  manager_.Commit(transaction);
  auto rows_read = [&](uint16_t column, ZoneOp op, const Value& value) {
    std::vector<ZonePredicate> zones{{column, op, value}};
    Chunk chunk(TestTypes());
    TableScan scan;
    scan.Open(table_.get(), Now(), AllTestColumns(), zones);
    uint32_t count = 0;
    while (scan.Next(&chunk)) count += chunk.row_count();
    return count;
  };
  EXPECT_EQ(rows_read(0, ZoneOp::kEqual, Value::Integer(Type::Integer(), 3000)), 2048u);
  EXPECT_EQ(rows_read(0, ZoneOp::kLess, Value::Integer(Type::Integer(), 2048)), 2048u);
  EXPECT_EQ(rows_read(0, ZoneOp::kLessEqual, Value::Integer(Type::Integer(), 2048)), 4096u);
  EXPECT_EQ(rows_read(0, ZoneOp::kGreater, Value::Integer(Type::Integer(), 8191)), 0u);
  EXPECT_EQ(rows_read(0, ZoneOp::kGreaterEqual, Value::Integer(Type::Integer(), 6144)), 2048u);
  EXPECT_EQ(rows_read(1, ZoneOp::kEqual, Value::Text(Type::Varchar(), "k2")), 2048u);
  EXPECT_EQ(rows_read(2, ZoneOp::kGreater, Value::Double(2.5)), 2048u);
  EXPECT_EQ(rows_read(3, ZoneOp::kIsNull, Value()), 8192u);
  EXPECT_EQ(rows_read(0, ZoneOp::kIsNull, Value()), 0u);
  EXPECT_EQ(rows_read(0, ZoneOp::kEqual, Value::Null(Type::Integer())), 0u);
}

TEST_F(TableTest, CurrentLookupTellsTheStatesOfRowsApart) {
  Transaction* setup = Begin();
  std::vector<RowId> rows = Insert(setup, {Number(1), Number(2), Number(3)});
  manager_.Commit(setup);
  Transaction* transaction = Begin();
  Transaction* other = Begin();
  EXPECT_TRUE(table_->DeleteRows(other, &rows[2], 1).ok());
  manager_.Commit(other);
  other = Begin();
  EXPECT_TRUE(table_->DeleteRows(other, &rows[1], 1).ok());
  RowId own = InsertOne(transaction, Number(4));
  auto state_of = [&](int32_t number, RowId expected) {
    CurrentLookup lookup;
    lookup.Open(table_.get(), key_, transaction, TestKey(*key_, Number(number)));
    RowId row = kNoRow;
    RowState state = RowState::kAbsent;
    if (lookup.Next(&row, &state)) {
      EXPECT_EQ(row, expected);
    }
    return state;
  };
  EXPECT_EQ(state_of(1, rows[0]), RowState::kCommitted);
  EXPECT_EQ(state_of(2, rows[1]), RowState::kInFlight);
  EXPECT_EQ(state_of(3, rows[2]), RowState::kDeletedNewer);
  EXPECT_EQ(state_of(4, own), RowState::kOwn);
  EXPECT_EQ(state_of(5, kNoRow), RowState::kAbsent);
  manager_.Rollback(other);
  manager_.Rollback(transaction);
}

TEST_F(TableTest, ATableOutlivedByItsOldVersionsLeavesNothingBehind) {
  Transaction* transaction = Begin();
  RowId row = InsertOne(transaction, Number(1));
  manager_.Commit(transaction);
  auto view = OpenView();
  transaction = Begin();
  EXPECT_TRUE(SetNumbers(transaction, {row}, {2}).ok());
  manager_.Commit(transaction);
  table_.reset();
  EXPECT_GT(manager_.old_version_bytes(), 0u);
  manager_.UnregisterView(view.get());
  EXPECT_EQ(manager_.old_version_bytes(), 0u);
}

}  // namespace
}  // namespace tupelo

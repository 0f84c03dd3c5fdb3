// txn/table_test.cpp: constraints, conflicts, skipping: each behaviour by itself.
#include "txn/table.h"

#include "base/error.h"
#include "txn/table_fixture_test.h"

namespace tupelo {
namespace {

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

}  // namespace
}  // namespace tupelo

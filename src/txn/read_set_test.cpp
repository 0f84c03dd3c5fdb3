// txn/read_set_test.cpp: what a serializable transaction has read, and what of it others change.
#include "txn/read_set.h"

#include <functional>
#include <memory>

#include "txn/conflict.h"
#include "txn/table_fixture_test.h"
#include "txn/undo.h"

namespace tupelo {
namespace {

class ReadSetTest : public TableTest {
 protected:
  ReadSetTest() {
    Transaction* setup = Begin();
    std::vector<TestRow> rows;
    for (int32_t i = 0; i < 100; ++i) rows.push_back(Number(10 * i));
    ids_ = Insert(setup, rows);
    manager_.Commit(setup);
  }

  std::string Key(int32_t number) {
    Vector value(Type::Integer());
    value.PrepareWrite(1);
    value.MutableData<int32_t>()[0] = number;
    KeyBuffer key;
    AppendKeyColumn(key_->key_columns()[0], value, 0, &key);
    return std::string(key.view());
  }

  // Whether a transaction that reads so, and writes something, can commit after another has
  // changed something.
  bool Commits(const std::function<void(ReadSet*)>& read,
               const std::function<void(Transaction*)>& change) {
    Transaction* reader = manager_.Begin(IsolationLevel::kSerializable, true);
    manager_.TakeSnapshot(reader);
    manager_.NextStatement(reader);
    read(reader->reads());
    Transaction* writer = Begin();
    change(writer);
    manager_.Commit(writer);
    InsertOne(reader, Number(next_++));
    checks_.Clear();
    try {
      manager_.Commit(reader);
      return true;
    } catch (const ConflictError& error) {
      EXPECT_TRUE(error.blockers().empty());
      EXPECT_EQ(error.sqlstate(), "40001");
      manager_.Rollback(reader);
      return false;
    }
  }
  std::function<void(ReadSet*)> ReadsKey(int32_t number, uint64_t columns = 1) {
    return [=, this](ReadSet* reads) { reads->AddKey(table_.get(), key_, Key(number), columns); };
  }
  std::function<void(Transaction*)> Sets(size_t row, int32_t number) {
    return [=, this](Transaction* writer) {
      EXPECT_TRUE(SetNumbers(writer, {ids_[row]}, {number}).ok());
    };
  }
  std::function<void(Transaction*)> Inserts(int32_t number) {
    return [=, this](Transaction* writer) { InsertOne(writer, Number(number)); };
  }
  std::function<void(Transaction*)> Deletes(size_t row) {
    return [=, this](Transaction* writer) {
      EXPECT_TRUE(table_->DeleteRows(writer, &ids_[row], 1).ok());
    };
  }

  std::vector<RowId> ids_;
  int32_t next_ = 1'000'000;
};

TEST_F(ReadSetTest, AKeyGuardsItsRowAndItsAbsence) {
  EXPECT_TRUE(Commits(ReadsKey(50), Sets(6, 61)));
  EXPECT_FALSE(Commits(ReadsKey(50), Sets(5, 51)));  // as it was
  EXPECT_FALSE(Commits(ReadsKey(52), Sets(5, 52)));  // as it is
  EXPECT_FALSE(Commits(ReadsKey(77), Inserts(77)));
  EXPECT_TRUE(Commits(ReadsKey(78), Inserts(79)));
  EXPECT_FALSE(Commits(ReadsKey(80), Deletes(8)));
  EXPECT_TRUE(Commits(ReadsKey(80), Deletes(9)));
}

TEST_F(ReadSetTest, ColumnsThatWereNotReadDoNotMatter) {
  auto rename = [this](Transaction* writer) { SetText(writer, ids_[5], "other"); };
  EXPECT_TRUE(Commits(ReadsKey(50, ColumnBit(0)), rename));
  EXPECT_FALSE(Commits(ReadsKey(50, ColumnBit(0) | ColumnBit(1)), rename));
  auto all = [this](ReadSet* reads) { reads->AddTable(table_.get(), ColumnBit(0)); };
  EXPECT_TRUE(Commits(all, rename));
  EXPECT_FALSE(Commits(all, Sets(5, 55)));
}

// All rows were read, but of columns that others may leave alone.
TEST_F(ReadSetTest, WhatIsReadByKeyAfterAllRowsCountsToo) {
  const std::string low = Key(300), high = Key(400);
  auto all_and_key = [this](ReadSet* reads) {
    reads->AddTable(table_.get(), ColumnBit(1));
    reads->AddKey(table_.get(), key_, Key(50), 0);
  };
  auto all_and_range = [&](ReadSet* reads) {
    reads->AddTable(table_.get(), ColumnBit(1));
    reads
        ->AddRange(table_.get(), key_, KeyBound::At(low, true), KeyBound::At(high, false), false, 0)
        ->Finish();
  };
  EXPECT_TRUE(Commits(all_and_key, Sets(6, 61)));
  EXPECT_FALSE(Commits(all_and_key, Sets(5, 51)));
  EXPECT_TRUE(Commits(all_and_range, Sets(29, 291)));
  EXPECT_FALSE(Commits(all_and_range, Sets(29, 301)));
  EXPECT_FALSE(Commits(all_and_range, Sets(31, 500'001)));
}

// Too many keys become a range: up to the end of all that begins with one of them.
TEST_F(ReadSetTest, TheRangeOfManyKeysEndsBehindTheLastBeginning) {
  const std::string beginning = Key(768).substr(0, Key(768).size() - 1);  // of 768 to 1,023
  auto read = [&](bool has_beginning) {
    return [&, has_beginning](ReadSet* reads) {
      if (has_beginning) reads->AddKey(table_.get(), key_, beginning, 1);
      for (int32_t i = 0; i <= 1001; ++i) reads->AddKey(table_.get(), key_, Key(i), 1);
    };
  };
  EXPECT_FALSE(Commits(read(true), Inserts(1003)));
  EXPECT_TRUE(Commits(read(true), Inserts(1030)));
  EXPECT_TRUE(Commits(read(false), Inserts(1005)));
}

TEST_F(ReadSetTest, ACountGuardsWhetherThereAreRows) {
  auto count = [this](ReadSet* reads) { reads->AddTable(table_.get(), 0); };
  EXPECT_TRUE(Commits(count, Sets(5, 55)));
  EXPECT_FALSE(Commits(count, Inserts(56)));
  EXPECT_FALSE(Commits(count, Deletes(7)));
}

TEST_F(ReadSetTest, ARangeGuardsWhatWasReadOfIt) {
  const std::string low = Key(100), high = Key(200);
  auto reads_to = [&](int32_t end, bool descending) {
    return [&, end, descending](ReadSet* reads) {
      ReadRange* range = reads->AddRange(table_.get(), key_, KeyBound::At(low, true),
                                         KeyBound::At(high, false), descending, ColumnBit(0));
      if (end != 0) range->Reach(Key(end));
      if (end == 0) range->Finish();
    };
  };
  EXPECT_FALSE(Commits(reads_to(0, false), Inserts(101)));
  EXPECT_FALSE(Commits(reads_to(0, false), Inserts(199)));
  EXPECT_TRUE(Commits(reads_to(0, false), Inserts(99)));
  EXPECT_TRUE(Commits(reads_to(0, false), Inserts(201)));
  EXPECT_TRUE(Commits(reads_to(0, false), Sets(20, 202)));  // 200 itself is left out
  EXPECT_FALSE(Commits(reads_to(150, false), Inserts(149)));
  EXPECT_FALSE(Commits(reads_to(150, false), Sets(15, 500'000)));
  EXPECT_TRUE(Commits(reads_to(150, false), Inserts(151)));
  EXPECT_FALSE(Commits(reads_to(140, true), Inserts(152)));
  EXPECT_TRUE(Commits(reads_to(140, true), Inserts(139)));
  auto not_begun = [&](ReadSet* reads) {
    reads->AddRange(table_.get(), key_, KeyBound::None(), KeyBound::None(), false, 1);
  };
  EXPECT_TRUE(Commits(not_begun, Inserts(3)));
}

TEST_F(ReadSetTest, BoundsOfAScanGuardTheRowsThatMayFulfilThem) {
  std::vector<ZonePredicate> zones{{0, ZoneOp::kGreaterEqual, Value::Integer(Type::Integer(), 300)},
                                   {0, ZoneOp::kLessEqual, Value::Integer(Type::Integer(), 400)}};
  auto scan = [&](ReadSet* reads) { reads->AddZones(table_.get(), zones, ColumnBit(0)); };
  EXPECT_FALSE(Commits(scan, Inserts(301)));
  EXPECT_FALSE(Commits(scan, Sets(35, 350'000)));
  EXPECT_TRUE(Commits(scan, Inserts(299)));
  EXPECT_TRUE(Commits(scan, Inserts(401)));
  zones = {{1, ZoneOp::kIsNull, Value::Null(Type::Varchar())}};
  EXPECT_FALSE(Commits(scan, Inserts(302)));  // its text is null
  zones = {{1, ZoneOp::kIsNotNull, Value::Null(Type::Varchar())}};
  EXPECT_TRUE(Commits(scan, Inserts(303)));
  zones = {{0, ZoneOp::kEqual, Value::Null(Type::Integer())}};
  EXPECT_TRUE(Commits(scan, Inserts(304)));  // no row is equal to null
}

TEST_F(ReadSetTest, ManyKeysBecomeARangeAndThenTheTable) {
  auto many = [this](ReadSet* reads) {
    for (int32_t i = 0; i < 3000; ++i) {
      reads->AddKey(table_.get(), key_, Key(10'000 + i * 7919 % 3000 * 2), ColumnBit(0));
    }
  };
  EXPECT_FALSE(Commits(many, Inserts(10'000)));
  EXPECT_FALSE(Commits(many, Inserts(12'001)));  // between two of them
  EXPECT_TRUE(Commits(many, Inserts(9'999)));
  EXPECT_TRUE(Commits(many, Inserts(16'000)));
  auto ranges = [this](ReadSet* reads) {
    for (int32_t i = 0; i < 1500; ++i) {
      const std::string low = Key(20'000 + 10 * i), high = Key(20'005 + 10 * i);
      ReadRange* range = reads->AddRange(table_.get(), key_, KeyBound::At(low, true),
                                         KeyBound::At(high, true), false, ColumnBit(0));
      if (range != nullptr) range->Finish();
    }
  };
  EXPECT_FALSE(Commits(ranges, Inserts(20'003)));
  EXPECT_FALSE(Commits(ranges, Sets(3, 31)));
}

TEST_F(ReadSetTest, WhoHasChangedNothingCommits) {
  Transaction* reader = manager_.Begin(IsolationLevel::kSerializable, true);
  manager_.TakeSnapshot(reader);
  reader->reads()->AddTable(table_.get(), ~uint64_t{0});
  Transaction* writer = Begin();
  InsertOne(writer, Number(1));
  manager_.Commit(writer);
  manager_.Commit(reader);
}

TEST_F(ReadSetTest, OtherTransactionsNoteNothing) {
  Transaction* repeatable = manager_.Begin(IsolationLevel::kRepeatableRead, true);
  EXPECT_EQ(repeatable->reads(), nullptr);
  manager_.Rollback(repeatable);
  Transaction* alone = manager_.Begin(IsolationLevel::kSerializable, false);
  EXPECT_EQ(alone->reads(), nullptr);
  manager_.Rollback(alone);
}

TEST_F(ReadSetTest, ATableThatGoesIsForgotten) {
  Transaction* reader = manager_.Begin(IsolationLevel::kSerializable, true);
  manager_.TakeSnapshot(reader);
  {
    Table gone(&manager_, TestTypes());
    reader->reads()->AddTable(&gone, 1);
    reader->reads()->AddKey(table_.get(), key_, Key(5), 1);
  }
  Transaction* writer = Begin();
  InsertOne(writer, Number(6));
  manager_.Commit(writer);
  manager_.NextStatement(reader);
  InsertOne(reader, Number(7));
  manager_.Commit(reader);
}

using RowLocksTest = ReadSetTest;

TEST_F(RowLocksTest, LocksExcludeChangesAndOtherLocks) {
  Transaction *a = Begin(), *b = Begin(), *c = Begin();
  EXPECT_TRUE(table_->TryLockRow(a, ids_[0], RowLockMode::kShare));
  EXPECT_TRUE(table_->TryLockRow(b, ids_[0], RowLockMode::kShare));
  EXPECT_FALSE(table_->TryLockRow(c, ids_[0], RowLockMode::kUpdate));
  EXPECT_FALSE(table_->TryLockRow(a, ids_[0], RowLockMode::kUpdate));  // b shares it
  EXPECT_FALSE(SetNumbers(c, {ids_[0]}, {5}).ok());
  EXPECT_EQ(table_->BlockersOf(c, ids_[0]).size(), 2u);
  manager_.Commit(b);
  EXPECT_TRUE(table_->TryLockRow(a, ids_[0], RowLockMode::kUpdate));
  EXPECT_FALSE(table_->TryLockRow(c, ids_[0], RowLockMode::kShare));
  EXPECT_TRUE(SetNumbers(c, {ids_[1]}, {5}).ok());
  EXPECT_FALSE(manager_.LockForDefinition(c, table_.get()));
  manager_.Rollback(a);
  EXPECT_TRUE(manager_.row_locks().is_empty());
  EXPECT_TRUE(SetNumbers(c, {ids_[0]}, {6}).ok());
  manager_.Commit(c);
}

TEST_F(RowLocksTest, AnUndoGivesBackWhatWasLockedSince) {
  Transaction *a = Begin(), *b = Begin();
  EXPECT_TRUE(table_->TryLockRow(a, ids_[0], RowLockMode::kShare));
  const UndoMark mark = manager_.Mark(a);
  EXPECT_TRUE(table_->TryLockRow(a, ids_[0], RowLockMode::kUpdate));
  EXPECT_TRUE(table_->TryLockRow(a, ids_[1], RowLockMode::kUpdate));
  EXPECT_FALSE(table_->TryLockRow(b, ids_[0], RowLockMode::kShare));
  manager_.RollbackTo(a, mark);
  EXPECT_TRUE(table_->TryLockRow(b, ids_[0], RowLockMode::kShare));
  EXPECT_TRUE(table_->TryLockRow(b, ids_[1], RowLockMode::kUpdate));
  manager_.Commit(a);
  manager_.Commit(b);
  EXPECT_TRUE(manager_.row_locks().is_empty());
}

TEST_F(RowLocksTest, ARowThatOthersHaveChangedIsNotLocked) {
  Transaction *old = Begin(), *writer = Begin();
  EXPECT_TRUE(SetNumbers(writer, {ids_[0]}, {5}).ok());
  EXPECT_FALSE(table_->TryLockRow(old, ids_[0], RowLockMode::kShare));
  manager_.Commit(writer);
  EXPECT_FALSE(table_->TryLockRow(old, ids_[0], RowLockMode::kShare));
  EXPECT_TRUE(table_->BlockersOf(old, ids_[0]).empty());
  manager_.RenewSnapshot(old);
  EXPECT_TRUE(table_->TryLockRow(old, ids_[0], RowLockMode::kShare));
  manager_.Rollback(old);
}

}  // namespace
}  // namespace tupelo

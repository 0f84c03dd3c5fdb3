// txn/version_limit_test.cpp: who holds back more than may be, and what becomes of it.
#include "txn/table_fixture_test.h"
#include "txn/undo.h"

namespace tupelo {
namespace {

class VersionLimitTest : public TableTest {
 protected:
  static constexpr size_t kVersionBytes = sizeof(UndoRecord) + sizeof(UndoValue);

  VersionLimitTest() {
    Transaction* transaction = Begin();
    row_ = InsertOne(transaction, Number(0));
    manager_.Commit(transaction);
  }
  Transaction* BeginAs(SnapshotOwner* owner) {
    Transaction* transaction = manager_.Begin(IsolationLevel::kRepeatableRead, false, owner);
    manager_.TakeSnapshot(transaction);
    manager_.NextStatement(transaction);
    return transaction;
  }
  void Register(ReadView* view, const SnapshotOwner* owner, ViewUse use = ViewUse::kResult) {
    *view = Now();
    manager_.RegisterView(view, use, owner);
  }
  // One old version each, in a transaction of its own.
  void Update(int times) {
    for (int i = 0; i < times; ++i) {
      Transaction* transaction = Begin();
      EXPECT_TRUE(SetNumbers(transaction, {row_}, {++number_}).ok());
      checks_.Clear();
      manager_.Commit(transaction);
    }
  }

  SnapshotOwner owner_;
  RowId row_ = kNoRow;
  int32_t number_ = 0;
};

TEST_F(VersionLimitTest, WithoutALimitNothingIsLost) {
  Transaction* reader = BeginAs(&owner_);
  Update(1000);
  EXPECT_FALSE(reader->has_lost_snapshot());
  EXPECT_EQ(manager_.old_version_count(), 1000u);
  EXPECT_EQ(ScanAll(*table_, reader->View()), (TestRows{{row_, Number(0)}}));
  manager_.Rollback(reader);
  EXPECT_EQ(manager_.old_version_count(), 0u);
}

TEST_F(VersionLimitTest, TransactionsAndResultsThatHoldBackMoreLoseTheirSnapshots) {
  manager_.SetVersionLimit(3 * kVersionBytes);
  Transaction* reader = BeginAs(&owner_);
  ReadView result;
  Register(&result, &owner_);
  Update(3);
  EXPECT_FALSE(reader->has_lost_snapshot());
  EXPECT_FALSE(result.is_lost());
  EXPECT_EQ(manager_.old_version_count(), 3u);
  Update(1);
  EXPECT_TRUE(reader->has_lost_snapshot());
  EXPECT_TRUE(result.is_lost());
  EXPECT_EQ(manager_.old_version_count(), 0u);
  EXPECT_TRUE(manager_.SnapshotHolders().empty());
  manager_.UnregisterView(&result);
  manager_.Rollback(reader);
}

TEST_F(VersionLimitTest, YoungerSnapshotsStay) {
  manager_.SetVersionLimit(3 * kVersionBytes);
  ReadView old, young;
  Register(&old, &owner_);
  Update(2);
  Register(&young, &owner_);
  Update(3);
  EXPECT_TRUE(old.is_lost());
  EXPECT_FALSE(young.is_lost());
  EXPECT_EQ(manager_.old_version_count(), 3u);
  EXPECT_EQ(ScanAll(*table_, young), (TestRows{{row_, Number(2)}}));
  for (int round = 0; round < 100; ++round) {
    Update(1);
    EXPECT_LE(manager_.old_version_bytes(), 3 * kVersionBytes);
  }
  EXPECT_TRUE(young.is_lost());
  manager_.UnregisterView(&old);
  manager_.UnregisterView(&young);
}

TEST_F(VersionLimitTest, ALimitThatIsSetLaterCountsWhatWaits) {
  ReadView old, young;
  Register(&old, &owner_);
  Update(5);
  Register(&young, &owner_);
  Update(2);
  manager_.SetVersionLimit(4 * kVersionBytes);
  EXPECT_TRUE(old.is_lost());
  EXPECT_FALSE(young.is_lost());
  EXPECT_EQ(manager_.old_version_count(), 2u);
  manager_.SetVersionLimit(0);
  Update(10);
  EXPECT_FALSE(young.is_lost());
  manager_.UnregisterView(&old);
  manager_.UnregisterView(&young);
  EXPECT_EQ(manager_.old_version_count(), 0u);
}

TEST_F(VersionLimitTest, WhatRunsLosesNothing) {
  manager_.SetVersionLimit(kVersionBytes);
  ReadView result;
  Register(&result, &owner_);
  owner_.running = 1;
  Update(5);
  EXPECT_FALSE(result.is_lost());
  EXPECT_EQ(ScanAll(*table_, result), (TestRows{{row_, Number(0)}}));
  owner_.running = 0;
  Update(1);
  EXPECT_TRUE(result.is_lost());
  EXPECT_EQ(manager_.old_version_count(), 0u);
  manager_.UnregisterView(&result);
}

TEST_F(VersionLimitTest, CopiesOfTheDatabaseStayAndSoDoesWhatIsYoungerThanThey) {
  manager_.SetVersionLimit(kVersionBytes);
  ReadView old, backup, young;
  Register(&old, &owner_);
  Update(1);
  Register(&backup, &owner_, ViewUse::kBackup);
  Update(1);
  Register(&young, &owner_);
  Update(5);
  EXPECT_TRUE(old.is_lost());
  EXPECT_FALSE(backup.is_lost());
  EXPECT_FALSE(young.is_lost());
  EXPECT_EQ(ScanAll(*table_, backup), (TestRows{{row_, Number(1)}}));
  manager_.UnregisterView(&backup);
  Update(1);
  EXPECT_TRUE(young.is_lost());
  manager_.UnregisterView(&old);
  manager_.UnregisterView(&young);
}

TEST_F(VersionLimitTest, ATransactionThatHasLostItsSnapshotCanBeUndone) {
  Transaction* setup = Begin();
  RowId mine = InsertOne(setup, Number(1000));
  manager_.Commit(setup);
  manager_.SetVersionLimit(kVersionBytes);
  Transaction* writer = BeginAs(&owner_);
  EXPECT_TRUE(SetNumbers(writer, {mine}, {2000}).ok());
  RowId inserted = InsertOne(writer, Number(3000));
  checks_.Clear();
  Update(5);
  EXPECT_TRUE(writer->has_lost_snapshot());
  EXPECT_EQ(manager_.old_version_count(), 2u);
  manager_.Rollback(writer);
  EXPECT_EQ(manager_.old_version_count(), 0u);
  EXPECT_NE(inserted, mine);
  TestRows expected{{row_, Number(5)}, {mine, Number(1000)}};
  EXPECT_EQ(ScanAll(*table_, Now()), expected);
  EXPECT_EQ(ScanIndex(*table_, *key_, Now(), KeyBound::None(), KeyBound::None(), false), expected);
}

TEST_F(VersionLimitTest, ANewSnapshotIsAsGoodAsAny) {
  manager_.SetVersionLimit(kVersionBytes);
  Transaction* reader = BeginAs(&owner_);
  Update(3);
  EXPECT_TRUE(reader->has_lost_snapshot());
  manager_.RenewSnapshot(reader);
  EXPECT_FALSE(reader->has_lost_snapshot());
  Update(1);
  EXPECT_EQ(ScanAll(*table_, reader->View()), (TestRows{{row_, Number(3)}}));
  manager_.Rollback(reader);
}

}  // namespace
}  // namespace tupelo

// txn/versions_test.cpp: what old readers keep, and that its memory comes back with the last of
// them.
#include <algorithm>
#include <memory>

#include "txn/table_fixture_test.h"

namespace tupelo {
namespace {

using VersionsTest = TableTest;

TEST_F(VersionsTest, AnOpenViewKeepsOldVersionsAndTheirMemoryComesBackWithIt) {
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

TEST_F(VersionsTest, AKeyThatChangesAndComesBackKeepsItsEntry) {
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

TEST_F(VersionsTest, AViewOfATransactionStaysAsItWasAfterLaterStatementsAndCommit) {
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

TEST_F(VersionsTest, WhatAScanLentStaysAsItWasWhateverIsWritten) {
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

TEST_F(VersionsTest, RewrittenLongStringsDoNotPileUp) {
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

TEST_F(VersionsTest, AnEmptiedTableGivesItsMemoryBackAndIsFilledAgainFromTheBeginning) {
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

TEST_F(VersionsTest, AHotRowWithOldReadersStaysFast) {
  Transaction* transaction = Begin();
  RowId row = InsertOne(transaction, Number(1));
  manager_.Commit(transaction);
  std::vector<std::unique_ptr<ReadView>> views;
  constexpr int kChanges = 40000;
  for (int i = 0; i < kChanges; ++i) {
    if (i % (kChanges / 4) == 0) views.push_back(OpenView());
    transaction = Begin();
    EXPECT_TRUE(SetText(transaction, row, std::to_string(i)).ok());
    Chunk out(TestTypes());
    PointLookup lookup;
    EXPECT_TRUE(lookup.Find(table_.get(), key_, transaction->View(), TestKey(*key_, Number(1)),
                            AllTestColumns(), &out, nullptr));
    manager_.Commit(transaction);
  }
  for (size_t i = 0; i < views.size(); ++i) {
    TestRows rows = ScanAll(*table_, *views[i]);
    if (i > 0) {
      EXPECT_EQ(rows[row].text, std::to_string(kChanges / 4 * static_cast<int>(i) - 1));
    }
    manager_.UnregisterView(views[i].get());
  }
  EXPECT_EQ(manager_.old_version_count(), 0u);
}

TEST_F(VersionsTest, ATableOutlivedByItsOldVersionsLeavesNothingBehind) {
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

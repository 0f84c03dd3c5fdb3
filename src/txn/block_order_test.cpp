// txn/block_order_test.cpp: scans for the least and greatest values, where bounds are wider than
// the values.
#include <algorithm>
#include <optional>

#include "txn/table_fixture_test.h"

namespace tupelo {
namespace {

constexpr int32_t kBlocks = 8;

class BlockOrderTest : public TableTest {
 protected:
  // Numbers 0 and up, in blocks that each have a range of their own.
  BlockOrderTest() {
    Transaction* transaction = Begin();
    for (int32_t block = 0; block < kBlocks; ++block) {
      std::vector<TestRow> rows;
      for (uint32_t i = 0; i < kVectorSize; ++i) rows.push_back(Number(NumberAt(block, i)));
      std::vector<RowId> ids = Insert(transaction, rows);
      ids_.insert(ids_.end(), ids.begin(), ids.end());
    }
    manager_.Commit(transaction);
  }
  static int32_t NumberAt(int32_t block, uint32_t i) {
    return block * static_cast<int32_t>(kVectorSize) + static_cast<int32_t>(i);
  }

  // By a scan that is told after each vector set what has been found.
  std::optional<int32_t> Extreme(const ReadView& view, bool greatest) {
    std::vector<ExtremeOfColumn> extremes{{0, greatest}};
    std::vector<uint32_t> order;
    TableScan::OrderBlocks(*table_, extremes, &order);
    std::vector<ZonePredicate> wanted{{0, ZoneOp::kIsNotNull, Value::Null(Type::Integer())}};
    Chunk chunk({Type::Integer()});
    std::vector<uint16_t> columns{0};
    TableScan scan;
    scan.Open(table_.get(), view, columns);
    scan.SetOrder(order);
    scan.SetWanted(wanted);
    std::optional<int32_t> best;
    blocks_read_ = 0;
    while (scan.Next(&chunk)) {
      ++blocks_read_;
      ForEachRow(chunk.rows(), [&](uint32_t row) {
        if (!chunk.column(0).IsValid(row)) return;
        int32_t value = chunk.column(0).Data<int32_t>()[row];
        if (!best || (greatest ? value > *best : value < *best)) best = value;
      });
      if (!best) continue;
      wanted[0].op = greatest ? ZoneOp::kGreater : ZoneOp::kLess;
      wanted[0].value = Value::Integer(Type::Integer(), *best);
    }
    return best;
  }

  std::vector<RowId> ids_;
  int blocks_read_ = 0;
};

TEST_F(BlockOrderTest, ReadsOneBlockWhereBoundsAreExact) {
  EXPECT_EQ(Extreme(Now(), true), NumberAt(kBlocks - 1, kVectorSize - 1));
  EXPECT_EQ(blocks_read_, 1);
  EXPECT_EQ(Extreme(Now(), false), 0);
  EXPECT_EQ(blocks_read_, 1);
}

TEST_F(BlockOrderTest, ReadsOnWhereTheGreatestWereDeleted) {
  auto before = OpenView();
  Transaction* transaction = Begin();
  RowId* first = ids_.data() + (kBlocks - 1) * kVectorSize + 1;
  EXPECT_TRUE(table_->DeleteRows(transaction, first, kVectorSize - 1).ok());
  EXPECT_EQ(Extreme(Now(), true), NumberAt(kBlocks - 1, kVectorSize - 1));
  EXPECT_EQ(Extreme(transaction->View(), true), NumberAt(kBlocks - 1, kVectorSize - 1));
  manager_.NextStatement(transaction);
  EXPECT_EQ(Extreme(transaction->View(), true), NumberAt(kBlocks - 1, 0));
  manager_.Commit(transaction);
  EXPECT_EQ(Extreme(Now(), true), NumberAt(kBlocks - 1, 0));
  EXPECT_EQ(Extreme(*before, true), NumberAt(kBlocks - 1, kVectorSize - 1));
  manager_.UnregisterView(before.get());
  transaction = Begin();
  EXPECT_TRUE(table_->DeleteRows(transaction, first - 1, 1).ok());
  manager_.Commit(transaction);
  EXPECT_EQ(Extreme(Now(), true), NumberAt(kBlocks - 2, kVectorSize - 1));
  EXPECT_LE(blocks_read_, 2);
}

TEST_F(BlockOrderTest, ValuesThatWereOverwrittenOrRolledBackOnlyWidenBounds) {
  const int32_t greatest = NumberAt(kBlocks - 1, kVectorSize - 1);
  auto before = OpenView();
  Transaction* transaction = Begin();
  EXPECT_TRUE(SetNumbers(transaction, {ids_[5], ids_[6]}, {greatest + 7, -7}).ok());
  EXPECT_EQ(Extreme(Now(), true), greatest);
  EXPECT_EQ(Extreme(Now(), false), 0);
  manager_.NextStatement(transaction);
  EXPECT_EQ(Extreme(transaction->View(), true), greatest + 7);
  EXPECT_EQ(Extreme(transaction->View(), false), -7);
  manager_.Rollback(transaction);
  EXPECT_EQ(Extreme(Now(), true), greatest);
  EXPECT_EQ(Extreme(Now(), false), 0);
  transaction = Begin();
  EXPECT_TRUE(SetNumbers(transaction, {ids_[0], ids_.back()}, {greatest + 1, -1}).ok());
  manager_.Commit(transaction);
  EXPECT_EQ(Extreme(Now(), true), greatest + 1);
  EXPECT_EQ(Extreme(Now(), false), -1);
  EXPECT_EQ(Extreme(*before, true), greatest);
  EXPECT_EQ(Extreme(*before, false), 0);
  manager_.UnregisterView(before.get());
}

TEST_F(BlockOrderTest, ATableOfNullsAloneIsNotReadAndAnEmptyOneHasNoExtreme) {
  Transaction* transaction = Begin();
  for (int32_t block = 0; block < kBlocks; ++block) {
    RowId* first = ids_.data() + block * static_cast<int32_t>(kVectorSize);
    EXPECT_TRUE(table_->DeleteRows(transaction, first, kVectorSize).ok());
  }
  manager_.Commit(transaction);
  EXPECT_EQ(Extreme(Now(), true), std::nullopt);
  transaction = Begin();
  InsertOne(transaction, TestRow{});
  manager_.Commit(transaction);
  EXPECT_EQ(Extreme(Now(), true), std::nullopt);
}

}  // namespace
}  // namespace tupelo

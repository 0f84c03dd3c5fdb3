// txn/column_statistics_test.cpp: what samples tell of ranges, frequent values and distinct ones.
#include "txn/column_statistics.h"

#include <gtest/gtest.h>

namespace tupelo {
namespace {

// Statistics of integers; negative ones stand for null.
ColumnStatistics StatisticsOf(const std::vector<int32_t>& values, double total) {
  Vector vector(Type::Integer());
  vector.PrepareWrite(static_cast<uint32_t>(values.size()));
  for (uint32_t i = 0; i < values.size(); ++i) {
    vector.MutableData<int32_t>()[i] = values[i];
    if (values[i] < 0) vector.SetNull(i);
  }
  ColumnSample sample;
  for (uint32_t i = 0; i < values.size(); ++i) sample.Add(vector, i);
  return sample.Finish(total);
}

TEST(ColumnStatisticsTest, RangesAreReadFromTheHistogram) {
  std::vector<int32_t> values;
  for (int32_t i = 0; i < 1000; ++i) values.push_back(i);
  ColumnStatistics statistics = StatisticsOf(values, 1000);
  EXPECT_NEAR(statistics.FractionBelow(250), 0.25, 0.02);
  EXPECT_EQ(statistics.FractionBelow(-5), 0);
  EXPECT_EQ(statistics.FractionBelow(5000), 1);
  EXPECT_NEAR(statistics.distinct, 1000, 1);
  EXPECT_EQ(statistics.FractionEqual(5000), 0);
}

TEST(ColumnStatisticsTest, AValueThatFillsBucketsIsFrequent) {
  std::vector<int32_t> values;
  for (int32_t i = 0; i < 1000; ++i) values.push_back(i < 600 ? 7 : i);
  ColumnStatistics statistics = StatisticsOf(values, 1000);
  EXPECT_NEAR(statistics.FractionEqual(7), 0.6, 0.02);
  EXPECT_LT(statistics.FractionEqual(800), 0.01);
}

TEST(ColumnStatisticsTest, NullsCountByThemselves) {
  ColumnStatistics statistics = StatisticsOf({-1, 1, 1, 2, -1, 2, 3, 3}, 8);
  EXPECT_DOUBLE_EQ(statistics.null_fraction, 0.25);
  EXPECT_NEAR(statistics.distinct, 3, 0.01);
  EXPECT_EQ(StatisticsOf({}, 0).distinct, 1);
}

TEST(ColumnStatisticsTest, SingleValuesOfASampleMakeManyOfTheWhole) {
  std::vector<int32_t> values;
  for (int32_t i = 0; i < 1000; ++i) values.push_back(i);
  EXPECT_GT(StatisticsOf(values, 100000).distinct, 90000);
  for (int32_t i = 0; i < 1000; ++i) values.push_back(i);
  EXPECT_NEAR(StatisticsOf(values, 200000).distinct, 1000, 50);
}

TEST(ColumnStatisticsTest, RunsOfOneValueAreNotTakenForUniqueValues) {
  // 100,000 rows, four of each value side by side, of which every 25th is sampled.
  Vector vector(Type::Integer());
  vector.PrepareWrite(100000);
  for (int32_t i = 0; i < 100000; ++i) vector.MutableData<int32_t>()[i] = i / 4;
  ColumnSample with_neighbors, without;
  for (uint32_t i = 0; i + 1 < 100000; i += 25) {
    with_neighbors.Add(vector, i);
    with_neighbors.AddNeighbors(vector, i, i + 1);
    without.Add(vector, i);
  }
  EXPECT_GT(without.Finish(100000).distinct, 90000);
  EXPECT_NEAR(with_neighbors.Finish(100000).distinct, 25000, 500);
}

}  // namespace
}  // namespace tupelo

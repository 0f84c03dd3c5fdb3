// exec/join_filter_test.cpp: what filters of join keys let through.
#include "exec/join_filter.h"

#include <gtest/gtest.h>
#include <random>

namespace tupelo {
namespace {

Vector Integers(const std::vector<int64_t>& values) {
  Vector vector(Type::BigInt());
  vector.PrepareWrite(static_cast<uint32_t>(values.size()));
  std::copy(values.begin(), values.end(), vector.MutableData<int64_t>());
  return vector;
}

std::vector<uint16_t> Selected(const JoinFilter& filter, const std::vector<int64_t>& values) {
  Vector vector = Integers(values);
  std::vector<uint16_t> selection(values.size());
  selection.resize(
      filter.Select(vector, Rows{nullptr, static_cast<uint32_t>(values.size())}, selection.data()));
  return selection;
}

void Fill(JoinFilter* filter, const std::vector<int64_t>& keys) {
  filter->Clear();
  Vector vector = Integers(keys);
  filter->Add(vector, Rows{nullptr, static_cast<uint32_t>(keys.size())});
  filter->Finish();
}

TEST(JoinFilterTest, KeysThatLieCloseTogetherAreFoundExactly) {
  JoinFilter filter;
  Fill(&filter, {-5, 7, 64, -5, 1000});
  EXPECT_EQ(filter.lowest(), -5);
  EXPECT_EQ(filter.highest(), 1000);
  EXPECT_EQ(Selected(filter, {-6, -5, 0, 7, 8, 64, 1000, 1001, INT64_MIN, INT64_MAX}),
            (std::vector<uint16_t>{1, 3, 5, 6}));
}

TEST(JoinFilterTest, KeysFarApartAreAllFoundAndFewOthers) {
  std::mt19937_64 random(7);
  std::vector<int64_t> keys{INT64_MIN, INT64_MAX, 0, -1}, others;
  for (int i = 0; i < 1500; ++i) keys.push_back(static_cast<int64_t>(random()));
  for (int i = 0; i < 2000; ++i) others.push_back(static_cast<int64_t>(random()));
  JoinFilter filter;
  Fill(&filter, keys);
  EXPECT_EQ(Selected(filter, keys).size(), keys.size());
  EXPECT_LT(Selected(filter, others).size(), others.size() / 20);
}

TEST(JoinFilterTest, KeysInStepsOfAPowerOfTwoDoNotFallTogether) {
  std::vector<int64_t> keys, others;
  for (int64_t i = 0; i < 1000; ++i) {
    keys.push_back(i << 40);
    others.push_back((i << 40) + (int64_t{1} << 39));
  }
  JoinFilter filter;
  Fill(&filter, keys);
  EXPECT_EQ(Selected(filter, keys).size(), keys.size());
  EXPECT_LT(Selected(filter, others).size(), others.size() / 10);
}

TEST(JoinFilterTest, NullsAreNeitherKeysNorFound) {
  Vector keys = Integers({1, 2, 3});
  keys.SetNull(1);
  JoinFilter filter;
  filter.Clear();
  filter.Add(keys, Rows{nullptr, 3});
  filter.Finish();
  uint16_t selection[3];
  EXPECT_EQ(filter.Select(keys, Rows{nullptr, 3}, selection), 2u);
  EXPECT_EQ(Selected(filter, {2}).size(), 0u);
}

TEST(JoinFilterTest, WithoutKeysNothingIsFound) {
  JoinFilter filter;
  EXPECT_FALSE(filter.is_ready());
  Fill(&filter, {});
  EXPECT_TRUE(filter.is_ready());
  EXPECT_TRUE(filter.is_empty());
  EXPECT_EQ(Selected(filter, {0, 1}).size(), 0u);
}

}  // namespace
}  // namespace tupelo

// storage/btree_test.cpp: the tree against a sorted set, by random operations.
#include "storage/btree.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "buffer/extent_pool.h"

namespace tupelo {
namespace {

using Entry = std::pair<std::string, RowId>;
using Model = std::set<Entry>;

// No key may be a prefix of another: a terminator sees to it, as in normalized keys.
std::string Terminated(std::string key) { return key + std::string(2, '\0'); }

std::vector<Entry> Collect(const BTree& tree, const std::string& low, const std::string* high,
                           bool descending) {
  BTreeCursor cursor;
  cursor.Open(&tree, low, high == nullptr ? std::string_view() : *high, high != nullptr,
              descending);
  std::vector<Entry> entries;
  while (cursor.Next()) entries.emplace_back(std::string(cursor.key()), cursor.row());
  return entries;
}

std::vector<Entry> Expected(const Model& model, const std::string& low, const std::string* high,
                            bool descending) {
  std::vector<Entry> entries;
  for (const Entry& entry : model) {
    if (entry.first >= low && (high == nullptr || entry.first < *high)) entries.push_back(entry);
  }
  if (descending) std::reverse(entries.begin(), entries.end());
  return entries;
}

bool HasNeighbour(const Model& model, const Entry& entry) {
  for (auto at = model.lower_bound({entry.first, 0}); at != model.end() && at->first == entry.first;
       ++at) {
    if (at->second != entry.second) return true;
  }
  return false;
}

// Makes the keys of one run.
using KeyMaker = std::string (*)(std::mt19937& random);

std::string ShortKey(std::mt19937& random) {
  std::string key;
  for (uint32_t i = random() % 6; i > 0; --i) key += static_cast<char>('a' + random() % 3);
  return Terminated(key);
}
std::string IntegerKey(std::mt19937& random) {
  uint32_t value = __builtin_bswap32(random() % 5000);
  return std::string(reinterpret_cast<char*>(&value), 4);
}
std::string LongKey(std::mt19937& random) {
  std::string key(random() % 990, 'x');
  if (!key.empty()) key[random() % key.size()] = static_cast<char>(1 + random() % 255);
  return Terminated(key);
}
std::string SharedPrefixKey(std::mt19937& random) {
  std::string key(random() % 2 == 0 ? 200 : 3, 'p');
  for (int i = 0; i < 8; ++i) key += static_cast<char>('0' + random() % 10);
  return Terminated(key);
}

class BTreeModel : public ::testing::TestWithParam<KeyMaker> {};

TEST_P(BTreeModel, RandomOperationsAgreeWithASortedSet) {
  ExtentPool pool;
  BTree tree(&pool);
  Model model;
  std::mt19937 random(42);
  std::vector<Entry> known;
  for (int step = 0; step < 30000; ++step) {
    bool growing = (step / 6000) % 2 == 0;
    if (known.empty() || random() % 100 < (growing ? 70u : 25u)) {
      Entry entry{GetParam()(random),
                  static_cast<RowId>(random() % (random() % 2 == 0 ? 4 : 100000))};
      bool neighbour = HasNeighbour(model, entry);
      BTree::InsertResult result = tree.Insert(entry.first, entry.second);
      EXPECT_EQ(result.inserted, model.insert(entry).second);
      EXPECT_EQ(result.equal_neighbour, neighbour);
      if (result.inserted) known.push_back(entry);
    } else {
      size_t i = random() % known.size();
      EXPECT_TRUE(tree.Erase(known[i].first, known[i].second));
      EXPECT_FALSE(tree.Erase(known[i].first, known[i].second));
      model.erase(known[i]);
      known[i] = known.back();
      known.pop_back();
    }
    if (step % 1500 == 0) {
      EXPECT_EQ(tree.Check(), model.size());
      std::string low = GetParam()(random), high = GetParam()(random);
      for (bool descending : {false, true}) {
        EXPECT_EQ(Collect(tree, "", nullptr, descending), Expected(model, "", nullptr, descending));
        EXPECT_EQ(Collect(tree, low, &high, descending), Expected(model, low, &high, descending));
        EXPECT_EQ(Collect(tree, low, nullptr, descending),
                  Expected(model, low, nullptr, descending));
        EXPECT_EQ(Collect(tree, "", &high, descending), Expected(model, "", &high, descending));
      }
    }
  }
  for (const Entry& entry : known) EXPECT_TRUE(tree.Erase(entry.first, entry.second));
  EXPECT_EQ(tree.size(), 0u);
  EXPECT_EQ(tree.node_count(), 0u);
  EXPECT_EQ(pool.used_bytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(AllKinds, BTreeModel,
                         ::testing::Values(ShortKey, IntegerKey, LongKey, SharedPrefixKey));

TEST(BTree, AscendingInsertsFillTheNodes) {
  ExtentPool pool;
  BTree tree(&pool);
  for (uint32_t i = 0; i < 20000; ++i) {
    uint32_t key = __builtin_bswap32(i);
    tree.Insert({reinterpret_cast<char*>(&key), 4}, i);
  }
  EXPECT_EQ(tree.Check(), 20000u);
  EXPECT_LT(tree.node_count(), 110u);
}

TEST(BTree, ErasingInAnyOrderFreesTheNodes) {
  for (int order = 0; order < 3; ++order) {
    ExtentPool pool;
    BTree tree(&pool);
    std::vector<uint32_t> keys;
    for (uint32_t i = 0; i < 5000; ++i) keys.push_back(__builtin_bswap32(i));
    for (uint32_t i = 0; i < 5000; ++i) tree.Insert({reinterpret_cast<char*>(&keys[i]), 4}, i);
    std::vector<uint32_t> sequence;
    for (uint32_t i = 0; i < 5000; ++i) sequence.push_back(order == 1 ? 4999 - i : i);
    if (order == 2) std::shuffle(sequence.begin(), sequence.end(), std::mt19937(1));
    for (uint32_t n = 0; n < 5000; ++n) {
      uint32_t i = sequence[n];
      ASSERT_TRUE(tree.Erase({reinterpret_cast<char*>(&keys[i]), 4}, i));
      if (n % 500 == 0) tree.Check();
      if (n == 4500) {
        EXPECT_LT(tree.node_count(), 20u);
      }
    }
    EXPECT_EQ(tree.node_count(), 0u);
  }
}

TEST(BTreeCursor, GoesOnBehindTheLastEntryWhateverHappensMeanwhile) {
  for (bool descending : {false, true}) {
    ExtentPool pool;
    BTree tree(&pool);
    Model model;
    std::mt19937 random(3);
    for (int i = 0; i < 3000; ++i) {
      Entry entry{IntegerKey(random), static_cast<RowId>(random() % 100)};
      if (model.insert(entry).second) tree.Insert(entry.first, entry.second);
    }
    BTreeCursor cursor;
    cursor.Open(&tree, "", "", false, descending);
    Entry last;
    bool any = false;
    for (;;) {
      // What a cursor that starts right behind `last` now would give.
      Entry next;
      bool has_next = false;
      if (!any) {
        next = descending ? *model.rbegin() : *model.begin();
        has_next = true;
      } else if (!descending) {
        auto at = model.upper_bound(last);
        if ((has_next = at != model.end())) next = *at;
      } else {
        auto at = model.lower_bound(last);
        if ((has_next = at != model.begin())) next = *std::prev(at);
      }
      ASSERT_EQ(cursor.Next(), has_next);
      if (!has_next) break;
      last = {std::string(cursor.key()), cursor.row()};
      ASSERT_EQ(last, next);
      any = true;
      if (random() % 4 == 0) continue;
      cursor.Pause();
      for (uint32_t i = random() % 6; i > 0; --i) {
        Entry entry{IntegerKey(random), static_cast<RowId>(random() % 100)};
        if (random() % 3 == 0) {
          if (model.insert(entry).second) tree.Insert(entry.first, entry.second);
        } else if (auto at = model.lower_bound(entry); at != model.end()) {
          tree.Erase(at->first, at->second);
          model.erase(at);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tupelo

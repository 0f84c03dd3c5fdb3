// storage/btree_stored_test.cpp: trees that are written, opened and read on demand hold what a
// sorted set does.
#include "storage/btree_stored.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "buffer/extent_pool.h"
#include "storage/btree.h"

namespace tupelo {
namespace {

using Entry = std::pair<std::string, RowId>;
using Model = std::set<Entry>;

std::string KeyOf(std::mt19937& random, int kind) {
  if (kind == 0) {
    uint32_t value = __builtin_bswap32(random() % 60'000);
    return std::string(reinterpret_cast<char*>(&value), 4);
  }
  return std::string(random() % 300, 'x') + std::to_string(random() % 5000) + std::string(2, '\0');
}

// Nodes by their addresses.
class Nodes : public BTreeSource {
 public:
  ExtentAddress Write(std::span<const uint8_t> payload) {
    const size_t bytes = payload.size() + kExtentHeaderBytes;
    ExtentAddress address{++last_, static_cast<uint32_t>((bytes + kPageBytes - 1) / kPageBytes)};
    nodes_[last_].assign(payload.begin(), payload.end());
    return address;
  }
  void Free(const ExtentAddress& address) { EXPECT_EQ(nodes_.erase(address.first_page), 1u); }
  void ReadLeaf(const ExtentAddress& address, EntryList* entries) override {
    ++reads;
    if (address.first_page == fails_at) throw Error(ErrorCode::kDataCorrupted, "damaged");
    DecodeLeaf(nodes_.at(address.first_page), entries);
  }
  void ReadInner(const ExtentAddress& address, EntryList* separators,
                 std::vector<ExtentAddress>* children) override {
    DecodeInner(nodes_.at(address.first_page), separators, children);
  }
  void ThrowDamagedLeaf(const ExtentAddress&, const char* what) override {
    throw Error(ErrorCode::kDataCorrupted, what);
  }
  size_t size() const { return nodes_.size(); }

  uint64_t reads = 0;
  uint64_t fails_at = 0;

 private:
  uint64_t last_ = 0;
  std::map<uint64_t, std::vector<uint8_t>> nodes_;
};

struct StoredTreeTest : ::testing::TestWithParam<int> {
  StoredTreeTest() : tree(std::make_unique<BTree>(&pool)) {}
  ~StoredTreeTest() override { tree.reset(); }

  void Change(int steps) {
    for (int i = 0; i < steps; ++i) {
      std::string key = KeyOf(random, GetParam());
      if (random() % 3 == 0 && !model.empty()) {
        auto at = model.lower_bound({key, 0});
        if (at == model.end()) at = model.begin();
        tree->Erase(at->first, at->second);
        model.erase(at);
      } else {
        RowId row = random() % 4;
        bool is_new = model.emplace(key, row).second;
        ASSERT_EQ(tree->Insert(key, row).inserted, is_new);
      }
    }
  }
  // `beside`: what is called between two steps.
  template <typename Beside>
  void Write(const KeepsEntry& keeps, Beside beside) {
    if (!joins && tree->IsAsStored()) return;
    BTreeWriting writing;
    writing.joins = joins;
    while (!writing.is_done) {
      tree->WriteSome(
          &nodes, keeps, [&](auto payload) { return nodes.Write(payload); }, &writing);
      beside();
    }
    for (const ExtentAddress& leaf : tree->TakeUnneeded()) nodes.Free(leaf);
    if (root.level == 1) nodes.Free(root.node);
    root = {};
    if (writing.leaves.size() == 1) root.node = writing.leaves[0];
    if (writing.leaves.size() > 1) {
      std::vector<uint8_t> payload;
      EncodeInner(writing.separators, writing.leaves, &payload);
      root = {nodes.Write(payload), 1};
    }
    leaves = writing.leaves.size();
  }
  // As a checkpoint that fails.
  void WriteSomeSteps(int steps) {
    BTreeWriting writing;
    writing.joins = joins;
    for (int i = 0; i < steps && !writing.is_done; ++i) {
      tree->WriteSome(
          &nodes, [](std::string_view) { return true; },
          [&](auto payload) { return nodes.Write(payload); }, &writing);
    }
  }
  void WriteAll() {
    Write([](std::string_view) { return true; }, [] {});
  }
  void Reopen() {
    tree = std::make_unique<BTree>(&pool);
    tree->Attach(&nodes, root, model.size());
  }
  void Compare(bool descending) {
    BTreeCursor cursor;
    cursor.Open(tree.get(), {}, {}, false, descending);
    Model found;
    while (cursor.Next()) found.emplace(std::string(cursor.key()), cursor.row());
    ASSERT_EQ(found, model);
    EXPECT_EQ(tree->Check(), model.size());
  }

  std::mt19937 random{7};
  ExtentPool pool;
  Nodes nodes;
  std::unique_ptr<BTree> tree;
  Model model;
  StoredTreeRoot root;
  size_t leaves = 0;
  bool joins = false;
};

// Leaf by leaf, those that are in memory, changed or not, and those that are not.
TEST_P(StoredTreeTest, ListsWhatIsInTheFileWithoutTakingItIn) {
  Change(40'000);
  WriteAll();
  Reopen();
  Change(30);
  std::string from;
  EntryList entries;
  tree->ListLeaf(&from, &entries);  // the inner nodes are read
  size_t before = tree->node_count();
  from.clear();
  std::vector<std::string> listed, expected;
  for (bool is_more = true; is_more;) {
    is_more = tree->ListLeaf(&from, &entries);
    for (size_t i = 0; i < entries.size(); ++i) listed.emplace_back(entries[i]);
  }
  EXPECT_EQ(tree->node_count(), before);
  EXPECT_TRUE(std::ranges::is_sorted(listed));
  for (const auto& [key, row] : model) {
    expected.push_back(key);
    for (int shift = 40; shift >= 0; shift -= 8) {
      expected.back().push_back(static_cast<char>(row >> shift));
    }
  }
  EXPECT_EQ(listed, expected);
}

TEST_P(StoredTreeTest, HoldsWhatASortedSetHolds) {
  Change(40'000);
  for (int round = 0; round < 30; ++round) {
    WriteAll();
    EXPECT_EQ(nodes.size(), leaves + root.level);
    if (round % 3 != 0) Reopen();
    if (round % 4 == 0) Compare(round % 8 == 0);
    Change(round % 5 == 0 ? 3000 : 20);
    // Nearly all goes, or one key more.
    if (round % 10 == 9) {
      while (model.size() > 50) {
        tree->Erase(model.begin()->first, model.begin()->second);
        model.erase(model.begin());
      }
    }
  }
  Compare(false);
  Compare(true);
}

// The only leaf is the root: what was erased of it does not come again.
TEST_P(StoredTreeTest, AllOfTheOnlyLeafMayBeErasedBeforeItIsRead) {
  for (int count : {1, 2, 5}) {
    Change(count);
    WriteAll();
    Reopen();
    for (const auto& [key, row] : Model(model)) tree->Erase(key, row);
    model.clear();
    Change(count);
    Compare(false);
    WriteAll();
    Reopen();
    Compare(true);
  }
}

TEST_P(StoredTreeTest, OnlyWhatHasChangedIsWrittenAndOnlyWhatIsWantedIsRead) {
  Change(60'000);
  WriteAll();
  ASSERT_GE(leaves, 3u);
  Reopen();
  BTree::Match match;
  ASSERT_TRUE(tree->FirstMatch(model.begin()->first, &match));
  EXPECT_LE(nodes.reads, 2u);
  tree->Erase(model.rbegin()->first, model.rbegin()->second);
  model.erase(std::prev(model.end()));
  EXPECT_LE(nodes.reads, 2u);
  uint64_t written = 0;
  BTreeWriting writing;
  while (!writing.is_done) {
    tree->WriteSome(
        &nodes, [](std::string_view) { return true; },
        [&](auto payload) {
          ++written;
          return nodes.Write(payload);
        },
        &writing);
  }
  EXPECT_LE(written, 2u);
  Compare(true);
}

TEST_P(StoredTreeTest, WhatIsWrittenBesideOthersIsTheTreeAtOneMoment) {
  Change(30'000);
  WriteAll();
  for (int round = 0; round < 10; ++round) {
    Reopen();
    Change(500);
    Model at_first = model;
    std::set<std::string> there;
    auto entry_of = [](const Entry& entry) {
      std::string bytes = entry.first;
      for (int shift = 40; shift >= 0; shift -= 8) {
        bytes += static_cast<char>(entry.second >> shift);
      }
      return bytes;
    };
    for (const Entry& entry : at_first) there.insert(entry_of(entry));
    // Entries that readers of that moment need stay in the tree until then.
    std::vector<Entry> late;
    joins = round % 3 == 1;
    Write([&](std::string_view entry) { return there.contains(std::string(entry)); },
          [&] {
            for (int i = 0; i < 40; ++i) {
              Entry entry{KeyOf(random, GetParam()), 1000 + static_cast<RowId>(random() % 4)};
              if (!tree->Insert(entry.first, entry.second).inserted) continue;
              if (random() % 2 == 0) {
                late.push_back(entry);
              } else {
                tree->Erase(entry.first, entry.second);
              }
            }
          });
    model = at_first;
    Reopen();
    Compare(round % 2 == 0);
  }
}

TEST_P(StoredTreeTest, LeavesThatAreHalfEmptyAreJoined) {
  Change(60'000);
  WriteAll();
  const size_t before = leaves;
  for (auto at = model.begin(); at != model.end();) {
    if (random() % 5 == 0) {
      ++at;
      continue;
    }
    tree->Erase(at->first, at->second);
    at = model.erase(at);
  }
  // What has changed is written together with its neighbours; what was not read stays sparse.
  for (bool reopens : {false, true}) {
    if (reopens) {
      Reopen();
      joins = true;
      WriteSomeSteps(7);
      joins = false;
      Change(300);
      WriteSomeSteps(9);
      joins = true;
    }
    WriteAll();
    EXPECT_LE(leaves, before / 3);
    Compare(reopens);
    Reopen();
    Compare(!reopens);
  }
}

TEST_P(StoredTreeTest, SparseLeavesThatWereNotReadAreJoined) {
  Change(300'000);
  WriteAll();
  // Every second part of the keys, then the others: leaves whose neighbours have not changed are
  // written alone.
  const size_t part_size = model.size() / leaves;
  std::vector<std::vector<Entry>> parts;
  for (const Entry& entry : model) {
    if (parts.empty() || parts.back().size() == part_size) parts.emplace_back();
    parts.back().push_back(entry);
  }
  for (size_t first : {0, 1}) {
    for (size_t part = first; part < parts.size(); part += 2) {
      for (const Entry& entry : parts[part]) {
        if (random() % 10 < 3) continue;
        tree->Erase(entry.first, entry.second);
        model.erase(entry);
      }
      WriteAll();
      Reopen();
    }
  }
  WriteAll();
  Reopen();
  const size_t sparse = leaves;
  joins = true;
  WriteAll();
  EXPECT_LE(leaves, sparse);
  EXPECT_GE(2 * model.size() / leaves, part_size);  // as full as at first, or half as much
  Reopen();
  Compare(false);
}

TEST_P(StoredTreeTest, ADamagedLeafFailsWhatReadsItAndNothingElse) {
  Change(60'000);
  WriteAll();
  Reopen();
  nodes.fails_at = 1;  // one of the first ones that were written
  uint64_t failed = 0, found = 0;
  for (const Entry& entry : model) {
    BTree::Match match;
    try {
      found += tree->FirstMatch(entry.first, &match);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kDataCorrupted);
      ++failed;
    }
  }
  EXPECT_GT(failed, 0u);
  EXPECT_EQ(found + failed, model.size());
  nodes.fails_at = 0;
  Compare(false);
}

INSTANTIATE_TEST_SUITE_P(Keys, StoredTreeTest, ::testing::Values(0, 1));

}  // namespace
}  // namespace tupelo

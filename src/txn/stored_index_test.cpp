// txn/stored_index_test.cpp: rows and indexes that checkpoints write beside transactions, read
// again bit by bit.
#include "txn/stored_index.h"

#include <random>

#include "base/simulated_files.h"
#include "storage/block_cache.h"
#include "storage/tail_moves.h"
#include "txn/stored_table.h"
#include "txn/table_model_test.h"

namespace tupelo {
namespace {

class StoredIndexTest : public ::testing::Test {
 protected:
  StoredIndexTest()
      : file_(DatabaseFile::Create(files_.Open("/d/t.db", OpenMode::kCreate), DatabaseId{7})),
        table_(&manager_, TestTypes()),
        stored_(file_.get(), &manager_.cache(), 1, {}),
        stored_index_(file_.get(), 1, 1, {}) {
    table_.SetStoredNumber(1);
    Transaction* setup = Begin();
    UniqueOutcome violation;
    index_ = table_.CreateIndex(setup, {{0}, {1}}, false, &violation);
    manager_.Commit(setup);
  }

  Transaction* Begin() {
    Transaction* transaction = manager_.Begin();
    manager_.TakeSnapshot(transaction);
    manager_.NextStatement(transaction);
    return transaction;
  }
  TestRow RandomRow() {
    TestRow row;
    if (random_() % 8 != 0) row.number = static_cast<int32_t>(random_() % 5000);
    row.text = std::string(random_() % 30, static_cast<char>('a' + random_() % 26));
    if (random_() % 4 != 0) row.real = static_cast<double>(random_() % 1000) / 8;
    row.big = static_cast<int64_t>(random_());
    return row;
  }
  bool MayChange(Transaction* transaction, RowId id) {
    RowState state = table_.StateOf(transaction, id);
    return (state == RowState::kCommitted || state == RowState::kOwn) &&
           !table_.WriteConflict(transaction, id);
  }
  void InsertSome(Transaction* transaction, size_t count) {
    std::vector<TestRow> rows(count);
    for (TestRow& row : rows) row = RandomRow();
    Chunk chunk(TestTypes());
    FillChunk(rows, &chunk);
    std::vector<RowId> ids(rows.size());
    ASSERT_TRUE(table_.InsertRows(transaction, chunk, ids.data(), &checks_).ok());
    ids_.insert(ids_.end(), ids.begin(), ids.end());
  }
  void Change(Transaction* transaction, int steps) {
    for (int step = 0; step < steps; ++step) {
      manager_.NextStatement(transaction);
      if (ids_.size() < 100 || (ids_.size() < 8000 && random_() % 20 == 0)) {
        InsertSome(transaction, 200);
        continue;
      }
      size_t at = random_() % ids_.size();
      RowId id = ids_[at];
      if (!MayChange(transaction, id)) continue;
      if (random_() % 3 == 0) {
        ASSERT_TRUE(table_.DeleteRows(transaction, &id, 1).ok());
        ids_.erase(ids_.begin() + static_cast<int>(at));
        continue;
      }
      Chunk chunk({Type::Integer()});
      chunk.column(0).PrepareWrite(1);
      chunk.column(0).MutableData<int32_t>()[0] = static_cast<int32_t>(random_() % 5000);
      chunk.SetRows(1);
      std::vector<uint16_t> columns{0};
      ASSERT_TRUE(table_.UpdateRows(transaction, &id, 1, columns, chunk, &checks_).ok());
    }
  }
  void ChangeBeside() {
    Transaction* transaction = Begin();
    Change(transaction, 20);
    if (random_() % 3 == 0) {
      manager_.Rollback(transaction);
      ForgetGone();
    } else {
      manager_.Commit(transaction);
    }
  }
  void ForgetGone() {
    ids_.clear();
    for (const auto& [id, row] : ScanAll(table_, ReadView(manager_.last_commit(), 0, 0))) {
      ids_.push_back(id);
    }
  }

  // Part of what lies at the end of the file, now and then.
  TailMoves ChooseMoves() {
    if (random_() % 2 == 0) return {};
    return TailMoves::Find(file_.get(), random_() % file_->file_pages() + 1, true);
  }
  void Checkpoint() {
    ReadView view(manager_.last_commit(), 0, 0);
    manager_.RegisterView(&view);
    manager_.MarkOldKeys();
    expected_ = ScanAll(table_, view);
    used_rows_ = table_.used_row_count();
    live_rows_ = table_.committed_row_count();
    const TailMoves moves = ChooseMoves();
    for (uint32_t segment = 0; segment < StoredTable::SegmentCount(table_); ++segment) {
      if (moves.segments.contains(1) && moves.segments.at(1).contains(segment))
        stored_.WriteAnew(&table_, segment, moves.from_page);
      if (!stored_.Prepare(&table_, segment, view)) continue;
      stored_.Write();
      ChangeBeside();
      stored_.Publish();
    }
    root_ = stored_.Flush();
    stored_index_.Begin(moves);
    while (stored_index_.WriteSome(&table_, index_, view)) {
      if (random_() % 4 == 0) ChangeBeside();
    }
    tree_ = stored_index_.root();
    manager_.UnregisterView(&view);
    file_->CommitRoot(DatabaseRoot());
  }

  // Copies a table to another file; returns that.
  std::unique_ptr<DatabaseFile> Copy(TransactionManager* manager, Table* table, bool beside) {
    auto file = DatabaseFile::Create(files_.Open("/d/copy.db", OpenMode::kCreate), DatabaseId{8});
    StoredTable copy(file.get(), &manager->cache(), 1, {});
    StoredIndex copy_of_index(file.get(), 1, 1, {});
    ReadView view(manager->last_commit(), 0, 0);
    manager->RegisterView(&view);
    expected_ = ScanAll(*table, view);
    used_rows_ = table->used_row_count();
    live_rows_ = table->committed_row_count();
    auto stripes = static_cast<uint32_t>((used_rows_ + kBlockRows - 1) / kBlockRows);
    for (uint32_t first = 0; first < stripes; first += kBlocksPerSegment) {
      copy.BeginCopy(first / kBlocksPerSegment, 4);
      for (uint32_t i = first; i < std::min(first + kBlocksPerSegment, stripes); ++i) {
        copy.CopyStripe(*table, i, view);
        if (beside) ChangeBeside();
      }
      copy.FinishCopy();
    }
    root_ = copy.Flush();
    for (bool is_more = true; is_more;) {
      is_more = copy_of_index.CopySome(table, *table->FindIndex(1), view);
      copy_of_index.WriteCopied(!is_more);
      if (beside) ChangeBeside();
    }
    tree_ = copy_of_index.root();
    manager->UnregisterView(&view);
    return file;
  }

  // Another table that reads what the last checkpoint wrote, or a copy.
  struct Opened {
    explicit Opened(StoredIndexTest* test, DatabaseFile* file = nullptr)
        : table(&manager, TestTypes()),
          stored(file != nullptr ? file : test->file_.get(), &manager.cache(), 1, test->root_),
          stored_index(file != nullptr ? file : test->file_.get(), 1, 1, test->tree_) {
      stored.Attach(&table, test->used_rows_, test->live_rows_);
      table.ReplayCreateIndex(1, {{0}, {1}}, false, false);
      index = table.FindIndex(1);
      stored_index.Attach(&table, index);
      table.FinishReplay();
    }
    ReadView Now() const { return ReadView(manager.last_commit(), 0, 0); }
    TestRows ByIndex(bool descending) const {
      return ScanIndex(table, *index, Now(), KeyBound::None(), KeyBound::None(), descending);
    }
    TransactionManager manager;
    Table table;
    StoredTable stored;
    StoredIndex stored_index;
    Index* index;
  };
  void ExpectStored(DatabaseFile* file = nullptr) {
    Opened opened(this, file);
    EXPECT_EQ(opened.table.committed_row_count(), expected_.size());
    EXPECT_EQ(opened.ByIndex(random_() % 2 == 0), expected_);
    EXPECT_EQ(ScanAll(opened.table, opened.Now()), expected_);
  }

  std::mt19937 random_{5};
  SimulatedFiles files_;
  std::unique_ptr<DatabaseFile> file_;
  TransactionManager manager_;
  Table table_;
  StoredTable stored_;
  StoredIndex stored_index_;
  Index* index_;
  UniqueChecks checks_;
  std::vector<RowId> ids_;
  TestRows expected_;
  SegmentDirectoryRoot root_;
  StoredTreeRoot tree_;
  uint64_t used_rows_ = 0, live_rows_ = 0;
};

TEST_F(StoredIndexTest, ACheckpointHoldsWhatItsSnapshotSeesByIndexToo) {
  Transaction* first = Begin();
  for (int i = 0; i < 8; ++i) InsertSome(first, 2000);
  manager_.Commit(first);
  Transaction* open = Begin();  // never committed before the end
  for (int round = 0; round < 8; ++round) {
    // Somebody reads as of before, so that old keys stay in the index.
    ReadView old(manager_.last_commit(), 0, 0);
    if (round % 3 == 1) manager_.RegisterView(&old);
    TestRows before = ScanAll(table_, old);
    ChangeBeside();
    ChangeBeside();
    if (round == 5) Change(open, 40);
    Checkpoint();
    ExpectStored();
    if (old.is_registered()) {
      EXPECT_EQ(ScanAll(table_, old), before);
      manager_.UnregisterView(&old);
    }
  }
  manager_.Rollback(open);
  ForgetGone();
  Checkpoint();
  ExpectStored();
}

TEST_F(StoredIndexTest, ACopyHoldsWhatItsSnapshotSees) {
  Transaction* first = Begin();
  for (int i = 0; i < 8; ++i) InsertSome(first, 2000);
  manager_.Commit(first);
  for (int round = 0; round < 4; ++round) {
    ReadView old(manager_.last_commit(), 0, 0);
    if (round == 2) manager_.RegisterView(&old);
    ChangeBeside();
    if (round > 0) Checkpoint();
    ChangeBeside();
    {
      std::unique_ptr<DatabaseFile> copy = Copy(&manager_, &table_, true);
      ExpectStored(copy.get());
    }
    files_.Remove("/d/copy.db");
    if (old.is_registered()) manager_.UnregisterView(&old);
  }
  // What was changed since the last checkpoint is still known.
  Checkpoint();
  ExpectStored();
}

TEST_F(StoredIndexTest, ACopyOfWhatIsNotInMemoryLeavesItThere) {
  Transaction* first = Begin();
  for (int i = 0; i < 20; ++i) InsertSome(first, 2000);
  manager_.Commit(first);
  Checkpoint();
  Opened opened(this);
  opened.manager.cache().SetLimit(1 << 20);
  // Some rows are not any more as they are in the file.
  Transaction* transaction = opened.manager.Begin();
  opened.manager.TakeSnapshot(transaction);
  opened.manager.NextStatement(transaction);
  for (RowId id = 5; id < 30'000; id += 7'001) {
    ASSERT_TRUE(opened.table.DeleteRows(transaction, &id, 1).ok());
  }
  opened.manager.Commit(transaction);
  size_t entries_in_memory = opened.index->memory_bytes();
  std::unique_ptr<DatabaseFile> copy = Copy(&opened.manager, &opened.table, false);
  EXPECT_EQ(expected_.size(), 40'000u - 5);
  EXPECT_LT(opened.table.row_bytes(), 2u << 20);
  EXPECT_LT(opened.index->memory_bytes(), entries_in_memory + (256 << 10));
  ExpectStored(copy.get());
}

TEST_F(StoredIndexTest, ATableThatIsReadBitByBitTakesChanges) {
  Transaction* first = Begin();
  for (int i = 0; i < 10; ++i) InsertSome(first, 2000);
  manager_.Commit(first);
  Checkpoint();
  Opened opened(this);
  opened.manager.cache().SetLimit(1 << 20);
  TestRows rows = expected_;
  UniqueChecks checks;
  for (int round = 0; round < 100; ++round) {
    Transaction* transaction = opened.manager.Begin();
    opened.manager.TakeSnapshot(transaction);
    opened.manager.NextStatement(transaction);
    TestRows changed = rows;
    auto at = changed.lower_bound(static_cast<RowId>(random_() % 20'000));
    if (at == changed.end()) at = changed.begin();
    RowId id = at->first;
    switch (random_() % 3) {
      case 0:
        ASSERT_TRUE(opened.table.DeleteRows(transaction, &id, 1).ok());
        changed.erase(at);
        break;
      case 1: {
        Chunk chunk({Type::Integer()});
        chunk.column(0).PrepareWrite(1);
        chunk.column(0).MutableData<int32_t>()[0] = round;
        chunk.SetRows(1);
        std::vector<uint16_t> columns{0};
        ASSERT_TRUE(opened.table.UpdateRows(transaction, &id, 1, columns, chunk, &checks).ok());
        at->second.number = round;
        break;
      }
      default: {
        TestRow row = RandomRow();
        Chunk chunk(TestTypes());
        FillChunk({row}, &chunk);
        ASSERT_TRUE(opened.table.InsertRows(transaction, chunk, &id, &checks).ok());
        ASSERT_TRUE(changed.emplace(id, row).second);
      }
    }
    if (random_() % 3 == 0) {
      opened.manager.Rollback(transaction);
    } else {
      opened.manager.Commit(transaction);
      rows = changed;
    }
    if (round % 40 == 39) {
      ASSERT_EQ(ScanAll(opened.table, opened.Now()), rows);
      ASSERT_EQ(opened.ByIndex(round % 80 == 79), rows);
    }
  }
}

}  // namespace
}  // namespace tupelo

// txn/stored_table_test.cpp: tables written by checkpoints beside transactions, and read again.
#include "txn/stored_table.h"

#include <random>

#include "base/simulated_files.h"
#include "txn/table_model_test.h"

namespace tupelo {
namespace {

class StoredTableTest : public ::testing::Test {
 protected:
  StoredTableTest()
      : file_(DatabaseFile::Create(files_.Open("/d/t.db", OpenMode::kCreate), DatabaseId{7})),
        table_(&manager_, TestTypes()) {}

  Transaction* Begin() {
    Transaction* transaction = manager_.Begin();
    manager_.TakeSnapshot(transaction);
    manager_.NextStatement(transaction);
    return transaction;
  }
  TestRow RandomRow() {
    TestRow row;
    if (random_() % 4 != 0) row.number = static_cast<int32_t>(random_());
    // Some are so long that they have extents of their own.
    uint32_t length = random_() % 2000 == 0 ? 20'000 : random_() % 30;
    if (random_() % 4 != 0) row.text = std::string(length, static_cast<char>('a' + random_() % 26));
    if (random_() % 4 != 0) row.real = static_cast<double>(random_() % 1000) / 8;
    row.big = static_cast<int64_t>(random_());
    return row;
  }
  void Change(Transaction* transaction, int steps) {
    for (int step = 0; step < steps; ++step) {
      manager_.NextStatement(transaction);
      if (step == 0 || random_() % 3 == 0) {
        std::vector<TestRow> rows(500 + random_() % 1000);
        for (TestRow& row : rows) row = RandomRow();
        Chunk chunk(TestTypes());
        FillChunk(rows, &chunk);
        std::vector<RowId> ids(rows.size());
        ASSERT_TRUE(table_.InsertRows(transaction, chunk, ids.data(), &checks_).ok());
        ids_.insert(ids_.end(), ids.begin(), ids.end());
        continue;
      }
      size_t at = random_() % ids_.size();
      RowId id = ids_[at];
      RowState state = table_.StateOf(transaction, id);
      if ((state != RowState::kCommitted && state != RowState::kOwn) ||
          table_.WriteConflict(transaction, id)) {
        continue;
      }
      if (random_() % 3 == 0) {
        ASSERT_TRUE(table_.DeleteRows(transaction, &id, 1).ok());
        ids_.erase(ids_.begin() + static_cast<int>(at));
        continue;
      }
      Chunk chunk({Type::Varchar()});
      chunk.column(0).PrepareWrite(1);
      chunk.column(0).MutableData<StringRef>()[0] =
          chunk.column(0).CopyToHeap(std::string(random_() % 50, 'u'));
      chunk.SetRows(1);
      std::vector<uint16_t> columns{1};
      ASSERT_TRUE(table_.UpdateRows(transaction, &id, 1, columns, chunk, &checks_).ok());
    }
  }

  bool WriteSegment(StoredTable* stored, uint32_t segment, const ReadView& view) {
    if (!stored->Prepare(&table_, segment, view)) return false;
    try {
      stored->Write();
      stored->Publish();
    } catch (...) {
      stored->Abandon();
      throw;
    }
    return true;
  }
  // Between two segments transactions go on.
  SegmentDirectoryRoot Checkpoint(StoredTable* stored, bool beside) {
    ReadView view(manager_.last_commit(), 0, 0);
    manager_.RegisterView(&view);
    expected_ = ScanAll(table_, view);
    used_rows_ = table_.used_row_count();
    live_rows_ = table_.committed_row_count();
    for (uint32_t segment = 0; segment < StoredTable::SegmentCount(table_); ++segment) {
      WriteSegment(stored, segment, view);
      if (!beside) continue;
      Transaction* transaction = Begin();
      Change(transaction, 3);
      if (random_() % 3 == 0) {
        manager_.Rollback(transaction);
        ForgetGone();
      } else {
        manager_.Commit(transaction);
      }
    }
    SegmentDirectoryRoot root = stored->Flush();
    manager_.UnregisterView(&view);
    file_->CommitRoot(DatabaseRoot());
    return root;
  }
  void ForgetGone() {
    TestRows now = ScanAll(table_, ReadView(manager_.last_commit(), 0, 0));
    ids_.clear();
    for (const auto& [id, row] : now) ids_.push_back(id);
  }
  TestRows Load(const SegmentDirectoryRoot& root) {
    TransactionManager manager;
    Table table(&manager, TestTypes());
    StoredTable stored(file_.get(), &manager.cache(), 1, root);
    stored.Attach(&table, used_rows_, live_rows_);
    table.FinishReplay();
    TestRows rows = ScanAll(table, ReadView(manager.last_commit(), 0, 0));
    EXPECT_EQ(table.committed_row_count(), rows.size());
    return rows;
  }

  std::mt19937 random_{5};
  SimulatedFiles files_;
  std::unique_ptr<DatabaseFile> file_;
  TransactionManager manager_;
  Table table_;
  UniqueChecks checks_;
  std::vector<RowId> ids_;
  TestRows expected_;
  uint64_t used_rows_ = 0, live_rows_ = 0;  // at the last checkpoint
};

TEST_F(StoredTableTest, ACheckpointHoldsWhatItsSnapshotSees) {
  StoredTable stored(file_.get(), &manager_.cache(), 1, {});
  Transaction* open = Begin();  // never committed before the end
  for (int round = 0; round < 12; ++round) {
    Transaction* transaction = Begin();
    Change(transaction, 6);
    manager_.Commit(transaction);
    if (round == 5) Change(open, 4);
    SegmentDirectoryRoot root = Checkpoint(&stored, round % 2 == 1);
    ASSERT_EQ(Load(root), expected_) << round;
  }
  ASSERT_GT(expected_.size(), 16'384u);  // more than a segment
  manager_.Rollback(open);
  ForgetGone();
  EXPECT_EQ(Load(Checkpoint(&stored, false)), expected_);
  // Nothing has changed: nothing is written.
  uint64_t operations = files_.operations();
  ReadView view(manager_.last_commit(), 0, 0);
  manager_.RegisterView(&view);
  for (uint32_t segment = 0; segment < StoredTable::SegmentCount(table_); ++segment) {
    EXPECT_FALSE(stored.Prepare(&table_, segment, view)) << segment;
  }
  manager_.UnregisterView(&view);
  EXPECT_EQ(files_.operations(), operations);
  // Dropped, it leaves no page behind.
  stored.Remove();
  for (int i = 0; i < 4; ++i) file_->CommitRoot(DatabaseRoot());
  EXPECT_LT(file_->file_pages() - file_->free_pages(), 20u);
}

TEST_F(StoredTableTest, ACheckpointThatFailedIsMadeUpForByTheNext) {
  StoredTable stored(file_.get(), &manager_.cache(), 1, {});
  Transaction* transaction = Begin();
  Change(transaction, 30);
  manager_.Commit(transaction);
  Checkpoint(&stored, false);
  for (int round = 0; round < 20; ++round) {
    transaction = Begin();
    Change(transaction, 4);
    manager_.Commit(transaction);
    ReadView view(manager_.last_commit(), 0, 0);
    manager_.RegisterView(&view);
    files_.FailOperation(files_.operations() + 1 + random_() % 3, ErrorCode::kDiskFull);
    bool failed = false;
    try {
      for (uint32_t segment = 0; segment < StoredTable::SegmentCount(table_); ++segment) {
        WriteSegment(&stored, segment, view);
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kDiskFull);
      failed = true;
    }
    ASSERT_TRUE(failed);
    manager_.UnregisterView(&view);
    ASSERT_EQ(Load(Checkpoint(&stored, false)), expected_) << round;
  }
}

// Copies all segments; returns how many rows they have.
uint64_t CopyAll(const Table& table, const ReadView& view, StoredTable* copy) {
  uint64_t rows = 0;
  uint32_t stripes = (static_cast<uint32_t>(table.used_row_count()) + kBlockRows - 1) / kBlockRows;
  for (uint32_t segment = 0; segment < StoredTable::SegmentCount(table); ++segment) {
    copy->BeginCopy(segment, table.column_count());
    uint32_t first = segment * kBlocksPerSegment;
    for (uint32_t i = first; i < std::min(first + kBlocksPerSegment, stripes); ++i) {
      copy->CopyStripe(table, i, view);
    }
    rows += copy->FinishCopy();
  }
  return rows;
}

TEST_F(StoredTableTest, ACopyHasAllAndTheNextCheckpointStillWritesWhatHasChanged) {
  StoredTable stored(file_.get(), &manager_.cache(), 1, {});
  Transaction* transaction = Begin();
  Change(transaction, 40);
  manager_.Commit(transaction);
  Checkpoint(&stored, false);
  transaction = Begin();
  Change(transaction, 20);
  manager_.Commit(transaction);
  Transaction* open = Begin();
  Change(open, 10);

  SimulatedFiles files;
  auto file = DatabaseFile::Create(files.Open("/d/copy.db", OpenMode::kCreate), DatabaseId{8});
  StoredTable copy(file.get(), &manager_.cache(), 1, {});
  ReadView view(manager_.last_commit(), 0, 0);
  manager_.RegisterView(&view);
  TestRows expected = ScanAll(table_, view);
  uint64_t used_rows = table_.used_row_count();
  EXPECT_EQ(CopyAll(table_, view, &copy), expected.size());
  SegmentDirectoryRoot root = copy.Flush();
  manager_.UnregisterView(&view);

  TransactionManager manager;
  Table table(&manager, TestTypes());
  StoredTable loaded(file.get(), &manager.cache(), 1, root);
  loaded.Attach(&table, used_rows, expected.size());
  table.FinishReplay();
  EXPECT_EQ(ScanAll(table, ReadView(manager.last_commit(), 0, 0)), expected);
  std::vector<ExtentAddress> extents;
  loaded.AddExtents(&extents);
  uint64_t pages = 0, free = file->free_pages();
  for (const ExtentAddress& extent : extents) pages += extent.pages;
  loaded.Remove();
  EXPECT_EQ(file->free_pages() - free, pages);

  manager_.Commit(open);
  EXPECT_EQ(Load(Checkpoint(&stored, false)), expected_);
}

TEST_F(StoredTableTest, ATableThatWasDetachedNeedsNoFile) {
  StoredTable stored(file_.get(), &manager_.cache(), 1, {});
  Transaction* transaction = Begin();
  Change(transaction, 80);
  manager_.Commit(transaction);
  SegmentDirectoryRoot root = Checkpoint(&stored, false);
  TransactionManager manager;
  manager.cache().SetLimit(1 << 16);  // of no consequence to it
  Table table(&manager, TestTypes());
  {
    StoredTable loaded(file_.get(), &manager.cache(), 1, root);
    loaded.Attach(&table, used_rows_, live_rows_);
    table.FinishReplay();
    uint64_t rows = 0;
    for (uint32_t segment = 0; segment < StoredTable::SegmentCount(table); ++segment) {
      rows += StoredTable::DetachSegment(&table, segment);
    }
    EXPECT_EQ(rows, expected_.size());
    StoredTable::Detach(&table);
  }
  EXPECT_EQ(ScanAll(table, ReadView(manager.last_commit(), 0, 0)), expected_);
  transaction = manager.Begin();
  manager.TakeSnapshot(transaction);
  manager.NextStatement(transaction);
  Chunk chunk(TestTypes());
  FillChunk(std::vector<TestRow>(2000, RandomRow()), &chunk);
  ASSERT_TRUE(table.InsertRows(transaction, chunk, nullptr, &checks_).ok());
  manager.Commit(transaction);
  EXPECT_EQ(ScanAll(table, ReadView(manager.last_commit(), 0, 0)).size(), expected_.size() + 2000);
}

}  // namespace
}  // namespace tupelo

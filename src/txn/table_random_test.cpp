// txn/table_random_test.cpp: interleaved transactions and open views against copies of everything
// they should see.
#include <memory>
#include <random>

#include "buffer/extent_pool.h"
#include "txn/table_model_test.h"

namespace tupelo {
namespace {

class Interleaving {
 public:
  explicit Interleaving(uint32_t seed) : random_(seed), table_(new Table(&manager_, TestTypes())) {
    Transaction* setup = manager_.Begin();
    manager_.TakeSnapshot(setup);
    UniqueOutcome violation;
    unique_ = table_->CreateIndex(setup, {{0}}, true, &violation);
    sorted_ = table_->CreateIndex(setup, {{1, true}, {3, false, true}}, false, &violation);
    manager_.Commit(setup);
  }

  void Run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      Step();
      if (!sessions_.empty()) Verify(CurrentView(*Pick(sessions_)));
      if (!open_.empty()) Verify(*Pick(open_));
    }
    while (!sessions_.empty()) End(sessions_.size() - 1, random_() % 2 == 0);
    while (!open_.empty()) {
      Verify(*open_.back());
      CloseView(open_.size() - 1);
    }
    EXPECT_EQ(manager_.old_version_bytes(), 0u);
    EXPECT_EQ(manager_.old_version_count(), 0u);
    uint64_t keyed = committed_.size();
    EXPECT_EQ(unique_->entry_count(), keyed);
    EXPECT_EQ(sorted_->entry_count(), keyed);
    EXPECT_EQ(table_->committed_row_count(), committed_.size());
    table_.reset();
    EXPECT_LE(manager_.extents().used_bytes(), size_t{1} << 20);  // only pools
  }

 private:
  struct Session {
    Transaction* transaction;
    bool has_snapshot = false;
    TestRows rows;                                // as this transaction sees them now
    std::map<RowId, std::optional<TestRow>> own;  // what it changed
    std::vector<std::pair<UndoMark, std::pair<TestRows, std::map<RowId, std::optional<TestRow>>>>>
        savepoints;
  };
  struct OpenView {
    ReadView view;
    TestRows rows;
  };

  template <typename T>
  T& Pick(std::vector<T>& from) {
    return from[random_() % from.size()];
  }

  TestRow RandomRow() {
    TestRow row;
    if (random_() % 10 != 0) row.number = static_cast<int32_t>(random_() % 3000);
    if (random_() % 5 != 0)
      row.text = std::string(random_() % 40, static_cast<char>('a' + random_() % 4));
    if (random_() % 5 != 0) row.real = static_cast<double>(random_() % 100) / 4;
    if (random_() % 5 != 0) row.big = static_cast<int64_t>(random_() % 20);
    return row;
  }

  void Step() {
    uint32_t dice = random_() % 100;
    if (sessions_.empty() || (dice < 6 && sessions_.size() < 4)) {
      sessions_.push_back(std::make_unique<Session>());
      sessions_.back()->transaction = manager_.Begin();
      return;
    }
    size_t at = random_() % sessions_.size();
    Session& session = *sessions_[at];
    if (!session.has_snapshot) {
      manager_.TakeSnapshot(session.transaction);
      session.has_snapshot = true;
      session.rows = committed_;
    }
    if (dice < 14) return End(at, dice % 4 != 0);
    if (dice < 22 && open_.size() < 8) return OpenResult(session);
    if (dice < 28 && !open_.empty()) return CloseView(random_() % open_.size());
    if (dice < 32) {
      session.savepoints.push_back(
          {manager_.Mark(session.transaction), {session.rows, session.own}});
      return;
    }
    if (dice < 35 && !session.savepoints.empty()) return ToSavepoint(session);
    Statement(session);
  }

  // As the engine does: results of the transaction are read to their end before it is rolled back.
  void DropViewsOf(const Session& session) {
    for (size_t i = open_.size(); i > 0; --i) {
      if (open_[i - 1]->view.transaction == session.transaction->id()) CloseView(i - 1);
    }
  }

  void End(size_t at, bool commit) {
    Session& session = *sessions_[at];
    if (commit) {
      for (auto& [row, value] : session.own) {
        if (value) {
          committed_[row] = *value;
        } else {
          committed_.erase(row);
        }
        versions_[row] = manager_.last_commit() + 1;
      }
      manager_.Commit(session.transaction);
    } else {
      if (session.has_snapshot) DropViewsOf(session);
      manager_.Rollback(session.transaction);
    }
    sessions_.erase(sessions_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void ToSavepoint(Session& session) {
    DropViewsOf(session);
    auto& savepoint = session.savepoints.back();
    manager_.RollbackTo(session.transaction, savepoint.first);
    session.rows = savepoint.second.first;
    session.own = savepoint.second.second;
    if (random_() % 2 == 0) session.savepoints.pop_back();
  }

  OpenView CurrentView(Session& session) {
    if (!session.has_snapshot) return {ReadView(manager_.last_commit(), 0, 0), committed_};
    return {ReadView(session.transaction->snapshot(), session.transaction->id(),
                     session.transaction->statement() + 1),
            session.rows};
  }

  void OpenResult(Session& session) {
    manager_.NextStatement(session.transaction);
    open_.push_back(
        std::make_unique<OpenView>(OpenView{session.transaction->View(), session.rows}));
    manager_.RegisterView(&open_.back()->view);
  }
  void CloseView(size_t at) {
    manager_.UnregisterView(&open_[at]->view);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  // Whether another session's or a newer commit's version of the row is the newest.
  bool Conflicts(const Session& session, RowId row) {
    for (const auto& other : sessions_) {
      if (other.get() != &session && other->own.contains(row)) return true;
    }
    auto version = versions_.find(row);
    return !session.own.contains(row) && version != versions_.end() &&
           version->second > session.transaction->snapshot();
  }

  void Statement(Session& session) {
    manager_.NextStatement(session.transaction);
    UndoMark mark = manager_.Mark(session.transaction);
    TestRows rows_before = session.rows;
    auto own_before = session.own;
    UniqueChecks checks;
    bool conflict = false;
    uint32_t kind = random_() % 4;
    if (kind == 0 || session.rows.empty()) {
      Insert(session, &checks);
    } else {
      conflict = Change(session, kind, &checks);
    }
    bool undo = conflict;
    if (!conflict) {
      UniqueOutcome outcome = Table::CheckUnique(session.transaction, checks);
      CheckOutcome(session, outcome);
      undo = outcome.kind != UniqueOutcome::kFine || random_() % 8 == 0;
    }
    if (undo) {
      manager_.RollbackTo(session.transaction, mark);
      session.rows = rows_before;
      session.own = own_before;
    }
  }

  void Insert(Session& session, UniqueChecks* checks) {
    std::vector<TestRow> rows(random_() % 10 == 0 ? 1000 + random_() % 1000 : 1 + random_() % 5);
    bool bulk = rows.size() > 5;
    for (TestRow& row : rows) {
      row = RandomRow();
      if (bulk) row.number.reset();
    }
    Chunk chunk(TestTypes());
    FillChunk(rows, &chunk);
    std::vector<RowId> ids(rows.size());
    EXPECT_TRUE(table_->InsertRows(session.transaction, chunk, ids.data(), checks).ok());
    for (size_t i = 0; i < rows.size(); ++i) {
      session.rows[ids[i]] = rows[i];
      session.own[ids[i]] = rows[i];
    }
  }

  bool Change(Session& session, uint32_t kind, UniqueChecks* checks) {
    uint32_t wanted = random_() % 10 == 0 ? 500 : 1 + random_() % 4;
    std::vector<RowId> ids;
    auto from = session.rows.lower_bound(static_cast<RowId>(random_() % 6000));
    for (; from != session.rows.end() && ids.size() < wanted; ++from) ids.push_back(from->first);
    if (ids.empty()) ids.push_back(session.rows.begin()->first);
    std::shuffle(ids.begin(), ids.end(), random_);
    bool expected =
        std::any_of(ids.begin(), ids.end(), [&](RowId row) { return Conflicts(session, row); });
    auto count = static_cast<uint32_t>(ids.size());
    if (kind == 1) {
      bool conflict = table_->DeleteRows(session.transaction, ids.data(), count).conflict;
      EXPECT_EQ(conflict, expected);
      for (RowId row : ids) {
        session.rows.erase(row);
        session.own[row] = std::nullopt;
      }
      return conflict;
    }
    // Some columns, new values by a selection of a larger chunk.
    std::vector<uint16_t> columns;
    for (uint16_t c = 0; c < 4; ++c) {
      if (random_() % 2 == 0) columns.push_back(c);
    }
    if (columns.empty()) columns.push_back(2);
    std::vector<TestRow> values(count * 2 < kVectorSize ? count * 2 : count);
    for (TestRow& row : values) row = RandomRow();
    Chunk all(TestTypes()), chunk;
    FillChunk(values, &all);
    std::vector<Type> types;
    for (uint16_t c : columns) types.push_back(TestTypes()[c]);
    chunk.Init(types);
    for (size_t j = 0; j < columns.size(); ++j) chunk.column(j).Reference(all.column(columns[j]));
    uint16_t* selection = chunk.SelectionBuffer();
    for (uint32_t i = 0; i < count; ++i)
      selection[i] = static_cast<uint16_t>(values.size() - 1 - i);
    chunk.SetRows(Rows{selection, count});
    bool conflict =
        table_->UpdateRows(session.transaction, ids.data(), count, columns, chunk, checks).conflict;
    EXPECT_EQ(conflict, expected);
    for (uint32_t i = 0; i < count; ++i) {
      TestRow& row = session.rows[ids[i]];
      const TestRow& value = values[selection[i]];
      for (uint16_t c : columns) {
        if (c == 0) row.number = value.number;
        if (c == 1) row.text = value.text;
        if (c == 2) row.real = value.real;
        if (c == 3) row.big = value.big;
      }
      session.own[ids[i]] = row;
    }
    return conflict;
  }

  void CheckOutcome(const Session& session, const UniqueOutcome& outcome) {
    // What is committed now, with this session's changes on top.
    TestRows now = committed_;
    for (const auto& [row, value] : session.own) {
      if (value) {
        now[row] = *value;
      } else {
        now.erase(row);
      }
    }
    for (const auto& other : sessions_) {
      if (other.get() == &session) continue;
      for (const auto& [row, value] : other->own) now.erase(row);
    }
    std::map<int32_t, int> seen;
    bool duplicate = false;
    for (const auto& [row, value] : now) {
      if (value.number && ++seen[*value.number] > 1) duplicate = true;
    }
    if (outcome.kind == UniqueOutcome::kFine) {
      EXPECT_FALSE(duplicate);
    }
    if (outcome.kind == UniqueOutcome::kViolation) {
      EXPECT_TRUE(duplicate);
    }
    if (outcome.kind == UniqueOutcome::kConflict) {
      EXPECT_TRUE(Conflicts(session, outcome.other));
    }
  }

  void Verify(const OpenView& open) {
    const TestRows& expected = open.rows;
    ASSERT_EQ(ScanAll(*table_, open.view), expected);
    ASSERT_EQ(table_->Count(open.view), expected.size());
    bool descending = random_() % 2 == 0;
    for (const Index* index : {unique_, sorted_}) {
      std::vector<RowId> order;
      ASSERT_EQ(ScanIndex(*table_, *index, open.view, KeyBound::None(), KeyBound::None(),
                          descending, 1 + random_() % kVectorSize, &order),
                expected);
      VerifyOrder(*index, expected, order, descending);
    }
    TestRow bounds[2] = {RandomRow(), RandomRow()};
    std::string low = TestKey(*unique_, bounds[0]), high = TestKey(*unique_, bounds[1]);
    bool inclusive = random_() % 2 == 0;
    TestRows range;
    for (const auto& [row, value] : expected) {
      std::string key = TestKeyCached(value);
      if (inclusive ? key >= low && key <= high : key > low && key < high)
        range.emplace(row, value);
    }
    ASSERT_EQ(ScanIndex(*table_, *unique_, open.view, KeyBound::At(low, inclusive),
                        KeyBound::At(high, inclusive), descending, 7),
              range);
    VerifyPoints(open);
  }

  std::string TestKeyCached(const TestRow& row) {
    auto [at, fresh] = keys_.try_emplace(row.number);
    if (fresh) at->second = TestKey(*unique_, row);
    return at->second;
  }

  void VerifyOrder(const Index& index, const TestRows& rows, const std::vector<RowId>& order,
                   bool descending) {
    if (random_() % 8 != 0) return;
    std::string before;
    for (RowId row : order) {
      std::string key = TestKey(index, rows.at(row));
      if (!before.empty()) {
        ASSERT_TRUE(descending ? key <= before : key >= before);
      }
      before = key;
    }
  }

  void VerifyPoints(const OpenView& open) {
    Chunk chunk(TestTypes());
    for (int i = 0; i < 4; ++i) {
      auto row = static_cast<RowId>(random_() % 5000);
      for (size_t c = 0; c < 4; ++c) chunk.column(c).PrepareWrite(8);
      auto expected = open.rows.find(row);
      bool found = table_->Fetch(open.view, row, AllTestColumns(), &chunk, 5);
      ASSERT_EQ(found, expected != open.rows.end());
      if (!found) continue;
      ASSERT_EQ(GetRow(chunk, 5), expected->second);
      if (!expected->second.number) continue;
      PointLookup lookup;
      RowId looked_up = kNoRow;
      ASSERT_TRUE(lookup.Find(table_.get(), unique_, open.view, TestKey(*unique_, expected->second),
                              AllTestColumns(), &chunk, &looked_up));
      ASSERT_EQ(looked_up, row);
      ASSERT_EQ(GetRow(chunk, 0), expected->second);
    }
  }

  std::mt19937 random_;
  TransactionManager manager_;
  std::unique_ptr<Table> table_;
  Index* unique_;
  Index* sorted_;
  TestRows committed_;
  std::map<RowId, CommitNumber> versions_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<OpenView>> open_;
  std::map<std::optional<int32_t>, std::string> keys_;
};

TEST(Table, InterleavedTransactionsAndOpenViewsSeeWhatCopiesWouldShow) {
  for (uint32_t seed = 1; seed <= 5 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Interleaving(seed).Run(160);
  }
}

}  // namespace
}  // namespace tupelo

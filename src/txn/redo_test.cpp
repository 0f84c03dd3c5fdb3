// txn/redo_test.cpp: what committed transactions did, made anew in another database.
#include "txn/redo.h"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "base/error.h"
#include "txn/table_model_test.h"

namespace tupelo {
namespace {

class KeptLog : public CommitLog {
 public:
  void Append(std::span<const uint8_t> changes, bool is_first, bool is_last) override {
    EXPECT_TRUE(is_first || !parts.empty());
    if (is_first) {
      parts.clear();
      part_count = 0;
    }
    if (is_full || part_count++ == most_parts) throw Error(ErrorCode::kProgramLimit, "no room");
    parts.insert(parts.end(), changes.begin(), changes.end());
    largest_part = std::max(largest_part, changes.size());
    if (is_last) records.push_back(std::exchange(parts, {}));
  }
  std::vector<std::vector<uint8_t>> records;
  std::vector<uint8_t> parts;
  size_t largest_part = 0, part_count = 0, most_parts = 100;
  bool is_full = false;
};

class Copy : public ReplayTarget {
 public:
  Table* FindTable(uint64_t number) override {
    auto found = tables.find(number);
    return found == tables.end() ? nullptr : found->second.get();
  }
  void CreateTable(uint64_t number, const std::vector<Type>& types) override {
    tables[number] = std::make_unique<Table>(&manager, types);
    tables[number]->SetStoredNumber(number);
  }
  void ChangeDefinitions(std::span<const uint8_t> changes) override {
    definitions.emplace_back(changes.begin(), changes.end());
  }
  void Replay(const KeptLog& log) {
    for (const auto& record : log.records) ReplayChanges(record, this);
    for (auto& [number, table] : tables) table->FinishReplay();
  }

  TransactionManager manager;
  std::map<uint64_t, std::unique_ptr<Table>> tables;
  std::vector<std::vector<uint8_t>> definitions;
};

class RedoTest : public ::testing::Test {
 protected:
  RedoTest() : table_(&manager_, TestTypes()) {
    manager_.SetCommitLog(&log_);
    Transaction* transaction = Begin();
    table_.Store(transaction, 7);
    manager_.Commit(transaction);
  }
  Transaction* Begin() {
    Transaction* transaction = manager_.Begin();
    manager_.TakeSnapshot(transaction);
    manager_.NextStatement(transaction);
    return transaction;
  }
  RowId Insert(Transaction* transaction, const TestRow& row) {
    Chunk chunk(TestTypes());
    FillChunk({row}, &chunk);
    RowId id;
    EXPECT_TRUE(table_.InsertRows(transaction, chunk, &id, &checks_).ok());
    return id;
  }
  TestRow RandomRow() {
    auto maybe = [&] { return random_() % 4 != 0; };
    TestRow row;
    if (maybe()) row.number = static_cast<int32_t>(random_());
    if (maybe()) row.text = std::string(random_() % 40, static_cast<char>('a' + random_() % 26));
    if (maybe()) row.real = static_cast<double>(random_() % 1000) / 8;
    if (maybe()) row.big = static_cast<int64_t>(random_());
    return row;
  }
  TestRows Rows(const Table& table, const TransactionManager& manager) {
    return ScanAll(table, ReadView(manager.last_commit(), 0, 0));
  }
  void ExpectTheSame(const Table& copy, const TransactionManager& manager) {
    EXPECT_EQ(Rows(table_, manager_), Rows(copy, manager));
    EXPECT_EQ(table_.committed_row_count(), copy.committed_row_count());
    for (const auto& index : table_.indexes()) {
      const Index* other = copy.FindIndex(index->number());
      ASSERT_NE(other, nullptr);
      EXPECT_EQ(index->entry_count(), other->entry_count());
      auto scan = [&](const Table& table, const Index& of, const TransactionManager& view) {
        std::vector<RowId> order;
        ScanIndex(table, of, ReadView(view.last_commit(), 0, 0), {}, {}, false, kVectorSize,
                  &order);
        return order;
      };
      EXPECT_EQ(scan(table_, *index, manager_), scan(copy, *other, manager));
    }
  }

  std::mt19937 random_{11};
  TransactionManager manager_;
  KeptLog log_;
  Table table_;
  UniqueChecks checks_;
};

TEST_F(RedoTest, RandomTransactionsMadeAnewGiveTheSameRowsAndIndexes) {
  UniqueOutcome violation;
  for (int round = 0; round < 150; ++round) {
    Transaction* transaction = Begin();
    if (round == 20 || round == 70) {
      ASSERT_TRUE(manager_.LockForDefinition(transaction, &table_));
      auto column = static_cast<uint16_t>(round == 20 ? 0 : 1);
      ASSERT_NE(table_.CreateIndex(transaction, {{column}}, false, &violation), nullptr);
    }
    if (round == 110) {
      ASSERT_TRUE(manager_.LockForDefinition(transaction, &table_));
      table_.DropIndex(transaction, table_.indexes()[0].get());
    }
    for (uint32_t step = random_() % 12; step > 0; --step) {
      manager_.NextStatement(transaction);
      UndoMark mark = manager_.Mark(transaction);
      TestRows rows = ScanAll(table_, transaction->View());
      if (rows.empty() || random_() % 3 == 0) {
        for (uint32_t i = random_() % 60; i > 0; --i) Insert(transaction, RandomRow());
      } else {
        auto target = std::next(rows.begin(), static_cast<int>(random_() % rows.size()));
        RowId id = target->first;
        if (random_() % 2 == 0) {
          EXPECT_TRUE(table_.DeleteRows(transaction, &id, 1).ok());
        } else {
          Chunk chunk({Type::Varchar(), Type::Integer()});
          TestRow row = RandomRow();
          chunk.column(0).PrepareWrite(1);
          chunk.column(1).PrepareWrite(1);
          if (row.text) {
            chunk.column(0).MutableData<StringRef>()[0] = chunk.column(0).CopyToHeap(*row.text);
          } else {
            chunk.column(0).SetNull(0);
          }
          chunk.column(1).MutableData<int32_t>()[0] = static_cast<int32_t>(random_());
          chunk.SetRows(1);
          std::vector<uint16_t> columns{1, 0};  // not in their order
          EXPECT_TRUE(table_.UpdateRows(transaction, &id, 1, columns, chunk, &checks_).ok());
        }
      }
      if (random_() % 5 == 0) manager_.RollbackTo(transaction, mark);
    }
    checks_.Clear();
    if (random_() % 4 == 0) {
      manager_.Rollback(transaction);
    } else {
      manager_.Commit(transaction);
    }
  }
  ASSERT_GT(Rows(table_, manager_).size(), 500u);
  Copy copy;
  copy.Replay(log_);
  ASSERT_NE(copy.FindTable(7), nullptr);
  ExpectTheSame(*copy.FindTable(7), copy.manager);

  // The copy goes on: slots that are free are found, others are not taken twice.
  Table& table = *copy.FindTable(7);
  size_t before = Rows(table, copy.manager).size();
  Transaction* transaction = copy.manager.Begin();
  copy.manager.TakeSnapshot(transaction);
  copy.manager.NextStatement(transaction);
  for (int i = 0; i < 5000; ++i) {
    Chunk chunk(TestTypes());
    FillChunk({RandomRow()}, &chunk);
    ASSERT_TRUE(table.InsertRows(transaction, chunk, nullptr, &checks_).ok());
  }
  copy.manager.Commit(transaction);
  EXPECT_EQ(Rows(table, copy.manager).size(), before + 5000);
}

TEST_F(RedoTest, ColumnsThatARollbackTookBackKeepTheirNumbers) {
  Transaction* transaction = Begin();
  Insert(transaction, RandomRow());
  manager_.Commit(transaction);
  transaction = Begin();
  ASSERT_TRUE(manager_.LockForDefinition(transaction, &table_));
  EXPECT_EQ(table_.AddColumn(transaction, Type::Integer(), Value::Null(Type::Integer())), 4);
  manager_.Rollback(transaction);
  transaction = Begin();
  ASSERT_TRUE(manager_.LockForDefinition(transaction, &table_));
  EXPECT_EQ(table_.AddColumn(transaction, Type::BigInt(), Value::Null(Type::BigInt())), 5);
  table_.DropColumn(transaction, 2);
  manager_.Commit(transaction);
  Copy copy;
  copy.Replay(log_);
  ASSERT_EQ(copy.FindTable(7)->column_count(), 6u);
  EXPECT_EQ(copy.FindTable(7)->column_type(5).id, TypeId::kBigInt);
}

TEST_F(RedoTest, ALogThatIsFullKeepsATransactionFromBeingCommitted) {
  log_.is_full = true;
  Transaction* transaction = Begin();
  Insert(transaction, RandomRow());
  EXPECT_THROW(manager_.Commit(transaction), Error);
  manager_.Rollback(transaction);
  EXPECT_TRUE(Rows(table_, manager_).empty());
}

// Of a transaction that is too large to be told at once; where a later part finds no room, those
// before it do not count.
TEST_F(RedoTest, ALargeTransactionIsToldInParts) {
  TestRow row = RandomRow();
  row.text = std::string(1000, 'x');
  auto insert_many = [&](Transaction* transaction) {
    for (int i = 0; i < 12'000; ++i) Insert(transaction, row);
  };
  Transaction* transaction = Begin();
  insert_many(transaction);
  log_.most_parts = 1;
  EXPECT_THROW(manager_.Commit(transaction), Error);
  manager_.Rollback(transaction);
  EXPECT_GT(log_.parts.size(), 0u);
  log_.most_parts = 100;

  transaction = Begin();
  Insert(transaction, row);
  manager_.Commit(transaction);
  transaction = Begin();
  insert_many(transaction);
  manager_.Commit(transaction);
  EXPECT_GT(log_.records.back().size(), 2 * log_.largest_part);
  Copy copy;
  copy.Replay(log_);
  ExpectTheSame(*copy.FindTable(7), copy.manager);
  EXPECT_EQ(copy.FindTable(7)->committed_row_count(), 12'001u);
}

TEST_F(RedoTest, DefinitionsComeAfterTheRows) {
  Transaction* transaction = Begin();
  transaction->AddDefinitionRedo({1, 2, 3});
  Insert(transaction, RandomRow());
  manager_.Commit(transaction);
  Copy copy;
  copy.Replay(log_);
  ASSERT_EQ(copy.definitions.size(), 1u);
  EXPECT_EQ(copy.definitions[0], (std::vector<uint8_t>{1, 2, 3}));
}

TEST_F(RedoTest, BytesThatMeanNothingAreDamage) {
  Transaction* transaction = Begin();
  for (int i = 0; i < 20; ++i) Insert(transaction, RandomRow());
  manager_.Commit(transaction);
  std::vector<uint8_t> good = log_.records.back();
  for (size_t size = 1; size < good.size(); ++size) {
    Copy copy;
    copy.CreateTable(7, TestTypes());
    try {
      ReplayChanges({good.data(), size}, &copy);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kDataCorrupted);
    }
  }
  for (int i = 0; i < 3000; ++i) {
    std::vector<uint8_t> bad = good;
    bad[random_() % bad.size()] = static_cast<uint8_t>(random_());
    Copy copy;
    copy.CreateTable(7, TestTypes());
    try {
      ReplayChanges(bad, &copy);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kDataCorrupted);
    }
  }
  Copy empty;
  EXPECT_THROW(ReplayChanges(good, &empty), Error);  // there is no such table
}

}  // namespace
}  // namespace tupelo

// txn/table_fixture_test.h: a table with a unique index, and short ways to change it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "buffer/extent_pool.h"
#include "txn/table_model_test.h"

namespace tupelo {

class TableTest : public ::testing::Test {
 protected:
  TableTest() : table_(new Table(&manager_, TestTypes())) {
    Transaction* setup = Begin();
    UniqueOutcome violation;
    key_ = table_->CreateIndex(setup, {{0}}, true, &violation);
    manager_.Commit(setup);
  }

  Transaction* Begin() {
    Transaction* transaction = manager_.Begin();
    manager_.TakeSnapshot(transaction);
    manager_.NextStatement(transaction);
    return transaction;
  }
  std::vector<RowId> Insert(Transaction* transaction, const std::vector<TestRow>& rows) {
    Chunk chunk(TestTypes());
    FillChunk(rows, &chunk);
    std::vector<RowId> ids(rows.size());
    EXPECT_TRUE(table_->InsertRows(transaction, chunk, ids.data(), &checks_).ok());
    return ids;
  }
  RowId InsertOne(Transaction* transaction, TestRow row) { return Insert(transaction, {row})[0]; }
  // Sets the INTEGER column.
  WriteOutcome SetNumbers(Transaction* transaction, const std::vector<RowId>& ids,
                          const std::vector<int32_t>& numbers) {
    Chunk chunk({Type::Integer()});
    chunk.column(0).PrepareWrite(kVectorSize);
    for (size_t i = 0; i < ids.size(); ++i) chunk.column(0).MutableData<int32_t>()[i] = numbers[i];
    chunk.SetRows(static_cast<uint32_t>(ids.size()));
    std::vector<uint16_t> columns{0};
    return table_->UpdateRows(transaction, ids.data(), static_cast<uint32_t>(ids.size()), columns,
                              chunk, &checks_);
  }
  WriteOutcome SetText(Transaction* transaction, RowId id, const std::string& text) {
    Chunk chunk({Type::Varchar()});
    chunk.column(0).PrepareWrite(1);
    chunk.column(0).MutableData<StringRef>()[0] = chunk.column(0).CopyToHeap(text);
    chunk.SetRows(1);
    std::vector<uint16_t> columns{1};
    return table_->UpdateRows(transaction, &id, 1, columns, chunk, &checks_);
  }
  UniqueOutcome::Kind Check(Transaction* transaction) {
    UniqueOutcome outcome = Table::CheckUnique(transaction, checks_);
    checks_.Clear();
    return outcome.kind;
  }
  ReadView Now() const { return ReadView(manager_.last_commit(), 0, 0); }
  // A view of a snapshot taken now that stays.
  std::unique_ptr<ReadView> OpenView() {
    auto view = std::make_unique<ReadView>(Now());
    manager_.RegisterView(view.get());
    return view;
  }

  TransactionManager manager_;
  std::unique_ptr<Table> table_;
  Index* key_;
  UniqueChecks checks_;
};

inline TestRow Number(int32_t number) { return {number, std::nullopt, std::nullopt, std::nullopt}; }

}  // namespace tupelo

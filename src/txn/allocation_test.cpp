// txn/allocation_test.cpp: what the heap sees of writing and reading row by row.
#include <cstdlib>
#include <new>

#include "txn/table_model_test.h"

namespace {
size_t allocations = 0;
}  // namespace

// Not inlined, so that the compiler does not see malloc behind one and free behind the other.
[[gnu::noinline]] void* operator new(size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace tupelo {
namespace {

constexpr int32_t kRows = 100000;

class Allocations : public ::testing::TestWithParam<bool> {
 protected:
  Allocations()
      : table_(&manager_, {Type::Integer(), Type::Varchar(), Type::Integer(), Type::Double(),
                           Type::Boolean()}),
        row_({Type::Integer(), Type::Varchar(), Type::Integer(), Type::Double(), Type::Boolean()}),
        out_({Type::Integer(), Type::Varchar(), Type::Integer(), Type::Double(), Type::Boolean()}),
        value_({Type::Integer()}) {
    Transaction* setup = manager_.Begin();
    manager_.TakeSnapshot(setup);
    UniqueOutcome violation;
    key_ = table_.CreateIndex(setup, {{0, false, false, true}}, true, &violation);
    manager_.Commit(setup);
    for (size_t c = 0; c < 5; ++c) row_.column(c).PrepareWrite(1);
    row_.SetRows(1);
    value_.column(0).PrepareWrite(1);
    value_.SetRows(1);
    key_value_ = &row_.column(0);
  }

  // Each operation a statement: in a transaction of its own, or all in one.
  template <typename Operation>
  size_t AllocationsOf(Operation operation) {
    Transaction* transaction = nullptr;
    size_t before = allocations;
    for (int32_t i = 0; i < kRows; ++i) {
      if (transaction == nullptr) {
        transaction = manager_.Begin();
        manager_.TakeSnapshot(transaction);
      }
      manager_.NextStatement(transaction);
      UndoMark mark = manager_.Mark(transaction);
      static_cast<void>(mark);
      operation(transaction, i);
      if (GetParam()) {
        manager_.Commit(transaction);
        transaction = nullptr;
      }
    }
    size_t count = allocations - before;
    if (transaction != nullptr) manager_.Commit(transaction);
    return count;
  }

  void Insert(Transaction* transaction, int32_t i) {
    row_.column(0).MutableData<int32_t>()[0] = i;
    row_.column(1).MutableData<StringRef>()[0] = StringRef("a string of some length", 23);
    row_.column(2).MutableData<int32_t>()[0] = i;
    row_.column(3).MutableData<double>()[0] = i;
    row_.column(4).MutableData<uint8_t>()[0] = 1;
    RowId id;
    checks_.Clear();
    table_.InsertRows(transaction, row_, &id, &checks_);
  }
  RowId Find(Transaction* transaction, int32_t i) {
    row_.column(0).MutableData<int32_t>()[0] = i;
    key_->MakeKey(&key_value_, 0, &buffer_);
    RowId id = kNoRow;
    EXPECT_TRUE(
        lookup_.Find(&table_, key_, transaction->View(), buffer_.view(), columns_, &out_, &id));
    return id;
  }

  TransactionManager manager_;
  Table table_;
  Index* key_;
  Chunk row_, out_, value_;
  const Vector* key_value_;
  KeyBuffer buffer_;
  PointLookup lookup_;
  UniqueChecks checks_;
  std::vector<uint16_t> columns_{0, 1, 2, 3, 4};
  std::vector<uint16_t> changed_{2};
};

TEST_P(Allocations, InsertsHardlyAllocateAndOtherPointOperationsDoNot) {
  size_t inserts = AllocationsOf([&](Transaction* t, int32_t i) { Insert(t, i); });
  EXPECT_LE(inserts, 2u * kRows / 1000);
  Transaction* warm_up = manager_.Begin();
  manager_.TakeSnapshot(warm_up);
  Find(warm_up, 0);
  manager_.Commit(warm_up);
  EXPECT_EQ(AllocationsOf([&](Transaction* t, int32_t i) { Find(t, i); }), 0u);
  auto update = [&](Transaction* t, int32_t i) {
    RowId id = Find(t, i);
    value_.column(0).MutableData<int32_t>()[0] = -i;
    checks_.Clear();
    EXPECT_TRUE(table_.UpdateRows(t, &id, 1, changed_, value_, &checks_).ok());
  };
  AllocationsOf(update);
  EXPECT_EQ(AllocationsOf(update), 0u);
  size_t deletes = AllocationsOf([&](Transaction* t, int32_t i) {
    RowId id = Find(t, i);
    EXPECT_TRUE(table_.DeleteRows(t, &id, 1).ok());
  });
  EXPECT_EQ(deletes, 0u);
  EXPECT_EQ(key_->entry_count(), 0u);
}

INSTANTIATE_TEST_SUITE_P(EachCommittedOrAllInOne, Allocations, ::testing::Bool());

}  // namespace
}  // namespace tupelo

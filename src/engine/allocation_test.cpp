// engine/allocation_test.cpp: what the heap sees of cached statements run over and over.
#include <cerrno>
#include <cstdlib>
#include <new>

#include "engine/heap_for_test.h"

// Behind the others, as its Rows() hides the type of that name.
#include "engine/engine_for_test.h"

namespace tupelo {
thread_local size_t allocations = 0;
thread_local size_t allocations_until_failure = 0;
}  // namespace tupelo

// The one door to the heap that C++ and C code share: the GNU C library lets a program have its
// own.
extern "C" {
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* memory, size_t bytes);
void* __libc_memalign(size_t alignment, size_t bytes);
}

#if TUPELO_COUNTS_ALLOCATIONS
namespace {
// Whether this one is to fail.
bool CountAllocation() {
  ++tupelo::allocations;
  return tupelo::allocations_until_failure != 0 && --tupelo::allocations_until_failure == 0;
}
}  // namespace

extern "C" {
void* malloc(size_t bytes) { return CountAllocation() ? nullptr : __libc_malloc(bytes); }
void* calloc(size_t count, size_t bytes) {
  return CountAllocation() ? nullptr : __libc_calloc(count, bytes);
}
void* realloc(void* memory, size_t bytes) {
  return CountAllocation() ? nullptr : __libc_realloc(memory, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  return CountAllocation() ? nullptr : __libc_memalign(alignment, bytes);
}
int posix_memalign(void** memory, size_t alignment, size_t bytes) {
  *memory = CountAllocation() ? nullptr : __libc_memalign(alignment, bytes);
  return *memory == nullptr ? ENOMEM : 0;
}
}
#endif

namespace tupelo {

namespace {

constexpr int kRows = 100'000;

// With and without autocommit.
class AllocationTest : public testing::TestWithParam<bool> {
 protected:
  AllocationTest() : connection_(Database::Open("")->Connect()) {
    if (!TUPELO_COUNTS_ALLOCATIONS) return;
    connection_->SetAutocommit(GetParam());
    Execute(*connection_,
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(40), n INTEGER, x DOUBLE "
            "PRECISION, flag BOOLEAN)");
    insert_ = connection_->Prepare("INSERT INTO t VALUES (?, ?, ?, ?, TRUE)");
    parameters_.Reset(4);
  }
  void SetUp() override {
    if (!TUPELO_COUNTS_ALLOCATIONS) GTEST_SKIP() << "a sanitizer owns the heap";
  }

  // Allocations of runs `from` to kRows; those before them fill buffers and pools.
  template <typename Operation>
  size_t AllocationsOf(int from, Operation operation) {
    size_t before = 0;
    for (int i = 0; i < kRows; ++i) {
      if (i == from) before = allocations;
      operation(i);
    }
    return allocations - before;
  }

  void Insert(int i) {
    static const char* const kNames[] = {"a", "short", "a name that is longer than sixteen bytes"};
    parameters_.Reset(4);
    parameters_.SetInteger(0, i);
    parameters_.SetText(1, kNames[i % 3]);
    parameters_.SetInteger(2, i % 100);
    parameters_.SetDouble(3, i * 0.5);
    parameters_.EndRow();
    insert_->Execute(parameters_);
  }
  void Fill() {
    for (int i = 0; i < kRows; ++i) Insert(i);
    if (!GetParam()) connection_->Commit();
  }
  void SetKey(int i) {
    key_.Reset(1);
    key_.SetInteger(0, i);
    key_.EndRow();
  }

  std::unique_ptr<Connection> connection_;
  std::shared_ptr<Statement> insert_;
  ParameterSet parameters_, key_;
};

TEST_P(AllocationTest, InsertingTakesFromTheHeapAtMostTwicePerThousandRows) {
  EXPECT_LE(AllocationsOf(100, [&](int i) { Insert(i); }), 2u * kRows / 1000);
}

TEST_P(AllocationTest, SelectingByKeyTakesNothing) {
  Fill();
  auto select = connection_->Prepare("SELECT id, name, n, x, flag FROM t WHERE id = ?");
  int64_t found = 0;
  EXPECT_EQ(AllocationsOf(100,
                          [&](int i) {
                            SetKey(i * 7919 % kRows);
                            Result result = select->Execute(key_);
                            while (const Chunk* chunk = result.NextChunk())
                              found += chunk->row_count();
                          }),
            0u);
  EXPECT_EQ(found, kRows);
}

TEST_P(AllocationTest, SelectingAnExpressionByKeyTakesNothing) {
  Fill();
  auto select = connection_->Prepare(
      "SELECT n * 2 + 1, CASE WHEN flag THEN x ELSE 0 END FROM t WHERE id = ? AND n >= 0");
  int64_t found = 0;
  EXPECT_EQ(AllocationsOf(100,
                          [&](int i) {
                            SetKey(i);
                            Result result = select->Execute(key_);
                            while (const Chunk* chunk = result.NextChunk())
                              found += chunk->row_count();
                          }),
            0u);
  EXPECT_EQ(found, kRows);
}

TEST_P(AllocationTest, UpdatingByKeyTakesNothing) {
  Fill();
  auto update = connection_->Prepare("UPDATE t SET n = n + ?, x = ? WHERE id = ?");
  int64_t changed = 0;
  ParameterSet set;
  // In one transaction old versions pile up, and the list of the extents that hold them grows.
  size_t allowed = GetParam() ? 0 : kRows / 10'000;
  EXPECT_LE(AllocationsOf(100,
                          [&](int i) {
                            set.Reset(3);
                            set.SetInteger(0, i);
                            set.SetDouble(1, i);
                            set.SetInteger(2, i * 7919 % kRows);
                            set.EndRow();
                            changed += update->Execute(set).row_count();
                          }),
            allowed);
  EXPECT_EQ(changed, kRows);
}

TEST_P(AllocationTest, DeletingByKeyTakesNothing) {
  Fill();
  auto remove = connection_->Prepare("DELETE FROM t WHERE id = ?");
  int64_t changed = 0;
  size_t allowed = GetParam() ? 0 : kRows / 10'000;
  EXPECT_LE(AllocationsOf(100,
                          [&](int i) {
                            SetKey(i);
                            changed += remove->Execute(key_).row_count();
                          }),
            allowed);
  EXPECT_EQ(changed, kRows);
}

INSTANTIATE_TEST_SUITE_P(, AllocationTest, testing::Bool(), [](const auto& info) {
  return info.param ? "Autocommit" : "OneTransaction";
});

}  // namespace

}  // namespace tupelo

// base/work_memory_test.cpp: what is held, and what goes to files.
#include "base/work_memory.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <numeric>

#include "base/error.h"
#include "base/work_array.h"

namespace tupelo {
namespace {

constexpr size_t kMegabyte = size_t{1} << 20;

std::shared_ptr<WorkMemory> MakeMemory(uint64_t limit) {
  auto memory = std::make_shared<WorkMemory>();
  memory->SetLimit(limit);
  memory->SetDirectory(std::filesystem::temp_directory_path());
  return memory;
}

// Of this test alone.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "work-memory-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }
  bool is_empty() const { return std::filesystem::is_empty(path_); }

 private:
  std::filesystem::path path_;
};

TEST(WorkMemory, HoldsHalfOfItsLimit) {
  auto memory = MakeMemory(100);
  EXPECT_TRUE(memory->TryHold(25));
  EXPECT_FALSE(memory->is_short());
  EXPECT_TRUE(memory->TryHold(25));
  EXPECT_TRUE(memory->is_short());
  EXPECT_FALSE(memory->TryHold(1));
  EXPECT_EQ(memory->held(), 50u);
  memory->GiveBack(50);
  EXPECT_EQ(memory->held(), 0u);
  HeldBytes one;
  EXPECT_TRUE(one.TryAdd(memory.get(), 30));
  {
    HeldBytes other;
    EXPECT_TRUE(other.TryAdd(memory.get(), 20));
    EXPECT_FALSE(other.TryAdd(memory.get(), 1));
    one.Adopt(&other);
  }
  EXPECT_EQ(memory->held(), 50u);
  HeldBytes moved = std::move(one);
  EXPECT_EQ(memory->held(), 50u);
  moved.Clear();
  EXPECT_EQ(memory->held(), 0u);
}

TEST(WorkMemory, ArraysGrowIntoFiles) {
  auto memory = MakeMemory(8 * kMegabyte);
  Folder folder;
  memory->SetDirectory(folder.path());
  {
    WorkMemoryScope scope(memory.get());
    WorkArray<uint64_t> small;
    small.resize(1000, 7);
    EXPECT_EQ(memory->held(), 0u);  // little is not counted
    WorkArray<uint64_t> array;
    for (uint64_t i = 0; i < 2'000'000; ++i) array.push_back(i);
    EXPECT_GE(memory->mapped(), 16'000'000u);
    EXPECT_EQ(memory->held(), 0u);
    EXPECT_TRUE(folder.is_empty());  // they have no names
    memory->NoteUse(1u << 20);
    array.WriteOut();
    WorkArray<uint64_t> taken = std::move(array);
    for (uint64_t i = 0; i < 2'000'000; ++i) ASSERT_EQ(taken[i], i);
    taken.resize(3'000'000, 5);
    EXPECT_EQ(taken.back(), 5u);
    EXPECT_EQ(std::accumulate(taken.begin() + 2'000'000, taken.end(), uint64_t{0}), 5'000'000u);
    WorkArray<uint64_t> second;
    second.Append(taken.data(), 400'000);  // fits
    EXPECT_GT(memory->held(), 0u);
    EXPECT_TRUE(std::equal(second.begin(), second.end(), taken.begin()));
  }
  EXPECT_EQ(memory->held(), 0u);
  EXPECT_EQ(memory->mapped(), 0u);
  EXPECT_GE(memory->written(), 16'000'000u);
}

TEST(WorkMemory, OutsideOfAStatementNothingIsCounted) {
  auto memory = MakeMemory(kMegabyte);
  WorkArray<char> array;
  array.resize(10 * kMegabyte, 'x');
  EXPECT_EQ(memory->mapped() + memory->held(), 0u);
  EXPECT_EQ(WorkMemoryScope::Current(), nullptr);
  WorkMemoryScope scope(memory.get());
  {
    WorkMemoryScope none(nullptr);
    EXPECT_EQ(WorkMemoryScope::Current(), memory.get());
  }
  array.push_back('y');  // freed by whom it was taken from
  EXPECT_GT(memory->mapped(), 0u);
}

TEST(WorkMemory, FilesAreMadeElsewhereWhereTheFolderTakesNone) {
  auto memory = MakeMemory(0);
  memory->SetDirectory("/nowhere/at/all");
  MappedPiece piece(memory, 100);
  std::memset(piece.data(), 1, 100);
  EXPECT_EQ(memory->mapped(), 100u);
}

TEST(WorkMemory, MemoryThatIsThereGoesToAFileInItsPlace) {
  auto memory = MakeMemory(kMegabyte);
  auto* bytes = static_cast<char*>(std::aligned_alloc(kMegabyte, 4 * kMegabyte));
  auto fill = [&] {
    for (size_t i = 0; i < 4 * kMegabyte; ++i) bytes[i] = static_cast<char>(i * 7 + i / 4096);
  };
  auto expect_filled = [&] {
    for (size_t i = 0; i < 4 * kMegabyte; ++i)
      ASSERT_EQ(bytes[i], static_cast<char>(i * 7 + i / 4096));
  };
  for (int round = 0; round < 2; ++round) {
    fill();
    MappedPiece piece(memory, bytes, 4 * kMegabyte);
    EXPECT_EQ(piece.data(), bytes);
    EXPECT_EQ(memory->mapped(), 4 * kMegabyte);
    memory->NoteUse(1u << 20);
    expect_filled();
    bytes[5] = 'x';
    memory->NoteUse(1u << 20);
    EXPECT_EQ(bytes[5], 'x');
  }
  EXPECT_EQ(memory->mapped(), 0u);
  EXPECT_EQ(bytes[5], 0);
  fill();
  expect_filled();
  std::free(bytes);
}

// A folder without room for the file.
TEST(WorkMemory, NoRoom) {
  auto memory = MakeMemory(0);
  try {
    MappedPiece piece(memory, size_t{1} << 62);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ErrorCode::kDiskFull) << error.what();
    EXPECT_NE(std::string(error.what()).find("memory_limit"), std::string::npos);
  }
  EXPECT_EQ(memory->mapped(), 0u);
}

}  // namespace
}  // namespace tupelo

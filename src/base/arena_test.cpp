// base/arena_test.cpp: memory that is handed out stays put, aligned and apart.
#include "base/arena.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/work_memory.h"

namespace tupelo {
namespace {

TEST(Arena, HandsOutAlignedMemoryThatDoesNotOverlap) {
  Arena arena(64);
  std::vector<std::pair<unsigned char*, size_t>> pieces;
  for (size_t i = 0; i < 2000; ++i) {
    size_t bytes = i * 7 % 150, alignment = size_t{1} << (i % 6);
    auto* piece = static_cast<unsigned char*>(arena.Allocate(bytes, alignment));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(piece) % alignment, 0u);
    std::memset(piece, static_cast<int>(i % 251), bytes);
    pieces.emplace_back(piece, bytes);
  }
  for (size_t i = 0; i < pieces.size(); ++i) {
    for (size_t j = 0; j < pieces[i].second; ++j) ASSERT_EQ(pieces[i].first[j], i % 251);
  }
}

TEST(Arena, ServesPiecesLargerThanAChunk) {
  Arena arena(64);
  auto* large = static_cast<char*>(arena.Allocate(5'000'000));
  large[0] = large[4'999'999] = 'x';
  EXPECT_GE(arena.reserved_bytes(), 5'000'000u);
}

TEST(Arena, StopsAllocatingWhenItIsUsedAlike) {
  Arena arena(128);
  for (int i = 0; i < 100; ++i) arena.Allocate(100);
  arena.Reset();
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 20; ++i) arena.Allocate(100);
    arena.Reset();
  }
  size_t reserved = arena.reserved_bytes();
  for (int i = 0; i < 20; ++i) arena.Allocate(100);
  EXPECT_EQ(arena.reserved_bytes(), reserved);
}

// A scope's limit is for what arenas of statements take, whoever resets them; not for others.
TEST(Arena, WorkBeyondTheLimitIsOfFiles) {
  constexpr size_t kMegabyte = size_t{1} << 20;
  auto memory = std::make_shared<WorkMemory>();
  memory->SetLimit(8 * kMegabyte);
  memory->SetDirectory(std::filesystem::temp_directory_path());
  Arena arena(ArenaUse::kWork), kept;
  for (int round = 0; round < 2; ++round) {
    std::vector<uint32_t*> pieces;
    WorkMemoryScope scope(memory.get());
    for (uint32_t i = 0; i < 20'000; ++i) {
      auto* piece = arena.NewArray<uint32_t>(250);
      std::fill_n(piece, 250, i);
      pieces.push_back(piece);
      kept.Allocate(1000);
    }
    EXPECT_GE(memory->held(), 3 * kMegabyte);
    EXPECT_LE(memory->held(), 4 * kMegabyte);
    EXPECT_GE(memory->held() + memory->mapped(), 18 * kMegabyte);
    EXPECT_LE(memory->held() + memory->mapped(), 22 * kMegabyte);
    EXPECT_GE(arena.reserved_bytes(), memory->held() + memory->mapped());
    for (uint32_t i = 0; i < 20'000; ++i) ASSERT_EQ(pieces[i][0] + pieces[i][249], 2 * i);
    arena.Reset();
    kept.Reset();
    EXPECT_EQ(memory->held() + memory->mapped(), 0u);
    EXPECT_LE(arena.reserved_bytes(), kMegabyte);
  }
}

// What fits into chunks that are not counted takes no file, however often.
TEST(Arena, LittleWorkIsNotCounted) {
  auto memory = std::make_shared<WorkMemory>();
  memory->SetLimit(0);  // nothing may be held
  WorkMemoryScope scope(memory.get());
  Arena arena(ArenaUse::kWork);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 400; ++i) std::memset(arena.Allocate(1000), round, 1000);
    arena.Reset();
  }
  EXPECT_EQ(memory->mapped() + memory->written(), 0u);
}

TEST(Arena, CopiesStringsAndMakesObjects) {
  Arena arena;
  std::string text = "gone soon";
  std::string_view copy = arena.CopyString(text);
  text.assign(9, '?');
  EXPECT_EQ(copy, "gone soon");
  EXPECT_TRUE(arena.CopyString("").empty());
  struct Point {
    int x, y;
    Point(int x_at, int y_at) : x(x_at), y(y_at) {}
  };
  Point* point = arena.New<Point>(3, 4);
  EXPECT_EQ(point->x + point->y, 7);
  auto* numbers = arena.NewArray<uint64_t>(10);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(numbers) % alignof(uint64_t), 0u);
  Arena().Reset();
}

}  // namespace
}  // namespace tupelo

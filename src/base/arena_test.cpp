// base/arena_test.cpp: memory that is handed out stays put, aligned and apart.
#include "base/arena.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <vector>

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

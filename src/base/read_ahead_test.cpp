// base/read_ahead_test.cpp: things come in their order, whoever is faster, and errors in theirs.
#include "base/read_ahead.h"

#include <array>
#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <thread>

#if defined(__unix__)
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace tupelo {
namespace {

constexpr int kThings = 300;

void SleepMs(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

// Makes kThings numbers, then throws or ends; `slow_maker`, `slow_taker`: who waits now and then.
int TakeAll(bool slow_maker, bool slow_taker, bool throws) {
  std::array<int, ReadAhead::kPlaces> places{};
  int made = 0;
  ReadAhead ahead([&](uint32_t place) {
    if (slow_maker && made % 50 == 0) SleepMs(8);
    if (made == kThings && throws) throw std::runtime_error("at the end");
    if (made == kThings) return false;
    places[place] = ++made;
    return true;
  });
  int taken = 0;
  while (true) {
    uint32_t place = ahead.Take([] {});
    if (place == ReadAhead::kNone) return taken;
    int thing = places[place];
    if (slow_taker && taken % 50 == 0) SleepMs(8);
    EXPECT_EQ(thing, taken + 1);
    EXPECT_EQ(places[place], thing) << "changed while it was in use";
    ++taken;
  }
}

TEST(ReadAhead, GivesEachThingOnceAndInOrder) {
  for (bool slow_maker : {false, true}) {
    for (bool slow_taker : {false, true})
      EXPECT_EQ(TakeAll(slow_maker, slow_taker, false), kThings);
  }
}

TEST(ReadAhead, ThrowsWhereTheThingWouldBe) {
  EXPECT_THROW(TakeAll(false, false, true), std::runtime_error);
  EXPECT_THROW(TakeAll(false, true, true), std::runtime_error);
}

TEST(ReadAhead, StaysAtTheEnd) {
  ReadAhead ahead([](uint32_t) { return false; });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ahead.Take([] {}), ReadAhead::kNone);
}

TEST(ReadAhead, MakesNoMoreThanThereArePlaces) {
  std::atomic<int> made = 0;
  ReadAhead ahead([&](uint32_t) {
    ++made;
    return true;
  });
  auto expect_made = [&](uint32_t count) {
    for (int i = 0; i < 1000 && made < static_cast<int>(count); ++i) SleepMs(5);
    SleepMs(10);
    EXPECT_EQ(made, static_cast<int>(count));
  };
  expect_made(ReadAhead::kPlaces);
  ahead.Take([] {});
  expect_made(ReadAhead::kPlaces);  // one is in use
  ahead.Take([] {});
  expect_made(ReadAhead::kPlaces + 1);
}

TEST(ReadAhead, WhoWaitsMayEndIt) {
  std::atomic<bool> may_end = false;
  ReadAhead ahead([&](uint32_t) {
    while (!may_end) SleepMs(1);
    return false;
  });
  EXPECT_THROW(ahead.Take([] { throw std::runtime_error("enough"); }), std::runtime_error);
  may_end = true;
}

#if defined(__unix__) && !defined(__SANITIZE_THREAD__)
TEST(ReadAhead, EndsInAForkedChild) {
  auto ahead = std::make_unique<ReadAhead>([](uint32_t) {
    SleepMs(1);
    return true;
  });
  for (int i = 0; i < 20; ++i) {  // at different moments of the other thread
    ahead->Take([] {});
    pid_t child = fork();
    if (child == 0) {
      ahead.reset();
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_NE(ahead->Take([] {}), ReadAhead::kNone);
}
#endif

}  // namespace
}  // namespace tupelo

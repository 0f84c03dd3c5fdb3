// base/recycled_test.cpp: recycled memory is never shared, and comes back.
#include "base/recycled.h"

#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <thread>
#include <vector>

namespace tupelo {

namespace {

template <size_t kBytes>
struct Node : Recycled {
  explicit Node(int value) { std::memset(bytes, value, sizeof bytes); }
  char bytes[kBytes];
};

struct Base : Recycled {
  virtual ~Base() = default;
};
struct Derived : Base {
  char bytes[300] = {1};
};

TEST(Recycled, ObjectsOfManySizesDoNotShareMemoryWhileTheyLive) {
  std::vector<std::unique_ptr<Node<24>>> small;
  std::vector<std::unique_ptr<Node<40>>> middle;
  std::vector<std::unique_ptr<Node<1000>>> large;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 500; ++i) {
      small.push_back(std::make_unique<Node<24>>(i % 100));
      middle.push_back(std::make_unique<Node<40>>(i % 100 + 1));
      large.push_back(std::make_unique<Node<1000>>(i % 100 + 2));
    }
    for (size_t i = 0; i < small.size(); ++i) {
      EXPECT_EQ(small[i]->bytes[23], static_cast<char>(i % 500 % 100));
      EXPECT_EQ(middle[i]->bytes[0], static_cast<char>(i % 500 % 100 + 1));
      EXPECT_EQ(large[i]->bytes[999], static_cast<char>(i % 500 % 100 + 2));
    }
    small.clear();
    middle.clear();
    large.clear();
  }
}

TEST(Recycled, MemoryComesBackToWhatIsMadeNext) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers see every allocation";
#endif
  auto first = std::make_unique<Node<100>>(1);
  auto place = reinterpret_cast<uintptr_t>(first.get());
  first = nullptr;
  std::unique_ptr<Node<97>> second = std::make_unique<Node<97>>(2);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(second.get()), place);
}

TEST(Recycled, AnObjectIsDestroyedThroughItsBaseWithItsOwnSize) {
  std::vector<std::unique_ptr<Base>> objects;
  for (int i = 0; i < 10; ++i) {
    objects.push_back(i % 2 == 0 ? std::make_unique<Base>() : std::make_unique<Derived>());
  }
  objects.clear();
  auto derived = std::make_unique<Derived>();
  EXPECT_EQ(derived->bytes[0], 1);
}

TEST(Recycled, AnotherThreadMayDestroyWhatOneMade) {
  std::vector<std::unique_ptr<Node<64>>> made;
  std::thread([&] {
    for (int i = 0; i < 1000; ++i) made.push_back(std::make_unique<Node<64>>(i % 100));
  }).join();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(made[static_cast<size_t>(i)]->bytes[5], i % 100);
  std::thread([&] { made.clear(); }).join();
}

}  // namespace

}  // namespace tupelo

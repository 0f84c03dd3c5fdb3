// base/anonymous_file_test.cpp: a file in memory does what one on a disk does.
#include "base/anonymous_file.h"

#include <gtest/gtest.h>
#include <random>

#include "base/error.h"
#include "base/simulated_files.h"

namespace tupelo {
namespace {

TEST(AnonymousFileTest, HoldsWhatAnotherFileHoldsAfterTheSameCalls) {
  SimulatedFiles files;
  std::unique_ptr<File> other = files.Open("/d/f", OpenMode::kCreate);
  AnonymousFile file("name");
  EXPECT_EQ(file.path(), "name");
  std::mt19937 random(7);
  constexpr uint64_t kMost = (uint64_t{3} << 20) + 5;
  for (int step = 0; step < 60; ++step) {
    uint64_t offset = random() % kMost;
    if (random() % 4 == 0) {
      file.Resize(offset);
      other->Resize(offset);
    } else {
      std::vector<uint8_t> bytes(random() % (uint64_t{3} << 19));
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
      file.WriteAt(offset, bytes);
      other->WriteAt(offset, bytes);
    }
    ASSERT_EQ(file.Size(), other->Size());
    std::vector<uint8_t> got(random() % kMost), expected(got.size());
    uint64_t from = random() % kMost;
    ASSERT_EQ(file.ReadAt(from, got), other->ReadAt(from, expected));
    ASSERT_EQ(got, expected) << step;
  }
}

TEST(BytesFileTest, GivesTheBytesAndTakesNone) {
  const std::vector<uint8_t> bytes = {1, 2, 3, 4, 5};
  BytesFile file("name", bytes);
  EXPECT_EQ(file.Size(), 5u);
  std::vector<uint8_t> got(4);
  EXPECT_EQ(file.ReadAt(3, got), 2u);
  EXPECT_EQ(got[0], 4);
  EXPECT_EQ(file.ReadAt(5, got), 0u);
  EXPECT_THROW(file.WriteAt(0, bytes), Error);
  EXPECT_THROW(file.Resize(0), Error);
}

}  // namespace
}  // namespace tupelo

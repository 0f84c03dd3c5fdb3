// storage/long_values.h: strings that are too long to lie within a block.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "storage/extent_address.h"

namespace tupelo {

// Longer ones have extents of their own, and a block says where.
inline constexpr size_t kLongestInBlock = 4096;

// Where they go, and come from.
class LongValues {
 public:
  virtual ~LongValues() = default;
  // Stores the bytes in as many extents as they need, kMaxExtentPayload in all but the last.
  virtual std::vector<ExtentAddress> Write(std::string_view bytes) = 0;
  // Fills `bytes`; kDataCorrupted where the extents do not hold just as many.
  virtual void Read(std::span<const ExtentAddress> extents, std::span<char> bytes) = 0;
  // Whether what was read last is lost, and a null takes its place: for who reads what is damaged.
  virtual bool LastIsLost() const { return false; }
};

}  // namespace tupelo

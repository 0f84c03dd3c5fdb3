// exec/join_filter.h: the keys that a hash join has, for scans below it.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/execution_context.h"
#include "types/vector.h"

namespace tupelo {

// Bounds of the keys, and a set of them: a bit for each number between the bounds where those are
// close together, else a Bloom filter. The join adds its keys and finishes; scans only read then.
class JoinFilter {
 public:
  // The filter of that number, made when first asked for.
  static JoinFilter* Of(ExecutionContext* context, uint32_t number);

  // Forgets all keys; Release gives the memory back as well.
  void Clear();
  void Release();
  // Values of an integer type; nulls are left out.
  void Add(const Vector& keys, Rows rows);
  // Moves the keys that another one was given here.
  void TakeKeys(JoinFilter* other);
  void Finish();

  // Whether all keys are known. Before, a filter says nothing.
  bool is_ready() const { return is_ready_; }
  bool is_empty() const { return highest_ < lowest_; }
  int64_t lowest() const { return lowest_; }
  int64_t highest() const { return highest_; }
  // Rows of `rows` that may have one of the keys, written to `selection` (room for all of them).
  // Returns how many.
  uint32_t Select(const Vector& values, Rows rows, uint16_t* selection) const;

 private:
  template <typename Has>
  static uint32_t SelectIf(const Vector& values, Rows rows, uint16_t* selection, Has&& has);

  bool is_ready_ = false;
  bool is_exact_ = true;  // a bit for each number
  int64_t lowest_ = INT64_MAX, highest_ = INT64_MIN;
  std::vector<int64_t> keys_;  // until Finish
  std::vector<uint64_t> bits_;
  int shift_ = 0;  // of a hash, to a word
};

}  // namespace tupelo

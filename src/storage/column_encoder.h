// storage/column_encoder.h: codes for the blocks of a string column with few different values.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "storage/column_block.h"

namespace tupelo {

// All blocks of a column share one dictionary, which grows as they are encoded. Once a block has a
// value for which there is no room the column is given up: it costs nothing from then on, and
// blocks that have codes keep them. May be called for different blocks at once.
class ColumnEncoder {
 public:
  // Gives the block codes where it was scanned before and not written since. Of the rows that are
  // not `live` nobody may look at the codes. Another thread may do the same. REQUIRES: no other
  // version of the rows is needed; the block is full and has none.
  void Encode(ColumnBlock* block, const uint64_t* live);

 private:
  std::atomic<bool> given_up_ = false;
  std::mutex mutex_;
  std::shared_ptr<StringDictionary> dictionary_;  // nullptr until the first block; under mutex_
};

}  // namespace tupelo

// types/string_dictionary.h: the different values of a string column, numbered.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/arena.h"
#include "types/string_ref.h"
#include "types/vector.h"

namespace tupelo {

// Code 0 is null; the values have the codes from 1 on, in the order in which they were added. What
// was added stays as it is, so codes may be looked up without a lock while somebody else adds: who
// has a code from a vector finds its value. Only adding needs one thread at a time.
class StringDictionary {
 public:
  static constexpr uint32_t kMostCodes = 256;

  StringDictionary();
  StringDictionary(const StringDictionary&) = delete;
  StringDictionary& operator=(const StringDictionary&) = delete;

  // Of no other dictionary of the process, before or after: for who remembers what it found out.
  uint64_t id() const { return id_; }
  // All codes are below.
  uint32_t size() const { return size_.load(std::memory_order_acquire); }

  const StringRef* values() const { return values_; }
  // Of the codes as values(); null is null.
  static const uint64_t* validity();
  // By code, as HashVector gives them for CHARACTER (`padded`) or for other strings.
  const uint64_t* hashes(bool padded) const { return padded ? padded_hashes_ : hashes_; }

  // The code of a value, added when it is new; 0 when there is no room for it.
  uint32_t FindOrAdd(const StringRef& value);
  // A new code even for a value that has one. REQUIRES: size() < kMostCodes.
  void Add(const StringRef& value);

 private:
  static constexpr uint32_t kSlots = 2 * kMostCodes;

  uint64_t id_;
  std::atomic<uint32_t> size_ = 1;
  StringRef values_[kMostCodes];
  uint64_t hashes_[kMostCodes];
  uint64_t padded_hashes_[kMostCodes];
  uint8_t slots_[kSlots] = {};  // open addressing; 0: free
  Arena bytes_;                 // of long values
};

}  // namespace tupelo

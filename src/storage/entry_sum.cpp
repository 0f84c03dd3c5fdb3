// storage/entry_sum.cpp: the sum of their hashes.
#include "storage/entry_sum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tupelo {

void EntrySum::Add(std::string_view entry) {
  ++count_;
  sum_ += XXH3_64bits(entry.data(), entry.size());
}

}  // namespace tupelo

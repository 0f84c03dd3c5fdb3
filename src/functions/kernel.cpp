// functions/kernel.cpp: the validity of a kernel's result.
#include "functions/kernel.h"

#include <algorithm>

namespace tupelo {

void PrepareResultSlow(const KernelCall& call, uint32_t capacity) {
  uint64_t* result = call.result->MutableValidity();
  uint32_t words = (capacity + 63) / 64;
  for (const Vector* argument : call.arguments) {
    const uint64_t* validity = argument->validity();
    if (validity == nullptr) continue;
    if (argument->is_constant()) {
      if ((validity[0] & 1) == 0) std::fill_n(result, words, 0);
    } else if (call.rows.is_dense()) {
      for (uint32_t word = 0; word < words; ++word) result[word] &= validity[word];
    } else {
      // The bitmap may end after the last row of the list.
      for (uint32_t i = 0; i < call.rows.count; ++i) {
        uint32_t row = call.rows.rows[i];
        if (!argument->IsValid(row)) result[row / 64] &= ~(uint64_t{1} << (row % 64));
      }
    }
  }
}

}  // namespace tupelo

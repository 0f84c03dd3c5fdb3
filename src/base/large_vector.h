// base/large_vector.h: growing vectors that may be large, in steps between which a statement may
// end.
//
// The system provides memory when it is first touched, which takes longer than to fill it: for some
// hundred megabytes as long as a statement that was interrupted may go on in all.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/interruption_scope.h"

namespace tupelo {

inline constexpr size_t kVectorStepBytes = size_t{1} << 20;

// Room for `more` values, growing as push_back would.
template <typename T>
void MakeRoom(std::vector<T>* values, size_t more) {
  size_t wanted = values->size() + more;
  if (wanted <= values->capacity()) return;
  wanted = std::max(wanted, 2 * values->capacity());
  if (values->size() * sizeof(T) <= kVectorStepBytes) {
    values->reserve(wanted);
    return;
  }
  constexpr size_t kStep = kVectorStepBytes / sizeof(T);
  std::vector<T> larger;
  larger.reserve(wanted);
  for (size_t done = 0; done < values->size(); done += kStep) {
    CheckInterruption();
    const T* begin = values->data() + done;
    larger.insert(larger.end(), begin, begin + std::min(kStep, values->size() - done));
  }
  values->swap(larger);
}

}  // namespace tupelo

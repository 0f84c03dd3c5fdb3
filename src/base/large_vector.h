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

// Makes it `count` values, those that are new equal to `value`.
template <typename T>
void ResizeInSteps(std::vector<T>* values, size_t count, const T& value = T()) {
  if (count > values->size()) MakeRoom(values, count - values->size());
  constexpr size_t kStep = kVectorStepBytes / sizeof(T);
  while (values->size() + kStep < count) {
    values->resize(values->size() + kStep, value);
    CheckInterruption();
  }
  values->resize(count, value);
}

// Makes it `count` values that are all equal to `value`.
template <typename T>
void AssignInSteps(std::vector<T>* values, size_t count, const T& value) {
  values->clear();
  ResizeInSteps(values, count, value);
}

// Appends `count` values from `source` on.
template <typename T>
void AppendInSteps(std::vector<T>* values, const T* source, size_t count) {
  MakeRoom(values, count);
  constexpr size_t kStep = kVectorStepBytes / sizeof(T);
  for (size_t done = 0; done < count; done += kStep) {
    if (done > 0) CheckInterruption();
    values->insert(values->end(), source + done, source + done + std::min(kStep, count - done));
  }
}

}  // namespace tupelo

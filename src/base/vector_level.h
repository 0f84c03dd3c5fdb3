// base/vector_level.h: loops compiled for several generations of processors.
//
// On x86-64 a loop that is run by RunAtLevel exists three times, and the processor decides which of
// them runs. On other architectures, whose baseline has its vectors, it exists once. Results are
// the same at every level: loops round as they are written (-ffp-contract=off), and sums of
// approximate numbers, whose order matters, are none of them.
#pragma once

#include <cstdint>

namespace tupelo {

enum class VectorLevel : uint8_t { kBaseline, kAvx2, kAvx512 };

// The highest that the processor has.
VectorLevel HighestVectorLevel();
// The one that is used: the highest, or a lower one that the environment names when the process
// starts: TUPELO_VECTORS=baseline or avx2.
extern VectorLevel vector_level;

#if defined(__x86_64__)
template <typename Loop>
[[gnu::noinline, gnu::target("avx2")]] void RunWithAvx2(Loop loop) {
  loop();
}
template <typename Loop>
[[gnu::noinline, gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void RunWithAvx512(Loop loop) {
  loop();
}
#endif

// `loop` captures by value, what it points to is its own, and it is marked
// __attribute__((always_inline)), so that it becomes part of each version. Worth it where a loop
// over a vector gains: a call costs about as much as a few values.
template <typename Loop>
void RunAtLevel(Loop loop) {
#if defined(__x86_64__)
  if (vector_level == VectorLevel::kAvx2) return RunWithAvx2(loop);
  if (vector_level == VectorLevel::kAvx512) return RunWithAvx512(loop);
#endif
  loop();
}

}  // namespace tupelo

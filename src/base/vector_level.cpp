// base/vector_level.cpp: what the processor has.
#include "base/vector_level.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace tupelo {

VectorLevel HighestVectorLevel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2")) return VectorLevel::kBaseline;
  bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return has_avx512 ? VectorLevel::kAvx512 : VectorLevel::kAvx2;
#else
  return VectorLevel::kBaseline;
#endif
}

namespace {

VectorLevel LevelOfProcess() {
  const char* given = std::getenv("TUPELO_VECTORS");
  std::string_view name = given == nullptr ? "" : given;
  VectorLevel most = name == "baseline" ? VectorLevel::kBaseline
                     : name == "avx2"   ? VectorLevel::kAvx2
                                        : VectorLevel::kAvx512;
  return std::min(most, HighestVectorLevel());
}

}  // namespace

VectorLevel vector_level = LevelOfProcess();

}  // namespace tupelo

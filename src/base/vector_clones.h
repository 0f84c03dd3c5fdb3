// base/vector_clones.h: loops compiled for several generations of processors.
#pragma once

namespace tupelo {

// Before a function: it is compiled three times, for any x86-64, for those with AVX2 and for those
// with AVX-512, and the loader takes the best that the processor has. Worth it for loops over
// arrays that the compiler vectorizes. On other architectures, with other compilers and under
// sanitizers, whose runtimes are not there yet when the loader asks, there is one version.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(TUPELO_SANITIZED)
#define TUPELO_VECTOR_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TUPELO_VECTOR_CLONES
#endif

}  // namespace tupelo

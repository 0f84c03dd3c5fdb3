// base/interruption_scope.h: what may end the statement that the calling thread works for.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/interruption.h"

namespace tupelo {

// For rules of the optimizer, tables, containers and kernels, which are too far from the statement
// to be handed its Interruption. Scopes nest.
class InterruptionScope {
 public:
  // nullptr leaves things as they are, and costs nothing.
  explicit InterruptionScope(const Interruption* interruption) {
    if (interruption != nullptr) Enter(interruption);
  }
  ~InterruptionScope() {
    if (entered_) Leave();
  }
  InterruptionScope(const InterruptionScope&) = delete;
  InterruptionScope& operator=(const InterruptionScope&) = delete;

  // nullptr outside of all scopes.
  static const Interruption* Current();

 private:
  void Enter(const Interruption* interruption);
  void Leave();
  const Interruption* outer_ = nullptr;
  bool entered_ = false;
};

// Interruption::Check of the scope that the calling thread is in, if any. For loops without
// anything to count by there is InterruptionCounter, made of InterruptionScope::Current().
void CheckInterruption();

// The same once in a few dozen calls: for steps that take microseconds.
inline void StepInterruption() {
  // Of all threads: a variable of each thread's own takes a call to find in a shared library. Steps
  // that two threads count as one make a check late by as many.
  alignas(64) static constinit std::atomic<uint32_t> steps{0};
  constexpr uint32_t kSteps = 64;
  uint32_t step = steps.load(std::memory_order_relaxed) + 1;
  steps.store(step, std::memory_order_relaxed);
  if (step % kSteps == 0) CheckInterruption();
}

}  // namespace tupelo

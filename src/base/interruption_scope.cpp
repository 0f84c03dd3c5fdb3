// base/interruption_scope.cpp: the innermost scope of each thread.
#include "base/interruption_scope.h"

namespace tupelo {

namespace {

constinit thread_local const Interruption* current_interruption = nullptr;

}  // namespace

const Interruption* InterruptionScope::Current() { return current_interruption; }

void InterruptionScope::Enter(const Interruption* interruption) {
  entered_ = true;
  outer_ = current_interruption;
  current_interruption = interruption;
}

void InterruptionScope::Leave() { current_interruption = outer_; }

void CheckInterruption() {
  if (current_interruption != nullptr) current_interruption->Check();
}

}  // namespace tupelo

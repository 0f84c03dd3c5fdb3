// base/wait.cpp: the one place where the hooks are kept.
#include "base/wait.h"

namespace tupelo {

WaitHooks& GlobalWaitHooks() {
  static WaitHooks hooks;
  return hooks;
}

}  // namespace tupelo

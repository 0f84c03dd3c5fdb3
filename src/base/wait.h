// base/wait.h: what a thread must do before and after it blocks.
#pragma once

namespace tupelo {

// A host with a global lock (CPython) must not hold it while a thread waits for another. The host
// registers two functions for its threads; engine code wraps every blocking call in a WaitScope.
struct WaitHooks {
  void* (*before)() =
      nullptr;  // returns a token for `after`; nullptr: there was nothing to give up
  void (*after)(void*) = nullptr;
};
// Set once, before threads use the library; both null by default.
WaitHooks& GlobalWaitHooks();

class WaitScope {
 public:
  WaitScope() {
    if (GlobalWaitHooks().before != nullptr) token_ = GlobalWaitHooks().before();
  }
  ~WaitScope() {
    if (token_ != nullptr) GlobalWaitHooks().after(token_);
  }
  WaitScope(const WaitScope&) = delete;
  WaitScope& operator=(const WaitScope&) = delete;

 private:
  void* token_ = nullptr;
};

}  // namespace tupelo

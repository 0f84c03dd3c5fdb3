// base/own_threads.cpp: starting threads without signals.
#include "base/own_threads.h"

#if defined(__unix__) || defined(__APPLE__)
#include <csignal>
#include <unistd.h>
#endif

namespace tupelo {

#if defined(__unix__) || defined(__APPLE__)

namespace {

// Threads that are made within the scope begin with all signals blocked.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

std::thread StartThread(std::function<void()> body) {
  SignalsBlocked no_signals;
  return std::thread(std::move(body));
}

int64_t ProcessNumber() { return getpid(); }

#else

std::thread StartThread(std::function<void()> body) { return std::thread(std::move(body)); }
int64_t ProcessNumber() { return 0; }

#endif

}  // namespace tupelo

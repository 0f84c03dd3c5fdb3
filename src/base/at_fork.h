// base/at_fork.h: what is done when the process forks.
#pragma once

namespace tupelo {

// `prepare` is called before the process forks, `parent` and `child` after it, in the one and the
// other. What `prepare` locks may be held by threads that open and close files.
void CallAtFork(void (*prepare)(), void (*parent)(), void (*child)());

}  // namespace tupelo

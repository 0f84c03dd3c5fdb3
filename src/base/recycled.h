// base/recycled.h: memory of small objects that come and go with every statement.
#pragma once

#include <cstddef>

namespace tupelo {

// A class derived from this gets its memory from lists of what the same thread gave back: a
// statement makes dozens of nodes of a few sizes and destroys as many of an older one, more than
// the system's allocator keeps at hand. Any thread may destroy what another made.
class Recycled {
 public:
  static void* operator new(size_t bytes);
  static void operator delete(void* memory, size_t bytes);
  // The other forms of placement that a declaration here would hide.
  static void* operator new(size_t, void* place) { return place; }
  static void operator delete(void*, void*) {}
};

}  // namespace tupelo

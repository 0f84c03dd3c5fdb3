// base/give_back.h: containers without their memory.
#pragma once

#include <utility>

namespace tupelo {

// Empties the container and frees what it holds. Assigning {} to a vector keeps its memory.
template <typename Container>
void GiveBackMemory(Container* container) {
  Container().swap(*container);
}

}  // namespace tupelo

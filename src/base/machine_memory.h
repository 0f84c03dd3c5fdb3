// base/machine_memory.h: how much memory the process may use.
#pragma once

#include <cstdint>

namespace tupelo {

// Bytes: of the machine, or of the control group that the process is in, if that has less.
uint64_t MachineMemory();

}  // namespace tupelo

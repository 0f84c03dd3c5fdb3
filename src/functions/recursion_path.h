// functions/recursion_path.h: what SEARCH and CYCLE of recursive queries compute.
#pragma once

#include <span>

#include "functions/function.h"

namespace tupelo {

// Values are BLOBs, as there are no arrays of rows: bytes whose order is that of the standard's
// values. No name in SQL means these functions.

// (previous, columns...): the rows from the first one to this, one after the other. The order of
// these is depth first.
BoundFunction SearchDepthFunction(std::span<const Type> columns);
// (previous, columns...): the number of rows before this one, then its columns.
BoundFunction SearchBreadthFunction(std::span<const Type> columns);
// (path, columns...): whether one of the rows on the path has these values.
BoundFunction PathHasFunction(std::span<const Type> columns);
// (path, columns...): the path with this row at its end.
BoundFunction PathAddFunction(std::span<const Type> columns);

}  // namespace tupelo

// ext/convert_out.h: from vectors to Python objects.
#pragma once

#include <Python.h>

#include "ext/module_state.h"
#include "types/chunk.h"

namespace tupelo {

// Makes a tuple of each of the rows [first, first + count) of those that are there in `chunk`,
// column by column: one switch per column, then a loop. False with an exception set, and nothing
// made. The tuples hold nothing that could be part of a cycle, so the garbage collector is told not
// to look at them.
bool MakeRowTuples(ModuleState* state, const Chunk& chunk, uint32_t first, uint32_t count,
                   PyObject** rows);

// tupelo.YearMonth.
PyObject* NewYearMonth(ModuleState* state, int32_t months);
// The months of a tupelo.YearMonth.
int32_t MonthsOf(PyObject* year_month);

}  // namespace tupelo

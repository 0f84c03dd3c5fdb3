// ext/convert_in.h: from Python objects to the values of parameters.
#pragma once

#include <Python.h>

#include "ext/module_state.h"
#include "ext/statement_cache.h"
#include "tupelo/tupelo.h"

namespace tupelo {

// Each sets every parameter of the row being set (without EndRow). False with an exception set:
// ProgrammingError for a wrong number, a missing name and a type that is not known, DataError for a
// value that no SQL type has, or what Python code raised (__index__, __getitem__). Such code may do
// anything, also close the connection: look again afterwards. May throw std::bad_alloc.

// From `parameters`: a sequence for `?`, a mapping for `:name`; nullptr and None: no parameters.
bool BindParameters(ModuleState* state, const CachedStatement& statement, PyObject* parameters,
                    ParameterSet* set);
// From the arguments of a call: `count` positional ones for `?`, then those that `keyword_names`
// (a tuple, or nullptr) names for `:name`.
bool BindCall(ModuleState* state, const CachedStatement& statement, PyObject* const* values,
              size_t count, PyObject* keyword_names, ParameterSet* set);

// One value, of parameter `i`. A subclass is taken as its base class: what it overrides is not
// called.
bool BindValue(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value);

// Parts of BindValue. Each: 1 when it took the value, 0 when the value is of another type, -1 with
// an exception set.
int BindNumber(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value);
int BindDatetime(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value);
// An int beyond 64 bits.
bool BindLargeInteger(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value);
bool BindFloat(ModuleState* state, ParameterSet* set, uint32_t i, double value);

}  // namespace tupelo

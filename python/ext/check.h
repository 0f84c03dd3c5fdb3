// ext/check.h: tupelo.check_file and tupelo.salvage, and what checks have found.
#pragma once

#include <Python.h>

#include <vector>

#include "engine/finding.h"
#include "ext/module_state.h"

namespace tupelo {

// A list of tupelo.Finding; nullptr with an exception set.
PyObject* ListOfFindings(ModuleState* state, const std::vector<Finding>& findings);

// Connection.check().
PyObject* CheckConnection(PyObject* connection, PyObject*);
// Functions of the module.
PyObject* CheckFileOf(PyObject* module, PyObject* path);
PyObject* SalvageOf(PyObject* module, PyObject* const* arguments, Py_ssize_t count);

}  // namespace tupelo

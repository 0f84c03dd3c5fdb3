// ext/transaction.h: isolation levels, and transactions that are run again.
#pragma once

#include <Python.h>

#include "engine/database.h"

namespace tupelo {

// False: a ValueError, or TypeError, is set.
bool IsolationLevelOf(PyObject* text, IsolationLevel* level);

// Connection.isolation_level
PyObject* GetIsolationLevel(PyObject* connection, void*);
int SetIsolationLevel(PyObject* connection, PyObject* value, void*);

// Connection.retry
PyObject* Retry(PyObject* connection, PyObject* arguments, PyObject* keywords);
PyObject* BeginRetry(PyObject* connection, PyObject*);

}  // namespace tupelo

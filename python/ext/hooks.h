// ext/hooks.h: what the engine calls for a connection: its hooks, and copy_progress.
#pragma once

#include "ext/connection.h"

namespace tupelo {

// Connection.set_commit_hook and its kin: each takes None or a callable.
PyObject* SetCommitHook(PyObject* connection, PyObject* callable);
PyObject* SetRollbackHook(PyObject* connection, PyObject* callable);
PyObject* SetUpdateHook(PyObject* connection, PyObject* callable);

// Connection.copy_progress
PyObject* GetCopyProgress(PyObject* connection, void*);
int SetCopyProgress(PyObject* connection, PyObject* value, void*);

// For the collector of garbage.
int VisitHooks(ConnectionObject* connection, visitproc visit, void* arg);
void ClearHooks(ConnectionObject* connection);

}  // namespace tupelo

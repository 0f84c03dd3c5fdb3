// ext/backup.h: Connection.backup, serialize and deserialize.
#pragma once

#include <Python.h>

namespace tupelo {

PyObject* Backup(PyObject* connection, PyObject* arguments, PyObject* keywords);
PyObject* Serialize(PyObject* connection, PyObject* arguments, PyObject* keywords);
PyObject* Deserialize(PyObject* connection, PyObject* arguments, PyObject* keywords);

}  // namespace tupelo

// ext/cursor_method.h: methods of tupelo.Cursor that read rows, for its method table.
#pragma once

#include <Python.h>

#include "ext/cursor.h"

namespace tupelo {

PyObject* FetchOneMethod(PyObject* cursor, PyObject*);
PyObject* FetchManyMethod(PyObject* cursor, PyObject* const* arguments, Py_ssize_t count,
                          PyObject* names);
PyObject* FetchAllMethod(PyObject* cursor, PyObject*);
PyObject* NextMethod(PyObject* cursor, PyObject*);
PyObject* ScrollMethod(PyObject* cursor, PyObject* const* arguments, Py_ssize_t count);
// tp_iternext.
PyObject* NextRow(PyObject* cursor);

// What a method gives when an exception is set: nullptr, unless the cursor's error handler takes
// it.
inline PyObject* FailOn(CursorObject* cursor) {
  return HandleError(cursor->connection, reinterpret_cast<PyObject*>(cursor),
                     cursor->error_handler);
}

}  // namespace tupelo

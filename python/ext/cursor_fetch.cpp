// ext/cursor_fetch.cpp: the methods of tupelo.Cursor that read rows.
#include "ext/cursor.h"
#include "ext/cursor_method.h"
#include "ext/errors.h"
#include "ext/method.h"
#include "ext/py_ref.h"

namespace tupelo {
namespace {

CursorObject* AsCursor(PyObject* object) { return reinterpret_cast<CursorObject*>(object); }

PyObject* FetchUpTo(PyObject* object, Py_ssize_t limit) {
  CursorObject* self = AsCursor(object);
  {
    CursorScope scope(self);
    PyObject* rows = scope ? FetchMany(self, limit) : nullptr;
    if (rows != nullptr) return rows;
  }
  return FailOn(self);
}

}  // namespace

PyObject* FetchOneMethod(PyObject* object, PyObject*) {
  CursorObject* self = AsCursor(object);
  {
    CursorScope scope(self);
    if (scope) {
      PyObject* row = FetchOne(self);
      if (row != nullptr) return row;
      if (PyErr_Occurred() == nullptr) Py_RETURN_NONE;
    }
  }
  return FailOn(self);
}

PyObject* NextRow(PyObject* object) {
  CursorObject* self = AsCursor(object);
  {
    CursorScope scope(self);
    if (scope) {
      PyObject* row = FetchOne(self);
      if (row != nullptr || PyErr_Occurred() == nullptr) return row;
    }
  }
  return FailOn(self);
}

PyObject* NextMethod(PyObject* object, PyObject*) {
  PyObject* row = NextRow(object);
  if (row == nullptr && PyErr_Occurred() == nullptr) PyErr_SetNone(PyExc_StopIteration);
  return row;
}

PyObject* FetchManyMethod(PyObject* object, PyObject* const* arguments, Py_ssize_t count,
                          PyObject* names) {
  Py_ssize_t named = names == nullptr ? 0 : PyTuple_GET_SIZE(names);
  if (!CheckArguments("fetchmany", count + named, 0, 1)) return nullptr;
  if (named == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "size") != 0) {
    return PyErr_Format(PyExc_TypeError, "fetchmany() takes no argument named %U",
                        PyTuple_GET_ITEM(names, 0));
  }
  Py_ssize_t size = AsCursor(object)->array_size;
  if (count + named == 1) {
    size = PyNumber_AsSsize_t(arguments[0], PyExc_OverflowError);
    if (size == -1 && PyErr_Occurred() != nullptr) return nullptr;
    if (size < 0) {
      PyErr_SetString(PyExc_ValueError, "size must not be negative");
      return nullptr;
    }
  }
  return FetchUpTo(object, size);
}

PyObject* FetchAllMethod(PyObject* object, PyObject*) { return FetchUpTo(object, PY_SSIZE_T_MAX); }

// Skips forward; what was passed is gone.
PyObject* ScrollMethod(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  if (!CheckArguments("scroll", count, 1, 2)) return nullptr;
  CursorObject* self = AsCursor(object);
  Py_ssize_t distance = PyNumber_AsSsize_t(arguments[0], PyExc_OverflowError);
  if (distance == -1 && PyErr_Occurred() != nullptr) return nullptr;
  if (count == 2) {
    if (!PyUnicode_Check(arguments[1])) {
      PyErr_SetString(PyExc_TypeError, "mode must be 'relative' or 'absolute'");
      return nullptr;
    }
    if (PyUnicode_CompareWithASCIIString(arguments[1], "absolute") == 0) {
      distance -= static_cast<Py_ssize_t>(self->rows_read);
    } else if (PyUnicode_CompareWithASCIIString(arguments[1], "relative") != 0) {
      PyErr_SetString(PyExc_ValueError, "mode must be 'relative' or 'absolute'");
      return nullptr;
    }
  }
  if (distance < 0) {
    Raise(self->state, "0A000", "a cursor cannot be scrolled backwards");
    return FailOn(self);
  }
  for (; distance > 0; --distance) {
    PyRef row = PyRef::Steal(NextRow(object));
    if (row) continue;
    if (PyErr_Occurred() == nullptr)
      PyErr_SetString(PyExc_IndexError, "the result has no such row");
    return nullptr;
  }
  Py_RETURN_NONE;
}

}  // namespace tupelo

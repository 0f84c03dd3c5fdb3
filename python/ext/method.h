// ext/method.h: entries of method tables.
#pragma once

#include <Python.h>

namespace tupelo {

using FastFunction = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t);

// A method that takes its positional arguments as an array.
inline PyMethodDef FastMethod(const char* name, FastFunction function, const char* doc) {
  auto plain = reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
  return {name, plain, METH_FASTCALL, doc};
}

// One that takes keywords too.
using KeywordFunction = PyObject* (*)(PyObject*, PyObject*, PyObject*);
inline PyMethodDef KeywordMethod(const char* name, KeywordFunction function, const char* doc) {
  auto plain = reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
  return {name, plain, METH_VARARGS | METH_KEYWORDS, doc};
}

// Whether `given` is between `least` and `most`; else TypeError is set.
inline bool CheckArguments(const char* method, Py_ssize_t given, Py_ssize_t least,
                           Py_ssize_t most) {
  if (given >= least && given <= most) return true;
  if (least == most) {
    PyErr_Format(PyExc_TypeError, "%s() takes %zd argument%s (%zd given)", method, least,
                 least == 1 ? "" : "s", given);
  } else {
    PyErr_Format(PyExc_TypeError, "%s() takes %zd to %zd arguments (%zd given)", method, least,
                 most, given);
  }
  return false;
}

// A list that an attribute shows, made when first asked for; a new reference.
inline PyObject* LazyList(PyObject** list) {
  if (*list == nullptr) *list = PyList_New(0);
  Py_XINCREF(*list);
  return *list;
}

// Sets an attribute that is nullptr or an owned callable, from None or a callable.
inline int SetCallable(PyObject** attribute, PyObject* value, const char* name) {
  if (value == Py_None) value = nullptr;
  if (value != nullptr && PyCallable_Check(value) == 0) {
    PyErr_Format(PyExc_TypeError, "%s must be None or callable, not %.200s", name,
                 Py_TYPE(value)->tp_name);
    return -1;
  }
  PyObject* old = *attribute;
  Py_XINCREF(value);
  *attribute = value;
  Py_XDECREF(old);
  return 0;
}

}  // namespace tupelo

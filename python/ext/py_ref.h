// ext/py_ref.h: a reference to a Python object that is given back at the end of its scope.
#pragma once

#include <Python.h>

#include <utility>

namespace tupelo {

// Owns one reference, or nothing. To be used, and to go, while the GIL is held.
class PyRef {
 public:
  PyRef() = default;
  // Takes over the caller's reference; nullptr is fine.
  static PyRef Steal(PyObject* object) { return PyRef(object); }
  // Adds a reference of its own to a borrowed object; nullptr is fine.
  static PyRef Share(PyObject* borrowed) {
    Py_XINCREF(borrowed);
    return PyRef(borrowed);
  }
  PyRef(PyRef&& other) noexcept : object_(other.Release()) {}
  PyRef& operator=(PyRef&& other) noexcept {
    PyObject* old = object_;
    object_ = other.Release();
    Py_XDECREF(old);
    return *this;
  }
  ~PyRef() { Py_XDECREF(object_); }

  PyObject* get() const { return object_; }
  // The caller owns the reference now.
  PyObject* Release() { return std::exchange(object_, nullptr); }
  void Clear() { Py_XDECREF(std::exchange(object_, nullptr)); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  explicit PyRef(PyObject* object) : object_(object) {}
  PyObject* object_ = nullptr;
};

}  // namespace tupelo

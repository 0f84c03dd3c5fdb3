// ext/description.h: the names of columns, and cursor.description.
#pragma once

#include <Python.h>

#include <string_view>

#include "ext/module_state.h"
#include "ext/py_ref.h"
#include "ext/statement_cache.h"

namespace tupelo {

// A tuple of `count` interned str; empty with an exception set when that fails.
template <typename NameOf>
PyRef MakeNames(size_t count, NameOf&& name_of) {
  PyRef names = PyRef::Steal(PyTuple_New(static_cast<Py_ssize_t>(count)));
  for (size_t i = 0; names && i < count; ++i) {
    std::string_view name = name_of(i);
    auto length = static_cast<Py_ssize_t>(name.size());
    PyObject* text = PyUnicode_DecodeUTF8(name.data(), length, "replace");
    if (text == nullptr) return {};
    PyUnicode_InternInPlace(&text);
    PyTuple_SET_ITEM(names.get(), static_cast<Py_ssize_t>(i), text);
  }
  return names;
}

// The description of PEP 249, made once for `columns`; borrowed, nullptr with an exception set.
PyObject* Description(ModuleState* state, ColumnNames* columns);

// An instance of tupelo.Type for `type`.
PyObject* NewTypeCode(ModuleState* state, const Type& type);

}  // namespace tupelo

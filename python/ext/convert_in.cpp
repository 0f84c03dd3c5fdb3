// ext/convert_in.cpp: parameters of a statement: which object is which parameter, and plain values.
#include "ext/convert_in.h"

#include "ext/convert_out.h"
#include "ext/errors.h"
#include "ext/gil.h"
#include "ext/py_ref.h"
#include "ext/text.h"

namespace tupelo {
namespace {

bool BindInteger(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  int overflow;
  long long integer = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (overflow != 0) return BindLargeInteger(state, set, i, value);
  set->SetInteger(i, integer);
  return true;
}

bool BindText(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  std::string_view text;
  if (!TextOf(state, value, &text)) return false;
  set->SetText(i, text);
  return true;
}

// bytearray and memoryview, contiguous or not.
bool BindBuffer(ParameterSet* set, uint32_t i, PyObject* value) {
  PyRef bytes = PyRef::Steal(PyBytes_FromObject(value));
  if (!bytes) return false;
  set->SetBytes(
      i, {PyBytes_AS_STRING(bytes.get()), static_cast<size_t>(PyBytes_GET_SIZE(bytes.get()))});
  return true;
}

// uuid.UUID is looked for only where the program imported it.
PyObject* UuidType(ModuleState* state) {
  if (state->uuid_type != nullptr) return state->uuid_type;
  PyObject* modules = PyImport_GetModuleDict();
  PyRef module = PyRef::Share(PyDict_GetItemString(modules, "uuid"));
  if (!module) return nullptr;
  PyObject* type = PyObject_GetAttrString(module.get(), "UUID");
  if (type == nullptr || !PyType_Check(type)) {
    PyErr_Clear();
    Py_XDECREF(type);
    return nullptr;
  }
  state->uuid_type = type;
  return type;
}

// 1, 0 or -1, as BindNumber.
int BindUuid(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  PyObject* type = UuidType(state);
  if (type == nullptr) return 0;
  if (!PyObject_TypeCheck(value, reinterpret_cast<PyTypeObject*>(type))) return 0;
  PyRef text = PyRef::Steal(PyObject_Str(value));
  return text && BindText(state, set, i, text.get()) ? 1 : -1;
}

bool BindOther(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  if (PyLong_Check(value)) return BindInteger(state, set, i, value);
  if (PyUnicode_Check(value)) return BindText(state, set, i, value);
  if (PyFloat_Check(value)) return BindFloat(state, set, i, PyFloat_AS_DOUBLE(value));
  if (PyBytes_Check(value) || PyByteArray_Check(value) || PyMemoryView_Check(value)) {
    return BindBuffer(set, i, value);
  }
  if (Py_IS_TYPE(value, state->year_month_type)) {
    set->SetYearMonth(i, MonthsOf(value));
    return true;
  }
  int taken = BindDatetime(state, set, i, value);
  if (taken == 0) taken = BindNumber(state, set, i, value);
  if (taken == 0) taken = BindUuid(state, set, i, value);
  if (taken == 0) {
    Raise(state, "07006", "parameter %u is of a type that has no SQL type: %.200s", i + 1,
          Py_TYPE(value)->tp_name);
  }
  return taken == 1;
}

bool RaiseWrongCount(ModuleState* state, const CachedStatement& statement, Py_ssize_t given) {
  Raise(state, "07001", "the statement has %u parameter%s, but %zd %s given",
        statement.parameter_count(), statement.parameter_count() == 1 ? "" : "s", given,
        given == 1 ? "was" : "were");
  return false;
}

bool RaiseMissingName(ModuleState* state, PyObject* name) {
  Raise(state, "42P02", "no value was given for the parameter :%U", name);
  return false;
}

bool BindArray(ModuleState* state, const CachedStatement& statement, PyObject* const* values,
               size_t count, ParameterSet* set) {
  if (count != statement.parameter_count()) {
    return RaiseWrongCount(state, statement, static_cast<Py_ssize_t>(count));
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (!BindValue(state, set, i, values[i])) return false;
  }
  return true;
}

// A list, or what else has numbered items: Python code may change it between two of them.
bool BindSequence(ModuleState* state, const CachedStatement& statement, PyObject* parameters,
                  ParameterSet* set) {
  Py_ssize_t given = PySequence_Size(parameters);
  if (given < 0) return false;
  if (given != static_cast<Py_ssize_t>(statement.parameter_count())) {
    return RaiseWrongCount(state, statement, given);
  }
  for (uint32_t i = 0; i < statement.parameter_count(); ++i) {
    PyRef value;
    if (PyList_CheckExact(parameters)) {
      ObjectLock lock(parameters);
      if (static_cast<Py_ssize_t>(i) >= PyList_GET_SIZE(parameters)) {
        return RaiseWrongCount(state, statement, PyList_GET_SIZE(parameters));
      }
      value = PyRef::Share(PyList_GET_ITEM(parameters, i));
    } else {
      value = PyRef::Steal(PySequence_GetItem(parameters, i));
    }
    if (!value || !BindValue(state, set, i, value.get())) return false;
  }
  return true;
}

bool BindMapping(ModuleState* state, const CachedStatement& statement, PyObject* parameters,
                 ParameterSet* set) {
  PyObject* names = statement.parameter_names();
  for (uint32_t i = 0; i < statement.parameter_count(); ++i) {
    PyObject* name = PyTuple_GET_ITEM(names, i);
    PyRef value;
    if (PyDict_CheckExact(parameters)) {
      ObjectLock lock(parameters);
      value = PyRef::Share(PyDict_GetItemWithError(parameters, name));
      if (!value) return PyErr_Occurred() == nullptr && RaiseMissingName(state, name);
    } else {
      value = PyRef::Steal(PyObject_GetItem(parameters, name));
      if (!value) {
        if (PyErr_ExceptionMatches(PyExc_KeyError) == 0) return false;
        PyErr_Clear();
        return RaiseMissingName(state, name);
      }
    }
    if (!BindValue(state, set, i, value.get())) return false;
  }
  return true;
}

bool IsTextOrBytes(PyObject* object) {
  return PyUnicode_Check(object) || PyBytes_Check(object) || PyByteArray_Check(object);
}

bool RaiseWrongContainer(ModuleState* state, const char* wanted, PyObject* parameters) {
  Raise(state, "07001", "parameters must be %s, not %.200s", wanted, Py_TYPE(parameters)->tp_name);
  return false;
}

}  // namespace

bool BindValue(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  PyTypeObject* type = Py_TYPE(value);
  if (type == &PyLong_Type) return BindInteger(state, set, i, value);
  if (type == &PyUnicode_Type) return BindText(state, set, i, value);
  if (type == &PyFloat_Type) return BindFloat(state, set, i, PyFloat_AS_DOUBLE(value));
  if (value == Py_None) {
    set->SetNull(i);
  } else if (type == &PyBool_Type) {
    set->SetBoolean(i, value == Py_True);
  } else if (type == &PyBytes_Type) {
    set->SetBytes(i, {PyBytes_AS_STRING(value), static_cast<size_t>(PyBytes_GET_SIZE(value))});
  } else {
    return BindOther(state, set, i, value);
  }
  return true;
}

bool BindParameters(ModuleState* state, const CachedStatement& statement, PyObject* parameters,
                    ParameterSet* set) {
  if (parameters == nullptr || parameters == Py_None) {
    return statement.parameter_count() == 0 || RaiseWrongCount(state, statement, 0);
  }
  if (PyDict_Check(parameters) || (PyMapping_Check(parameters) && !PySequence_Check(parameters)) ||
      statement.parameter_names() != nullptr) {
    if (statement.parameter_count() == 0 && PyObject_Size(parameters) == 0) return true;
    if (PyErr_Occurred() != nullptr) return false;
    if (statement.parameter_names() == nullptr) {
      return RaiseWrongContainer(state, "a sequence, as the statement has no :name", parameters);
    }
    if (!PyMapping_Check(parameters) || PyTuple_Check(parameters) || PyList_Check(parameters) ||
        IsTextOrBytes(parameters)) {
      return RaiseWrongContainer(state, "a mapping, as the statement has :name", parameters);
    }
    return BindMapping(state, statement, parameters, set);
  }
  if (PyTuple_CheckExact(parameters)) {
    return BindArray(state, statement, &PyTuple_GET_ITEM(parameters, 0),
                     static_cast<size_t>(PyTuple_GET_SIZE(parameters)), set);
  }
  if (!PySequence_Check(parameters) || IsTextOrBytes(parameters)) {
    return RaiseWrongContainer(state, "a sequence such as a tuple or list", parameters);
  }
  return BindSequence(state, statement, parameters, set);
}

bool BindCall(ModuleState* state, const CachedStatement& statement, PyObject* const* values,
              size_t count, PyObject* keyword_names, ParameterSet* set) {
  if (keyword_names == nullptr || PyTuple_GET_SIZE(keyword_names) == 0) {
    if (statement.parameter_names() != nullptr && count == 1 && PyDict_Check(values[0])) {
      return BindMapping(state, statement, values[0], set);
    }
    if (statement.parameter_names() != nullptr) {
      Raise(state, "07001", "the statement has :name parameters: give them as keywords");
      return false;
    }
    return BindArray(state, statement, values, count, set);
  }
  if (count != 0 || statement.parameter_names() == nullptr) {
    Raise(state, "07001",
          count != 0 ? "give either positional or keyword parameters, not both"
                     : "the statement has no :name parameters");
    return false;
  }
  PyRef keywords = PyRef::Steal(PyDict_New());
  if (!keywords) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(keyword_names); ++i) {
    PyObject* name = PyTuple_GET_ITEM(keyword_names, i);
    if (PyDict_SetItem(keywords.get(), name, values[i]) != 0) return false;
  }
  return BindMapping(state, statement, keywords.get(), set);
}

}  // namespace tupelo

// ext/errors.cpp: the exceptions, and the table from SQLSTATE to them.
#include "ext/errors.h"

#include <cstdarg>
#include <cstring>
#include <string_view>

#include "ext/py_ref.h"

namespace tupelo {
namespace {

using Kind = ExceptionKind;

struct ExceptionRow {
  Kind kind;
  const char* name;
  Kind base;
  const char* doc;
};
constexpr ExceptionRow kExceptions[kExceptionCount] = {
    {Kind::kWarning, "tupelo.Warning", Kind::kWarning, "Something important that is no error."},
    {Kind::kError, "tupelo.Error", Kind::kError,
     "Base of all errors. Attributes: sqlstate (five characters), position ((line, column) in the\n"
     "statement's text, or None), table, column and constraint (names, or None)."},
    {Kind::kInterfaceError, "tupelo.InterfaceError", Kind::kError,
     "The interface was used wrongly, rather than the database."},
    {Kind::kDatabaseError, "tupelo.DatabaseError", Kind::kError, "Base of the database's errors."},
    {Kind::kDataError, "tupelo.DataError", Kind::kDatabaseError,
     "A value is wrong: out of range, of the wrong type, division by zero (SQLSTATE 22...)."},
    {Kind::kOperationalError, "tupelo.OperationalError", Kind::kDatabaseError,
     "What the program does not rule over: conflicts with other transactions (40001),\n"
     "interruption (57014), limits, memory, files."},
    {Kind::kIntegrityError, "tupelo.IntegrityError", Kind::kDatabaseError,
     "A constraint is violated (SQLSTATE 23...)."},
    {Kind::kInternalError, "tupelo.InternalError", Kind::kDatabaseError,
     "The database found itself in a state that cannot be."},
    {Kind::kProgrammingError, "tupelo.ProgrammingError", Kind::kDatabaseError,
     "The statement or the call is wrong: syntax, names, number of parameters, a closed cursor."},
    {Kind::kNotSupportedError, "tupelo.NotSupportedError", Kind::kDatabaseError,
     "A feature that is not supported (SQLSTATE 0A000)."},
};

// A class, or a single code, of SQLSTATE to the exception; the longest that fits decides.
struct StateRow {
  std::string_view prefix;
  Kind kind;
};
constexpr StateRow kStates[] = {
    {"07", Kind::kProgrammingError},     // dynamic SQL: the parameters
    {"08", Kind::kOperationalError},     // connections
    {"08003", Kind::kProgrammingError},  // the connection was closed
    {"0A", Kind::kNotSupportedError},   {"21", Kind::kProgrammingError},  // cardinality
    {"22", Kind::kDataError},           {"23", Kind::kIntegrityError},
    {"24", Kind::kProgrammingError},     // cursor state
    {"25", Kind::kProgrammingError},     // transaction state
    {"25P02", Kind::kOperationalError},  // the transaction was ended by the database
    {"2B", Kind::kProgrammingError},     // other objects depend on it
    {"3B", Kind::kProgrammingError},     // savepoints
    {"3F", Kind::kProgrammingError},     // schemas
    {"40", Kind::kOperationalError},     // the transaction has to be retried
    {"42", Kind::kProgrammingError},     // syntax and names
    {"44", Kind::kIntegrityError},       // WITH CHECK OPTION
    {"53", Kind::kOperationalError},     // memory, disk
    {"54", Kind::kOperationalError},     // limits
    {"55000", Kind::kProgrammingError},  // a view that rows can't be changed through
    {"55", Kind::kOperationalError},     // in use
    {"57", Kind::kOperationalError},     // interrupted
    {"58", Kind::kOperationalError},     // the operating system
    {"72", Kind::kOperationalError},     // the snapshot is too old
    {"XX", Kind::kInternalError},
};

PyObject* ExceptionFor(ModuleState* state, std::string_view sqlstate) {
  Kind kind = Kind::kDatabaseError;
  size_t best = 0;
  for (const StateRow& row : kStates) {
    if (row.prefix.size() > best && sqlstate.starts_with(row.prefix)) {
      kind = row.kind;
      best = row.prefix.size();
    }
  }
  return state->exceptions[static_cast<size_t>(kind)];
}

// Sets attribute `name` where `text` is not empty. The class has None for the others.
bool SetName(PyObject* exception, const char* name, std::string_view text) {
  if (text.empty()) return true;
  auto length = static_cast<Py_ssize_t>(text.size());
  PyRef value = PyRef::Steal(PyUnicode_DecodeUTF8(text.data(), length, "replace"));
  return value && PyObject_SetAttrString(exception, name, value.get()) == 0;
}

// An instance for `message` with its sqlstate, or an empty reference.
PyRef NewException(ModuleState* state, std::string_view sqlstate, PyObject* message) {
  PyRef exception = PyRef::Steal(PyObject_CallOneArg(ExceptionFor(state, sqlstate), message));
  if (exception && !SetName(exception.get(), "sqlstate", sqlstate)) return {};
  return exception;
}

void SetRaised(const PyRef& exception) {
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.get())), exception.get());
}

bool SetDetails(PyObject* exception, const Error& error, ScriptPlace place) {
  if (error.line() != 0) {
    uint32_t column = error.column() + (error.line() == 1 ? place.columns_before : 0);
    PyRef position = PyRef::Steal(Py_BuildValue("(II)", error.line() + place.lines_before, column));
    if (!position || PyObject_SetAttrString(exception, "position", position.get()) != 0) {
      return false;
    }
  }
  return SetName(exception, "table", error.table_name()) &&
         SetName(exception, "column", error.column_name()) &&
         SetName(exception, "constraint", error.constraint_name());
}

}  // namespace

bool AddExceptions(PyObject* module, ModuleState* state) {
  for (const ExceptionRow& row : kExceptions) {
    auto index = static_cast<size_t>(row.kind);
    PyObject* base =
        row.base == row.kind ? PyExc_Exception : state->exceptions[static_cast<size_t>(row.base)];
    PyRef attributes;
    if (row.kind == Kind::kError) {
      attributes =
          PyRef::Steal(Py_BuildValue("{sOsOsOsOsO}", "sqlstate", Py_None, "position", Py_None,
                                     "table", Py_None, "column", Py_None, "constraint", Py_None));
      if (!attributes) return false;
    }
    PyObject* exception = PyErr_NewExceptionWithDoc(row.name, row.doc, base, attributes.get());
    state->exceptions[index] = exception;
    if (exception == nullptr) return false;
    if (PyModule_AddObjectRef(module, std::strchr(row.name, '.') + 1, exception) != 0) return false;
  }
  return true;
}

PyObject* RaiseEngineError(ModuleState* state, const Error& error, ScriptPlace place) {
  const bool may_be_raised =
      error.code() == ErrorCode::kQueryCanceled || error.code() == ErrorCode::kTransactionRollback;
  if (may_be_raised && PyErr_Occurred() != nullptr) return nullptr;
  auto length = static_cast<Py_ssize_t>(error.message().size());
  PyRef message =
      PyRef::Steal(PyUnicode_DecodeUTF8(error.message().data(), length, "backslashreplace"));
  if (!message) return nullptr;
  PyRef exception = NewException(state, error.sqlstate(), message.get());
  if (exception && SetDetails(exception.get(), error, place)) SetRaised(exception);
  return nullptr;
}

PyObject* Raise(ModuleState* state, const char* sqlstate, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyRef message = PyRef::Steal(PyUnicode_FromFormatV(format, arguments));
  va_end(arguments);
  if (!message) return nullptr;
  PyRef exception = NewException(state, sqlstate, message.get());
  if (exception) SetRaised(exception);
  return nullptr;
}

PyObject* RaiseClosed(ModuleState* state, const char* what) {
  return Raise(state, "08003", "the %s is closed", what);
}

}  // namespace tupelo

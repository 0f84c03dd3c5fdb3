// ext/transaction.cpp: the level of a connection's transactions; what tupelo/_retry.py needs.
#include "ext/transaction.h"

#include "ext/engine_call.h"
#include "ext/py_ref.h"

namespace tupelo {

namespace {

constexpr struct {
  const char* name;
  IsolationLevel level;
} kLevels[] = {{"READ COMMITTED", IsolationLevel::kReadCommitted},
               {"READ UNCOMMITTED", IsolationLevel::kReadCommitted},
               {"REPEATABLE READ", IsolationLevel::kRepeatableRead},
               {"SERIALIZABLE", IsolationLevel::kSerializable}};

}  // namespace

bool IsolationLevelOf(PyObject* text, IsolationLevel* level) {
  if (text == nullptr || PyUnicode_Check(text) == 0) {
    PyErr_Format(PyExc_TypeError, "isolation_level must be a str, not %.200s",
                 text == nullptr ? "deleted" : Py_TYPE(text)->tp_name);
    return false;
  }
  for (const auto& one : kLevels) {
    if (PyUnicode_CompareWithASCIIString(text, one.name) != 0) continue;
    *level = one.level;
    return true;
  }
  PyErr_Format(PyExc_ValueError,
               "isolation_level must be 'SERIALIZABLE', 'REPEATABLE READ', 'READ COMMITTED' or "
               "'READ UNCOMMITTED', not %R",
               text);
  return false;
}

PyObject* GetIsolationLevel(PyObject* connection, void*) {
  auto* self = AsConnection(connection);
  IsolationLevel level{};
  if (!CallEngine(self, false, [&](Connection& own) { level = own.isolation_level(); })) {
    return nullptr;
  }
  for (const auto& one : kLevels) {
    if (one.level == level) return PyUnicode_FromString(one.name);
  }
  return PyErr_Format(PyExc_SystemError, "a level without a name");
}

int SetIsolationLevel(PyObject* connection, PyObject* value, void*) {
  auto* self = AsConnection(connection);
  IsolationLevel level{};
  if (!IsolationLevelOf(value, &level)) return -1;
  bool done = CallEngine(self, true, [&](Connection& own) { own.SetIsolationLevel(level); });
  return done ? 0 : -1;
}

PyObject* Retry(PyObject* connection, PyObject* arguments, PyObject* keywords) {
  PyRef module = PyRef::Steal(PyImport_ImportModule("tupelo._retry"));
  if (!module) return nullptr;
  PyRef retry = PyRef::Steal(PyObject_GetAttrString(module.get(), "retry"));
  if (!retry) return nullptr;
  PyRef first = PyRef::Steal(PyTuple_Pack(1, connection));
  if (!first) return nullptr;
  PyRef all = PyRef::Steal(PySequence_Concat(first.get(), arguments));
  return all ? PyObject_Call(retry.get(), all.get(), keywords) : nullptr;
}

// Changes that were made before would be lost with the first rollback.
PyObject* BeginRetry(PyObject* connection, PyObject*) {
  auto* self = AsConnection(connection);
  bool done = CallEngine(self, false, [&](Connection& own) {
    if (own.has_changes() || (own.autocommit() && own.in_transaction())) {
      throw Error(
          ErrorCode::kActiveTransaction,
          "retry runs a transaction of its own, but one is open that has changed something, "
          "or that START TRANSACTION began: commit or roll back first");
    }
    own.Rollback();
  });
  if (!done) return HandleError(self, nullptr, self->error_handler);
  Py_RETURN_NONE;
}

}  // namespace tupelo

// ext/hooks.cpp: callables that the engine calls while a statement runs, with the GIL taken again.
//
// What a callable raises is left set, and the engine told to end what it does: its error then gives
// way to the exception (ext/errors.cpp). Where nothing can be ended, it goes to sys.unraisablehook.
#include "ext/hooks.h"

#include "ext/engine_call.h"
#include "ext/gil.h"
#include "ext/method.h"
#include "ext/py_ref.h"

namespace tupelo {

namespace {

bool CallCommitHook(void* connection) {
  auto* self = static_cast<ConnectionObject*>(connection);
  GilScope gil;
  PyRef callable = PyRef::Share(self->commit_hook);
  if (!callable) return false;
  PyRef answer = PyRef::Steal(PyObject_CallNoArgs(callable.get()));
  // -1: an exception is set.
  return !answer || PyObject_IsTrue(answer.get()) != 0;
}

// What was rolled back may be so because of an exception, which is set then.
void CallRollbackHook(void* connection) {
  auto* self = static_cast<ConnectionObject*>(connection);
  GilScope gil;
  PyRef callable = PyRef::Share(self->rollback_hook);
  if (!callable) return;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyRef answer = PyRef::Steal(PyObject_CallNoArgs(callable.get()));
  if (!answer) PyErr_WriteUnraisable(callable.get());
  answer.Clear();
  callable.Clear();
  PyErr_Restore(type, value, traceback);
}

PyRef TextFrom(std::string_view text) {
  return PyRef::Steal(
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

bool CallUpdateHook(void* connection, const RowChange& change) {
  auto* self = static_cast<ConnectionObject*>(connection);
  GilScope gil;
  PyRef operation = TextFrom(change.operation);
  PyRef schema = TextFrom(change.schema);
  PyRef table = TextFrom(change.table);
  if (!operation || !schema || !table) return true;
  for (uint64_t i = 0; i < change.count; ++i) {
    // It may set another one, or none.
    PyRef callable = PyRef::Share(self->update_hook);
    if (!callable) return false;
    PyRef row_id = PyRef::Steal(PyLong_FromLongLong(change.row_id + static_cast<long long>(i)));
    if (!row_id) return true;
    PyRef answer = PyRef::Steal(PyObject_CallFunctionObjArgs(
        callable.get(), operation.get(), schema.get(), table.get(), row_id.get(), nullptr));
    // A loop in C looks at signals by itself.
    if (!answer || PyErr_CheckSignals() != 0) return true;
  }
  return false;
}

bool ReportCopy(void* connection, uint64_t rows, uint64_t bytes, uint64_t total_bytes) {
  auto* self = static_cast<ConnectionObject*>(connection);
  GilScope gil;
  PyRef callback = PyRef::Share(self->copy_progress);
  if (!callback) return false;
  PyRef result = PyRef::Steal(PyObject_CallFunction(
      callback.get(), "KKK", static_cast<unsigned long long>(rows),
      static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(total_bytes)));
  return !result;
}

// Keeps `callable` as `*hook`, and tells the engine by `set(connection, is_set)`.
template <typename Set>
PyObject* SetHook(PyObject* object, PyObject** hook, PyObject* callable, Set&& set) {
  ConnectionObject* self = AsConnection(object);
  if (!CheckOpen(self)) return Fail(self);
  if (SetCallable(hook, callable, "a hook") != 0) return nullptr;
  const bool is_set = *hook != nullptr;
  bool done = CallEngine(self, true, [&](Connection& connection) { set(connection, is_set); });
  if (done) Py_RETURN_NONE;
  return Fail(self);
}

}  // namespace

PyObject* SetCommitHook(PyObject* object, PyObject* callable) {
  PyObject** hook = &AsConnection(object)->commit_hook;
  return SetHook(object, hook, callable, [&](Connection& connection, bool is_set) {
    connection.SetCommitHook(is_set ? CallCommitHook : nullptr, object);
  });
}

PyObject* SetRollbackHook(PyObject* object, PyObject* callable) {
  PyObject** hook = &AsConnection(object)->rollback_hook;
  return SetHook(object, hook, callable, [&](Connection& connection, bool is_set) {
    connection.SetRollbackHook(is_set ? CallRollbackHook : nullptr, object);
  });
}

PyObject* SetUpdateHook(PyObject* object, PyObject* callable) {
  PyObject** hook = &AsConnection(object)->update_hook;
  return SetHook(object, hook, callable, [&](Connection& connection, bool is_set) {
    connection.SetUpdateHook(is_set ? CallUpdateHook : nullptr, object);
  });
}

PyObject* GetCopyProgress(PyObject* object, void*) {
  PyObject* callback = AsConnection(object)->copy_progress;
  return Py_NewRef(callback == nullptr ? Py_None : callback);
}

int SetCopyProgress(PyObject* object, PyObject* value, void*) {
  ConnectionObject* self = AsConnection(object);
  if (!CheckOpen(self) || SetCallable(&self->copy_progress, value, "copy_progress") != 0) return -1;
  Connection::CopyProgress report = self->copy_progress != nullptr ? ReportCopy : nullptr;
  if (CallEngine(self, true,
                 [&](Connection& connection) { connection.SetCopyProgress(report, self); })) {
    return 0;
  }
  PyRef done = PyRef::Steal(Fail(self));
  return done ? 0 : -1;
}

int VisitHooks(ConnectionObject* self, visitproc visit, void* arg) {
  Py_VISIT(self->copy_progress);
  Py_VISIT(self->commit_hook);
  Py_VISIT(self->rollback_hook);
  Py_VISIT(self->update_hook);
  return 0;
}

void ClearHooks(ConnectionObject* self) {
  Py_CLEAR(self->copy_progress);
  Py_CLEAR(self->commit_hook);
  Py_CLEAR(self->rollback_hook);
  Py_CLEAR(self->update_hook);
}

}  // namespace tupelo

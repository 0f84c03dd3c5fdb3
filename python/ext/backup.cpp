// ext/backup.cpp: copies of a whole database: to a file, to another connection, to bytes and back.
#include "ext/backup.h"

#include <cstring>

#include "ext/connection.h"
#include "ext/engine_call.h"
#include "ext/errors.h"
#include "ext/gil.h"
#include "ext/py_ref.h"

namespace tupelo {
namespace {

// progress(done, total); true when it raised.
bool Report(void* callback, uint64_t done, uint64_t total) {
  GilScope gil;
  PyRef kept = PyRef::Share(static_cast<PyObject*>(callback));
  PyRef result =
      PyRef::Steal(PyObject_CallFunction(kept.get(), "KK", static_cast<unsigned long long>(done),
                                         static_cast<unsigned long long>(total)));
  return !result;
}

// The bytes of a path; empty with an exception set.
PyRef PathOf(PyObject* target) {
  PyObject* path = nullptr;
  if (PyUnicode_FSConverter(target, &path) != 0) return PyRef::Steal(path);
  if (PyErr_ExceptionMatches(PyExc_TypeError) != 0) {
    PyErr_Format(PyExc_TypeError, "the target must be a path or a Connection, not %.200s",
                 Py_TYPE(target)->tp_name);
  }
  return {};
}

bool BackupToConnection(ConnectionObject* self, PyObject* target,
                        const Connection::BackupOptions& options) {
  ConnectionObject* to = AsConnection(target);
  if (to == self) {
    PyErr_SetString(PyExc_ValueError, "the target must not be the connection itself");
    return false;
  }
  UserScope use(to);
  return CheckOpen(to) && CallEngine(self, true, [&](Connection& connection) {
           connection.Backup(*to->connection, options);
         });
}

bool BackupToPath(ConnectionObject* self, PyObject* target,
                  const Connection::BackupOptions& options) {
  PyRef path = PathOf(target);
  if (!path) return false;
  std::string text(PyBytes_AS_STRING(path.get()),
                   static_cast<size_t>(PyBytes_GET_SIZE(path.get())));
  return CallEngine(self, true, [&](Connection& connection) { connection.Backup(text, options); });
}

// As in sqlite3, where others can be attached.
bool CheckName(ConnectionObject* self, const char* name) {
  if (std::strcmp(name, "main") == 0) return true;
  Raise(self->state, "0A000", "a connection has one database, \"main\": %s", name);
  return false;
}

}  // namespace

PyObject* Backup(PyObject* object, PyObject* arguments, PyObject* keywords) {
  static const char* const kNames[] = {"target", "progress", nullptr};
  ConnectionObject* self = AsConnection(object);
  PyObject* target = nullptr;
  PyObject* progress = Py_None;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|$O:backup", const_cast<char**>(kNames),
                                   &target, &progress)) {
    return nullptr;
  }
  Connection::BackupOptions options;
  if (progress != Py_None) {
    if (PyCallable_Check(progress) == 0) {
      return PyErr_Format(PyExc_TypeError, "progress must be None or callable, not %.200s",
                          Py_TYPE(progress)->tp_name);
    }
    options.progress = Report;
    options.argument = progress;
  }
  if (!CheckOpen(self)) return Fail(self);
  bool ok = PyObject_TypeCheck(target, self->state->connection_type)
                ? BackupToConnection(self, target, options)
                : BackupToPath(self, target, options);
  if (ok) Py_RETURN_NONE;
  return Fail(self);
}

PyObject* Serialize(PyObject* object, PyObject* arguments, PyObject* keywords) {
  static const char* const kNames[] = {"name", nullptr};
  ConnectionObject* self = AsConnection(object);
  const char* name = "main";
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|$s:serialize", const_cast<char**>(kNames),
                                   &name)) {
    return nullptr;
  }
  std::vector<uint8_t> bytes;
  bool ok = CheckName(self, name) &&
            CallEngine(self, true, [&](Connection& connection) { bytes = connection.Serialize(); });
  if (!ok) return Fail(self);
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes.data()),
                                   static_cast<Py_ssize_t>(bytes.size()));
}

PyObject* Deserialize(PyObject* object, PyObject* arguments, PyObject* keywords) {
  static const char* const kNames[] = {"", "name", nullptr};
  ConnectionObject* self = AsConnection(object);
  const char* name = "main";
  Py_buffer data;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "y*|$s:deserialize",
                                   const_cast<char**>(kNames), &data, &name)) {
    return nullptr;
  }
  std::span<const uint8_t> bytes(static_cast<const uint8_t*>(data.buf),
                                 static_cast<size_t>(data.len));
  bool ok = CheckName(self, name) &&
            CallEngine(self, true, [&](Connection& connection) { connection.Deserialize(bytes); });
  PyBuffer_Release(&data);
  if (ok) Py_RETURN_NONE;
  return Fail(self);
}

}  // namespace tupelo

// ext/prepared_statement.cpp: a statement that is kept by the program rather than by the cache.
#include "ext/prepared_statement.h"

#include <cstddef>
#include <structmember.h>

#include "ext/cursor.h"
#include "ext/errors.h"
#include "ext/method.h"
#include "ext/py_ref.h"

namespace tupelo {
namespace {

struct PreparedStatementObject {
  PyObject_HEAD PyObject* weak_references;
  vectorcallfunc call;
  ConnectionObject* connection;  // owned
  CursorObject* cursor;          // owned; nullptr: a new one for each execution
  StatementRef statement;
};

PreparedStatementObject* AsPrepared(PyObject* object) {
  return reinterpret_cast<PreparedStatementObject*>(object);
}

// The cursor for an execution, a new reference; nullptr with an exception set.
CursorObject* CursorFor(PreparedStatementObject* self) {
  if (self->cursor != nullptr) {
    Py_INCREF(self->cursor);
    return self->cursor;
  }
  return CheckOpen(self->connection) ? NewCursor(self->connection) : nullptr;
}

// Runs `run(cursor)`, false with an exception set, then `finish(cursor)`, which gives the answer.
template <typename Run, typename Finish>
PyObject* RunOn(PreparedStatementObject* self, Run&& run, Finish&& finish) {
  CursorObject* cursor = CursorFor(self);
  PyRef kept = PyRef::Steal(reinterpret_cast<PyObject*>(cursor));
  if (cursor != nullptr) {
    CursorScope scope(cursor);
    if (scope && run(cursor)) {
      PyObject* answer = finish(cursor);
      if (answer != nullptr) return answer;
    }
  }
  PyObject* handler = cursor != nullptr ? cursor->error_handler : self->connection->error_handler;
  return HandleError(self->connection, kept.get(), handler);
}

PyObject* CursorItself(CursorObject* cursor) {
  return Py_NewRef(reinterpret_cast<PyObject*>(cursor));
}

// statement(*parameters): the rows in a list, or how many were changed.
PyObject* Call(PyObject* object, PyObject* const* values, size_t count, PyObject* names) {
  PreparedStatementObject* self = AsPrepared(object);
  return RunOn(
      self,
      [&](CursorObject* cursor) {
        return ExecuteCall(cursor, self->statement, values,
                           static_cast<size_t>(PyVectorcall_NARGS(count)), names);
      },
      [](CursorObject* cursor) {
        PyObject* answer = cursor->has_rows ? FetchMany(cursor, PY_SSIZE_T_MAX)
                                            : PyLong_FromLongLong(cursor->row_count);
        return answer;
      });
}

PyObject* Execute(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  if (!CheckArguments("execute", count, 0, 1)) return nullptr;
  PreparedStatementObject* self = AsPrepared(object);
  return RunOn(
      self,
      [&](CursorObject* cursor) {
        return ExecuteStatement(cursor, self->statement, count == 1 ? arguments[0] : nullptr);
      },
      CursorItself);
}

PyObject* ExecuteMany(PyObject* object, PyObject* rows) {
  PreparedStatementObject* self = AsPrepared(object);
  return RunOn(
      self,
      [&](CursorObject* cursor) { return tupelo::ExecuteMany(cursor, self->statement, rows); },
      CursorItself);
}

PyObject* GetSql(PyObject* object, void*) {
  return Py_NewRef(AsPrepared(object)->statement->text());
}

PyObject* GetConnection(PyObject* object, void*) {
  return Py_NewRef(reinterpret_cast<PyObject*>(AsPrepared(object)->connection));
}

PyObject* GetParameterCount(PyObject* object, void*) {
  return PyLong_FromUnsignedLong(AsPrepared(object)->statement->parameter_count());
}

PyObject* GetParameterNames(PyObject* object, void*) {
  PyObject* names = AsPrepared(object)->statement->parameter_names();
  return names == nullptr ? PyTuple_New(0) : Py_NewRef(names);
}

PyObject* Repr(PyObject* object) {
  return PyUnicode_FromFormat("<tupelo.PreparedStatement %R>",
                              AsPrepared(object)->statement->text());
}

int Traverse(PyObject* object, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(AsPrepared(object)->connection);
  Py_VISIT(AsPrepared(object)->cursor);
  return 0;
}

void Dealloc(PyObject* object) {
  PreparedStatementObject* self = AsPrepared(object);
  PyTypeObject* type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  if (self->weak_references != nullptr) PyObject_ClearWeakRefs(object);
  self->statement.~StatementRef();
  Py_XDECREF(self->cursor);
  Py_XDECREF(self->connection);
  type->tp_free(object);
  Py_DECREF(type);
}

PyMethodDef methods[] = {
    FastMethod("execute", Execute,
               "execute($self, parameters=(), /)\n--\n\nRuns the statement and returns a cursor."),
    {"executemany", ExecuteMany, METH_O,
     "executemany($self, rows, /)\n--\n\nRuns it once for each row of parameters, as one "
     "statement."},
    {nullptr, nullptr, 0, nullptr},
};
PyGetSetDef properties[] = {
    {"sql", GetSql, nullptr, "The statement's text.", nullptr},
    {"connection", GetConnection, nullptr, "The connection it was prepared on.", nullptr},
    {"parameter_count", GetParameterCount, nullptr, "How many parameters it has.", nullptr},
    {"parameter_names", GetParameterNames, nullptr,
     "The names of its :name parameters; empty when they are `?`.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, sizeof(PyObject), READONLY, nullptr},
    {"__vectorcalloffset__", T_PYSSIZET, sizeof(PyObject) + sizeof(PyObject*), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};
PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A statement that was parsed once. Calling it with the "
                                  "parameters gives a list of rows, or how many were changed.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Traverse)},
    {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
    {Py_tp_repr, reinterpret_cast<void*>(Repr)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_members, members},
    {0, nullptr},
};
PyType_Spec spec = {"tupelo.PreparedStatement", sizeof(PreparedStatementObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                        Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
                    slots};

}  // namespace

PyObject* NewPreparedStatement(ConnectionObject* connection, CursorObject* cursor,
                               const StatementRef& statement) {
  PyTypeObject* type = connection->state->prepared_statement_type;
  PyObject* object = type->tp_alloc(type, 0);
  if (object == nullptr) return nullptr;
  PreparedStatementObject* self = AsPrepared(object);
  self->call = Call;
  Py_INCREF(connection);
  self->connection = connection;
  Py_XINCREF(cursor);
  self->cursor = cursor;
  new (&self->statement) StatementRef(statement);
  return object;
}

bool AddPreparedStatementType(PyObject* module, ModuleState* state) {
  state->prepared_statement_type = AddType(module, &spec);
  return state->prepared_statement_type != nullptr;
}

}  // namespace tupelo

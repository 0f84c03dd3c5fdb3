// ext/cursor_type.cpp: the methods and attributes of tupelo.Cursor.
#include <Python.h>

#include <structmember.h>

#include "ext/cursor.h"
#include "ext/cursor_method.h"
#include "ext/description.h"
#include "ext/errors.h"
#include "ext/method.h"
#include "ext/prepared_statement.h"
#include "ext/py_ref.h"

namespace tupelo {
namespace {

// Cursors that are kept to be used again, at most.
constexpr int kMaxFreeCursors = 16;

CursorObject* AsCursor(PyObject* object) { return reinterpret_cast<CursorObject*>(object); }

void ClearMessages(CursorObject* self) {
  if (self->messages != nullptr) Py_CLEAR(self->messages);
}

// Calls `run()`, which is false with an exception set, and gives the cursor itself.
template <typename Run>
PyObject* RunOn(PyObject* object, Run&& run) {
  CursorObject* self = AsCursor(object);
  {
    CursorScope scope(self);
    if (scope) {
      ClearMessages(self);
      if (run(self)) return Py_NewRef(object);
    }
  }
  return FailOn(self);
}

PyObject* Execute(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  if (!CheckArguments("execute", count, 1, 2)) return nullptr;
  return RunOn(object, [&](CursorObject* self) {
    StatementRef statement = PrepareText(self->connection, arguments[0]);
    return statement && ExecuteStatement(self, statement, count == 2 ? arguments[1] : nullptr);
  });
}

PyObject* ExecuteMany(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  if (!CheckArguments("executemany", count, 2, 2)) return nullptr;
  return RunOn(object, [&](CursorObject* self) {
    StatementRef statement = PrepareText(self->connection, arguments[0]);
    return statement && tupelo::ExecuteMany(self, statement, arguments[1]);
  });
}

PyObject* ExecuteScript(PyObject* object, PyObject* script) {
  return RunOn(object, [&](CursorObject* self) { return tupelo::ExecuteScript(self, script); });
}

PyObject* Prepare(PyObject* object, PyObject* text) {
  CursorObject* self = AsCursor(object);
  {
    CursorScope scope(self);
    if (scope) {
      StatementRef statement = PrepareText(self->connection, text);
      if (statement) return NewPreparedStatement(self->connection, self, statement);
    }
  }
  return FailOn(self);
}

PyObject* Close(PyObject* object, PyObject*) {
  CursorObject* self = AsCursor(object);
  if (self->closed) Py_RETURN_NONE;
  if (self->busy) {
    Raise(self->state, "24000", "the cursor is in use and cannot be closed");
    return FailOn(self);
  }
  self->closed = true;
  DropResult(self);
  self->statement = StatementRef();
  Py_RETURN_NONE;
}

PyObject* CallProcedure(PyObject* object, PyObject* const*, Py_ssize_t) {
  Raise(AsCursor(object)->state, "0A000", "stored procedures are not supported");
  return FailOn(AsCursor(object));
}

PyObject* NextSet(PyObject*, PyObject*) { Py_RETURN_NONE; }
PyObject* SetSizes(PyObject*, PyObject* const*, Py_ssize_t count) {
  if (!CheckArguments("setinputsizes", count, 1, 2)) return nullptr;
  Py_RETURN_NONE;
}

PyObject* Itself(PyObject* object, PyObject*) {
  CursorScope scope(AsCursor(object));
  return scope ? Py_NewRef(object) : nullptr;
}

PyObject* Exit(PyObject* object, PyObject* const*, Py_ssize_t) { return Close(object, nullptr); }

PyObject* GetDescription(PyObject* object, void*) {
  CursorObject* self = AsCursor(object);
  if (!self->has_rows || (self->columns == nullptr && self->connection->closed)) Py_RETURN_NONE;
  ColumnNames* columns = ResultColumns(self);
  if (columns == nullptr) return nullptr;
  return Py_XNewRef(Description(self->state, columns));
}

PyObject* GetRowCount(PyObject* object, void*) {
  return PyLong_FromLongLong(AsCursor(object)->row_count);
}

PyObject* GetLastRowId(PyObject* object, void*) {
  CursorObject* self = AsCursor(object);
  if (!self->has_identity) Py_RETURN_NONE;
  return PyLong_FromLongLong(self->identity);
}

PyObject* GetRowNumber(PyObject* object, void*) {
  CursorObject* self = AsCursor(object);
  if (!self->has_rows) Py_RETURN_NONE;
  return PyLong_FromLongLong(self->rows_read);
}

PyObject* GetConnection(PyObject* object, void*) {
  return Py_NewRef(reinterpret_cast<PyObject*>(AsCursor(object)->connection));
}

PyObject* GetArraySize(PyObject* object, void*) {
  return PyLong_FromSsize_t(AsCursor(object)->array_size);
}

int SetArraySize(PyObject* object, PyObject* value, void*) {
  Py_ssize_t size = value == nullptr ? 0 : PyNumber_AsSsize_t(value, PyExc_OverflowError);
  if (size == -1 && PyErr_Occurred() != nullptr) return -1;
  if (size < 1) {
    PyErr_SetString(PyExc_ValueError, "arraysize must be positive");
    return -1;
  }
  AsCursor(object)->array_size = size;
  return 0;
}

PyObject* GetFactory(PyObject* object, void*) {
  return GetRowFactory(AsCursor(object)->row_factory);
}
int SetFactory(PyObject* object, PyObject* value, void*) {
  CursorObject* self = AsCursor(object);
  return SetRowFactory(self->state, &self->row_factory, value) ? 0 : -1;
}

PyObject* GetMessages(PyObject* object, void*) { return LazyList(&AsCursor(object)->messages); }
PyObject* GetErrorHandler(PyObject* object, void*) {
  PyObject* handler = AsCursor(object)->error_handler;
  return Py_NewRef(handler == nullptr ? Py_None : handler);
}
int SetErrorHandler(PyObject* object, PyObject* value, void*) {
  return SetCallable(&AsCursor(object)->error_handler, value, "errorhandler");
}

int Traverse(PyObject* object, visitproc visit, void* arg) {
  CursorObject* self = AsCursor(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->connection);
  Py_VISIT(self->row_factory.object);
  Py_VISIT(self->messages);
  Py_VISIT(self->error_handler);
  return 0;
}

// Breaks cycles through what the program set. The connection stays: the result needs it.
int Clear(PyObject* object) {
  CursorObject* self = AsCursor(object);
  self->row_factory.kind = RowKind::kTuple;
  Py_CLEAR(self->row_factory.object);
  Py_CLEAR(self->messages);
  Py_CLEAR(self->error_handler);
  return 0;
}

// Puts a cursor without members aside. False when there are enough.
bool KeepForLater([[maybe_unused]] CursorObject* self, [[maybe_unused]] ModuleState* state) {
#ifdef Py_GIL_DISABLED
  return false;
#else
  if (state->free_cursor_count >= kMaxFreeCursors) return false;
  self->connection = reinterpret_cast<ConnectionObject*>(state->free_cursors);
  state->free_cursors = self;
  ++state->free_cursor_count;
  return true;
#endif
}

void Free(CursorObject* self) {
  self->columns.~shared_ptr();
  self->result.~Result();
  self->statement.~StatementRef();
  PyObject_GC_Del(self);
}

void Dealloc(PyObject* object) {
  CursorObject* self = AsCursor(object);
  PyTypeObject* type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  if (self->weak_references != nullptr) PyObject_ClearWeakRefs(object);
  DropResult(self);
  self->statement = StatementRef();
  Clear(object);
  EndUse(self->connection);
  Py_CLEAR(self->connection);
  if (!KeepForLater(self, self->state)) Free(self);
  Py_DECREF(type);
}

PyMethodDef methods[] = {
    FastMethod("execute", Execute,
               "execute($self, sql, parameters=(), /)\n--\n\n"
               "Runs one statement and returns the cursor itself."),
    FastMethod("executemany", ExecuteMany,
               "executemany($self, sql, rows, /)\n--\n\n"
               "Runs INSERT, UPDATE or DELETE once for each row of parameters, as one statement."),
    {"executescript", ExecuteScript, METH_O,
     "executescript($self, script, /)\n--\n\nRuns statements that semicolons separate. Commits "
     "nothing."},
    {"prepare", Prepare, METH_O,
     "prepare($self, sql, /)\n--\n\nA PreparedStatement that runs on this cursor."},
    {"fetchone", FetchOneMethod, METH_NOARGS,
     "fetchone($self, /)\n--\n\nThe next row, or None when there is none."},
    {"fetchmany", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(FetchManyMethod)),
     METH_FASTCALL | METH_KEYWORDS,
     "fetchmany($self, /, size=1)\n--\n\nA list of the next rows, at most size (arraysize)."},
    {"fetchall", FetchAllMethod, METH_NOARGS,
     "fetchall($self, /)\n--\n\nA list of all rows that are left."},
    {"next", NextMethod, METH_NOARGS,
     "next($self, /)\n--\n\nThe next row; StopIteration at the end."},
    FastMethod("scroll", ScrollMethod,
               "scroll($self, value, mode='relative', /)\n--\n\nSkips rows, forward only."),
    {"nextset", NextSet, METH_NOARGS, "nextset($self, /)\n--\n\nNone: a statement has one result."},
    FastMethod("callproc", CallProcedure,
               "callproc($self, name, parameters=(), /)\n--\n\nRaises NotSupportedError."),
    FastMethod("setinputsizes", SetSizes, "setinputsizes($self, sizes, /)\n--\n\nDoes nothing."),
    FastMethod("setoutputsize", SetSizes,
               "setoutputsize($self, size, column=None, /)\n--\n\nDoes nothing."),
    {"close", Close, METH_NOARGS,
     "close($self, /)\n--\n\nGives the result up; the cursor is of no use "
     "afterwards."},
    {"__enter__", Itself, METH_NOARGS, nullptr},
    FastMethod("__exit__", Exit, nullptr),
    {nullptr, nullptr, 0, nullptr},
};
PyGetSetDef properties[] = {
    {"description", GetDescription, nullptr,
     "A 7-tuple for each column of the result: name, type code, display size, internal size, "
     "precision, scale, null_ok; None when there is no result.",
     nullptr},
    {"rowcount", GetRowCount, nullptr,
     "Rows changed; of a query the rows it gave, -1 until all are read.", nullptr},
    {"lastrowid", GetLastRowId, nullptr, "The identity value that the last INSERT gave, or None.",
     nullptr},
    {"rownumber", GetRowNumber, nullptr, "The number of the next row, from 0, or None.", nullptr},
    {"connection", GetConnection, nullptr, "The cursor's connection.", nullptr},
    {"arraysize", GetArraySize, SetArraySize, "How many rows fetchmany() fetches.", nullptr},
    {"row_factory", GetFactory, SetFactory,
     "What makes a row: None (tuples), dict_row, namedtuple_row, Row, or callable(cursor, tuple).",
     nullptr},
    {"messages", GetMessages, nullptr, "Messages of the database (PEP 249).", nullptr},
    {"errorhandler", GetErrorHandler, SetErrorHandler,
     "None, or callable(connection, cursor, errorclass, errorvalue) that handles errors (PEP 249).",
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, sizeof(PyObject), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};
PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("Runs statements and reads their rows. A cursor streams: it "
                                  "holds one set of rows of its result.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Clear)},
    {Py_tp_iter, reinterpret_cast<void*>(PyObject_SelfIter)},
    {Py_tp_iternext, reinterpret_cast<void*>(NextRow)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_members, members},
    {0, nullptr},
};
PyType_Spec spec = {"tupelo.Cursor", sizeof(CursorObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                        Py_TPFLAGS_IMMUTABLETYPE,
                    slots};

}  // namespace

void FreeSpareCursors(ModuleState* state) {
  while (state->free_cursors != nullptr) {
    CursorObject* cursor = state->free_cursors;
    state->free_cursors = reinterpret_cast<CursorObject*>(cursor->connection);
    Free(cursor);
  }
  state->free_cursor_count = 0;
}

bool AddCursorType(PyObject* module, ModuleState* state) {
  state->cursor_type = AddType(module, &spec);
  return state->cursor_type != nullptr;
}

}  // namespace tupelo

// ext/connection_type.cpp: the methods and attributes of tupelo.Connection.
#include <Python.h>

#include <structmember.h>

#include "ext/backup.h"
#include "ext/check.h"
#include "ext/connection.h"
#include "ext/cursor.h"
#include "ext/dump.h"
#include "ext/engine_call.h"
#include "ext/errors.h"
#include "ext/gil.h"
#include "ext/hooks.h"
#include "ext/method.h"
#include "ext/prepared_statement.h"
#include "ext/profile.h"
#include "ext/py_ref.h"
#include "ext/transaction.h"

namespace tupelo {
namespace {

// What a method gives that only calls the engine: None.
template <typename Body>
PyObject* CallForNone(PyObject* object, bool release_gil, Body&& body) {
  ConnectionObject* self = AsConnection(object);
  if (CallEngine(self, release_gil, body)) Py_RETURN_NONE;
  return Fail(self);
}

// A new cursor on which `run` was successful.
template <typename Run>
PyObject* RunOnNewCursor(PyObject* object, Run&& run) {
  ConnectionObject* self = AsConnection(object);
  if (self->messages != nullptr) Py_CLEAR(self->messages);
  if (CheckOpen(self)) {
    CursorObject* cursor = NewCursor(self);
    PyRef kept = PyRef::Steal(reinterpret_cast<PyObject*>(cursor));
    if (cursor == nullptr) return nullptr;
    CursorScope scope(cursor);
    if (scope && run(cursor)) return kept.Release();
  }
  return Fail(self);
}

PyObject* Execute(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  if (!CheckArguments("execute", count, 1, 2)) return nullptr;
  return RunOnNewCursor(object, [&](CursorObject* cursor) {
    StatementRef statement = PrepareText(cursor->connection, arguments[0]);
    return statement && ExecuteStatement(cursor, statement, count == 2 ? arguments[1] : nullptr);
  });
}

PyObject* ExecuteMany(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  if (!CheckArguments("executemany", count, 2, 2)) return nullptr;
  return RunOnNewCursor(object, [&](CursorObject* cursor) {
    StatementRef statement = PrepareText(cursor->connection, arguments[0]);
    return statement && tupelo::ExecuteMany(cursor, statement, arguments[1]);
  });
}

PyObject* ExecuteScript(PyObject* object, PyObject* script) {
  return RunOnNewCursor(
      object, [&](CursorObject* cursor) { return tupelo::ExecuteScript(cursor, script); });
}

PyObject* MakeCursor(PyObject* object, PyObject*) {
  return RunOnNewCursor(object, [](CursorObject*) { return true; });
}

PyObject* Prepare(PyObject* object, PyObject* text) {
  ConnectionObject* self = AsConnection(object);
  if (CheckOpen(self)) {
    StatementRef statement = PrepareText(self, text);
    if (statement) return NewPreparedStatement(self, nullptr, statement);
  }
  return Fail(self);
}

PyObject* Commit(PyObject* object, PyObject*) {
  return CallForNone(object, false, [](Connection& connection) {
    GilRelease release(!connection.is_commit_short());
    connection.Commit();
  });
}

PyObject* Checkpoint(PyObject* object, PyObject*) {
  return CallForNone(object, true, [](Connection& connection) { connection.Checkpoint(); });
}

PyObject* Refresh(PyObject* object, PyObject*) {
  return CallForNone(object, true, [](Connection& connection) { connection.Refresh(); });
}

// It moves what cursors are reading: they must not read meanwhile, so the GIL is kept.
PyObject* Rollback(PyObject* object, PyObject*) {
  return CallForNone(object, false, [](Connection& connection) { connection.Rollback(); });
}

// Ends the session. A warning says that changes are lost; as an error it comes when all is done.
bool CloseConnection(ConnectionObject* self) {
  if (self->closed) return true;
  self->closed = true;
  UserScope use(self);
  // The engine may be writing to it until it has heard of the end.
  PyRef profile = PyRef::Share(reinterpret_cast<PyObject*>(self->profile));
  self->profile = nullptr;
  bool changes = false;
  bool ok = Guarded(self->state, [&] {
    changes = self->connection->has_changes();
    self->connection->SetProfile(nullptr);
    // Else the last who reads the engine's memory ends it.
    if (self->readers != 0) return;
    GilRelease release(self->connection->is_in_file());
    self->connection->Close();
  });
  self->cache->Clear();
  for (auto& spare : self->spare_parameters) spare.reset();
  if (!ok || !changes) return ok;
  return PyErr_ResourceWarning(reinterpret_cast<PyObject*>(self), 1,
                               "the connection is closed with changes that were not committed: "
                               "they are rolled back") == 0;
}

PyObject* Close(PyObject* object, PyObject*) {
  ObjectLock lock(object);
  if (CloseConnection(AsConnection(object))) Py_RETURN_NONE;
  return Fail(AsConnection(object));
}

PyObject* ConnectAgain(PyObject* object, PyObject*) {
  ConnectionObject* self = AsConnection(object);
  if (!CheckOpen(self)) return Fail(self);
  UserScope use(self);
  PyRef made;
  Guarded(self->state, [&] {
    Connection& connection = *self->connection;
    made = PyRef::Steal(
        NewConnection(self->state, connection.database()->Connect(connection.options()),
                      connection.autocommit(), static_cast<Py_ssize_t>(self->cache->capacity())));
  });
  if (!made) return Fail(self);
  ConnectionObject* other = AsConnection(made.get());
  other->row_factory = self->row_factory;
  Py_XINCREF(other->row_factory.object);
  return made.Release();
}

PyObject* Interrupt(PyObject* object, PyObject*) {
  ConnectionObject* self = AsConnection(object);
  if (!CheckOpen(self)) return Fail(self);
  self->connection->Interrupt();
  Py_RETURN_NONE;
}

PyObject* Profile(PyObject* object, PyObject*) {
  ConnectionObject* self = AsConnection(object);
  return CheckOpen(self) ? NewProfile(self) : Fail(self);
}

PyObject* Enter(PyObject* object, PyObject*) {
  return CheckOpen(AsConnection(object)) ? Py_NewRef(object) : nullptr;
}

// Commits, or rolls back when the block raised; the connection stays open.
PyObject* Exit(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  if (!CheckArguments("__exit__", count, 3, 3)) return nullptr;
  // Whoever closed the connection in its block has ended the transaction.
  if (AsConnection(object)->closed) Py_RETURN_FALSE;
  PyRef done =
      PyRef::Steal(arguments[0] == Py_None ? Commit(object, nullptr) : Rollback(object, nullptr));
  if (!done) return nullptr;
  Py_RETURN_FALSE;
}

PyObject* GetAutocommit(PyObject* object, void*) {
  ConnectionObject* self = AsConnection(object);
  if (!CheckOpen(self)) return nullptr;
  UserScope use(self);
  return PyBool_FromLong(self->connection->autocommit() ? 1 : 0);
}

int SetAutocommit(PyObject* object, PyObject* value, void*) {
  if (value == nullptr || !PyBool_Check(value)) {
    PyErr_SetString(PyExc_TypeError, "autocommit must be True or False");
    return -1;
  }
  PyRef done = PyRef::Steal(CallForNone(
      object, true, [&](Connection& connection) { connection.SetAutocommit(value == Py_True); }));
  return done ? 0 : -1;
}

PyObject* GetInTransaction(PyObject* object, void*) {
  ConnectionObject* self = AsConnection(object);
  if (!CheckOpen(self)) return nullptr;
  UserScope use(self);
  return PyBool_FromLong(self->connection->in_transaction() ? 1 : 0);
}

PyObject* GetReadOnly(PyObject* object, void*) {
  ConnectionObject* self = AsConnection(object);
  if (!CheckOpen(self)) return nullptr;
  UserScope use(self);
  return PyBool_FromLong(self->connection->is_read_only() ? 1 : 0);
}

PyObject* GetClosed(PyObject* object, void*) {
  return PyBool_FromLong(AsConnection(object)->closed ? 1 : 0);
}

PyObject* GetFactory(PyObject* object, void*) {
  return GetRowFactory(AsConnection(object)->row_factory);
}
int SetFactory(PyObject* object, PyObject* value, void*) {
  ConnectionObject* self = AsConnection(object);
  ObjectLock lock(self);
  return SetRowFactory(self->state, &self->row_factory, value) ? 0 : -1;
}

PyObject* GetMessages(PyObject* object, void*) { return LazyList(&AsConnection(object)->messages); }
PyObject* GetErrorHandler(PyObject* object, void*) {
  PyObject* handler = AsConnection(object)->error_handler;
  return Py_NewRef(handler == nullptr ? Py_None : handler);
}
int SetErrorHandler(PyObject* object, PyObject* value, void*) {
  return SetCallable(&AsConnection(object)->error_handler, value, "errorhandler");
}

int Traverse(PyObject* object, visitproc visit, void* arg) {
  ConnectionObject* self = AsConnection(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->row_factory.object);
  Py_VISIT(self->messages);
  Py_VISIT(self->error_handler);
  return VisitHooks(self, visit, arg);
}

int Clear(PyObject* object) {
  ConnectionObject* self = AsConnection(object);
  self->row_factory.kind = RowKind::kTuple;
  Py_CLEAR(self->row_factory.object);
  Py_CLEAR(self->messages);
  Py_CLEAR(self->error_handler);
  ClearHooks(self);
  return 0;
}

void Finalize(PyObject* object) {
  PyObject *type, *error, *traceback;
  PyErr_Fetch(&type, &error, &traceback);
  if (!CloseConnection(AsConnection(object))) PyErr_WriteUnraisable(object);
  PyErr_Restore(type, error, traceback);
}

void Dealloc(PyObject* object) {
  if (PyObject_CallFinalizerFromDealloc(object) < 0) return;  // the warning's filter kept it
  ConnectionObject* self = AsConnection(object);
  PyTypeObject* type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  if (self->weak_references != nullptr) PyObject_ClearWeakRefs(object);
  Clear(object);
  for (auto& spare : self->spare_parameters) spare.~unique_ptr();
  self->cache.~unique_ptr();
  self->connection.~unique_ptr();
  type->tp_free(object);
  Py_DECREF(type);
}

PyMethodDef methods[] = {
    FastMethod("execute", Execute,
               "execute($self, sql, parameters=(), /)\n--\n\n"
               "Runs one statement on a new cursor, which it returns."),
    FastMethod("executemany", ExecuteMany,
               "executemany($self, sql, rows, /)\n--\n\n"
               "Runs INSERT, UPDATE or DELETE once for each row of parameters, as one statement."),
    {"executescript", ExecuteScript, METH_O,
     "executescript($self, script, /)\n--\n\nRuns statements between semicolons. Commits nothing."},
    {"cursor", MakeCursor, METH_NOARGS, "cursor($self, /)\n--\n\nA new cursor."},
    {"prepare", Prepare, METH_O,
     "prepare($self, sql, /)\n--\n\nA PreparedStatement, whose executions have cursors of their "
     "own."},
    {"check", CheckConnection, METH_NOARGS,
     "check($self, /)\n--\n\nLooks at all that is committed, and the file: a list of Findings."},
    {"checkpoint", Checkpoint, METH_NOARGS,
     "checkpoint($self, /)\n--\n\n"
     "Writes what is in the log to the database file; it happens by itself when the log is long."},
    {"refresh", Refresh, METH_NOARGS,
     "refresh($self, /)\n--\n\n"
     "Moves a read-only connection, and all that this process sees of its database, on to what is\n"
     "durable now."},
    KeywordMethod("backup", Backup,
                  "backup($self, target, *, progress=None)\n--\n\n"
                  "Copies the database as it was last committed to a new file, or over that of\n"
                  "another connection, while others write."),
    KeywordMethod("serialize", Serialize,
                  "serialize($self, *, name='main')\n--\n\n"
                  "The bytes of a database file with what was last committed."),
    KeywordMethod("deserialize", Deserialize,
                  "deserialize($self, data, /, *, name='main')\n--\n\n"
                  "Replaces what a database in memory holds by that of the bytes of a file."),
    {"commit", Commit, METH_NOARGS,
     "commit($self, /)\n--\n\nMakes the transaction's changes lasting."},
    {"rollback", Rollback, METH_NOARGS,
     "rollback($self, /)\n--\n\nUndoes the transaction's changes."},
    {"close", Close, METH_NOARGS,
     "close($self, /)\n--\n\nEnds the session; a ResourceWarning if it rolls changes back."},
    {"connect", ConnectAgain, METH_NOARGS,
     "connect($self, /)\n--\n\nAnother connection to the same database."},
    {"iterdump", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(IterDump)),
     METH_VARARGS | METH_KEYWORDS,
     "iterdump($self, *, filter=None)\n--\n\nThe SQL statements that make the database anew."},
    KeywordMethod("retry", tupelo::Retry,
                  "retry($self, function=None, /, *args, attempts=20, **kwargs)\n--\n\n"
                  "Runs a function as a transaction, again when others were in its way; or, "
                  "without one,\nmakes a decorator."),
    {"_begin_retry", BeginRetry, METH_NOARGS, nullptr},
    {"_describe_dump", DescribeDump, METH_O, nullptr},
    {"set_commit_hook", SetCommitHook, METH_O,
     "set_commit_hook($self, callable, /)\n--\n\n"
     "callable() is called before a transaction that has changed something commits; what is true\n"
     "refuses that. None: nothing is called."},
    {"set_rollback_hook", SetRollbackHook, METH_O,
     "set_rollback_hook($self, callable, /)\n--\n\n"
     "callable() is called after a transaction that had changed something was rolled back."},
    {"set_update_hook", SetUpdateHook, METH_O,
     "set_update_hook($self, callable, /)\n--\n\n"
     "callable(operation, schema, table, row_id) is called for each row that a statement changes."},
    {"interrupt", Interrupt, METH_NOARGS,
     "interrupt($self, /)\n--\n\nEnds the running statement with OperationalError."},
    {"cache_info", CacheInfo, METH_NOARGS,
     "cache_info($self, /)\n--\n\nHow the statement cache fares."},
    {"profile", Profile, METH_NOARGS,
     "profile($self, /)\n--\n\nA context manager that measures where the time of statements goes."},
    {"__enter__", Enter, METH_NOARGS, nullptr},
    FastMethod("__exit__", Exit, nullptr),
    {nullptr, nullptr, 0, nullptr},
};
PyGetSetDef properties[] = {
    {"autocommit", GetAutocommit, SetAutocommit,
     "False: a transaction is always open. True: each statement is one. Setting True commits.",
     nullptr},
    {"isolation_level", GetIsolationLevel, SetIsolationLevel,
     "Of transactions that say nothing else, from the next on.", nullptr},
    {"in_transaction", GetInTransaction, nullptr, "Whether a transaction is open.", nullptr},
    {"read_only", GetReadOnly, nullptr, "Whether it was opened to read only.", nullptr},
    {"closed", GetClosed, nullptr, "Whether close() was called.", nullptr},
    {"row_factory", GetFactory, SetFactory, "The row_factory of new cursors.", nullptr},
    {"messages", GetMessages, nullptr, "Messages of the database (PEP 249).", nullptr},
    {"copy_progress", GetCopyProgress, SetCopyProgress,
     "None, or callable(rows, bytes, total_bytes) that COPY calls from time to time and at its "
     "end. What it raises ends the COPY.",
     nullptr},
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
    {Py_tp_doc, const_cast<char*>("A session with a database; see tupelo.connect(). Threads may "
                                  "share it: their statements take turns.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_finalize, reinterpret_cast<void*>(Finalize)},
    {Py_tp_traverse, reinterpret_cast<void*>(Traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Clear)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_members, members},
    {0, nullptr},
};
// Not immutable: the exceptions become attributes below.
PyType_Spec spec = {"tupelo.Connection", sizeof(ConnectionObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                    slots};

}  // namespace

bool AddConnectionTypes(PyObject* module, ModuleState* state) {
  if (!AddCacheInfoType(module, state)) return false;
  state->connection_type = AddType(module, &spec);
  if (state->connection_type == nullptr) return false;
  auto* type = reinterpret_cast<PyObject*>(state->connection_type);
  for (PyObject* exception : state->exceptions) {
    PyRef name = PyRef::Steal(PyObject_GetAttrString(exception, "__name__"));
    if (!name || PyObject_SetAttr(type, name.get(), exception) != 0) return false;
  }
  return true;
}

}  // namespace tupelo

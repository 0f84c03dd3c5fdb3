// ext/profile.cpp: tupelo.Profile, a context manager, and the named tuples that it gives.
#include "ext/profile.h"

#include <string>
#include <unordered_map>
#include <vector>

#include "ext/errors.h"
#include "ext/gil.h"
#include "ext/py_ref.h"

namespace tupelo {

// What the engine does not see of a statement.
struct Converted {
  int64_t nanoseconds = 0;
  int64_t rows = 0;
};

// The engine writes to `measured` while it is on; `statements` is made of it when it ends.
struct ProfileObject {
  PyObject_HEAD ConnectionObject* connection;  // owned
  std::vector<StatementProfile>* measured;
  std::unordered_map<std::string, Converted>* converted;
  PyObject* statements;  // a list
  bool on;
};

namespace {

PyStructSequence_Field statement_profile_fields[] = {
    {"sql", "the statement's text"},
    {"runs", "how many times it ran"},
    {"rows", "rows that it gave or changed"},
    {"parse_ns", "nanoseconds: text to syntax tree"},
    {"bind_ns", "nanoseconds: names and types"},
    {"plan_ns", "nanoseconds: choosing and building the plan"},
    {"execute_ns", "nanoseconds: running it"},
    {"convert_ns", "nanoseconds: from and to Python objects"},
    {nullptr, nullptr},
};
PyStructSequence_Desc statement_profile_description = {"tupelo.StatementProfile",
                                                       "What a profile says of one statement.",
                                                       statement_profile_fields, 8};

PyObject* NewStatementProfile(ModuleState* state, const StatementProfile& measured) {
  PyRef row = PyRef::Steal(PyStructSequence_New(state->statement_profile_type));
  if (!row) return nullptr;
  PyObject* sql = PyUnicode_DecodeUTF8(measured.sql.data(),
                                       static_cast<Py_ssize_t>(measured.sql.size()), "replace");
  PyStructSequence_SetItem(row.get(), 0, sql);
  const int64_t numbers[] = {measured.runs,      measured.rows,    measured.parse_ns,
                             measured.bind_ns,   measured.plan_ns, measured.execute_ns,
                             measured.convert_ns};
  bool complete = sql != nullptr;
  for (int i = 0; i < 7; ++i) {
    PyObject* number = PyLong_FromLongLong(numbers[i]);
    complete = complete && number != nullptr;
    PyStructSequence_SetItem(row.get(), i + 1, number);
  }
  return complete ? row.Release() : nullptr;
}

// Switches the profile off. The engine waits for a statement of another thread to end.
void SwitchOff(ProfileObject* self) {
  if (!self->on) return;
  self->on = false;
  if (self->connection->closed) return;  // which ended it
  self->connection->profile = nullptr;
  UserScope use(self->connection);
  Guarded(self->connection->state, [&] { self->connection->connection->SetProfile(nullptr); });
}

PyObject* Enter(PyObject* object, PyObject*) {
  auto* self = reinterpret_cast<ProfileObject*>(object);
  ConnectionObject* connection = self->connection;
  ObjectLock lock(connection);
  if (!CheckOpen(connection)) return nullptr;
  if (connection->profile != nullptr) {
    return Raise(connection->state, "25000", "the connection has a profile that has not ended");
  }
  UserScope use(connection);
  self->measured->clear();
  self->converted->clear();
  if (PyList_SetSlice(self->statements, 0, PyList_GET_SIZE(self->statements), nullptr) != 0) {
    return nullptr;
  }
  if (!Guarded(connection->state, [&] { connection->connection->SetProfile(self->measured); })) {
    return nullptr;
  }
  connection->profile = self;
  self->on = true;
  return Py_NewRef(object);
}

PyObject* Exit(PyObject* object, PyObject* const*, Py_ssize_t) {
  auto* self = reinterpret_cast<ProfileObject*>(object);
  ObjectLock lock(self->connection);
  if (!self->on) Py_RETURN_FALSE;
  SwitchOff(self);
  if (PyErr_Occurred() != nullptr) return nullptr;
  for (StatementProfile& measured : *self->measured) {
    auto found = self->converted->find(measured.sql);
    if (found != self->converted->end()) {
      measured.convert_ns += found->second.nanoseconds;
      measured.rows += found->second.rows;
    }
    PyRef row = PyRef::Steal(NewStatementProfile(self->connection->state, measured));
    if (!row || PyList_Append(self->statements, row.get()) != 0) return nullptr;
  }
  Py_RETURN_FALSE;
}

PyObject* GetStatements(PyObject* object, void*) {
  return Py_NewRef(reinterpret_cast<ProfileObject*>(object)->statements);
}

PyObject* GetTotal(PyObject* object, void*) {
  auto* self = reinterpret_cast<ProfileObject*>(object);
  int64_t total = 0;
  if (!self->on) {
    for (const StatementProfile& it : *self->measured) {
      total += it.parse_ns + it.bind_ns + it.plan_ns + it.execute_ns + it.convert_ns;
    }
  }
  return PyLong_FromLongLong(total);
}

int Traverse(PyObject* object, visitproc visit, void* arg) {
  auto* self = reinterpret_cast<ProfileObject*>(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->connection);
  Py_VISIT(self->statements);
  return 0;
}

void Dealloc(PyObject* object) {
  auto* self = reinterpret_cast<ProfileObject*>(object);
  PyTypeObject* type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  PyObject *error_type, *error, *traceback;
  PyErr_Fetch(&error_type, &error, &traceback);
  if (self->connection != nullptr) SwitchOff(self);
  PyErr_Restore(error_type, error, traceback);
  Py_XDECREF(self->connection);
  Py_XDECREF(self->statements);
  delete self->measured;
  delete self->converted;
  type->tp_free(object);
  Py_DECREF(type);
}

PyMethodDef methods[] = {
    {"__enter__", Enter, METH_NOARGS, "Begins to measure the connection's statements."},
    {"__exit__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(Exit)), METH_FASTCALL,
     "Ends measuring; `statements` has what was found."},
    {nullptr, nullptr, 0, nullptr},
};
PyGetSetDef properties[] = {
    {"statements", GetStatements, nullptr,
     "One StatementProfile per statement text, once the profile has ended.", nullptr},
    {"total_ns", GetTotal, nullptr, "Nanoseconds of all statements together.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("Where the time of a connection's statements goes: see "
                                  "Connection.profile().")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Traverse)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, nullptr},
};
PyType_Spec spec = {"tupelo.Profile", sizeof(ProfileObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                        Py_TPFLAGS_IMMUTABLETYPE,
                    slots};

}  // namespace

PyObject* NewProfile(ConnectionObject* connection) {
  PyTypeObject* type = connection->state->profile_type;
  PyRef object = PyRef::Steal(type->tp_alloc(type, 0));
  if (!object) return nullptr;
  auto* self = reinterpret_cast<ProfileObject*>(object.get());
  Py_INCREF(connection);
  self->connection = connection;
  self->statements = PyList_New(0);
  if (self->statements == nullptr) return nullptr;
  bool made = Guarded(connection->state, [&] {
    self->measured = new std::vector<StatementProfile>();
    self->converted = new std::unordered_map<std::string, Converted>();
  });
  return made ? object.Release() : nullptr;
}

void AddConverted(ProfileObject* profile, const CachedStatement* statement, int64_t nanoseconds,
                  int64_t rows) {
  try {
    Converted& converted = (*profile->converted)[statement->statement().sql()];
    converted.nanoseconds += nanoseconds;
    converted.rows += rows;
  } catch (const std::bad_alloc&) {
    return;  // a measurement is lost
  }
}

bool AddProfileTypes(PyObject* module, ModuleState* state) {
  state->statement_profile_type = AddStructSequence(module, &statement_profile_description);
  if (state->statement_profile_type == nullptr) return false;
  state->profile_type = AddType(module, &spec);
  return state->profile_type != nullptr;
}

}  // namespace tupelo

// ext/connection.cpp: how connections begin, prepare statements, and end.
#include "ext/connection.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "engine/memory_limit.h"
#include "ext/errors.h"
#include "ext/gil.h"
#include "ext/py_ref.h"
#include "ext/text.h"
#include "ext/transaction.h"

namespace tupelo {
namespace {

// Longer texts are not kept: they come from programs that put data into them.
constexpr Py_ssize_t kMaxCachedCharacters = 64 * 1024;

StatementRef Parse(ConnectionObject* self, PyObject* text) {
  std::string_view sql;
  if (!TextOf(self->state, text, &sql)) return {};
  UserScope use(self);
  StatementRef statement;
  Guarded(self->state, [&] {
    statement = StatementRef(new CachedStatement(text, self->connection->Prepare(sql)));
  });
  return statement;
}

}  // namespace

PyObject* NewConnection(ModuleState* state, std::unique_ptr<Connection> connection, bool autocommit,
                        Py_ssize_t cached_statements) {
  std::unique_ptr<StatementCache> cache;
  bool connected = Guarded(state, [&] {
    if (autocommit) connection->SetAutocommit(true);
    connection->SetProgressCallback(CheckSignals, nullptr, ReleaseIfLong);
    cache = std::make_unique<StatementCache>(static_cast<size_t>(cached_statements));
  });
  if (!connected) return nullptr;
  PyTypeObject* type = state->connection_type;
  auto* self = reinterpret_cast<ConnectionObject*>(type->tp_alloc(type, 0));
  if (self == nullptr) return nullptr;
  self->state = state;
  new (&self->connection) std::unique_ptr<Connection>(std::move(connection));
  new (&self->cache) std::unique_ptr<StatementCache>(std::move(cache));
  for (auto& spare : self->spare_parameters) new (&spare) std::unique_ptr<ParameterSet>();
  return reinterpret_cast<PyObject*>(self);
}

namespace {

bool DurabilityOf(const char* synchronous, Durability* durability) {
  constexpr struct {
    const char* name;
    Durability durability;
  } kNames[] = {
      {"full", Durability::kFull}, {"normal", Durability::kNormal}, {"off", Durability::kOff}};
  for (const auto& one : kNames) {
    if (std::strcmp(synchronous, one.name) != 0) continue;
    *durability = one.durability;
    return true;
  }
  PyErr_Format(PyExc_ValueError, "synchronous must be 'full', 'normal' or 'off', not '%s'",
               synchronous);
  return false;
}

// Seconds, as Python has them. More than a year is a year.
bool TimeoutOf(double seconds, std::chrono::milliseconds* timeout) {
  if (std::isnan(seconds) || seconds < 0) {
    PyErr_SetString(PyExc_ValueError, "timeout must be a number of seconds that is not negative");
    return false;
  }
  constexpr double kYear = 366.0 * 24 * 3600;
  *timeout =
      std::chrono::milliseconds(static_cast<int64_t>(std::ceil(std::min(seconds, kYear) * 1000)));
  return true;
}

// A number of bytes, or text such as '200MB'; None: the default.
bool TakeMemoryLimit(ModuleState* state, PyObject* given, uint64_t* bytes) {
  if (given == Py_None) return true;
  if (!PyLong_Check(given) && !PyUnicode_Check(given)) {
    PyErr_Format(PyExc_TypeError, "memory_limit must be a str, an int or None, not %s",
                 Py_TYPE(given)->tp_name);
    return false;
  }
  PyRef text = PyRef::Steal(PyObject_Str(given));
  if (!text) return false;
  Py_ssize_t size = 0;
  const char* characters = PyUnicode_AsUTF8AndSize(text.get(), &size);
  if (characters == nullptr) return false;
  return Guarded(state, [&] { *bytes = MemoryLimitOf({characters, static_cast<size_t>(size)}); });
}

}  // namespace

PyObject* Connect(PyObject* module, PyObject* arguments, PyObject* keywords) {
  ModuleState* state = StateOfModule(module);
  static const char* const kNames[] = {"database",     "autocommit",      "cached_statements",
                                       "synchronous",  "read_only",       "timeout",
                                       "memory_limit", "isolation_level", nullptr};
  PyObject* database = nullptr;
  int autocommit = 0;
  Py_ssize_t cached_statements = 128;
  const char* synchronous = "full";
  int read_only = 0;
  double timeout = 0;
  PyObject* memory_limit = Py_None;
  PyObject* isolation_level = nullptr;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|O$pnspdOO:connect",
                                   const_cast<char**>(kNames), &database, &autocommit,
                                   &cached_statements, &synchronous, &read_only, &timeout,
                                   &memory_limit, &isolation_level)) {
    return nullptr;
  }
  if (cached_statements < 0) {
    PyErr_SetString(PyExc_ValueError, "cached_statements must not be negative");
    return nullptr;
  }
  OpenOptions options;
  if (!DurabilityOf(synchronous, &options.synchronous)) return nullptr;
  if (!TimeoutOf(timeout, &options.timeout)) return nullptr;
  if (isolation_level != nullptr && !IsolationLevelOf(isolation_level, &options.isolation_level)) {
    return nullptr;
  }
  options.read_only = read_only != 0;
  options.progress = CheckSignals;
  if (!TakeMemoryLimit(state, memory_limit, &options.memory_limit)) return nullptr;
  // As the bytes that the operating system takes: a path may be no UTF-8.
  PyObject* location = nullptr;
  if (database != nullptr && PyUnicode_FSConverter(database, &location) == 0) return nullptr;
  PyRef path = PyRef::Steal(location);
  std::string text = ":memory:";
  if (path) {
    text.assign(PyBytes_AS_STRING(path.get()), static_cast<size_t>(PyBytes_GET_SIZE(path.get())));
  }
  std::unique_ptr<Connection> connection;
  bool connected = Guarded(state, [&] {
    GilRelease release(true);
    connection = Database::Connect(text, options);
  });
  if (!connected) return nullptr;
  return NewConnection(state, std::move(connection), autocommit != 0, cached_statements);
}

bool RaiseConnectionClosed(ConnectionObject* connection) {
  RaiseClosed(connection->state, "connection");
  return false;
}

StatementRef PrepareText(ConnectionObject* self, PyObject* text) {
  PyRef exact;
  if (!PyUnicode_CheckExact(text)) {
    if (!PyUnicode_Check(text)) {
      PyErr_Format(PyExc_TypeError, "the statement must be a str, not %.200s",
                   Py_TYPE(text)->tp_name);
      return {};
    }
    exact = PyRef::Steal(PyUnicode_FromObject(text));  // without what its class overrides
    if (!exact) return {};
    text = exact.get();
  }
  ObjectLock lock(self);
  const StatementRef* found = self->cache->Find(text);
  if (found != nullptr) return *found;
  StatementRef statement = Parse(self, text);
  if (!statement) return {};
  if (PyUnicode_GET_LENGTH(text) > kMaxCachedCharacters) return statement;
  self->cache->CountMiss();
  // Parsing may have let another thread run, which may have prepared the same text, or closed.
  if (self->closed || self->cache->Contains(text)) return statement;
  bool kept = Guarded(self->state, [&] { self->cache->Insert(statement); });
  return kept ? statement : StatementRef();
}

PyObject* HandleError(ConnectionObject* connection, PyObject* cursor, PyObject* handler) {
  PyObject* error_class = connection->state->exceptions[static_cast<size_t>(ExceptionKind::kError)];
  if (handler == nullptr || PyErr_ExceptionMatches(error_class) == 0) return nullptr;
  PyRef kept = PyRef::Share(handler);
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  PyObject* where = cursor != nullptr ? cursor : Py_None;
  PyRef answer = PyRef::Steal(PyObject_CallFunctionObjArgs(
      handler, reinterpret_cast<PyObject*>(connection), where, type, value, nullptr));
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
  if (!answer) return nullptr;
  Py_RETURN_NONE;
}

void EndUse(ConnectionObject* self) {
  if (--self->users == 0 && self->closed) self->connection.reset();
}

ReaderScope::~ReaderScope() {
  if (--connection_->readers != 0 || !connection_->closed) return;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (!Guarded(connection_->state, [&] { connection_->connection->Close(); })) {
    PyErr_WriteUnraisable(reinterpret_cast<PyObject*>(connection_));
  }
  PyErr_Restore(type, value, traceback);
}

ParameterLease::ParameterLease(ConnectionObject* connection, const CachedStatement& statement)
    : connection_(connection) {
  uint32_t count = statement.parameter_count();
  if (count <= kMaxKeptParameters) {
    ObjectLock lock(connection);
    set_ = std::move(connection->spare_parameters[count]);
  }
  if (set_ == nullptr) set_ = std::make_unique<ParameterSet>();
  set_->Reset(count, statement.parameter_targets());
}

ParameterLease::~ParameterLease() {
  if (set_ == nullptr || set_->count() > kMaxKeptParameters) return;
  ObjectLock lock(connection_);
  connection_->spare_parameters[set_->count()] = std::move(set_);
}

}  // namespace tupelo

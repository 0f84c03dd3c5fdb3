// ext/connection.h: tupelo.Connection.
#pragma once

#include <Python.h>

#include <memory>

#include "ext/gil.h"
#include "ext/module_state.h"
#include "ext/row_factory.h"
#include "ext/statement_cache.h"
#include "tupelo/tupelo.h"

namespace tupelo {

struct ProfileObject;

// Parameter sets with this many parameters or fewer are kept from one execution to the next.
inline constexpr uint32_t kMaxKeptParameters = 16;

// Cursors and prepared statements hold a reference to their connection; it holds none to them.
struct ConnectionObject {
  PyObject_HEAD PyObject* weak_references;
  ModuleState* state;
  // Gone when it is closed and nobody uses it any more: then the database may go.
  std::unique_ptr<Connection> connection;
  std::unique_ptr<StatementCache> cache;
  std::unique_ptr<ParameterSet> spare_parameters[kMaxKeptParameters + 1];
  RowFactory row_factory;
  PyObject* messages;       // a list once asked for
  PyObject* error_handler;  // nullptr for the usual way
  PyObject* copy_progress;  // nullptr: none, as of the hooks
  PyObject* commit_hook;
  PyObject* rollback_hook;
  PyObject* update_hook;
  ProfileObject* profile;  // borrowed; it ends itself when it goes
  SharedCount users;       // cursors, and calls of the engine that are on their way
  SharedCount readers;     // that read memory of the engine's: then its end has to wait
  bool closed;
};

inline ConnectionObject* AsConnection(PyObject* object) {
  return reinterpret_cast<ConnectionObject*>(object);
}
// The object of `connection`; a new reference or nullptr.
PyObject* NewConnection(ModuleState* state, std::unique_ptr<Connection> connection, bool autocommit,
                        Py_ssize_t cached_statements);
// Connection.cache_info(), and the type of what it gives.
PyObject* CacheInfo(PyObject* object, PyObject*);
bool AddCacheInfoType(PyObject* module, ModuleState* state);
// tupelo.connect().
PyObject* Connect(PyObject* module, PyObject* arguments, PyObject* keywords);

// Connection.cache_info(), and the type of what it gives (cache_info.cpp).
PyObject* CacheInfo(PyObject* connection, PyObject*);
bool AddCacheInfoType(PyObject* module, ModuleState* state);

// One of its users is done.
void EndUse(ConnectionObject* connection);

// False with ProgrammingError set when the connection is closed.
inline bool CheckOpen(ConnectionObject* connection);
bool RaiseConnectionClosed(ConnectionObject* connection);

// The statement of `text`, from the cache or parsed; empty with an exception set.
StatementRef PrepareText(ConnectionObject* connection, PyObject* text);

// What is left to do for an exception that is set: the error handler of PEP 249, `handler`, may
// take it over. Returns nullptr, or a new None when the handler was content.
PyObject* HandleError(ConnectionObject* connection, PyObject* cursor, PyObject* handler);
// What a method of the connection returns that has failed.
inline PyObject* Fail(ConnectionObject* self) {
  return HandleError(self, nullptr, self->error_handler);
}

// Keeps the engine's connection for its scope, whoever closes it meanwhile.
class UserScope {
 public:
  explicit UserScope(ConnectionObject* connection) : connection_(connection) {
    ++connection_->users;
  }
  ~UserScope() { EndUse(connection_); }
  UserScope(const UserScope&) = delete;
  UserScope& operator=(const UserScope&) = delete;

 private:
  ConnectionObject* connection_;
};

// Keeps what the engine lent (a chunk) valid for its scope: Python code that runs meanwhile (a
// finalizer) may close the connection, whose end then waits for the scope's.
class ReaderScope {
 public:
  explicit ReaderScope(ConnectionObject* connection) : connection_(connection) {
    ++connection_->readers;
  }
  ~ReaderScope();
  ReaderScope(const ReaderScope&) = delete;
  ReaderScope& operator=(const ReaderScope&) = delete;

 private:
  ConnectionObject* connection_;
};

// A parameter set for one execution: the connection's, or a new one when that is in use (by
// another thread, or further up this one's stack).
class ParameterLease {
 public:
  ParameterLease(ConnectionObject* connection, const CachedStatement& statement);
  ~ParameterLease();
  ParameterLease(const ParameterLease&) = delete;
  ParameterLease& operator=(const ParameterLease&) = delete;
  ParameterSet& operator*() const { return *set_; }
  ParameterSet* operator->() const { return set_.get(); }

 private:
  ConnectionObject* connection_;
  std::unique_ptr<ParameterSet> set_;
};

inline bool CheckOpen(ConnectionObject* connection) {
  return !connection->closed || RaiseConnectionClosed(connection);
}

}  // namespace tupelo

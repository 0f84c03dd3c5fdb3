// ext/cursor.h: tupelo.Cursor.
#pragma once

#include <Python.h>

#include "ext/connection.h"
#include "ext/gil.h"
#include "ext/row_factory.h"
#include "tupelo/tupelo.h"

namespace tupelo {

// So many rows at most are made ahead of the reader: their objects stay in the processor's cache.
inline constexpr uint32_t kMaxSliceRows = 128;

struct CursorObject {
  PyObject_HEAD PyObject* weak_references;
  ModuleState* state;
  ConnectionObject* connection;  // owned; the next free cursor while this one is free
  RowFactory row_factory;
  Py_ssize_t array_size;
  PyObject* messages;       // a list once asked for
  PyObject* error_handler;  // nullptr for the usual way

  StatementRef statement;  // the one executed last
  Result result;
  std::shared_ptr<ColumnNames> columns;  // of the result, once asked for
  const Chunk* chunk;                    // of the result: its vector set being read
  uint32_t chunk_row;                    // its first row that is not made yet
  uint32_t slice_rows;                   // how many to make next
  int64_t row_count;                     // PEP 249's rowcount
  int64_t identity;                      // lastrowid, if has_identity
  int64_t rows_read;                     // handed out
  uint32_t made_count, made_next;        // tuples [made_next, made_count) of `made` wait to be read
  bool has_rows;                         // there is a result to read
  bool at_end;                           // and it has no further vector set
  bool has_identity;
  bool closed;
  bool busy;  // a method runs: Python code it calls, or another thread, must not use the cursor
  PyObject* made[kMaxSliceRows];
};

// A cursor of `connection`; new reference or nullptr.
CursorObject* NewCursor(ConnectionObject* connection);
// Frees the cursors that the module keeps.
void FreeSpareCursors(ModuleState* state);

// Ends the result, if any: what was not read is gone.
void DropResult(CursorObject* cursor);

// Enters a method: raises ProgrammingError when the cursor or its connection is closed or in use.
class CursorScope {
 public:
  explicit CursorScope(CursorObject* cursor) : lock_(cursor), cursor_(cursor) {
    entered_ = !cursor->busy && !cursor->closed && !cursor->connection->closed;
    if (entered_) {
      cursor->busy = true;
    } else {
      RaiseUnusable();
    }
  }
  ~CursorScope() {
    if (entered_) cursor_->busy = false;
  }
  explicit operator bool() const { return entered_; }

 private:
  void RaiseUnusable();
  ObjectLock lock_;
  CursorObject* cursor_;
  bool entered_;
};

// The methods that Connection and PreparedStatement share with Cursor. Each returns false (nullptr)
// with an exception set. REQUIRES: inside a CursorScope of `cursor`.

// Runs `statement` with `parameters` (nullptr: none) and makes its result the cursor's.
bool ExecuteStatement(CursorObject* cursor, const StatementRef& statement, PyObject* parameters);
// The same with the parameters of a call.
bool ExecuteCall(CursorObject* cursor, const StatementRef& statement, PyObject* const* values,
                 size_t count, PyObject* keyword_names);
bool ExecuteMany(CursorObject* cursor, const StatementRef& statement, PyObject* rows);
bool ExecuteScript(CursorObject* cursor, PyObject* script);

// The next row as the row factory makes it; nullptr at the end too, then without an exception.
PyObject* FetchOne(CursorObject* cursor);
// A list of at most `limit` rows.
PyObject* FetchMany(CursorObject* cursor, Py_ssize_t limit);

// The columns of the result; nullptr with an exception set.
ColumnNames* ResultColumns(CursorObject* cursor);

}  // namespace tupelo

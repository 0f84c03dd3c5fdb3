// ext/cursor.cpp: how cursors begin and end, and how they read their result.
#include "ext/cursor.h"

#include <algorithm>
#include <new>

#include "ext/convert_out.h"
#include "ext/description.h"
#include "ext/errors.h"
#include "ext/profile.h"
#include "ext/py_ref.h"

namespace tupelo {
namespace {

// Steps the result to its next vector set. False at the end, or with an exception set.
bool NextChunk(CursorObject* self) {
  bool ok = Guarded(self->state, [&] {
    GilRelease release(self->statement->gil_release());
    self->chunk = self->result.NextChunk();
  });
  self->chunk_row = 0;
  if (ok && self->chunk != nullptr) return true;
  self->chunk = nullptr;
  self->at_end = true;
  if (ok) self->row_count = self->rows_read;
  return false;
}

// Makes up to `wanted` tuples of the current vector set into `rows`; how many, -1 with an
// exception.
int64_t MakeSlice(CursorObject* self, uint32_t wanted, PyObject** rows) {
  ReaderScope reading(self->connection);
  ConvertTimer timer(self->connection, self->statement.get());
  uint32_t count = std::min(wanted, self->chunk->row_count() - self->chunk_row);
  bool made = false;
  bool ok = Guarded(self->state, [&] {
    made = MakeRowTuples(self->state, *self->chunk, self->chunk_row, count, rows);
  });
  if (!ok || !made) return -1;
  timer.AddRows(count);
  self->chunk_row += count;
  return count;
}

// Fills `made`. False at the end, or with an exception set.
bool MakeAhead(CursorObject* self) {
  while (self->chunk == nullptr || self->chunk_row == self->chunk->row_count()) {
    if (self->at_end || !NextChunk(self)) return false;
    if (!CheckOpen(self->connection)) return false;  // closed while the GIL was released
  }
  // Few at first: who wants one row pays for one.
  int64_t count = MakeSlice(self, self->slice_rows, self->made);
  self->slice_rows = std::min(self->slice_rows * 4, kMaxSliceRows);
  self->made_next = 0;
  self->made_count = count < 0 ? 0 : static_cast<uint32_t>(count);
  return count > 0;
}

bool CheckHasRows(CursorObject* self) {
  if (self->has_rows) return true;
  Raise(self->state, "24000",
        self->statement ? "the last statement gave no rows to fetch"
                        : "there are no rows to fetch: nothing was executed");
  return false;
}

// Appends up to `limit` rows, as the row factory makes them, to `list`. False with an exception
// set.
bool AppendRows(CursorObject* self, size_t limit, PyObject* list) {
  while (limit > 0) {
    if (self->made_next == self->made_count) {
      self->slice_rows = static_cast<uint32_t>(std::min<size_t>(kMaxSliceRows, limit));
      if (!MakeAhead(self)) return PyErr_Occurred() == nullptr;
    }
    for (; limit > 0 && self->made_next < self->made_count; --limit) {
      PyObject* row = self->made[self->made_next++];
      ++self->rows_read;
      if (self->row_factory.kind != RowKind::kTuple) row = MakeRow(self, row);
      if (row == nullptr) return false;
      int appended = PyList_Append(list, row);
      Py_DECREF(row);
      if (appended != 0) return false;
    }
  }
  return true;
}

}  // namespace

CursorObject* NewCursor(ConnectionObject* connection) {
  ModuleState* state = connection->state;
  CursorObject* self = state->free_cursors;
  if (self != nullptr) {
    state->free_cursors = reinterpret_cast<CursorObject*>(self->connection);
    --state->free_cursor_count;
    PyObject_Init(reinterpret_cast<PyObject*>(self), state->cursor_type);
  } else {
    self = PyObject_GC_New(CursorObject, state->cursor_type);
    if (self == nullptr) return nullptr;
    new (&self->statement) StatementRef();
    new (&self->result) Result();
    new (&self->columns) std::shared_ptr<ColumnNames>();
  }
  self->weak_references = nullptr;
  self->state = state;
  Py_INCREF(connection);
  ++connection->users;
  self->connection = connection;
  self->row_factory = connection->row_factory;
  Py_XINCREF(self->row_factory.object);
  self->array_size = 1;
  self->messages = nullptr;
  self->error_handler = connection->error_handler;
  Py_XINCREF(self->error_handler);
  self->chunk = nullptr;
  self->row_count = -1;
  self->rows_read = 0;
  self->made_count = self->made_next = 0;
  self->has_rows = self->at_end = self->has_identity = self->closed = self->busy = false;
  PyObject_GC_Track(reinterpret_cast<PyObject*>(self));
  return self;
}

void DropResult(CursorObject* self) {
  while (self->made_next < self->made_count) Py_DECREF(self->made[self->made_next++]);
  self->made_count = self->made_next = 0;
  self->chunk = nullptr;
  self->has_rows = self->at_end = self->has_identity = false;
  self->row_count = -1;
  self->rows_read = 0;
  self->columns.reset();
  if (self->result.has_rows()) self->result = Result();
}

void CursorScope::RaiseUnusable() {
  CursorObject* self = cursor_;
  if (self->closed) {
    RaiseClosed(self->state, "cursor");
  } else if (self->connection->closed) {
    RaiseClosed(self->state, "connection");
  } else {
    Raise(self->state, "24000",
          "the cursor is in use: by another thread, or by a call that this one is part of");
  }
}

PyObject* FetchOne(CursorObject* self) {
  if (self->made_next == self->made_count) {
    if (!CheckHasRows(self) || !MakeAhead(self)) return nullptr;
  }
  PyObject* row = self->made[self->made_next++];
  ++self->rows_read;
  return self->row_factory.kind == RowKind::kTuple ? row : MakeRow(self, row);
}

PyObject* FetchMany(CursorObject* self, Py_ssize_t limit) {
  if (!CheckHasRows(self)) return nullptr;
  PyRef list = PyRef::Steal(PyList_New(0));
  if (!list || !AppendRows(self, static_cast<size_t>(limit), list.get())) return nullptr;
  return list.Release();
}

ColumnNames* ResultColumns(CursorObject* self) {
  if (self->columns == nullptr) {
    ObjectLock lock(self->connection);
    Guarded(self->state, [&] { self->columns = self->statement->Columns(self->result.columns()); });
  }
  return self->columns.get();
}

}  // namespace tupelo

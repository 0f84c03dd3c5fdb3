// ext/execute_many.cpp: one statement over the rows of an iterable, in batches.
//
// Rows are pulled from the iterator into a parameter set while the engine holds no lock, so the
// iterator may read through the same connection. A batch ends when it is full or when a row's types
// differ from those before. The statement is atomic as a whole: whatever goes wrong, the batches
// done before are undone.
#include "ext/convert_in.h"
#include "ext/cursor.h"
#include "ext/errors.h"
#include "ext/profile.h"
#include "ext/py_ref.h"

namespace tupelo {
namespace {

// Smaller batches run with the GIL kept.
constexpr uint32_t kLongBatchRows = 16;

// Yields the rows: of a list or tuple without an iterator, of all else with one.
class RowSource {
 public:
  explicit RowSource(PyObject* rows) {
    if (PyList_CheckExact(rows) || PyTuple_CheckExact(rows)) {
      sequence_ = PyRef::Share(rows);
    } else {
      iterator_ = PyRef::Steal(PyObject_GetIter(rows));
    }
  }
  bool is_good() const { return sequence_ || iterator_; }

  // Empty at the end, or with an exception set.
  PyRef Next() {
    if (!sequence_) return PyRef::Steal(PyIter_Next(iterator_.get()));
    // The list may change while Python code runs.
    ObjectLock lock(sequence_.get());
    if (index_ >= PySequence_Fast_GET_SIZE(sequence_.get())) return {};
    return PyRef::Share(PySequence_Fast_GET_ITEM(sequence_.get(), index_++));
  }

 private:
  PyRef sequence_;
  PyRef iterator_;
  Py_ssize_t index_ = 0;
};

// The open statement of the engine: undone at the end of the scope unless finished.
class Batches {
 public:
  Batches(CursorObject* cursor, const StatementRef& statement, ParameterSet* set)
      : cursor_(cursor), cached_(statement), statement_(statement->statement()), set_(set) {
    statement_.BeginBatches();
    open_ = true;
  }
  ~Batches() {
    if (!open_) return;
    try {
      statement_.CancelBatches();
    } catch (const Error&) {
      // The connection was closed meanwhile: nothing is left to undo.
    }
  }

  // False with an exception set.
  bool Add(PyObject* row, Py_ssize_t number) {
    {
      ConvertTimer timer(cursor_->connection, cached_.get());
      if (!BindParameters(cursor_->state, *cached_.get(), row, set_)) return Note(number);
    }
    if (!CheckOpen(cursor_->connection)) return false;  // Python code may have run
    if (!set_->EndRow()) {
      Flush();
      set_->StartBatchWithPendingRow();
    }
    if (set_->is_full()) {
      Flush();
      set_->Clear();
    }
    return true;
  }

  int64_t Finish(Result* returned) {
    if (set_->row_count() > 0) Flush();
    int64_t count = statement_.FinishBatches(returned);
    open_ = false;
    return count;
  }

 private:
  void Flush() {
    GilRelease release(set_->row_count() > kLongBatchRows || !statement_.is_short());
    statement_.ExecuteBatch(*set_);
  }

  // Adds to the exception which row it was.
  bool Note(Py_ssize_t number) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyRef done = PyRef::Steal(PyObject_CallMethod(
        value, "add_note", "N", PyUnicode_FromFormat("in row %zd of executemany", number)));
    if (!done) PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return false;
  }

  CursorObject* cursor_;
  const StatementRef& cached_;
  Statement& statement_;
  ParameterSet* set_;
  bool open_ = false;
};

void RunBatches(CursorObject* self, const StatementRef& statement, RowSource* source) {
  ParameterLease parameters(self->connection, *statement.get());
  Batches batches(self, statement, &*parameters);
  for (Py_ssize_t number = 1;; ++number) {
    PyRef row = source->Next();
    if (!row) break;
    if (!batches.Add(row.get(), number)) return;
  }
  if (PyErr_Occurred() != nullptr || !CheckOpen(self->connection)) return;
  self->row_count = batches.Finish(&self->result);
  self->statement = statement;
  self->has_rows = statement->returns_rows() && self->result.has_rows();
  self->slice_rows = 1;
  NoteRowsChanged(self);
  if (statement->is_insert()) {
    self->has_identity = self->connection->connection->LastIdentity(&self->identity);
  }
}

}  // namespace

bool ExecuteMany(CursorObject* self, const StatementRef& statement, PyObject* rows) {
  DropResult(self);
  RowSource source(rows);
  if (!source.is_good()) return false;
  if (!statement->is_dml()) {
    Raise(self->state, "0A000", "executemany runs INSERT, UPDATE, DELETE and MERGE only");
    return false;
  }
  return Guarded(self->state, [&] { RunBatches(self, statement, &source); }) &&
         PyErr_Occurred() == nullptr;
}

}  // namespace tupelo

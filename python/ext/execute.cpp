// ext/execute.cpp: one execution: parameters in, the engine runs, the result is the cursor's.
#include <algorithm>

#include "ext/convert_in.h"
#include "ext/cursor.h"
#include "ext/errors.h"
#include "ext/profile.h"
#include "ext/text.h"

namespace tupelo {
namespace {

// What a cursor shows of its statement before the first row is read.
void TakeResult(CursorObject* self, const StatementRef& statement, Result&& result) {
  self->statement = statement;
  self->result = std::move(result);
  self->row_count = self->result.row_count();
  NoteRowsChanged(self);
  self->has_rows = statement->returns_rows();
  self->slice_rows = 1;
  if (statement->is_insert()) {
    self->has_identity = self->connection->connection->LastIdentity(&self->identity);
  }
}

// `bind(set)` fills one row; false with an exception set.
template <typename Bind>
bool Execute(CursorObject* self, const StatementRef& statement, Bind&& bind) {
  DropResult(self);
  ConnectionObject* connection = self->connection;
  return Guarded(self->state,
                 [&] {
                   ParameterLease parameters(connection, *statement.get());
                   {
                     ConvertTimer timer(connection, statement.get());
                     if (!bind(&*parameters)) return;
                   }
                   parameters->EndRow();
                   if (!CheckOpen(connection))
                     return;  // taking the parameters may have run Python code
                   Result result;
                   {
                     GilRelease release(statement->gil_release());
                     result = statement->statement().Execute(*parameters);
                   }
                   TakeResult(self, statement, std::move(result));
                 }) &&
         PyErr_Occurred() == nullptr;
}

// Where the statement at `offset` of `script` begins.
ScriptPlace PlaceOf(std::string_view script, size_t offset) {
  std::string_view before = script.substr(0, offset);
  ScriptPlace place;
  place.lines_before = static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
  size_t line = before.rfind('\n');
  std::string_view last_line = line == before.npos ? before : before.substr(line + 1);
  place.columns_before =
      static_cast<uint32_t>(std::count_if(last_line.begin(), last_line.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
      }));
  return place;
}

void RunScript(CursorObject* self, std::string_view script) {
  size_t offset = 0;
  std::string_view text;
  ParameterSet none;
  none.Reset(0);
  while (CheckOpen(self->connection) && Connection::NextStatement(script, &offset, &text)) {
    ScriptPlace place = PlaceOf(script, static_cast<size_t>(text.data() - script.data()));
    try {
      std::shared_ptr<Statement> statement = self->connection->connection->Prepare(text);
      GilRelease release(statement->kind() != StatementKind::kTransaction);
      none.Clear();
      none.EndRow();
      Result result = statement->Execute(none);
      while (result.has_rows() && result.NextChunk() != nullptr) continue;
    } catch (const Error& error) {
      RaiseEngineError(self->state, error, place);
    }
    if (PyErr_Occurred() != nullptr) return;
  }
}

}  // namespace

bool ExecuteStatement(CursorObject* self, const StatementRef& statement, PyObject* parameters) {
  return Execute(self, statement, [&](ParameterSet* set) {
    return BindParameters(self->state, *statement.get(), parameters, set);
  });
}

bool ExecuteCall(CursorObject* self, const StatementRef& statement, PyObject* const* values,
                 size_t count, PyObject* keyword_names) {
  return Execute(self, statement, [&](ParameterSet* set) {
    return BindCall(self->state, *statement.get(), values, count, keyword_names, set);
  });
}

bool ExecuteScript(CursorObject* self, PyObject* script) {
  std::string_view text;
  if (!PyUnicode_Check(script)) {
    PyErr_Format(PyExc_TypeError, "the script must be a str, not %.200s", Py_TYPE(script)->tp_name);
    return false;
  }
  if (!TextOf(self->state, script, &text)) return false;
  DropResult(self);
  return Guarded(self->state, [&] { RunScript(self, text); }) && PyErr_Occurred() == nullptr;
}

}  // namespace tupelo

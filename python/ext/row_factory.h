// ext/row_factory.h: what becomes of the tuple of a row before it is handed out.
#pragma once

#include <Python.h>

#include "ext/module_state.h"
#include "ext/statement_cache.h"

namespace tupelo {

struct CursorObject;

enum class RowKind : uint8_t { kTuple, kDict, kNamedTuple, kRow, kCallable };

// A row factory as it was set, and which one it is. Plain, so that Python's zeroed memory is a
// value: the factory that leaves tuples alone.
struct RowFactory {
  PyObject* object;  // owned; nullptr stands for None
  RowKind kind;
};

// Sets `*factory` from None, one of ours, or any callable(cursor, row). False with TypeError set.
bool SetRowFactory(ModuleState* state, RowFactory* factory, PyObject* value);
// The object that it was set from, a new reference.
PyObject* GetRowFactory(const RowFactory& factory);

// The row that `cursor`'s factory makes of `tuple` (stolen); nullptr with an exception set.
PyObject* MakeRow(CursorObject* cursor, PyObject* tuple);

// tupelo.Row of two tuples of equal length (references shared).
PyObject* NewRow(ModuleState* state, PyObject* names, PyObject* values);

}  // namespace tupelo

// ext/errors.h: from the engine's errors to the exceptions of PEP 249.
#pragma once

#include <Python.h>

#include <new>

#include "ext/module_state.h"
#include "tupelo/tupelo.h"

namespace tupelo {

// Where in a script a statement begins, so that errors name the script's lines.
struct ScriptPlace {
  uint32_t lines_before = 0;
  uint32_t columns_before = 0;  // characters in its first line before it
};

// Each sets the Python exception and returns nullptr.

// The exception for `error`. One of a signal handler, or of a hook, that ended the statement stays.
PyObject* RaiseEngineError(ModuleState* state, const Error& error, ScriptPlace place = {});
// The exception that the table gives `sqlstate`; `format` as in PyUnicode_FromFormat.
PyObject* Raise(ModuleState* state, const char* sqlstate, const char* format, ...);
// The connection or cursor named is closed.
PyObject* RaiseClosed(ModuleState* state, const char* what);

// Runs `body`, which calls the engine. False with an exception set when it threw.
template <typename Body>
bool Guarded(ModuleState* state, Body&& body) {
  try {
    body();
    return true;
  } catch (const Error& error) {
    RaiseEngineError(state, error);
  } catch (const std::bad_alloc&) {
    Raise(state, "53200", "out of memory; what the statement has changed is undone");
  } catch (const std::exception& exception) {
    Raise(state, "XX000", "internal error: %s", exception.what());
  }
  return false;
}

}  // namespace tupelo

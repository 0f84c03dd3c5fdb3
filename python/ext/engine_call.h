// ext/engine_call.h: a method of a connection calls the engine.
#pragma once

#include "ext/connection.h"
#include "ext/errors.h"
#include "ext/gil.h"

namespace tupelo {

// Runs `body(Connection&)`, without the GIL if `release_gil`. False with an exception set, which
// the handler of errors has not seen yet.
template <typename Body>
bool CallEngine(ConnectionObject* self, bool release_gil, Body&& body) {
  UserScope use(self);
  if (self->messages != nullptr) Py_CLEAR(self->messages);
  return CheckOpen(self) && Guarded(self->state, [&] {
           GilRelease release(release_gil);
           body(*self->connection);
         });
}

}  // namespace tupelo

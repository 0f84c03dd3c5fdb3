// ext/prepared_statement.h: tupelo.PreparedStatement.
#pragma once

#include <Python.h>

#include "ext/connection.h"

namespace tupelo {

// `cursor`: the one that runs it, or nullptr for a new one each time. New reference or nullptr.
PyObject* NewPreparedStatement(ConnectionObject* connection, CursorObject* cursor,
                               const StatementRef& statement);

}  // namespace tupelo

// tupelo/tupelo.h: all of the C++ library: databases, connections, statements, results, errors.
#pragma once

#include "base/error.h"
#include "base/wait.h"
#include "engine/connection.h"
#include "engine/database.h"
#include "engine/parameters.h"
#include "engine/result.h"
#include "engine/statement.h"

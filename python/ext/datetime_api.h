// ext/datetime_api.h: the C interface of Python's datetime, through a pointer of the module's own.
#pragma once

#include <Python.h>

// Its header has a pointer per source file, which one interpreter would set for all: not used here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
#include <datetime.h>
#pragma GCC diagnostic pop

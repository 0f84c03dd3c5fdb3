// ext/dump.h: Connection.iterdump.
#pragma once

#include <Python.h>

namespace tupelo {

// iterdump(*, filter=None): an iterator that python/tupelo/_dump.py makes.
PyObject* IterDump(PyObject* connection, PyObject* arguments, PyObject* keywords);
// _describe_dump(pattern): (statements, ((insert, select), ...), statements).
PyObject* DescribeDump(PyObject* connection, PyObject* pattern);

}  // namespace tupelo

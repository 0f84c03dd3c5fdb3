// ext/dump.cpp: what Connection.iterdump needs of the engine.
#include "ext/dump.h"

#include "engine/dump.h"
#include "ext/connection.h"
#include "ext/errors.h"
#include "ext/gil.h"
#include "ext/py_ref.h"
#include "ext/text.h"

namespace tupelo {

namespace {

PyObject* ToText(const std::string& text) {
  return PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
}

template <typename Item, typename Make>
PyObject* ToTuple(const std::vector<Item>& items, Make&& make) {
  PyRef tuple = PyRef::Steal(PyTuple_New(static_cast<Py_ssize_t>(items.size())));
  if (!tuple) return nullptr;
  for (size_t i = 0; i < items.size(); ++i) {
    PyObject* item = make(items[i]);
    if (item == nullptr) return nullptr;
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), item);
  }
  return tuple.Release();
}

}  // namespace

PyObject* IterDump(PyObject* connection, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"filter", nullptr};
  PyObject* filter = Py_None;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "|$O:iterdump", const_cast<char**>(names),
                                  &filter) == 0) {
    return nullptr;
  }
  if (filter != Py_None && PyUnicode_Check(filter) == 0) {
    return PyErr_Format(PyExc_TypeError, "filter must be a str or None, not %.200s",
                        Py_TYPE(filter)->tp_name);
  }
  PyRef module = PyRef::Steal(PyImport_ImportModule("tupelo._dump"));
  if (!module) return nullptr;
  return PyObject_CallMethod(module.get(), "iterdump", "OO", connection, filter);
}

PyObject* DescribeDump(PyObject* connection, PyObject* pattern) {
  auto* self = reinterpret_cast<ConnectionObject*>(connection);
  std::string_view text;
  if (PyUnicode_Check(pattern) == 0) {
    PyErr_SetString(PyExc_TypeError, "the pattern must be a str");
    return nullptr;
  }
  if (!TextOf(self->state, pattern, &text)) return nullptr;
  UserScope use(self);
  DatabaseDump dump;
  bool ok = CheckOpen(self) && Guarded(self->state, [&] {
              GilRelease release(true);
              dump = DescribeDatabase(self->connection.get(), text);
            });
  if (!ok) return HandleError(self, nullptr, self->error_handler);
  PyRef before = PyRef::Steal(ToTuple(dump.before, ToText));
  PyRef rows = PyRef::Steal(ToTuple(dump.rows, [](const DumpedRows& one) {
    PyRef insert = PyRef::Steal(ToText(one.insert));
    PyRef select = PyRef::Steal(ToText(one.select));
    return insert && select ? PyTuple_Pack(2, insert.get(), select.get()) : nullptr;
  }));
  PyRef after = PyRef::Steal(ToTuple(dump.after, ToText));
  if (!before || !rows || !after) return nullptr;
  return PyTuple_Pack(3, before.get(), rows.get(), after.get());
}

}  // namespace tupelo

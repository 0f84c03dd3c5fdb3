// ext/row.cpp: tupelo.Row: the values of a row, by number and by name.
#include "ext/cursor.h"
#include "ext/errors.h"
#include "ext/py_ref.h"
#include "ext/row_factory.h"

namespace tupelo {
namespace {

struct RowObject {
  PyObject_HEAD PyObject* names;  // tuple of str
  PyObject* values;               // tuple of the same length
};

RowObject* AsRow(PyObject* object) { return reinterpret_cast<RowObject*>(object); }

PyObject* MakeOfType(PyTypeObject* type, PyObject* names, PyObject* values) {
  RowObject* self = PyObject_GC_New(RowObject, type);
  if (self == nullptr) return nullptr;
  self->names = Py_NewRef(names);
  self->values = Py_NewRef(values);
  return reinterpret_cast<PyObject*>(self);
}

// Row(cursor, values): Row is a row factory as well as the type of what it makes.
PyObject* New(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  PyObject *cursor, *values;
  auto* state = static_cast<ModuleState*>(PyType_GetModuleState(type));
  if (keywords != nullptr && PyDict_GET_SIZE(keywords) > 0) {
    PyErr_SetString(PyExc_TypeError, "Row() takes no keyword arguments");
    return nullptr;
  }
  if (!PyArg_ParseTuple(arguments, "O!O!:Row", state->cursor_type, &cursor, &PyTuple_Type,
                        &values)) {
    return nullptr;
  }
  auto* source = reinterpret_cast<CursorObject*>(cursor);
  ColumnNames* columns = source->has_rows ? ResultColumns(source) : nullptr;
  if (columns == nullptr) {
    return PyErr_Occurred() != nullptr ? nullptr
                                       : Raise(state, "24000", "the cursor has no columns");
  }
  if (PyTuple_GET_SIZE(columns->names.get()) != PyTuple_GET_SIZE(values)) {
    PyErr_SetString(PyExc_ValueError, "the cursor has another number of columns");
    return nullptr;
  }
  PyObject* row = MakeOfType(type, columns->names.get(), values);
  if (row != nullptr) PyObject_GC_Track(row);  // the caller's values may be anything
  return row;
}

int Traverse(PyObject* object, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(AsRow(object)->names);
  Py_VISIT(AsRow(object)->values);
  return 0;
}

void Dealloc(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (PyObject_GC_IsTracked(object)) PyObject_GC_UnTrack(object);
  Py_DECREF(AsRow(object)->names);
  Py_DECREF(AsRow(object)->values);
  type->tp_free(object);
  Py_DECREF(type);
}

Py_ssize_t Length(PyObject* object) { return PyTuple_GET_SIZE(AsRow(object)->values); }

// As the names of SQL: the same spelling first, then the only one without regard to case. -1: none;
// -2: an exception is set.
Py_ssize_t FindName(PyObject* names, PyObject* name) {
  Py_ssize_t count = PyTuple_GET_SIZE(names);
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (PyTuple_GET_ITEM(names, i) == name) return i;
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (PyUnicode_Compare(PyTuple_GET_ITEM(names, i), name) == 0) return i;
  }
  PyRef folded = PyRef::Steal(PyObject_CallMethod(name, "casefold", nullptr));
  if (!folded) return -2;
  Py_ssize_t found = -1;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyRef other =
        PyRef::Steal(PyObject_CallMethod(PyTuple_GET_ITEM(names, i), "casefold", nullptr));
    if (!other) return -2;
    if (PyUnicode_Compare(other.get(), folded.get()) != 0) continue;
    if (found >= 0) return -1;
    found = i;
  }
  return found;
}

PyObject* Subscript(PyObject* object, PyObject* key) {
  RowObject* self = AsRow(object);
  if (!PyUnicode_Check(key)) return PyObject_GetItem(self->values, key);  // numbers and slices
  Py_ssize_t index = FindName(self->names, key);
  if (index == -1) PyErr_SetObject(PyExc_KeyError, key);
  return index < 0 ? nullptr : Py_NewRef(PyTuple_GET_ITEM(self->values, index));
}

PyObject* Item(PyObject* object, Py_ssize_t index) {
  return PySequence_GetItem(AsRow(object)->values, index);
}

int Contains(PyObject* object, PyObject* value) {
  return PySequence_Contains(AsRow(object)->values, value);
}

PyObject* Iterate(PyObject* object) { return PyObject_GetIter(AsRow(object)->values); }

Py_hash_t Hash(PyObject* object) {
  Py_hash_t names = PyObject_Hash(AsRow(object)->names);
  if (names == -1) return -1;
  Py_hash_t values = PyObject_Hash(AsRow(object)->values);
  if (values == -1) return -1;
  Py_hash_t hash = names ^ values;
  return hash == -1 ? -2 : hash;
}

PyObject* Compare(PyObject* left, PyObject* right, int operation) {
  if ((operation != Py_EQ && operation != Py_NE) || !Py_IS_TYPE(right, Py_TYPE(left))) {
    Py_RETURN_NOTIMPLEMENTED;
  }
  int same = PyObject_RichCompareBool(AsRow(left)->names, AsRow(right)->names, Py_EQ);
  if (same > 0) same = PyObject_RichCompareBool(AsRow(left)->values, AsRow(right)->values, Py_EQ);
  if (same < 0) return nullptr;
  return PyBool_FromLong((same != 0) == (operation == Py_EQ));
}

PyObject* Repr(PyObject* object) {
  RowObject* self = AsRow(object);
  PyRef parts = PyRef::Steal(PyList_New(0));
  for (Py_ssize_t i = 0; parts && i < PyTuple_GET_SIZE(self->names); ++i) {
    PyRef part = PyRef::Steal(PyUnicode_FromFormat("%U=%R", PyTuple_GET_ITEM(self->names, i),
                                                   PyTuple_GET_ITEM(self->values, i)));
    if (!part || PyList_Append(parts.get(), part.get()) != 0) return nullptr;
  }
  PyRef comma = PyRef::Steal(PyUnicode_FromString(", "));
  if (!parts || !comma) return nullptr;
  PyRef joined = PyRef::Steal(PyUnicode_Join(comma.get(), parts.get()));
  return joined ? PyUnicode_FromFormat("Row(%U)", joined.get()) : nullptr;
}

PyObject* Keys(PyObject* object, PyObject*) { return PySequence_List(AsRow(object)->names); }

PyMethodDef methods[] = {
    {"keys", Keys, METH_NOARGS, "The names of the columns, in a list."},
    {nullptr, nullptr, 0, nullptr},
};
PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A row whose values are found by number, slice and name. As a "
                                  "row_factory it makes rows of its kind.")},
    {Py_tp_new, reinterpret_cast<void*>(New)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Traverse)},
    {Py_tp_hash, reinterpret_cast<void*>(Hash)},
    {Py_tp_richcompare, reinterpret_cast<void*>(Compare)},
    {Py_tp_iter, reinterpret_cast<void*>(Iterate)},
    {Py_tp_repr, reinterpret_cast<void*>(Repr)},
    {Py_tp_methods, methods},
    {Py_mp_length, reinterpret_cast<void*>(Length)},
    {Py_mp_subscript, reinterpret_cast<void*>(Subscript)},
    {Py_sq_length, reinterpret_cast<void*>(Length)},
    {Py_sq_item, reinterpret_cast<void*>(Item)},
    {Py_sq_contains, reinterpret_cast<void*>(Contains)},
    {0, nullptr},
};
PyType_Spec spec = {
    "tupelo.Row", sizeof(RowObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_SEQUENCE,
    slots};

}  // namespace

PyObject* NewRow(ModuleState* state, PyObject* names, PyObject* values) {
  return MakeOfType(state->row_type, names, values);
}

bool AddRowType(PyObject* module, ModuleState* state) {
  state->row_type = AddType(module, &spec);
  return state->row_type != nullptr;
}

}  // namespace tupelo

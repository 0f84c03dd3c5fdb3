// ext/row_factory.cpp: tuple_row, dict_row, namedtuple_row, Row, and any callable.
#include "ext/row_factory.h"

#include "ext/cursor.h"
#include "ext/errors.h"
#include "ext/py_ref.h"

namespace tupelo {
namespace {

// One of ours as an object: comparable by identity, and callable like every other row factory.
struct RowFactoryObject {
  PyObject_HEAD RowKind kind;
};

const char* NameOf(RowKind kind) {
  return kind == RowKind::kDict         ? "dict_row"
         : kind == RowKind::kNamedTuple ? "namedtuple_row"
                                        : "tuple_row";
}

PyObject* MakeDict(ColumnNames* columns, PyObject* tuple) {
  PyRef dict = PyRef::Steal(PyDict_New());
  for (Py_ssize_t i = 0; dict && i < PyTuple_GET_SIZE(tuple); ++i) {
    PyObject* name = PyTuple_GET_ITEM(columns->names.get(), i);
    if (PyDict_SetItem(dict.get(), name, PyTuple_GET_ITEM(tuple, i)) != 0) return nullptr;
  }
  return dict.Release();
}

// The class for the columns: names that are no identifiers, or stand twice, become _0, _1, ...
PyObject* NamedTupleClass(ColumnNames* columns) {
  if (columns->named_tuple) return columns->named_tuple.get();
  PyRef collections = PyRef::Steal(PyImport_ImportModule("collections"));
  if (!collections) return nullptr;
  PyRef make = PyRef::Steal(PyObject_GetAttrString(collections.get(), "namedtuple"));
  PyRef arguments = PyRef::Steal(Py_BuildValue("(sO)", "Row", columns->names.get()));
  PyRef keywords = PyRef::Steal(Py_BuildValue("{sO}", "rename", Py_True));
  if (!make || !arguments || !keywords) return nullptr;
  columns->named_tuple = PyRef::Steal(PyObject_Call(make.get(), arguments.get(), keywords.get()));
  return columns->named_tuple.get();
}

PyObject* MakeNamedTuple(ColumnNames* columns, PyObject* tuple) {
  PyObject* type = NamedTupleClass(columns);
  if (type == nullptr) return nullptr;
  PyRef arguments = PyRef::Steal(PyTuple_Pack(1, tuple));
  if (!arguments) return nullptr;
  // As its _make does: the class's own __new__ wants the values one by one.
  return PyTuple_Type.tp_new(reinterpret_cast<PyTypeObject*>(type), arguments.get(), nullptr);
}

PyObject* MakeKind(CursorObject* cursor, RowKind kind, PyObject* tuple) {
  if (kind == RowKind::kTuple) return Py_NewRef(tuple);
  ColumnNames* columns = ResultColumns(cursor);
  if (columns == nullptr) return nullptr;
  if (PyTuple_GET_SIZE(columns->names.get()) != PyTuple_GET_SIZE(tuple)) {
    PyErr_SetString(PyExc_ValueError, "the cursor has another number of columns");
    return nullptr;
  }
  if (kind == RowKind::kDict) return MakeDict(columns, tuple);
  if (kind == RowKind::kNamedTuple) return MakeNamedTuple(columns, tuple);
  return NewRow(cursor->state, columns->names.get(), tuple);
}

PyObject* Call(PyObject* object, PyObject* arguments, PyObject* keywords) {
  ModuleState* state = StateOf(object);
  RowKind kind = reinterpret_cast<RowFactoryObject*>(object)->kind;
  PyObject *cursor, *tuple;
  if (keywords != nullptr && PyDict_GET_SIZE(keywords) > 0) {
    return PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", NameOf(kind));
  }
  if (!PyArg_ParseTuple(arguments, "O!O!", state->cursor_type, &cursor, &PyTuple_Type, &tuple)) {
    return nullptr;
  }
  auto* source = reinterpret_cast<CursorObject*>(cursor);
  if (!source->has_rows) return Raise(state, "24000", "the cursor has no columns");
  return MakeKind(source, kind, tuple);
}

PyObject* Repr(PyObject* object) {
  return PyUnicode_FromFormat("tupelo.%s",
                              NameOf(reinterpret_cast<RowFactoryObject*>(object)->kind));
}

PyObject* Reduce(PyObject* object, PyObject*) {
  return PyUnicode_FromString(NameOf(reinterpret_cast<RowFactoryObject*>(object)->kind));
}

void Dealloc(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

PyMethodDef methods[] = {
    {"__reduce__", Reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A row factory made in C++: for Connection.row_factory and "
                                  "Cursor.row_factory.")},
    {Py_tp_call, reinterpret_cast<void*>(Call)},
    {Py_tp_repr, reinterpret_cast<void*>(Repr)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_methods, methods},
    {0, nullptr},
};
PyType_Spec spec = {
    "tupelo.RowFactory", sizeof(RowFactoryObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE, slots};

PyObject* AddFactory(PyObject* module, ModuleState* state, RowKind kind) {
  PyObject* object = state->row_factory_type->tp_alloc(state->row_factory_type, 0);
  if (object == nullptr) return nullptr;
  reinterpret_cast<RowFactoryObject*>(object)->kind = kind;
  if (PyModule_AddObjectRef(module, NameOf(kind), object) == 0) return object;
  Py_DECREF(object);
  return nullptr;
}

}  // namespace

bool SetRowFactory(ModuleState* state, RowFactory* factory, PyObject* value) {
  RowFactory wanted = {nullptr, RowKind::kTuple};
  if (value != nullptr && value != Py_None) {
    wanted.object = value;
    if (Py_IS_TYPE(value, state->row_factory_type)) {
      wanted.kind = reinterpret_cast<RowFactoryObject*>(value)->kind;
    } else if (value == reinterpret_cast<PyObject*>(state->row_type)) {
      wanted.kind = RowKind::kRow;
    } else if (PyCallable_Check(value)) {
      wanted.kind = RowKind::kCallable;
    } else {
      PyErr_Format(PyExc_TypeError, "row_factory must be None or callable, not %.200s",
                   Py_TYPE(value)->tp_name);
      return false;
    }
  }
  PyObject* old = factory->object;
  Py_XINCREF(wanted.object);
  *factory = wanted;
  Py_XDECREF(old);
  return true;
}

PyObject* GetRowFactory(const RowFactory& factory) {
  return Py_NewRef(factory.object == nullptr ? Py_None : factory.object);
}

PyObject* MakeRow(CursorObject* cursor, PyObject* stolen) {
  PyRef tuple = PyRef::Steal(stolen);
  if (cursor->row_factory.kind != RowKind::kCallable) {
    return MakeKind(cursor, cursor->row_factory.kind, tuple.get());
  }
  PyRef callable = PyRef::Share(cursor->row_factory.object);
  PyObject* arguments[] = {reinterpret_cast<PyObject*>(cursor), tuple.get()};
  return PyObject_Vectorcall(callable.get(), arguments, 2, nullptr);
}

bool AddRowFactories(PyObject* module, ModuleState* state) {
  state->row_factory_type = AddType(module, &spec);
  if (state->row_factory_type == nullptr) return false;
  state->tuple_row = AddFactory(module, state, RowKind::kTuple);
  state->dict_row = AddFactory(module, state, RowKind::kDict);
  state->namedtuple_row = AddFactory(module, state, RowKind::kNamedTuple);
  return state->tuple_row != nullptr && state->dict_row != nullptr &&
         state->namedtuple_row != nullptr;
}

}  // namespace tupelo

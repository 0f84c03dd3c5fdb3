// ext/type_objects.cpp: tupelo.Type, the type codes of descriptions, and the groups of PEP 249.
#include <new>

#include "ext/description.h"
#include "ext/module_state.h"
#include "ext/py_ref.h"
#include "types/type.h"

namespace tupelo {
namespace {

struct TypeObject {
  PyObject_HEAD Type type;
};

struct TypeGroupObject {
  PyObject_HEAD TypeGroup group;
};

constexpr const char* kGroupNames[] = {"STRING", "BINARY", "NUMBER", "DATETIME", "ROWID"};

TypeGroup GroupOf(const Type& type) {
  if (type.is_character()) return TypeGroup::kString;
  if (type.id == TypeId::kBlob) return TypeGroup::kBinary;
  if (type.is_numeric()) return TypeGroup::kNumber;
  if (type.is_datetime() || type.is_interval()) return TypeGroup::kDatetime;
  return TypeGroup::kNone;
}

const Type& TypeOf(PyObject* object) { return reinterpret_cast<TypeObject*>(object)->type; }
TypeGroup GroupOf(PyObject* object) { return reinterpret_cast<TypeGroupObject*>(object)->group; }

void Dealloc(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

PyObject* Answer(bool equal, int operation) {
  if (operation != Py_EQ && operation != Py_NE) Py_RETURN_NOTIMPLEMENTED;
  return PyBool_FromLong(equal == (operation == Py_EQ));
}

// Equal objects have equal hashes, and a Type is equal to its group: so the group alone counts.
Py_hash_t HashGroup(TypeGroup group) { return 0x7475 + static_cast<Py_hash_t>(group); }

Py_hash_t HashType(PyObject* object) { return HashGroup(GroupOf(TypeOf(object))); }
Py_hash_t HashTypeGroup(PyObject* object) { return HashGroup(GroupOf(object)); }

PyObject* CompareType(PyObject* left, PyObject* right, int operation) {
  ModuleState* state = StateOf(left);
  if (Py_IS_TYPE(right, state->type_type)) return Answer(TypeOf(left) == TypeOf(right), operation);
  if (!Py_IS_TYPE(right, state->type_group_type)) Py_RETURN_NOTIMPLEMENTED;
  return Answer(GroupOf(TypeOf(left)) == GroupOf(right), operation);
}

PyObject* CompareTypeGroup(PyObject* left, PyObject* right, int operation) {
  ModuleState* state = StateOf(left);
  if (Py_IS_TYPE(right, state->type_type)) {
    return Answer(GroupOf(TypeOf(right)) == GroupOf(left), operation);
  }
  if (!Py_IS_TYPE(right, state->type_group_type)) Py_RETURN_NOTIMPLEMENTED;
  return Answer(GroupOf(left) == GroupOf(right), operation);
}

PyObject* TypeStr(PyObject* object) {
  return PyUnicode_FromString(TypeOf(object).ToString().c_str());
}

PyObject* TypeRepr(PyObject* object) {
  return PyUnicode_FromFormat("<tupelo.Type %s>", TypeOf(object).ToString().c_str());
}

PyObject* GroupRepr(PyObject* object) {
  return PyUnicode_FromFormat("tupelo.%s", kGroupNames[static_cast<size_t>(GroupOf(object))]);
}

PyObject* GroupReduce(PyObject* object, PyObject*) {
  return PyUnicode_FromString(kGroupNames[static_cast<size_t>(GroupOf(object))]);
}

// The SQL name without its numbers.
const char* BareName(TypeId id) {
  switch (id) {
#define TUPELO_NAME(id, name, physical, family) \
  case TypeId::id: return name;
    TUPELO_TYPES(TUPELO_NAME)
#undef TUPELO_NAME
  }
  return "";
}

PyObject* NumberOrNone(bool known, long number) {
  if (known) return PyLong_FromLong(number);
  Py_RETURN_NONE;
}

PyObject* GetName(PyObject* object, void*) {
  return PyUnicode_FromString(BareName(TypeOf(object).id));
}

PyObject* GetPrecision(PyObject* object, void*) {
  const Type& type = TypeOf(object);
  if (type.is_exact()) return PyLong_FromLong(type.decimal_precision());
  bool fractional = type.is_datetime() && type.id != TypeId::kDate;
  return NumberOrNone(fractional || type.is_interval(), type.precision);
}

PyObject* GetScale(PyObject* object, void*) {
  const Type& type = TypeOf(object);
  if (type.is_exact()) return PyLong_FromLong(type.decimal_scale());
  return NumberOrNone(type.id == TypeId::kDayTime, type.scale);
}

PyObject* GetLength(PyObject* object, void*) {
  const Type& type = TypeOf(object);
  bool sized = type.is_character() || type.id == TypeId::kBlob;
  return NumberOrNone(sized && type.length != kUnlimitedLength, static_cast<long>(type.length));
}

PyGetSetDef type_properties[] = {
    {"name", GetName, nullptr, "The name as SQL has it, without lengths.", nullptr},
    {"precision", GetPrecision, nullptr,
     "Digits of an exact number, fractional digits of a datetime, or None.", nullptr},
    {"scale", GetScale, nullptr, "Digits after the point, or None.", nullptr},
    {"length", GetLength, nullptr, "The most characters or octets, or None.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyType_Slot type_slots[] = {
    {Py_tp_doc, const_cast<char*>("An SQL type: the type code in a cursor's description. Equal to "
                                  "its group (STRING, NUMBER, ...) and to the same type.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_hash, reinterpret_cast<void*>(HashType)},
    {Py_tp_richcompare, reinterpret_cast<void*>(CompareType)},
    {Py_tp_str, reinterpret_cast<void*>(TypeStr)},
    {Py_tp_repr, reinterpret_cast<void*>(TypeRepr)},
    {Py_tp_getset, type_properties},
    {0, nullptr},
};
constexpr unsigned kFlags =
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE;
PyType_Spec type_spec = {"tupelo.Type", sizeof(TypeObject), 0, kFlags, type_slots};

PyMethodDef group_methods[] = {
    {"__reduce__", GroupReduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyType_Slot group_slots[] = {
    {Py_tp_doc, const_cast<char*>("A type object of PEP 249: equal to the type codes in it.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_hash, reinterpret_cast<void*>(HashTypeGroup)},
    {Py_tp_richcompare, reinterpret_cast<void*>(CompareTypeGroup)},
    {Py_tp_repr, reinterpret_cast<void*>(GroupRepr)},
    {Py_tp_methods, group_methods},
    {0, nullptr},
};
PyType_Spec group_spec = {"tupelo.TypeGroup", sizeof(TypeGroupObject), 0, kFlags, group_slots};

}  // namespace

PyObject* NewTypeCode(ModuleState* state, const Type& type) {
  PyObject* object = state->type_type->tp_alloc(state->type_type, 0);
  if (object != nullptr) new (&reinterpret_cast<TypeObject*>(object)->type) Type(type);
  return object;
}

bool AddTypeObjects(PyObject* module, ModuleState* state) {
  state->type_type = AddType(module, &type_spec);
  if (state->type_type == nullptr) return false;
  state->type_group_type = AddType(module, &group_spec);
  if (state->type_group_type == nullptr) return false;
  for (size_t i = 0; i < kTypeGroupCount; ++i) {
    PyObject* object = state->type_group_type->tp_alloc(state->type_group_type, 0);
    if (object == nullptr) return false;
    reinterpret_cast<TypeGroupObject*>(object)->group = static_cast<TypeGroup>(i);
    state->type_groups[i] = object;
    if (PyModule_AddObjectRef(module, kGroupNames[i], object) != 0) return false;
  }
  return true;
}

}  // namespace tupelo

// ext/description.cpp: seven items for each column, as PEP 249 lists them.
#include "ext/description.h"

namespace tupelo {
namespace {

PyObject* NumberOrNone(bool known, long number) {
  if (known) return PyLong_FromLong(number);
  Py_RETURN_NONE;
}

PyObject* Precision(const Type& type) {
  if (type.is_exact()) return PyLong_FromLong(type.decimal_precision());
  if (type.is_approximate()) return PyLong_FromLong(type.id == TypeId::kReal ? 24 : 53);  // bits
  bool known = type.is_interval() || (type.is_datetime() && type.id != TypeId::kDate);
  return NumberOrNone(known, type.precision);
}

PyObject* Scale(const Type& type) {
  if (type.is_exact()) return PyLong_FromLong(type.decimal_scale());
  return NumberOrNone(type.id == TypeId::kDayTime, type.scale);
}

// (name, type_code, display_size, internal_size, precision, scale, null_ok)
PyObject* DescribeColumn(ModuleState* state, PyObject* name, const ResultColumn& column) {
  const Type& type = column.type;
  PhysicalType physical = type.physical();
  PyRef row = PyRef::Steal(PyTuple_New(7));
  if (!row) return nullptr;
  bool sized = (type.is_character() || type.id == TypeId::kBlob) && type.length != kUnlimitedLength;
  PyObject* items[7] = {
      Py_NewRef(name),
      NewTypeCode(state, type),
      NumberOrNone(sized, static_cast<long>(type.length)),
      NumberOrNone(physical != PhysicalType::kString, static_cast<long>(WidthBytes(physical))),
      Precision(type),
      Scale(type),
      PyBool_FromLong(column.nullable ? 1 : 0),
  };
  bool complete = true;
  for (int i = 0; i < 7; ++i) {
    complete = complete && items[i] != nullptr;
    PyTuple_SET_ITEM(row.get(), i, items[i]);
  }
  return complete ? row.Release() : nullptr;
}

}  // namespace

PyObject* Description(ModuleState* state, ColumnNames* columns) {
  if (columns->description) return columns->description.get();
  auto count = static_cast<Py_ssize_t>(columns->columns.size());
  PyRef description = PyRef::Steal(PyTuple_New(count));
  if (!description) return nullptr;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* name = PyTuple_GET_ITEM(columns->names.get(), i);
    PyObject* row = DescribeColumn(state, name, columns->columns[static_cast<size_t>(i)]);
    if (row == nullptr) return nullptr;
    PyTuple_SET_ITEM(description.get(), i, row);
  }
  columns->description = std::move(description);
  return columns->description.get();
}

}  // namespace tupelo

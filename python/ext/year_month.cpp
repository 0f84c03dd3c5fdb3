// ext/year_month.cpp: tupelo.YearMonth, the value of INTERVAL YEAR TO MONTH.
#include <climits>
#include <cstdlib>

#include "ext/convert_out.h"
#include "ext/module_state.h"
#include "ext/py_ref.h"

namespace tupelo {
namespace {

struct YearMonthObject {
  PyObject_HEAD int32_t months;  // all of them, years included
};

bool IsYearMonth(PyTypeObject* type, PyObject* object) { return Py_IS_TYPE(object, type); }

PyObject* NewOfType(PyTypeObject* type, int64_t months) {
  if (months < -INT32_MAX || months > INT32_MAX) {
    PyErr_SetString(PyExc_OverflowError, "an interval has at most 2147483647 months");
    return nullptr;
  }
  PyObject* object = type->tp_alloc(type, 0);
  if (object != nullptr) {
    reinterpret_cast<YearMonthObject*>(object)->months = static_cast<int32_t>(months);
  }
  return object;
}

PyObject* New(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* const kNames[] = {"years", "months", nullptr};
  long long years = 0, months = 0;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|LL:YearMonth", const_cast<char**>(kNames),
                                   &years, &months)) {
    return nullptr;
  }
  // Far beyond what an interval holds, and far from where the sum would overflow.
  constexpr long long kLimit = LLONG_MAX / 32;
  bool far = years > kLimit || years < -kLimit || months > kLimit || months < -kLimit;
  if (far) return NewOfType(type, INT64_MAX);
  return NewOfType(type, years * 12 + months);
}

void Dealloc(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

PyObject* Str(PyObject* object) {
  int32_t months = MonthsOf(object);
  int32_t size = std::abs(months);
  return PyUnicode_FromFormat("%s%d-%d", months < 0 ? "-" : "", size / 12, size % 12);
}

PyObject* Repr(PyObject* object) {
  int32_t months = MonthsOf(object);
  return PyUnicode_FromFormat("tupelo.YearMonth(years=%d, months=%d)", months / 12, months % 12);
}

Py_hash_t Hash(PyObject* object) {
  Py_hash_t hash = static_cast<Py_hash_t>(MonthsOf(object)) * 1000003 + 12;
  return hash == -1 ? -2 : hash;
}

PyObject* Compare(PyObject* left, PyObject* right, int operation) {
  if (!IsYearMonth(Py_TYPE(left), right)) Py_RETURN_NOTIMPLEMENTED;
  Py_RETURN_RICHCOMPARE(MonthsOf(left), MonthsOf(right), operation);
}

// The type of whichever operand is one; a binary slot may get it on either side.
PyTypeObject* OperandType(PyObject* left, PyObject* right, newfunc marker) {
  return Py_TYPE(left)->tp_new == marker ? Py_TYPE(left) : Py_TYPE(right);
}

PyObject* Sum(PyObject* left, PyObject* right, int sign) {
  PyTypeObject* type = OperandType(left, right, New);
  if (!IsYearMonth(type, left) || !IsYearMonth(type, right)) Py_RETURN_NOTIMPLEMENTED;
  return NewOfType(type, int64_t{MonthsOf(left)} + int64_t{sign} * MonthsOf(right));
}

PyObject* Add(PyObject* left, PyObject* right) { return Sum(left, right, 1); }
PyObject* Subtract(PyObject* left, PyObject* right) { return Sum(left, right, -1); }

PyObject* Multiply(PyObject* left, PyObject* right) {
  PyTypeObject* type = OperandType(left, right, New);
  PyObject* factor = IsYearMonth(type, left) ? right : left;
  PyObject* interval = factor == right ? left : right;
  if (!PyLong_Check(factor)) Py_RETURN_NOTIMPLEMENTED;
  int overflow;
  long long times = PyLong_AsLongLongAndOverflow(factor, &overflow);
  if (times == -1 && PyErr_Occurred() != nullptr) return nullptr;
  int64_t product;
  if (overflow != 0 ||
      __builtin_mul_overflow(int64_t{times}, int64_t{MonthsOf(interval)}, &product)) {
    product = MonthsOf(interval) == 0 ? 0 : INT64_MAX;
  }
  return NewOfType(type, product);
}

PyObject* Negative(PyObject* object) {
  return NewOfType(Py_TYPE(object), -int64_t{MonthsOf(object)});
}
PyObject* Positive(PyObject* object) { return Py_NewRef(object); }
PyObject* Absolute(PyObject* object) {
  return NewOfType(Py_TYPE(object), std::abs(MonthsOf(object)));
}
int IsTrue(PyObject* object) { return MonthsOf(object) != 0; }

PyObject* Reduce(PyObject* object, PyObject*) {
  int32_t months = MonthsOf(object);
  return Py_BuildValue("O(ii)", Py_TYPE(object), months / 12, months % 12);
}

PyObject* GetYears(PyObject* object, void*) { return PyLong_FromLong(MonthsOf(object) / 12); }
PyObject* GetMonths(PyObject* object, void*) { return PyLong_FromLong(MonthsOf(object) % 12); }
PyObject* GetTotal(PyObject* object, void*) { return PyLong_FromLong(MonthsOf(object)); }

PyMethodDef methods[] = {
    {"__reduce__", Reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyGetSetDef properties[] = {
    {"years", GetYears, nullptr, "Whole years, negative for a negative interval.", nullptr},
    {"months", GetMonths, nullptr, "The months beside the years, -11 to 11.", nullptr},
    {"total_months", GetTotal, nullptr, "The whole interval in months.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("YearMonth(years=0, months=0)\n--\n\n"
                                  "An interval of years and months (INTERVAL YEAR TO MONTH).")},
    {Py_tp_new, reinterpret_cast<void*>(New)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Dealloc)},
    {Py_tp_str, reinterpret_cast<void*>(Str)},
    {Py_tp_repr, reinterpret_cast<void*>(Repr)},
    {Py_tp_hash, reinterpret_cast<void*>(Hash)},
    {Py_tp_richcompare, reinterpret_cast<void*>(Compare)},
    {Py_nb_add, reinterpret_cast<void*>(Add)},
    {Py_nb_subtract, reinterpret_cast<void*>(Subtract)},
    {Py_nb_multiply, reinterpret_cast<void*>(Multiply)},
    {Py_nb_negative, reinterpret_cast<void*>(Negative)},
    {Py_nb_positive, reinterpret_cast<void*>(Positive)},
    {Py_nb_absolute, reinterpret_cast<void*>(Absolute)},
    {Py_nb_bool, reinterpret_cast<void*>(IsTrue)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, nullptr},
};
PyType_Spec spec = {"tupelo.YearMonth", sizeof(YearMonthObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};

}  // namespace

PyObject* NewYearMonth(ModuleState* state, int32_t months) {
  return NewOfType(state->year_month_type, months);
}

int32_t MonthsOf(PyObject* year_month) {
  return reinterpret_cast<YearMonthObject*>(year_month)->months;
}

bool AddYearMonthType(PyObject* module, ModuleState* state) {
  state->year_month_type = AddType(module, &spec);
  return state->year_month_type != nullptr;
}

}  // namespace tupelo

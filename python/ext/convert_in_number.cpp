// ext/convert_in_number.cpp: numbers that are neither plain int nor plain float.
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>

#include "ext/convert_in.h"
#include "ext/errors.h"
#include "ext/py_ref.h"
#include "ext/text.h"
#include "types/decimal.h"

namespace tupelo {
namespace {

constexpr int kMaxDigits = 38;
constexpr int64_t kMaxBits = 127;  // of the widest integer

bool RaiseTooLarge(ModuleState* state, uint32_t i) {
  Raise(state, "22003", "parameter %u has more than the 38 digits of an exact number", i + 1);
  return false;
}

// What Python's Decimal writes: [-]digits[.digits][E[+-]digits].
struct DecimalText {
  std::string mantissa;
  int64_t exponent = 0;
};

// False for what is no number (NaN, Infinity).
bool SplitDecimal(std::string_view text, DecimalText* split) {
  size_t mark = text.find_first_of("eE");
  split->mantissa = text.substr(0, mark);
  size_t digit = text.find_first_of("0123456789");
  if (digit == text.npos || digit > 2) return false;
  if (mark != text.npos) {
    std::string_view exponent = text.substr(mark + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    auto parsed =
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), split->exponent);
    if (parsed.ec != std::errc()) return false;
  }
  // Zeros at the end of a fraction do not count against the digits.
  std::string& mantissa = split->mantissa;
  if (mantissa.size() > kMaxDigits && mantissa.find('.') != mantissa.npos) {
    while (mantissa.back() == '0') mantissa.pop_back();
  }
  return true;
}

// Brings the scale to 0..38. False when the number has too many digits.
bool ScaleDecimal(int128_t* unscaled, int64_t* scale) {
  if (*unscaled == 0) {
    *scale = *scale < 0 ? 0 : *scale > kMaxDigits ? kMaxDigits : *scale;
    return true;
  }
  while (*scale > kMaxDigits && *unscaled % 10 == 0) {
    *unscaled /= 10;
    --*scale;
  }
  if (*scale > kMaxDigits) return false;
  if (*scale >= 0) return true;
  if (CountDigits(*unscaled) - *scale > kMaxDigits) return false;
  *unscaled *= PowerOfTen(static_cast<int>(-*scale));
  *scale = 0;
  return true;
}

bool BindDecimal(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  // The base class's own text, whatever a subclass makes of __str__.
  PyRef object = PyRef::Steal(reinterpret_cast<PyTypeObject*>(state->decimal_type)->tp_str(value));
  std::string_view text;
  if (!object || !TextOf(state, object.get(), &text)) return false;
  DecimalText split;
  if (!SplitDecimal(text, &split)) {
    Raise(state, "22003", "parameter %u is no number that SQL has: %U", i + 1, object.get());
    return false;
  }
  DecimalNumber number;
  if (ParseDecimal(split.mantissa, &number) != NumberStatus::kOk) return RaiseTooLarge(state, i);
  int64_t scale = number.scale - split.exponent;
  if (!ScaleDecimal(&number.unscaled, &scale)) return RaiseTooLarge(state, i);
  set->SetDecimal(i, number.unscaled, static_cast<int>(scale));
  return true;
}

bool IsInstance(PyObject* value, PyObject* type, bool* failed) {
  int answer = PyObject_IsInstance(value, type);
  *failed = *failed || answer < 0;
  return answer > 0;
}

// What a type registered with `numbers` is; NumPy's Boolean is registered nowhere.
NumberKind FindKind(ModuleState* state, PyObject* value, bool* failed) {
  const char* name = Py_TYPE(value)->tp_name;
  if (std::strcmp(name, "numpy.bool_") == 0 || std::strcmp(name, "numpy.bool") == 0) {
    return NumberKind::kBoolean;
  }
  // A subclass of NumPy's integers that is none.
  if (std::strcmp(name, "numpy.timedelta64") == 0) return NumberKind::kUnknown;
  if (IsInstance(value, state->integral_type, failed)) return NumberKind::kInteger;
  if (!*failed && IsInstance(value, state->real_type, failed)) return NumberKind::kReal;
  return NumberKind::kUnknown;
}

// Asking the abstract classes is slow, so the answer is kept for a few types.
NumberKind KindOf(ModuleState* state, PyObject* value, bool* failed) {
#ifdef Py_GIL_DISABLED
  return FindKind(state, value, failed);
#else
  PyTypeObject* type = Py_TYPE(value);
  auto& kept =
      state->number_kinds[reinterpret_cast<uintptr_t>(type) / 64 % ModuleState::kNumberKinds];
  if (kept.type == type) return kept.kind;
  NumberKind kind = FindKind(state, value, failed);
  if (kind == NumberKind::kUnknown) return kind;
  PyTypeObject* old = kept.type;
  Py_INCREF(type);
  kept.type = type;
  kept.kind = kind;
  Py_XDECREF(old);
  return kind;
#endif
}

bool BindKind(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value, NumberKind kind) {
  if (kind == NumberKind::kBoolean) {
    int truth = PyObject_IsTrue(value);
    if (truth >= 0) set->SetBoolean(i, truth != 0);
    return truth >= 0;
  }
  PyRef plain =
      PyRef::Steal(kind == NumberKind::kInteger ? PyNumber_Index(value) : PyNumber_Float(value));
  if (!plain) return false;
  if (kind == NumberKind::kReal) return BindFloat(state, set, i, PyFloat_AsDouble(plain.get()));
  int overflow;
  long long integer = PyLong_AsLongLongAndOverflow(plain.get(), &overflow);
  if (overflow != 0) return BindLargeInteger(state, set, i, plain.get());
  set->SetInteger(i, integer);
  return true;
}

}  // namespace

bool BindFloat(ModuleState* state, ParameterSet* set, uint32_t i, double value) {
  if (!std::isfinite(value)) {
    Raise(state, "22003", "parameter %u is no number that SQL has: %s", i + 1,
          std::isnan(value) ? "nan"
          : value > 0       ? "inf"
                            : "-inf");
    return false;
  }
  set->SetDouble(i, value);
  return true;
}

bool BindLargeInteger(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  // Its length first: the text of a huge int takes long to make.
  PyRef bits = PyRef::Steal(
      PyObject_CallMethod(reinterpret_cast<PyObject*>(&PyLong_Type), "bit_length", "O", value));
  if (!bits) return false;
  if (PyLong_AsLongLong(bits.get()) > kMaxBits) return RaiseTooLarge(state, i);
  PyRef digits = PyRef::Steal(PyLong_Type.tp_repr(value));
  std::string_view text;
  if (!digits || !TextOf(state, digits.get(), &text)) return false;
  DecimalNumber number;
  if (ParseDecimal(text, &number) != NumberStatus::kOk) return RaiseTooLarge(state, i);
  set->SetDecimal(i, number.unscaled, 0);
  return true;
}

int BindNumber(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  if (PyObject_TypeCheck(value, reinterpret_cast<PyTypeObject*>(state->decimal_type))) {
    return BindDecimal(state, set, i, value) ? 1 : -1;
  }
  bool failed = false;
  NumberKind kind = KindOf(state, value, &failed);
  if (failed) return -1;
  if (kind == NumberKind::kUnknown) return 0;
  return BindKind(state, set, i, value, kind) ? 1 : -1;
}

}  // namespace tupelo

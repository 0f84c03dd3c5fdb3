// ext/module_state.h: what one import of the module owns: types, exceptions, caches.
#pragma once

#include <Python.h>

#include <cstdint>

#include "ext/datetime_api.h"
#include "types/string_ref.h"

namespace tupelo {

struct CursorObject;

// The exceptions of PEP 249.
enum class ExceptionKind : uint8_t {
  kWarning,
  kError,
  kInterfaceError,
  kDatabaseError,
  kDataError,
  kOperationalError,
  kIntegrityError,
  kInternalError,
  kProgrammingError,
  kNotSupportedError,
};
inline constexpr size_t kExceptionCount = 10;

// The type objects of PEP 249, and kNone for types that are of none of them.
enum class TypeGroup : uint8_t { kString, kBinary, kNumber, kDatetime, kRowId, kNone };
inline constexpr size_t kTypeGroupCount = 5;

// How a type that is no built-in one is taken as a parameter.
enum class NumberKind : uint8_t { kUnknown, kBoolean, kInteger, kReal };

// Each interpreter that imports the module has one. The GIL protects it; without a GIL what changes
// after the import is left alone (the caches), or set once (uuid_type).
struct ModuleState {
  PyObject* exceptions[kExceptionCount];

  PyTypeObject* connection_type;
  PyTypeObject* cursor_type;
  PyTypeObject* prepared_statement_type;
  PyTypeObject* profile_type;
  PyTypeObject* row_type;
  PyTypeObject* row_factory_type;
  PyTypeObject* type_type;
  PyTypeObject* type_group_type;
  PyTypeObject* year_month_type;
  PyTypeObject* cache_info_type;
  PyTypeObject* statement_profile_type;
  PyTypeObject* finding_type;
  PyTypeObject* salvage_report_type;

  PyObject* type_groups[kTypeGroupCount];
  PyObject* tuple_row;
  PyObject* dict_row;
  PyObject* namedtuple_row;

  PyDateTime_CAPI* datetime;
  PyObject* decimal_type;
  PyObject* integral_type;  // numbers.Integral
  PyObject* real_type;      // numbers.Real
  PyObject* uuid_type;      // once a UUID was seen
  PyObject* utcoffset_name;

  // Cursors that are gone, kept to be used again, linked by their `connection`.
  CursorObject* free_cursors;
  int free_cursor_count;

  // What isinstance() said of a type lately.
  static constexpr size_t kNumberKinds = 8;
  struct {
    PyTypeObject* type;
    NumberKind kind;
  } number_kinds[kNumberKinds];

  // datetime.timezone by displacement.
  static constexpr size_t kTimezones = 64;
  struct {
    PyObject* timezone;
    int32_t offset_minutes;
  } timezones[kTimezones];

  // Decimals made lately.
  static constexpr size_t kDecimals = 256;
  struct {
    PyObject* decimal;
    int scale;
    int128_t unscaled;
  } decimals[kDecimals];
};

inline ModuleState* StateOfModule(PyObject* module) {
  return static_cast<ModuleState*>(PyModule_GetState(module));
}
// None of the module's types can be derived from, so an object's type knows the module.
inline ModuleState* StateOf(PyObject* object) {
  return static_cast<ModuleState*>(PyType_GetModuleState(Py_TYPE(object)));
}

// Each adds its types to the module and the state; false with an exception set.
bool AddExceptions(PyObject* module, ModuleState* state);
bool AddCheckTypes(PyObject* module, ModuleState* state);
bool AddConnectionTypes(PyObject* module, ModuleState* state);
bool AddCursorType(PyObject* module, ModuleState* state);
bool AddPreparedStatementType(PyObject* module, ModuleState* state);
bool AddProfileTypes(PyObject* module, ModuleState* state);
bool AddRowType(PyObject* module, ModuleState* state);
bool AddRowFactories(PyObject* module, ModuleState* state);
bool AddTypeObjects(PyObject* module, ModuleState* state);
bool AddYearMonthType(PyObject* module, ModuleState* state);

// Makes a heap type of `spec`, adds it to the module under its name, and returns it (owned).
PyTypeObject* AddType(PyObject* module, PyType_Spec* spec);
// The same for a named tuple made in C.
PyTypeObject* AddStructSequence(PyObject* module, PyStructSequence_Desc* description);

}  // namespace tupelo

// ext/module.cpp: the module tupelo._tupelo: its state, its types and its functions.
#include <climits>
#include <cstring>

#include "ext/check.h"
#include "ext/connection.h"
#include "ext/cursor.h"
#include "ext/gil.h"
#include "ext/method.h"
#include "ext/module_state.h"
#include "ext/py_ref.h"

namespace tupelo {
namespace {

// The last part of "tupelo.Name".
const char* ShortName(const char* name) { return std::strrchr(name, '.') + 1; }

PyObject* ImportAttribute(const char* module_name, const char* name) {
  PyRef module = PyRef::Steal(PyImport_ImportModule(module_name));
  return module ? PyObject_GetAttrString(module.get(), name) : nullptr;
}

bool ImportOthers(ModuleState* state) {
  state->datetime = static_cast<PyDateTime_CAPI*>(PyCapsule_Import(PyDateTime_CAPSULE_NAME, 0));
  state->decimal_type = ImportAttribute("decimal", "Decimal");
  state->integral_type = ImportAttribute("numbers", "Integral");
  state->real_type = ImportAttribute("numbers", "Real");
  state->utcoffset_name = PyUnicode_InternFromString("utcoffset");
  return state->datetime != nullptr && state->decimal_type != nullptr &&
         state->integral_type != nullptr && state->real_type != nullptr &&
         state->utcoffset_name != nullptr;
}

int Execute(PyObject* module) {
  ModuleState* state = StateOfModule(module);
  InstallWaitHooks();
  bool ok = ImportOthers(state) && AddExceptions(module, state) && AddTypeObjects(module, state) &&
            AddYearMonthType(module, state) && AddRowType(module, state) &&
            AddRowFactories(module, state) && AddConnectionTypes(module, state) &&
            AddCursorType(module, state) && AddPreparedStatementType(module, state) &&
            AddProfileTypes(module, state) && AddCheckTypes(module, state) &&
            PyModule_AddStringConstant(module, "apilevel", "2.0") == 0 &&
            PyModule_AddIntConstant(module, "threadsafety", 2) == 0 &&
            PyModule_AddStringConstant(module, "paramstyle", "qmark") == 0;
  return ok ? 0 : -1;
}

// Calls `visit` with each reference of the state; stops when it is not 0.
template <typename Visit>
int EachReference(ModuleState* state, Visit&& visit) {
  int stop = 0;
  auto one = [&](auto*& reference) {
    if (stop == 0) stop = visit(reinterpret_cast<PyObject**>(&reference));
  };
  for (PyObject*& exception : state->exceptions) one(exception);
  for (PyObject*& group : state->type_groups) one(group);
  one(state->connection_type);
  one(state->cursor_type);
  one(state->prepared_statement_type);
  one(state->profile_type);
  one(state->row_type);
  one(state->row_factory_type);
  one(state->type_type);
  one(state->type_group_type);
  one(state->year_month_type);
  one(state->cache_info_type);
  one(state->statement_profile_type);
  one(state->finding_type);
  one(state->salvage_report_type);
  one(state->tuple_row);
  one(state->dict_row);
  one(state->namedtuple_row);
  one(state->decimal_type);
  one(state->integral_type);
  one(state->real_type);
  one(state->uuid_type);
  one(state->utcoffset_name);
  for (auto& kept : state->number_kinds) one(kept.type);
  for (auto& kept : state->timezones) one(kept.timezone);
  for (auto& kept : state->decimals) one(kept.decimal);
  return stop;
}

int Traverse(PyObject* module, visitproc visit, void* argument) {
  ModuleState* state = StateOfModule(module);
  if (state == nullptr) return 0;
  return EachReference(state, [&](PyObject** reference) {
    return *reference == nullptr ? 0 : visit(*reference, argument);
  });
}

int Clear(PyObject* module) {
  ModuleState* state = StateOfModule(module);
  if (state == nullptr) return 0;
  FreeSpareCursors(state);
  state->free_cursor_count = INT_MAX;  // those that go later are not kept
  return EachReference(state, [](PyObject** reference) {
    PyObject* old = *reference;
    *reference = nullptr;
    Py_XDECREF(old);
    return 0;
  });
}

void Free(void* module) { Clear(static_cast<PyObject*>(module)); }

PyMethodDef functions[] = {
    {"connect", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(Connect)),
     METH_VARARGS | METH_KEYWORDS,
     "connect(database=':memory:', *, autocommit=False, cached_statements=128, "
     "synchronous='full', read_only=False, timeout=0.0, memory_limit=None)\n--\n\n"
     "Opens a connection. ':memory:' is a database of its own; ':memory:name' is shared by the\n"
     "process's connections of that name."},
    {"check_file", CheckFileOf, METH_O,
     "check_file($module, path, /)\n--\n\n"
     "Looks at a database file and all that is in it, and changes nothing: a list of Findings."},
    FastMethod("salvage", SalvageOf,
               "salvage($module, damaged, path, /)\n--\n\n"
               "Makes a new database of all that can still be read of a damaged one: a "
               "SalvageReport."),
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(Execute)},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    "tupelo._tupelo",
    "The part of tupelo that is made in C++.",
    sizeof(ModuleState),
    functions,
    slots,
    Traverse,
    Clear,
    Free,
};

}  // namespace

PyTypeObject* AddType(PyObject* module, PyType_Spec* spec) {
  PyObject* type = PyType_FromModuleAndSpec(module, spec, nullptr);
  if (type != nullptr && PyModule_AddObjectRef(module, ShortName(spec->name), type) != 0) {
    Py_CLEAR(type);
  }
  return reinterpret_cast<PyTypeObject*>(type);
}

PyTypeObject* AddStructSequence(PyObject* module, PyStructSequence_Desc* description) {
  PyTypeObject* type = PyStructSequence_NewType(description);
  auto* object = reinterpret_cast<PyObject*>(type);
  if (type != nullptr && PyModule_AddObjectRef(module, ShortName(description->name), object) != 0) {
    Py_CLEAR(type);
  }
  return type;
}

}  // namespace tupelo

PyMODINIT_FUNC PyInit__tupelo() { return PyModuleDef_Init(&tupelo::definition); }

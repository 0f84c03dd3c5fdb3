// ext/check.cpp: findings as named tuples.
#include "ext/check.h"

#include <string>

#include "engine/check.h"
#include "engine/salvage.h"
#include "ext/connection.h"
#include "ext/errors.h"
#include "ext/gil.h"
#include "ext/method.h"
#include "ext/py_ref.h"

namespace tupelo {

namespace {

PyStructSequence_Field finding_fields[] = {
    {"where", "the place in a file, or the table, column or constraint"},
    {"what", "what is wrong there"},
    {nullptr, nullptr},
};
PyStructSequence_Desc finding_description = {"tupelo.Finding", "What a check has found wrong.",
                                             finding_fields, 2};

PyStructSequence_Field report_fields[] = {
    {"losses", "what could not be read, or does not hold any more"},
    {"tables", "name and number of rows of each table that there is now"},
    {nullptr, nullptr},
};
PyStructSequence_Desc report_description = {"tupelo.SalvageReport",
                                            "What salvage() has found and lost.", report_fields, 2};

// Paths are any bytes.
PyObject* Text(const std::string& text) {
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape");
}

// Sets item `i` of a named tuple, which takes it over; false: it is nullptr.
bool Set(const PyRef& tuple, Py_ssize_t i, PyObject* item) {
  PyStructSequence_SetItem(tuple.get(), i, item);
  return item != nullptr;
}

PyObject* ListOfTables(const SalvageReport& report) {
  PyRef list = PyRef::Steal(PyList_New(0));
  if (!list) return nullptr;
  for (const auto& [name, rows] : report.tables) {
    PyRef text = PyRef::Steal(Text(name));
    if (!text) return nullptr;
    PyRef pair =
        PyRef::Steal(Py_BuildValue("(OK)", text.get(), static_cast<unsigned long long>(rows)));
    if (!pair || PyList_Append(list.get(), pair.get()) != 0) return nullptr;
  }
  return list.Release();
}

// str, bytes or os.PathLike.
bool PathOf(PyObject* object, std::string* path) {
  PyObject* converted = nullptr;
  if (PyUnicode_FSConverter(object, &converted) == 0) return false;
  PyRef bytes = PyRef::Steal(converted);
  path->assign(PyBytes_AS_STRING(bytes.get()), static_cast<size_t>(PyBytes_GET_SIZE(bytes.get())));
  return true;
}

}  // namespace

PyObject* ListOfFindings(ModuleState* state, const std::vector<Finding>& findings) {
  PyRef list = PyRef::Steal(PyList_New(0));
  if (!list) return nullptr;
  for (const Finding& finding : findings) {
    PyRef tuple = PyRef::Steal(PyStructSequence_New(state->finding_type));
    if (!tuple || !Set(tuple, 0, Text(finding.where)) || !Set(tuple, 1, Text(finding.what)) ||
        PyList_Append(list.get(), tuple.get()) != 0) {
      return nullptr;
    }
  }
  return list.Release();
}

PyObject* CheckConnection(PyObject* object, PyObject*) {
  auto* self = reinterpret_cast<ConnectionObject*>(object);
  UserScope use(self);
  if (self->messages != nullptr) Py_CLEAR(self->messages);
  std::vector<Finding> findings;
  bool ok = CheckOpen(self) && Guarded(self->state, [&] {
              GilRelease release(true);
              findings = CheckDatabase(*self->connection);
            });
  if (ok) return ListOfFindings(self->state, findings);
  return HandleError(self, nullptr, self->error_handler);
}

PyObject* CheckFileOf(PyObject* module, PyObject* object) {
  ModuleState* state = StateOfModule(module);
  std::string path;
  if (!PathOf(object, &path)) return nullptr;
  std::vector<Finding> findings;
  bool ok = Guarded(state, [&] {
    GilRelease release(true);
    findings = CheckFile(path, CheckSignals, nullptr);
  });
  return ok ? ListOfFindings(state, findings) : nullptr;
}

PyObject* SalvageOf(PyObject* module, PyObject* const* arguments, Py_ssize_t count) {
  if (!CheckArguments("salvage", count, 2, 2)) return nullptr;
  ModuleState* state = StateOfModule(module);
  std::string damaged, made;
  if (!PathOf(arguments[0], &damaged) || !PathOf(arguments[1], &made)) return nullptr;
  SalvageReport report;
  bool ok = Guarded(state, [&] {
    GilRelease release(true);
    report = Salvage(damaged, made, CheckSignals, nullptr);
  });
  if (!ok) return nullptr;
  PyRef tuple = PyRef::Steal(PyStructSequence_New(state->salvage_report_type));
  if (!tuple || !Set(tuple, 0, ListOfFindings(state, report.losses)) ||
      !Set(tuple, 1, ListOfTables(report))) {
    return nullptr;
  }
  return tuple.Release();
}

bool AddCheckTypes(PyObject* module, ModuleState* state) {
  state->finding_type = AddStructSequence(module, &finding_description);
  state->salvage_report_type = AddStructSequence(module, &report_description);
  return state->finding_type != nullptr && state->salvage_report_type != nullptr;
}

}  // namespace tupelo

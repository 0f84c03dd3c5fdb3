// ext/convert_in_datetime.cpp: date, time, datetime, timedelta.
#include "ext/convert_in.h"
#include "ext/errors.h"
#include "ext/py_ref.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

int64_t TimeMicroseconds(int hour, int minute, int second, int microsecond) {
  return hour * kMicrosPerHour + minute * kMicrosPerMinute + second * kMicrosPerSecond +
         microsecond;
}

// The displacement of an aware `value`; `*aware` false where it has none. False with an exception
// set.
bool Displacement(ModuleState* state, PyObject* value, PyObject* tzinfo, uint32_t i, bool* aware,
                  int32_t* minutes) {
  *aware = tzinfo != Py_None;
  *minutes = 0;
  if (!*aware || tzinfo == state->datetime->TimeZone_UTC) return true;
  PyRef delta = PyRef::Steal(PyObject_CallMethodNoArgs(value, state->utcoffset_name));
  if (!delta) return false;
  if (delta.get() == Py_None) {
    *aware = false;
    return true;
  }
  if (!PyObject_TypeCheck(delta.get(), state->datetime->DeltaType)) {
    PyErr_Format(PyExc_TypeError, "utcoffset() must give a timedelta, not %.200s",
                 Py_TYPE(delta.get())->tp_name);
    return false;
  }
  int64_t seconds = PyDateTime_DELTA_GET_DAYS(delta.get()) * int64_t{86400} +
                    PyDateTime_DELTA_GET_SECONDS(delta.get());
  if (seconds % 60 != 0 || PyDateTime_DELTA_GET_MICROSECONDS(delta.get()) != 0) {
    Raise(state, "22009", "parameter %u has a displacement from UTC of no whole minutes: %S", i + 1,
          delta.get());
    return false;
  }
  if (seconds / 60 < kMinOffsetMinutes || seconds / 60 > kMaxOffsetMinutes) {
    Raise(state, "22009", "parameter %u has a displacement from UTC outside -14:59 to +14:00: %S",
          i + 1, delta.get());
    return false;
  }
  *minutes = static_cast<int32_t>(seconds / 60);
  return true;
}

int32_t DaysOf(PyObject* value) {
  return DaysFromCivil(PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value),
                       PyDateTime_GET_DAY(value));
}

bool BindTimestamp(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  int64_t local =
      DaysOf(value) * kMicrosPerDay +
      TimeMicroseconds(PyDateTime_DATE_GET_HOUR(value), PyDateTime_DATE_GET_MINUTE(value),
                       PyDateTime_DATE_GET_SECOND(value), PyDateTime_DATE_GET_MICROSECOND(value));
  bool aware;
  int32_t minutes;
  PyRef tzinfo = PyRef::Share(PyDateTime_DATE_GET_TZINFO(value));
  if (!Displacement(state, value, tzinfo.get(), i, &aware, &minutes)) return false;
  if (aware) {
    set->SetTimestampTz(i, MakeZonedTimestamp(local, minutes));
  } else {
    set->SetTimestamp(i, local);
  }
  return true;
}

bool BindTime(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  int64_t local =
      TimeMicroseconds(PyDateTime_TIME_GET_HOUR(value), PyDateTime_TIME_GET_MINUTE(value),
                       PyDateTime_TIME_GET_SECOND(value), PyDateTime_TIME_GET_MICROSECOND(value));
  bool aware;
  int32_t minutes;
  PyRef tzinfo = PyRef::Share(PyDateTime_TIME_GET_TZINFO(value));
  if (!Displacement(state, value, tzinfo.get(), i, &aware, &minutes)) return false;
  if (aware) {
    set->SetTimeTz(i, MakeZonedTime(local, minutes));
  } else {
    set->SetTime(i, local);
  }
  return true;
}

bool BindDelta(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  int128_t total = int128_t{PyDateTime_DELTA_GET_DAYS(value)} * kMicrosPerDay +
                   PyDateTime_DELTA_GET_SECONDS(value) * kMicrosPerSecond +
                   PyDateTime_DELTA_GET_MICROSECONDS(value);
  auto microseconds = static_cast<int64_t>(total);
  if (microseconds != total) {
    Raise(state, "22015", "parameter %u is too long for an interval: %S", i + 1, value);
    return false;
  }
  set->SetDayTime(i, microseconds);
  return true;
}

}  // namespace

int BindDatetime(ModuleState* state, ParameterSet* set, uint32_t i, PyObject* value) {
  PyDateTime_CAPI* api = state->datetime;
  if (PyObject_TypeCheck(value, api->DateTimeType)) {
    return BindTimestamp(state, set, i, value) ? 1 : -1;
  }
  if (PyObject_TypeCheck(value, api->DateType)) {
    set->SetDate(i, DaysOf(value));
    return 1;
  }
  if (PyObject_TypeCheck(value, api->TimeType)) return BindTime(state, set, i, value) ? 1 : -1;
  if (PyObject_TypeCheck(value, api->DeltaType)) return BindDelta(state, set, i, value) ? 1 : -1;
  return 0;
}

}  // namespace tupelo

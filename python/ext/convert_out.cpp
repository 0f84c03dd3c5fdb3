// ext/convert_out.cpp: one loop for each way in which values lie in a vector.
#include "ext/convert_out.h"

#include <cstring>

#include "ext/py_ref.h"
#include "types/datetime.h"
#include "types/decimal.h"

namespace tupelo {
namespace {

// The rows of a vector set to make, and the tuples to put them into.
struct Slice {
  const uint16_t* selection;  // nullptr: row numbers are first, first + 1, ...
  uint32_t first;
  uint32_t count;
  PyObject** tuples;
  Py_ssize_t column;

  uint32_t Row(uint32_t i) const { return selection == nullptr ? first + i : selection[first + i]; }
  void Put(uint32_t i, PyObject* object) const { PyTuple_SET_ITEM(tuples[i], column, object); }
};

// `make(value)` gives a new reference or nullptr.
template <typename T, typename Make>
bool FillColumn(const Slice& slice, const Vector& vector, Make&& make) {
  const T* values = vector.Data<T>();
  if (vector.is_constant()) {
    PyRef one = vector.IsValid(0) ? PyRef::Steal(make(values[0])) : PyRef::Share(Py_None);
    if (!one) return false;
    for (uint32_t i = 0; i < slice.count; ++i) slice.Put(i, Py_NewRef(one.get()));
    return true;
  }
  const uint64_t* validity = vector.validity();
  for (uint32_t i = 0; i < slice.count; ++i) {
    uint32_t row = slice.Row(i);
    bool valid = validity == nullptr || (validity[row / 64] >> (row % 64) & 1) != 0;
    PyObject* object = valid ? make(values[row]) : Py_NewRef(Py_None);
    if (object == nullptr) return false;
    slice.Put(i, object);
  }
  return true;
}

PyObject* NewInteger(int64_t value) {
  static_assert(sizeof(long) == 8 || sizeof(long) == 4);
  if constexpr (sizeof(long) == 8) return PyLong_FromLong(static_cast<long>(value));
  return PyLong_FromLongLong(value);
}

bool IsAsciiText(const char* text, uint32_t size) {
  uint64_t high_bits = 0;
  uint32_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word;
    std::memcpy(&word, text + i, 8);
    high_bits |= word;
  }
  for (; i < size; ++i) high_bits |= static_cast<unsigned char>(text[i]);
  return (high_bits & 0x8080808080808080u) == 0;
}

PyObject* NewText(const StringRef& text) {
  uint32_t size = text.size();
  const char* data = text.data();
  if (size < 2 || !IsAsciiText(data, size)) return PyUnicode_DecodeUTF8(data, size, "strict");
  PyObject* object = PyUnicode_New(size, 127);
  if (object != nullptr) std::memcpy(PyUnicode_1BYTE_DATA(object), data, size);
  return object;
}

// A str that repeats the row before it is shared: sorted and low-cardinality columns are common.
bool FillTexts(const Slice& slice, const Vector& vector) {
  StringRef last;
  PyObject* last_object = nullptr;  // borrowed from the tuple of an earlier row
  return FillColumn<StringRef>(slice, vector, [&](const StringRef& text) -> PyObject* {
    if (last_object != nullptr && std::memcmp(&last, &text, sizeof text) == 0) {
      return Py_NewRef(last_object);
    }
    last = text;
    return last_object = NewText(text);
  });
}

PyObject* NewDecimal(ModuleState* state, int128_t unscaled, int scale) {
#ifndef Py_GIL_DISABLED
  size_t hash = static_cast<size_t>(unscaled) * 0x9E3779B97F4A7C15u >> 56;
  static_assert(ModuleState::kDecimals == 256);
  auto& kept = state->decimals[hash];
  if (kept.decimal != nullptr && kept.unscaled == unscaled && kept.scale == scale) {
    return Py_NewRef(kept.decimal);
  }
#endif
  char text[kMaxDecimalText];
  size_t size = FormatDecimal(unscaled, scale, text);
  PyRef digits = PyRef::Steal(PyUnicode_New(static_cast<Py_ssize_t>(size), 127));
  if (!digits) return nullptr;
  std::memcpy(PyUnicode_1BYTE_DATA(digits.get()), text, size);
  PyObject* decimal = PyObject_CallOneArg(state->decimal_type, digits.get());
#ifndef Py_GIL_DISABLED
  if (decimal != nullptr) {
    PyObject* old = kept.decimal;
    kept.decimal = Py_NewRef(decimal);
    kept.unscaled = unscaled;
    kept.scale = scale;
    Py_XDECREF(old);
  }
#endif
  return decimal;
}

// datetime.timezone of a displacement, a new reference.
PyObject* Timezone(ModuleState* state, int32_t offset_minutes) {
  PyDateTime_CAPI* api = state->datetime;
  if (offset_minutes == 0) return Py_NewRef(api->TimeZone_UTC);
#ifndef Py_GIL_DISABLED
  auto slot = static_cast<uint32_t>(offset_minutes + 1440) / 15 % ModuleState::kTimezones;
  auto& kept = state->timezones[slot];
  if (kept.timezone != nullptr && kept.offset_minutes == offset_minutes) {
    return Py_NewRef(kept.timezone);
  }
#endif
  PyRef delta = PyRef::Steal(api->Delta_FromDelta(0, offset_minutes * 60, 0, 1, api->DeltaType));
  if (!delta) return nullptr;
  PyObject* timezone = api->TimeZone_FromTimeZone(delta.get(), nullptr);
#ifndef Py_GIL_DISABLED
  if (timezone != nullptr) {
    PyObject* old = kept.timezone;
    kept.timezone = Py_NewRef(timezone);
    kept.offset_minutes = offset_minutes;
    Py_XDECREF(old);
  }
#endif
  return timezone;
}

PyObject* NewDate(ModuleState* state, int32_t days) {
  CivilDate date = CivilFromDays(days);
  return state->datetime->Date_FromDate(date.year, date.month, date.day, state->datetime->DateType);
}

// Microseconds since midnight, split.
struct Clock {
  int hour, minute, second, microsecond;
  explicit Clock(int64_t time)
      : hour(static_cast<int>(time / kMicrosPerHour)),
        minute(static_cast<int>(time / kMicrosPerMinute % 60)),
        second(static_cast<int>(time / kMicrosPerSecond % 60)),
        microsecond(static_cast<int>(time % kMicrosPerSecond)) {}
};

PyObject* NewTime(ModuleState* state, int64_t time, PyObject* timezone) {
  Clock clock(time);
  return state->datetime->Time_FromTime(clock.hour, clock.minute, clock.second, clock.microsecond,
                                        timezone, state->datetime->TimeType);
}

PyObject* NewTimestamp(ModuleState* state, int64_t timestamp, PyObject* timezone) {
  CivilDate date = CivilFromDays(TimestampDate(timestamp));
  Clock clock(TimestampTime(timestamp));
  return state->datetime->DateTime_FromDateAndTime(date.year, date.month, date.day, clock.hour,
                                                   clock.minute, clock.second, clock.microsecond,
                                                   timezone, state->datetime->DateTimeType);
}

PyObject* NewZoned(ModuleState* state, TypeId type, ZonedTime value) {
  PyRef timezone = PyRef::Steal(Timezone(state, value.offset_minutes));
  if (!timezone) return nullptr;
  return type == TypeId::kTimeTz ? NewTime(state, LocalTime(value), timezone.get())
                                 : NewTimestamp(state, LocalTimestamp(value), timezone.get());
}

PyObject* NewDelta(ModuleState* state, int64_t microseconds) {
  int64_t time = TimestampTime(microseconds);  // of the last day, not negative
  return state->datetime->Delta_FromDelta(
      TimestampDate(microseconds), static_cast<int>(time / kMicrosPerSecond),
      static_cast<int>(time % kMicrosPerSecond), 0, state->datetime->DeltaType);
}

bool FillDecimals(const Slice& slice, const Vector& vector, ModuleState* state) {
  int scale = vector.type().scale;
  if (vector.physical() == PhysicalType::kInt128) {
    return FillColumn<int128_t>(slice, vector,
                                [&](int128_t value) { return NewDecimal(state, value, scale); });
  }
  return FillColumn<int64_t>(slice, vector,
                             [&](int64_t value) { return NewDecimal(state, value, scale); });
}

bool Fill(const Slice& slice, const Vector& vector, ModuleState* state) {
  TypeId id = vector.type().id;
  switch (id) {
    case TypeId::kNull:
      for (uint32_t i = 0; i < slice.count; ++i) slice.Put(i, Py_NewRef(Py_None));
      return true;
    case TypeId::kBoolean:
      return FillColumn<uint8_t>(
          slice, vector, [](uint8_t value) { return Py_NewRef(value != 0 ? Py_True : Py_False); });
    case TypeId::kSmallInt: return FillColumn<int16_t>(slice, vector, NewInteger);
    case TypeId::kInteger: return FillColumn<int32_t>(slice, vector, NewInteger);
    case TypeId::kBigInt: return FillColumn<int64_t>(slice, vector, NewInteger);
    case TypeId::kDecimal: return FillDecimals(slice, vector, state);
    case TypeId::kReal: return FillColumn<float>(slice, vector, PyFloat_FromDouble);
    case TypeId::kDouble: return FillColumn<double>(slice, vector, PyFloat_FromDouble);
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kClob: return FillTexts(slice, vector);
    case TypeId::kBlob:
      return FillColumn<StringRef>(slice, vector, [](const StringRef& bytes) {
        return PyBytes_FromStringAndSize(bytes.data(), bytes.size());
      });
    case TypeId::kDate:
      return FillColumn<int32_t>(slice, vector, [&](int32_t days) { return NewDate(state, days); });
    case TypeId::kTime:
      return FillColumn<int64_t>(slice, vector,
                                 [&](int64_t time) { return NewTime(state, time, Py_None); });
    case TypeId::kTimestamp:
      return FillColumn<int64_t>(slice, vector,
                                 [&](int64_t time) { return NewTimestamp(state, time, Py_None); });
    case TypeId::kTimeTz:
    case TypeId::kTimestampTz:
      return FillColumn<ZonedTime>(slice, vector,
                                   [&](ZonedTime value) { return NewZoned(state, id, value); });
    case TypeId::kYearMonth:
      return FillColumn<int32_t>(slice, vector,
                                 [&](int32_t months) { return NewYearMonth(state, months); });
    case TypeId::kDayTime:
      return FillColumn<int64_t>(slice, vector,
                                 [&](int64_t value) { return NewDelta(state, value); });
  }
  return false;
}

}  // namespace

bool MakeRowTuples(ModuleState* state, const Chunk& chunk, uint32_t first, uint32_t count,
                   PyObject** rows) {
  auto columns = static_cast<Py_ssize_t>(chunk.column_count());
  uint32_t made = 0;
  bool ok = true;
  for (; ok && made < count; ++made) {
    rows[made] = PyTuple_New(columns);
    ok = rows[made] != nullptr;
    if (ok) PyObject_GC_UnTrack(rows[made]);
  }
  if (!ok) --made;
  Slice slice = {chunk.rows().rows, first, count, rows, 0};
  for (; ok && slice.column < columns; ++slice.column) {
    ok = Fill(slice, chunk.column(static_cast<size_t>(slice.column)), state);
  }
  if (ok) return true;
  while (made > 0) Py_DECREF(rows[--made]);
  return false;
}

}  // namespace tupelo

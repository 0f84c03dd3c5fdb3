// types/datetime_text.cpp: datetimes to and from the text of their literals.
#include <cassert>
#include <cstring>
#include <fmt/format.h>

#include "base/error.h"
#include "base/zone_files.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/interval.h"
#include "types/time_zone.h"
#include "types/utf8.h"

namespace tupelo {

namespace {

// Reads a literal from left to right and says what is wrong with it.
class LiteralReader {
 public:
  LiteralReader(std::string_view text, const char* type, const char* form)
      : whole_(text), text_(StripBlanks(text)), type_(type), form_(form) {}

  bool AtEnd() const { return at_ == text_.size(); }
  bool Next(char c) const { return at_ < text_.size() && text_[at_] == c; }
  void Expect(char c, const char* before) {
    if (!Next(c)) Fail(fmt::format("expected '{}' before the {}", c, before));
    ++at_;
  }
  // 1 to `most_digits` digits.
  int Number(const char* field, int most_digits) {
    int value = 0, digits = 0;
    while (DigitNext()) {
      value = value * 10 + (text_[at_++] - '0');
      if (++digits > most_digits) Fail(std::string("the ") + field + " has too many digits");
    }
    if (digits == 0) Fail(std::string("the ") + field + " is missing");
    return value;
  }
  int Number(const char* field, int most_digits, int lowest, int highest) {
    int value = Number(field, most_digits);
    if (value < lowest || value > highest) {
      Fail("the " + std::string(field) + " is " + std::to_string(value) + ", not " +
           std::to_string(lowest) + " to " + std::to_string(highest));
    }
    return value;
  }
  // The digits behind the point in microseconds; those past the sixth are cut off.
  int64_t Fraction(uint8_t* digits) {
    int64_t micros = 0;
    int count = 0;
    for (; DigitNext(); ++at_, ++count) {
      if (count < kMaxFractionalDigits) micros = micros * 10 + (text_[at_] - '0');
    }
    if (count > kMaxFractionalDigits) count = kMaxFractionalDigits;
    *digits = static_cast<uint8_t>(count);
    return micros * kPowersOfTen64[kMaxFractionalDigits - count];
  }
  void ExpectEnd() {
    if (!AtEnd()) Fail("unexpected '" + std::string(text_.substr(at_)) + "' at its end");
  }
  char Take() { return text_[at_++]; }
  std::string_view Rest() const { return text_.substr(at_); }
  void TakeRest() { at_ = text_.size(); }
  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(ErrorCode::kInvalidDatetimeFormat, std::string("not a valid ") + type_ + ", " +
                                                       why + " (its form is " + form_ + "): '" +
                                                       std::string(whole_) + "'");
  }

 private:
  bool DigitNext() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

  std::string_view whole_, text_;
  const char* type_;
  const char* form_;
  size_t at_ = 0;
};

int32_t ReadDate(LiteralReader* reader) {
  int year = reader->Number("year", 4, 1, 9999);
  reader->Expect('-', "month");
  int month = reader->Number("month", 2, 1, 12);
  reader->Expect('-', "day");
  int day = reader->Number("day", 2, 1, 31);
  if (day > DaysInMonth(year, month)) {
    reader->Fail("the month has no day " + std::to_string(day));
  }
  return DaysFromCivil(year, month, day);
}

int32_t ReadOffset(LiteralReader* reader) {
  if (!reader->Next('+') && !reader->Next('-')) reader->Fail("a displacement begins with + or -");
  bool negative = reader->Take() == '-';
  int hours = reader->Number("hour of the displacement", 2);
  reader->Expect(':', "minute of the displacement");
  int minutes = hours * 60 + reader->Number("minute of the displacement", 2, 0, 59);
  return negative ? -minutes : minutes;
}

void ReadTime(LiteralReader* reader, DatetimeText* text) {
  int64_t micros = reader->Number("hour", 2, 0, 23) * kMicrosPerHour;
  reader->Expect(':', "minute");
  micros += reader->Number("minute", 2, 0, 59) * kMicrosPerMinute;
  reader->Expect(':', "second");
  micros += reader->Number("second", 2, 0, 59) * kMicrosPerSecond;
  if (reader->Next('.')) {
    reader->Take();
    micros += reader->Fraction(&text->fractional_digits);
  }
  text->local_us += micros;
  if (reader->Next('+') || reader->Next('-')) {
    text->has_zone = true;
    text->offset_minutes = ReadOffset(reader);
  }
}

// A region behind a blank, as PostgreSQL takes it: the time is one that its clocks show.
void ReadRegion(LiteralReader* reader, DatetimeText* text) {
  std::string_view name = StripBlanks(reader->Rest());
  if (!IsZoneName(name)) return;
  TimeZone zone;
  try {
    zone = TimeZone::Named(name);
  } catch (Error&) {
    // A word that is no name of a continent's region is a mistake in the literal.
    if (name.find('/') == std::string_view::npos) return;
    throw;
  }
  reader->TakeRest();
  ZonedTime zoned = ZoneClock(zone).OfLocal(text->local_us);
  text->local_us = LocalTimestamp(zoned);
  text->has_zone = true;
  text->offset_minutes = zoned.offset_minutes;
}

char* WriteDigits(int64_t value, int digits, char* out) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + digits;
}

char* WriteDate(int32_t days, char* out) {
  CivilDate date = CivilFromDays(days);
  out = WriteDigits(date.year, 4, out);
  *out++ = '-';
  out = WriteDigits(date.month, 2, out);
  *out++ = '-';
  return WriteDigits(date.day, 2, out);
}

char* WriteTime(int64_t time, int precision, char* out) {
  out = WriteDigits(time / kMicrosPerHour, 2, out);
  *out++ = ':';
  out = WriteDigits(time / kMicrosPerMinute % 60, 2, out);
  *out++ = ':';
  out = WriteDigits(time / kMicrosPerSecond % 60, 2, out);
  if (precision == 0) return out;
  *out++ = '.';
  int64_t fraction = time % kMicrosPerSecond / kPowersOfTen64[kMaxFractionalDigits - precision];
  return WriteDigits(fraction, precision, out);
}

char* WriteOffset(int32_t minutes, char* out) {
  *out++ = minutes < 0 ? '-' : '+';
  if (minutes < 0) minutes = -minutes;
  out = WriteDigits(minutes / 60, 2, out);
  *out++ = ':';
  return WriteDigits(minutes % 60, 2, out);
}

char* WriteTimestamp(int64_t timestamp, int precision, char* out) {
  out = WriteDate(TimestampDate(timestamp), out);
  *out++ = ' ';
  return WriteTime(TimestampTime(timestamp), precision, out);
}

}  // namespace

int32_t ParseDate(std::string_view text) {
  LiteralReader reader(text, "DATE", "YYYY-MM-DD");
  int32_t days = ReadDate(&reader);
  reader.ExpectEnd();
  return days;
}

DatetimeText ParseTime(std::string_view text) {
  LiteralReader reader(text, "TIME", "hh:mm:ss[.ffffff][+hh:mm]");
  DatetimeText result;
  ReadTime(&reader, &result);
  reader.ExpectEnd();
  return result;
}

DatetimeText ParseTimestamp(std::string_view text) {
  LiteralReader reader(text, "TIMESTAMP", "YYYY-MM-DD hh:mm:ss[.ffffff][+hh:mm]");
  DatetimeText result;
  result.local_us = ReadDate(&reader) * kMicrosPerDay;
  reader.Expect(' ', "hour");
  ReadTime(&reader, &result);
  if (!result.has_zone && reader.Next(' ')) ReadRegion(&reader, &result);
  reader.ExpectEnd();
  return result;
}

int32_t ParseOffset(std::string_view text) {
  LiteralReader reader(text, "time zone displacement", "+hh:mm or -hh:mm");
  int32_t minutes = ReadOffset(&reader);
  reader.ExpectEnd();
  return minutes;
}

size_t FormatDate(int32_t days, char* out) {
  return static_cast<size_t>(WriteDate(days, out) - out);
}
size_t FormatTime(int64_t time, int precision, char* out) {
  return static_cast<size_t>(WriteTime(time, precision, out) - out);
}
size_t FormatTimestamp(int64_t timestamp, int precision, char* out) {
  return static_cast<size_t>(WriteTimestamp(timestamp, precision, out) - out);
}
size_t FormatZonedTime(ZonedTime time, int precision, char* out) {
  char* end = WriteTime(LocalTime(time), precision, out);
  return static_cast<size_t>(WriteOffset(time.offset_minutes, end) - out);
}
size_t FormatZonedTimestamp(ZonedTime timestamp, int precision, char* out) {
  char* end = WriteTimestamp(LocalTimestamp(timestamp), precision, out);
  return static_cast<size_t>(WriteOffset(timestamp.offset_minutes, end) - out);
}

std::string FormatDatetime(const Type& type, int64_t integer, ZonedTime zoned) {
  char text[kMaxDatetimeText > kMaxIntervalText ? kMaxDatetimeText : kMaxIntervalText];
  size_t size = 0;
  switch (type.id) {
    case TypeId::kDate: size = FormatDate(static_cast<int32_t>(integer), text); break;
    case TypeId::kTime: size = FormatTime(integer, type.precision, text); break;
    case TypeId::kTimestamp: size = FormatTimestamp(integer, type.precision, text); break;
    case TypeId::kTimeTz: size = FormatZonedTime(zoned, type.precision, text); break;
    case TypeId::kTimestampTz: size = FormatZonedTimestamp(zoned, type.precision, text); break;
    case TypeId::kYearMonth:
    case TypeId::kDayTime: size = FormatInterval(integer, type, text); break;
    default: assert(false && "neither a datetime nor an interval");
  }
  return std::string(text, size);
}

}  // namespace tupelo

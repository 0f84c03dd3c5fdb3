// functions/datetime_template.h: the templates of TO_CHAR, TO_DATE and TO_TIMESTAMP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tupelo {

enum class TemplateField : uint8_t {
  kLiteral,
  kYear,          // YYYY, YYY, YY, Y: `width` digits of it
  kYearComma,     // Y,YYY
  kIsoYear,       // IYYY ... I
  kCentury,       // CC
  kQuarter,       // Q
  kMonth,         // MM
  kMonthName,     // MONTH
  kMonthShort,    // MON
  kMonthRoman,    // RM
  kWeekOfMonth,   // W
  kWeekOfYear,    // WW
  kIsoWeek,       // IW
  kDay,           // DD
  kDayOfYear,     // DDD
  kIsoDayOfYear,  // IDDD
  kDayOfWeek,     // D: Sunday is 1
  kIsoDayOfWeek,  // ID: Monday is 1
  kDayName,       // DAY
  kDayShort,      // DY
  kJulianDay,     // J
  kHour12,        // HH, HH12
  kHour24,        // HH24
  kMinute,        // MI
  kSecond,        // SS
  kSecondOfDay,   // SSSS, SSSSS
  kFraction,      // MS, US, FF1 to FF6: `width` digits
  kMeridiem,      // AM, PM; with periods: `width` 4
  kEra,           // AD, BC; with periods: `width` 4
  kZoneHour,      // TZH
  kZoneMinute,    // TZM
  kZone,          // OF, TZ
};

enum class LetterCase : uint8_t { kUpper, kCapital, kLower };

struct TemplateItem {
  TemplateField field = TemplateField::kLiteral;
  uint8_t width = 0;      // digits or letters of the field
  bool unpadded = false;  // FM: without blanks and leading zeros
  bool ordinal = false;   // TH, th: with st, nd, rd, th
  LetterCase letters = LetterCase::kUpper;
  std::string literal;
};

// Splits a template. Text between double quotes is literal, and so is what is no pattern. Throws
// kFeatureNotSupported for SP and FX.
std::vector<TemplateItem> ParseTemplate(std::string_view text);

// What a datetime or an interval shows.
struct TemplateValues {
  bool is_interval = false;
  bool has_zone = false;
  int64_t year = 0;  // of an interval, as all below: counts, negative ones too
  int64_t month = 0;
  int64_t day = 0;
  int64_t time_us = 0;  // since midnight
  int32_t days = 0;     // since 1970-01-01; not of an interval
  int32_t offset_minutes = 0;
};

// Appends the values as the template says. kInvalidDatetimeFormat for a field that an interval
// does not have.
void FormatByTemplate(const TemplateValues& values, const std::vector<TemplateItem>& items,
                      std::string* out);

// What a text says by a template; kInvalidDatetimeFormat where it does not fit, kDatetimeOverflow
// for fields out of range.
struct ParsedDatetime {
  int32_t days = 0;
  int64_t time_us = 0;
  bool has_zone = false;
  int32_t offset_minutes = 0;
};
ParsedDatetime ParseByTemplate(std::string_view text, const std::vector<TemplateItem>& items);

}  // namespace tupelo

// functions/datetime_names.h: names of months and days, ordinals, weeks of ISO 8601.
#pragma once

#include <cstdint>
#include <string_view>

namespace tupelo {

inline constexpr std::string_view kMonthNames[] = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
inline constexpr std::string_view kRomanMonths[] = {"I",   "II",   "III", "IV", "V",  "VI",
                                                    "VII", "VIII", "IX",  "X",  "XI", "XII"};
inline constexpr std::string_view kDayNames[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                 "Thursday", "Friday", "Saturday"};

// "st", "nd", "rd" or "th", by the digits that a number ends with.
std::string_view OrdinalSuffix(std::string_view digits);

// ISO 8601: week 1 has the year's first Thursday, weeks begin on Monday. Days since 1970-01-01.
int32_t FirstIsoDay(int64_t year);
int64_t IsoYearOf(int32_t days);
int64_t IsoWeekOf(int32_t days);

}  // namespace tupelo

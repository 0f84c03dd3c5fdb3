// types/calendar.h: the day of the calendar, for loops over many.
#pragma once

#include <algorithm>

#include "types/datetime.h"

namespace tupelo {

// CivilFromDays without a call; what is no date at all, as in a null row, gives the date nearest.
inline CivilDate CalendarDate(int32_t days) {
  days = std::clamp(days, kMinDate, kMaxDate) + 719468;
  int era = days / 146097;
  int day_of_era = days - era * 146097;
  int year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int shifted_month = (5 * day_of_year + 2) / 153;
  int day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  int month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

}  // namespace tupelo

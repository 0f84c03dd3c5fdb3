// functions/datetime_names.cpp: ordinals, and weeks of ISO 8601.
#include "functions/datetime_names.h"

#include "types/datetime.h"

namespace tupelo {

std::string_view OrdinalSuffix(std::string_view digits) {
  char last = digits.empty() ? '0' : digits.back();
  bool teen = digits.size() > 1 && digits[digits.size() - 2] == '1';
  if (teen || last < '1' || last > '3') return "th";
  return last == '1' ? "st" : last == '2' ? "nd" : "rd";
}

// The Monday of the week that has 4 January. The years 1 to 9999 and those next to them are counted
// from one of them, four hundred years later or earlier: so is the calendar.
int32_t FirstIsoDay(int64_t year) {
  constexpr int32_t kDaysOfFourCenturies = 146097;
  int32_t shift = year < 1 ? -kDaysOfFourCenturies : year > 9999 ? kDaysOfFourCenturies : 0;
  int64_t near = year < 1 ? year + 400 : year > 9999 ? year - 400 : year;
  int32_t fourth = DaysFromCivil(static_cast<int>(near), 1, 4);
  return fourth - (DayOfWeek(fourth) + 6) % 7 + shift;
}

int64_t IsoYearOf(int32_t days) {
  int64_t year = CivilFromDays(days).year;
  if (days < FirstIsoDay(year)) return year - 1;
  return days >= FirstIsoDay(year + 1) ? year + 1 : year;
}

int64_t IsoWeekOf(int32_t days) { return (days - FirstIsoDay(IsoYearOf(days))) / 7 + 1; }

}  // namespace tupelo

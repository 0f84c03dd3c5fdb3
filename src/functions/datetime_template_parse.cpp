// functions/datetime_template_parse.cpp: TO_DATE and TO_TIMESTAMP: text read by a template.
//
// Each pattern takes what it can from the text; blanks before it are skipped. A field of digits
// ends after its width when another one follows directly, else with the last digit. A character of
// the template that is no letter or digit stands for any such one of the text, or for none.
#include <fmt/format.h>
#include <optional>

#include "base/error.h"
#include "functions/datetime_names.h"
#include "functions/datetime_template.h"
#include "types/datetime.h"

namespace tupelo {

namespace {

using Field = TemplateField;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool IsSeparator(char c) { return !IsDigit(c) && !IsLetter(c) && (static_cast<uint8_t>(c) < 0x80); }

bool TakesDigits(const TemplateItem& item) {
  switch (item.field) {
    case Field::kLiteral: return !item.literal.empty() && IsDigit(item.literal[0]);
    case Field::kMonthName:
    case Field::kMonthShort:
    case Field::kMonthRoman:
    case Field::kDayName:
    case Field::kDayShort:
    case Field::kMeridiem:
    case Field::kEra:
    case Field::kZoneHour:
    case Field::kZone: return false;
    default: return true;
  }
}

class Reader {
 public:
  Reader(std::string_view text, const std::vector<TemplateItem>& items)
      : whole_(text), text_(text), items_(items) {}

  ParsedDatetime Read() {
    for (size_t i = 0; i < items_.size(); ++i) {
      const TemplateItem& item = items_[i];
      if (item.field == Field::kLiteral) {
        SkipLiteral(item.literal);
        continue;
      }
      SkipBlanks();
      bool adjacent = i + 1 < items_.size() && TakesDigits(items_[i + 1]);
      ReadField(item, adjacent && !item.unpadded);
      if (item.ordinal && text_.size() >= 2) text_.remove_prefix(2);
    }
    SkipBlanks();
    if (!text_.empty()) Fail("text is left over: " + std::string(text_));
    return Finish();
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    throw Error(ErrorCode::kInvalidDatetimeFormat,
                fmt::format("the text does not fit the template; {}, in: {}", what, whole_));
  }
  [[noreturn]] void FailRange() const {
    throw Error(ErrorCode::kDatetimeOverflow,
                fmt::format("a field of the datetime is outside its range: {}", whole_));
  }

  void SkipBlanks() {
    while (!text_.empty() && text_[0] == ' ') text_.remove_prefix(1);
  }

  void SkipLiteral(std::string_view literal) {
    for (char c : literal) {
      if (IsSeparator(c)) {
        SkipBlanks();
        // A sign may belong to the number behind it.
        if (!text_.empty() && IsSeparator(text_[0]) && (c == text_[0] || !IsSign(text_))) {
          text_.remove_prefix(1);
        }
      } else if (!text_.empty()) {
        text_.remove_prefix(1);
      }
    }
  }
  static bool IsSign(std::string_view text) {
    return text.size() > 1 && (text[0] == '-' || text[0] == '+') && IsDigit(text[1]);
  }

  int64_t Digits(size_t most) {
    size_t count = 0;
    int64_t value = 0;
    while (count < text_.size() && count < most && IsDigit(text_[count])) {
      value = value * 10 + (text_[count++] - '0');
    }
    if (count == 0) Fail("digits are missing before: \"" + std::string(text_) + "\"");
    text_.remove_prefix(count);
    digits_read_ = count;
    return value;
  }

  template <size_t kCount>
  int64_t OneOf(const std::string_view (&names)[kCount], size_t letters) {
    for (size_t longest = 0, i = kCount; i-- > 0;) {
      std::string_view name = names[i].substr(0, letters);
      if (name.size() <= longest || !Begins(name)) continue;
      text_.remove_prefix(name.size());
      return static_cast<int64_t>(i) + 1;
    }
    Fail("a name is missing before: \"" + std::string(text_) + "\"");
  }
  bool Begins(std::string_view name) const {
    if (text_.size() < name.size()) return false;
    for (size_t i = 0; i < name.size(); ++i) {
      if ((text_[i] | 0x20) != (name[i] | 0x20)) return false;
    }
    return true;
  }

  void ReadField(const TemplateItem& item, bool fixed) {
    constexpr size_t kMostDigits = 9;
    size_t most = fixed ? item.width : kMostDigits;
    switch (item.field) {
      case Field::kYear: return ReadYear(Digits(most), item.width);
      case Field::kYearComma: {
        int64_t thousands = Digits(1);
        if (!text_.empty() && text_[0] == ',') text_.remove_prefix(1);
        year_ = thousands * 1000 + Digits(3);
        return;
      }
      case Field::kMonth: month_ = Digits(most); return;
      case Field::kMonthName: month_ = OneOf(kMonthNames, std::string_view::npos); return;
      case Field::kMonthShort: month_ = OneOf(kMonthNames, 3); return;
      case Field::kMonthRoman: month_ = ReadRoman(); return;
      case Field::kDay: day_ = Digits(most); return;
      case Field::kDayOfYear: day_of_year_ = Digits(most); return;
      case Field::kJulianDay: julian_day_ = Digits(most); return;
      case Field::kIsoYear: iso_year_ = Digits(most); return;
      case Field::kIsoWeek: iso_week_ = Digits(most); return;
      case Field::kIsoDayOfWeek: iso_day_ = Digits(1); return;
      case Field::kDayName: OneOf(kDayNames, std::string_view::npos); return;
      case Field::kDayShort: OneOf(kDayNames, 3); return;
      case Field::kDayOfWeek: Digits(1); return;  // what the date says already
      default: return ReadTime(item, most);
    }
  }

  void ReadTime(const TemplateItem& item, size_t most) {
    switch (item.field) {
      case Field::kHour24: hour_ = Digits(most); return;
      case Field::kHour12:
        hour_ = Digits(most);
        if (*hour_ < 1 || *hour_ > 12) Fail("the hours of this clock are 1 to 12");
        is_half_day_ = true;
        return;
      case Field::kMinute: minute_ = Digits(most); return;
      case Field::kSecond: second_ = Digits(most); return;
      case Field::kSecondOfDay: second_of_day_ = Digits(most); return;
      case Field::kFraction: {
        fraction_ = Digits(6);
        for (size_t i = digits_read_; i < 6; ++i) fraction_ *= 10;
        while (!text_.empty() && IsDigit(text_[0])) text_.remove_prefix(1);
        return;
      }
      case Field::kMeridiem: {
        static constexpr std::string_view kTwo[] = {"AM", "PM"}, kFour[] = {"A.M.", "P.M."};
        afternoon_ = (item.width == 4 ? OneOf(kFour, 4) : OneOf(kTwo, 2)) == 2;
        return;
      }
      case Field::kEra: {
        static constexpr std::string_view kTwo[] = {"BC", "AD"}, kFour[] = {"B.C.", "A.D."};
        if ((item.width == 4 ? OneOf(kFour, 4) : OneOf(kTwo, 2)) == 1) FailRange();
        return;
      }
      case Field::kZoneHour:
      case Field::kZone: return ReadZone(item.field == Field::kZone);
      case Field::kZoneMinute: zone_minute_ = Digits(2); return;
      default:
        throw Error(ErrorCode::kFeatureNotSupported,
                    "reading quarters, centuries and weeks by a template is not supported");
    }
  }

  void ReadZone(bool with_minutes) {
    has_zone_ = true;
    zone_negative_ = !text_.empty() && text_[0] == '-';
    if (!text_.empty() && (text_[0] == '-' || text_[0] == '+')) text_.remove_prefix(1);
    zone_hour_ = Digits(2);
    if (!with_minutes || text_.empty() || text_[0] != ':') return;
    text_.remove_prefix(1);
    zone_minute_ = Digits(2);
  }

  // With fewer than four digits of the template: the year next to 2020.
  void ReadYear(int64_t year, int width) {
    if (width < 4 && digits_read_ < 4) {
      if (year < 70) {
        year += 2000;
      } else if (year < 100) {
        year += 1900;
      } else if (year < 520) {
        year += 2000;
      } else if (year < 1000) {
        year += 1000;
      }
    }
    year_ = year;
  }

  int64_t ReadRoman() {
    for (size_t length = 4; length > 0; --length) {
      for (size_t i = 0; i < 12; ++i) {
        if (kRomanMonths[i].size() != length || !Begins(kRomanMonths[i])) continue;
        text_.remove_prefix(length);
        return static_cast<int64_t>(i) + 1;
      }
    }
    Fail("a Roman number of a month is missing");
  }

  ParsedDatetime Finish() const {
    ParsedDatetime parsed;
    parsed.days = Days();
    if (second_of_day_.has_value()) {
      if (*second_of_day_ >= kMicrosPerDay / kMicrosPerSecond) FailRange();
      parsed.time_us = *second_of_day_ * kMicrosPerSecond;
    } else {
      int64_t hour = hour_.value_or(0);
      if (is_half_day_) hour = hour % 12 + (afternoon_ ? 12 : 0);
      if (!is_half_day_ && afternoon_ && hour < 12) hour += 12;
      if (hour > 23 || minute_ > 59 || second_ > 59) FailRange();
      parsed.time_us =
          hour * kMicrosPerHour + minute_ * kMicrosPerMinute + second_ * kMicrosPerSecond;
    }
    parsed.time_us += fraction_;
    parsed.has_zone = has_zone_;
    int64_t minutes = zone_hour_ * 60 + zone_minute_;
    parsed.offset_minutes = static_cast<int32_t>(zone_negative_ ? -minutes : minutes);
    if (zone_minute_ > 59) FailRange();
    return parsed;
  }

  int32_t Days() const {
    constexpr int64_t kJulianDayOfEpoch = 2440588;
    int64_t days;
    if (julian_day_.has_value()) {
      days = *julian_day_ - kJulianDayOfEpoch;
    } else if (iso_year_.has_value()) {
      if (iso_week_ < 1 || iso_week_ > 53 || iso_day_ < 1 || iso_day_ > 7) FailRange();
      if (*iso_year_ < 1 || *iso_year_ > 9999) FailRange();
      days = FirstIsoDay(*iso_year_) + (iso_week_ - 1) * 7 + iso_day_ - 1;
    } else if (day_of_year_.has_value()) {
      bool leap = IsCivilDate(year_, 2, 29);
      if (!IsCivilDate(year_, 1, 1) || *day_of_year_ < 1 || *day_of_year_ > (leap ? 366 : 365)) {
        FailRange();
      }
      days = DaysFromCivil(static_cast<int>(year_), 1, 1) + *day_of_year_ - 1;
    } else {
      if (!IsCivilDate(year_, month_, day_)) FailRange();
      days =
          DaysFromCivil(static_cast<int>(year_), static_cast<int>(month_), static_cast<int>(day_));
    }
    if (days < kMinDate || days > kMaxDate) FailRange();
    return static_cast<int32_t>(days);
  }

  std::string_view whole_, text_;
  const std::vector<TemplateItem>& items_;
  size_t digits_read_ = 0;
  int64_t year_ = 1, month_ = 1, day_ = 1;
  std::optional<int64_t> day_of_year_, julian_day_, iso_year_, hour_, second_of_day_;
  int64_t iso_week_ = 1, iso_day_ = 1;
  int64_t minute_ = 0, second_ = 0, fraction_ = 0;
  int64_t zone_hour_ = 0, zone_minute_ = 0;
  bool is_half_day_ = false, afternoon_ = false, has_zone_ = false, zone_negative_ = false;
};

}  // namespace

ParsedDatetime ParseByTemplate(std::string_view text, const std::vector<TemplateItem>& items) {
  return Reader(text, items).Read();
}

}  // namespace tupelo

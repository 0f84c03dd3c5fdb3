// functions/datetime_template.cpp: templates to their parts, datetimes to text.
#include "functions/datetime_template.h"

#include <array>
#include <fmt/format.h>

#include "base/error.h"
#include "functions/datetime_names.h"
#include "types/datetime.h"

namespace tupelo {

namespace {

using Field = TemplateField;

struct Pattern {
  std::string_view text;
  Field field;
  uint8_t width;
};

// Longer ones before those that they begin with.
constexpr Pattern kPatterns[] = {
    {"Y,YYY", Field::kYearComma, 4},
    {"YYYY", Field::kYear, 4},
    {"YYY", Field::kYear, 3},
    {"YY", Field::kYear, 2},
    {"Y", Field::kYear, 1},
    {"IYYY", Field::kIsoYear, 4},
    {"IYY", Field::kIsoYear, 3},
    {"IY", Field::kIsoYear, 2},
    {"IDDD", Field::kIsoDayOfYear, 3},
    {"ID", Field::kIsoDayOfWeek, 1},
    {"IW", Field::kIsoWeek, 2},
    {"I", Field::kIsoYear, 1},
    {"CC", Field::kCentury, 2},
    {"Q", Field::kQuarter, 1},
    {"MONTH", Field::kMonthName, 9},
    {"MON", Field::kMonthShort, 3},
    {"MM", Field::kMonth, 2},
    {"MI", Field::kMinute, 2},
    {"MS", Field::kFraction, 3},
    {"US", Field::kFraction, 6},
    {"RM", Field::kMonthRoman, 4},
    {"WW", Field::kWeekOfYear, 2},
    {"W", Field::kWeekOfMonth, 1},
    {"DDD", Field::kDayOfYear, 3},
    {"DD", Field::kDay, 2},
    {"DAY", Field::kDayName, 9},
    {"DY", Field::kDayShort, 3},
    {"D", Field::kDayOfWeek, 1},
    {"J", Field::kJulianDay, 7},
    {"HH24", Field::kHour24, 2},
    {"HH12", Field::kHour12, 2},
    {"HH", Field::kHour12, 2},
    {"SSSSS", Field::kSecondOfDay, 5},
    {"SSSS", Field::kSecondOfDay, 5},
    {"SS", Field::kSecond, 2},
    {"FF1", Field::kFraction, 1},
    {"FF2", Field::kFraction, 2},
    {"FF3", Field::kFraction, 3},
    {"FF4", Field::kFraction, 4},
    {"FF5", Field::kFraction, 5},
    {"FF6", Field::kFraction, 6},
    {"A.M.", Field::kMeridiem, 4},
    {"P.M.", Field::kMeridiem, 4},
    {"AM", Field::kMeridiem, 2},
    {"PM", Field::kMeridiem, 2},
    {"A.D.", Field::kEra, 4},
    {"B.C.", Field::kEra, 4},
    {"AD", Field::kEra, 2},
    {"BC", Field::kEra, 2},
    {"TZH", Field::kZoneHour, 2},
    {"TZM", Field::kZoneMinute, 2},
    {"TZ", Field::kZone, 6},
    {"OF", Field::kZone, 6},
};

bool StartsWith(std::string_view text, std::string_view upper) {
  if (text.size() < upper.size()) return false;
  for (size_t i = 0; i < upper.size(); ++i) {
    char c = text[i];
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (c != upper[i]) return false;
  }
  return true;
}

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

// Of the first two letters: MONTH, Month, month.
LetterCase CaseOf(std::string_view text) {
  if (IsLower(text[0])) return LetterCase::kLower;
  return text.size() > 1 && IsLower(text[1]) ? LetterCase::kCapital : LetterCase::kUpper;
}

// At a double quote: the text up to the other one, where a backslash makes the next character
// plain.
std::string TakeQuoted(std::string_view* text) {
  std::string literal;
  size_t i = 1;
  for (; i < text->size() && (*text)[i] != '"'; ++i) {
    if ((*text)[i] == '\\' && i + 1 < text->size()) ++i;
    literal += (*text)[i];
  }
  text->remove_prefix(std::min(i + 1, text->size()));
  return literal;
}

void AddLiteral(std::string_view text, std::vector<TemplateItem>* items) {
  if (items->empty() || items->back().field != Field::kLiteral) items->emplace_back();
  items->back().literal.append(text);
}

// Behind a pattern.
void TakeSuffix(std::string_view* text, TemplateItem* item) {
  if (StartsWith(*text, "TH")) {
    item->ordinal = true;
    if (IsLower((*text)[0])) item->letters = LetterCase::kLower;
    text->remove_prefix(2);
  } else if (StartsWith(*text, "SP")) {
    throw Error(ErrorCode::kFeatureNotSupported, "SP in a template is not supported");
  }
}

}  // namespace

std::vector<TemplateItem> ParseTemplate(std::string_view text) {
  std::vector<TemplateItem> items;
  bool unpadded = false;
  while (!text.empty()) {
    if (text[0] == '"') {
      AddLiteral(TakeQuoted(&text), &items);
      continue;
    }
    if (StartsWith(text, "FM")) {
      unpadded = true;
      text.remove_prefix(2);
      continue;
    }
    if (StartsWith(text, "FX")) {
      throw Error(ErrorCode::kFeatureNotSupported, "FX in a template is not supported");
    }
    const Pattern* found = nullptr;
    for (const Pattern& pattern : kPatterns) {
      if (StartsWith(text, pattern.text)) {
        found = &pattern;
        break;
      }
    }
    if (found == nullptr) {
      AddLiteral(text.substr(0, 1), &items);
      text.remove_prefix(1);
      continue;
    }
    TemplateItem& item = items.emplace_back();
    item.field = found->field;
    item.width = found->width;
    item.unpadded = std::exchange(unpadded, false);
    item.letters = CaseOf(text);
    text.remove_prefix(found->text.size());
    TakeSuffix(&text, &item);
  }
  return items;
}

namespace {

class Writer {
 public:
  Writer(const TemplateValues& values, std::string* out) : values_(values), out_(out) {}

  void Write(const TemplateItem& item) {
    switch (item.field) {
      case Field::kLiteral: out_->append(item.literal); return;
      case Field::kYear: return Number(item, LastDigits(values_.year, item.width), item.width);
      case Field::kYearComma:
        return Text(item, fmt::format("{},{:03}", values_.year / 1000, values_.year % 1000));
      case Field::kMonth: return Number(item, values_.month, 2);
      case Field::kDay: return Number(item, values_.day, 2);
      case Field::kHour12: return Number(item, (Hour() % 12 + 11) % 12 + 1, 2);
      case Field::kHour24: return Number(item, Hour(), 2);
      case Field::kMinute: return Number(item, values_.time_us / kMicrosPerMinute % 60, 2);
      case Field::kSecond: return Number(item, values_.time_us / kMicrosPerSecond % 60, 2);
      case Field::kSecondOfDay: return Number(item, values_.time_us / kMicrosPerSecond, 0);
      case Field::kFraction: return Fraction(item);
      case Field::kMeridiem: {
        bool afternoon = Hour() % 24 >= 12;
        return Letters(item,
                       item.width == 4 ? (afternoon ? "P.M." : "A.M.") : (afternoon ? "PM" : "AM"));
      }
      default: break;
    }
    if (values_.is_interval) {
      throw Error(ErrorCode::kInvalidDatetimeFormat,
                  "an interval has years, months, days and times, no names, weeks or zones");
    }
    WriteOfDate(item);
  }

 private:
  int64_t Hour() const { return values_.time_us / kMicrosPerHour; }
  static int64_t LastDigits(int64_t value, int digits) {
    static constexpr int64_t kPowers[] = {1, 10, 100, 1000};
    return digits >= 4 ? value : value % kPowers[digits];
  }

  void WriteOfDate(const TemplateItem& item) {
    int weekday = DayOfWeek(values_.days);
    int64_t day_of_year = values_.days - DaysFromCivil(static_cast<int>(values_.year), 1, 1) + 1;
    switch (item.field) {
      case Field::kIsoYear: {
        int64_t year = IsoYearOf(values_.days);
        return Number(item, LastDigits(year, item.width), item.width);
      }
      case Field::kCentury: return Number(item, (values_.year + 99) / 100, 2);
      case Field::kQuarter: return Number(item, (values_.month + 2) / 3, 0);
      case Field::kMonthName: return Name(item, kMonthNames[values_.month - 1], 9);
      case Field::kMonthShort: return Name(item, kMonthNames[values_.month - 1].substr(0, 3), 0);
      case Field::kMonthRoman: return Name(item, kRomanMonths[values_.month - 1], 4);
      case Field::kWeekOfMonth: return Number(item, (values_.day + 6) / 7, 0);
      case Field::kWeekOfYear: return Number(item, (day_of_year + 6) / 7, 2);
      case Field::kIsoWeek: return Number(item, IsoWeekOf(values_.days), 2);
      case Field::kDayOfYear: return Number(item, day_of_year, 3);
      case Field::kIsoDayOfYear:
        return Number(item, values_.days - FirstIsoDay(IsoYearOf(values_.days)) + 1, 3);
      case Field::kDayOfWeek: return Number(item, weekday + 1, 0);
      case Field::kIsoDayOfWeek: return Number(item, weekday == 0 ? 7 : weekday, 0);
      case Field::kDayName: return Name(item, kDayNames[weekday], 9);
      case Field::kDayShort: return Name(item, kDayNames[weekday].substr(0, 3), 0);
      case Field::kJulianDay: return Number(item, values_.days + int64_t{2440588}, 0);
      case Field::kEra: return Letters(item, item.width == 4 ? "A.D." : "AD");
      default: return WriteZone(item);
    }
  }

  void WriteZone(const TemplateItem& item) {
    if (!values_.has_zone) {
      throw Error(ErrorCode::kInvalidDatetimeFormat, "the value has no time zone to show");
    }
    int32_t minutes = std::abs(values_.offset_minutes);
    char sign = values_.offset_minutes < 0 ? '-' : '+';
    if (item.field == Field::kZoneMinute) return Number(item, minutes % 60, 2);
    std::string text = fmt::format("{}{:02}", sign, minutes / 60);
    if (item.field == Field::kZone && minutes % 60 != 0)
      text += fmt::format(":{:02}", minutes % 60);
    Text(item, text);
  }

  void Fraction(const TemplateItem& item) {
    int64_t micros = values_.time_us % kMicrosPerSecond;
    std::string digits = fmt::format("{:06}", std::abs(micros)).substr(0, item.width);
    Text(item, micros < 0 ? "-" + digits : digits);
  }

  void Number(const TemplateItem& item, int64_t value, int width) {
    if (item.unpadded) width = 0;
    Text(item,
         value < 0 ? fmt::format("-{:0{}}", -value, width) : fmt::format("{:0{}}", value, width));
  }

  void Text(const TemplateItem& item, const std::string& text) {
    out_->append(text);
    if (!item.ordinal) return;
    std::string_view suffix = OrdinalSuffix(text);
    for (char c : suffix)
      *out_ += item.letters == LetterCase::kLower ? c : static_cast<char>(c - 32);
  }

  // `name` is capitalized.
  void Name(const TemplateItem& item, std::string_view name, size_t width) {
    size_t begin = out_->size();
    for (size_t i = 0; i < name.size(); ++i) {
      char c = name[i];
      if (item.letters == LetterCase::kUpper && IsLower(c)) c = static_cast<char>(c - 32);
      if (item.letters == LetterCase::kLower && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
      *out_ += c;
    }
    if (!item.unpadded && out_->size() - begin < width) out_->resize(begin + width, ' ');
  }

  void Letters(const TemplateItem& item, std::string_view text) {
    for (char c : text) {
      bool lowers = item.letters == LetterCase::kLower && c != '.';
      *out_ += lowers ? static_cast<char>(c + 32) : c;
    }
  }

  const TemplateValues& values_;
  std::string* out_;
};

}  // namespace

void FormatByTemplate(const TemplateValues& values, const std::vector<TemplateItem>& items,
                      std::string* out) {
  Writer writer(values, out);
  for (const TemplateItem& item : items) writer.Write(item);
}

}  // namespace tupelo

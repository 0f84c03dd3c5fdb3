// types/interval.cpp: an interval's fields from its count of months or microseconds, and back.
#include "types/interval.h"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <limits>

#include "base/error.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/utf8.h"

namespace tupelo {

namespace {

IntervalField Following(IntervalField field) {
  return static_cast<IntervalField>(static_cast<int>(field) + 1);
}

// How many of `field` make one of the field before it.
int64_t FieldLimit(IntervalField field) {
  switch (field) {
    case IntervalField::kMonth: return 12;
    case IntervalField::kHour: return 24;
    default: return 60;
  }
}

const char* FieldName(IntervalField field) {
  static constexpr const char* kNames[] = {"year", "month", "day", "hour", "minute", "second"};
  return kNames[static_cast<int>(field)];
}

// What stands before a field that is not the first.
char Separator(IntervalField field) {
  return field == IntervalField::kMonth ? '-' : field == IntervalField::kHour ? ' ' : ':';
}

std::string Form(const Type& type) {
  static constexpr const char* kForms[] = {"Y", "M", "D", "h", "m", "s"};
  std::string form;
  for (IntervalField field = type.start_field();; field = Following(field)) {
    if (field != type.start_field()) form += Separator(field);
    form += kForms[static_cast<int>(field)];
    if (field == type.end_field()) break;
  }
  return type.end_field() == IntervalField::kSecond ? form + "[.ffffff]" : form;
}

// The most that the storage of the type holds.
int64_t LargestValue(const Type& type) {
  return type.id == TypeId::kYearMonth ? int64_t{std::numeric_limits<int32_t>::max()}
                                       : std::numeric_limits<int64_t>::max();
}

[[noreturn]] void ThrowTooLong(const Type& type) {
  const std::string field(FieldName(type.start_field()));
  const int64_t most = LargestValue(type) / IntervalUnit(type.start_field());
  if (most < PowerOfTen(type.precision)) {
    throw Error(ErrorCode::kIntervalOverflow, "the interval is longer than " + type.ToString() +
                                                  " holds: its " + field + " field is at most " +
                                                  std::to_string(most));
  }
  throw Error(ErrorCode::kIntervalOverflow,
              "the " + field + " field has more than " + std::to_string(type.precision) +
                  " digits, the leading precision of " + type.ToString());
}

int64_t Checked(int64_t value, const Type& type) {
  if (!IntervalFits(value, type)) ThrowTooLong(type);
  return value;
}

// Rounds or cuts the magnitude to what the last field shows.
uint64_t FitLastField(uint64_t magnitude, const Type& type) {
  if (type.end_field() != IntervalField::kSecond) {
    return magnitude - magnitude % static_cast<uint64_t>(IntervalUnit(type.end_field()));
  }
  if (type.scale >= kMaxFractionalDigits) return magnitude;
  auto unit = static_cast<uint64_t>(kPowersOfTen64[kMaxFractionalDigits - type.scale]);
  return (magnitude + unit / 2) / unit * unit;
}

int64_t WithSign(uint64_t magnitude, bool negative, const Type& type) {
  if (magnitude > static_cast<uint64_t>(LargestValue(type))) ThrowTooLong(type);
  auto value = static_cast<int64_t>(magnitude);
  return Checked(negative ? -value : value, type);
}

uint64_t Magnitude(int64_t value) {
  return value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

class IntervalReader {
 public:
  IntervalReader(std::string_view text, const Type& type)
      : whole_(text), text_(StripBlanks(text)), type_(type) {}

  int64_t Read() {
    bool negative = false;
    if (!text_.empty() && (text_[0] == '-' || text_[0] == '+')) negative = text_[at_++] == '-';
    uint64_t magnitude = 0;
    for (IntervalField field = type_.start_field();; field = Following(field)) {
      if (field != type_.start_field()) Expect(Separator(field), field);
      uint64_t count = ReadField(field), part;
      if (__builtin_mul_overflow(count, static_cast<uint64_t>(IntervalUnit(field)), &part) ||
          __builtin_add_overflow(magnitude, part, &magnitude) ||
          magnitude > static_cast<uint64_t>(LargestValue(type_))) {
        ThrowTooLong(type_);
      }
      if (field == type_.end_field()) break;
    }
    if (type_.end_field() == IntervalField::kSecond && Next('.')) {
      ++at_;
      magnitude += ReadFraction();
    }
    if (at_ < text_.size()) {
      Fail("unexpected '" + std::string(text_.substr(at_)) + "' at its end");
    }
    return WithSign(FitLastField(magnitude, type_), negative, type_);
  }

 private:
  bool Next(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool DigitNext() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

  void Expect(char c, IntervalField field) {
    if (!Next(c)) Fail(fmt::format("expected '{}' before the {}", c, FieldName(field)));
    ++at_;
  }

  uint64_t ReadField(IntervalField field) {
    bool leading = field == type_.start_field();
    uint64_t value = 0;
    size_t start = at_;
    while (DigitNext()) {
      value = value * 10 + static_cast<uint64_t>(text_[at_++] - '0');
      if (value > 999'999'999'999) ThrowTooLong(type_);
    }
    // A second may have no digits before its point.
    if (at_ == start && !(field == IntervalField::kSecond && Next('.'))) {
      Fail(std::string("the ") + FieldName(field) + " is missing");
    }
    if (!leading && value >= static_cast<uint64_t>(FieldLimit(field))) {
      Fail("the " + std::string(FieldName(field)) + " is " + std::to_string(value) + ", not 0 to " +
           std::to_string(FieldLimit(field) - 1));
    }
    return value;
  }

  uint64_t ReadFraction() {
    uint64_t micros = 0;
    int count = 0;
    for (; DigitNext(); ++at_, ++count) {
      if (count < kMaxFractionalDigits) {
        micros = micros * 10 + static_cast<uint64_t>(text_[at_] - '0');
      }
    }
    count = std::min<int>(count, kMaxFractionalDigits);
    return micros * static_cast<uint64_t>(kPowersOfTen64[kMaxFractionalDigits - count]);
  }

  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(ErrorCode::kInvalidDatetimeFormat, "not a valid " + type_.ToString() + ", " + why +
                                                       " (its form is [-]" + Form(type_) + "): '" +
                                                       std::string(whole_) + "'");
  }

  std::string_view whole_, text_;
  const Type& type_;
  size_t at_ = 0;
};

}  // namespace

int64_t IntervalUnit(IntervalField field) {
  static constexpr int64_t kUnits[] = {
      12, 1, kMicrosPerDay, kMicrosPerHour, kMicrosPerMinute, kMicrosPerSecond};
  return kUnits[static_cast<int>(field)];
}

int64_t ParseInterval(std::string_view text, const Type& type) {
  assert(type.is_interval());
  return IntervalReader(text, type).Read();
}

size_t FormatInterval(int64_t value, const Type& type, char* out) {
  char* at = out;
  if (value < 0) *at++ = '-';
  uint64_t rest = Magnitude(value);
  for (IntervalField field = type.start_field();; field = Following(field)) {
    auto unit = static_cast<uint64_t>(IntervalUnit(field));
    uint64_t count = rest / unit;
    rest %= unit;
    if (field == type.start_field()) {
      at += FormatDecimal(static_cast<int128_t>(count), 0, at);
    } else {
      *at++ = Separator(field);
      if (field != IntervalField::kMonth || count >= 10)
        *at++ = static_cast<char>('0' + count / 10);
      *at++ = static_cast<char>('0' + count % 10);
    }
    if (field == type.end_field()) break;
  }
  if (type.scale > 0) {
    *at++ = '.';
    uint64_t fraction =
        rest / static_cast<uint64_t>(kPowersOfTen64[kMaxFractionalDigits - type.scale]);
    for (int i = type.scale - 1; i >= 0; --i, fraction /= 10) {
      at[i] = static_cast<char>('0' + fraction % 10);
    }
    at += type.scale;
  }
  return static_cast<size_t>(at - out);
}

bool IntervalFits(int64_t value, const Type& type) {
  if (Magnitude(value) > static_cast<uint64_t>(LargestValue(type))) return false;
  auto unit = static_cast<uint64_t>(IntervalUnit(type.start_field()));
  return Magnitude(value) / unit < static_cast<uint64_t>(PowerOfTen(type.precision));
}

int64_t ConvertInterval(int64_t value, const Type& type) {
  return WithSign(FitLastField(Magnitude(value), type), value < 0, type);
}

int64_t ExtractFromInterval(IntervalField field, int64_t value, const Type& type) {
  assert(field >= type.start_field() && field <= type.end_field());
  if (field != type.start_field()) value %= FieldLimit(field) * IntervalUnit(field);
  return field == IntervalField::kSecond ? value : value / IntervalUnit(field);
}

Type WidestInterval(const Type& left, const Type& right) {
  assert(left.id == right.id);
  IntervalField start = std::min(left.start_field(), right.start_field());
  IntervalField end = std::max(left.end_field(), right.end_field());
  // The digits of the largest value of each in units of the common leading field.
  int precision = 1;
  for (const Type* type : {&left, &right}) {
    int128_t largest = PowerOfTen(type->precision) * IntervalUnit(type->start_field()) - 1;
    precision = std::max(precision, CountDigits(largest / IntervalUnit(start)));
  }
  return Type::Interval(start, end, precision, std::max(left.scale, right.scale));
}

}  // namespace tupelo

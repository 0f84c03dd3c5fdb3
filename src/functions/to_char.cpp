// functions/to_char.cpp: TO_CHAR, TO_DATE, TO_TIMESTAMP of text, TO_NUMBER, as in PostgreSQL.
#include <cmath>
#include <fmt/format.h>

#include "functions/datetime_template.h"
#include "functions/kernel.h"
#include "functions/number_template.h"
#include "functions/registry.h"
#include "functions/string_signature.h"
#include "functions/time_zone.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/value.h"

namespace tupelo {
namespace {

constexpr int kNumberScale = 9;  // of TO_NUMBER's result

// The template is argument 1; parsed anew only where it changes.
template <typename Form, Form (*kParse)(std::string_view)>
class TemplateArgument {
 public:
  explicit TemplateArgument(const KernelCall& call) : texts_(*call.arguments[1]) {}
  const Form& At(uint32_t row) {
    if (!known_ || !texts_.is_constant()) {
      form_ = kParse(texts_.At<StringRef>(row).view());
      known_ = true;
    }
    return form_;
  }

 private:
  const Vector& texts_;
  bool known_ = false;
  Form form_;
};
using DatetimeForm = TemplateArgument<std::vector<TemplateItem>, ParseTemplate>;
using NumberForm = TemplateArgument<NumberTemplate, ParseNumberTemplate>;

TemplateValues OfTimestamp(int64_t timestamp) {
  TemplateValues values;
  values.days = TimestampDate(timestamp);
  CivilDate date = CivilFromDays(values.days);
  values.year = date.year;
  values.month = date.month;
  values.day = date.day;
  values.time_us = TimestampTime(timestamp);
  return values;
}

TemplateValues ValuesOf(const Vector& argument, uint32_t row) {
  TemplateValues values;
  switch (argument.type().id) {
    case TypeId::kDate: return OfTimestamp(argument.At<int32_t>(row) * kMicrosPerDay);
    case TypeId::kTimestamp: return OfTimestamp(argument.At<int64_t>(row));
    case TypeId::kTimestampTz: {
      const auto& zoned = argument.At<ZonedTime>(row);
      values = OfTimestamp(LocalTimestamp(zoned));
      values.has_zone = true;
      values.offset_minutes = zoned.offset_minutes;
      return values;
    }
    case TypeId::kYearMonth: {
      constexpr int64_t kMonths = 12;
      int64_t months = argument.At<int64_t>(row);
      values.year = months / kMonths;
      values.month = months % kMonths;
      break;
    }
    case TypeId::kTime: values.time_us = argument.At<int64_t>(row); break;
    default: {
      int64_t micros = argument.At<int64_t>(row);
      values.day = micros / kMicrosPerDay;
      values.time_us = micros % kMicrosPerDay;
      break;
    }
  }
  values.is_interval = true;
  return values;
}

void DatetimeToText(const KernelCall& call) {
  auto* out = PrepareResult<StringRef>(call);
  DatetimeForm forms(call);
  std::string buffer;
  ForEachValidRow(call, out, [&](uint32_t row) {
    buffer.clear();
    FormatByTemplate(ValuesOf(*call.arguments[0], row), forms.At(row), &buffer);
    CheckStringSize(buffer.size());
    out[row] = call.result->CopyToHeap(buffer);
  });
}

// Splits "-12.50" for a template: rounded to its fraction digits.
std::string TextOfNumber(const NumberTemplate& form, const Value& value) {
  std::string text;
  if (value.type.is_exact()) {
    int128_t rounded = 0;
    int scale = value.type.decimal_scale();
    if (!RescaleDecimal(value.Unscaled(), scale, std::min(scale, form.fraction_digits), &rounded)) {
      throw Error(ErrorCode::kNumericOutOfRange, "the number is too large: " + value.ToString());
    }
    text = DecimalToString(rounded, std::min(scale, form.fraction_digits));
  } else {
    text = fmt::format("{:.{}f}", value.real, form.fraction_digits);
  }
  bool negative = text[0] == '-';
  std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
  size_t point = digits.find('.');
  std::string whole(digits.substr(0, point));
  std::string fraction(point == std::string_view::npos ? "" : digits.substr(point + 1));
  fraction.resize(static_cast<size_t>(form.fraction_digits), '0');
  if (whole.find_first_not_of('0') == std::string::npos &&
      fraction.find_first_not_of('0') == std::string::npos) {
    negative = false;
  }
  return FormatNumber(form, negative, whole, fraction);
}

void NumberToText(const KernelCall& call) {
  auto* out = PrepareResult<StringRef>(call);
  NumberForm forms(call);
  ForEachValidRow(call, out, [&](uint32_t row) {
    const Vector& argument = *call.arguments[0];
    Value value = Value::FromVector(argument, argument.Index(row));
    value.type = argument.type();
    out[row] = call.result->CopyToHeap(TextOfNumber(forms.At(row), value));
  });
}

bool ResolveToChar(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  Type form = TypeOr(types[1], Type::Varchar());
  Type type = TypeOr(types[0], Type::Timestamp());
  if (!form.is_character()) return false;
  bool is_number = type.is_numeric();
  if (type.id == TypeId::kReal) type = Type::Double();
  bool is_datetime = (type.is_datetime() && type.id != TypeId::kTimeTz) || type.is_interval();
  if (!is_number && !is_datetime) return false;
  function->result = Type::Varchar();
  function->argument_types = {type, form};
  function->kernel = is_number ? NumberToText : DatetimeToText;
  return true;
}

void TextToDate(const KernelCall& call) {
  auto* out = PrepareResult<int32_t>(call);
  DatetimeForm forms(call);
  ForEachValidRow(call, out, [&](uint32_t row) {
    out[row] = ParseByTemplate(call.arguments[0]->At<StringRef>(row).view(), forms.At(row)).days;
  });
}

// Without a zone in the text, in the session's.
void TextToTimestamp(const KernelCall& call) {
  auto* out = PrepareResult<ZonedTime>(call);
  DatetimeForm forms(call);
  ZoneClock clock = SessionClock(call);
  ForEachValidRow(call, out, [&](uint32_t row) {
    ParsedDatetime parsed =
        ParseByTemplate(call.arguments[0]->At<StringRef>(row).view(), forms.At(row));
    int64_t local_us = parsed.days * kMicrosPerDay + parsed.time_us;
    out[row] = parsed.has_zone
                   ? clock.At(MakeZonedTimestamp(local_us, parsed.offset_minutes).utc_us)
                   : clock.OfLocal(local_us);
  });
}

void TextToNumber(const KernelCall& call) {
  auto* out = PrepareResult<int128_t>(call);
  NumberForm forms(call);
  ForEachValidRow(call, out, [&](uint32_t row) {
    out[row] =
        ParseNumber(forms.At(row), call.arguments[0]->At<StringRef>(row).view(), kNumberScale);
  });
}

bool ResolveFromText(std::span<const Type> types, const Type& result, Kernel kernel,
                     BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "tt", function, &bytes)) return false;
  function->result = result;
  function->kernel = kernel;
  return true;
}

bool ResolveToDate(std::span<const Type> types, BoundFunction* function) {
  return ResolveFromText(types, Type::Date(), TextToDate, function);
}
bool ResolveToTimestamp(std::span<const Type> types, BoundFunction* function) {
  function->is_deterministic = false;  // the session's time zone
  return ResolveFromText(types, Type::TimestampTz(), TextToTimestamp, function);
}
bool ResolveToNumber(std::span<const Type> types, BoundFunction* function) {
  return ResolveFromText(types, Type::Decimal(38, kNumberScale), TextToNumber, function);
}

constexpr FunctionRow kRows[] = {
    {"TO_CHAR", "a number, a datetime or an interval, and a template", ResolveToChar},
    {"TO_DATE", "a string and a template", ResolveToDate},
    {"TO_TIMESTAMP", "a string and a template", ResolveToTimestamp},
    {"TO_NUMBER", "a string and a template", ResolveToNumber},
};

}  // namespace

std::span<const FunctionRow> ToCharFunctions() { return kRows; }

}  // namespace tupelo

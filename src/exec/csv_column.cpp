// exec/csv_column.cpp: text to values: loops for the usual forms, CAST for the others.
#include "exec/csv_column.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "types/datetime.h"
#include "types/number_text.h"
#include "types/utf8.h"

namespace tupelo {

namespace {

constexpr uint32_t kMaxDigits = 18;  // fit int64_t, whatever they are

constexpr auto kPowersOfTen = [] {
  std::array<int64_t, kMaxDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// [-]digits
bool ParsePlainInteger(const char* text, uint32_t size, int64_t* number) {
  bool negative = size > 0 && *text == '-';
  text += negative;
  size -= negative;
  if (size == 0 || size > kMaxDigits) return false;
  int64_t value = 0;
  for (uint32_t i = 0; i < size; ++i) {
    auto digit = static_cast<uint8_t>(text[i] - '0');
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  *number = negative ? -value : value;
  return true;
}

// [-]digits[.digits], as many digits behind the point as the scale at most
bool ParsePlainDecimal(const char* text, uint32_t size, const Type& type, int64_t* unscaled) {
  bool negative = size > 0 && *text == '-';
  text += negative;
  size -= negative;
  if (size == 0 || size > kMaxDigits) return false;
  int64_t value = 0;
  uint32_t point = size;
  for (uint32_t i = 0; i < size; ++i) {
    auto digit = static_cast<uint8_t>(text[i] - '0');
    if (digit <= 9) {
      value = value * 10 + digit;
    } else if (text[i] == '.' && point == size && size > 1) {
      point = i;
    } else {
      return false;
    }
  }
  uint32_t behind = point == size ? 0 : size - point - 1;
  if (behind > static_cast<uint32_t>(type.scale)) return false;
  uint32_t missing = static_cast<uint32_t>(type.scale) - behind;
  if (missing + size > kMaxDigits) return false;
  value *= kPowersOfTen[missing];
  if (type.precision <= static_cast<int>(kMaxDigits) && value >= kPowersOfTen[type.precision]) {
    return false;
  }
  *unscaled = negative ? -value : value;
  return true;
}

bool TwoDigits(const char* text, int* number) {
  auto tens = static_cast<uint8_t>(text[0] - '0'), ones = static_cast<uint8_t>(text[1] - '0');
  *number = tens * 10 + ones;
  return tens <= 9 && ones <= 9;
}

// YYYY-MM-DD
bool ParsePlainDate(const char* text, uint32_t size, int32_t* days) {
  int century, year, month, day;
  if (size != 10 || text[4] != '-' || text[7] != '-' || !TwoDigits(text, &century) ||
      !TwoDigits(text + 2, &year) || !TwoDigits(text + 5, &month) || !TwoDigits(text + 8, &day)) {
    return false;
  }
  year += 100 * century;
  if (!IsCivilDate(year, month, day)) return false;
  *days = DaysFromCivil(year, month, day);
  return true;
}

// YYYY-MM-DD HH:MM:SS
bool ParsePlainTimestamp(const char* text, uint32_t size, int64_t* timestamp) {
  int32_t days;
  int hour, minute, second;
  if (size != 19 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':' ||
      !ParsePlainDate(text, 10, &days) || !TwoDigits(text + 11, &hour) ||
      !TwoDigits(text + 14, &minute) || !TwoDigits(text + 17, &second) || hour > 23 ||
      minute > 59 || second > 59) {
    return false;
  }
  *timestamp = days * kMicrosPerDay + hour * kMicrosPerHour + minute * kMicrosPerMinute +
               second * kMicrosPerSecond;
  return true;
}

// As PostgreSQL reads one: any begin of these words, in any case.
bool ParseTruth(std::string_view text, uint8_t* truth) {
  std::string lower;
  for (char c : StripBlanks(text)) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  auto begins = [&](std::string_view word, size_t least) {
    return lower.size() >= least && word.starts_with(lower);
  };
  *truth = begins("true", 1) || begins("yes", 1) || begins("on", 2) || lower == "1";
  return *truth != 0 || begins("false", 1) || begins("no", 1) || begins("off", 2) || lower == "0";
}

// \x and pairs of hexadecimal digits
bool ParseBytes(std::string_view text, std::string* bytes) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return false;
  auto value = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  bytes->clear();
  for (size_t i = 2; i < text.size(); i += 2) {
    int high = value(text[i]), low = value(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *bytes += static_cast<char>(high * 16 + low);
  }
  return true;
}

// Within this many bytes a string is short enough, whatever its characters.
uint32_t RoomOf(const Type& type) {
  return type.id == TypeId::kClob || type.length == 0 ? UINT32_MAX : type.length;
}

}  // namespace

CsvColumn::CsvColumn(const Type& type, size_t number, std::string null,
                     const EvaluationContext* context)
    : type_(type),
      number_(number),
      null_(std::move(null)),
      context_(context),
      text_(Type::Varchar()),
      value_(type) {
  bool by_own_rules = type.id == TypeId::kBoolean || type.id == TypeId::kBlob;
  bool is_number = type.is_numeric();
  if (by_own_rules || type == Type::Varchar()) return;
  bool exists = ResolveCast(Type::Varchar(), type,
                            is_number ? CastKind::kExplicit : CastKind::kAssignment, &cast_);
  if (!exists) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "values of this type are not read from a file: " + type.ToString());
  }
}

void CsvColumn::Cast(const CsvField& field, uint32_t row, Vector* out) {
  text_.PrepareWrite(1);
  text_.MutableData<StringRef>()[0] = StringRef(field.view());
  const Vector* argument = &text_;
  if (cast_.kernel == nullptr) {
    out->Append(row, text_, Rows{nullptr, 1}, false);
    return;
  }
  cast_.kernel({{&argument, 1}, &value_, Rows{nullptr, 1}, &cast_.data, context_});
  if (!value_.IsValid(0)) {
    out->SetNull(row);
  } else {
    out->Append(row, value_, Rows{nullptr, 1}, true);
  }
}

// One field by the rules of CAST; an error says where in the file it is.
void CsvColumn::ReadByCast(const CsvReader& reader, uint32_t row, Vector* out) {
  const CsvField& field = reader.column(number_)[row];
  try {
    if (type_.id == TypeId::kBoolean) {
      uint8_t truth;
      if (!ParseTruth(field.view(), &truth)) {
        throw Error(ErrorCode::kInvalidCast,
                    "not a truth value: '" + std::string(field.view()) + "'");
      }
      out->MutableData<uint8_t>()[row] = truth;
    } else if (type_.id == TypeId::kBlob) {
      std::string bytes;
      if (!ParseBytes(field.view(), &bytes)) {
        throw Error(ErrorCode::kInvalidCast,
                    "bytes are written as \\x and hexadecimal digits, not as '" +
                        std::string(field.view()) + "'");
      }
      if (bytes.size() > RoomOf(type_)) {
        throw Error(ErrorCode::kStringTruncation, "too long for " + type_.ToString());
      }
      out->MutableData<StringRef>()[row] = out->CopyToHeap(bytes);
    } else {
      Cast(field, row, out);
    }
  } catch (const Error& error) {
    throw Error(error.code(), error.message() + " (" + reader.PlaceOf(row, number_) + " of " +
                                  reader.name() + ")");
  }
}

template <typename T, typename Parse>
void CsvColumn::ReadValues(const CsvReader& reader, uint32_t count, Vector* out, Parse&& parse) {
  const CsvField* fields = reader.column(number_);
  T* values = out->MutableData<T>();
  for (uint32_t row = 0; row < count; ++row) {
    const CsvField& field = fields[row];
    if (IsNull(field)) {
      out->SetNull(row);
    } else if (!parse(field.data, field.size, &values[row])) {
      ReadByCast(reader, row, out);
    }
  }
}

void CsvColumn::ReadText(const CsvReader& reader, uint32_t count, Vector* out) {
  const CsvField* fields = reader.column(number_);
  auto* values = out->MutableData<StringRef>();
  uint32_t room = RoomOf(type_);
  bool pads = type_.id == TypeId::kChar;
  bool is_ascii = reader.is_ascii();
  for (uint32_t row = 0; row < count; ++row) {
    const CsvField& field = fields[row];
    if (IsNull(field)) {
      out->SetNull(row);
    } else if (field.size > room || (pads && !is_ascii)) {
      ReadByCast(reader, row, out);
    } else if (!pads || field.size == room) {
      values[row] =
          copies_text_ ? out->CopyToHeap(field.view()) : StringRef(field.data, field.size);
    } else {
      scratch_.assign(field.view());
      scratch_.resize(room, ' ');
      values[row] = out->CopyToHeap(scratch_);
    }
  }
}

namespace {

template <typename T>
auto IntegerParser() {
  return [](const char* text, uint32_t size, T* number) {
    int64_t wide;
    if (!ParsePlainInteger(text, size, &wide)) return false;
    *number = static_cast<T>(wide);
    return *number == wide;
  };
}

}  // namespace

void CsvColumn::Read(const CsvReader& reader, uint32_t count, Vector* out) {
  out->PrepareWrite(count);
  switch (type_.id) {
    case TypeId::kSmallInt:
      return ReadValues<int16_t>(reader, count, out, IntegerParser<int16_t>());
    case TypeId::kInteger: return ReadValues<int32_t>(reader, count, out, IntegerParser<int32_t>());
    case TypeId::kBigInt: return ReadValues<int64_t>(reader, count, out, IntegerParser<int64_t>());
    case TypeId::kDecimal:
      if (type_.physical() != PhysicalType::kInt64) break;
      return ReadValues<int64_t>(reader, count, out,
                                 [&](const char* text, uint32_t size, int64_t* unscaled) {
                                   return ParsePlainDecimal(text, size, type_, unscaled);
                                 });
    case TypeId::kDouble:
      return ReadValues<double>(reader, count, out,
                                [](const char* text, uint32_t size, double* number) {
                                  return ParseDouble({text, size}, number) == NumberStatus::kOk;
                                });
    case TypeId::kDate: return ReadValues<int32_t>(reader, count, out, ParsePlainDate);
    case TypeId::kTimestamp: return ReadValues<int64_t>(reader, count, out, ParsePlainTimestamp);
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kClob: return ReadText(reader, count, out);
    default: break;
  }
  const CsvField* fields = reader.column(number_);
  for (uint32_t row = 0; row < count; ++row) {
    if (IsNull(fields[row])) {
      out->SetNull(row);
    } else {
      ReadByCast(reader, row, out);
    }
  }
}

}  // namespace tupelo

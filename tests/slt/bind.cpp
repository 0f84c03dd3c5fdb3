// slt/bind.cpp: reads values as literals and gives each to the parameter that it is for.
#include "slt/bind.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/error.h"
#include "engine/parameters.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/interval.h"
#include "types/number_text.h"

namespace tupelo::slt {
namespace {

constexpr std::string_view kSeparator = " | ";

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

[[noreturn]] void FailOn(std::string_view text) {
  throw Error(ErrorCode::kInternalError, "not a value of a bind line: " + std::string(text));
}

// What stands between the quotes at the end of `text`, with '' undone.
std::string Unquote(std::string_view text) {
  const size_t open = text.find('\'');
  if (open == std::string_view::npos || text.size() < open + 2 || text.back() != '\'') FailOn(text);
  std::string plain;
  for (size_t i = open + 1; i + 1 < text.size(); ++i) {
    plain += text[i];
    if (text[i] == '\'') ++i;
  }
  return plain;
}

std::string FromHex(std::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

void SetNumber(uint32_t i, std::string_view text, ParameterSet* parameters) {
  if (text.find_first_of("eE") != std::string_view::npos) {
    double real = 0;
    if (ParseDouble(text, &real) != NumberStatus::kOk) FailOn(text);
    return parameters->SetDouble(i, real);
  }
  const size_t point = text.find('.');
  int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error == std::errc() && end == text.data() + text.size()) {
    return parameters->SetInteger(i, integer);
  }
  const int scale = point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
  int128_t unscaled = 0;
  if (ParseDecimalAs(text, kMaxDecimalPrecision, scale, &unscaled) != NumberStatus::kOk) {
    FailOn(text);
  }
  parameters->SetDecimal(i, unscaled, scale);
}

void SetValue(uint32_t i, std::string_view text, ParameterSet* parameters) {
  if (text == "NULL") {
    parameters->SetNull(i);
  } else if (text == "true" || text == "false") {
    parameters->SetBoolean(i, text == "true");
  } else if (text.starts_with("'")) {
    parameters->SetText(i, Unquote(text));
  } else if (text.starts_with("x'")) {
    parameters->SetBytes(i, FromHex(Unquote(text)));
  } else if (text.starts_with("DATE '")) {
    parameters->SetDate(i, ParseDate(Unquote(text)));
  } else if (text.starts_with("TIME '")) {
    parameters->SetTime(i, ParseTime(Unquote(text)).local_us);
  } else if (text.starts_with("TIMESTAMP '")) {
    parameters->SetTimestamp(i, ParseTimestamp(Unquote(text)).local_us);
  } else {
    SetNumber(i, text, parameters);
  }
}

}  // namespace

void BindValues(const std::string& text, const std::vector<std::string>& names,
                ParameterSet* parameters) {
  std::string_view rest = text;
  uint32_t count = 0;
  while (true) {
    const size_t separator = rest.find(kSeparator);
    std::string_view value = Trim(rest.substr(0, separator));
    uint32_t i = count;
    if (!names.empty()) {
      const size_t equals = value.find('=');
      const std::string_view name = value.substr(0, equals);
      const auto found = std::find(names.begin(), names.end(), name);
      if (equals == std::string_view::npos || found == names.end()) {
        throw Error(ErrorCode::kUndefinedParameter, "no such parameter: " + std::string(name));
      }
      i = static_cast<uint32_t>(found - names.begin());
      value.remove_prefix(equals + 1);
    }
    if (i >= parameters->count()) {
      throw Error(ErrorCode::kWrongParameterCount, "more values than parameters: " + text);
    }
    SetValue(i, value, parameters);
    ++count;
    if (separator == std::string_view::npos) break;
    rest.remove_prefix(separator + kSeparator.size());
  }
  if (count < parameters->count()) {
    throw Error(ErrorCode::kWrongParameterCount, "fewer values than parameters: " + text);
  }
}

}  // namespace tupelo::slt

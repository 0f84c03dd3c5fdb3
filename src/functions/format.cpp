// functions/format.cpp: FORMAT and PRINTF: %s, %I, %L as in PostgreSQL, numbers as in sqlite3.
#include <fmt/format.h>

#include "functions/kernel.h"
#include "functions/quoting.h"
#include "functions/registry.h"
#include "functions/string_signature.h"
#include "types/decimal.h"
#include "types/utf8.h"
#include "types/value.h"

namespace tupelo {
namespace {

constexpr int kWidest = 10000;

// %[n$][flags][width][.precision]letter
struct Specification {
  size_t argument = 0;  // 1 is the first; 0: the next one
  bool left = false, zeros = false, plus = false, blank = false;
  int width = 0, precision = -1;
  char letter = 0;
};

class Formatter {
 public:
  Formatter(const KernelCall& call, uint32_t row, std::string* out)
      : call_(call), row_(row), out_(out) {}

  void Run(std::string_view form) {
    rest_ = form;
    while (!rest_.empty()) {
      size_t percent = std::min(rest_.find('%'), rest_.size());
      out_->append(rest_.substr(0, percent));
      rest_.remove_prefix(percent);
      if (rest_.empty()) break;
      rest_.remove_prefix(1);
      if (rest_.starts_with('%')) {
        *out_ += '%';
        rest_.remove_prefix(1);
      } else {
        Write(Parse());
      }
      CheckStringSize(out_->size());
    }
  }

 private:
  [[noreturn]] static void Fail(const std::string& message) {
    throw Error(ErrorCode::kInvalidParameterValue, message);
  }

  int Number() {
    int value = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9' && value < kWidest) {
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    if (value >= kWidest) Fail("a width in a format is at most 9999");
    return value;
  }

  void Flags(Specification* one) {
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      if (rest_[0] == '-') {
        one->left = true;
      } else if (rest_[0] == '0') {
        one->zeros = true;
      } else if (rest_[0] == '+') {
        one->plus = true;
      } else if (rest_[0] == ' ') {
        one->blank = true;
      } else {
        return;
      }
    }
  }

  Specification Parse() {
    Specification one;
    std::string_view before = rest_;
    int position = Number();
    if (position > 0 && rest_.starts_with('$')) {
      rest_.remove_prefix(1);
      one.argument = static_cast<size_t>(position);
    } else {
      rest_ = before;
    }
    Flags(&one);
    if (rest_.starts_with('*')) {
      rest_.remove_prefix(1);
      Value width = Take(0);
      if (!width.type.is_exact() || width.type.decimal_scale() != 0) {
        Fail("the width of a format is an integer");
      }
      int128_t given = width.is_null ? 0 : width.Unscaled();
      if (given >= kWidest || given <= -kWidest) Fail("a width in a format is at most 9999");
      one.left |= given < 0;
      one.width = static_cast<int>(given < 0 ? -given : given);
    } else {
      one.width = Number();
    }
    if (rest_.starts_with('.')) {
      rest_.remove_prefix(1);
      one.precision = Number();
    }
    while (rest_.starts_with('l')) rest_.remove_prefix(1);  // a size says nothing here
    if (rest_.empty()) Fail("the format ends within a specification; % is written %%");
    one.letter = rest_[0];
    rest_.remove_prefix(1);
    return one;
  }

  Value Take(size_t argument) {
    size_t number = argument == 0 ? ++last_ : (last_ = argument);
    if (number >= call_.arguments.size()) {
      Fail(fmt::format("the format needs more than {} values", call_.arguments.size() - 1));
    }
    const Vector& vector = *call_.arguments[number];
    if (!vector.IsValid(row_)) return Value::Null(vector.type());
    Value value = Value::FromVector(vector, vector.Index(row_));
    value.type = vector.type();
    return value;
  }

  void Write(const Specification& one) {
    Value value = Take(one.argument);
    switch (one.letter) {
      case 's': return Pad(one, Cut(one, value.is_null ? "" : value.ToString()));
      case 'q':
      case 'Q':
      case 'L':
      case 'I':
      case 'w': return WriteQuoted(one, value);
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o': return WriteInteger(one, value);
      case 'f':
      case 'e':
      case 'E':
      case 'g':
      case 'G': return WriteReal(one, value);
      case 'c': {
        std::string text = value.is_null ? "" : value.ToString();
        return Pad(one, text.empty() ? text : text.substr(0, CharacterBytes(text[0])));
      }
      default: break;
    }
    Fail(fmt::format("a format has no specification of that letter: %{}", one.letter));
  }

  static std::string Cut(const Specification& one, std::string text) {
    if (one.precision < 0) return text;
    size_t at = 0;
    for (int i = 0; i < one.precision && at < text.size(); ++i) at += CharacterBytes(text[at]);
    return text.substr(0, at);
  }

  void WriteQuoted(const Specification& one, const Value& value) {
    std::string quoted;
    if (one.letter == 'I' || one.letter == 'w') {
      if (value.is_null) Fail("null is no identifier: %I");
      AppendQuoted(value.ToString(), '"', &quoted);
      if (one.letter == 'w') quoted = quoted.substr(1, quoted.size() - 2);
    } else if (value.is_null) {
      quoted = one.letter == 'q' ? "(NULL)" : "NULL";
    } else {
      AppendQuoted(value.ToString(), '\'', &quoted);
      if (one.letter == 'q') quoted = quoted.substr(1, quoted.size() - 2);
    }
    Pad(one, quoted);
  }

  static void RequireNumber(const Specification& one, const Value& value) {
    if (value.type.is_numeric() || value.type.id == TypeId::kNull) return;
    Fail(fmt::format("%{} in a format is for numbers, not for {}; use %s or CAST", one.letter,
                     value.type.ToString()));
  }

  void WriteInteger(const Specification& one, const Value& value) {
    RequireNumber(one, value);
    int128_t whole = 0;
    if (!value.is_null && value.type.is_exact()) {
      whole = TruncateDigits(value.Unscaled(), value.type.decimal_scale());
    } else if (!value.is_null && !DoubleToDecimal(std::trunc(value.real), 0, &whole)) {
      Fail("the number is too large for " + std::string{'%', one.letter});
    }
    if (one.letter == 'd' || one.letter == 'i') {
      std::string digits = DecimalToString(whole < 0 ? -whole : whole, 0);
      return WriteDigits(one, whole < 0, digits);
    }
    if (whole < INT64_MIN || whole > UINT64_MAX) Fail("the number has more than 64 bits");
    auto bits = static_cast<uint64_t>(whole);
    std::string digits = one.letter == 'x'   ? fmt::format("{:x}", bits)
                         : one.letter == 'X' ? fmt::format("{:X}", bits)
                         : one.letter == 'o' ? fmt::format("{:o}", bits)
                                             : fmt::format("{}", bits);
    WriteDigits(one, false, digits);
  }

  void WriteReal(const Specification& one, const Value& value) {
    RequireNumber(one, value);
    int precision = one.precision < 0 ? 6 : one.precision;
    std::string digits;
    bool negative = false;
    int128_t rounded = 0;
    if (one.letter == 'f' && !value.is_null && value.type.is_exact() &&
        precision <= value.type.decimal_scale() &&
        RescaleDecimal(value.Unscaled(), value.type.decimal_scale(), precision, &rounded)) {
      negative = rounded < 0;
      digits = DecimalToString(negative ? -rounded : rounded, precision);
    } else {
      double number = value.is_null ? 0
                      : value.type.is_exact()
                          ? DecimalToDouble(value.Unscaled(), value.type.decimal_scale())
                          : value.real;
      negative = number < 0;
      double magnitude = negative ? -number : number;
      digits = one.letter == 'f'   ? fmt::format("{:.{}f}", magnitude, precision)
               : one.letter == 'e' ? fmt::format("{:.{}e}", magnitude, precision)
               : one.letter == 'E' ? fmt::format("{:.{}E}", magnitude, precision)
               : one.letter == 'g' ? fmt::format("{:.{}g}", magnitude, precision)
                                   : fmt::format("{:.{}G}", magnitude, precision);
    }
    WriteDigits(one, negative, digits);
  }

  void WriteDigits(const Specification& one, bool negative, std::string digits) {
    std::string sign = negative ? "-" : one.plus ? "+" : one.blank ? " " : "";
    size_t width = static_cast<size_t>(one.width);
    if (one.zeros && !one.left && sign.size() + digits.size() < width) {
      digits.insert(0, width - sign.size() - digits.size(), '0');
    }
    Pad(one, sign + digits);
  }

  void Pad(const Specification& one, const std::string& text) {
    size_t characters = CountCharacters(text), width = static_cast<size_t>(one.width);
    size_t blanks = characters < width ? width - characters : 0;
    if (!one.left) out_->append(blanks, ' ');
    out_->append(text);
    if (one.left) out_->append(blanks, ' ');
  }

  const KernelCall& call_;
  uint32_t row_;
  std::string* out_;
  std::string_view rest_;
  size_t last_ = 0;
};

// Null when the format is; other nulls are written.
void FormatKernel(const KernelCall& call) {
  uint32_t capacity = call.rows.is_dense() ? call.rows.count : kVectorSize;
  call.result->PrepareWrite(capacity == 0 ? 1 : capacity);
  auto* out = call.result->MutableData<StringRef>();
  std::string buffer;
  ForEachRow(call.rows, [&](uint32_t row) {
    out[row] = StringRef();
    if (!call.arguments[0]->IsValid(row)) return call.result->SetNull(row);
    buffer.clear();
    Formatter(call, row, &buffer).Run(call.arguments[0]->At<StringRef>(row).view());
    out[row] = call.result->CopyToHeap(buffer);
  });
}

bool ResolveFormat(std::span<const Type> types, BoundFunction* function) {
  if (types.empty() || !TypeOr(types[0], Type::Varchar()).is_character()) return false;
  function->argument_types = {TypeOr(types[0], Type::Varchar())};
  function->result = Type::Varchar();
  function->kernel = FormatKernel;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"FORMAT", "a format and values for it", ResolveFormat},
    {"PRINTF", "a format and values for it", ResolveFormat},
};

}  // namespace

std::span<const FunctionRow> FormatFunctions() { return kRows; }

}  // namespace tupelo

// functions/number_template.cpp: numbers to text and back, digit position by digit position.
//
// The whole part is written from the left: positions before the first digit are blanks, then comes
// the sign, then digits. A zero of the template, and all digits behind it, are written always.
#include "functions/number_template.h"

#include <fmt/format.h>

#include "base/error.h"
#include "functions/datetime_names.h"
#include "types/decimal.h"

namespace tupelo {

namespace {

using Kind = NumberTemplate::Kind;

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

bool Accept(std::string_view upper, std::string_view* text) {
  if (text->size() < upper.size()) return false;
  for (size_t i = 0; i < upper.size(); ++i) {
    if (Upper((*text)[i]) != upper[i]) return false;
  }
  text->remove_prefix(upper.size());
  return true;
}

[[noreturn]] void FailTwice(const char* what) {
  throw Error(ErrorCode::kSyntaxError, fmt::format("the template of a number has two {}", what));
}

void AddSign(Kind kind, NumberTemplate* form) {
  if (form->has_sign) FailTwice("signs");
  form->has_sign = true;
  form->parts.push_back({kind});
}

void AddDigit(bool zero, NumberTemplate* form) {
  form->parts.push_back({zero ? Kind::kZero : Kind::kDigit});
  if (form->has_point) {
    if (zero) form->last_zero = form->fraction_digits;
    ++form->fraction_digits;
  } else {
    if (zero && form->first_zero < 0) form->first_zero = form->whole_digits;
    ++form->whole_digits;
  }
}

void AddOther(std::string_view* text, NumberTemplate* form) {
  for (std::string_view pattern : {"EEEE", "RN", "V", "L"}) {
    if (!Accept(pattern, text)) continue;
    throw Error(ErrorCode::kFeatureNotSupported,
                fmt::format("{} in the template of a number is not supported", pattern));
  }
  if ((*text)[0] != '"') {
    form->parts.push_back({Kind::kLiteral, (*text)[0]});
    text->remove_prefix(1);
    return;
  }
  size_t i = 1;
  for (; i < text->size() && (*text)[i] != '"'; ++i) {
    form->parts.push_back({Kind::kLiteral, (*text)[i]});
  }
  text->remove_prefix(std::min(i + 1, text->size()));
}

}  // namespace

NumberTemplate ParseNumberTemplate(std::string_view text) {
  NumberTemplate form;
  while (!text.empty()) {
    std::string_view before = text;
    if (Accept("FM", &text)) {
      form.unpadded = true;
    } else if (Accept("9", &text) || Accept("0", &text)) {
      AddDigit(before[0] == '0', &form);
    } else if (Accept(".", &text) || Accept("D", &text)) {
      if (form.has_point) FailTwice("points");
      form.has_point = true;
      form.parts.push_back({Kind::kPoint});
    } else if (Accept(",", &text) || Accept("G", &text)) {
      form.parts.push_back({Kind::kComma});
    } else if (Accept("SG", &text) || Accept("S", &text)) {
      AddSign(Kind::kSign, &form);
    } else if (Accept("MI", &text)) {
      AddSign(Kind::kMinus, &form);
    } else if (Accept("PL", &text)) {
      AddSign(Kind::kPlus, &form);
    } else if (Accept("PR", &text)) {
      if (form.has_sign) FailTwice("signs");
      form.has_sign = form.brackets = true;
    } else if (Accept("TH", &text)) {
      form.ordinal =
          before[0] == 'T' ? NumberTemplate::Ordinal::kUpper : NumberTemplate::Ordinal::kLower;
    } else {
      AddOther(&text, &form);
    }
  }
  return form;
}

namespace {

class NumberWriter {
 public:
  NumberWriter(const NumberTemplate& form, bool negative, std::string_view whole,
               std::string_view fraction)
      : form_(form), negative_(negative), whole_(whole), fraction_(fraction) {
    fits_ = static_cast<int>(whole.size()) <= form.whole_digits || (whole == "0");
    // A zero before the point is left out where the template asks for no zero.
    bool no_whole = whole == "0" && form.fraction_digits > 0 && form.first_zero < 0;
    blanks_ = no_whole ? form.whole_digits : form.whole_digits - static_cast<int>(whole.size());
    first_ = form.first_zero >= 0 ? std::min(blanks_, form.first_zero) : blanks_;
    last_ = form.fraction_digits - 1;
    if (form.unpadded) {
      while (last_ > form.last_zero && fraction_[static_cast<size_t>(last_)] == '0') --last_;
    }
  }

  std::string Write() {
    for (const NumberTemplate::Part& part : form_.parts) WritePart(part);
    if (!sign_written_) WriteLeadingSign();
    if (form_.ordinal != NumberTemplate::Ordinal::kNone && !negative_) {
      for (char c : OrdinalSuffix(whole_)) {
        out_ += form_.ordinal == NumberTemplate::Ordinal::kUpper ? Upper(c) : c;
      }
    }
    if (form_.brackets && (negative_ || !form_.unpadded)) out_ += negative_ ? '>' : ' ';
    return std::move(out_);
  }

 private:
  void Blank() {
    if (!form_.unpadded) out_ += ' ';
  }

  // Directly before the first digit, when the template has no sign of its own.
  void WriteLeadingSign() {
    sign_written_ = true;
    if (form_.brackets) {
      if (negative_) {
        out_ += '<';
      } else {
        Blank();
      }
    } else if (!form_.has_sign) {
      if (negative_) {
        out_ += '-';
      } else {
        Blank();
      }
    } else if (leading_sign_ != 0) {
      out_ += leading_sign_;
    }
  }

  void WriteWholeDigit() {
    int at = whole_at_++;
    if (at < first_) return Blank();
    if (!sign_written_) WriteLeadingSign();
    if (!fits_) {
      out_ += '#';
    } else {
      out_ += at < form_.whole_digits - static_cast<int>(whole_.size())
                  ? '0'
                  : whole_[static_cast<size_t>(at - form_.whole_digits) + whole_.size()];
    }
  }

  void WriteFractionDigit() {
    int at = fraction_at_++;
    if (at > last_) return;
    out_ += fits_ ? fraction_[static_cast<size_t>(at)] : '#';
  }

  void WritePart(const NumberTemplate::Part& part) {
    switch (part.kind) {
      case Kind::kDigit:
      case Kind::kZero:
        if (in_fraction_) {
          WriteFractionDigit();
        } else {
          WriteWholeDigit();
        }
        return;
      case Kind::kPoint:
        if (!sign_written_) WriteLeadingSign();
        in_fraction_ = true;
        out_ += '.';
        return;
      case Kind::kComma:
        if (whole_at_ <= first_ && !in_fraction_) return Blank();
        out_ += ',';
        return;
      case Kind::kSign:
        if (whole_at_ == 0 && !in_fraction_ && form_.parts.size() > 1) {
          leading_sign_ = negative_ ? '-' : '+';  // it goes next to the first digit
        } else {
          out_ += negative_ ? '-' : '+';
        }
        return;
      case Kind::kMinus:
        if (negative_) {
          out_ += '-';
        } else {
          Blank();
        }
        return;
      case Kind::kPlus:
        if (!negative_) {
          out_ += '+';
        } else {
          out_ += '-';
        }
        return;
      case Kind::kLiteral: out_ += part.character; return;
    }
  }

  const NumberTemplate& form_;
  bool negative_;
  std::string_view whole_, fraction_;
  bool fits_ = true, sign_written_ = false, in_fraction_ = false;
  int blanks_ = 0, first_ = 0, last_ = 0;
  int whole_at_ = 0, fraction_at_ = 0;
  char leading_sign_ = 0;
  std::string out_;
};

}  // namespace

std::string FormatNumber(const NumberTemplate& form, bool negative, std::string_view whole,
                         std::string_view fraction) {
  return NumberWriter(form, negative, whole, fraction).Write();
}

int128_t ParseNumber(const NumberTemplate& form, std::string_view text, int scale) {
  auto fail = [&](const char* what) {
    throw Error(ErrorCode::kInvalidCast,
                fmt::format("the text does not fit the template; {}: {}", what, text));
  };
  bool negative = false, has_point = false, has_digits = false;
  int whole = 0, fraction = 0;
  int128_t value = 0;
  for (char c : text) {
    if (c >= '0' && c <= '9') {
      has_digits = true;
      if (++(has_point ? fraction : whole) >
          (has_point ? form.fraction_digits : form.whole_digits)) {
        fail("it has more digits");
      }
      value = value * 10 + (c - '0');
    } else if (c == '.') {
      if (std::exchange(has_point, true)) fail("it has two points");
    } else if (c == '-' || c == '<') {
      negative = true;
    } else if (c != ',' && c != ' ' && c != '+' && c != '>') {
      fail("it has other characters than digits, sign, point and comma");
    }
  }
  if (!has_digits) fail("it has no digits");
  constexpr int kMostDigits = 38;
  if (whole + scale > kMostDigits || fraction > scale) {
    throw Error(ErrorCode::kNumericOutOfRange,
                fmt::format("TO_NUMBER gives DECIMAL(38, {}): {}", scale, text));
  }
  value *= PowerOfTen(scale - fraction);
  return negative ? -value : value;
}

}  // namespace tupelo

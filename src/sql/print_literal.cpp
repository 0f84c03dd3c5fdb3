// sql/print_literal.cpp: literals to SQL text.
#include "sql/printer.h"

namespace tupelo::ast {

void Printer::PrintBinary(std::string_view octets) {
  static constexpr char kHexDigits[] = "0123456789ABCDEF";
  Add(style_ != nullptr ? "DECODE('" : "X'");
  for (char c : octets) {
    out_ += kHexDigits[static_cast<uint8_t>(c) >> 4];
    out_ += kHexDigits[static_cast<uint8_t>(c) & 15];
  }
  Add(style_ != nullptr ? "', 'hex')" : "'");
}

void Printer::PrintInterval(const LiteralExpression& literal) {
  if (literal.negative) Add(style_ != nullptr ? "-INTERVAL " : "INTERVAL -");
  if (!literal.negative) Add("INTERVAL ");
  PrintQuoted(literal.text, '\'');
  Add(" ");
  Print(literal.interval);
}

void Printer::PrintLiteral(const LiteralExpression& literal) {
  switch (literal.literal) {
    case LiteralKind::kExact:
    case LiteralKind::kApproximate: return Add(literal.text);
    case LiteralKind::kCharacter: return PrintQuoted(literal.text, '\'');
    case LiteralKind::kNational:
      if (style_ == nullptr) Add("N");
      return PrintQuoted(literal.text, '\'');
    case LiteralKind::kBinary: return PrintBinary(literal.text);
    case LiteralKind::kTrue: return Add("TRUE");
    case LiteralKind::kFalse: return Add("FALSE");
    case LiteralKind::kUnknown: return Add("UNKNOWN");
    case LiteralKind::kNull: return Add("NULL");
    case LiteralKind::kDate: Add("DATE "); return PrintQuoted(literal.text, '\'');
    case LiteralKind::kTime: Add("TIME "); return PrintQuoted(literal.text, '\'');
    case LiteralKind::kTimestamp: Add("TIMESTAMP "); return PrintQuoted(literal.text, '\'');
    case LiteralKind::kInterval: return PrintInterval(literal);
  }
}

}  // namespace tupelo::ast

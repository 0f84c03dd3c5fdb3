// sql/parse_literal.cpp: literals and plain numbers.
#include <cstring>

#include "sql/parser_state.h"

namespace tupelo::ast {

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

const Expression* Parser::ParseNumber(LiteralKind kind) {
  Position begin = token_.position;
  auto* node = New<LiteralExpression>();
  node->literal = kind;
  node->text = token_.text;
  Advance();
  if (At(TokenKind::kWord) && token_.position == previous_end_) {
    throw Error(ErrorCode::kSyntaxError, "a letter follows directly after a number",
                token_.position);
  }
  return Seal(node, begin);
}

const Expression* Parser::ParseConstant(LiteralKind kind) {
  Position begin = token_.position;
  auto* node = New<LiteralExpression>();
  node->literal = kind;
  Advance();
  return Seal(node, begin);
}

// The text of the string at token_ and of those that follow it, each on a later line: they are one
// string.
std::string_view Parser::ParseStringText(TokenKind kind) {
  std::string_view text = token_.text;
  Advance();
  if (!At(TokenKind::kString)) return text;
  // 1. Gather the parts.
  NodeList<std::string_view> parts = NewList<std::string_view>();
  parts.Add(text);
  size_t size = text.size();
  for (; At(TokenKind::kString); Advance()) {
    if (TextBetween(previous_end_, token_.position).find('\n') == std::string_view::npos) {
      FailSyntax(kind == TokenKind::kString ? "a new line between two parts of a string"
                                            : "a new line before the string");
    }
    parts.Add(token_.text);
    size += token_.text.size();
  }
  // 2. Join them.
  char* joined = arena_.NewArray<char>(size + 1);
  char* to = joined;
  for (std::string_view part : parts.Finish()) {
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  return {joined, size};
}

const Expression* Parser::ParseString(LiteralKind kind) {
  Position begin = token_.position;
  auto* node = New<LiteralExpression>();
  node->literal = kind;
  node->text = ParseStringText(token_.kind);
  return Seal(node, begin);
}

const Expression* Parser::ParseBinaryString() {
  Position begin = token_.position;
  auto* node = New<LiteralExpression>();
  node->literal = LiteralKind::kBinary;
  std::string_view digits = ParseStringText(TokenKind::kBinaryString);
  if (digits.size() % 2 != 0) {
    throw Error(ErrorCode::kSyntaxError, "a binary string has an even number of hexadecimal digits",
                begin);
  }
  char* bytes = arena_.NewArray<char>(digits.size() / 2 + 1);
  for (size_t i = 0; i < digits.size(); i += 2) {
    int high = HexDigit(digits[i]);
    int low = HexDigit(digits[i + 1]);
    if (high < 0 || low < 0) {
      throw Error(ErrorCode::kSyntaxError, "a binary string holds hexadecimal digits only", begin);
    }
    bytes[i / 2] = static_cast<char>(high * 16 + low);
  }
  node->text = {bytes, digits.size() / 2};
  return Seal(node, begin);
}

const Expression* Parser::ParseDatetimeLiteral(LiteralKind kind) {
  Position begin = token_.position;
  Advance();
  auto* node = New<LiteralExpression>();
  node->literal = kind;
  node->text = ParseStringText(TokenKind::kString);
  return Seal(node, begin);
}

bool Parser::AtZonedLiteral() {
  if (!At(Keyword::kTime) && !At(Keyword::kTimestamp)) return false;
  Keyword next = Peek().keyword;
  return (next == Keyword::kWith || next == Keyword::kWithout) &&
         Peek(2).keyword == Keyword::kTime && Peek(3).keyword == Keyword::kZone &&
         Peek(4).kind == TokenKind::kString;
}

// {TIME | TIMESTAMP} {WITH | WITHOUT} TIME ZONE '..': as in PostgreSQL, the text as that type.
const Expression* Parser::ParseZonedLiteral() {
  Position begin = token_.position;
  auto* node = New<CastExpression>();
  node->type = ParseType();
  node->type.precision = kMaxFractionalDigits;
  Position text_begin = token_.position;
  auto* text = New<LiteralExpression>();
  text->literal = LiteralKind::kCharacter;
  text->text = ParseStringText(TokenKind::kString);
  node->operand = Seal(text, text_begin);
  return Seal(node, begin, text->height);
}

const Expression* Parser::ParseIntervalLiteral() {
  Position begin = token_.position;
  Advance();
  auto* node = New<LiteralExpression>();
  node->literal = LiteralKind::kInterval;
  if (!At(TokenKind::kString)) {
    node->negative = At(TokenKind::kMinus);
    Advance();
  }
  node->text = ParseStringText(TokenKind::kString);
  node->interval = ParseIntervalQualifier();
  return Seal(node, begin);
}

int32_t Parser::ExpectInteger(const char* what) {
  if (!At(TokenKind::kExactNumber) || token_.text.find('.') != std::string_view::npos)
    FailSyntax(what);
  int64_t value = 0;
  for (char c : token_.text) {
    value = value * 10 + (c - '0');
    if (value > INT32_MAX) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  "a number is larger than 2147483647: " + std::string(token_.text.substr(0, 40)),
                  token_.position);
    }
  }
  Advance();
  return static_cast<int32_t>(value);
}

SignedInteger Parser::ExpectSignedInteger() {
  SignedInteger number;
  number.position = token_.position;
  if (At(TokenKind::kMinus) || At(TokenKind::kPlus)) {
    number.negative = At(TokenKind::kMinus);
    Advance();
  }
  if (!At(TokenKind::kExactNumber) || token_.text.find('.') != std::string_view::npos)
    FailSyntax("a whole number");
  number.digits = token_.text;
  Advance();
  return number;
}

}  // namespace tupelo::ast

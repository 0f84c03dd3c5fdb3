// sql/parser.cpp: the parser's entry points, its tokens and its error messages.
#include "sql/parser.h"

#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo {

namespace ast {

namespace {

// Expectations are keywords as they are, and token kinds from here on.
constexpr uint16_t kFirstTokenExpectation = 0x8000;
constexpr size_t kLongestQuotation = 40;

std::string Describe(uint16_t expectation) {
  if (expectation < kFirstTokenExpectation) {
    return std::string(KeywordText(static_cast<Keyword>(expectation)));
  }
  switch (static_cast<TokenKind>(expectation - kFirstTokenExpectation)) {
    case TokenKind::kEnd: return "the end of the statement";
    case TokenKind::kString: return "a character string";
    case TokenKind::kExactNumber: return "a number";
    case TokenKind::kLeftParen: return "\"(\"";
    case TokenKind::kRightParen: return "\")\"";
    case TokenKind::kComma: return "\",\"";
    case TokenKind::kPeriod: return "\".\"";
    case TokenKind::kEqual: return "\"=\"";
    case TokenKind::kStar: return "\"*\"";
    default: return "another token";
  }
}

}  // namespace

Parser::Parser(std::string_view sql, Arena& arena, bool parameters_allowed)
    : sql_(sql),
      arena_(arena),
      lexer_(sql, arena),
      parameters_allowed_(parameters_allowed),
      parameter_names_(arena) {
  token_ = lexer_.Next();
}

void Parser::Advance() {
  previous_end_ = token_.end;
  expected_count_ = 0;
  if (ahead_count_ == 0) {
    token_ = lexer_.Next();
    return;
  }
  token_ = ahead_[0];
  --ahead_count_;
  for (int i = 0; i < ahead_count_; ++i) ahead_[i] = ahead_[i + 1];
}

const Token& Parser::Peek(int distance) {
  while (ahead_count_ < distance) ahead_[ahead_count_++] = lexer_.Next();
  return ahead_[distance - 1];
}

bool Parser::AtName() const {
  if (token_.kind == TokenKind::kWord) return ClassOf(token_.keyword) != KeywordClass::kReserved;
  return token_.kind == TokenKind::kQuotedName;
}

// A word that is no keyword. `upper`: in upper case.
bool Parser::AtWord(std::string_view upper) const {
  return token_.kind == TokenKind::kWord &&
         std::ranges::equal(token_.text, upper, [](char c, char u) {
           return (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) == u;
         });
}

bool Parser::AtAlias() const {
  if (token_.kind == TokenKind::kWord) return ClassOf(token_.keyword) == KeywordClass::kUsable;
  return token_.kind == TokenKind::kQuotedName;
}

void Parser::Remember(uint16_t expectation) {
  if (expected_count_ < kMaxExpectations) expected_[expected_count_++] = expectation;
}

bool Parser::Accept(TokenKind kind) {
  if (token_.kind == kind) {
    Advance();
    return true;
  }
  Remember(static_cast<uint16_t>(kFirstTokenExpectation + static_cast<uint16_t>(kind)));
  return false;
}

bool Parser::Accept(Keyword keyword) {
  if (token_.keyword == keyword) {
    Advance();
    return true;
  }
  Remember(static_cast<uint16_t>(keyword));
  return false;
}

bool Parser::Accept(Keyword first, Keyword second) {
  if (token_.keyword == first && Peek().keyword == second) {
    Advance();
    Advance();
    return true;
  }
  Remember(static_cast<uint16_t>(first));
  return false;
}

void Parser::Expect(TokenKind kind) {
  if (!Accept(kind)) FailSyntax();
}

void Parser::Expect(Keyword keyword) {
  if (!Accept(keyword)) FailSyntax();
}

Identifier Parser::ExpectName(const char* what) {
  if (!AtName()) FailSyntax(what);
  Identifier name{token_.text, token_.kind == TokenKind::kQuotedName, token_.position};
  Advance();
  return name;
}

void Parser::FailSyntax(const char* what) {
  std::string message;
  if (At(TokenKind::kEnd)) {
    message = "syntax error at the end of the statement";
  } else {
    std::string_view found = TextBetween(token_.position, token_.end);
    bool cut = found.size() > kLongestQuotation;
    if (cut) {
      size_t length = kLongestQuotation;
      while ((static_cast<uint8_t>(found[length]) & 0xC0) == 0x80) --length;
      found = found.substr(0, length);
    }
    message.append("syntax error at \"").append(found).append(cut ? "...\"" : "\"");
  }
  // 1. What was tried, each once, in the order tried; what ends the text last.
  std::vector<std::string> expected;
  if (what != nullptr) expected.emplace_back(what);
  for (int i = 0; i < expected_count_; ++i) {
    std::string description = Describe(expected_[i]);
    if (std::find(expected.begin(), expected.end(), description) == expected.end()) {
      expected.push_back(std::move(description));
    }
  }
  // 2. As an English list.
  for (size_t i = 0; i < expected.size(); ++i) {
    if (i == 0) {
      message += ": expected ";
    } else {
      message += i + 1 == expected.size() ? " or " : ", ";
    }
    message += expected[i];
  }
  if (token_.kind == TokenKind::kWord && ClassOf(token_.keyword) == KeywordClass::kReserved &&
      what != nullptr && std::string_view(what).find("name") != std::string_view::npos) {
    message.append(" (")
        .append(KeywordText(token_.keyword))
        .append(" is reserved: as a name it stands in double quotes)");
  }
  throw Error(ErrorCode::kSyntaxError, message, token_.position);
}

void Parser::FailNesting() const {
  throw Error(ErrorCode::kStatementTooComplex,
              "the statement is nested too deeply: more than " + std::to_string(kMaxNestingDepth) +
                  " levels",
              token_.position);
}

void Parser::FailUnsupported(std::string_view feature, Position position) {
  std::string message(feature);
  throw Error(ErrorCode::kFeatureNotSupported, message + " is not supported", position);
}

void Parser::SetHeight(Expression* node, uint32_t child_height) {
  uint32_t height = child_height + 1;
  if (height > kMaxNestingDepth) FailNesting();
  node->height = static_cast<uint16_t>(height);
  highest_ = std::max(highest_, height);
}

ParsedStatement Parser::ParseWholeStatement() {
  if (At(TokenKind::kEnd)) {
    throw Error(ErrorCode::kSyntaxError, "the text holds no statement", token_.position);
  }
  ParsedStatement parsed;
  parsed.statement = ParseStatement();
  if (At(TokenKind::kSemicolon)) {
    Advance();
    if (!At(TokenKind::kEnd)) {
      throw Error(ErrorCode::kSyntaxError,
                  "text after the end of the statement: one statement is expected",
                  token_.position);
    }
  } else {
    Expect(TokenKind::kEnd);
  }
  parsed.parameter_count = parameter_count_;
  parsed.parameter_names = parameter_names_.Finish();
  return parsed;
}

const Expression* Parser::ParseWholeExpression() {
  const Expression* expression = ParseExpression();
  if (!At(TokenKind::kEnd)) FailSyntax("the end of the expression");
  return expression;
}

}  // namespace ast

namespace {

void CheckSize(std::string_view sql) {
  if (sql.size() >= kNoPosition) {
    throw Error(ErrorCode::kProgramLimit, "the text of a statement is limited to 4 GiB");
  }
}

}  // namespace

ParsedStatement ParseStatement(std::string_view sql, Arena& arena) {
  CheckSize(sql);
  return ast::Parser(sql, arena, true).ParseWholeStatement();
}

const ast::Expression* ParseExpression(std::string_view text, Arena& arena) {
  CheckSize(text);
  return ast::Parser(text, arena, false).ParseWholeExpression();
}

bool NextStatement(std::string_view script, size_t* offset, std::string_view* statement) {
  CheckSize(script);
  Arena arena;
  Lexer lexer(script, arena, *offset);
  Token token = lexer.Next();
  while (token.kind == TokenKind::kSemicolon) token = lexer.Next();
  if (token.kind == TokenKind::kEnd) {
    *offset = script.size();
    return false;
  }
  Position begin = token.position;
  Position end = token.end;
  for (; token.kind != TokenKind::kSemicolon && token.kind != TokenKind::kEnd;
       token = lexer.Next()) {
    end = token.end;
  }
  *offset = token.end;
  *statement = script.substr(begin, end - begin);
  return true;
}

}  // namespace tupelo

// sql/parse_window.cpp: what follows the arguments of aggregates and window functions; windows.
#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo::ast {

namespace {

void Raise(uint32_t* height, const Expression* expression) {
  *height = std::max<uint32_t>(*height, expression->height);
}

}  // namespace

// Behind the arguments: ON OVERFLOW ..., ORDER BY ... . nullptr where there is neither.
CallClauses* Parser::ParseArgumentClauses(uint32_t* height) {
  CallClauses* clauses = nullptr;
  if (At(Keyword::kOn) && Peek().keyword == Keyword::kOverflow) {
    clauses = New<CallClauses>();
    Advance();
    Advance();
    ParseOverflow(clauses, height);
  }
  if (At(Keyword::kOrder)) {
    if (clauses == nullptr) clauses = New<CallClauses>();
    clauses->order_by = ParseOrderBy();
    for (const SortKey& key : clauses->order_by) Raise(height, key.expression);
  }
  if (At(Keyword::kUsing)) FailUnsupported("USING in a function call", token_.position);
  return clauses;
}

// Behind ON OVERFLOW: ERROR, or TRUNCATE [filler] WITH | WITHOUT COUNT.
void Parser::ParseOverflow(CallClauses* clauses, uint32_t* height) {
  clauses->overflow_given = true;
  if (AtWord("ERROR")) return Advance();
  if (!Accept(Keyword::kTruncate)) FailSyntax("ERROR");
  auto* overflow = New<OverflowClause>();
  if (!At(Keyword::kWith) && !At(Keyword::kWithout)) {
    overflow->filler = ParseOperators(kConcatenateLevel);
    Raise(height, overflow->filler);
  }
  overflow->with_count = Accept(Keyword::kWith);
  if (!overflow->with_count) Expect(Keyword::kWithout);
  if (!AtWord("COUNT")) FailSyntax("COUNT");
  Advance();
  clauses->overflow = overflow;
}

// Behind the closing parenthesis, and adds to the clauses that stood within it.
const Expression* Parser::ParseCallTail(FunctionCall* call, CallClauses* clauses, Position begin,
                                        uint32_t height) {
  auto provide = [&] {
    if (clauses == nullptr) clauses = New<CallClauses>();
    return clauses;
  };
  if (At(Keyword::kWithin) && Peek().keyword == Keyword::kGroup) {
    if (!provide()->order_by.empty()) {
      throw Error(ErrorCode::kSyntaxError, "ORDER BY stands twice: before and in WITHIN GROUP",
                  token_.position);
    }
    Advance();
    Advance();
    Expect(TokenKind::kLeftParen);
    if (!At(Keyword::kOrder)) Expect(Keyword::kOrder);
    clauses->order_by = ParseOrderBy();
    clauses->within_group = true;
    for (const SortKey& key : clauses->order_by) Raise(&height, key.expression);
    Expect(TokenKind::kRightParen);
  }
  if (At(Keyword::kFilter) && Peek().kind == TokenKind::kLeftParen) {
    Advance();
    Advance();
    Expect(Keyword::kWhere);
    call->filter = ParseExpression();
    Raise(&height, call->filter);
    Expect(TokenKind::kRightParen);
  }
  if (AtFromFirstOrLast()) {
    Advance();
    provide()->from_given = true;
    clauses->from_last = At(Keyword::kLast);
    Advance();
  }
  if ((At(Keyword::kIgnore) || At(Keyword::kRespect)) && Peek().keyword == Keyword::kNulls) {
    provide()->nulls = At(Keyword::kIgnore) ? NullTreatment::kIgnore : NullTreatment::kRespect;
    Advance();
    Advance();
  }
  if (At(Keyword::kOver)) {
    const Token& next = Peek();
    bool name = next.kind == TokenKind::kQuotedName ||
                (next.kind == TokenKind::kWord && ClassOf(next.keyword) != KeywordClass::kReserved);
    if (name || next.kind == TokenKind::kLeftParen) {
      Advance();
      provide()->over = ParseOver();
      height = std::max<uint32_t>(height, clauses->over->height);
    }
  }
  call->clauses = clauses;
  return RewriteHypothetical(*Seal(call, begin, height));
}

// FROM FIRST and FROM LAST of NTH_VALUE, not the FROM of the query.
bool Parser::AtFromFirstOrLast() {
  if (!At(Keyword::kFrom)) return false;
  Keyword place = Peek(1).keyword;
  if (place != Keyword::kFirst && place != Keyword::kLast) return false;
  Keyword next = Peek(2).keyword;
  return next == Keyword::kOver || next == Keyword::kIgnore || next == Keyword::kRespect;
}

// Behind OVER: a name, or a specification in parentheses.
const WindowSpecification* Parser::ParseOver() {
  if (At(TokenKind::kLeftParen)) return ParseWindowSpecification();
  auto* window = New<WindowSpecification>();
  window->position = token_.position;
  window->is_name = true;
  window->base = ExpectName("the name of a window");
  return window;
}

const WindowSpecification* Parser::ParseWindowSpecification() {
  Nesting nesting(*this);
  auto* window = New<WindowSpecification>();
  window->position = token_.position;
  uint32_t height = 0;
  Expect(TokenKind::kLeftParen);
  bool partition = At(Keyword::kPartition) && Peek().keyword == Keyword::kBy;
  bool frame = At(Keyword::kRows) || At(Keyword::kRange) || At(Keyword::kGroups);
  if (!partition && !frame && AtName()) window->base = ExpectName("the name of a window");
  if (Accept(Keyword::kPartition)) {
    Expect(Keyword::kBy);
    window->partition_by = ParseExpressionList(&height);
  }
  if (At(Keyword::kOrder)) {
    window->order_by = ParseOrderBy();
    for (const SortKey& key : window->order_by) Raise(&height, key.expression);
  }
  if (At(Keyword::kRows) || At(Keyword::kRange) || At(Keyword::kGroups)) {
    window->frame = ParseFrame(&height);
  }
  Expect(TokenKind::kRightParen);
  window->height = static_cast<uint16_t>(height);
  return window;
}

const WindowFrame* Parser::ParseFrame(uint32_t* height) {
  auto* frame = New<WindowFrame>();
  frame->position = token_.position;
  frame->unit = At(Keyword::kRows)    ? FrameUnit::kRows
                : At(Keyword::kRange) ? FrameUnit::kRange
                                      : FrameUnit::kGroups;
  Advance();
  bool between = Accept(Keyword::kBetween);
  frame->start = ParseFrameBound(height);
  if (between) {
    Expect(Keyword::kAnd);
    frame->end = ParseFrameBound(height);
  }
  CheckFrame(*frame);
  if (Accept(Keyword::kExclude)) {
    if (Accept(Keyword::kCurrent)) {
      Expect(Keyword::kRow);
      frame->exclusion = FrameExclusion::kCurrentRow;
    } else if (Accept(Keyword::kGroup)) {
      frame->exclusion = FrameExclusion::kGroup;
    } else if (Accept(Keyword::kTies)) {
      frame->exclusion = FrameExclusion::kTies;
    } else {
      Expect(Keyword::kNo);
      Expect(Keyword::kOthers);
    }
  }
  return frame;
}

FrameBound Parser::ParseFrameBound(uint32_t* height) {
  FrameBound bound;
  bound.position = token_.position;
  Keyword next = Peek().keyword;
  bool directed = next == Keyword::kPreceding || next == Keyword::kFollowing;
  bool unbounded = At(Keyword::kUnbounded) && directed;
  if (At(Keyword::kCurrent) && next == Keyword::kRow) {
    Advance();
    Advance();
    return bound;
  }
  if (unbounded) {
    Advance();
  } else {
    bound.offset = ParseOperators(kConcatenateLevel);
    Raise(height, bound.offset);
  }
  bool preceding = Accept(Keyword::kPreceding);
  if (!preceding) Expect(Keyword::kFollowing);
  if (unbounded) {
    bound.kind =
        preceding ? FrameBoundKind::kUnboundedPreceding : FrameBoundKind::kUnboundedFollowing;
  } else {
    bound.kind = preceding ? FrameBoundKind::kPreceding : FrameBoundKind::kFollowing;
  }
  return bound;
}

// A frame does not end before it starts.
void Parser::CheckFrame(const WindowFrame& frame) {
  FrameBoundKind start = frame.start.kind, end = frame.end.kind;
  if (start == FrameBoundKind::kUnboundedFollowing) {
    throw Error(ErrorCode::kWindowingError, "a frame cannot start with UNBOUNDED FOLLOWING",
                frame.start.position);
  }
  if (end == FrameBoundKind::kUnboundedPreceding) {
    throw Error(ErrorCode::kWindowingError, "a frame cannot end with UNBOUNDED PRECEDING",
                frame.end.position);
  }
  if (start == FrameBoundKind::kCurrentRow && end == FrameBoundKind::kPreceding) {
    throw Error(ErrorCode::kWindowingError,
                "a frame starting from the current row cannot have preceding rows",
                frame.start.position);
  }
  if (start == FrameBoundKind::kFollowing && end < FrameBoundKind::kFollowing) {
    throw Error(ErrorCode::kWindowingError,
                "a frame starting from a following row cannot have preceding rows",
                frame.start.position);
  }
}

// WINDOW name AS (specification), ...
List<WindowDefinition> Parser::ParseWindows() {
  Advance();
  NodeList<WindowDefinition> windows = NewList<WindowDefinition>();
  do {
    WindowDefinition window;
    window.name = ExpectName("the name of a window");
    Expect(Keyword::kAs);
    window.specification = ParseWindowSpecification();
    windows.Add(window);
  } while (Accept(TokenKind::kComma));
  return windows.Finish();
}

}  // namespace tupelo::ast

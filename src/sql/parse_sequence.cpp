// sql/parse_sequence.cpp: CREATE, ALTER and DROP SEQUENCE, and the options of numbers.
#include "sql/parser_state.h"

namespace tupelo::ast {

IdentityOptions Parser::ParseIdentityOptions(SequenceClause clause) {
  IdentityOptions options;
  bool any = false;
  for (;; any = true) {
    Position begin = token_.position;
    bool twice = false;
    if (Accept(Keyword::kStart)) {
      Accept(Keyword::kWith);
      twice = !options.start.empty();
      options.start = ExpectSignedInteger();
    } else if (clause == SequenceClause::kAlter && Accept(Keyword::kRestart)) {
      twice = options.restart;
      options.restart = true;
      if (Accept(Keyword::kWith) || At(TokenKind::kExactNumber) || At(TokenKind::kMinus)) {
        options.restart_with = ExpectSignedInteger();
      }
    } else if (Accept(Keyword::kIncrement)) {
      Accept(Keyword::kBy);
      twice = !options.increment.empty();
      options.increment = ExpectSignedInteger();
    } else if (Accept(Keyword::kMinvalue)) {
      twice = !options.minimum.empty() || options.no_minimum;
      options.minimum = ExpectSignedInteger();
    } else if (Accept(Keyword::kMaxvalue)) {
      twice = !options.maximum.empty() || options.no_maximum;
      options.maximum = ExpectSignedInteger();
    } else if (Accept(Keyword::kCycle)) {
      twice = options.cycle_given;
      options.cycle_given = options.cycle = true;
    } else if (Accept(Keyword::kNo)) {
      if (Accept(Keyword::kMinvalue)) {
        twice = !options.minimum.empty() || options.no_minimum;
        options.no_minimum = true;
      } else if (Accept(Keyword::kMaxvalue)) {
        twice = !options.maximum.empty() || options.no_maximum;
        options.no_maximum = true;
      } else {
        Expect(Keyword::kCycle);
        twice = options.cycle_given;
        options.cycle_given = true;
      }
    } else {
      if (!any && clause != SequenceClause::kCreate) FailSyntax();
      return options;
    }
    if (twice) throw Error(ErrorCode::kSyntaxError, "an option stands twice", begin);
  }
}

// At SEQUENCE.
const Statement* Parser::ParseCreateSequence(Position begin) {
  auto* statement = New<CreateSequenceStatement>();
  statement->position = begin;
  Advance();
  statement->if_not_exists = ParseIfNotExists();
  statement->sequence = ParseQualifiedName("a sequence name");
  if (Accept(Keyword::kAs)) {
    statement->has_type = true;
    statement->type = ParseType();
  }
  statement->options = ParseIdentityOptions(SequenceClause::kCreate);
  statement->end = previous_end_;
  return statement;
}

// At SEQUENCE.
const Statement* Parser::ParseAlterSequence(Position begin) {
  auto* statement = New<AlterSequenceStatement>();
  statement->position = begin;
  Advance();
  statement->sequence = ParseQualifiedName("a sequence name");
  statement->options = ParseIdentityOptions(SequenceClause::kAlter);
  statement->end = previous_end_;
  return statement;
}

// At SEQUENCE.
const Statement* Parser::ParseDropSequence(Position begin) {
  auto* statement = New<DropSequenceStatement>();
  statement->position = begin;
  Advance();
  statement->if_exists = ParseIfExists();
  statement->sequences = ParseQualifiedNames("a sequence name");
  statement->behavior = ParseDropBehavior();
  statement->end = previous_end_;
  return statement;
}

// At NEXT VALUE FOR.
const Expression* Parser::ParseNextValue() {
  Position begin = token_.position;
  auto* next = New<NextValueExpression>();
  Advance();
  Advance();
  Expect(Keyword::kFor);
  next->sequence = ParseQualifiedName("a sequence name");
  return Seal(next, begin);
}

}  // namespace tupelo::ast

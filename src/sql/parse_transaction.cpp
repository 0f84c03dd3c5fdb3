// sql/parse_transaction.cpp: transactions, savepoints, and when constraints are checked.
#include "sql/parser_state.h"

namespace tupelo::ast {

const Statement* Parser::ParseStartTransaction() {
  auto* statement = New<StartTransactionStatement>();
  statement->position = token_.position;
  if (Accept(Keyword::kStart)) {
    Expect(Keyword::kTransaction);
  } else {
    Advance();
    if (!Accept(Keyword::kWork)) Accept(Keyword::kTransaction);
  }
  statement->modes = ParseTransactionModes();
  statement->end = previous_end_;
  return statement;
}

const Statement* Parser::ParseSetTransaction() {
  auto* statement = New<SetTransactionStatement>();
  statement->position = token_.position;
  Advance();
  statement->of_session = Accept(Keyword::kSession);
  if (statement->of_session) {
    Expect(Keyword::kCharacteristics);
    Expect(Keyword::kAs);
  }
  Expect(Keyword::kTransaction);
  if (!At(Keyword::kIsolation) && !At(Keyword::kRead))
    FailSyntax("ISOLATION LEVEL, READ ONLY or READ WRITE");
  statement->modes = ParseTransactionModes();
  statement->end = previous_end_;
  return statement;
}

// SET CONSTRAINTS {ALL | name [, ...]} {DEFERRED | IMMEDIATE}
const Statement* Parser::ParseSetConstraints() {
  auto* statement = New<SetConstraintsStatement>();
  statement->position = token_.position;
  Advance();
  Advance();
  if (!Accept(Keyword::kAll)) statement->names = ParseQualifiedNames("a constraint name or ALL");
  statement->deferred = Accept(Keyword::kDeferred);
  if (!statement->deferred && !Accept(Keyword::kImmediate)) FailSyntax("DEFERRED or IMMEDIATE");
  statement->end = previous_end_;
  return statement;
}

TransactionModes Parser::ParseTransactionModes() {
  TransactionModes modes;
  bool needed = false;
  for (;;) {
    Position begin = token_.position;
    bool twice = false;
    if (Accept(Keyword::kIsolation)) {
      Expect(Keyword::kLevel);
      twice = modes.isolation_position != kNoPosition;
      modes.isolation_position = begin;
      if (Accept(Keyword::kSerializable)) {
        modes.isolation = IsolationLevel::kSerializable;
      } else if (Accept(Keyword::kRepeatable)) {
        Expect(Keyword::kRead);
        modes.isolation = IsolationLevel::kRepeatableRead;
      } else {
        Expect(Keyword::kRead);
        bool committed = Accept(Keyword::kCommitted);
        if (!committed) Expect(Keyword::kUncommitted);
        modes.isolation =
            committed ? IsolationLevel::kReadCommitted : IsolationLevel::kReadUncommitted;
      }
    } else if (Accept(Keyword::kRead)) {
      twice = modes.access_position != kNoPosition;
      modes.access_position = begin;
      bool only = Accept(Keyword::kOnly);
      if (!only) Expect(Keyword::kWrite);
      modes.access = only ? AccessMode::kReadOnly : AccessMode::kReadWrite;
    } else if (needed) {
      FailSyntax();
    } else {
      return modes;
    }
    if (twice) throw Error(ErrorCode::kSyntaxError, "a transaction mode stands twice", begin);
    needed = Accept(TokenKind::kComma);
    if (!needed && !At(Keyword::kIsolation) && !At(Keyword::kRead)) return modes;
  }
}

// [WORK | TRANSACTION] [AND [NO] CHAIN]
bool Parser::ParseChainOption() {
  if (!Accept(Keyword::kWork)) Accept(Keyword::kTransaction);
  if (!Accept(Keyword::kAnd)) return false;
  bool chain = !Accept(Keyword::kNo);
  Expect(Keyword::kChain);
  return chain;
}

const Statement* Parser::ParseCommit() {
  auto* statement = New<CommitStatement>();
  statement->position = token_.position;
  Advance();
  statement->chain = ParseChainOption();
  statement->end = previous_end_;
  return statement;
}

const Statement* Parser::ParseRollback() {
  auto* statement = New<RollbackStatement>();
  statement->position = token_.position;
  Advance();
  statement->chain = ParseChainOption();
  if (!statement->chain && Accept(Keyword::kTo)) {
    Accept(Keyword::kSavepoint);
    statement->savepoint = ExpectName("a savepoint name");
  }
  statement->end = previous_end_;
  return statement;
}

const Statement* Parser::ParseSavepoint() {
  auto* statement = New<SavepointStatement>();
  statement->position = token_.position;
  Advance();
  statement->savepoint = ExpectName("a savepoint name");
  statement->end = previous_end_;
  return statement;
}

const Statement* Parser::ParseRelease() {
  auto* statement = New<ReleaseSavepointStatement>();
  statement->position = token_.position;
  Advance();
  Accept(Keyword::kSavepoint);
  statement->savepoint = ExpectName("a savepoint name");
  statement->end = previous_end_;
  return statement;
}

}  // namespace tupelo::ast

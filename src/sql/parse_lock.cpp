// sql/parse_lock.cpp: FOR UPDATE and FOR SHARE behind a query.
#include "sql/parser_state.h"

namespace tupelo::ast {

// At FOR: FOR {UPDATE | SHARE} [OF table [, table]...] [NOWAIT | SKIP LOCKED]
const LockClause* Parser::ParseLock() {
  auto* lock = New<LockClause>();
  lock->position = token_.position;
  Advance();
  if (At(Keyword::kRead) && Peek().keyword == Keyword::kOnly) {
    FailUnsupported("FOR READ ONLY", lock->position);
  }
  if (At(Keyword::kNo) && Peek().keyword == Keyword::kKey) {
    FailUnsupported("FOR NO KEY UPDATE", lock->position);
  }
  if (At(Keyword::kKey) && Peek().keyword == Keyword::kShare) {
    FailUnsupported("FOR KEY SHARE", lock->position);
  }
  lock->for_update = Accept(Keyword::kUpdate);
  if (!lock->for_update) Expect(Keyword::kShare);
  if (Accept(Keyword::kOf)) {
    NodeList<Identifier> tables = NewList<Identifier>();
    do {
      Identifier table = ExpectName("a table name");
      if (At(TokenKind::kPeriod)) {
        throw Error(ErrorCode::kSyntaxError,
                    "OF names tables as FROM does, without a schema or a column: " +
                        std::string(table.text) + ".",
                    table.position);
      }
      tables.Add(table);
    } while (Accept(TokenKind::kComma));
    lock->tables = tables.Finish();
  }
  if (Accept(Keyword::kNowait)) {
    lock->wait = LockWait::kNoWait;
  } else if (Accept(Keyword::kSkip)) {
    Expect(Keyword::kLocked);
    lock->wait = LockWait::kSkipLocked;
  }
  if (At(Keyword::kFor)) {
    FailUnsupported("more than one FOR UPDATE or FOR SHARE of a query", token_.position);
  }
  return lock;
}

}  // namespace tupelo::ast

// sql/unsupported_statement.cpp: statements of SQL that this engine does not have, and those it
// does not know.
#include "sql/parser_state.h"

namespace tupelo::ast {

// At the first word of a statement that no rule takes.
void Parser::FailStatement() {
  Position begin = token_.position;
  switch (token_.keyword) {
    case Keyword::kCall:
    case Keyword::kClose:
    case Keyword::kConnect:
    case Keyword::kDeallocate:
    case Keyword::kDescribe:
    case Keyword::kDisconnect:
    case Keyword::kExecute:
    case Keyword::kFetch:
    case Keyword::kGrant:
    case Keyword::kOpen:
    case Keyword::kPrepare:
    case Keyword::kRevoke: FailUnsupported(KeywordText(token_.keyword), begin);
    case Keyword::kDeclare: FailUnsupported("DECLARE", begin);
    case Keyword::kSet: {
      const Token& next = Peek();
      if (next.kind != TokenKind::kWord && next.kind != TokenKind::kQuotedName) {
        Advance();
        FailSyntax("the name of a setting, TIME ZONE, TRANSACTION or CONSTRAINTS");
      }
      FailUnsupported("SET " + std::string(next.text), begin);
    }
    default:
      FailSyntax(
          "a statement, such as SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, START "
          "TRANSACTION, "
          "COMMIT or ROLLBACK");
  }
}

// At CREATE, ALTER or DROP of something that no rule takes; `verb` is that word.
void Parser::FailCreateOrDrop(std::string_view verb) {
  Position begin = token_.position;
  std::string statement(verb);
  Advance();
  switch (token_.keyword) {
    case Keyword::kDomain:
    case Keyword::kFunction:
    case Keyword::kIndex:
    case Keyword::kProcedure:
    case Keyword::kRole:
    case Keyword::kSchema:
    case Keyword::kTranslation:
    case Keyword::kTrigger:
    case Keyword::kType:
    case Keyword::kUser:
    case Keyword::kView:
      FailUnsupported(statement + " " + std::string(KeywordText(token_.keyword)), begin);
    default: break;
  }
  static constexpr std::string_view kStandardObjects[] = {"ASSERTION", "CAST",     "CHARACTER",
                                                          "COLLATION", "METHOD",   "ORDERING",
                                                          "ROUTINE",   "SPECIFIC", "TRANSFORM"};
  for (std::string_view object : kStandardObjects) {
    bool same = token_.text.size() == object.size();
    for (size_t i = 0; same && i < object.size(); ++i) same = (token_.text[i] & ~0x20) == object[i];
    if (same) FailUnsupported(statement + " " + std::string(object), begin);
  }
  FailSyntax(verb == "CREATE" ? "TABLE, VIEW, UNIQUE INDEX, INDEX, SEQUENCE or SCHEMA"
             : verb == "DROP" ? "TABLE, VIEW, INDEX, SEQUENCE or SCHEMA"
                              : "TABLE or SEQUENCE");
}

}  // namespace tupelo::ast

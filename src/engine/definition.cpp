// engine/definition.cpp: which step runs which definition statement.
#include "engine/definition.h"

#include "engine/definition_steps.h"

namespace tupelo {

bool IsDefinition(ast::StatementKind kind) {
  return kind >= ast::StatementKind::kCreateTable && kind <= ast::StatementKind::kDropSchema;
}

void ExecuteDefinition(const ast::Statement& statement, const DefinitionContext& context) {
  using Kind = ast::StatementKind;
  switch (statement.kind) {
    case Kind::kCreateTable:
      return CreateTable(context, ast::As<ast::CreateTableStatement>(statement));
    case Kind::kAlterTable:
      return AlterTable(context, ast::As<ast::AlterTableStatement>(statement));
    case Kind::kDropTable: return DropTable(context, ast::As<ast::DropTableStatement>(statement));
    case Kind::kTruncate: return Truncate(context, ast::As<ast::TruncateStatement>(statement));
    case Kind::kCreateIndex:
      return CreateIndex(context, ast::As<ast::CreateIndexStatement>(statement));
    case Kind::kDropIndex: return DropIndex(context, ast::As<ast::DropIndexStatement>(statement));
    case Kind::kCreateView:
      return CreateView(context, ast::As<ast::CreateViewStatement>(statement));
    case Kind::kDropView: return DropView(context, ast::As<ast::DropViewStatement>(statement));
    case Kind::kCreateSequence:
      return CreateSequence(context, ast::As<ast::CreateSequenceStatement>(statement));
    case Kind::kAlterSequence:
      return AlterSequence(context, ast::As<ast::AlterSequenceStatement>(statement));
    case Kind::kDropSequence:
      return DropSequence(context, ast::As<ast::DropSequenceStatement>(statement));
    case Kind::kCreateSchema:
      return CreateSchema(context, ast::As<ast::CreateSchemaStatement>(statement));
    case Kind::kDropSchema:
      return DropSchema(context, ast::As<ast::DropSchemaStatement>(statement));
    default: break;
  }
  throw Error(ErrorCode::kInternalError, "a statement that defines nothing", statement.position);
}

}  // namespace tupelo

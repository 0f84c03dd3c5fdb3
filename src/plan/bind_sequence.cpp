// plan/bind_sequence.cpp: NEXT VALUE FOR, and PostgreSQL's functions about sequences.
#include "base/arena.h"
#include "plan/binder.h"
#include "sql/parser.h"

namespace tupelo {

SequencePtr Binder::FindSequence(const ast::QualifiedName& name) {
  if (name.parts.size() > 2) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "catalog names are not supported; write schema.sequence: " + ToText(name),
                name.position());
  }
  SequencePtr sequence;
  try {
    Name own = MakeName(name.last());
    if (name.parts.size() == 2) {
      Name schema = MakeName(name.parts[0]);
      if (catalog_.FindSchema(schema) == nullptr) {
        throw Error(ErrorCode::kInvalidSchemaName, "schema not found: " + schema.spelling);
      }
      sequence = catalog_.FindSequence(&schema, own);
    } else {
      sequence = catalog_.FindSequence(nullptr, own);
    }
  } catch (Error& error) {
    error.AtPosition(name.position());
    throw;
  }
  if (sequence != nullptr) return sequence;
  throw Error(ErrorCode::kUndefinedTable,
              "sequence not found; CREATE SEQUENCE makes one: " + ToText(name), name.position());
}

ExpressionPtr Binder::BindNextValue(const ast::NextValueExpression& next) {
  SequencePtr sequence = FindSequence(next.sequence);
  auto value =
      std::make_unique<BoundExpression>(BoundKind::kNextValue, sequence->type, next.position);
  value->sequence = std::move(sequence);
  value->is_shared = true;
  return value;
}

namespace {

// The sequence that the text of a literal names, as SQL would.
std::string_view NameInLiteral(const ast::FunctionCall& call) {
  if (call.arguments.size() == 1 && call.arguments[0]->kind == ast::ExpressionKind::kLiteral) {
    const auto& literal = ast::As<ast::LiteralExpression>(*call.arguments[0]);
    if (literal.literal == ast::LiteralKind::kCharacter) return literal.text;
  }
  throw Error(ErrorCode::kFeatureNotSupported,
              "nextval and currval take the name of a sequence as a character literal; anything "
              "else is not supported",
              call.position);
}

}  // namespace

// nextval('s'), currval('s'), lastval(); nullptr for any other name.
ExpressionPtr Binder::BindSequenceCall(const ast::FunctionCall& call, const std::string& name) {
  bool is_next = name == "NEXTVAL", is_any = name == "LASTVAL";
  if (!is_next && !is_any && name != "CURRVAL") return nullptr;
  auto value = std::make_unique<BoundExpression>(
      is_next ? BoundKind::kNextValue : BoundKind::kLastValue, Type::BigInt(), call.position);
  if (is_any) {
    if (call.arguments.empty()) return value;
    throw Error(ErrorCode::kUndefinedFunction, "lastval takes no argument", call.position);
  }
  Arena arena;
  std::string text = "NEXT VALUE FOR " + std::string(NameInLiteral(call));
  try {
    const ast::Expression& parsed = *ParseExpression(text, arena);
    if (parsed.kind != ast::ExpressionKind::kNextValue) {
      throw Error(ErrorCode::kInvalidName, "no name of a sequence: " + text);
    }
    value->sequence = FindSequence(ast::As<ast::NextValueExpression>(parsed).sequence);
  } catch (const Error& error) {
    bool missing =
        error.code() == ErrorCode::kUndefinedTable || error.code() == ErrorCode::kInvalidSchemaName;
    throw Error(missing ? error.code() : ErrorCode::kInvalidName,
                missing ? error.message() : "not the name of a sequence: " + text.substr(15),
                call.arguments[0]->position);
  }
  return value;
}

}  // namespace tupelo

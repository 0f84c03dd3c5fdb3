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

// The sequence that the text of the first argument names, as SQL would.
SequencePtr Binder::SequenceInLiteral(const ast::FunctionCall& call) {
  const ast::LiteralExpression* literal = nullptr;
  if (!call.arguments.empty() && call.arguments[0]->kind == ast::ExpressionKind::kLiteral) {
    literal = &ast::As<ast::LiteralExpression>(*call.arguments[0]);
  }
  if (literal == nullptr || literal->literal != ast::LiteralKind::kCharacter) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "nextval, currval and setval take the name of a sequence as a character literal; "
                "anything else is not supported",
                call.position);
  }
  Arena arena;
  std::string text = "NEXT VALUE FOR " + std::string(literal->text);
  try {
    const ast::Expression& parsed = *ParseExpression(text, arena);
    if (parsed.kind != ast::ExpressionKind::kNextValue) {
      throw Error(ErrorCode::kInvalidName, "no name of a sequence: " + text);
    }
    return FindSequence(ast::As<ast::NextValueExpression>(parsed).sequence);
  } catch (const Error& error) {
    bool missing =
        error.code() == ErrorCode::kUndefinedTable || error.code() == ErrorCode::kInvalidSchemaName;
    throw Error(missing ? error.code() : ErrorCode::kInvalidName,
                missing ? error.message() : "not the name of a sequence: " + text.substr(15),
                call.arguments[0]->position);
  }
}

// The arguments of setval behind the sequence: a number, and whether it counts as taken.
void Binder::BindSetValue(const ast::FunctionCall& call, Scope* scope, BoundExpression* value) {
  const Type types[] = {Type::BigInt(), Type::Boolean()};
  for (size_t i = 1; i < call.arguments.size(); ++i) {
    ExpressionPtr argument = BindExpression(*call.arguments[i], scope);
    const Type& type = argument->type;
    bool fits =
        type.id == TypeId::kNull || (i == 1 ? type.is_integer() : type.id == TypeId::kBoolean);
    if (!fits) {
      throw Error(ErrorCode::kUndefinedFunction,
                  "setval takes a sequence, an integer, and perhaps a Boolean; it was given " +
                      type.ToString(),
                  argument->position);
    }
    value->arguments.push_back(Convert(std::move(argument), types[i - 1], CastKind::kImplicit));
  }
}

// nextval('s'), currval('s'), lastval(), setval('s', n [, is_called]); nullptr for any other name.
ExpressionPtr Binder::BindSequenceCall(const ast::FunctionCall& call, const std::string& name,
                                       Scope* scope) {
  bool is_next = name == "NEXTVAL", is_any = name == "LASTVAL", is_set = name == "SETVAL";
  if (!is_next && !is_any && !is_set && name != "CURRVAL") return nullptr;
  size_t count = call.arguments.size();
  bool fits = is_any ? count == 0 : is_set ? count == 2 || count == 3 : count == 1;
  if (!fits) {
    throw Error(ErrorCode::kUndefinedFunction,
                is_any   ? "lastval takes no argument"
                : is_set ? "setval takes the name of a sequence, a number, and perhaps a Boolean"
                         : name + " takes the name of a sequence",
                call.position);
  }
  auto value = std::make_unique<BoundExpression>(
      is_next || is_set ? BoundKind::kNextValue : BoundKind::kLastValue, Type::BigInt(),
      call.position);
  if (is_any) return value;
  value->sequence = SequenceInLiteral(call);
  if (is_set) BindSetValue(call, scope, value.get());
  return value;
}

}  // namespace tupelo

// sql/parse_type.cpp: types as written.
#include "sql/parser_state.h"

namespace tupelo::ast {

TypeName Parser::ParseType() {
  TypeName type;
  type.position = token_.position;
  Keyword word = token_.keyword;
  if (!At(TokenKind::kWord) && !At(TokenKind::kQuotedName)) FailSyntax("a type");
  auto simple = [&](TypeKind kind) {
    type.kind = kind;
    Advance();
  };
  switch (word) {
    case Keyword::kBoolean: simple(TypeKind::kBoolean); break;
    case Keyword::kSmallint: simple(TypeKind::kSmallInt); break;
    case Keyword::kInteger:
    case Keyword::kInt: simple(TypeKind::kInteger); break;
    case Keyword::kBigint: simple(TypeKind::kBigInt); break;
    case Keyword::kReal: simple(TypeKind::kReal); break;
    case Keyword::kDate: simple(TypeKind::kDate); break;
    case Keyword::kDouble:
      simple(TypeKind::kDouble);
      Expect(Keyword::kPrecision);
      break;
    case Keyword::kNumeric:
    case Keyword::kDecimal:
    case Keyword::kDec:
      simple(TypeKind::kNumeric);
      ParsePrecision(&type, true);
      break;
    case Keyword::kFloat:
      simple(TypeKind::kFloat);
      ParsePrecision(&type, false);
      break;
    case Keyword::kTime:
    case Keyword::kTimestamp:
      simple(word == Keyword::kTime ? TypeKind::kTime : TypeKind::kTimestamp);
      ParsePrecision(&type, false);
      ParseZone(&type);
      break;
    case Keyword::kInterval:
      simple(TypeKind::kInterval);
      type.interval = ParseIntervalQualifier();
      break;
    case Keyword::kCharacter:
    case Keyword::kChar:
    case Keyword::kNchar:
    case Keyword::kNational:
    case Keyword::kVarchar:
    case Keyword::kClob:
    case Keyword::kNclob:
    case Keyword::kText:
    case Keyword::kBlob:
    case Keyword::kBinary: ParseStringType(&type); break;
    case Keyword::kBit: FailUnsupported("the type BIT", type.position);
    case Keyword::kVarbinary: FailUnsupported("the type VARBINARY", type.position);
    case Keyword::kRow: FailUnsupported("a row type", type.position);
    default: {
      if (!AtName()) FailSyntax("a type");
      if (AtWord("BYTEA")) {
        simple(TypeKind::kBlob);
        break;
      }
      std::string name(token_.text);
      throw Error(ErrorCode::kUndefinedObject, "type does not exist: " + name, token_.position);
    }
  }
  type.end = previous_end_;
  if (At(Keyword::kArray)) FailUnsupported("an array type", token_.position);
  if (At(Keyword::kCharacter) && Peek().keyword == Keyword::kSet)
    FailUnsupported("CHARACTER SET", token_.position);
  if (At(Keyword::kCollate)) FailUnsupported("COLLATE", token_.position);
  return type;
}

// Character and binary strings.
void Parser::ParseStringType(TypeName* type) {
  Keyword word = token_.keyword;
  Advance();
  switch (word) {
    case Keyword::kCharacter:
    case Keyword::kChar:
    case Keyword::kNchar: ParseCharacterType(type, word == Keyword::kNchar); break;
    case Keyword::kNational:
      if (!Accept(Keyword::kCharacter)) Expect(Keyword::kChar);
      ParseCharacterType(type, true);
      break;
    case Keyword::kVarchar:
      type->kind = TypeKind::kVarchar;
      ParseLength(type, false);
      break;
    case Keyword::kClob:
    case Keyword::kNclob:
    case Keyword::kText:
      type->kind = TypeKind::kClob;
      ParseLength(type, true);
      break;
    case Keyword::kBlob:
      type->kind = TypeKind::kBlob;
      ParseLength(type, true);
      break;
    default:
      if (!At(Keyword::kLarge)) FailUnsupported("the type BINARY", type->position);
      Advance();
      Expect(Keyword::kObject);
      type->kind = TypeKind::kBlob;
      ParseLength(type, true);
      break;
  }
}

// Behind CHARACTER, CHAR or NCHAR.
void Parser::ParseCharacterType(TypeName* type, bool national) {
  if (Accept(Keyword::kVarying)) {
    type->kind = TypeKind::kVarchar;
    ParseLength(type, false);
  } else if (At(Keyword::kLarge)) {
    Advance();
    Expect(Keyword::kObject);
    type->kind = TypeKind::kClob;
    ParseLength(type, true);
  } else {
    type->kind = TypeKind::kChar;
    ParseLength(type, false);
  }
  if (!national && At(Keyword::kCharacter) && Peek().keyword == Keyword::kSet) {
    FailUnsupported("CHARACTER SET", token_.position);
  }
}

// [(n)], of large objects [(n [K | M | G])]
void Parser::ParseLength(TypeName* type, bool large_object) {
  if (!At(TokenKind::kLeftParen)) return;
  Advance();
  type->length = ExpectInteger("a length");
  if (large_object && At(TokenKind::kWord) && token_.text.size() == 1) {
    int shift = 0;
    switch (token_.text[0] | 0x20) {
      case 'k': shift = 10; break;
      case 'm': shift = 20; break;
      case 'g': shift = 30; break;
      default: FailSyntax("K, M, G or \")\"");
    }
    type->length <<= shift;
    Advance();
  }
  Expect(TokenKind::kRightParen);
}

// [(p)], [(p [, s])]
void Parser::ParsePrecision(TypeName* type, bool with_scale) {
  if (!At(TokenKind::kLeftParen)) return;
  Advance();
  type->precision = ExpectInteger("a precision");
  if (with_scale && Accept(TokenKind::kComma)) type->scale = ExpectInteger("a scale");
  Expect(TokenKind::kRightParen);
}

void Parser::ParseZone(TypeName* type) {
  bool with = At(Keyword::kWith);
  if (!(with || At(Keyword::kWithout)) || Peek().keyword != Keyword::kTime) return;
  Advance();
  Advance();
  Expect(Keyword::kZone);
  type->with_time_zone = with;
}

bool Parser::AtIntervalField() const {
  if (token_.kind != TokenKind::kWord) return false;
  switch (token_.keyword) {
    case Keyword::kYear:
    case Keyword::kMonth:
    case Keyword::kDay:
    case Keyword::kHour:
    case Keyword::kMinute:
    case Keyword::kSecond: return true;
    default: return false;
  }
}

IntervalField Parser::ParseIntervalField() {
  IntervalField field = IntervalField::kYear;
  switch (token_.keyword) {
    case Keyword::kYear: field = IntervalField::kYear; break;
    case Keyword::kMonth: field = IntervalField::kMonth; break;
    case Keyword::kDay: field = IntervalField::kDay; break;
    case Keyword::kHour: field = IntervalField::kHour; break;
    case Keyword::kMinute: field = IntervalField::kMinute; break;
    case Keyword::kSecond: field = IntervalField::kSecond; break;
    default: FailSyntax("YEAR, MONTH, DAY, HOUR, MINUTE or SECOND");
  }
  Advance();
  return field;
}

// field [(p)] [TO field], SECOND [(p [, s])], field TO SECOND [(s)]
IntervalQualifier Parser::ParseIntervalQualifier() {
  IntervalQualifier qualifier;
  qualifier.start = qualifier.end = ParseIntervalField();
  if (At(TokenKind::kLeftParen)) {
    Advance();
    qualifier.leading_precision = ExpectInteger("a precision");
    if (qualifier.start == IntervalField::kSecond && Accept(TokenKind::kComma)) {
      qualifier.fractional_precision = ExpectInteger("a precision");
    }
    Expect(TokenKind::kRightParen);
  }
  if (qualifier.start == IntervalField::kSecond || !At(Keyword::kTo)) return qualifier;
  Advance();
  Position position = token_.position;
  qualifier.end = ParseIntervalField();
  bool year_month = qualifier.start <= IntervalField::kMonth;
  if (qualifier.end <= qualifier.start || year_month != (qualifier.end <= IntervalField::kMonth)) {
    throw Error(ErrorCode::kSyntaxError,
                "an interval goes from YEAR to MONTH, or from DAY, HOUR or MINUTE to a smaller "
                "field up to SECOND",
                position);
  }
  if (qualifier.end == IntervalField::kSecond && At(TokenKind::kLeftParen)) {
    Advance();
    qualifier.fractional_precision = ExpectInteger("a precision");
    Expect(TokenKind::kRightParen);
  }
  return qualifier;
}

}  // namespace tupelo::ast

// sql/print_expression.cpp: value expressions and predicates to SQL text.
#include <utility>

#include "sql/keyword.h"
#include "sql/precedence.h"
#include "sql/printer.h"

namespace tupelo::ast {

namespace {

std::string_view TextOf(ComparisonOperator op) {
  static constexpr std::string_view kTexts[] = {"=", "<>", "<", "<=", ">", ">="};
  return kTexts[static_cast<int>(op)];
}

std::string_view TextOf(BinaryOperator op) {
  static constexpr std::string_view kTexts[] = {"+", "-", "*", "/",  "%", "||",
                                                "&", "|", "#", "<<", ">>"};
  return kTexts[static_cast<int>(op)];
}

int LevelOf(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kAdd:
    case BinaryOperator::kSubtract: return kAdditiveLevel;
    case BinaryOperator::kMultiply:
    case BinaryOperator::kDivide:
    case BinaryOperator::kRemainder: return kMultiplicativeLevel;
    default: return kConcatenateLevel;
  }
}

int LevelOf(UnaryOperator op) {
  switch (op) {
    case UnaryOperator::kNot: return kNotLevel;
    case UnaryOperator::kBitNot: return kConcatenateLevel;
    default: return kSignLevel;
  }
}

std::string_view TextOf(UnaryOperator op) {
  static constexpr std::string_view kTexts[] = {"+", "-", "NOT ", "~"};
  return kTexts[static_cast<int>(op)];
}

int LevelOf(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kUnary: return LevelOf(As<UnaryExpression>(expression).op);
    case ExpressionKind::kChain: return LevelOf(As<ChainExpression>(expression).links[0].op);
    case ExpressionKind::kLogical:
      return As<LogicalExpression>(expression).op == LogicalOperator::kAnd ? kAndLevel : kOrLevel;
    case ExpressionKind::kComparison:
    case ExpressionKind::kQuantified: return kComparisonLevel;
    case ExpressionKind::kBetween:
    case ExpressionKind::kInList:
    case ExpressionKind::kInQuery:
    case ExpressionKind::kLike:
    case ExpressionKind::kOverlaps:
    case ExpressionKind::kMatch: return kRangeLevel;
    case ExpressionKind::kIsNull:
    case ExpressionKind::kIsTruth:
    case ExpressionKind::kIsNormalized:
    case ExpressionKind::kIsDistinct: return kIsLevel;
    case ExpressionKind::kAtTimeZone: return kAtLevel;
    default: return kPrimaryLevel;
  }
}

// INTERVAL -'1' DAY
bool IsNegative(const Expression& expression) {
  return expression.kind == ExpressionKind::kLiteral && As<LiteralExpression>(expression).negative;
}

}  // namespace

void Printer::Print(const Expression& expression, int lowest_level) {
  bool parentheses = LevelOf(expression) < lowest_level;
  // With a style, its sign stands before INTERVAL.
  if (style_ != nullptr && IsNegative(expression)) parentheses = lowest_level > kSignLevel;
  if (parentheses) Add("(");
  PrintNode(expression);
  if (parentheses) Add(")");
}

void Printer::PrintQuoted(std::string_view text, char quote) {
  out_ += quote;
  for (char c : text) {
    if (c == quote) out_ += c;
    out_ += c;
  }
  out_ += quote;
}

// Two usable words would begin something else than a name in some places: as quoted names they are
// safe in all.
void Printer::Print(const Identifier& name) {
  if (style_ != nullptr) return style_->Append(name, &out_);
  if (name.quoted) return PrintQuoted(name.text, '"');
  Keyword word = FindKeyword(name.text);
  bool unsafe = word == Keyword::kInterval || word == Keyword::kValues;
  if (unsafe) return PrintQuoted(KeywordText(word), '"');
  Add(name.text);
}

void Printer::Print(const QualifiedName& name) {
  for (size_t i = 0; i < name.parts.size(); ++i) {
    if (i > 0) Add(".");
    Print(name.parts[i]);
  }
}

void Printer::PrintNames(List<Identifier> names) {
  Add("(");
  PrintBareNames(names);
  Add(")");
}

void Printer::PrintList(List<const Expression*> items) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) Add(", ");
    Print(*items[i]);
  }
}

void Printer::PrintSubquery(const QueryExpression& query) {
  Add("(");
  Print(query);
  Add(")");
}

void Printer::PrintChain(const ChainExpression& chain) {
  int level = LevelOf(chain);
  Print(*chain.first, level + 1);
  for (const ChainLink& link : chain.links) {
    Add(" ");
    Add(TextOf(link.op));
    Add(" ");
    Print(*link.operand, level + 1);
  }
}

void Printer::PrintCase(const CaseExpression& expression) {
  Add("CASE");
  if (expression.operand != nullptr) {
    Add(" ");
    Print(*expression.operand);
  }
  for (const CaseBranch& branch : expression.branches) {
    Add(" WHEN ");
    Print(*branch.when);
    Add(" THEN ");
    Print(*branch.then);
  }
  if (expression.otherwise != nullptr) {
    Add(" ELSE ");
    Print(*expression.otherwise);
  }
  Add(" END");
}

void Printer::PrintTrim(const TrimExpression& trim) {
  static constexpr std::string_view kSides[] = {"BOTH", "LEADING", "TRAILING"};
  Add("TRIM(");
  if (trim.side != TrimSide::kBoth || trim.characters != nullptr) {
    Add(kSides[static_cast<int>(trim.side)]);
    Add(" ");
    if (trim.characters != nullptr) {
      Print(*trim.characters);
      Add(" ");
    }
    Add("FROM ");
  }
  Print(*trim.source);
  Add(")");
}

void Printer::PrintCallArguments(const FunctionCall& call) {
  static constexpr std::string_view kWords[][3] = {{", ", ", ", ", "},
                                                   {" FROM ", " FOR ", ""},
                                                   {" IN ", "", ""},
                                                   {" PLACING ", " FROM ", " FOR "},
                                                   {" SIMILAR ", " ESCAPE ", ""}};
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (i > 0)
      Add(call.syntax == CallSyntax::kPlain ? ", " : kWords[static_cast<int>(call.syntax)][i - 1]);
    bool plain = call.syntax == CallSyntax::kPlain;
    Print(*call.arguments[i], plain ? 0 : kConcatenateLevel);
  }
}

void Printer::PrintFunctionName(const QualifiedName& name) {
  const PrintStyle* style = std::exchange(style_, nullptr);
  Print(name);
  style_ = style;
}

void Printer::PrintNextValue(const NextValueExpression& next) {
  if (style_ == nullptr || !style_->numbers_by_call()) {
    Add("NEXT VALUE FOR ");
    return Print(next.sequence);
  }
  std::string name;
  Printer(&name, style_).Print(next.sequence);
  Add("nextval(");
  PrintQuoted(name, '\'');
  Add(")");
}

void Printer::PrintCall(const FunctionCall& call) {
  PrintFunctionName(call.name);
  Add("(");
  if (call.star) Add("*");
  if (call.quantifier == SetQuantifier::kDistinct) Add("DISTINCT ");
  if (call.quantifier == SetQuantifier::kAll) Add("ALL ");
  bool substring = call.name.parts.size() == 1 && !call.name.last().quoted &&
                   !call.arguments.empty() &&
                   FindKeyword(call.name.last().text) == Keyword::kSubstring;
  if (substring && call.syntax == CallSyntax::kPlain) {
    // Its first argument binds tighter than FROM, in either form.
    Print(*call.arguments[0], kConcatenateLevel);
    for (size_t i = 1; i < call.arguments.size(); ++i) {
      Add(", ");
      Print(*call.arguments[i]);
    }
  } else {
    PrintCallArguments(call);
  }
  PrintCallTail(call);
}

void Printer::PrintSpecialValue(const SpecialValueExpression& value) {
  static constexpr std::string_view kTexts[] = {
      "CURRENT_DATE",   "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME",
      "LOCALTIMESTAMP", "CURRENT_USER", "SESSION_USER",      "SYSTEM_USER"};
  Add(kTexts[static_cast<int>(value.value)]);
  if (value.precision >= 0) Add("(" + std::to_string(value.precision) + ")");
}

// Functions with a node of their own.
void Printer::PrintSpecialCall(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kNullIf: {
      auto& node = As<NullIfExpression>(expression);
      Add("NULLIF(");
      Print(*node.left);
      Add(", ");
      Print(*node.right);
      return Add(")");
    }
    case ExpressionKind::kCoalesce:
      Add("COALESCE(");
      PrintList(As<CoalesceExpression>(expression).operands);
      return Add(")");
    case ExpressionKind::kCast: {
      auto& node = As<CastExpression>(expression);
      Add("CAST(");
      Print(*node.operand);
      Add(" AS ");
      Print(node.type);
      return Add(")");
    }
    default: {
      auto& node = As<ExtractExpression>(expression);
      out_.append("EXTRACT(")
          .append(kExtractFieldNames[static_cast<int>(node.field)])
          .append(" FROM ");
      Print(*node.source);
      return Add(")");
    }
  }
}

void Printer::PrintNode(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kLiteral: return PrintLiteral(As<LiteralExpression>(expression));
    case ExpressionKind::kColumnReference: {
      const QualifiedName& name = As<ColumnReference>(expression).name;
      for (size_t first = style_ == nullptr ? 0 : style_->FirstPart(name, name.parts.size() - 1),
                  i = first;
           i < name.parts.size(); ++i) {
        if (i > first) Add(".");
        Print(name.parts[i]);
      }
      return;
    }
    case ExpressionKind::kParameter: {
      auto& node = As<ParameterExpression>(expression);
      Add(node.name.empty() ? "?" : ":");
      return Add(node.name);
    }
    case ExpressionKind::kUnary: {
      auto& node = As<UnaryExpression>(expression);
      Add(TextOf(node.op));
      // Two signs need a space: -- begins a comment.
      bool more_signs = node.operand->kind == ExpressionKind::kUnary ||
                        (style_ != nullptr && IsNegative(*node.operand));
      if (node.op != UnaryOperator::kNot && more_signs) Add(" ");
      int level = LevelOf(node.op);
      return Print(*node.operand, level == kConcatenateLevel ? level + 1 : level);
    }
    case ExpressionKind::kChain: return PrintChain(As<ChainExpression>(expression));
    case ExpressionKind::kLogical: {
      auto& node = As<LogicalExpression>(expression);
      int level = LevelOf(expression);
      for (size_t i = 0; i < node.operands.size(); ++i) {
        if (i > 0) Add(level == kAndLevel ? " AND " : " OR ");
        Print(*node.operands[i], level + 1);
      }
      return;
    }
    case ExpressionKind::kComparison: {
      auto& node = As<ComparisonExpression>(expression);
      Print(*node.left, kRangeLevel);
      out_.append(" ").append(TextOf(node.op)).append(" ");
      return Print(*node.right, kRangeLevel);
    }
    case ExpressionKind::kQuantified: {
      auto& node = As<QuantifiedExpression>(expression);
      Print(*node.value, kRangeLevel);
      out_.append(" ")
          .append(TextOf(node.op))
          .append(node.quantifier == Quantifier::kAll ? " ALL " : " ANY ");
      return PrintSubquery(*node.query);
    }
    case ExpressionKind::kCase: return PrintCase(As<CaseExpression>(expression));
    case ExpressionKind::kNullIf:
    case ExpressionKind::kCoalesce:
    case ExpressionKind::kCast:
    case ExpressionKind::kExtract: return PrintSpecialCall(expression);
    case ExpressionKind::kTrim: return PrintTrim(As<TrimExpression>(expression));
    case ExpressionKind::kSpecialValue:
      return PrintSpecialValue(As<SpecialValueExpression>(expression));
    case ExpressionKind::kNextValue: return PrintNextValue(As<NextValueExpression>(expression));
    case ExpressionKind::kFunctionCall: return PrintCall(As<FunctionCall>(expression));
    case ExpressionKind::kAtTimeZone: {
      auto& node = As<AtTimeZoneExpression>(expression);
      Print(*node.value, kAtLevel);
      Add(node.zone == nullptr ? " AT LOCAL" : " AT TIME ZONE ");
      if (node.zone != nullptr) Print(*node.zone, kPrimaryLevel);
      return;
    }
    case ExpressionKind::kIntervalDifference: {
      auto& node = As<IntervalDifferenceExpression>(expression);
      Add("(");
      PrintChain(*node.difference);
      Add(") ");
      return Print(node.qualifier);
    }
    case ExpressionKind::kSubquery: return PrintSubquery(*As<SubqueryExpression>(expression).query);
    case ExpressionKind::kExists:
      Add("EXISTS ");
      return PrintSubquery(*As<ExistsExpression>(expression).query);
    case ExpressionKind::kRow: {
      auto& node = As<RowExpression>(expression);
      Add(node.fields.size() == 1 ? "ROW(" : "(");
      PrintList(node.fields);
      return Add(")");
    }
    case ExpressionKind::kDefault: return Add("DEFAULT");
    default: return PrintPredicate(expression);
  }
}

}  // namespace tupelo::ast

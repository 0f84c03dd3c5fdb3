// plan/expression_text.cpp: each kind of bound expression in the form in which SQL writes it.
#include "plan/expression_text.h"

#include <algorithm>

namespace tupelo {

namespace {

// Who binds tighter has the larger number, as in the grammar.
enum Level : int {
  kOrLevel,
  kAndLevel,
  kNotLevel,
  kPredicateLevel,
  kSumLevel,
  kProductLevel,
  kConcatenationLevel,
  kSignLevel,
  kPrimaryLevel
};

constexpr size_t kShownItems = 10;  // of a list of IN

struct Operator {
  std::string_view name;
  Level level;
};
constexpr Operator kOperators[] = {
    {"+", kSumLevel},
    {"-", kSumLevel},
    {"*", kProductLevel},
    {"/", kProductLevel},
    {"||", kConcatenationLevel},
    {"&", kConcatenationLevel},
    {"|", kConcatenationLevel},
    {"#", kConcatenationLevel},
    {"<<", kConcatenationLevel},
    {">>", kConcatenationLevel},
    {"=", kPredicateLevel},
    {"<>", kPredicateLevel},
    {"<", kPredicateLevel},
    {"<=", kPredicateLevel},
    {">", kPredicateLevel},
    {">=", kPredicateLevel},
    {"IS DISTINCT FROM", kPredicateLevel},
    {"IS NOT DISTINCT FROM", kPredicateLevel},
};

const Operator* FindOperator(const BoundExpression& call) {
  if (call.arguments.size() != 2) return nullptr;
  const auto* found =
      std::find_if(std::begin(kOperators), std::end(kOperators),
                   [&](const Operator& op) { return op.name == call.function.name; });
  return found == std::end(kOperators) ? nullptr : found;
}

// Numbers and text are shown without the CAST that would keep their exact type.
std::string LiteralText(const Value& value) {
  if (value.is_null) return "NULL";
  if (value.type.is_exact()) return value.ToString();
  if (!value.type.is_character()) return value.ToLiteral();
  std::string quoted = "'";
  for (char c : value.text) {
    if (c == '\'') quoted += c;
    quoted += c;
  }
  return quoted += '\'';
}

class ExpressionWriter {
 public:
  explicit ExpressionWriter(const ExpressionNames& names) : names_(names) {}

  // The expression as an operand of something that takes `lowest` and tighter.
  std::string Write(const BoundExpression& expression, Level lowest) const {
    if (expression.kind == BoundKind::kCall && expression.is_implicit_cast) {
      return Write(*expression.arguments[0], lowest);
    }
    Level level = kPrimaryLevel;
    std::string text = WriteBare(expression, &level);
    return level < lowest ? "(" + text + ")" : text;
  }

 private:
  std::string WriteBare(const BoundExpression& expression, Level* level) const {
    switch (expression.kind) {
      case BoundKind::kConstant: return LiteralText(expression.constant);
      case BoundKind::kColumn: return names_.NameOfColumn(expression.column);
      case BoundKind::kParameter: return "?" + std::to_string(expression.parameter + 1);
      case BoundKind::kCall: return WriteCall(expression, level);
      case BoundKind::kAnd: return WriteJunction(expression, " AND ", *level = kAndLevel);
      case BoundKind::kOr: return WriteJunction(expression, " OR ", *level = kOrLevel);
      case BoundKind::kCase: return WriteCase(expression);
      case BoundKind::kCoalesce: return "COALESCE(" + WriteList(expression, 0) + ")";
      case BoundKind::kLet:
        return "(LET " + names_.NameOfColumn(expression.column) + " = " +
               Write(*expression.arguments[0], kOrLevel) + " IN " +
               Write(*expression.arguments[1], kOrLevel) + ")";
      case BoundKind::kNextIdentity: return "next identity";
      case BoundKind::kNextValue:
        if (!expression.arguments.empty()) {
          return "setval('" + expression.sequence->name.spelling + "', " +
                 WriteList(expression, 0) + ")";
        }
        return "NEXT VALUE FOR " + expression.sequence->name.spelling;
      case BoundKind::kLastValue:
        return expression.sequence == nullptr
                   ? "lastval()"
                   : "currval('" + expression.sequence->name.spelling + "')";
      case BoundKind::kScalarSubquery: return "(" + names_.NameOfSubquery(expression) + ")";
      case BoundKind::kExists: return "EXISTS (" + names_.NameOfSubquery(expression) + ")";
      case BoundKind::kRowSubquery: *level = kPredicateLevel; return WriteRowTest(expression, "");
      case BoundKind::kInSet:
      case BoundKind::kQuantified: *level = kPredicateLevel; return WriteMembership(expression, "");
    }
    return {};
  }

  std::string WriteJunction(const BoundExpression& junction, const char* word, Level level) const {
    std::string text;
    for (const ExpressionPtr& term : junction.arguments) {
      if (!text.empty()) text += word;
      text += Write(*term, static_cast<Level>(level + 1));
    }
    return text;
  }

  std::string WriteList(const BoundExpression& expression, size_t begin) const {
    std::string text;
    for (size_t i = begin; i < expression.arguments.size(); ++i) {
      if (i > begin) text += ", ";
      if (expression.kind == BoundKind::kInSet && i - begin == kShownItems &&
          expression.arguments.size() - i > 1) {
        return text + "... (" + std::to_string(expression.arguments.size() - begin) + " in all)";
      }
      text += Write(*expression.arguments[i], kOrLevel);
    }
    return text;
  }

  std::string WriteCase(const BoundExpression& expression) const {
    std::string text = "CASE";
    size_t count = expression.arguments.size();
    for (size_t i = 0; i + 1 < count; i += 2) {
      text += " WHEN " + Write(*expression.arguments[i], kOrLevel) + " THEN " +
              Write(*expression.arguments[i + 1], kOrLevel);
    }
    if (count % 2 == 1) text += " ELSE " + Write(*expression.arguments[count - 1], kOrLevel);
    return text + " END";
  }

  // IN and quantified comparisons; `negation` is "NOT " or empty.
  std::string WriteMembership(const BoundExpression& expression,
                              const std::string& negation) const {
    std::string value = Write(*expression.arguments[0], kSumLevel);
    if (expression.kind == BoundKind::kInSet) {
      return value + " " + negation + "IN (" + WriteList(expression, 1) + ")";
    }
    std::string query = "(" + names_.NameOfSubquery(expression) + ")";
    if (expression.function.name == "=" && !expression.is_all) {
      return value + " " + negation + "IN " + query;
    }
    return value + " " + std::string(expression.function.name) +
           (expression.is_all ? " ALL " : " ANY ") + query;
  }

  // (a, b) op ANY (subquery)
  std::string WriteRowTest(const BoundExpression& expression, const std::string& negation) const {
    const RowTest& test = *expression.row_test;
    std::string query = "(" + names_.NameOfSubquery(expression) + ")";
    std::string name(test.name);
    if (test.left.empty()) return query + " " + name;
    std::string fields = "(" + WriteList(expression, 0) + ") ";
    switch (test.quantifier) {
      case RowQuantifier::kOnly: return fields + name + " " + query;
      case RowQuantifier::kOnlyOne: return fields + "MATCH UNIQUE " + query;
      case RowQuantifier::kAll: return fields + name + " ALL " + query;
      case RowQuantifier::kAny: break;
    }
    if (name == "=") return fields + negation + "IN " + query;
    return fields + name + " ANY " + query;
  }

  std::string WriteNot(const BoundExpression& operand, Level* level) const {
    if (operand.kind == BoundKind::kRowSubquery && operand.row_test->name == "=" &&
        operand.row_test->quantifier == RowQuantifier::kAny) {
      *level = kPredicateLevel;
      return WriteRowTest(operand, "NOT ");
    }
    if (operand.kind == BoundKind::kInSet || (operand.kind == BoundKind::kQuantified &&
                                              operand.function.name == "=" && !operand.is_all)) {
      *level = kPredicateLevel;
      return WriteMembership(operand, "NOT ");
    }
    if (operand.kind == BoundKind::kCall && IsPattern(operand.function.name)) {
      *level = kPredicateLevel;
      return WriteLike(operand, " NOT " + std::string(operand.function.name) + " ");
    }
    *level = kNotLevel;
    return "NOT " + Write(operand, kPredicateLevel);
  }

  static bool IsPattern(std::string_view name) {
    return name == "LIKE" || name == "ILIKE" || name == "SIMILAR TO" || name == "GLOB";
  }

  std::string WriteLike(const BoundExpression& like, const std::string& word) const {
    std::string text = Argument(like, 0, kSumLevel) + word + Argument(like, 1, kSumLevel);
    if (like.arguments.size() > 2) text += " ESCAPE " + Argument(like, 2, kSumLevel);
    return text;
  }

  std::string Argument(const BoundExpression& call, size_t i, Level lowest = kOrLevel) const {
    return Write(*call.arguments[i], lowest);
  }

  std::string WriteCall(const BoundExpression& call, Level* level) const {
    std::string name(call.function.name);
    if (const Operator* op = FindOperator(call)) {
      *level = op->level;
      Level left = op->level == kPredicateLevel ? kSumLevel : op->level;
      return Argument(call, 0, left) + " " + name + " " +
             Argument(call, 1, static_cast<Level>(op->level + 1));
    }
    if (name == "NOT") return WriteNot(*call.arguments[0], level);
    if (name == "NEG") {
      *level = kSignLevel;
      return "-" + Argument(call, 0, kPrimaryLevel);
    }
    if (name.starts_with("IS ") && call.arguments.size() == 1) {
      *level = kPredicateLevel;
      return Argument(call, 0, kSumLevel) + " " + name;
    }
    if (IsPattern(name)) {
      *level = kPredicateLevel;
      return WriteLike(call, " " + name + " ");
    }
    if (call.arguments.empty() && name != "PI") return name;  // CURRENT_DATE ...
    return WriteNamedCall(call, name, level);
  }

  // Functions that SQL writes with words between the arguments, and all others.
  std::string WriteNamedCall(const BoundExpression& call, const std::string& name,
                             Level* level) const {
    size_t count = call.arguments.size();
    if (name == "CAST") return "CAST(" + Argument(call, 0) + " AS " + call.type.ToString() + ")";
    if (name.starts_with("EXTRACT_")) {
      return "EXTRACT(" + name.substr(8) + " FROM " + Argument(call, 0) + ")";
    }
    if (name.starts_with("TRIM_") && count == 2) {
      return "TRIM(" + name.substr(5) + " " + Argument(call, 1) + " FROM " + Argument(call, 0) +
             ")";
    }
    if (name == "POSITION")
      return "POSITION(" + Argument(call, 0) + " IN " + Argument(call, 1) + ")";
    if (name == "SUBSTRING" || name == "OVERLAY") {
      size_t from = name == "OVERLAY" ? 2 : 1;
      std::string text = name + "(" + Argument(call, 0);
      if (from == 2) text += " PLACING " + Argument(call, 1);
      text += " FROM " + Argument(call, from);
      if (count > from + 1) text += " FOR " + Argument(call, from + 1);
      return text + ")";
    }
    if (name == "AT_LOCAL" || name == "AT_TIME_ZONE") {
      *level = kSignLevel;
      std::string text = Argument(call, 0, kPrimaryLevel);
      return name == "AT_LOCAL" ? text + " AT LOCAL"
                                : text + " AT TIME ZONE " + Argument(call, 1, kPrimaryLevel);
    }
    if (name == "SUBTRACT_YEAR_MONTH") {
      return "(" + Argument(call, 0, kSumLevel) + " - " + Argument(call, 1, kProductLevel) +
             ") YEAR TO MONTH";
    }
    return name + "(" + WriteList(call, 0) + ")";
  }

  const ExpressionNames& names_;
};

}  // namespace

std::string ExpressionText(const BoundExpression& expression, const ExpressionNames& names) {
  return ExpressionWriter(names).Write(expression, kOrLevel);
}

}  // namespace tupelo

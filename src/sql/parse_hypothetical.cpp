// sql/parse_hypothetical.cpp: RANK, DENSE_RANK, PERCENT_RANK and CUME_DIST WITHIN GROUP (SQL:2003
// part 2, 10.9): what a row of the arguments would be among the rows of the group.
//
// They are numbers of rows: those whose sort keys come before the arguments, say. So a call becomes
// the counts that it stands for:
//   RANK          COUNT(*) FILTER (WHERE keys come before) + 1
//   DENSE_RANK    COUNT(DISTINCT key) FILTER (WHERE it comes before), and 1 for null, + 1
//   PERCENT_RANK  COUNT(*) FILTER (WHERE keys come before) / COUNT(*), 0 without rows
//   CUME_DIST     (COUNT(*) FILTER (WHERE keys come before or are the same) + 1) / (COUNT(*) + 1)
#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo::ast {

namespace {

constexpr std::string_view kNames[] = {"RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST"};

bool IsNamed(std::string_view word, std::string_view upper) {
  return std::ranges::equal(word, upper, [](char c, char u) {
    return (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) == u;
  });
}

}  // namespace

// Makes nodes, each of the place of the call.
class HypotheticalRewriter {
 public:
  HypotheticalRewriter(Parser* parser, const FunctionCall& call)
      : parser_(parser), call_(call), keys_(call.clauses->order_by), height_(call.height) {}

  const Expression* Rewrite(std::string_view name) {
    if (name == "RANK") return Add(Count(Before(0, false)), One());
    if (name == "DENSE_RANK") return DenseRank();
    const Expression* all = Count(nullptr);
    if (name == "CUME_DIST") {
      return Divide(ToDouble(Add(Count(Before(0, true)), One())), Add(all, One()));
    }
    auto* node = New<CaseExpression>();
    NodeList<CaseBranch> branches(parser_->arena_, 1);
    branches.Add({Compare(ComparisonOperator::kEqual, all, Number("0")), Number("0e0")});
    node->branches = branches.Finish();
    node->otherwise = Divide(ToDouble(Count(Before(0, false))), all);
    return Checked(Seal(node));
  }

 private:
  template <typename T>
  T* New() {
    return parser_->New<T>();
  }
  template <typename T>
  T* Seal(T* node) {
    node->position = call_.position;
    node->end = call_.end;
    parser_->SetHeight(node, height_++);
    return node;
  }

  const Expression* Number(std::string_view digits) {
    auto* node = New<LiteralExpression>();
    node->literal = digits.size() > 1 ? LiteralKind::kApproximate : LiteralKind::kExact;
    node->text = digits;
    return Seal(node);
  }

  const Expression* Logical(LogicalOperator op, const Expression* left, const Expression* right) {
    auto* node = New<LogicalExpression>();
    node->op = op;
    NodeList<const Expression*> operands(parser_->arena_, 2);
    operands.Add(left);
    operands.Add(right);
    node->operands = operands.Finish();
    return Seal(node);
  }

  const Expression* Compare(ComparisonOperator op, const Expression* left,
                            const Expression* right) {
    auto* node = New<ComparisonExpression>();
    node->op = op;
    node->operator_position = call_.position;
    node->left = left;
    node->right = right;
    return Seal(node);
  }

  const Expression* IsNull(const Expression* value, bool negated) {
    auto* node = New<IsNullExpression>();
    node->negated = negated;
    node->value = value;
    return Seal(node);
  }

  const Expression* Chain(BinaryOperator op, const Expression* left, const Expression* right) {
    auto* node = New<ChainExpression>();
    node->first = left;
    NodeList<ChainLink> links(parser_->arena_, 1);
    links.Add({op, call_.position, right});
    node->links = links.Finish();
    return Seal(node);
  }
  const Expression* Add(const Expression* left, const Expression* right) {
    return Chain(BinaryOperator::kAdd, left, right);
  }
  const Expression* Divide(const Expression* left, const Expression* right) {
    return Chain(BinaryOperator::kDivide, left, right);
  }

  const Expression* ToDouble(const Expression* value) {
    auto* node = New<CastExpression>();
    node->operand = value;
    node->type.kind = TypeKind::kDouble;
    node->type.position = call_.position;
    return Seal(node);
  }

  // CASE WHEN argument IS NULL THEN value ELSE value END: the arguments stand outside of the
  // counts too, so that they must be of the group, not of its rows.
  const Expression* Checked(const Expression* value) {
    const Expression* nulls = IsNull(call_.arguments[0], false);
    for (size_t i = 1; i < call_.arguments.size(); ++i) {
      nulls = Logical(LogicalOperator::kOr, nulls, IsNull(call_.arguments[i], false));
    }
    auto* node = New<CaseExpression>();
    NodeList<CaseBranch> branches(parser_->arena_, 1);
    branches.Add({nulls, value});
    node->branches = branches.Finish();
    node->otherwise = value;
    return Seal(node);
  }
  const Expression* One() { return Checked(Number("1")); }

  // COUNT(*) or COUNT(DISTINCT key) of the rows that the condition, and the FILTER of the call,
  // take.
  const Expression* Count(const Expression* condition, const Expression* distinct = nullptr) {
    auto* node = New<FunctionCall>();
    NodeList<Identifier> name(parser_->arena_, 1);
    name.Add({"COUNT", false, call_.position});
    node->name = {name.Finish()};
    node->star = distinct == nullptr;
    if (distinct != nullptr) {
      NodeList<const Expression*> arguments(parser_->arena_, 1);
      arguments.Add(distinct);
      node->arguments = arguments.Finish();
      node->quantifier = SetQuantifier::kDistinct;
    }
    bool both = condition != nullptr && call_.filter != nullptr;
    node->filter = both                   ? Logical(LogicalOperator::kAnd, call_.filter, condition)
                   : condition == nullptr ? call_.filter
                                          : condition;
    return Seal(node);
  }

  // Whether the keys from number `i` on come before the arguments, or are the same.
  const Expression* Before(size_t i, bool or_same) {
    const SortKey& key = keys_[i];
    const Expression* argument = call_.arguments[i];
    const Expression* before =
        Compare(key.descending ? ComparisonOperator::kGreater : ComparisonOperator::kLess,
                key.expression, argument);
    bool nulls_first =
        key.nulls == NullOrder::kFirst || (key.nulls == NullOrder::kUnspecified && key.descending);
    const Expression* by_null =
        Logical(LogicalOperator::kAnd, IsNull(nulls_first ? key.expression : argument, false),
                IsNull(nulls_first ? argument : key.expression, true));
    before = Logical(LogicalOperator::kOr, before, by_null);
    bool is_last = i + 1 == keys_.size();
    if (is_last && !or_same) return before;
    auto* same = New<IsDistinctExpression>();
    same->negated = true;
    same->left = key.expression;
    same->right = argument;
    const Expression* rest = Seal(same);
    if (!is_last) rest = Logical(LogicalOperator::kAnd, rest, Before(i + 1, or_same));
    return Logical(LogicalOperator::kOr, before, rest);
  }

  const Expression* DenseRank() {
    if (keys_.size() > 1) {
      parser_->FailUnsupported("DENSE_RANK WITHIN GROUP with more than one sort key",
                               call_.position);
    }
    const Expression* key = keys_[0].expression;
    const Expression* nulls =
        Count(Logical(LogicalOperator::kAnd, IsNull(key, false), Before(0, false)));
    auto* node = New<CaseExpression>();
    NodeList<CaseBranch> branches(parser_->arena_, 1);
    branches.Add({Compare(ComparisonOperator::kGreater, nulls, Number("0")), Number("2")});
    node->branches = branches.Finish();
    node->otherwise = One();
    return Add(Count(Before(0, false), key), Seal(node));
  }

  Parser* parser_;
  const FunctionCall& call_;
  List<SortKey> keys_;
  uint32_t height_;
};

const Expression* Parser::RewriteHypothetical(const FunctionCall& call) {
  if (call.clauses == nullptr || !call.clauses->within_group || call.clauses->over != nullptr ||
      call.name.parts.size() != 1 || call.name.last().quoted) {
    return &call;
  }
  for (std::string_view name : kNames) {
    if (!IsNamed(call.name.last().text, name)) continue;
    if (call.star || call.quantifier != SetQuantifier::kNone ||
        call.arguments.size() != call.clauses->order_by.size()) {
      throw Error(ErrorCode::kUndefinedFunction,
                  std::string(name) +
                      " WITHIN GROUP takes as many values as there are sort keys, " +
                      std::to_string(call.clauses->order_by.size()),
                  call.position);
    }
    return HypotheticalRewriter(this, call).Rewrite(name);
  }
  return &call;
}

}  // namespace tupelo::ast

// plan/rule_order_joins.cpp: the order of joins, and hash keys for all of them.
//
// A tree of joins is taken apart into its relations and conditions (join_graph.cpp) and put
// together again at the lowest estimated cost: by dynamic programming when there are few, greedily
// when there are many. The larger side probes, the smaller one is built into a hash table.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/join_graph.h"

namespace tupelo {

namespace {

constexpr std::string_view kSameValue = "IS NOT DISTINCT FROM";

// An equality between an expression over the left columns and one over the right ones.
bool IsEquality(const BoundExpression& conjunct, const ColumnSet& left, const ColumnSet& right,
                bool* swapped) {
  if (conjunct.kind != BoundKind::kCall ||
      (conjunct.function.name != "=" && conjunct.function.name != kSameValue) ||
      HasSubquery(conjunct)) {
    return false;
  }
  if (!HaveKeyType(conjunct.arguments[0]->type, conjunct.arguments[1]->type)) return false;
  ColumnsRead first_left = CountColumns(*conjunct.arguments[0], left);
  ColumnsRead first_right = CountColumns(*conjunct.arguments[0], right);
  ColumnsRead second_left = CountColumns(*conjunct.arguments[1], left);
  ColumnsRead second_right = CountColumns(*conjunct.arguments[1], right);
  auto only = [](const ColumnsRead& own, const ColumnsRead& other) {
    return own.inside > 0 && own.outside == 0 && other.inside == 0;
  };
  *swapped = only(first_right, first_left) && only(second_left, second_right);
  return *swapped || (only(first_left, first_right) && only(second_right, second_left));
}

// Brings an exact number to the type in which both sides are compared.
ExpressionPtr ToKeyType(ExpressionPtr key, const Type& other) {
  Type common;
  BoundFunction cast;
  if (SameKeyType(key->type, other) || !CommonType(key->type, other, &common) ||
      SameKeyType(key->type, common) ||
      !ResolveCast(key->type, common, CastKind::kImplicit, &cast) || cast.kernel == nullptr) {
    return key;
  }
  cast.result = common;
  Position position = key->position;
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(key));
  ExpressionPtr call = MakeCall(std::move(cast), std::move(arguments), position);
  call->is_implicit_cast = true;
  return call;
}

}  // namespace

void ExtractKeys(PlanNode* join) {
  StepInterruption();
  if (join->condition == nullptr) return;
  ColumnSet left, right;
  left.AddOutput(*join->children[0]);
  right.AddOutput(*join->children[1]);
  std::vector<ExpressionPtr> conjuncts, rest;
  SplitConjuncts(std::move(join->condition), &conjuncts);
  for (ExpressionPtr& conjunct : conjuncts) {
    bool swapped = false;
    if (!IsEquality(*conjunct, left, right, &swapped)) {
      rest.push_back(std::move(conjunct));
      continue;
    }
    join->null_keys.push_back(conjunct->function.name == kSameValue);
    ExpressionPtr left_key = std::move(conjunct->arguments[swapped ? 1 : 0]);
    ExpressionPtr right_key = std::move(conjunct->arguments[swapped ? 0 : 1]);
    Type left_type = left_key->type, right_type = right_key->type;
    join->left_keys.push_back(ToKeyType(std::move(left_key), right_type));
    join->right_keys.push_back(ToKeyType(std::move(right_key), left_type));
  }
  join->condition = MakeAnd(std::move(rest));
  auto& nulls = join->null_keys;
  if (std::find(nulls.begin(), nulls.end(), true) == nulls.end()) nulls.clear();
}

bool SameKeyType(const Type& left, const Type& right) {
  if (left.physical() != right.physical() || left.family() != right.family()) return false;
  if (left.is_exact()) return left.decimal_scale() == right.decimal_scale();
  // PAD SPACE of CHARACTER: both sides must hash and compare alike.
  return (left.id == TypeId::kChar) == (right.id == TypeId::kChar);
}

// Exact numbers of any two types can be brought to one.
bool HaveKeyType(const Type& left, const Type& right) {
  if (SameKeyType(left, right)) return true;
  Type common;
  return left.is_exact() && right.is_exact() && CommonType(left, right, &common) &&
         common.decimal_precision() - common.decimal_scale() >=
             std::max(left.decimal_precision() - left.decimal_scale(),
                      right.decimal_precision() - right.decimal_scale());
}

void FindJoinKeys(PlanNode* node) {
  StepInterruption();
  for (PlanPtr& child : node->children) FindJoinKeys(child.get());
  if (node->kind == PlanKind::kJoin) ExtractKeys(node);
}

void OrderJoins(PlanPtr* node) {
  StepInterruption();
  if (!CanReorder(**node)) {
    for (PlanPtr& child : (*node)->children) OrderJoins(&child);
    if ((*node)->kind == PlanKind::kJoin) ExtractKeys(node->get());
    return;
  }
  JoinGraph graph(std::move(*node));
  for (JoinRelation& relation : graph.relations) OrderJoins(&relation.plan);
  PlanPtr ordered;
  if (graph.size() <= kMaxExactRelations) ordered = OrderByDynamicProgramming(&graph);
  if (ordered == nullptr) ordered = OrderGreedily(&graph);
  *node = graph.Finish(std::move(ordered));
}

}  // namespace tupelo

// plan/rule_simplify.cpp: conditions say the same in fewer words, and what
// can't hold reads nothing.
//
// - TRUE goes from conjunctions and FALSE from disjunctions; one that decides
// stands alone.
// - What all branches of a disjunction have in common stands before it:
//   (a AND b) OR (a AND c) is a AND (b OR c). That holds in three-valued logic
//   too.
// - Bounds of one column that exclude each other (x = 1 AND x = 2, x < 1 AND x
// > 5) make a filter
//   that no row passes.
// - A filter or scan that no row passes, and inner joins with one, become an
// empty list of rows; a union with one is its other input.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"
#include "types/compare.h"

namespace tupelo {

namespace {

bool IsTruth(const BoundExpression& expression, bool truth) {
  return expression.kind == BoundKind::kConstant && !expression.constant.is_null &&
         expression.type.id == TypeId::kBoolean && (expression.constant.integer != 0) == truth;
}

ExpressionPtr MakeTruth(bool truth, Position position) {
  return MakeConstant(Value::Boolean(truth), position);
}

ExpressionPtr MakeOr(Conjuncts terms) {
  if (terms.size() == 1) return std::move(terms[0]);
  auto either =
      std::make_unique<BoundExpression>(BoundKind::kOr, Type::Boolean(), terms[0]->position);
  either->arguments = std::move(terms);
  return either;
}

bool Contains(const Conjuncts& conjuncts, const BoundExpression& wanted) {
  return std::any_of(conjuncts.begin(), conjuncts.end(), [&](const ExpressionPtr& conjunct) {
    return SameExpression(*conjunct, wanted);
  });
}

// Conjuncts that every branch has.
ExpressionPtr FactorOut(ExpressionPtr disjunction) {
  std::vector<Conjuncts> branches;
  for (ExpressionPtr& branch : disjunction->arguments) {
    SplitConjuncts(std::move(branch), &branches.emplace_back());
  }
  Conjuncts common, rest;
  for (const ExpressionPtr& conjunct : branches[0]) {
    bool in_all = std::all_of(branches.begin() + 1, branches.end(),
                              [&](const Conjuncts& branch) { return Contains(branch, *conjunct); });
    if (in_all && !Contains(common, *conjunct)) common.push_back(Clone(*conjunct));
  }
  bool is_decided = false;  // a branch has nothing else to say
  for (Conjuncts& branch : branches) {
    std::erase_if(branch, [&](const ExpressionPtr& one) { return Contains(common, *one); });
    is_decided |= branch.empty();
    if (!branch.empty()) rest.push_back(MakeAnd(std::move(branch)));
  }
  if (!is_decided) common.push_back(MakeOr(std::move(rest)));
  return MakeAnd(std::move(common));
}

void SimplifyExpression(ExpressionPtr* expression) {
  BoundExpression& node = **expression;
  for (ExpressionPtr& argument : node.arguments) SimplifyExpression(&argument);
  if (node.kind != BoundKind::kAnd && node.kind != BoundKind::kOr) return;
  bool is_and = node.kind == BoundKind::kAnd;
  for (const ExpressionPtr& term : node.arguments) {
    if (!IsTruth(*term, !is_and)) continue;
    *expression = MakeTruth(!is_and, node.position);
    return;
  }
  std::erase_if(node.arguments, [&](const ExpressionPtr& term) { return IsTruth(*term, is_and); });
  if (node.arguments.empty()) {
    *expression = MakeTruth(is_and, node.position);
  } else if (node.arguments.size() == 1) {
    ExpressionPtr only = std::move(node.arguments[0]);
    *expression = std::move(only);
  } else if (!is_and) {
    *expression = FactorOut(std::move(*expression));
  }
}

// `column op constant` of one type, the constant not null.
struct Bound {
  ColumnId column;
  std::string_view op;
  const Value* value;
};

bool MatchBound(const BoundExpression& conjunct, Bound* bound) {
  if (conjunct.kind != BoundKind::kCall || conjunct.arguments.size() != 2) return false;
  const BoundExpression& column = *conjunct.arguments[0];
  const BoundExpression& value = *conjunct.arguments[1];
  if (column.kind != BoundKind::kColumn || value.kind != BoundKind::kConstant ||
      value.constant.is_null || !(column.type == value.type)) {
    return false;
  }
  static constexpr std::string_view kOps[] = {"=", "<", "<=", ">", ">="};
  *bound = {column.column, conjunct.function.name, &value.constant};
  return std::find(std::begin(kOps), std::end(kOps), bound->op) != std::end(kOps);
}

int Compare(const Value& a, const Value& b) {
  Vector vectors[2] = {Vector(a.type), Vector(b.type)};
  for (Vector& vector : vectors) vector.PrepareWrite(1);
  a.ToVector(&vectors[0], 0);
  b.ToVector(&vectors[1], 0);
  return CompareValues(vectors[0], 0, vectors[1], 0);
}

// Whether no value fulfils both.
bool Exclude(const Bound& a, const Bound& b) {
  if (a.column != b.column) return false;
  bool a_from_below = a.op[0] != '<', a_from_above = a.op[0] != '>';
  bool b_from_below = b.op[0] != '<', b_from_above = b.op[0] != '>';
  int order = Compare(*a.value, *b.value);
  bool both_closed = (a.op == "=" || a.op.size() == 2) && (b.op == "=" || b.op.size() == 2);
  // a at or above its value, b at or below a smaller one; or the other way
  // round.
  if (a_from_below && b_from_above && (order > 0 || (order == 0 && !both_closed))) return true;
  return a_from_above && b_from_below && (order < 0 || (order == 0 && !both_closed));
}

bool CanHold(const BoundExpression& condition) {
  if (condition.kind == BoundKind::kConstant) return IsTruth(condition, true);
  if (condition.kind != BoundKind::kAnd) return true;
  std::vector<Bound> bounds;
  for (const ExpressionPtr& term : condition.arguments) {
    if (term->kind == BoundKind::kConstant && !IsTruth(*term, true)) return false;
    Bound bound;
    if (!MatchBound(*term, &bound)) continue;
    for (const Bound& other : bounds) {
      if (Exclude(bound, other)) return false;
    }
    if (bounds.size() < 64) bounds.push_back(bound);
  }
  return true;
}

bool IsEmpty(const PlanNode& node) { return node.kind == PlanKind::kValues && node.rows.empty(); }

void MakeEmpty(PlanPtr* node) {
  auto empty = std::make_unique<PlanNode>(PlanKind::kValues);
  empty->output = (*node)->output;
  *node = std::move(empty);
}

bool GivesNothing(const PlanNode& node) {
  auto is_empty = [&](size_t i) { return IsEmpty(*node.children[i]); };
  switch (node.kind) {
    case PlanKind::kFilter:
    case PlanKind::kProject:
    case PlanKind::kSort:
    case PlanKind::kDistinct:
    case PlanKind::kLockRows:
    case PlanKind::kLimit: return is_empty(0);
    case PlanKind::kAggregate: return !node.computed.empty() && is_empty(0);
    case PlanKind::kSetOperation:
      return is_empty(0) && (node.set_kind != SetOperationKind::kUnionAll || is_empty(1));
    case PlanKind::kJoin:
      switch (node.join_kind) {
        case JoinKind::kInner:
        case JoinKind::kCross:
        case JoinKind::kSemi: return is_empty(0) || is_empty(1);
        case JoinKind::kRight: return is_empty(1);
        case JoinKind::kFull: return is_empty(0) && is_empty(1);
        default: return is_empty(0);
      }
    default: return false;
  }
}

// A union with nothing is its other input, under the names of the union.
void DropEmptyInput(PlanPtr* node) {
  PlanNode& sets = **node;
  if (sets.kind != PlanKind::kSetOperation || sets.set_kind != SetOperationKind::kUnionAll) return;
  if (!IsEmpty(*sets.children[0]) && !IsEmpty(*sets.children[1])) return;
  PlanPtr rest = std::move(sets.children[IsEmpty(*sets.children[0]) ? 1 : 0]);
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  project->output = std::move(sets.output);
  for (size_t i = 0; i < project->output.size(); ++i) {
    const OutputColumn& from = rest->output[i];
    project->computed.push_back({project->output[i].id, MakeColumn(from.id, from.type)});
  }
  project->children.push_back(std::move(rest));
  *node = std::move(project);
}

}  // namespace

void SimplifyConditions(PlanPtr* node) {
  StepInterruption();
  for (PlanPtr& child : (*node)->children) SimplifyConditions(&child);
  PlanNode& plan = **node;
  if (plan.condition != nullptr &&
      (plan.condition->kind == BoundKind::kAnd || plan.condition->kind == BoundKind::kOr ||
       plan.condition->kind == BoundKind::kConstant)) {
    SimplifyExpression(&plan.condition);
    bool joins = plan.kind == PlanKind::kJoin || plan.kind == PlanKind::kLateralJoin;
    bool is_inner =
        !joins || plan.join_kind == JoinKind::kInner || plan.join_kind == JoinKind::kSemi;
    if (is_inner && !CanHold(*plan.condition)) {
      MakeEmpty(node);
      return;
    }
    if (IsTruth(*plan.condition, true)) {
      plan.condition = nullptr;
      if (plan.kind == PlanKind::kJoin && plan.join_kind == JoinKind::kInner) {
        plan.join_kind = JoinKind::kCross;
      }
      if (plan.kind == PlanKind::kFilter) {
        PlanPtr child = std::move(plan.children[0]);
        *node = std::move(child);
      }
    }
  }
  if (GivesNothing(**node)) {
    MakeEmpty(node);
  } else {
    DropEmptyInput(node);
  }
}

}  // namespace tupelo

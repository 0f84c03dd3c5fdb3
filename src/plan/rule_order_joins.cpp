// plan/rule_order_joins.cpp: the order of inner joins, greedily by estimated rows, and hash keys
// for all joins.
//
// A tree of inner and cross joins is taken apart into its relations and conditions. Beginning with
// the smallest relation, the one that makes the smallest result is joined next, relations that a
// condition connects before any that none does. The larger side probes, the smaller one is built
// into a hash table.
#include <algorithm>

#include "plan/optimizer.h"

namespace tupelo {

namespace {

bool IsInner(const PlanNode& node) {
  return node.kind == PlanKind::kJoin &&
         (node.join_kind == JoinKind::kInner || node.join_kind == JoinKind::kCross);
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

// An equality between an expression over the left columns and one over the right ones.
bool IsEquality(const BoundExpression& conjunct, const ColumnSet& left, const ColumnSet& right,
                bool* swapped) {
  if (conjunct.kind != BoundKind::kCall || conjunct.function.name != "=" || HasSubquery(conjunct))
    return false;
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

// Moves equalities out of the condition into key pairs.
void ExtractKeys(PlanNode* join) {
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
    ExpressionPtr left_key = std::move(conjunct->arguments[swapped ? 1 : 0]);
    ExpressionPtr right_key = std::move(conjunct->arguments[swapped ? 0 : 1]);
    Type left_type = left_key->type, right_type = right_key->type;
    join->left_keys.push_back(ToKeyType(std::move(left_key), right_type));
    join->right_keys.push_back(ToKeyType(std::move(right_key), left_type));
  }
  join->condition = MakeAnd(std::move(rest));
}

struct JoinGraph {
  std::vector<PlanPtr> relations;
  std::vector<ExpressionPtr> conditions;
};

void TakeApart(PlanPtr node, JoinGraph* graph) {
  if (!IsInner(*node)) {
    graph->relations.push_back(std::move(node));
    return;
  }
  if (node->condition != nullptr) SplitConjuncts(std::move(node->condition), &graph->conditions);
  for (PlanPtr& child : node->children) TakeApart(std::move(child), graph);
}

PlanPtr Join(PlanPtr left, PlanPtr right, std::vector<ExpressionPtr> conditions) {
  if (left->estimated_rows < right->estimated_rows) std::swap(left, right);
  auto join = std::make_unique<PlanNode>(PlanKind::kJoin);
  join->join_kind = conditions.empty() ? JoinKind::kCross : JoinKind::kInner;
  join->output = left->output;
  join->output.insert(join->output.end(), right->output.begin(), right->output.end());
  join->condition = MakeAnd(std::move(conditions));
  join->children.push_back(std::move(left));
  join->children.push_back(std::move(right));
  ExtractKeys(join.get());
  return join;
}

class GreedyOrder {
 public:
  explicit GreedyOrder(JoinGraph graph) : graph_(std::move(graph)) {
    for (const ExpressionPtr& condition : graph_.conditions) {
      std::vector<ColumnId> columns;
      CollectColumns(*condition, &columns);
      columns_.push_back(std::move(columns));
    }
    for (const PlanPtr& relation : graph_.relations) {
      sets_.emplace_back();
      sets_.back().AddOutput(*relation);
      all_.AddOutput(*relation);
    }
  }

  PlanPtr Build() {
    size_t first = 0;
    for (size_t i = 1; i < graph_.relations.size(); ++i) {
      if (graph_.relations[i]->estimated_rows < graph_.relations[first]->estimated_rows) first = i;
    }
    PlanPtr plan = Take(first);
    for (size_t left = graph_.relations.size() - 1; left > 0; --left) {
      size_t next = Choose(*plan);
      std::vector<ExpressionPtr> conditions = TakeConditions(next);
      PlanPtr relation = Take(next);
      plan = Join(std::move(plan), std::move(relation), std::move(conditions));
      EstimateTop(plan.get());
    }
    return plan;
  }

 private:
  PlanPtr Take(size_t i) {
    joined_.AddOutput(*graph_.relations[i]);
    return std::move(graph_.relations[i]);
  }

  // Whether the condition can be tested once relation `i` is joined, and needs it.
  bool Connects(size_t condition, size_t i) const {
    if (graph_.conditions[condition] == nullptr) return false;
    bool needs = false;
    for (ColumnId id : columns_[condition]) {
      if (sets_[i].Has(id)) {
        needs = true;
      } else if (all_.Has(id) && !joined_.Has(id)) {
        return false;
      }
    }
    return needs;
  }

  size_t Choose(const PlanNode& plan) const {
    size_t best = 0;
    double best_rows = 0;
    bool found = false, best_connected = false;
    for (size_t i = 0; i < graph_.relations.size(); ++i) {
      if (graph_.relations[i] == nullptr) continue;
      double rows = plan.estimated_rows * graph_.relations[i]->estimated_rows;
      bool connected = false;
      for (size_t c = 0; c < graph_.conditions.size(); ++c) {
        if (!Connects(c, i)) continue;
        connected = true;
        rows *= Selectivity(*graph_.conditions[c], plan, *graph_.relations[i]);
      }
      if (!found || (connected && !best_connected) ||
          (connected == best_connected && rows < best_rows)) {
        best = i;
        best_rows = rows;
        best_connected = connected;
        found = true;
      }
    }
    return best;
  }

  static double Selectivity(const BoundExpression& condition, const PlanNode& plan,
                            const PlanNode& relation) {
    if (condition.kind == BoundKind::kCall && condition.function.name == "=") {
      const BoundExpression& left = *condition.arguments[0];
      const BoundExpression& right = *condition.arguments[1];
      return std::min(EstimateEquality(left, plan, right, relation),
                      EstimateEquality(left, relation, right, plan));
    }
    return EstimateSelectivity(condition, relation);
  }

  std::vector<ExpressionPtr> TakeConditions(size_t i) {
    std::vector<ExpressionPtr> taken;
    for (size_t c = 0; c < graph_.conditions.size(); ++c) {
      if (Connects(c, i)) taken.push_back(std::move(graph_.conditions[c]));
    }
    return taken;
  }

  static void EstimateTop(PlanNode* join) {
    double rows = join->children[0]->estimated_rows * join->children[1]->estimated_rows;
    for (size_t i = 0; i < join->left_keys.size(); ++i) {
      rows *= EstimateEquality(*join->left_keys[i], *join->children[0], *join->right_keys[i],
                               *join->children[1]);
    }
    if (join->condition != nullptr) rows *= EstimateSelectivity(*join->condition, *join);
    join->estimated_rows = std::max(1.0, rows);
  }

  JoinGraph graph_;
  std::vector<std::vector<ColumnId>> columns_;  // that each condition reads
  std::vector<ColumnSet> sets_;                 // that each relation has
  ColumnSet all_, joined_;
};

}  // namespace

bool SameKeyType(const Type& left, const Type& right) {
  if (left.physical() != right.physical() || left.family() != right.family()) return false;
  if (left.is_exact()) return left.decimal_scale() == right.decimal_scale();
  // PAD SPACE of CHARACTER: both sides must hash and compare alike.
  return (left.id == TypeId::kChar) == (right.id == TypeId::kChar);
}

void OrderJoins(PlanPtr* node) {
  if (!IsInner(**node)) {
    for (PlanPtr& child : (*node)->children) OrderJoins(&child);
    if ((*node)->kind == PlanKind::kJoin) ExtractKeys(node->get());
    return;
  }
  JoinGraph graph;
  TakeApart(std::move(*node), &graph);
  for (PlanPtr& relation : graph.relations) OrderJoins(&relation);
  *node = GreedyOrder(std::move(graph)).Build();
}

}  // namespace tupelo

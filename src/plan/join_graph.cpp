// plan/join_graph.cpp: relations, conditions and classes of equal columns of a tree of joins.
#include "plan/join_graph.h"

#include <algorithm>
#include <cmath>

#include "base/interruption_scope.h"
#include "plan/estimate.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

// The scan of the table whose rows a relation selects; nullptr when it is none.
const PlanNode* ScanOf(const PlanNode& relation) {
  const PlanNode* scan = &relation;
  while (scan->kind == PlanKind::kFilter) scan = scan->children[0].get();
  return scan->kind == PlanKind::kTableScan ? scan : nullptr;
}

}  // namespace

bool CanReorder(const PlanNode& node) {
  return node.kind == PlanKind::kJoin && node.join_kind != JoinKind::kFull &&
         node.join_kind != JoinKind::kSingle;
}

JoinGraph::JoinGraph(PlanPtr root) {
  TakeApart(std::move(root));
  for (RelationNumber i = 0; i < relations.size(); ++i) {
    for (const OutputColumn& column : relations[i].plan->output) {
      owners_.emplace_back(column.id, i);
    }
    if (relations[i].join != nullptr && relations[i].join->mark != kNoColumn) {
      owners_.emplace_back(relations[i].join->mark, i);
    }
  }
  std::sort(owners_.begin(), owners_.end());
  for (RelationNumber i = 0; i < relations.size(); ++i) {
    JoinRelation& relation = relations[i];
    if (!relation.is_dependent()) continue;
    VisitNodeExpressions(*relation.join, [&](ExpressionPtr& expression) {
      for (RelationNumber read : Read(*expression)) {
        if (read != i) relation.needed.push_back(read);
      }
    });
  }
  Conjuncts conjuncts = std::move(conjuncts_);
  Assign(&conjuncts);
  FindKeys();
}

void JoinGraph::TakeApart(PlanPtr node) {
  StepInterruption();
  while (IsPassThrough(*node) && CanReorder(*node->children[0])) {
    PlanPtr child = std::move(node->children[0]);
    node = std::move(child);
  }
  if (node->kind == PlanKind::kFilter && CanReorder(*node->children[0])) {
    SplitConjuncts(std::move(node->condition), &conjuncts_);
    TakeApart(std::move(node->children[0]));
    return;
  }
  if (!CanReorder(*node)) {
    relations.push_back({std::move(node), nullptr, {}});
    return;
  }
  if (node->join_kind == JoinKind::kRight) {
    std::swap(node->children[0], node->children[1]);
    node->join_kind = JoinKind::kLeft;
  }
  PlanPtr left = std::move(node->children[0]), right = std::move(node->children[1]);
  TakeApart(std::move(left));
  if (node->join_kind == JoinKind::kInner || node->join_kind == JoinKind::kCross) {
    if (node->condition != nullptr) SplitConjuncts(std::move(node->condition), &conjuncts_);
    TakeApart(std::move(right));
    return;
  }
  node->children.clear();
  relations.push_back({std::move(right), std::move(node), {}});
}

RelationNumber JoinGraph::RelationOf(ColumnId column) const {
  auto found = std::lower_bound(owners_.begin(), owners_.end(),
                                std::pair<ColumnId, RelationNumber>{column, 0});
  return found != owners_.end() && found->first == column ? found->second : kNone;
}

std::vector<RelationNumber> JoinGraph::Read(const BoundExpression& expression) const {
  std::vector<RelationNumber> reads;
  VisitColumns(expression, [&](ColumnId id) {
    RelationNumber relation = RelationOf(id);
    if (relation != kNone) reads.push_back(relation);
  });
  std::sort(reads.begin(), reads.end());
  reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
  return reads;
}

void JoinGraph::Assign(Conjuncts* conjuncts) {
  for (ExpressionPtr& conjunct : *conjuncts) {
    StepInterruption();
    std::vector<RelationNumber> reads = Read(*conjunct);
    if (reads.size() == 1 && !relations[reads[0]].is_dependent()) {
      PlanPtr& plan = relations[reads[0]].plan;
      auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
      filter->output = plan->output;
      filter->estimated_rows =
          std::max(1.0, plan->estimated_rows * EstimateSelectivity(*conjunct, *plan));
      filter->condition = std::move(conjunct);
      filter->children.push_back(std::move(plan));
      plan = std::move(filter);
      continue;
    }
    if (reads.size() == 2 && AddEquality(*conjunct)) continue;
    double selectivity = Selectivity(*conjunct, reads);
    conditions.push_back({std::move(conjunct), std::move(reads), selectivity});
  }
}

double JoinGraph::Selectivity(const BoundExpression& condition,
                              const std::vector<RelationNumber>& reads) const {
  if (reads.size() != 2) return reads.empty() ? 1 : 0.5;
  const PlanNode& first = *relations[reads[0]].plan;
  const PlanNode& second = *relations[reads[1]].plan;
  if (condition.kind == BoundKind::kCall && condition.function.name == "=") {
    const BoundExpression& a = *condition.arguments[0];
    const BoundExpression& b = *condition.arguments[1];
    return std::min(EstimateEquality(a, first, b, second), EstimateEquality(a, second, b, first));
  }
  return EstimateSelectivity(condition, first);
}

// Equal columns of one type are the same in every way that a plan can tell, but for CHARACTER and
// approximate numbers.
bool JoinGraph::AddEquality(const BoundExpression& condition) {
  if (condition.kind != BoundKind::kCall || condition.function.name != "=") return false;
  const BoundExpression& a = *condition.arguments[0];
  const BoundExpression& b = *condition.arguments[1];
  if (a.kind != BoundKind::kColumn || b.kind != BoundKind::kColumn ||
      !SameKeyType(a.type, b.type)) {
    return false;
  }
  size_t of_a = ClassOf(a.column), of_b = ClassOf(b.column);
  RelationNumber left = RelationOf(a.column), right = RelationOf(b.column);
  auto member = [&](const BoundExpression& column, RelationNumber relation) {
    return EqualColumns::Member{relation, column.column, column.type,
                                EstimateDistinct(column, *relations[relation].plan)};
  };
  // Two columns of one relation in a class would have to be compared as well.
  auto has = [&](size_t number, RelationNumber relation) {
    const auto& members = classes[number].members;
    return std::any_of(members.begin(), members.end(),
                       [&](const auto& other) { return other.relation == relation; });
  };
  if (of_a == kNoClass && of_b == kNoClass) {
    classes.push_back({{member(a, left), member(b, right)}});
  } else if (of_a == kNoClass) {
    if (has(of_b, left)) return false;
    classes[of_b].members.push_back(member(a, left));
  } else if (of_b == kNoClass) {
    if (has(of_a, right)) return false;
    classes[of_a].members.push_back(member(b, right));
  } else if (of_a != of_b) {
    auto& from = classes[of_b].members;
    for (const auto& moved : from) {
      if (has(of_a, moved.relation)) return false;
    }
    classes[of_a].members.insert(classes[of_a].members.end(), from.begin(), from.end());
    from.clear();
  }
  return true;
}

size_t JoinGraph::ClassOf(ColumnId column) const {
  for (size_t i = 0; i < classes.size(); ++i) {
    for (const EqualColumns::Member& member : classes[i].members) {
      if (member.column == column) return i;
    }
  }
  return kNoClass;
}

void JoinGraph::FindKeys() {
  if (classes.size() < 2 || relations.size() > kMaxExactRelations) return;
  for (RelationNumber i = 1; i < relations.size(); ++i) {
    for (RelationNumber j = 0; j < i; ++j) {
      double factor = FactorOfKeys(i, j);
      if (factor > 1) keys.push_back({i, j, factor});
    }
  }
}

double JoinGraph::FactorOfKeys(RelationNumber a, RelationNumber b) const {
  const PlanNode *scan_a = ScanOf(*relations[a].plan), *scan_b = ScanOf(*relations[b].plan);
  if (scan_a == nullptr || scan_b == nullptr) return 1;
  size_t found = 0;
  double distinct_a = 1, distinct_b = 1, assumed = 1;
  for (const EqualColumns& equal : classes) {
    const EqualColumns::Member *of_a = nullptr, *of_b = nullptr;
    for (const EqualColumns::Member& member : equal.members) {
      if (member.relation == a) of_a = &member;
      if (member.relation == b) of_b = &member;
    }
    if (of_a == nullptr || of_b == nullptr) continue;
    ++found;
    distinct_a *= of_a->distinct;
    distinct_b *= of_b->distinct;
    assumed *= std::max(of_a->distinct, of_b->distinct);
  }
  if (found < 2) return 1;
  double combinations = assumed, rows_a = TableRows(*scan_a->table);
  double rows_b = TableRows(*scan_b->table);
  if (distinct_a > rows_a) combinations = std::min(combinations, rows_a);
  if (distinct_b > rows_b) combinations = std::min(combinations, rows_b);
  return assumed / combinations;
}

std::vector<std::pair<RelationNumber, RelationNumber>> JoinGraph::Edges() const {
  std::vector<std::pair<RelationNumber, RelationNumber>> edges;
  for (const EqualColumns& equal : classes) {
    bool is_small = relations.size() <= kMaxExactRelations;
    for (size_t i = 1; i < equal.members.size(); ++i) {
      for (size_t j = is_small ? 0 : i - 1; j < i; ++j) {
        edges.emplace_back(equal.members[i].relation, equal.members[j].relation);
      }
    }
  }
  for (const JoinCondition& condition : conditions) {
    for (size_t i = 1; i < condition.reads.size(); ++i) {
      edges.emplace_back(condition.reads[0], condition.reads[i]);
    }
  }
  RelationNumber first = 0;  // there is always one that is not dependent
  while (relations[first].is_dependent()) ++first;
  for (RelationNumber i = 0; i < relations.size(); ++i) {
    if (!relations[i].is_dependent()) continue;
    for (RelationNumber needed : relations[i].needed) edges.emplace_back(i, needed);
    if (relations[i].needed.empty()) edges.emplace_back(i, first);
  }
  return edges;
}

double JoinGraph::DependentFactor(RelationNumber dependent) const {
  const JoinRelation& relation = relations[dependent];
  JoinKind kind = relation.join->join_kind;
  if (kind == JoinKind::kMark) return 1;
  double matches = std::max(1.0, relation.plan->estimated_rows);  // of one left row
  double share = 1;                                               // of left rows with a match
  Conjuncts conjuncts;
  if (relation.join->condition != nullptr) {
    SplitConjuncts(Clone(*relation.join->condition), &conjuncts);
  }
  for (const ExpressionPtr& conjunct : conjuncts) {
    std::vector<RelationNumber> reads = Read(*conjunct);
    double selectivity = Selectivity(*conjunct, reads);
    matches *= selectivity;
    bool is_equality = conjunct->kind == BoundKind::kCall && conjunct->function.name == "=";
    if (!is_equality || reads.size() != 2) {
      share *= 0.7;
      continue;
    }
    double values[2] = {1, 1};  // of the dependent relation, of the other one
    for (const ExpressionPtr& argument : conjunct->arguments) {
      std::vector<RelationNumber> of = Read(*argument);
      if (of.size() != 1) continue;
      values[of[0] == dependent ? 0 : 1] = EstimateDistinct(*argument, *relations[of[0]].plan);
    }
    share *= std::min(1.0, values[0] / std::max(1.0, values[1]));
  }
  share = std::min(share, matches);
  if (kind == JoinKind::kLeft) return std::max(1.0, matches);
  return std::max(kind == JoinKind::kSemi ? share : 1 - share, 0.01);
}

PlanPtr JoinGraph::Combine(PlanPtr left, PlanPtr right, const std::vector<uint8_t>& side,
                           RelationNumber dependent) {
  Conjuncts between;
  for (const EqualColumns& equal : classes) {
    const EqualColumns::Member* members[2] = {nullptr, nullptr};
    for (const EqualColumns::Member& member : equal.members) {
      if (side[member.relation] != 0) members[side[member.relation] - 1] = &member;
    }
    if (members[0] == nullptr || members[1] == nullptr) continue;
    between.push_back(MakeBooleanCall("=", MakeColumn(members[0]->column, members[0]->type),
                                      MakeColumn(members[1]->column, members[1]->type)));
  }
  for (JoinCondition& condition : conditions) {
    if (condition.expression == nullptr || condition.reads.empty()) continue;
    bool is_there = std::all_of(condition.reads.begin(), condition.reads.end(),
                                [&](RelationNumber relation) { return side[relation] != 0; });
    if (is_there) between.push_back(std::move(condition.expression));
  }
  std::stable_partition(between.begin(), between.end(),
                        [](const ExpressionPtr& conjunct) { return !HasSubquery(*conjunct); });
  if (dependent == kNone) {
    if (left->estimated_rows < right->estimated_rows) std::swap(left, right);
    PlanPtr join =
        MakeJoin(JoinKind::kInner, std::move(left), std::move(right), std::move(between));
    ExtractKeys(join.get());
    return join;
  }
  PlanPtr join = std::move(relations[dependent].join);
  PlanPtr shape = MakeJoin(join->join_kind, std::move(left), std::move(right), {});
  if (join->mark != kNoColumn) shape->output.push_back(*FindOutput(*join, join->mark));
  join->output = std::move(shape->output);
  join->children = std::move(shape->children);
  ExtractKeys(join.get());
  if (between.empty()) return join;
  auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
  filter->output = join->output;
  filter->estimated_rows = join->estimated_rows;
  filter->condition = MakeAnd(std::move(between));
  filter->children.push_back(std::move(join));
  return filter;
}

PlanPtr JoinGraph::Finish(PlanPtr plan) {
  Conjuncts rest;
  for (JoinCondition& condition : conditions) {
    if (condition.expression != nullptr) rest.push_back(std::move(condition.expression));
  }
  if (rest.empty()) return plan;
  auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
  filter->output = plan->output;
  filter->estimated_rows = plan->estimated_rows;
  filter->condition = MakeAnd(std::move(rest));
  filter->children.push_back(std::move(plan));
  return filter;
}

}  // namespace tupelo

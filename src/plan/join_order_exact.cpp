// plan/join_order_exact.cpp: the cheapest order of few joins.
//
// Moerkotte and Neumann, "Analysis of Two Existing and One New Dynamic Programming Algorithm for
// the Generation of Optimal Bushy Join Trees without Cross Products", VLDB 2006 (DPccp): each pair
// of connected sets of relations with an edge between them is looked at once, smaller sets first.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/interruption_scope.h"
#include "plan/join_graph.h"

namespace tupelo {

namespace {

using Set = uint32_t;

// What a row costs, relative to passing it on.
constexpr double kBuildCost = 2, kProbeCost = 1, kOutputCost = 1, kPairCost = 0.1;
constexpr double kRangeCost = 0.5;  // of a join by ranges, times the logarithm of the right rows

Set LowBits(Set bit) { return bit | (bit - 1); }

class ExactOrder {
 public:
  explicit ExactOrder(JoinGraph* graph) : graph_(*graph), count_(graph->size()) {
    neighbors_.resize(count_);
    best_.resize(size_t{1} << count_);
    for (const auto& [a, b] : graph_.Edges()) Connect(a, b);
    ConnectAll();
    for (RelationNumber i = 0; i < count_; ++i) {
      JoinRelation& relation = graph_.relations[i];
      Best& single = best_[Set{1} << i];
      single.rows = std::max(1.0, relation.plan->estimated_rows);
      single.is_known = true;
      if (!relation.is_dependent()) continue;
      dependents_ |= Set{1} << i;
      factors_.emplace_back(i, graph_.DependentFactor(i));
    }
  }

  PlanPtr Run() {
    for (size_t i = count_; i-- > 0;) {
      Set first = Set{1} << i;
      EmitConnected(first);
      GrowConnected(first, LowBits(first));
    }
    Set all = (Set{1} << count_) - 1;
    return best_[all].is_known ? Build(all) : nullptr;
  }

 private:
  struct Best {
    bool is_known = false;
    double rows = 0, cost = 0;
    Set left = 0, right = 0;
  };

  void Connect(RelationNumber a, RelationNumber b) {
    if (a == b) return;
    neighbors_[a] |= Set{1} << b;
    neighbors_[b] |= Set{1} << a;
  }

  // Parts that no condition connects meet in a cross product.
  void ConnectAll() {
    Set reached = 1;
    for (;;) {
      for (Set before = 0; before != reached;) {
        before = reached;
        reached |= Neighbors(reached);
      }
      RelationNumber next = 0;
      while (next < count_ &&
             ((reached >> next & 1) != 0 || graph_.relations[next].is_dependent())) {
        ++next;
      }
      if (next == count_) return;
      for (RelationNumber i = 0; i < count_; ++i) {
        bool joins_freely = (reached >> i & 1) != 0 && !graph_.relations[i].is_dependent();
        if (joins_freely) Connect(i, next);
      }
      reached |= Set{1} << next;
    }
  }

  Set Neighbors(Set set) const {
    Set all = 0;
    for (Set rest = set; rest != 0; rest &= rest - 1) all |= neighbors_[Lowest(rest)];
    return all & ~set;
  }
  static size_t Lowest(Set set) { return static_cast<size_t>(std::countr_zero(set)); }

  void GrowConnected(Set set, Set excluded) {
    Set around = Neighbors(set) & ~excluded;
    // Subsets ascending, so that smaller sets come first.
    for (Set part = (0 - around) & around; part != 0; part = (part - around) & around) {
      EmitConnected(set | part);
    }
    for (Set part = (0 - around) & around; part != 0; part = (part - around) & around) {
      GrowConnected(set | part, excluded | around);
    }
  }

  void EmitConnected(Set first) {
    Set lowest = Set{1} << Lowest(first);
    Set excluded = first | LowBits(lowest);
    Set around = Neighbors(first) & ~excluded;
    for (size_t i = count_; i-- > 0;) {
      Set second = Set{1} << i;
      if ((around & second) == 0) continue;
      Consider(first, second);
      GrowComplement(first, second, excluded | (LowBits(second) & around));
    }
  }

  void GrowComplement(Set first, Set second, Set excluded) {
    Set around = Neighbors(second) & ~excluded;
    for (Set part = (0 - around) & around; part != 0; part = (part - around) & around) {
      if ((Neighbors(first) & (second | part)) != 0) Consider(first, second | part);
    }
    for (Set part = (0 - around) & around; part != 0; part = (part - around) & around) {
      GrowComplement(first, second | part, excluded | around);
    }
  }

  bool IsRaw(Set set) const { return std::has_single_bit(set) && (set & dependents_) != 0; }

  bool MayDepend(Set left, Set raw) const {
    if (IsRaw(left)) return false;
    for (RelationNumber needed : graph_.relations[Lowest(raw)].needed) {
      if ((left >> needed & 1) == 0) return false;
    }
    return true;
  }

  void Consider(Set a, Set b) {
    StepInterruption();
    if (!best_[a].is_known || !best_[b].is_known) return;
    if (IsRaw(a)) std::swap(a, b);
    if (IsRaw(b) && !MayDepend(a, b)) return;
    Best& best = best_[a | b];
    double rows = best.is_known ? best.rows : Rows(a | b);
    if (!IsRaw(b) && best_[a].rows < best_[b].rows) std::swap(a, b);
    double cost = best_[a].cost + best_[b].cost + kOutputCost * rows;
    if (HasKeys(a, b)) {
      cost += kProbeCost * best_[a].rows + kBuildCost * best_[b].rows;
    } else {
      double pairs = kPairCost * best_[a].rows * best_[b].rows;
      cost += kBuildCost * best_[b].rows + std::min(pairs, CostOfRange(a, b));
    }
    if (best.is_known && best.cost <= cost) return;
    best = {true, rows, cost, a, b};
  }

  // Of finding the pairs by ranges (rule_band_join.cpp); without any limit where there are none.
  double CostOfRange(Set a, Set b) const {
    bool has_range = HasComparison(a, b, [](std::string_view name) {
      return name == "<" || name == "<=" || name == ">" || name == ">=";
    });
    if (!has_range) return std::numeric_limits<double>::infinity();
    return kRangeCost * std::log2(best_[b].rows + 1) * (best_[a].rows + best_[b].rows);
  }

  bool HasKeys(Set a, Set b) const {
    if (IsRaw(b)) return true;
    for (const EqualColumns& equal : graph_.classes) {
      Set members = Members(equal);
      if ((members & a) != 0 && (members & b) != 0) return true;
    }
    return HasComparison(a, b, [](std::string_view name) { return name == "="; });
  }

  template <typename IsWanted>
  bool HasComparison(Set a, Set b, IsWanted&& is_wanted) const {
    return std::any_of(graph_.conditions.begin(), graph_.conditions.end(),
                       [&](const JoinCondition& condition) {
                         Set reads = Reads(condition);
                         return (reads & ~(a | b)) == 0 && (reads & a) != 0 && (reads & b) != 0 &&
                                condition.expression->kind == BoundKind::kCall &&
                                is_wanted(condition.expression->function.name);
                       });
  }

  static Set Members(const EqualColumns& equal) {
    Set set = 0;
    for (const EqualColumns::Member& member : equal.members) set |= Set{1} << member.relation;
    return set;
  }
  static Set Reads(const JoinCondition& condition) {
    Set set = 0;
    for (RelationNumber relation : condition.reads) set |= Set{1} << relation;
    return set;
  }

  // The same whatever the order within: of equal columns, the one with the fewest values decides.
  double Rows(Set set) const {
    double rows = 1;
    for (Set rest = set & ~dependents_; rest != 0; rest &= rest - 1) {
      rows *= best_[rest & (0 - rest)].rows;
    }
    for (const EqualColumns& equal : graph_.classes) {
      double fewest = 0;
      size_t found = 0;
      for (const EqualColumns::Member& member : equal.members) {
        if ((set >> member.relation & 1) == 0) continue;
        rows /= std::max(1.0, member.distinct);
        fewest = found++ == 0 ? member.distinct : std::min(fewest, member.distinct);
      }
      if (found > 0) rows *= std::max(1.0, fewest);
    }
    rows *= FactorOfKeys(set);
    for (const JoinCondition& condition : graph_.conditions) {
      if ((Reads(condition) & ~set) == 0) rows *= condition.selectivity;
    }
    for (const auto& [relation, factor] : factors_) {
      if ((set >> relation & 1) != 0) rows *= factor;
    }
    return std::max(1.0, rows);
  }

  // Each relation brings in the factor of one other at most.
  double FactorOfKeys(Set set) const {
    double product = 1;
    for (size_t i = 0; i < graph_.keys.size();) {
      RelationNumber relation = graph_.keys[i].relation;
      double factor = 1;
      for (; i < graph_.keys.size() && graph_.keys[i].relation == relation; ++i) {
        bool both = (set >> relation & 1) != 0 && (set >> graph_.keys[i].other & 1) != 0;
        if (both) factor = std::max(factor, graph_.keys[i].factor);
      }
      product *= factor;
    }
    return product;
  }

  PlanPtr Build(Set set) {
    const Best& best = best_[set];
    if (best.left == 0) return std::move(graph_.relations[Lowest(set)].plan);
    PlanPtr left = Build(best.left), right = Build(best.right);
    std::vector<uint8_t> side(count_);
    for (size_t i = 0; i < count_; ++i) {
      side[i] = (best.left >> i & 1) != 0 ? 1 : (best.right >> i & 1) != 0 ? 2 : 0;
    }
    RelationNumber dependent =
        IsRaw(best.right) ? static_cast<RelationNumber>(Lowest(best.right)) : JoinGraph::kNone;
    PlanPtr plan = graph_.Combine(std::move(left), std::move(right), side, dependent);
    plan->estimated_rows = best.rows;
    return plan;
  }

  JoinGraph& graph_;
  size_t count_;
  std::vector<Set> neighbors_;
  std::vector<Best> best_;  // by set
  std::vector<std::pair<RelationNumber, double>> factors_;
  Set dependents_ = 0;
};

}  // namespace

PlanPtr OrderByDynamicProgramming(JoinGraph* graph) { return ExactOrder(graph).Run(); }

}  // namespace tupelo

// plan/join_order_greedy.cpp: an order for many joins.
//
// Greedy operator ordering (Fegaras, "A New Heuristic for Optimizing Large Queries", DEXA 1998): of
// all pairs that a condition connects, the one with the smallest result is joined next, until one
// plan is left.
#include <algorithm>
#include <unordered_map>

#include "base/interruption_scope.h"
#include "plan/join_graph.h"

namespace tupelo {

namespace {

class GreedyOrder {
 public:
  explicit GreedyOrder(JoinGraph* graph) : graph_(*graph) {
    for (RelationNumber i = 0; i < graph_.size(); ++i) {
      Part& part = parts_.emplace_back();
      part.plan = std::move(graph_.relations[i].plan);
      part.relations.push_back(i);
      part.is_raw = graph_.relations[i].is_dependent();
      part_of_.push_back(i);
    }
    for (size_t c = 0; c < graph_.classes.size(); ++c) {
      for (const EqualColumns::Member& member : graph_.classes[c].members) {
        parts_[member.relation].distinct[c] = member.distinct;
      }
    }
    for (const auto& [a, b] : graph_.Edges()) edges_.push_back({a, b, 0, true});
  }

  PlanPtr Run() {
    for (size_t left = parts_.size(); left > 1; --left) {
      size_t a = 0, b = 0;
      if (!ChooseEdge(&a, &b)) ChooseSmallest(&a, &b);
      Merge(a, b);
    }
    return std::move(parts_[part_of_[0]].plan);
  }

 private:
  struct Part {
    PlanPtr plan;  // nullptr: merged into another
    std::vector<RelationNumber> relations;
    std::unordered_map<size_t, double> distinct;  // by class
    bool is_raw = false;                          // a dependent relation not joined yet
  };
  struct Edge {
    RelationNumber a, b;
    double rows;
    bool is_old;  // rows must be estimated anew
  };

  double Rows(const Part& a, const Part& b) const {
    double left = a.plan->estimated_rows, right = b.plan->estimated_rows;
    if (a.is_raw) return right;
    if (b.is_raw) return left;
    double rows = left * right;
    const Part& small = a.distinct.size() < b.distinct.size() ? a : b;
    const Part& large = &small == &a ? b : a;
    for (const auto& [number, distinct] : small.distinct) {
      auto found = large.distinct.find(number);
      if (found != large.distinct.end()) rows /= std::max({1.0, distinct, found->second});
    }
    return std::max(1.0, rows);
  }

  bool MayJoin(const Part& a, const Part& b) const {
    if (a.is_raw && b.is_raw) return false;
    if (!a.is_raw && !b.is_raw) return true;
    const Part& raw = a.is_raw ? a : b;
    size_t with = part_of_[(a.is_raw ? b : a).relations[0]];
    const auto& needed = graph_.relations[raw.relations[0]].needed;
    return std::all_of(needed.begin(), needed.end(),
                       [&](RelationNumber relation) { return part_of_[relation] == with; });
  }

  bool ChooseEdge(size_t* a, size_t* b) {
    StepInterruption();
    const Edge* best = nullptr;
    for (size_t i = 0; i < edges_.size();) {
      Edge& edge = edges_[i];
      size_t left = part_of_[edge.a], right = part_of_[edge.b];
      if (left == right) {  // inside a part by now
        edge = edges_.back();
        edges_.pop_back();
        continue;
      }
      if (edge.is_old) edge.rows = Rows(parts_[left], parts_[right]);
      edge.is_old = false;
      ++i;
    }
    for (const Edge& edge : edges_) {
      if (best != nullptr && edge.rows >= best->rows) continue;
      if (MayJoin(parts_[part_of_[edge.a]], parts_[part_of_[edge.b]])) best = &edge;
    }
    if (best == nullptr) return false;
    *a = part_of_[best->a];
    *b = part_of_[best->b];
    return true;
  }

  // Nothing is connected any more: the smallest two.
  void ChooseSmallest(size_t* a, size_t* b) const {
    size_t smallest[2] = {parts_.size(), parts_.size()};
    auto is_less = [&](size_t x, size_t y) {
      return y == parts_.size() || parts_[x].plan->estimated_rows < parts_[y].plan->estimated_rows;
    };
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].plan == nullptr || parts_[i].is_raw) continue;
      if (is_less(i, smallest[0])) {
        smallest[1] = smallest[0];
        smallest[0] = i;
      } else if (is_less(i, smallest[1])) {
        smallest[1] = i;
      }
    }
    *a = smallest[0];
    *b = smallest[1];
  }

  void Merge(size_t a, size_t b) {
    if (parts_[a].is_raw) std::swap(a, b);
    Part& left = parts_[a];
    Part& right = parts_[b];
    double rows = Rows(left, right);
    std::vector<uint8_t> side(graph_.size());
    for (RelationNumber relation : left.relations) side[relation] = 1;
    for (RelationNumber relation : right.relations) side[relation] = 2;
    RelationNumber dependent = right.is_raw ? right.relations[0] : JoinGraph::kNone;
    left.plan = graph_.Combine(std::move(left.plan), std::move(right.plan), side, dependent);
    left.plan->estimated_rows = rows;
    right.plan = nullptr;
    for (RelationNumber relation : right.relations) {
      part_of_[relation] = a;
      left.relations.push_back(relation);
    }
    for (const auto& [number, distinct] : right.distinct) {
      auto [known, is_new] = left.distinct.emplace(number, distinct);
      if (!is_new) known->second = std::min(known->second, distinct);
    }
    for (Edge& edge : edges_) {
      if (part_of_[edge.a] == a || part_of_[edge.b] == a) edge.is_old = true;
    }
  }

  JoinGraph& graph_;
  std::vector<Part> parts_;
  std::vector<size_t> part_of_;  // by relation
  std::vector<Edge> edges_;
};

}  // namespace

PlanPtr OrderGreedily(JoinGraph* graph) { return GreedyOrder(graph).Run(); }

}  // namespace tupelo

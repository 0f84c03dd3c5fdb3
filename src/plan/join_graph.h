// plan/join_graph.h: a tree of joins taken apart, to be put together in another order.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

using RelationNumber = uint32_t;

// Inner joins may be done in any order. What a semi, anti, mark or left join adds to its left rows
// depends on those columns alone that its condition reads: it may be done as soon as they are
// there. Such a relation is *dependent*: always the right side, alone, of its own join.
struct JoinRelation {
  PlanPtr plan;
  PlanPtr join;                        // of a dependent relation, without children; else nullptr
  std::vector<RelationNumber> needed;  // that must be there before it
  bool is_dependent() const { return join != nullptr; }
};

// Which relations a condition of the inner joins reads, ascending.
struct JoinCondition {
  ExpressionPtr expression;
  std::vector<RelationNumber> reads;
  double selectivity = 1;
};

// Columns that the conditions make equal: once joined, comparing one of each side is enough.
struct EqualColumns {
  struct Member {
    RelationNumber relation;
    ColumnId column;
    Type type;
    double distinct;
  };
  std::vector<Member> members;
};

// Two tables that are joined by several columns. A combination of their values is mostly one that
// the smaller one has, so there are more pairs than the product of the selectivities says, by
// `factor`.
struct CompositeKey {
  RelationNumber relation, other;  // other < relation; ascending by relation
  double factor;
};

class JoinGraph {
 public:
  // REQUIRES: CanReorder(*root); rows are estimated.
  explicit JoinGraph(PlanPtr root);

  size_t size() const { return relations.size(); }
  // The join of two plans that hold the relations marked 1 and 2 in `side`. A dependent relation
  // that was not joined yet is the right one, `dependent` its number.
  static constexpr RelationNumber kNone = 0xFFFFFFFFu;
  PlanPtr Combine(PlanPtr left, PlanPtr right, const std::vector<uint8_t>& side,
                  RelationNumber dependent);
  // What reads no relation goes on top.
  PlanPtr Finish(PlanPtr plan);
  // Pairs of relations that a condition connects.
  std::vector<std::pair<RelationNumber, RelationNumber>> Edges() const;
  // The part of `left_rows` that a dependent relation keeps (or more, when a left join repeats
  // them).
  double DependentFactor(RelationNumber dependent) const;

  std::vector<JoinRelation> relations;
  std::vector<JoinCondition> conditions;
  std::vector<EqualColumns> classes;
  std::vector<CompositeKey> keys;  // of so few relations that they are ordered exactly

 private:
  void TakeApart(PlanPtr node);
  void Assign(Conjuncts* conjuncts);
  bool AddEquality(const BoundExpression& condition);
  void FindKeys();
  double FactorOfKeys(RelationNumber a, RelationNumber b) const;
  static constexpr size_t kNoClass = static_cast<size_t>(-1);
  size_t ClassOf(ColumnId column) const;
  RelationNumber RelationOf(ColumnId column) const;
  std::vector<RelationNumber> Read(const BoundExpression& expression) const;
  double Selectivity(const BoundExpression& condition,
                     const std::vector<RelationNumber>& reads) const;

  Conjuncts conjuncts_;
  std::vector<std::pair<ColumnId, RelationNumber>> owners_;  // ascending
};

// Whether the node is a join that a graph takes apart.
bool CanReorder(const PlanNode& node);
// Moves equalities out of the condition of a join into key pairs.
void ExtractKeys(PlanNode* join);

PlanPtr OrderByDynamicProgramming(JoinGraph* graph);  // join_order_exact.cpp
PlanPtr OrderGreedily(JoinGraph* graph);              // join_order_greedy.cpp
inline constexpr size_t kMaxExactRelations = 12;

}  // namespace tupelo

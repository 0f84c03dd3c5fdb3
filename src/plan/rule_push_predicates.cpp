// plan/rule_push_predicates.cpp: conditions go as far down as the columns that they read.
//
// A filter is taken apart into its conjuncts; each sinks through projections, joins, grouping, set
// operations and sorting until it stands on a scan, in a join's condition, or in front of what it
// can't pass. What a projection or a group computes is put in the place of its column.
// Conjuncts keep their order; those with subqueries come last where they land.
#include <algorithm>
#include <map>

#include "base/interruption_scope.h"
#include "plan/binder.h"
#include "plan/optimizer.h"

namespace tupelo {

namespace {

using Conjuncts = std::vector<ExpressionPtr>;

void Sink(PlanPtr* node, Conjuncts conjuncts);

void AddCondition(ExpressionPtr* condition, Conjuncts more) {
  if (more.empty()) return;
  Conjuncts all;
  if (*condition != nullptr) SplitConjuncts(std::move(*condition), &all);
  for (ExpressionPtr& conjunct : more) all.push_back(std::move(conjunct));
  std::stable_partition(all.begin(), all.end(),
                        [](const ExpressionPtr& conjunct) { return !HasSubquery(*conjunct); });
  *condition = MakeAnd(std::move(all));
}

// Puts a filter on top of the node for what can't sink further.
void Place(PlanPtr* node, Conjuncts conjuncts) {
  StepInterruption();
  if (conjuncts.empty()) return;
  auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
  filter->output = (*node)->output;
  AddCondition(&filter->condition, std::move(conjuncts));
  filter->children.push_back(std::move(*node));
  *node = std::move(filter);
}

bool Reads(const BoundExpression& expression, ColumnId column) {
  bool reads = false;
  VisitColumns(expression, [&](ColumnId id) { reads |= id == column; });
  return reads;
}

bool AllOutside(const BoundExpression& expression, const ColumnSet& columns) {
  return CountColumns(expression, columns).inside == 0;
}

// A join that keeps unmatched rows of one side turns into one that doesn't when a condition above
// drops them anyway.
void Narrow(PlanNode* join, const Conjuncts& conjuncts, const ColumnSet& left,
            const ColumnSet& right) {
  for (const ExpressionPtr& conjunct : conjuncts) {
    bool rejects_left = RejectsNulls(*conjunct, left),
         rejects_right = RejectsNulls(*conjunct, right);
    if (rejects_right && join->join_kind == JoinKind::kLeft) join->join_kind = JoinKind::kInner;
    if (rejects_left && join->join_kind == JoinKind::kRight) join->join_kind = JoinKind::kInner;
    if (join->join_kind == JoinKind::kFull) {
      if (rejects_left && rejects_right) {
        join->join_kind = JoinKind::kInner;
      } else if (rejects_left) {
        join->join_kind = JoinKind::kLeft;
      } else if (rejects_right) {
        join->join_kind = JoinKind::kRight;
      }
    }
  }
}

// What a disjunction says of one side alone: each of its branches says something of it. The
// disjunction itself is tested all the same.
ExpressionPtr ImpliedOf(const BoundExpression& disjunction, const ColumnSet& side) {
  if (disjunction.kind != BoundKind::kOr) return nullptr;
  auto either =
      std::make_unique<BoundExpression>(BoundKind::kOr, Type::Boolean(), disjunction.position);
  for (const ExpressionPtr& branch : disjunction.arguments) {
    Conjuncts all, own;
    SplitConjuncts(Clone(*branch), &all);
    for (ExpressionPtr& conjunct : all) {
      ColumnsRead read = CountColumns(*conjunct, side);
      if (read.inside > 0 && read.outside == 0 && !HasSubquery(*conjunct)) {
        own.push_back(std::move(conjunct));
      }
    }
    if (own.empty()) return nullptr;
    either->arguments.push_back(MakeAnd(std::move(own)));
  }
  return either;
}

void AddImplied(const BoundExpression& conjunct, const ColumnSet& side, Conjuncts* to_side) {
  ExpressionPtr implied = ImpliedOf(conjunct, side);
  if (implied != nullptr) to_side->push_back(std::move(implied));
}

void SinkIntoJoin(PlanPtr* node, Conjuncts conjuncts) {
  PlanNode& join = **node;
  ColumnSet left, right;
  left.AddOutput(*join.children[0]);
  right.AddOutput(*join.children[1]);
  Narrow(&join, conjuncts, left, right);
  bool inner = join.join_kind == JoinKind::kInner || join.join_kind == JoinKind::kCross;
  bool once = GivesLeftOnly(join.join_kind) || join.join_kind == JoinKind::kSingle;
  bool by_left = inner || once || join.join_kind == JoinKind::kLeft;  // what is above goes left
  Conjuncts to_left, to_right, to_join, above;
  for (ExpressionPtr& conjunct : conjuncts) {
    bool reads_left = !AllOutside(*conjunct, left), reads_right = !AllOutside(*conjunct, right);
    bool reads_mark = join.mark != kNoColumn && Reads(*conjunct, join.mark);
    if (reads_left && !reads_right && by_left && !reads_mark) {
      to_left.push_back(std::move(conjunct));
    } else if (reads_right && !reads_left && (inner || join.join_kind == JoinKind::kRight)) {
      to_right.push_back(std::move(conjunct));
    } else if (inner && reads_left && reads_right && !HasSubquery(*conjunct)) {
      AddImplied(*conjunct, left, &to_left);
      AddImplied(*conjunct, right, &to_right);
      to_join.push_back(std::move(conjunct));
    } else {
      above.push_back(std::move(conjunct));
    }
  }
  // The ON condition: what it says of one side alone holds before joining, for the side whose
  // unmatched rows vanish.
  Conjuncts on;
  if (join.condition != nullptr) SplitConjuncts(std::move(join.condition), &on);
  for (ExpressionPtr& conjunct : on) {
    bool reads_left = !AllOutside(*conjunct, left), reads_right = !AllOutside(*conjunct, right);
    bool left_alone = inner || join.join_kind == JoinKind::kSemi;  // its unmatched rows vanish
    if (reads_left && !reads_right && (left_alone || join.join_kind == JoinKind::kRight)) {
      to_left.push_back(std::move(conjunct));
    } else if (reads_right && !reads_left && by_left) {
      to_right.push_back(std::move(conjunct));
    } else if (inner && !reads_left && !reads_right) {
      above.push_back(std::move(conjunct));
    } else {
      if (left_alone) AddImplied(*conjunct, left, &to_left);
      if (by_left) AddImplied(*conjunct, right, &to_right);
      to_join.push_back(std::move(conjunct));
    }
  }
  AddCondition(&join.condition, std::move(to_join));
  if (inner) join.join_kind = join.condition == nullptr ? JoinKind::kCross : JoinKind::kInner;
  Sink(&join.children[0], std::move(to_left));
  Sink(&join.children[1], std::move(to_right));
  Place(node, std::move(above));
}

// What reads the left side alone holds before the right one is run for its rows.
void SinkIntoLateralJoin(PlanPtr* node, Conjuncts conjuncts) {
  PlanNode& join = **node;
  ColumnSet left, right;
  left.AddOutput(*join.children[0]);
  right.AddOutput(*join.children[1]);
  Narrow(&join, conjuncts, left, right);
  bool inner = join.join_kind != JoinKind::kLeft;
  Conjuncts to_left, to_join, above;
  for (ExpressionPtr& conjunct : conjuncts) {
    bool reads_left = !AllOutside(*conjunct, left), reads_right = !AllOutside(*conjunct, right);
    if (reads_left && !reads_right) {
      to_left.push_back(std::move(conjunct));
    } else if (inner && reads_right && !HasSubquery(*conjunct)) {
      to_join.push_back(std::move(conjunct));
    } else {
      above.push_back(std::move(conjunct));
    }
  }
  AddCondition(&join.condition, std::move(to_join));
  Sink(&join.children[0], std::move(to_left));
  Sink(&join.children[1], {});
  Place(node, std::move(above));
}

// Columns to which a projection gives another id, and nothing else.
using Renames = std::map<ColumnId, ColumnId>;

Renames RenamesOf(const PlanNode& node) {
  Renames renames;
  if (node.kind != PlanKind::kProject) return renames;
  for (const ComputedColumn& column : node.computed) {
    const BoundExpression& value = *column.expression;
    if (value.kind != BoundKind::kColumn || value.column == column.id) continue;
    renames.emplace(column.id, value.column);
  }
  return renames;
}

void Rename(BoundExpression* conjunct, const Renames& renames) {
  VisitExpressions(*conjunct, [&](BoundExpression& part) {
    if (part.kind != BoundKind::kColumn) return;
    auto found = renames.find(part.column);
    if (found != renames.end()) part.column = found->second;
  });
}

// Columns that a projection computes, or groups, where a condition may as well compute them itself.
using Computations = std::map<ColumnId, const BoundExpression*>;

Computations ComputationsOf(const PlanNode& node) {
  Computations computations;
  if (node.kind != PlanKind::kProject && node.kind != PlanKind::kAggregate) return computations;
  for (const ComputedColumn& column : node.computed) {
    if (column.expression->kind == BoundKind::kColumn ||
        !CanMove(*column.expression, Movable::kHarmless)) {
      continue;
    }
    computations.emplace(column.id, column.expression.get());
  }
  return computations;
}

void Compute(ExpressionPtr* expression, const Computations& computations) {
  if ((*expression)->kind == BoundKind::kColumn) {
    auto found = computations.find((*expression)->column);
    if (found != computations.end()) *expression = Clone(*found->second);
    return;
  }
  for (ExpressionPtr& argument : (*expression)->arguments) Compute(&argument, computations);
  *expression = FoldConstants(std::move(*expression));
}

// Passes what reads columns that come from below, or are computed of such.
void SinkThrough(PlanPtr* node, Conjuncts conjuncts, bool through_groups) {
  if (conjuncts.empty()) {
    Sink(&(*node)->children[0], {});
    return;
  }
  ColumnSet below, made;
  below.AddOutput(*(*node)->children[0]);
  made.AddOutput(**node);
  ColumnSet groups;
  for (const ComputedColumn& group : (*node)->computed) {
    if (group.expression->kind == BoundKind::kColumn && group.expression->column == group.id) {
      groups.Add(group.id);
    }
  }
  // A group that is there without any row must not lose its condition.
  bool global = (*node)->kind == PlanKind::kAggregate &&
                ((*node)->computed.empty() ||
                 ((*node)->grouping != nullptr && !(*node)->grouping->constant_groups.empty()));
  Renames renames = RenamesOf(**node);
  Computations computations = ComputationsOf(**node);
  Conjuncts down, above;
  for (ExpressionPtr& conjunct : conjuncts) {
    bool passes = !global, renamed = false, computed = false;
    VisitColumns(*conjunct, [&](ColumnId id) {
      if (!made.Has(id)) return;  // of an enclosing query
      bool has_other_id = renames.count(id) != 0, is_computed = computations.count(id) != 0;
      renamed |= has_other_id;
      computed |= is_computed;
      passes &= has_other_id || is_computed || (through_groups ? groups.Has(id) : below.Has(id));
    });
    passes &= !(renamed || computed) || !HasSubquery(*conjunct);
    if (passes && renamed) Rename(conjunct.get(), renames);
    if (passes && computed) Compute(&conjunct, computations);
    (passes ? down : above).push_back(std::move(conjunct));
  }
  Sink(&(*node)->children[0], std::move(down));
  Place(node, std::move(above));
}

// Values that are equal are the same: not CHARACTER, which pads, nor approximate numbers, with
// their two zeros.
bool AreEqualTheSame(const Type& type) {
  return type.id != TypeId::kChar && !type.is_approximate();
}

// A row comes out of a set operation because such a row went in: it is tested there. The first
// input gives the rows of INTERSECT and EXCEPT; what is equal to a row that is dropped may be
// dropped from the second one too, where it can't be told from it.
void SinkIntoSets(PlanPtr* node, Conjuncts conjuncts) {
  PlanNode& sets = **node;
  Conjuncts above;
  std::vector<Conjuncts> down(sets.children.size());
  for (ExpressionPtr& conjunct : conjuncts) {
    bool passes = CanMove(*conjunct, Movable::kAny), into_all = true;
    size_t read = 0;
    for (size_t i = 0; i < sets.output.size(); ++i) {
      if (!Reads(*conjunct, sets.output[i].id)) continue;
      ++read;
      into_all &=
          sets.set_kind == SetOperationKind::kUnionAll || AreEqualTheSame(sets.output[i].type);
      for (const PlanPtr& child : sets.children) {
        const Type& type = child->output[i].type;
        passes &= type.id == sets.output[i].type.id && SameKeyType(type, sets.output[i].type);
      }
    }
    if (!passes || read == 0) {
      above.push_back(std::move(conjunct));
      continue;
    }
    for (size_t c = 0; c < (into_all ? sets.children.size() : 1); ++c) {
      Renames renames;
      for (size_t i = 0; i < sets.output.size(); ++i) {
        renames.emplace(sets.output[i].id, sets.children[c]->output[i].id);
      }
      down[c].push_back(Clone(*conjunct));
      Rename(down[c].back().get(), renames);
    }
  }
  for (size_t c = 0; c < down.size(); ++c) Sink(&sets.children[c], std::move(down[c]));
  Place(node, std::move(above));
}

// A condition on the columns of PARTITION BY alone takes partitions away whole.
void SinkIntoWindow(PlanPtr* node, Conjuncts conjuncts) {
  ColumnSet made, partition;
  made.AddOutput(**node);
  for (ColumnId id : (*node)->window->partition_columns) partition.Add(id);
  Conjuncts down, above;
  for (ExpressionPtr& conjunct : conjuncts) {
    bool passes = true;
    size_t read = 0;
    VisitColumns(*conjunct, [&](ColumnId id) {
      if (!made.Has(id)) return;  // of an enclosing query
      passes &= partition.Has(id);
      ++read;
    });
    (passes && read > 0 ? down : above).push_back(std::move(conjunct));
  }
  Sink(&(*node)->children[0], std::move(down));
  Place(node, std::move(above));
}

void Sink(PlanPtr* node, Conjuncts conjuncts) {
  StepInterruption();
  switch ((*node)->kind) {
    case PlanKind::kFilter: {
      Conjuncts all;
      SplitConjuncts(std::move((*node)->condition), &all);
      for (ExpressionPtr& conjunct : conjuncts) all.push_back(std::move(conjunct));
      PlanPtr child = std::move((*node)->children[0]);
      *node = std::move(child);
      Sink(node, std::move(all));
      return;
    }
    case PlanKind::kTableScan: AddCondition(&(*node)->condition, std::move(conjuncts)); return;
    case PlanKind::kJoin: SinkIntoJoin(node, std::move(conjuncts)); return;
    case PlanKind::kLateralJoin: SinkIntoLateralJoin(node, std::move(conjuncts)); return;
    case PlanKind::kProject:
    case PlanKind::kAggregate: SinkThrough(node, std::move(conjuncts), true); return;
    case PlanKind::kWindow: SinkIntoWindow(node, std::move(conjuncts)); return;
    case PlanKind::kSetOperation: SinkIntoSets(node, std::move(conjuncts)); return;
    case PlanKind::kDistinct:
    case PlanKind::kSort: SinkThrough(node, std::move(conjuncts), false); return;
    default:
      for (PlanPtr& child : (*node)->children) Sink(&child, {});
      Place(node, std::move(conjuncts));
  }
}

}  // namespace

void PushPredicates(PlanPtr* node) { Sink(node, {}); }

}  // namespace tupelo

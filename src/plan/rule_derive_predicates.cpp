// plan/rule_derive_predicates.cpp: what holds of a column holds of those equal
// to it.
//
// a = b AND a = 5 gives b = 5, and a = b AND a < 5 gives b < 5, wherever in a
// tree of inner joins and filters the two stand. Into the right side of other
// joins goes what their own equality makes of the left one's conditions: only
// matching rows count there. The join tests the equality all the same; each
// table alone has fewer rows before.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

constexpr size_t kMaxDerived = 4096;

bool IsInner(const PlanNode& node) {
  return node.kind == PlanKind::kJoin &&
         (node.join_kind == JoinKind::kInner || node.join_kind == JoinKind::kCross);
}

// The left rows of these joins come out as they are; the right ones only where
// they match.
bool IsOneSided(const PlanNode& node) {
  return node.kind == PlanKind::kJoin && node.join_kind != JoinKind::kInner &&
         node.join_kind != JoinKind::kCross && node.join_kind != JoinKind::kRight &&
         node.join_kind != JoinKind::kFull;
}

bool IsColumnEquality(const BoundExpression& conjunct) {
  return conjunct.kind == BoundKind::kCall && conjunct.function.name == "=" &&
         conjunct.arguments[0]->kind == BoundKind::kColumn &&
         conjunct.arguments[1]->kind == BoundKind::kColumn &&
         conjunct.arguments[0]->type == conjunct.arguments[1]->type &&
         conjunct.arguments[0]->type.id != TypeId::kChar;
}

// A comparison of one column with what is known before the run: its column.
const BoundExpression* FixedColumn(const BoundExpression& conjunct) {
  static constexpr std::string_view kOps[] = {"=", "<", "<=", ">", ">="};
  bool is_set = conjunct.kind == BoundKind::kInSet;
  bool is_call =
      conjunct.kind == BoundKind::kCall && conjunct.arguments.size() == 2 &&
      std::find(std::begin(kOps), std::end(kOps), conjunct.function.name) != std::end(kOps);
  if (!is_set && !is_call) return nullptr;
  const BoundExpression* column = nullptr;
  for (const ExpressionPtr& argument : conjunct.arguments) {
    if (argument->kind == BoundKind::kColumn && column == nullptr) {
      column = argument.get();
    } else if (argument->kind != BoundKind::kConstant && argument->kind != BoundKind::kParameter) {
      return nullptr;
    }
  }
  return column;
}

class Region {
 public:
  // The conditions that hold for all rows of `node`. Parts of the tree that are regions of their
  // own have theirs derived, unless that is done.
  void Collect(PlanNode* node, bool derive_parts = true) {
    StepInterruption();
    auto derive = [&](PlanPtr* part) {
      if (derive_parts) DerivePredicates(part);
    };
    bool is_inner = IsInner(*node);
    if (is_inner || node->kind == PlanKind::kFilter || node->kind == PlanKind::kTableScan) {
      if (node->condition != nullptr) AddConjuncts(*node->condition);
    }
    if (is_inner) {
      for (PlanPtr& child : node->children) Collect(child.get(), derive_parts);
    } else if (IsOneSided(*node)) {
      one_sided_.push_back(node);
      Collect(node->children[0].get(), derive_parts);
      derive(&node->children[1]);
    } else if (node->kind == PlanKind::kFilter) {
      Collect(node->children[0].get(), derive_parts);
    } else if (IsPassThrough(*node)) {
      // What follows for columns that it hides stands below it.
      derive(&node->children[0]);
      Collect(node->children[0].get(), false);
    } else {
      for (PlanPtr& child : node->children) derive(&child);
    }
  }

  // The conditions that follow from them.
  Conjuncts Derive() {
    Conjuncts derived;
    if (fixed_.empty()) return derived;
    for (const BoundExpression* equality : equalities_) {
      Unite(equality->arguments[0]->column, equality->arguments[1]->column);
    }
    for (const auto& [id, root] : roots_) {
      for (const BoundExpression* fixed : fixed_) {
        ColumnId column = FixedColumn(*fixed)->column;
        if (column == id || Find(column) != Find(id) || derived.size() >= kMaxDerived) continue;
        ExpressionPtr copy = Clone(*fixed);
        RenameColumns(copy.get(), {{column, id}});
        if (!IsKnown(*copy, derived)) derived.push_back(std::move(copy));
      }
    }
    for (PlanNode* join : one_sided_) DeriveRight(join, derived);
    return derived;
  }

 private:
  void AddConjuncts(const BoundExpression& condition) {
    if (condition.kind == BoundKind::kAnd) {
      for (const ExpressionPtr& term : condition.arguments) AddConjuncts(*term);
    } else if (IsColumnEquality(condition)) {
      equalities_.push_back(&condition);
    } else if (FixedColumn(condition) != nullptr) {
      fixed_.push_back(&condition);
    }
  }

  bool IsKnown(const BoundExpression& conjunct, const Conjuncts& derived) const {
    auto same = [&](const auto& other) { return SameExpression(*other, conjunct); };
    return std::any_of(fixed_.begin(), fixed_.end(), same) ||
           std::any_of(derived.begin(), derived.end(), same);
  }

  ColumnId Find(ColumnId id) const {
    for (const auto& [column, root] : roots_) {
      if (column == id) return root;
    }
    return id;
  }
  void Unite(ColumnId a, ColumnId b) {
    for (ColumnId id : {a, b}) {
      bool is_known = std::any_of(roots_.begin(), roots_.end(),
                                  [id](const auto& known) { return known.first == id; });
      if (!is_known) roots_.emplace_back(id, id);
    }
    ColumnId from = Find(b), to = Find(a);
    for (auto& [column, root] : roots_) {
      if (root == from) root = to;
    }
  }

  void DeriveRight(PlanNode* join, const Conjuncts& derived) const {
    if (join->condition == nullptr) return;
    Conjuncts all, more;
    SplitConjuncts(Clone(*join->condition), &all);
    ColumnSet left;
    left.AddOutput(*join->children[0]);
    for (const ExpressionPtr& conjunct : all) {
      if (!IsColumnEquality(*conjunct)) continue;
      for (int side = 0; side < 2; ++side) {
        ColumnId own = conjunct->arguments[side]->column;
        ColumnId other = conjunct->arguments[1 - side]->column;
        if (!left.Has(own) || left.Has(other)) continue;
        auto derive = [&](const BoundExpression& fixed) {
          if (FixedColumn(fixed)->column != own) return;
          ExpressionPtr copy = Clone(fixed);
          RenameColumns(copy.get(), {{own, other}});
          auto same = [&](const ExpressionPtr& known) { return SameExpression(*known, *copy); };
          bool is_known = std::any_of(all.begin(), all.end(), same) ||
                          std::any_of(more.begin(), more.end(), same);
          if (!is_known) more.push_back(std::move(copy));
        };
        for (const BoundExpression* fixed : fixed_) derive(*fixed);
        for (const ExpressionPtr& fixed : derived) derive(*fixed);
      }
    }
    if (more.empty()) return;
    for (ExpressionPtr& conjunct : more) all.push_back(std::move(conjunct));
    join->condition = MakeAnd(std::move(all));
  }

  std::vector<const BoundExpression*> equalities_, fixed_;
  std::vector<std::pair<ColumnId, ColumnId>> roots_;  // of columns that are equal to others
  std::vector<PlanNode*> one_sided_;
};

}  // namespace

void DerivePredicates(PlanPtr* node) {
  StepInterruption();
  Region region;
  region.Collect(node->get());
  Conjuncts derived = region.Derive();
  if (derived.empty()) return;
  ColumnSet visible;
  visible.AddOutput(**node);
  std::erase_if(derived, [&](const ExpressionPtr& conjunct) {
    return !visible.Has(FixedColumn(*conjunct)->column);
  });
  if (derived.empty()) return;
  auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
  filter->output = (*node)->output;
  filter->condition = MakeAnd(std::move(derived));
  filter->children.push_back(std::move(*node));
  *node = std::move(filter);
}

}  // namespace tupelo

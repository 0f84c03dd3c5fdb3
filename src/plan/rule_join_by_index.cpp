// plan/rule_join_by_index.cpp: a few rows find their partners in an index.
//
// A hash join reads both sides whole. Where one side has few rows, and the other is a table with an
// index that begins with columns of the join's keys, each of the few rows looks its partners up.
// Of an inner join either side may be the table; of the others, the one whose unmatched rows don't
// come. A semi join of a table with few rows is an inner join with the different ones among them.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/estimate.h"
#include "plan/index_match.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"
#include "txn/table.h"

namespace tupelo {

namespace {

constexpr double kLookUpCost = 20;  // in rows read in order

// What the columns of an index are compared with, from its first one on.
struct Part {
  static constexpr size_t kNone = static_cast<size_t>(-1);
  size_t key = kNone;       // of the join
  size_t conjunct = kNone;  // of the scan's condition: `column = value`
  bool exact = false;
};

struct IndexUse {
  const IndexDefinition* index = nullptr;
  std::vector<Part> parts;
  double rows = 0;  // that one look-up finds
};

class JoinByIndexRule {
 public:
  JoinByIndexRule(PlanNode* join, size_t outer_side)
      : join_(join),
        outer_(join->children[outer_side].get()),
        scan_(join->children[1 - outer_side].get()),
        outer_side_(outer_side),
        outer_keys_(outer_side == 0 ? join->left_keys : join->right_keys),
        inner_keys_(outer_side == 0 ? join->right_keys : join->left_keys) {
    while (IsPassThrough(*scan_)) scan_ = scan_->children[0].get();
  }

  // Whether looking up costs less than reading the table whole.
  bool Pays() {
    if (scan_->kind != PlanKind::kTableScan || scan_->table->indexes.empty()) return false;
    double table_rows = TableRows(*scan_->table);
    double outer_rows = outer_->estimated_rows;
    if (outer_rows * kLookUpCost > table_rows) return false;
    auto is_id = [](uint16_t column) { return column == kRowIdColumn; };
    if (std::any_of(scan_->scan_columns.begin(), scan_->scan_columns.end(), is_id)) return false;
    own_.AddOutput(*scan_);
    if (scan_->condition != nullptr) SplitConjuncts(std::move(scan_->condition), &conjuncts_);
    comparisons_.resize(conjuncts_.size());
    for (size_t i = 0; i < conjuncts_.size(); ++i) {
      MatchComparison(*conjuncts_[i], own_, &comparisons_[i]);
    }
    for (const IndexDefinition& index : scan_->table->indexes) {
      IndexUse use = Match(index);
      bool is_better = best_.index == nullptr || use.rows < best_.rows;
      if (use.index != nullptr && is_better) best_ = std::move(use);
    }
    bool pays = best_.index != nullptr &&
                outer_rows * (kLookUpCost + kRandomReadCost * best_.rows) < table_rows;
    if (!pays) scan_->condition = MakeAnd(std::move(conjuncts_));
    return pays;
  }

  void Apply();

  PlanNode* scan() const { return scan_; }

 private:
  bool IsColumn(const BoundExpression& expression, uint16_t column) const {
    const BoundExpression& inner = WithoutImplicitCasts(expression);
    if (inner.kind != BoundKind::kColumn) return false;
    for (size_t i = 0; i < scan_->output.size(); ++i) {
      if (scan_->output[i].id == inner.column) return scan_->scan_columns[i] == column;
    }
    return false;
  }
  bool FindPart(uint16_t column, Part* part) const;
  IndexUse Match(const IndexDefinition& index) const;
  ExpressionPtr TakeKeyCondition(size_t key);

  PlanNode* join_;
  PlanNode* outer_;
  PlanNode* scan_;
  size_t outer_side_;
  std::vector<ExpressionPtr>& outer_keys_;
  std::vector<ExpressionPtr>& inner_keys_;
  ColumnSet own_;
  std::vector<ExpressionPtr> conjuncts_;  // of the scan
  std::vector<IndexComparison> comparisons_;
  IndexUse best_;
};

// Whether look-ups with values of that type find what the join's comparison finds, and more at
// most.
bool CanLookUp(const Type& column, const Type& value) {
  if (!UsableForIndex(column, value)) return false;
  bool is_approximate = column.is_approximate() || value.is_approximate();
  return !is_approximate || column.id == value.id;
}

bool JoinByIndexRule::FindPart(uint16_t column, Part* part) const {
  const Type& type = scan_->table->columns[column].type;
  for (size_t i = 0; i < inner_keys_.size(); ++i) {
    bool matches_nulls = !join_->null_keys.empty() && join_->null_keys[i];
    if (matches_nulls || !IsColumn(*inner_keys_[i], column)) continue;
    const Type& value = WithoutImplicitCasts(*outer_keys_[i]).type;
    if (!CanLookUp(type, value)) continue;
    *part = {i, Part::kNone, IsExactBound(type, value)};
    return true;
  }
  for (size_t i = 0; i < comparisons_.size(); ++i) {
    const IndexComparison& comparison = comparisons_[i];
    if (comparison.value == nullptr || comparison.op != "=" || comparison.is_wide) continue;
    if (!IsColumn(*MakeColumn(comparison.column, type), column)) continue;
    *part = {Part::kNone, i, IsExactBound(type, (*comparison.value)->type)};
    return true;
  }
  return false;
}

IndexUse JoinByIndexRule::Match(const IndexDefinition& index) const {
  IndexUse use;
  use.rows = TableRows(*scan_->table);
  bool has_key = false;
  for (const IndexedColumn& column : index.columns) {
    Part part;
    if (!FindPart(column.column, &part)) break;
    has_key |= part.key != Part::kNone;
    use.parts.push_back(part);
    use.rows /= DistinctOf(*scan_->table, column.column);
  }
  if (index.is_unique && use.parts.size() == index.columns.size()) use.rows = 0;
  use.rows = std::max(1.0, use.rows);
  if (has_key) use.index = &index;
  return use;
}

// The key as a condition. Both sides have one type but for the precision of decimals.
ExpressionPtr JoinByIndexRule::TakeKeyCondition(size_t key) {
  bool matches_nulls = !join_->null_keys.empty() && join_->null_keys[key];
  std::vector<ExpressionPtr> sides;
  sides.push_back(std::move(outer_keys_[key]));
  sides.push_back(std::move(inner_keys_[key]));
  std::vector<Type> types = {sides[0]->type, sides[1]->type};
  Position position = sides[0]->position;
  BoundFunction function = ResolveFunction(matches_nulls ? "IS NOT DISTINCT FROM" : "=", types);
  for (size_t i = 0; i < sides.size(); ++i) {
    BoundFunction cast;
    const Type& wanted = function.argument_types[i];
    if (types[i] == wanted || !ResolveCast(types[i], wanted, CastKind::kImplicit, &cast) ||
        cast.kernel == nullptr) {
      continue;
    }
    cast.result = wanted;
    std::vector<ExpressionPtr> argument;
    argument.push_back(std::move(sides[i]));
    sides[i] = MakeCall(std::move(cast), std::move(argument), position);
    sides[i]->is_implicit_cast = true;
  }
  return MakeCall(std::move(function), std::move(sides), position);
}

void JoinByIndexRule::Apply() {
  scan_->kind = PlanKind::kIndexScan;
  scan_->index = best_.index;
  scan_->range.rows = best_.rows;
  std::vector<bool> covered_keys(outer_keys_.size()), covered_conjuncts(conjuncts_.size());
  for (const Part& part : best_.parts) {
    if (part.key != Part::kNone) {
      scan_->range.equal.push_back(Clone(WithoutImplicitCasts(*outer_keys_[part.key])));
      covered_keys[part.key] = part.exact;
    } else {
      scan_->range.equal.push_back(Clone(**comparisons_[part.conjunct].value));
      covered_conjuncts[part.conjunct] = part.exact;
    }
  }
  Conjuncts own, both;
  for (size_t i = 0; i < conjuncts_.size(); ++i) {
    if (!covered_conjuncts[i]) own.push_back(std::move(conjuncts_[i]));
  }
  scan_->condition = MakeAnd(std::move(own));
  for (size_t i = 0; i < outer_keys_.size(); ++i) {
    if (!covered_keys[i]) both.push_back(TakeKeyCondition(i));
  }
  if (join_->condition != nullptr) both.push_back(std::move(join_->condition));
  join_->condition = MakeAnd(std::move(both));
  join_->left_keys.clear();
  join_->right_keys.clear();
  join_->null_keys.clear();
  PlanPtr outer = std::move(join_->children[outer_side_]);
  PlanPtr inner = std::move(join_->children[1 - outer_side_]);
  while (IsPassThrough(*inner)) {
    PlanPtr child = std::move(inner->children[0]);
    inner = std::move(child);
  }
  join_->kind = PlanKind::kIndexJoin;
  if (join_->join_kind == JoinKind::kRight) join_->join_kind = JoinKind::kLeft;
  join_->children.clear();
  join_->children.push_back(std::move(outer));
  join_->children.push_back(std::move(inner));
}

// The rows of `plan` that differ in the keys, which are columns: what a semi join needs of it.
PlanPtr DifferentKeys(PlanPtr plan, const std::vector<ExpressionPtr>& keys) {
  std::vector<OutputColumn> output;
  for (const ExpressionPtr& key : keys) {
    if (std::any_of(output.begin(), output.end(),
                    [&](const OutputColumn& known) { return known.id == key->column; })) {
      continue;
    }
    output.push_back(*FindOutput(*plan, key->column));
  }
  auto distinct = std::make_unique<PlanNode>(PlanKind::kDistinct);
  distinct->estimated_rows = plan->estimated_rows;
  distinct->output = output;
  distinct->children.push_back(MakeProjection(std::move(plan), std::move(output)));
  distinct->children[0]->estimated_rows = distinct->estimated_rows;
  return distinct;
}

// A semi join whose condition is all in its keys, which are columns of the right side.
bool CanBeInner(const PlanNode& join) {
  return join.join_kind == JoinKind::kSemi && join.condition == nullptr && join.null_keys.empty() &&
         std::all_of(join.right_keys.begin(), join.right_keys.end(), [&](const ExpressionPtr& key) {
           return key->kind == BoundKind::kColumn &&
                  FindOutput(*join.children[1], key->column) != nullptr;
         });
}

bool TrySide(PlanNode* join, size_t outer_side) {
  JoinByIndexRule rule(join, outer_side);
  if (!rule.Pays()) return false;
  if (outer_side == 1 && join->join_kind == JoinKind::kSemi) {
    join->join_kind = JoinKind::kInner;
    join->children[1] = DifferentKeys(std::move(join->children[1]), join->right_keys);
  }
  rule.Apply();
  return true;
}

}  // namespace

void JoinByIndex(PlanPtr* node) {
  StepInterruption();
  for (PlanPtr& child : (*node)->children) JoinByIndex(&child);
  PlanNode& join = **node;
  if (join.kind != PlanKind::kJoin || join.left_keys.empty()) return;
  switch (join.join_kind) {
    case JoinKind::kInner:
      if (!TrySide(&join, 0)) TrySide(&join, 1);
      return;
    case JoinKind::kSemi:
      if (!TrySide(&join, 0) && CanBeInner(join)) TrySide(&join, 1);
      return;
    case JoinKind::kLeft:
    case JoinKind::kAnti: TrySide(&join, 0); return;
    case JoinKind::kRight: TrySide(&join, 1); return;
    default: return;
  }
}

}  // namespace tupelo

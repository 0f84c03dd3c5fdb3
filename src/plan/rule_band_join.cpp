// plan/rule_band_join.cpp: joins by ranges don't look at all pairs.
//
// Of a join's conditions, those that compare an expression over the left columns with one over the
// right columns by < <= > >= become bounds on the right one, when sorting the right rows by it
// costs less than looking at the pairs that are left of the equalities. One right expression gets
// all of its bounds; a second one gets one. What else there is stays a condition. Only where the
// order of normalized keys is that of the comparison: where both sides are of one stored type.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

// In what it costs to pass a row on.
constexpr double kPairCost = 0.1;     // of nested loops over many right rows
constexpr double kFewPairCost = 1;    // the same over few, whose pairs are gathered
constexpr double kCandidateCost = 2;  // of a hash join that has a condition
constexpr double kSortCost = 0.5;     // a row, times the logarithm of their count
constexpr double kSearchCost = 0.6;   // the same, of the left rows
constexpr double kBeginCost = 200;    // of a run
constexpr double kFewRows = 128;
constexpr double kRangeShare = 0.3;  // of the candidates that one bound leaves
// Of the right rows that nested loops look at until one satisfies a single bound.
constexpr double kEarlyShare = 0.1;

// A condition that may become a bound.
struct Candidate {
  size_t conjunct = 0;
  size_t right_side = 0;  // of its arguments
  Type key_type;
  bool is_lower = false, is_inclusive = false;
};

// In whose order values of the two types are compared; false: no key has that order.
bool FindKeyType(const Type& left, const Type& right, Type* key) {
  *key = right;
  if (left.is_character() && right.is_character()) {
    if (left.id == TypeId::kChar) *key = left;
    return true;
  }
  return SameKeyType(left, right);
}

class BandJoinRule {
 public:
  BandJoinRule(PlanNode* join, double wanted_rows) : join_(*join), wanted_rows_(wanted_rows) {
    left_.AddOutput(*join_.children[0]);
    right_.AddOutput(*join_.children[1]);
  }

  void Run() {
    if (!MayPay()) return;
    SplitConjuncts(std::move(join_.condition), &conjuncts_);
    for (size_t i = 0; i < conjuncts_.size(); ++i) {
      Candidate candidate;
      candidate.conjunct = i;
      if (Match(*conjuncts_[i], &candidate)) candidates_.push_back(candidate);
    }
    if (!candidates_.empty()) {
      Choose();
      if (Pays()) Apply();
    }
    join_.condition = MakeAnd(std::move(conjuncts_));
  }

 private:
  double LeftRows() const { return std::max(1.0, join_.children[0]->estimated_rows); }
  double RightRows() const { return std::max(1.0, join_.children[1]->estimated_rows); }

  // What looking at pairs costs now, besides taking in the right side.
  double CostOfPairs() const {
    double pairs = LeftRows() * RightRows();
    if (join_.left_keys.empty()) return pairs * (RightRows() < kFewRows ? kFewPairCost : kPairCost);
    for (size_t i = 0; i < join_.left_keys.size(); ++i) {
      pairs *= EstimateEquality(*join_.left_keys[i], *join_.children[0], *join_.right_keys[i],
                                *join_.children[1]);
    }
    return pairs * kCandidateCost;
  }
  double CostOfSearch(size_t sorts) const {
    double depth = std::log2(RightRows() + 1);
    return kBeginCost + depth * (static_cast<double>(sorts) * kSortCost * RightRows() +
                                 kSearchCost * LeftRows());
  }
  // Before anything is known of the conditions.
  bool MayPay() const {
    return LeftRows() * RightRows() > kBeginCost && CostOfPairs() > CostOfSearch(1);
  }

  bool Pays() const {
    double left = join_.left_keys.empty() ? 0 : std::pow(kRangeShare, BoundCount());
    return CostOfPairs() * (1 - left) * PartLookedAt() > CostOfSearch(has_second_ ? 2 : 1);
  }
  double BoundCount() const {
    return static_cast<double>(std::count(role_.begin(), role_.end(), Role::kFirst) +
                               (has_second_ ? 1 : 0));
  }
  // One bound without equalities lets many pairs through: nested loops end soon where one match
  // decides, or where few rows are wanted.
  double PartLookedAt() const {
    if (!join_.left_keys.empty() || BoundCount() > 1) return 1;
    JoinKind kind = join_.join_kind;
    if (GivesLeftOnly(kind)) return kEarlyShare;
    return std::min(1.0, wanted_rows_ / (kRangeShare * LeftRows() * RightRows()));
  }

  bool Match(const BoundExpression& conjunct, Candidate* candidate) const;
  void Choose();
  const BoundExpression& RightOf(const Candidate& candidate) const {
    return *conjuncts_[candidate.conjunct]->arguments[candidate.right_side];
  }
  bool SameRight(const Candidate& a, const Candidate& b) const {
    return (a.key_type.id == TypeId::kChar) == (b.key_type.id == TypeId::kChar) &&
           SameExpression(RightOf(a), RightOf(b));
  }
  void Apply();

  enum class Role : uint8_t { kNone, kFirst, kSecond };

  PlanNode& join_;
  double wanted_rows_;
  ColumnSet left_, right_;
  std::vector<ExpressionPtr> conjuncts_;
  std::vector<Candidate> candidates_;
  std::vector<Role> role_;  // by candidate
  bool has_second_ = false;
};

bool BandJoinRule::Match(const BoundExpression& conjunct, Candidate* candidate) const {
  if (conjunct.kind != BoundKind::kCall || conjunct.arguments.size() != 2) return false;
  std::string_view name = conjunct.function.name;
  if (name != "<" && name != "<=" && name != ">" && name != ">=") return false;
  bool is_less = name[0] == '<';
  candidate->is_inclusive = name.size() == 2;
  for (size_t side = 0; side < 2; ++side) {
    const BoundExpression& right = *conjunct.arguments[side];
    const BoundExpression& left = *conjunct.arguments[1 - side];
    if (CountColumns(right, right_).inside == 0 || CountColumns(right, left_).inside != 0 ||
        CountColumns(left, left_).inside == 0 || CountColumns(left, right_).inside != 0) {
      continue;
    }
    if (!CanMove(left, Movable::kHarmless) || !CanMove(right, Movable::kHarmless)) return false;
    candidate->right_side = side;
    candidate->is_lower = is_less == (side == 1);
    return FindKeyType(left.type, right.type, &candidate->key_type);
  }
  return false;
}

// The right expression that is bounded from both sides comes first, or else the one that is bounded
// first.
void BandJoinRule::Choose() {
  size_t best = 0;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    auto is_other_end = [&](const Candidate& other) {
      return other.is_lower != candidates_[i].is_lower && SameRight(other, candidates_[i]);
    };
    if (std::any_of(candidates_.begin(), candidates_.end(), is_other_end)) {
      best = i;
      break;
    }
  }
  role_.assign(candidates_.size(), Role::kNone);
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (SameRight(candidates_[i], candidates_[best])) {
      role_[i] = Role::kFirst;
    } else if (!has_second_) {
      role_[i] = Role::kSecond;
      has_second_ = true;
    }
  }
}

void BandJoinRule::Apply() {
  auto band = std::make_unique<BandPlan>();
  for (size_t i = 0; i < candidates_.size(); ++i) {
    const Candidate& candidate = candidates_[i];
    if (role_[i] == Role::kNone) continue;
    bool of_second = role_[i] == Role::kSecond;
    std::vector<ExpressionPtr>& sides = conjuncts_[candidate.conjunct]->arguments;
    ExpressionPtr& expression = of_second ? band->second : band->first;
    (of_second ? band->second_type : band->first_type) = candidate.key_type;
    band->bounds.push_back({std::move(sides[1 - candidate.right_side]), of_second,
                            candidate.is_lower, candidate.is_inclusive});
    expression = std::move(sides[candidate.right_side]);
    conjuncts_[candidate.conjunct] = nullptr;
  }
  std::erase(conjuncts_, nullptr);
  join_.kind = PlanKind::kBandJoin;
  if (join_.join_kind == JoinKind::kCross) join_.join_kind = JoinKind::kInner;
  join_.band = std::move(band);
}

}  // namespace

namespace {

constexpr double kAllRows = std::numeric_limits<double>::infinity();

double RowsOf(const ExpressionPtr& count, double otherwise) {
  bool is_known = count != nullptr && count->kind == BoundKind::kConstant &&
                  !count->constant.is_null && count->type.is_exact();
  return is_known ? static_cast<double>(count->constant.integer) : otherwise;
}

// `wanted_rows`: of the node's rows, so many will be asked for.
void Visit(PlanNode* node, double wanted_rows) {
  StepInterruption();
  double below = kAllRows;
  if (node->kind == PlanKind::kProject || node->kind == PlanKind::kLockRows) {
    below = wanted_rows;
  } else if (node->kind == PlanKind::kLimit && node->limit_by.empty()) {
    below = RowsOf(node->limit, kAllRows) + RowsOf(node->offset, 0);
  }
  for (PlanPtr& child : node->children) Visit(child.get(), below);
  if (node->kind == PlanKind::kJoin && node->condition != nullptr) {
    BandJoinRule(node, wanted_rows).Run();
  }
}

}  // namespace

void ChooseBandJoins(PlanPtr* node) { Visit(node->get(), kAllRows); }

}  // namespace tupelo

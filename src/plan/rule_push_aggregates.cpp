// plan/rule_push_aggregates.cpp: rows of one side of a join are grouped before it.
//
// Yan and Larson, "Eager Aggregation and Lazy Aggregation", VLDB 1995. Rows of a side that agree in
// all that the join and the groups above read of it meet the same rows of the other side: they are
// put together first, and the aggregates above take in what those below give: the sum of sums and
// of counts, the least of the least. Aggregates of the other side stay, where it does not matter
// how often a row comes. It pays where many rows become few and the join would have kept most of
// them.
//
// A group below may belong to no row of the join: what is computed for it must not fail, so sums
// that might be out of range alone, and arguments that might fail, stay above. So do sums of
// approximate numbers, which depend on the order.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/estimate.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

constexpr double kManyRows = 8192;    // fewer are joined in no time
constexpr double kRowsPerGroup = 8;   // at least, to be worth a hash table
constexpr int kMaxSummedDigits = 28;  // the sum of 2^32 such has 38

// Whether the type of a decimal sum, difference or product has room for each.
bool HasRoom(const BoundExpression& call) {
  const Type& type = call.type;
  if (type.id != TypeId::kDecimal || call.arguments.size() != 2) return false;
  int digits[2], scales[2];
  for (int i = 0; i < 2; ++i) {
    const Type& own = call.arguments[i]->type;
    if (!own.is_exact()) return false;
    scales[i] = own.decimal_scale();
    digits[i] = own.decimal_precision() - scales[i];
  }
  int room = type.precision - type.scale;
  if (call.function.name == "*") {
    return type.scale == scales[0] + scales[1] && room >= digits[0] + digits[1];
  }
  return (call.function.name == "+" || call.function.name == "-") &&
         type.scale >= std::max(scales[0], scales[1]) && room > std::max(digits[0], digits[1]);
}

bool CannotFail(const BoundExpression& expression) {
  return IsMadeOf(expression, [](const BoundExpression& call) {
    return !call.function.may_fail || call.is_implicit_cast || HasRoom(call);
  });
}

// Whether the result is the same however often a row comes.
bool IgnoresRepetition(const AggregateColumn& column) {
  std::string_view name = column.function.name;
  return column.distinct || name == "MIN" || name == "MAX" || name == "EVERY" || name == "ANY" ||
         name == "ANY_VALUE";
}

class AggregatePusher {
 public:
  AggregatePusher(PlanPtr* node, PlanNode* join, size_t side, ColumnId* next)
      : node_(node),
        aggregate_(node->get()),
        join_(join),
        side_(side),
        is_kept_null_(join->join_kind == JoinKind::kLeft && side == 1),
        next_(next) {
    own_.AddOutput(*join->children[side]);
    other_.AddOutput(*join->children[1 - side]);
  }

  bool CanPush();
  bool Pays();
  void Push();

 private:
  enum class Place : uint8_t { kBelow, kAbove, kNowhere };
  Place PlaceOf(const AggregateColumn& column) const;
  bool CanSplit(const AggregateColumn& column) const;
  void CollectRead();
  PlanPtr MakePartial();
  void CombinePartial(size_t aggregate, PlanNode* partial);
  // COUNT is not null where there is nothing to count; the sum of counts is.
  bool NeedsZero(const AggregateColumn& column) const {
    return column.function.name == "COUNT" && (is_kept_null_ || aggregate_->computed.empty());
  }

  PlanPtr* node_;
  PlanNode* aggregate_;
  PlanNode* join_;
  size_t side_;
  bool is_kept_null_;  // the side's columns are null for rows without a partner
  ColumnId* next_;
  ColumnSet own_, other_;
  std::vector<OutputColumn> read_;  // of the side, by the join and the groups
  double groups_ = 1;
  std::vector<ComputedColumn> filled_;  // on top: counts that may be null
};

// Whether partial results of the aggregate can be put together to the same result.
bool AggregatePusher::CanSplit(const AggregateColumn& column) const {
  std::string_view name = column.function.name;
  if (column.distinct || !column.order.empty() || !column.more_arguments.empty()) return false;
  if (column.filter != nullptr && !CannotFail(*column.filter)) return false;
  if (column.argument == nullptr) return name == "COUNT" && !is_kept_null_;
  if (!CannotFail(*column.argument)) return false;
  if (is_kept_null_ && WithoutImplicitCasts(*column.argument).kind != BoundKind::kColumn) {
    return false;
  }
  if (name == "SUM") {
    const Type& type = column.argument->type;
    return type.id == TypeId::kSmallInt || type.id == TypeId::kInteger ||
           (type.id == TypeId::kDecimal && type.precision <= kMaxSummedDigits);
  }
  return name == "COUNT" || IgnoresRepetition(column);
}

AggregatePusher::Place AggregatePusher::PlaceOf(const AggregateColumn& column) const {
  ColumnsRead own, other;
  auto count = [&](const ExpressionPtr& expression) {
    if (expression == nullptr) return;
    own.inside += CountColumns(*expression, own_).inside;
    other.inside += CountColumns(*expression, other_).inside;
  };
  count(column.argument);
  count(column.filter);
  if (other.inside == 0 && CanSplit(column)) return Place::kBelow;
  bool stays = own.inside == 0 && IgnoresRepetition(column) && column.order.empty() &&
               column.more_arguments.empty();
  return stays ? Place::kAbove : Place::kNowhere;
}

void AggregatePusher::CollectRead() {
  ColumnSet read;
  for (const ExpressionPtr& key : side_ == 0 ? join_->left_keys : join_->right_keys) {
    read.AddRead(*key);
  }
  if (join_->condition != nullptr) read.AddRead(*join_->condition);
  for (const ComputedColumn& group : aggregate_->computed) read.AddRead(*group.expression);
  for (const OutputColumn& column : join_->children[side_]->output) {
    if (read.Has(column.id)) read_.push_back(column);
  }
}

bool AggregatePusher::CanPush() {
  if (aggregate_->grouping != nullptr) return false;
  bool any_below = aggregate_->aggregates.empty();
  for (const AggregateColumn& column : aggregate_->aggregates) {
    Place place = PlaceOf(column);
    if (place == Place::kNowhere) return false;
    any_below |= place == Place::kBelow;
  }
  if (!any_below || (join_->condition != nullptr && HasSubquery(*join_->condition))) return false;
  CollectRead();
  // Values that are equal must be the same: any of them stands for the group.
  return std::all_of(read_.begin(), read_.end(), [](const OutputColumn& column) {
    return column.type.id != TypeId::kChar && !column.type.is_approximate();
  });
}

bool AggregatePusher::Pays() {
  const PlanNode& input = *join_->children[side_];
  double rows = input.estimated_rows;
  if (rows < kManyRows || 2 * join_->estimated_rows < rows) return false;
  for (const OutputColumn& column : read_) {
    groups_ *= EstimateDistinct(*MakeColumn(column.id, column.type), input);
    if (groups_ * kRowsPerGroup > rows) return false;
  }
  return true;
}

PlanPtr AggregatePusher::MakePartial() {
  auto partial = std::make_unique<PlanNode>(PlanKind::kAggregate);
  partial->output = read_;
  for (const OutputColumn& column : read_) {
    partial->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  }
  partial->estimated_rows = groups_;
  for (size_t i = 0; i < aggregate_->aggregates.size(); ++i) {
    if (PlaceOf(aggregate_->aggregates[i]) == Place::kBelow) CombinePartial(i, partial.get());
  }
  partial->children.push_back(std::move(join_->children[side_]));
  return partial;
}

// The aggregate goes down; in its place comes one of what it gives.
void AggregatePusher::CombinePartial(size_t aggregate, PlanNode* partial) {
  AggregateColumn& column = aggregate_->aggregates[aggregate];
  OutputColumn& output = aggregate_->output[aggregate_->computed.size() + aggregate];
  AggregateColumn combined;
  Type type = column.function.result;
  bool is_count = column.function.name == "COUNT";
  combined.function = ResolveAggregate(is_count ? "SUM" : column.function.name, &type);
  combined.id = column.id;
  if (NeedsZero(column)) {
    combined.id = (*next_)++;
    auto filled = std::make_unique<BoundExpression>(BoundKind::kCoalesce, type);
    filled->arguments.push_back(MakeColumn(combined.id, type));
    filled->arguments.push_back(MakeConstant(Value::Integer(type, 0)));
    filled_.push_back({column.id, std::move(filled)});
    output.id = combined.id;
    output.nullable = true;
  }
  column.id = (*next_)++;
  combined.argument = MakeColumn(column.id, type);
  OutputColumn below = output;
  below.id = column.id;
  below.nullable = !is_count;
  partial->output.push_back(below);
  partial->aggregates.push_back(std::move(column));
  column = std::move(combined);
}

void AggregatePusher::Push() {
  std::vector<OutputColumn> output = aggregate_->output;
  double rows = join_->children[side_]->estimated_rows;
  PlanPtr partial = MakePartial();
  join_->estimated_rows = std::max(1.0, join_->estimated_rows * groups_ / rows);
  join_->children[side_] = std::move(partial);
  join_->output.clear();
  for (size_t i = 0; i < 2; ++i) {
    for (OutputColumn column : join_->children[i]->output) {
      column.nullable |= i == 1 && join_->join_kind == JoinKind::kLeft;
      join_->output.push_back(column);
    }
  }
  PlanPtr below = std::move(aggregate_->children[0]);
  while (below.get() != join_) {
    PlanPtr child = std::move(below->children[0]);
    below = std::move(child);
  }
  aggregate_->children[0] = std::move(below);
  if (filled_.empty()) return;
  PlanPtr project = MakeProjection(std::move(*node_), std::move(output));
  for (ComputedColumn& column : project->computed) {
    for (ComputedColumn& filled : filled_) {
      if (filled.id == column.id) column.expression = std::move(filled.expression);
    }
  }
  project->estimated_rows = project->children[0]->estimated_rows;
  *node_ = std::move(project);
}

void TryPush(PlanPtr* node, ColumnId* next) {
  PlanNode* join = (*node)->children[0].get();
  while (IsPassThrough(*join)) join = join->children[0].get();
  if (join->kind != PlanKind::kJoin || join->left_keys.empty()) return;
  if (join->join_kind != JoinKind::kInner && join->join_kind != JoinKind::kLeft) return;
  for (size_t side = 0; side < 2; ++side) {
    if (join->children[side]->estimated_rows < kManyRows) continue;
    AggregatePusher pusher(node, join, side, next);
    if (!pusher.CanPush() || !pusher.Pays()) continue;
    pusher.Push();
    return;
  }
}

}  // namespace

void PushAggregates(PlanPtr* node, ColumnId* next_column) {
  StepInterruption();
  if ((*node)->kind == PlanKind::kAggregate) TryPush(node, next_column);
  for (PlanPtr& child : (*node)->children) PushAggregates(&child, next_column);
}

}  // namespace tupelo

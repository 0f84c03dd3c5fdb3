// plan/unnest_domain.cpp: a subquery's plan computed for a whole domain of outer values.
//
// Neumann and Kemper, "Unnesting Arbitrary Queries", BTW 2015: the distinct combinations of the
// values that a plan reads from outside are joined with it, at the lowest place that suffices; what
// stands above carries them along: as groups of aggregates, as columns of sets. What a plan then
// gives for one combination is what it would have given, run for it alone.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

class DomainPusher {
 public:
  DomainPusher(const Domain& domain, ColumnId* next) : domain_(domain), next_(next) {
    for (const OutputColumn& column : domain.columns) outer_.Add(column.id);
  }

  Renaming Push(PlanPtr* plan) {
    if (!ReadsAny(**plan, outer_)) return Cross(plan);
    switch ((*plan)->kind) {
      case PlanKind::kTableScan: return PushIntoScan(plan);
      case PlanKind::kValues: return PushIntoValues(plan);
      case PlanKind::kJoin: return PushIntoJoin(plan);
      case PlanKind::kAggregate: return PushIntoAggregate(plan);
      case PlanKind::kSetOperation: return PushIntoSets(plan->get());
      case PlanKind::kProject: return PushIntoProject(plan->get());
      default: return PushThrough(plan->get());
    }
  }

 private:
  // The domain itself: the outer columns under new ids.
  PlanPtr MakeDomain(Renaming* renaming) {
    PlanPtr source = ClonePlan(*domain_.source);
    if (domain_.guard != nullptr) {
      auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
      filter->output = source->output;
      filter->condition = Clone(*domain_.guard);
      filter->children.push_back(std::move(source));
      source = std::move(filter);
    }
    auto project = std::make_unique<PlanNode>(PlanKind::kProject);
    for (OutputColumn column : domain_.columns) {
      ExpressionPtr value = MakeColumn(column.id, column.type);
      renaming->emplace_back(column.id, *next_);
      column.id = (*next_)++;
      project->output.push_back(column);
      project->computed.push_back({column.id, std::move(value)});
    }
    project->children.push_back(std::move(source));
    auto distinct = std::make_unique<PlanNode>(PlanKind::kDistinct);
    distinct->output = project->output;
    distinct->children.push_back(std::move(project));
    return distinct;
  }

  Renaming Cross(PlanPtr* plan) {
    Renaming renaming;
    PlanPtr domain = MakeDomain(&renaming);
    if ((*plan)->kind == PlanKind::kSingleRow) {
      *plan = std::move(domain);
    } else {
      *plan = MakeJoin(JoinKind::kCross, std::move(domain), std::move(*plan), {});
    }
    return renaming;
  }

  void RenameOwn(PlanNode* node, const Renaming& renaming) {
    VisitNodeExpressions(
        *node, [&](ExpressionPtr& expression) { RenameColumns(expression.get(), renaming); });
  }

  std::vector<OutputColumn> ColumnsOf(const PlanNode& plan, const Renaming& renaming) const {
    std::vector<OutputColumn> columns;
    for (const auto& renamed : renaming) columns.push_back(*FindOutput(plan, renamed.second));
    return columns;
  }

  // All that passes rows on as they are: the columns come along.
  Renaming PushThrough(PlanNode* node) {
    Renaming renaming = Push(&node->children[0]);
    RenameOwn(node, renaming);
    node->output = node->children[0]->output;
    if (node->kind == PlanKind::kLimit) {
      for (const auto& renamed : renaming) node->limit_by.push_back(renamed.second);
    }
    return renaming;
  }

  Renaming PushIntoProject(PlanNode* node) {
    Renaming renaming = Push(&node->children[0]);
    RenameOwn(node, renaming);
    for (const OutputColumn& column : ColumnsOf(*node->children[0], renaming)) {
      node->output.push_back(column);
      node->computed.push_back({column.id, MakeColumn(column.id, column.type)});
    }
    return renaming;
  }

  Renaming PushIntoScan(PlanPtr* plan) {
    auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
    filter->condition = std::move((*plan)->condition);
    filter->children.push_back(std::move(*plan));
    Renaming renaming = Cross(&filter->children[0]);
    RenameOwn(filter.get(), renaming);
    filter->output = filter->children[0]->output;
    *plan = std::move(filter);
    return renaming;
  }

  // Each row is one of a projection of the domain.
  Renaming PushIntoValues(PlanPtr* plan) {
    PlanNode& values = **plan;
    PlanPtr all;
    Renaming renaming;
    for (std::vector<ExpressionPtr>& row : values.rows) {
      Renaming of_row;
      PlanPtr domain = MakeDomain(&of_row);
      auto project = std::make_unique<PlanNode>(PlanKind::kProject);
      project->output = domain->output;
      for (const OutputColumn& column : domain->output) {
        project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
      }
      project->children.push_back(std::move(domain));
      for (size_t i = 0; i < row.size(); ++i) {
        OutputColumn column = values.output[i];
        column.id = (*next_)++;
        RenameColumns(row[i].get(), of_row);
        project->output.push_back(column);
        project->computed.push_back({column.id, std::move(row[i])});
      }
      if (all == nullptr) {
        all = std::move(project);
        renaming = of_row;
        continue;
      }
      auto both = std::make_unique<PlanNode>(PlanKind::kSetOperation);
      both->set_kind = SetOperationKind::kUnionAll;
      for (OutputColumn column : all->output) {
        column.id = (*next_)++;
        both->output.push_back(column);
      }
      for (size_t i = 0; i < renaming.size(); ++i) renaming[i].second = both->output[i].id;
      both->children.push_back(std::move(all));
      both->children.push_back(std::move(project));
      all = std::move(both);
    }
    auto named = std::make_unique<PlanNode>(PlanKind::kProject);  // the ids that readers know
    for (size_t i = 0; i < all->output.size(); ++i) {
      OutputColumn column = all->output[i];
      ColumnId from = column.id;
      if (i >= renaming.size()) column.id = values.output[i - renaming.size()].id;
      named->output.push_back(column);
      named->computed.push_back({column.id, MakeColumn(from, column.type)});
    }
    named->children.push_back(std::move(all));
    *plan = std::move(named);
    return renaming;
  }

  Renaming PushIntoJoin(PlanPtr* plan) {
    PlanNode& join = **plan;
    bool is_right = join.join_kind == JoinKind::kRight, is_full = join.join_kind == JoinKind::kFull;
    bool is_inner = join.join_kind == JoinKind::kInner || join.join_kind == JoinKind::kCross;
    bool reads[2] = {ReadsAny(*join.children[0], outer_), ReadsAny(*join.children[1], outer_)};
    size_t first = is_right || (is_inner && !reads[0] && reads[1]) ? 1 : 0;  // has them anyway
    Renaming renaming = Push(&join.children[first]);
    Renaming second;
    if (is_full || reads[1 - first]) second = Push(&join.children[1 - first]);
    RenameOwn(&join, renaming);
    Conjuncts conditions;
    if (join.condition != nullptr) conditions.push_back(std::move(join.condition));
    if (!second.empty()) {
      std::vector<OutputColumn> own = ColumnsOf(*join.children[first], renaming);
      std::vector<OutputColumn> other = ColumnsOf(*join.children[1 - first], second);
      for (size_t i = 0; i < own.size(); ++i) conditions.push_back(MakeSameValue(own[i], other[i]));
    }
    join.condition = MakeAnd(std::move(conditions));
    if (is_inner) {
      join.join_kind = join.condition == nullptr ? JoinKind::kCross : JoinKind::kInner;
    }
    for (const OutputColumn& column : ColumnsOf(*join.children[first], renaming)) {
      join.output.push_back(column);
    }
    return is_full ? MergeFull(plan, renaming, second) : renaming;
  }

  // A full join has the values of one side or of the other.
  Renaming MergeFull(PlanPtr* plan, const Renaming& left, const Renaming& right) {
    std::vector<OutputColumn> output = (*plan)->output;
    output.resize(output.size() - left.size());
    for (const OutputColumn& column : ColumnsOf(*(*plan)->children[1], right)) {
      (*plan)->output.push_back(column);
    }
    PlanPtr project = MakeProjection(std::move(*plan), std::move(output));
    Renaming merged;
    for (size_t i = 0; i < left.size(); ++i) {
      OutputColumn column = domain_.columns[i];
      auto value = std::make_unique<BoundExpression>(BoundKind::kCoalesce, column.type);
      value->arguments.push_back(MakeColumn(left[i].second, column.type));
      value->arguments.push_back(MakeColumn(right[i].second, column.type));
      merged.emplace_back(column.id, *next_);
      column.id = (*next_)++;
      project->output.push_back(column);
      project->computed.push_back({column.id, std::move(value)});
    }
    *plan = std::move(project);
    return merged;
  }

  Renaming PushIntoAggregate(PlanPtr* plan) {
    PlanNode& node = **plan;
    bool is_global = node.computed.empty();
    Renaming renaming = Push(&node.children[0]);
    RenameOwn(&node, renaming);
    std::vector<OutputColumn> columns = ColumnsOf(*node.children[0], renaming);
    auto at = static_cast<ptrdiff_t>(node.computed.size());
    node.output.insert(node.output.begin() + at, columns.begin(), columns.end());
    for (const OutputColumn& column : columns) {
      node.computed.push_back({column.id, MakeColumn(column.id, column.type)});
    }
    return is_global ? KeepEmptyGroups(plan, columns) : renaming;
  }

  // Without groups there is a row for every combination, also where no row was aggregated.
  Renaming KeepEmptyGroups(PlanPtr* plan, const std::vector<OutputColumn>& groups) {
    Renaming renaming;
    PlanPtr domain = MakeDomain(&renaming);
    PlanNode& aggregate = **plan;
    std::vector<OutputColumn> own = ColumnsOf(*domain, renaming);
    Conjuncts conditions;
    for (size_t i = 0; i < own.size(); ++i) conditions.push_back(MakeSameValue(own[i], groups[i]));
    auto project = std::make_unique<PlanNode>(PlanKind::kProject);
    project->output = own;
    for (const OutputColumn& column : own) {
      project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
    }
    for (size_t i = 0; i < aggregate.aggregates.size(); ++i) {
      AggregateColumn& made = aggregate.aggregates[i];
      OutputColumn& column = aggregate.output[groups.size() + i];
      project->output.push_back(column);
      Value empty = ValueOfNoRows(made.function);
      ExpressionPtr value;
      if (empty.is_null) {
        project->output.back().nullable = true;
        value = MakeColumn(column.id, column.type);
      } else {
        ColumnId id = (*next_)++;
        value = std::make_unique<BoundExpression>(BoundKind::kCoalesce, column.type);
        value->arguments.push_back(MakeColumn(id, column.type));
        value->arguments.push_back(MakeConstant(std::move(empty)));
        column.id = made.id = id;
      }
      project->computed.push_back({project->output.back().id, std::move(value)});
    }
    project->children.push_back(
        MakeJoin(JoinKind::kLeft, std::move(domain), std::move(*plan), std::move(conditions)));
    *plan = std::move(project);
    return renaming;
  }

  // Both sides get the columns at the same places.
  Renaming PushIntoSets(PlanNode* node) {
    size_t degree = node->output.size();
    for (PlanPtr& child : node->children) {
      std::vector<OutputColumn> output(child->output.begin(),
                                       child->output.begin() + static_cast<ptrdiff_t>(degree));
      Renaming renaming = Push(&child);
      for (const OutputColumn& column : ColumnsOf(*child, renaming)) output.push_back(column);
      child = MakeProjection(std::move(child), std::move(output));
    }
    Renaming renaming;
    for (OutputColumn column : domain_.columns) {
      renaming.emplace_back(column.id, *next_);
      column.id = (*next_)++;
      node->output.push_back(column);
    }
    return renaming;
  }

  const Domain& domain_;
  ColumnId* next_;
  ColumnSet outer_;
};

}  // namespace

bool CanPushDomain(const PlanNode& plan, const ColumnSet& outer) {
  if (!ReadsAny(plan, outer)) return true;
  // The groups of empty sets would have to be there for each combination.
  if (plan.grouping != nullptr) return false;
  if (plan.kind == PlanKind::kLimit && !plan.sort_keys.empty()) return false;  // WITH TIES
  switch (plan.kind) {
    case PlanKind::kTableScan:
    case PlanKind::kValues:
    case PlanKind::kJoin:
    case PlanKind::kAggregate:
    case PlanKind::kSetOperation:
    case PlanKind::kProject:
    case PlanKind::kFilter:
    case PlanKind::kSort:
    case PlanKind::kDistinct:
    case PlanKind::kLimit:
      return std::all_of(plan.children.begin(), plan.children.end(),
                         [&](const PlanPtr& child) { return CanPushDomain(*child, outer); });
    default: return false;
  }
}

bool CanRepeat(const PlanNode& plan) {
  bool can = plan.kind != PlanKind::kInsert && plan.kind != PlanKind::kUpdate &&
             plan.kind != PlanKind::kDelete && plan.kind != PlanKind::kMerge &&
             plan.kind != PlanKind::kRecursion;
  VisitNodeExpressions(const_cast<PlanNode&>(plan), [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](const BoundExpression& part) {
      can &= part.kind != BoundKind::kNextIdentity && part.kind != BoundKind::kNextValue &&
             part.kind != BoundKind::kLastValue &&
             (part.kind != BoundKind::kCall || part.function.is_deterministic);
      if (part.plan != nullptr) can = can && CanRepeat(*part.plan);
    });
  });
  return can && std::all_of(plan.children.begin(), plan.children.end(),
                            [](const PlanPtr& child) { return CanRepeat(*child); });
}

Renaming PushDomain(PlanPtr* plan, const Domain& domain, ColumnId* next) {
  StepInterruption();
  return DomainPusher(domain, next).Push(plan);
}

}  // namespace tupelo

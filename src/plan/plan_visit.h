// plan/plan_visit.h: the one list of all places where a plan node holds expressions.
#pragma once

#include "plan/plan.h"

namespace tupelo {

template <typename Visit>
void VisitNodeExpressions(PlanNode& node, Visit&& visit) {
  auto one = [&](ExpressionPtr& expression) {
    if (expression != nullptr) visit(expression);
  };
  for (auto& value : node.range.equal) one(value);
  one(node.range.lower);
  one(node.range.upper);
  one(node.condition);
  for (auto& key : node.left_keys) one(key);
  for (auto& key : node.right_keys) one(key);
  if (node.band != nullptr) {
    one(node.band->first);
    one(node.band->second);
    for (auto& bound : node.band->bounds) one(bound.value);
  }
  one(node.comparison);
  for (auto& column : node.computed) one(column.expression);
  for (auto& aggregate : node.aggregates) {
    one(aggregate.argument);
    one(aggregate.filter);
    for (auto& argument : aggregate.more_arguments) one(argument);
    for (auto& order : aggregate.order) one(order.key);
  }
  if (node.window != nullptr) {
    for (auto& function : node.window->functions) {
      for (auto& argument : function.arguments) one(argument);
      one(function.filter);
      for (auto& order : function.order) one(order.key);
      one(function.frame.start_offset);
      one(function.frame.end_offset);
    }
  }
  one(node.limit);
  one(node.offset);
  for (auto& row : node.rows) {
    for (auto& value : row) one(value);
  }
  for (auto& column : node.defaults) one(column.expression);
  if (node.conflict != nullptr) {
    for (auto& value : node.conflict->values) one(value);
    one(node.conflict->condition);
  }
  if (node.copy != nullptr) one(node.copy->path);
  for (MergeStep& step : node.merge_steps) {
    one(step.condition);
    for (auto& value : step.values) one(value);
    for (auto& column : step.defaults) one(column.expression);
  }
}

}  // namespace tupelo

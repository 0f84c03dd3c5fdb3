// plan/bind_window.cpp: windows, calls of window functions, and the nodes that compute them.
//
// Windows of the same partition whose orders begin alike share a node, and so a sort: a function
// knows how many of the node's sort keys are its own.
#include <algorithm>

#include "plan/binder.h"
#include "plan/column_set.h"

namespace tupelo {

namespace {

struct FunctionName {
  std::string_view name;
  WindowFunctionKind kind;
  size_t least, most;  // arguments
};
constexpr FunctionName kFunctions[] = {
    {"ROW_NUMBER", WindowFunctionKind::kRowNumber, 0, 0},
    {"RANK", WindowFunctionKind::kRank, 0, 0},
    {"DENSE_RANK", WindowFunctionKind::kDenseRank, 0, 0},
    {"PERCENT_RANK", WindowFunctionKind::kPercentRank, 0, 0},
    {"CUME_DIST", WindowFunctionKind::kCumeDist, 0, 0},
    {"NTILE", WindowFunctionKind::kNtile, 1, 1},
    {"LAG", WindowFunctionKind::kLag, 1, 3},
    {"LEAD", WindowFunctionKind::kLead, 1, 3},
    {"FIRST_VALUE", WindowFunctionKind::kFirstValue, 1, 1},
    {"LAST_VALUE", WindowFunctionKind::kLastValue, 1, 1},
    {"NTH_VALUE", WindowFunctionKind::kNthValue, 2, 2},
};

const FunctionName* FindFunction(std::string_view name) {
  for (const FunctionName& function : kFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

// What a row would be among those of a group: WITHIN GROUP.
bool IsHypothetical(std::string_view name) {
  const FunctionName* function = FindFunction(name);
  return function != nullptr && function->kind >= WindowFunctionKind::kRank &&
         function->kind <= WindowFunctionKind::kCumeDist;
}

[[noreturn]] void ThrowWindowing(const std::string& message, Position position) {
  throw Error(ErrorCode::kWindowingError, message, position);
}

bool SameOrder(const BoundWindow::Order& a, const BoundWindow::Order& b) {
  return a.descending == b.descending && a.nulls_first == b.nulls_first &&
         SameExpression(*a.key, *b.key);
}

// Whether the order of `shorter` is how that of `longer` begins.
bool IsPrefix(const BoundWindow& shorter, const BoundWindow& longer) {
  return shorter.order.size() <= longer.order.size() &&
         std::equal(shorter.order.begin(), shorter.order.end(), longer.order.begin(), SameOrder);
}

bool SamePartition(const BoundWindow& a, const BoundWindow& b) {
  auto all_in = [](const BoundWindow& one, const BoundWindow& other) {
    return std::all_of(one.partition.begin(), one.partition.end(), [&](const ExpressionPtr& key) {
      return std::any_of(other.partition.begin(), other.partition.end(),
                         [&](const ExpressionPtr& same) { return SameExpression(*key, *same); });
    });
  };
  return all_in(a, b) && all_in(b, a);
}

bool MayFail(const BoundExpression& expression) {
  bool may_fail = false;
  VisitExpressions(expression, [&](const BoundExpression& part) {
    may_fail |= part.plan != nullptr || (part.kind == BoundKind::kCall && part.function.may_fail);
  });
  return may_fail;
}

}  // namespace

bool IsWindowFunction(std::string_view name) { return FindFunction(name) != nullptr; }

BoundWindow BoundWindow::Copy() const {
  BoundWindow copy;
  for (const ExpressionPtr& key : partition) copy.partition.push_back(Clone(*key));
  for (const Order& key : order) {
    copy.order.push_back({Clone(*key.key), key.descending, key.nulls_first});
  }
  copy.frame = frame;
  return copy;
}

// The WINDOW clause: each window may build on those before it.
void Binder::BindWindows(const ast::SelectBody& select, Scope* scope, WindowLevel* level) {
  for (const ast::WindowDefinition& definition : select.windows) {
    std::string name = MakeKey(definition.name);
    for (const BoundWindow& known : level->windows) {
      if (known.name != name) continue;
      ThrowWindowing("the window is defined twice: " + std::string(definition.name.text),
                     definition.name.position);
    }
    BoundWindow window = BindWindow(*definition.specification, scope, *level);
    window.name = std::move(name);
    BindFrame(window, scope);
    level->windows.push_back(std::move(window));
  }
}

BoundWindow Binder::BindWindow(const ast::WindowSpecification& specification, Scope* scope,
                               const WindowLevel& level) {
  BoundWindow window;
  const BoundWindow* base = nullptr;
  std::string base_name(specification.base.text);
  Position position = specification.position;
  if (!specification.base.empty()) {
    size_t found = FindName(MakeKey(specification.base), level.windows.size(),
                            [&](size_t i) -> std::string_view { return level.windows[i].name; });
    if (found == kNameNotFound || found == kNameAmbiguous) {
      throw Error(ErrorCode::kUndefinedObject, "window not found: " + base_name,
                  specification.base.position);
    }
    base = &level.windows[found];
    window = base->Copy();
  }
  if (specification.is_name) return window;
  if (base != nullptr) {
    if (!specification.partition_by.empty()) {
      ThrowWindowing("the PARTITION BY of a window cannot be overridden: " + base_name, position);
    }
    if (!specification.order_by.empty() && !base->order.empty()) {
      ThrowWindowing("the ORDER BY of a window cannot be overridden: " + base_name, position);
    }
    if (base->frame != nullptr) {
      ThrowWindowing(
          "a window with a frame can only be used as it is, OVER and its name without "
          "parentheses: " +
              base_name,
          position);
    }
  }
  for (const ast::Expression* key : specification.partition_by) {
    window.partition.push_back(BindExpression(*key, scope));
  }
  for (const ast::SortKey& key : specification.order_by) {
    window.order.push_back({BindExpression(*key.expression, scope), key.descending,
                            PlaceOfNulls(key) == NullPlace::kFirst});
  }
  window.frame = specification.frame;
  return window;
}

// Arguments of the functions that are no aggregates.
void Binder::BindWindowArguments(const ast::FunctionCall& call, const std::string& name,
                                 Scope* scope, WindowColumn* column) {
  const FunctionName& function = *FindFunction(name);
  column->function = function.kind;
  column->name = function.name;
  size_t count = call.arguments.size();
  if (call.star || count < function.least || count > function.most) {
    std::string takes = std::to_string(function.least);
    if (function.most > function.least) takes += " to " + std::to_string(function.most);
    throw Error(ErrorCode::kUndefinedFunction,
                name + " takes " + takes + (takes == "1" ? " argument" : " arguments") + ", not " +
                    (call.star ? "*" : std::to_string(count)),
                call.position);
  }
  if (call.filter != nullptr || call.quantifier != ast::SetQuantifier::kNone) {
    throw Error(ErrorCode::kFeatureNotSupported,
                std::string(call.filter != nullptr ? "FILTER" : "DISTINCT or ALL") +
                    " is not supported for window functions that are not aggregates: " + name,
                call.position);
  }
  for (const ast::Expression* argument : call.arguments) {
    column->arguments.push_back(BindExpression(*argument, scope));
  }
  bool counts_first = function.kind == WindowFunctionKind::kNtile;
  for (size_t i = counts_first ? 0 : 1; i < std::min<size_t>(count, 2); ++i) {
    ExpressionPtr& number = column->arguments[i];
    if (!number->type.is_integer() && number->type.id != TypeId::kNull) {
      throw Error(ErrorCode::kUndefinedFunction,
                  name + " takes a whole number here, not " + number->type.ToString(),
                  number->position);
    }
    number = Convert(std::move(number), Type::BigInt(), CastKind::kImplicit);
  }
  if (count == 3) UnifyTypes({&column->arguments[0], &column->arguments[2]}, name.c_str());
  switch (function.kind) {
    case WindowFunctionKind::kPercentRank:
    case WindowFunctionKind::kCumeDist: column->type = Type::Double(); break;
    case WindowFunctionKind::kLag:
    case WindowFunctionKind::kLead:
    case WindowFunctionKind::kFirstValue:
    case WindowFunctionKind::kLastValue:
    case WindowFunctionKind::kNthValue:
      if (column->arguments[0]->type.id == TypeId::kNull) {
        column->arguments[0] =
            Convert(std::move(column->arguments[0]), Type::Integer(), CastKind::kImplicit);
      }
      column->type = column->arguments[0]->type;
      break;
    default: column->type = Type::BigInt();
  }
}

void Binder::BindWindowAggregate(const ast::FunctionCall& call, const std::string& name,
                                 Scope* scope, WindowColumn* column) {
  CheckAggregateCall(call, name);
  AggregateColumn aggregate;
  aggregate.distinct = call.quantifier == ast::SetQuantifier::kDistinct;
  BindAggregateArguments(call, name, scope, &aggregate);
  ResolveAggregateColumn(call, name, &aggregate);
  BindAggregateOrder(call, scope, &aggregate);
  column->function = WindowFunctionKind::kAggregate;
  column->name = aggregate.function.name;
  column->type = aggregate.function.result;
  column->aggregate = std::move(aggregate.function);
  if (aggregate.argument != nullptr) column->arguments.push_back(std::move(aggregate.argument));
  for (ExpressionPtr& argument : aggregate.more_arguments) {
    column->arguments.push_back(std::move(argument));
  }
  column->filter = std::move(aggregate.filter);
  column->distinct = aggregate.distinct;
  column->order = std::move(aggregate.order);
  if (column->filter == nullptr) return;
  // Arguments are computed for all rows: those that FILTER leaves out must not make them fail.
  auto guard = [&](ExpressionPtr* argument) {
    if (!MayFail(**argument)) return;
    std::vector<ExpressionPtr> guarded;
    guarded.push_back(Clone(*column->filter));
    guarded.push_back(std::move(*argument));
    *argument = FinishCase(std::move(guarded), call.position);
  };
  for (ExpressionPtr& argument : column->arguments) guard(&argument);
  for (AggregateOrder& key : column->order) guard(&key.key);
}

ExpressionPtr Binder::BindWindowCall(const ast::FunctionCall& call, const std::string& name,
                                     Scope* scope) {
  const ast::CallClauses* clauses = call.clauses;
  if (clauses == nullptr || clauses->over == nullptr) {
    bool hypothetical = clauses != nullptr && clauses->within_group;
    throw Error(hypothetical ? ErrorCode::kFeatureNotSupported : ErrorCode::kWrongObjectType,
                hypothetical ? name + " WITHIN GROUP is not supported"
                             : "a window function needs OVER (...): " + name,
                call.position);
  }
  if (scope->aggregates != nullptr && scope->aggregates->inside_aggregate) {
    throw Error(ErrorCode::kGroupingError,
                "window functions are not allowed in the arguments of aggregates", call.position);
  }
  if (clauses->within_group && IsHypothetical(name)) {
    throw Error(ErrorCode::kFeatureNotSupported, name + " WITHIN GROUP is not supported with OVER",
                call.position);
  }
  WindowLevel* level = scope->windows;
  if (level == nullptr) {
    ThrowWindowing(std::string("window functions are not allowed ") + scope->no_aggregates,
                   call.position);
  }
  WindowLevel::Function function;
  // Neither the arguments nor the window may hold another window function.
  const char* outside = scope->no_aggregates;
  scope->windows = nullptr;
  scope->no_aggregates = "in the arguments of another one, nor in windows";
  try {
    if (AggregateExists(name)) {
      BindWindowAggregate(call, name, scope, &function.column);
    } else {
      BindWindowArguments(call, name, scope, &function.column);
    }
    function.window = BindWindow(*clauses->over, scope, *level);
    function.column.frame = BindFrame(function.window, scope);
  } catch (...) {
    scope->windows = level;
    scope->no_aggregates = outside;
    throw;
  }
  scope->windows = level;
  scope->no_aggregates = outside;
  WindowFunctionKind kind = function.column.function;
  bool takes_values = kind >= WindowFunctionKind::kLag && kind <= WindowFunctionKind::kNthValue;
  bool not_fitting = (clauses->nulls != ast::NullTreatment::kUnspecified && !takes_values) ||
                     (clauses->from_given && kind != WindowFunctionKind::kNthValue) ||
                     clauses->within_group || clauses->overflow_given || !clauses->order_by.empty();
  if (not_fitting && kind != WindowFunctionKind::kAggregate) {
    throw Error(ErrorCode::kSyntaxError,
                "ORDER BY, FROM FIRST or LAST, RESPECT or IGNORE NULLS is not allowed with " + name,
                call.position);
  }
  function.column.ignore_nulls = clauses->nulls == ast::NullTreatment::kIgnore;
  function.column.from_last = clauses->from_last;
  function.column.id = NextColumn();
  ExpressionPtr result = MakeColumn(function.column.id, function.column.type, call.position);
  level->functions.push_back(std::move(function));
  return result;
}

// One node for functions that share a sort; the first has the longest order.
PlanPtr Binder::AddWindow(PlanPtr plan, std::vector<WindowLevel::Function*> functions) {
  auto node = std::make_unique<PlanNode>(PlanKind::kWindow);
  node->window = std::make_unique<WindowPlan>();
  // Keys that are no columns of the input are computed below.
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  ColumnSet input;
  input.AddOutput(*plan);
  auto key_column = [&](const BoundExpression& key) {
    if (key.kind == BoundKind::kColumn && input.Has(key.column)) return key.column;
    for (const ComputedColumn& known : project->computed) {
      if (SameExpression(*known.expression, key)) return known.id;
    }
    ColumnId id = NextColumn();
    project->output.push_back({id, key.type, true, {}});
    project->computed.push_back({id, Clone(key)});
    return id;
  };
  BoundWindow& longest = functions[0]->window;
  for (const ExpressionPtr& key : longest.partition) {
    node->window->partition_columns.push_back(key_column(*key));
  }
  for (const BoundWindow::Order& key : longest.order) {
    node->sort_keys.push_back({key_column(*key.key), key.descending, key.nulls_first});
  }
  if (!project->computed.empty()) {
    for (const OutputColumn& column : plan->output) {
      project->output.push_back(column);
      project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
    }
    project->children.push_back(std::move(plan));
    plan = std::move(project);
  }
  node->output = plan->output;
  node->children.push_back(std::move(plan));
  for (WindowLevel::Function* function : functions) {
    WindowColumn& column = function->column;
    column.order_count = static_cast<uint32_t>(function->window.order.size());
    bool is_value = column.function >= WindowFunctionKind::kNtile;
    node->output.push_back(
        {column.id, column.type, is_value, Keep(Name::Exact(std::string(column.name)))});
    node->window->functions.push_back(std::move(column));
  }
  return node;
}

PlanPtr Binder::AddWindows(PlanPtr plan, WindowLevel* level) {
  std::vector<WindowLevel::Function*> open;
  for (WindowLevel::Function& function : level->functions) open.push_back(&function);
  std::stable_sort(open.begin(), open.end(), [](const auto* a, const auto* b) {
    return a->window.order.size() > b->window.order.size();
  });
  while (!open.empty()) {
    const BoundWindow& first = open[0]->window;
    auto shares = [&](const WindowLevel::Function* function) {
      return function == open[0] ||  // a subquery is never the same as another one
             (SamePartition(function->window, first) && IsPrefix(function->window, first));
    };
    std::vector<WindowLevel::Function*> together;
    std::copy_if(open.begin(), open.end(), std::back_inserter(together), shares);
    std::erase_if(open, [&](const WindowLevel::Function* function) {
      return std::find(together.begin(), together.end(), function) != together.end();
    });
    plan = AddWindow(std::move(plan), std::move(together));
  }
  return plan;
}

}  // namespace tupelo

// plan/bind_aggregate.cpp: calls of aggregates: which query they belong to, their arguments and
// the order in which they take rows in.
#include <algorithm>

#include "plan/binder.h"
#include "plan/optimizer.h"

namespace tupelo {

namespace {

bool HasOrder(const ast::FunctionCall& call) {
  return call.clauses != nullptr && !call.clauses->order_by.empty();
}

bool IsWithinGroup(const ast::FunctionCall& call) {
  return call.clauses != nullptr && call.clauses->within_group;
}

bool SameArguments(const AggregateColumn& a, const AggregateColumn& b) {
  if ((a.argument == nullptr) != (b.argument == nullptr)) return false;
  if (a.argument != nullptr && !SameExpression(*a.argument, *b.argument)) return false;
  if (a.more_arguments.size() != b.more_arguments.size()) return false;
  for (size_t i = 0; i < a.more_arguments.size(); ++i) {
    if (!SameExpression(*a.more_arguments[i], *b.more_arguments[i])) return false;
  }
  if (a.order.size() != b.order.size()) return false;
  for (size_t i = 0; i < a.order.size(); ++i) {
    if (!SameExpression(*a.order[i].key, *b.order[i].key) ||
        a.order[i].descending != b.order[i].descending ||
        a.order[i].nulls_first != b.order[i].nulls_first) {
      return false;
    }
  }
  return true;
}

bool IsSameAggregate(const AggregateColumn& a, const AggregateColumn& b) {
  return a.filter == nullptr && b.filter == nullptr && a.distinct == b.distinct &&
         a.function.name == b.function.name && a.function.data.b == b.function.data.b &&
         SameArguments(a, b);
}

}  // namespace

// SQL:1999 part 2, 6.16: an aggregate belongs to the innermost query whose columns its argument
// reads.
AggregateLevel* Binder::LevelOfAggregate(const std::vector<ColumnId>& columns, Scope* scope,
                                         Position position) {
  for (Scope* level = scope; level != nullptr; level = level->parent) {
    bool owns = columns.empty();
    for (const ScopeColumn& column : level->columns) {
      owns |= std::find(columns.begin(), columns.end(), column.id) != columns.end();
    }
    if (!owns) continue;
    if (level->aggregates == nullptr) {
      throw Error(ErrorCode::kGroupingError,
                  std::string("aggregate functions are not allowed ") + level->no_aggregates,
                  position);
    }
    if (level->aggregates->inside_aggregate) {
      throw Error(ErrorCode::kGroupingError, "aggregate functions can not be nested", position);
    }
    return level->aggregates;
  }
  throw Error(ErrorCode::kGroupingError, "aggregate functions are not allowed here", position);
}

// What the form of the call must have and must not have.
void Binder::CheckAggregateCall(const ast::FunctionCall& call, const std::string& name) {
  AggregateForm form = FormOfAggregate(name);
  auto fail = [&](ErrorCode code, const std::string& message) {
    throw Error(code, message, call.position);
  };
  if (call.star && name != "COUNT") {
    fail(ErrorCode::kSyntaxError, name + "(*) is not allowed: only COUNT takes *");
  }
  size_t given = call.arguments.size(), least = 1, most = 1;
  if (form == AggregateForm::kTwoArguments || name == "STRING_AGG") least = most = 2;
  if (form == AggregateForm::kListagg || name == "GROUP_CONCAT") most = 2;
  if (form == AggregateForm::kMode) least = most = 0;
  if (!call.star && (given < least || given > most)) {
    static constexpr const char* kCounts[] = {"no argument", "one argument", "two arguments"};
    fail(ErrorCode::kUndefinedFunction, name + " takes " + kCounts[least] +
                                            (least == most ? "" : " or two") + ", not " +
                                            std::to_string(given));
  }
  bool ordered_set = form == AggregateForm::kPercentile || form == AggregateForm::kMode;
  if (ordered_set && !IsWithinGroup(call)) {
    fail(ErrorCode::kUndefinedFunction, name + " needs WITHIN GROUP (ORDER BY ...)");
  }
  if (IsWithinGroup(call) && !ordered_set && form != AggregateForm::kListagg) {
    fail(ErrorCode::kUndefinedFunction,
         "WITHIN GROUP is allowed only with LISTAGG, MODE and the percentiles, not with " + name);
  }
  if (ordered_set && call.clauses->order_by.size() != 1) {
    fail(ErrorCode::kUndefinedFunction, name + " takes one sort key in WITHIN GROUP, not " +
                                            std::to_string(call.clauses->order_by.size()));
  }
  if (ordered_set && call.quantifier == ast::SetQuantifier::kDistinct) {
    fail(ErrorCode::kSyntaxError, "DISTINCT is not allowed with " + name);
  }
  if (call.clauses == nullptr) return;
  if (call.clauses->overflow_given && form != AggregateForm::kListagg) {
    fail(ErrorCode::kSyntaxError, "ON OVERFLOW is allowed only in LISTAGG, not in " + name);
  }
  if (call.clauses->nulls != ast::NullTreatment::kUnspecified || call.clauses->from_given) {
    fail(ErrorCode::kWrongObjectType,
         "RESPECT NULLS, IGNORE NULLS and FROM FIRST are not allowed with aggregates: " + name);
  }
}

// STRING_AGG, GROUP_CONCAT, LISTAGG: the value and its separator, for LISTAGG the filler too.
void Binder::BindListArguments(const ast::FunctionCall& call, const std::string& name, Scope* scope,
                               AggregateColumn* column) {
  Position position = call.position;
  column->argument = BindExpression(*call.arguments[0], scope);
  // GROUP_CONCAT takes values of any type, as the text that CAST gives.
  const Type& type = column->argument->type;
  if (name == "GROUP_CONCAT" && !type.is_character() && type.id != TypeId::kBlob) {
    column->argument = Convert(std::move(column->argument), Type::Varchar(), CastKind::kExplicit);
  }
  if (call.arguments.size() > 1) {
    column->more_arguments.push_back(BindExpression(*call.arguments[1], scope));
  } else {
    std::string separator = name == "LISTAGG" ? "" : ",";
    Type text = column->argument->type.id == TypeId::kBlob ? Type::Blob() : Type::Varchar();
    column->more_arguments.push_back(MakeConstant(Value::Text(text, separator), position));
  }
  if (name != "LISTAGG") return;
  const ast::OverflowClause* overflow = call.clauses == nullptr ? nullptr : call.clauses->overflow;
  bool has_filler = overflow != nullptr && overflow->filler != nullptr;
  column->more_arguments.push_back(
      has_filler ? BindExpression(*overflow->filler, scope)
                 : MakeConstant(Value::Text(Type::Varchar(), "..."), position));
}

// PERCENTILE_CONT, PERCENTILE_DISC, MODE: what they are of is the sort key.
void Binder::BindOrderedSet(const ast::FunctionCall& call, Scope* scope, AggregateColumn* column) {
  column->argument = BindExpression(*call.clauses->order_by[0].expression, scope);
  if (!call.arguments.empty()) {
    column->more_arguments.push_back(BindExpression(*call.arguments[0], scope));
  }
}

// COUNT of a row: no row is null, whatever its fields are, and with DISTINCT rows of the same
// fields count once.
void Binder::BindCountedRow(const ast::FunctionCall& call, Scope* scope, AggregateColumn* column) {
  column->argument = MakeConstant(Value::Boolean(true), call.position);
  for (const ast::Expression* field : ast::As<ast::RowExpression>(*call.arguments[0]).fields) {
    ExpressionPtr value = BindExpression(*field, scope);
    if (value->type.id == TypeId::kNull) {
      value = Convert(std::move(value), Type::Integer(), CastKind::kImplicit);
    }
    column->more_arguments.push_back(std::move(value));
  }
}

void Binder::BindAggregateArguments(const ast::FunctionCall& call, const std::string& name,
                                    Scope* scope, AggregateColumn* column) {
  switch (FormOfAggregate(name)) {
    case AggregateForm::kConcatenation:
    case AggregateForm::kListagg: BindListArguments(call, name, scope, column); break;
    case AggregateForm::kPercentile:
    case AggregateForm::kMode: BindOrderedSet(call, scope, column); break;
    default:
      if (name == "COUNT" && !call.star && call.arguments[0]->kind == ast::ExpressionKind::kRow) {
        BindCountedRow(call, scope, column);
        break;
      }
      if (!call.star) column->argument = BindExpression(*call.arguments[0], scope);
      if (name == "MEDIAN") column->more_arguments.push_back(MakeConstant(Value::Double(0.5)));
      if (call.arguments.size() > 1) {
        column->more_arguments.push_back(BindExpression(*call.arguments[1], scope));
      }
  }
  if (call.filter != nullptr) column->filter = BindCondition(*call.filter, scope, "FILTER");
}

// The function for the types of the arguments, and the arguments as it takes them.
void Binder::ResolveAggregateColumn(const ast::FunctionCall& call, const std::string& name,
                                    AggregateColumn* column) {
  std::vector<Type> more;
  for (const ExpressionPtr& argument : column->more_arguments) more.push_back(argument->type);
  bool counts_rows = name == "COUNT" && !more.empty();
  try {
    column->function =
        ResolveAggregate(name, column->argument == nullptr ? nullptr : &column->argument->type,
                         counts_rows ? std::vector<Type>() : more);
    if (counts_rows) column->function.more_types = more;
  } catch (Error& error) {
    error.AtPosition(call.position);
    throw;
  }
  if (call.clauses != nullptr && call.clauses->overflow != nullptr) {
    column->function.data.b =
        static_cast<int64_t>(call.clauses->overflow->with_count ? ListOverflow::kTruncateWithCount
                                                                : ListOverflow::kTruncate);
  }
  if (column->argument != nullptr) {
    column->argument =
        Convert(std::move(column->argument), column->function.argument_type, CastKind::kImplicit);
  }
  for (size_t i = 0; i < column->more_arguments.size(); ++i) {
    column->more_arguments[i] = Convert(std::move(column->more_arguments[i]),
                                        column->function.more_types[i], CastKind::kImplicit);
  }
}

// ORDER BY and WITHIN GROUP, where the result goes by the order. With DISTINCT the keys must be
// arguments: equal values may have different keys else.
void Binder::BindAggregateOrder(const ast::FunctionCall& call, Scope* scope,
                                AggregateColumn* column) {
  std::vector<AggregateOrder> order;
  if (HasOrder(call)) {
    for (const ast::SortKey& key : call.clauses->order_by) {
      AggregateOrder item;
      item.descending = key.descending;
      item.nulls_first = PlaceOfNulls(key) == NullPlace::kFirst;
      item.key = BindExpression(*key.expression, scope);
      auto is_key = [&](const ExpressionPtr& argument) {
        return argument != nullptr && (SameExpression(*argument, *item.key) ||
                                       SameExpression(WithoutImplicitCasts(*argument), *item.key));
      };
      bool is_argument =
          is_key(column->argument) ||
          std::any_of(column->more_arguments.begin(), column->more_arguments.end(), is_key);
      if (column->distinct && !is_argument) {
        throw Error(ErrorCode::kInvalidColumnReference,
                    "in an aggregate with DISTINCT, the keys of ORDER BY must be its arguments",
                    key.expression->position);
      }
      order.push_back(std::move(item));
    }
  } else if (column->distinct && column->function.needs_order) {
    order.push_back({Clone(*column->argument), false, false});
  }
  if (column->function.name == "MEDIAN") {
    order.clear();
    order.push_back({Clone(*column->argument), false, false});
  }
  if (column->function.needs_order) column->order = std::move(order);
}

ExpressionPtr Binder::BindAggregateCall(const ast::FunctionCall& call, const std::string& name,
                                        Scope* scope) {
  CheckAggregateCall(call, name);
  AggregateColumn column;
  column.distinct = call.quantifier == ast::SetQuantifier::kDistinct;
  AggregateLevel* enclosing = scope->aggregates;
  bool was_inside = enclosing != nullptr && enclosing->inside_aggregate;
  if (enclosing != nullptr) enclosing->inside_aggregate = true;
  try {
    BindAggregateArguments(call, name, scope, &column);
    ResolveAggregateColumn(call, name, &column);
    BindAggregateOrder(call, scope, &column);
  } catch (...) {
    if (enclosing != nullptr) enclosing->inside_aggregate = was_inside;
    throw;
  }
  if (enclosing != nullptr) enclosing->inside_aggregate = was_inside;
  std::vector<ColumnId> columns;
  if (column.argument != nullptr) CollectColumns(*column.argument, &columns);
  for (const ExpressionPtr& argument : column.more_arguments) CollectColumns(*argument, &columns);
  for (const AggregateOrder& order : column.order) CollectColumns(*order.key, &columns);
  AggregateLevel* level = LevelOfAggregate(columns, scope, call.position);
  for (const AggregateColumn& known : level->aggregates) {  // the same twice is computed once
    if (IsSameAggregate(known, column)) {
      return MakeColumn(known.id, known.function.result, call.position);
    }
  }
  column.id = NextColumn();
  Type type = column.function.result;
  ColumnId id = column.id;
  level->aggregates.push_back(std::move(column));
  return MakeColumn(id, type, call.position);
}

}  // namespace tupelo

// plan/bind_query.cpp: query expressions: set operations, VALUES, ORDER BY and LIMIT of the whole.
#include "plan/binder.h"

namespace tupelo {

Binder::Binder(const CatalogSnapshot& catalog, const std::vector<Type>& parameter_types)
    : catalog_(catalog),
      parameter_types_(parameter_types),
      parameter_uses_(parameter_types.size()) {}

namespace {

// The WITH in front of INSERT, UPDATE or DELETE; nullptr: none.
const ast::WithClause* WithOf(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::kInsert: return ast::As<ast::InsertStatement>(statement).with;
    case ast::StatementKind::kUpdate: return ast::As<ast::UpdateStatement>(statement).with;
    case ast::StatementKind::kDelete: return ast::As<ast::DeleteStatement>(statement).with;
    default: return nullptr;
  }
}

}  // namespace

Plan Binder::Bind(const ast::Statement& statement) {
  Plan plan;
  CommonTableFrame frame;
  if (const ast::WithClause* with = WithOf(statement)) EnterWith(*with, nullptr, &frame);
  switch (statement.kind) {
    case ast::StatementKind::kQuery:
      locking_.outermost = ast::As<ast::QueryStatement>(statement).query;
      plan.root = BindQuery(*locking_.outermost, nullptr);
      plan.is_query = plan.returns_rows = true;
      plan.locks_rows = locking_.locks_rows;
      break;
    case ast::StatementKind::kInsert:
      plan.root = BindInsert(ast::As<ast::InsertStatement>(statement));
      break;
    case ast::StatementKind::kUpdate:
      plan.root = BindUpdate(ast::As<ast::UpdateStatement>(statement));
      break;
    case ast::StatementKind::kDelete:
      plan.root = BindDelete(ast::As<ast::DeleteStatement>(statement));
      break;
    case ast::StatementKind::kCopy:
      plan.root = BindCopy(ast::As<ast::CopyStatement>(statement));
      break;
    case ast::StatementKind::kMerge:
      plan.root = BindMerge(ast::As<ast::MergeStatement>(statement));
      break;
    default:
      throw Error(ErrorCode::kInternalError, "a statement without a plan", statement.position);
  }
  plan.returns_rows |= plan.root->kind == PlanKind::kProject;  // RETURNING
  Finish(&plan);
  return plan;
}

void Binder::Finish(Plan* plan) {
  plan->parameter_types = parameter_types_;
  for (const ParameterUse& use : parameter_uses_) {
    plan->parameter_targets.push_back(use.count == 1 ? use.target : Type::Null());
  }
  plan->tables = std::move(tables_);
  plan->names = std::move(names_);
  plan->has_subqueries = has_subqueries_;
  plan->next_column = next_column_;
  plan->common_tables = std::move(shared_tables_);
}

Plan Binder::BindFilling(const TablePtr& table, PlanPtr query) {
  Plan plan;
  plan.root = std::make_unique<PlanNode>(PlanKind::kInsert);
  plan.root->table = table;
  for (size_t i = 0; i < table->columns.size(); ++i) {
    plan.root->target_columns.push_back(static_cast<uint16_t>(i));
  }
  plan.root->children.push_back(std::move(query));
  Finish(&plan);
  plan.tables.push_back(table);
  return plan;
}

PlanPtr Binder::BindQuery(const ast::QueryExpression& query, Scope* parent) {
  if (query.with == nullptr) return BindQueryBody(query, parent);
  CommonTableFrame frame;
  EnterWith(*query.with, parent, &frame);
  PlanPtr plan = BindQueryBody(query, parent);
  LeaveWith(frame);
  return plan;
}

PlanPtr Binder::BindQueryBody(const ast::QueryExpression& query, Scope* parent) {
  CheckLock(query);
  bool is_select = query.body->kind == ast::QueryBodyKind::kSelect;
  PlanPtr plan = BindBody(*query.body, parent, is_select ? &query : nullptr);
  if (!is_select) plan = OrderOutput(std::move(plan), query, parent);
  return LimitRows(std::move(plan), query, parent);
}

PlanPtr Binder::BindBody(const ast::QueryBody& body, Scope* parent,
                         const ast::QueryExpression* whole) {
  switch (body.kind) {
    case ast::QueryBodyKind::kSelect:
      return BindSelect(ast::As<ast::SelectBody>(body), parent, whole);
    case ast::QueryBodyKind::kValues: return BindValues(ast::As<ast::ValuesBody>(body), parent);
    case ast::QueryBodyKind::kSeries: return BindSeries(ast::As<ast::SeriesBody>(body), parent);
    case ast::QueryBodyKind::kTable: return BindTableBody(ast::As<ast::TableBody>(body));
    case ast::QueryBodyKind::kSetOperation:
      return BindSetOperation(ast::As<ast::SetOperationBody>(body), parent);
    case ast::QueryBodyKind::kNested:
      return BindQuery(*ast::As<ast::NestedBody>(body).query, parent);
  }
  throw Error(ErrorCode::kInternalError, "a query of an unknown kind", body.position);
}

PlanPtr Binder::BindValues(const ast::ValuesBody& values, Scope* parent) {
  Scope scope;
  scope.parent = parent;
  scope.no_aggregates = "in VALUES";
  auto plan = std::make_unique<PlanNode>(PlanKind::kValues);
  size_t degree = values.rows[0]->fields.size();
  for (const ast::RowExpression* row : values.rows) {
    if (row->fields.size() != degree) {
      throw Error(ErrorCode::kSyntaxError,
                  "the rows of VALUES must have equally many values: " + std::to_string(degree) +
                      " in the first, " + std::to_string(row->fields.size()) + " in this one",
                  row->position);
    }
    plan->rows.emplace_back();
    for (const ast::Expression* field : row->fields) {
      plan->rows.back().push_back(BindExpression(*field, &scope));
    }
  }
  for (size_t i = 0; i < degree; ++i) {
    std::vector<ExpressionPtr*> column;
    for (auto& row : plan->rows) column.push_back(&row[i]);
    Type type = UnifyTypes(std::move(column), "VALUES");
    plan->output.push_back(
        {NextColumn(), type, true, Keep(Name::Exact("COLUMN" + std::to_string(i + 1)))});
  }
  plan->estimated_rows = static_cast<double>(values.rows.size());
  return plan;
}

PlanPtr Binder::BindTableBody(const ast::TableBody& body) {
  if (CommonTable* common = FindCommonTable(body.name)) {
    return ReadCommonTable(common, body.position);
  }
  Relation relation = FindRelation(body.name);
  return ReadRelation(relation, relation.name(), body.name.position());
}

namespace {

// `plan` with each column converted by `convert`; the plan itself when nothing changes.
template <typename ConvertColumn>
PlanPtr ProjectColumns(PlanPtr plan, ColumnId* next, ConvertColumn&& convert) {
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  bool changed = false;
  for (size_t i = 0; i < plan->output.size(); ++i) {
    const OutputColumn& column = plan->output[i];
    ExpressionPtr value = convert(i, MakeColumn(column.id, column.type));
    bool same = value->kind == BoundKind::kColumn && value->type == column.type;
    changed |= !same;
    ColumnId id = same ? column.id : (*next)++;
    project->output.push_back({id, value->type, column.nullable, column.name});
    project->computed.push_back({id, std::move(value)});
  }
  if (!changed) return plan;
  project->children.push_back(std::move(plan));
  return project;
}

}  // namespace

PlanPtr Binder::ConvertColumns(PlanPtr plan, const std::vector<Type>& types) {
  return ProjectColumns(std::move(plan), &next_column_, [&](size_t i, ExpressionPtr column) {
    return Convert(std::move(column), types[i], CastKind::kImplicit);
  });
}

void Binder::UnifyColumns(PlanPtr* left, PlanPtr* right, Position position) {
  size_t degree = (*left)->output.size();
  if ((*right)->output.size() != degree) {
    throw Error(ErrorCode::kSyntaxError,
                "the queries of a set operation must have equally many columns: " +
                    std::to_string(degree) + " and " + std::to_string((*right)->output.size()),
                position);
  }
  std::vector<Type> types(degree);
  for (size_t i = 0; i < degree; ++i) {
    const Type& a = (*left)->output[i].type;
    const Type& b = (*right)->output[i].type;
    if (!CommonType(a, b, &types[i])) {
      throw Error(ErrorCode::kDatatypeMismatch,
                  "column " + std::to_string(i + 1) + " of the set operation has types " +
                      a.ToString() + " and " + b.ToString() + ", which do not fit; use CAST",
                  position);
    }
  }
  *left = ConvertColumns(std::move(*left), types);
  *right = ConvertColumns(std::move(*right), types);
}

PlanPtr Binder::CombineSets(PlanPtr left, PlanPtr right, const ast::SetOperationLink& link) {
  bool excepts = link.op == ast::SetOperator::kExcept;
  if (excepts || (link.op == ast::SetOperator::kIntersect && link.all)) {
    const char* where = excepts ? "in EXCEPT" : "in INTERSECT ALL";
    if (!excepts || link.all) CheckNotRecursive(*left, where, link.position);
    CheckNotRecursive(*right, where, link.position);
  }
  if (link.corresponding) ChooseCorresponding(&left, &right, link);
  UnifyColumns(&left, &right, link.position);
  auto node = std::make_unique<PlanNode>(PlanKind::kSetOperation);
  for (size_t i = 0; i < left->output.size(); ++i) {
    OutputColumn column = left->output[i];
    column.id = NextColumn();
    column.nullable |= right->output[i].nullable;
    node->output.push_back(std::move(column));
  }
  switch (link.op) {
    case ast::SetOperator::kUnion: node->set_kind = SetOperationKind::kUnionAll; break;
    case ast::SetOperator::kIntersect:
      node->set_kind = link.all ? SetOperationKind::kIntersectAll : SetOperationKind::kIntersect;
      break;
    case ast::SetOperator::kExcept:
      node->set_kind = link.all ? SetOperationKind::kExceptAll : SetOperationKind::kExcept;
      break;
  }
  node->children.push_back(std::move(left));
  node->children.push_back(std::move(right));
  if (link.op != ast::SetOperator::kUnion || link.all) return node;
  auto distinct = std::make_unique<PlanNode>(PlanKind::kDistinct);
  distinct->output = node->output;
  distinct->children.push_back(std::move(node));
  return distinct;
}

PlanPtr Binder::BindSetOperation(const ast::SetOperationBody& body, Scope* parent) {
  PlanPtr plan = BindBody(*body.first, parent, nullptr);
  for (const ast::SetOperationLink& link : body.links) {
    PlanPtr right = BindBody(*link.operand, parent, nullptr);
    plan = CombineSets(std::move(plan), std::move(right), link);
  }
  return plan;
}

// ORDER BY of VALUES, TABLE and set operations: over the output columns.
PlanPtr Binder::OrderOutput(PlanPtr plan, const ast::QueryExpression& query, Scope* parent) {
  if (query.order_by.empty()) return plan;
  Scope scope;
  scope.parent = parent;
  scope.no_aggregates = "in ORDER BY of a set operation";
  std::vector<SelectItem> items;
  for (const OutputColumn& column : plan->output) {
    scope.columns.push_back({{}, {}, column.name, column.id, column.type, column.nullable, false});
    items.push_back({MakeColumn(column.id, column.type), column.name, column.nullable});
  }
  std::vector<OrderItem> order;
  for (const ast::SortKey& key : query.order_by) {
    order.push_back(BindOrderItem(key, &scope, items));
  }
  return ProjectAndSort(std::move(plan), std::move(items), std::move(order), false);
}

namespace {

// Numbers past BIGINT mean as much as its end.
ExpressionPtr Saturate(ExpressionPtr count) {
  if (count->kind != BoundKind::kConstant || count->constant.is_null ||
      count->type.id != TypeId::kDecimal || count->type.scale != 0) {
    return count;
  }
  int128_t number = count->constant.Unscaled();
  int64_t clamped = number > INT64_MAX   ? INT64_MAX
                    : number < INT64_MIN ? INT64_MIN
                                         : static_cast<int64_t>(number);
  return MakeConstant(Value::Integer(Type::BigInt(), clamped), count->position);
}

// WITH TIES looks at the sort keys, so it stands below the projection that drops those not
// selected.
PlanPtr LimitWithTies(PlanPtr plan, PlanPtr limit) {
  bool drops = plan->kind == PlanKind::kProject;
  PlanPtr& place = drops ? plan->children[0] : plan;
  const PlanNode* sort = place.get();
  while (sort->kind != PlanKind::kSort) sort = sort->children[0].get();
  limit->sort_keys = sort->sort_keys;
  limit->output = place->output;
  limit->children.push_back(std::move(place));
  place = std::move(limit);
  return plan;
}

}  // namespace

PlanPtr Binder::LimitRows(PlanPtr plan, const ast::QueryExpression& query, Scope* parent) {
  if (query.limit == nullptr && query.offset == nullptr) return plan;
  Scope scope;  // no columns: not those of the query, nor of queries around it
  (void)parent;
  scope.no_aggregates = "in LIMIT and OFFSET";
  auto bind = [&](const ast::Expression* count, const char* clause) -> ExpressionPtr {
    if (count == nullptr) return nullptr;
    ExpressionPtr bound = Saturate(BindExpression(*count, &scope));
    if (!bound->type.is_exact() && bound->type.id != TypeId::kNull) {
      throw Error(bound->kind == BoundKind::kParameter ? ErrorCode::kInvalidCast
                                                       : ErrorCode::kDatatypeMismatch,
                  std::string(clause) + " takes a whole number, not " + bound->type.ToString(),
                  bound->position);
    }
    return Convert(std::move(bound), Type::BigInt(), CastKind::kAssignment);
  };
  auto limit = std::make_unique<PlanNode>(PlanKind::kLimit);
  limit->limit = bind(query.limit, "LIMIT");
  limit->offset = bind(query.offset, "OFFSET");
  if (query.with_ties) return LimitWithTies(std::move(plan), std::move(limit));
  limit->output = plan->output;
  limit->children.push_back(std::move(plan));
  return limit;
}

}  // namespace tupelo

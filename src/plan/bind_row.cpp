// plan/bind_row.cpp: rows of several fields against rows and against subqueries (SQL:1999 part 2,
// 8.2).
#include <algorithm>

#include "plan/binder.h"
#include "plan/shared_operand.h"

namespace tupelo {

namespace {

ExpressionPtr Junction(BoundKind kind, std::vector<ExpressionPtr> terms, Position position) {
  if (terms.size() == 1) return std::move(terms[0]);
  auto junction = std::make_unique<BoundExpression>(kind, Type::Boolean(), position);
  junction->arguments = std::move(terms);
  return junction;
}

std::vector<ExpressionPtr> Pair(ExpressionPtr first, ExpressionPtr second) {
  std::vector<ExpressionPtr> pair;
  pair.push_back(std::move(first));
  pair.push_back(std::move(second));
  return pair;
}

// a op b is b Flipped(op) a.
std::string_view Flipped(std::string_view op) {
  if (op == "<") return ">";
  if (op == "<=") return ">=";
  if (op == ">") return "<";
  if (op == ">=") return "<=";
  return op;
}

[[noreturn]] void ThrowDegrees(size_t left, size_t right, Position position) {
  throw Error(ErrorCode::kSyntaxError,
              "the rows compared have " + std::to_string(left) + " and " + std::to_string(right) +
                  " fields; they must have equally many",
              position);
}

// The columns that `plan` gives, converted to what they are compared as; `right` becomes
// references to them.
PlanPtr ProjectCompared(PlanPtr plan, std::vector<ExpressionPtr>* right, ColumnId first) {
  bool same = std::ranges::all_of(
      *right, [](const ExpressionPtr& field) { return field->kind == BoundKind::kColumn; });
  if (same) return plan;
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  for (size_t i = 0; i < right->size(); ++i) {
    ExpressionPtr& field = (*right)[i];
    const OutputColumn& column = plan->output[i];
    ColumnId id = first + static_cast<ColumnId>(i);
    Type type = field->type;
    project->output.push_back({id, type, column.nullable, column.name});
    project->computed.push_back({id, std::move(field)});
    field = MakeColumn(id, type);
  }
  project->children.push_back(std::move(plan));
  return project;
}

}  // namespace

// A row's fields; those of a subquery are a scalar subquery each. Anything else is its only field.
std::vector<ExpressionPtr> Binder::BindFields(const ast::Expression& side, Scope* scope) {
  std::vector<ExpressionPtr> fields;
  if (side.kind == ast::ExpressionKind::kRow) {
    for (const ast::Expression* field : ast::As<ast::RowExpression>(side).fields) {
      fields.push_back(BindExpression(*field, scope));
    }
    return fields;
  }
  if (side.kind != ast::ExpressionKind::kSubquery) {
    fields.push_back(BindExpression(side, scope));
    return fields;
  }
  const ast::QueryExpression& query = *ast::As<ast::SubqueryExpression>(side).query;
  size_t degree = 1;
  for (size_t i = 0; i < degree; ++i) {
    PlanPtr plan = BindQueryInExpression(query, scope);
    degree = plan->output.size();
    if (degree > 1) {
      OutputColumn column = plan->output[i];
      auto project = std::make_unique<PlanNode>(PlanKind::kProject);
      project->output.push_back(column);
      project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
      project->children.push_back(std::move(plan));
      plan = std::move(project);
    }
    auto subquery = std::make_unique<BoundExpression>(BoundKind::kScalarSubquery,
                                                      plan->output[0].type, side.position);
    subquery->outer_columns = FreeColumns(*plan);
    subquery->plan = std::move(plan);
    fields.push_back(std::move(subquery));
  }
  return fields;
}

ExpressionPtr Binder::BindRowComparison(std::string_view op, const ast::Expression& left,
                                        const ast::Expression& right, Scope* scope,
                                        Position position) {
  using Kind = ast::ExpressionKind;
  bool is_row = left.kind == Kind::kRow || right.kind == Kind::kRow ||
                (left.kind == Kind::kSubquery && right.kind == Kind::kSubquery);
  if (!is_row) {
    ExpressionPtr bound_left = BindExpression(left, scope);
    ExpressionPtr bound_right = BindExpression(right, scope);
    return Compare(op, std::move(bound_left), std::move(bound_right), position);
  }
  bool swapped = left.kind == Kind::kSubquery && right.kind != Kind::kSubquery;
  const ast::Expression& fields_side = swapped ? right : left;
  const ast::Expression& other = swapped ? left : right;
  std::vector<ExpressionPtr> fields = BindFields(fields_side, scope);
  if (other.kind == Kind::kSubquery && fields.size() > 1) {
    PlanPtr plan = BindQueryInExpression(*ast::As<ast::SubqueryExpression>(other).query, scope);
    return TestRows(RowQuantifier::kOnly, std::move(fields), swapped ? Flipped(op) : op,
                    std::move(plan), position);
  }
  std::vector<ExpressionPtr> others = BindFields(other, scope);
  return CompareRows(swapped ? Flipped(op) : op, std::move(fields), std::move(others), position);
}

// Field by field: = all, <> any, and the order from left to right. "PARTIAL": each field of the
// left that is not null is equal.
ExpressionPtr Binder::CompareRows(std::string_view op, std::vector<ExpressionPtr> left,
                                  std::vector<ExpressionPtr> right, Position position) {
  if (left.size() != right.size()) ThrowDegrees(left.size(), right.size(), position);
  if (left.size() == 1 && op != "PARTIAL") {
    return Compare(op, std::move(left[0]), std::move(right[0]), position);
  }
  bool any = op == "<>" || op == "IS DISTINCT FROM";
  if (any || op == "=" || op == "IS NOT DISTINCT FROM") {
    std::vector<ExpressionPtr> terms;
    for (size_t i = 0; i < left.size(); ++i) {
      terms.push_back(Compare(op, std::move(left[i]), std::move(right[i]), position));
    }
    return Junction(any ? BoundKind::kOr : BoundKind::kAnd, std::move(terms), position);
  }
  SharedFields lefts(std::move(left), &next_column_), rights(std::move(right), &next_column_);
  ExpressionPtr result = CompareShared(op, lefts, rights, position);
  return lefts.Finish(rights.Finish(std::move(result)));
}

ExpressionPtr Binder::CompareShared(std::string_view op, const SharedFields& left,
                                    const SharedFields& right, Position position) {
  auto compare = [&](std::string_view name, size_t i) {
    return Compare(name, left.Use(i), right.Use(i), position);
  };
  if (op == "PARTIAL") {
    std::vector<ExpressionPtr> terms;
    for (size_t i = 0; i < left.size(); ++i) {
      std::vector<ExpressionPtr> field;
      field.push_back(left.Use(i));
      ExpressionPtr is_null = Call("IS NULL", std::move(field), position);
      terms.push_back(
          Junction(BoundKind::kOr, Pair(std::move(is_null), compare("=", i)), position));
    }
    return Junction(BoundKind::kAnd, std::move(terms), position);
  }
  std::string_view strict = op.substr(0, 1);
  ExpressionPtr result = compare(op, left.size() - 1);
  for (size_t i = left.size() - 1; i-- > 0;) {
    ExpressionPtr tail =
        Junction(BoundKind::kAnd, Pair(compare("=", i), std::move(result)), position);
    result = Junction(BoundKind::kOr, Pair(compare(strict, i), std::move(tail)), position);
  }
  return result;
}

// The fields against each row of the plan. Both sides are converted once, outside of the test, to
// what the comparison takes.
ExpressionPtr Binder::TestRows(RowQuantifier quantifier, std::vector<ExpressionPtr> fields,
                               std::string_view op, PlanPtr plan, Position position) {
  if (fields.size() != plan->output.size()) {
    ThrowDegrees(fields.size(), plan->output.size(), position);
  }
  auto test = std::make_unique<RowTest>();
  test->quantifier = quantifier;
  test->name = op == "PARTIAL" ? "MATCH PARTIAL" : op;
  std::vector<ExpressionPtr> left, right;
  for (size_t i = 0; i < fields.size(); ++i) {
    const OutputColumn& column = plan->output[i];
    ExpressionPtr pair =
        Compare("=", std::move(fields[i]), MakeColumn(column.id, column.type, position), position);
    if (pair->kind != BoundKind::kCall || pair->arguments.size() != 2) {
      throw Error(ErrorCode::kInternalError, "a comparison was folded", position);
    }
    fields[i] = std::move(pair->arguments[0]);
    right.push_back(std::move(pair->arguments[1]));
    test->left.push_back(NextColumn());
    left.push_back(MakeColumn(test->left.back(), fields[i]->type, position));
  }
  ColumnId first = next_column_;
  next_column_ += static_cast<ColumnId>(right.size());
  plan = ProjectCompared(std::move(plan), &right, first);
  test->condition = CompareRows(op, std::move(left), std::move(right), position);
  auto subquery =
      std::make_unique<BoundExpression>(BoundKind::kRowSubquery, Type::Boolean(), position);
  subquery->outer_columns = FreeColumns(*plan);
  subquery->plan = std::move(plan);
  subquery->arguments = std::move(fields);
  subquery->row_test = std::move(test);
  return subquery;
}

// row IN (many constant rows): the rows as a table, which is looked up by hash. nullptr where
// bringing all to one type could change the outcome.
ExpressionPtr Binder::BindInRows(const ast::InListExpression& in, Scope* scope) {
  std::vector<ExpressionPtr> fields = BindFields(*in.value, scope);
  auto values = std::make_unique<PlanNode>(PlanKind::kValues);
  for (const ast::Expression* item : in.items) {
    if (item->kind != ast::ExpressionKind::kRow) return nullptr;
    std::vector<ExpressionPtr> row = BindFields(*item, scope);
    if (row.size() != fields.size()) ThrowDegrees(fields.size(), row.size(), item->position);
    for (size_t i = 0; i < row.size(); ++i) {
      const Type& type = fields[i]->type;
      AdaptToPeer(&row[i], type);
      const Type& given = row[i]->type;
      bool same_kind = given == type || given.id == TypeId::kNull ||
                       (given.is_exact() && type.is_exact()) ||
                       (given.id == TypeId::kVarchar && type.id == TypeId::kVarchar);
      if (!same_kind || !IsRunConstant(*row[i])) return nullptr;
    }
    values->rows.push_back(std::move(row));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    std::vector<ExpressionPtr*> column{&fields[i]};
    for (auto& row : values->rows) column.push_back(&row[i]);
    Type type = UnifyTypes(std::move(column), "IN");
    values->output.push_back(
        {NextColumn(), type, true, Keep(Name::Exact("COLUMN" + std::to_string(i + 1)))});
  }
  values->estimated_rows = static_cast<double>(values->rows.size());
  return TestRows(RowQuantifier::kAny, std::move(fields), "=", std::move(values), in.position);
}

}  // namespace tupelo

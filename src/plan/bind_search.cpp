// plan/bind_search.cpp: SEARCH and CYCLE of recursive queries (SQL:1999 part 2, 7.14).
//
// Both add columns to the table that its own query does not see: the working table has them without
// a name, the recursive branches pass them on, and a projection on top of each branch computes
// those of the new row from those of the row that it was found from.
#include <algorithm>

#include "functions/recursion_path.h"
#include "plan/binder.h"

namespace tupelo {

namespace {

[[noreturn]] void ThrowClause(const std::string& what, const ast::Identifier& name,
                              ErrorCode code = ErrorCode::kSyntaxError) {
  throw Error(code, what + ": " + std::string(name.text), name.position)
      .OnColumn(std::string(name.text));
}

// The numbers of the columns of a clause.
std::vector<size_t> FindAll(const std::vector<OutputColumn>& columns,
                            ast::List<ast::Identifier> names, const char* clause) {
  std::vector<size_t> found;
  for (const ast::Identifier& name : names) {
    size_t column = FindName(MakeKey(name), columns.size(),
                             [&](size_t i) -> std::string_view { return columns[i].name->key; });
    if (column >= columns.size()) {
      ThrowClause(std::string("column of ") + clause + " is not among those of the table", name);
    }
    if (std::find(found.begin(), found.end(), column) != found.end()) {
      ThrowClause(std::string("column stands twice in ") + clause, name,
                  ErrorCode::kDuplicateColumn);
    }
    found.push_back(column);
  }
  return found;
}

// The working table in a branch; nullptr: none.
const PlanNode* FindWorkingTable(const PlanNode& node, uint32_t shared) {
  if (node.kind == PlanKind::kWorkingTable && node.shared == shared) return &node;
  for (const PlanPtr& child : node.children) {
    if (const PlanNode* found = FindWorkingTable(*child, shared)) return found;
  }
  return nullptr;
}

bool Gives(const PlanNode& node, ColumnId id) {
  return std::any_of(node.output.begin(), node.output.end(),
                     [id](const OutputColumn& column) { return column.id == id; });
}

// Makes the node pass the columns on from the working table below it; false where that can't be.
bool Expose(PlanNode* node, const std::vector<OutputColumn>& hidden) {
  switch (node->kind) {
    case PlanKind::kWorkingTable: return Gives(*node, hidden[0].id);
    case PlanKind::kProject:
    case PlanKind::kFilter:
    case PlanKind::kSort:
    case PlanKind::kLimit:
    case PlanKind::kJoin:
    case PlanKind::kLateralJoin: break;
    default: return false;
  }
  bool found = false;
  for (PlanPtr& child : node->children) found = found || Expose(child.get(), hidden);
  if (!found || Gives(*node, hidden[0].id)) return found;
  for (const OutputColumn& column : hidden) {
    node->output.push_back(column);
    if (node->kind == PlanKind::kProject) {
      node->computed.push_back({column.id, MakeColumn(column.id, column.type)});
    }
  }
  return true;
}

}  // namespace

// Notes the columns that the clauses add, once those of the table are known.
void Binder::PrepareSearchAndCycle(RecursiveMember* member) {
  const ast::SearchClause* search = member->table->definition->search;
  const ast::CycleClause* cycle = member->table->definition->cycle;
  if (search == nullptr && cycle == nullptr) return;
  if (member->table->component.size() > 1) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "SEARCH and CYCLE of tables that read each other are not supported: " +
                    member->table->name.spelling,
                search != nullptr ? search->position : cycle->position);
  }
  auto add = [&](const ast::Identifier& name, const Type& type) {
    auto has_name = [&](const OutputColumn& column) { return column.name->key == MakeKey(name); };
    if (std::any_of(member->columns.begin(), member->columns.end(), has_name) ||
        std::any_of(member->hidden.begin(), member->hidden.end(), has_name)) {
      ThrowClause("the table has a column of that name already; choose another", name);
    }
    member->hidden.push_back({kNoColumn, type, true, Keep(MakeName(name))});
  };
  if (search != nullptr) {
    member->search_columns = FindAll(member->columns, search->by, "SEARCH");
    add(search->column, Type::Blob());
  }
  if (cycle == nullptr) return;
  member->cycle_columns = FindAll(member->columns, cycle->columns, "CYCLE");
  Scope scope;
  scope.no_aggregates = "in CYCLE";
  if (cycle->value == nullptr) {
    member->cycle_value = MakeConstant(Value::Boolean(true), cycle->position);
    member->cycle_default = MakeConstant(Value::Boolean(false), cycle->position);
  } else {
    member->cycle_value = BindExpression(*cycle->value, &scope);
    member->cycle_default = BindExpression(*cycle->otherwise, &scope);
    UnifyTypes({&member->cycle_value, &member->cycle_default}, "CYCLE");
  }
  add(cycle->mark, member->cycle_value->type);
  add(cycle->path, Type::Blob());
}

// Rows that are marked as a cycle lead to no others.
PlanPtr Binder::LeaveCycles(PlanPtr scan, const RecursiveMember& member) {
  if (member.cycle_value == nullptr) return scan;
  const OutputColumn& mark = scan->output[scan->output.size() - 2];
  auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
  filter->output = scan->output;
  filter->condition = Compare("IS DISTINCT FROM", MakeColumn(mark.id, mark.type),
                              Clone(*member.cycle_value), kNoPosition);
  filter->children.push_back(std::move(scan));
  return filter;
}

// Computes the columns of the clauses behind those of a branch.
PlanPtr Binder::AddSearchAndCycle(PlanPtr plan, bool is_recursive, const RecursiveMember& member) {
  if (member.hidden.empty()) return plan;
  std::vector<OutputColumn> shown(plan->output);
  std::vector<OutputColumn> previous;
  if (is_recursive) {
    const PlanNode* scan = FindWorkingTable(*plan, member.shared);
    if (scan != nullptr) {
      previous.assign(scan->output.end() - static_cast<ptrdiff_t>(member.hidden.size()),
                      scan->output.end());
    }
    if (scan == nullptr || !Expose(plan.get(), previous)) {
      throw Error(ErrorCode::kFeatureNotSupported,
                  "with SEARCH or CYCLE, the recursive query must be a SELECT that has the table "
                  "in FROM, without DISTINCT, GROUP BY and set operations in between: " +
                      member.table->name.spelling,
                  member.table->definition->name.position);
    }
  }
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  for (const OutputColumn& column : shown) {
    project->output.push_back(column);
    project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  }
  auto add = [&](ExpressionPtr value) {
    ColumnId id = NextColumn();
    project->output.push_back({id, value->type, true, {}});
    project->computed.push_back({id, std::move(value)});
  };
  auto path = [&](size_t i) {
    return is_recursive ? MakeColumn(previous[i].id, previous[i].type)
                        : MakeConstant(Value::Text(Type::Blob(), ""));
  };
  auto call = [&](BoundFunction (*resolve)(std::span<const Type>), size_t i,
                  const std::vector<size_t>& columns) {
    std::vector<Type> types;
    std::vector<ExpressionPtr> arguments;
    arguments.push_back(path(i));
    for (size_t column : columns) {
      types.push_back(shown[column].type);
      arguments.push_back(MakeColumn(shown[column].id, shown[column].type));
    }
    return MakeCall(resolve(types), std::move(arguments), kNoPosition);
  };
  const ast::SearchClause* search = member.table->definition->search;
  if (search != nullptr) {
    add(call(search->depth_first ? SearchDepthFunction : SearchBreadthFunction, 0,
             member.search_columns));
  }
  if (member.cycle_value != nullptr) {
    size_t path_number = member.hidden.size() - 1;
    auto mark = std::make_unique<BoundExpression>(BoundKind::kCase, member.cycle_value->type);
    mark->arguments.push_back(call(PathHasFunction, path_number, member.cycle_columns));
    mark->arguments.push_back(Clone(*member.cycle_value));
    mark->arguments.push_back(Clone(*member.cycle_default));
    add(std::move(mark));
    add(call(PathAddFunction, path_number, member.cycle_columns));
  }
  project->children.push_back(std::move(plan));
  return project;
}

}  // namespace tupelo

// plan/bind_lateral.cpp: derived tables that see those before them in FROM, and joins with a name.
#include <algorithm>

#include "plan/binder.h"
#include "plan/column_set.h"

namespace tupelo {

// A join whose right side reads columns of its left one, as a LATERAL table in it does.
// `laterals`: those bound before the right side was.
void Binder::MakeLateral(PlanNode* join, size_t laterals, Position position) {
  if (laterals == laterals_) return;
  ColumnSet left;
  left.AddOutput(*join->children[0]);
  std::vector<ColumnId> free = FreeColumns(*join->children[1]);
  if (std::none_of(free.begin(), free.end(), [&](ColumnId id) { return left.Has(id); })) {
    return;
  }
  if (join->join_kind == JoinKind::kRight || join->join_kind == JoinKind::kFull) {
    throw Error(ErrorCode::kInvalidColumnReference,
                "a LATERAL table can't read columns of the other side of a RIGHT or FULL JOIN; "
                "use an inner join or LEFT JOIN",
                position);
  }
  join->kind = PlanKind::kLateralJoin;
}

// The query sees the tables that stand before it in FROM: those of its join, then those around.
PlanPtr Binder::BindLateral(const ast::DerivedTable& derived, Scope* scope) {
  ++laterals_;
  std::vector<Scope> levels;
  for (Scope* level = scope; level != nullptr; level = level->siblings) {
    levels.emplace_back();
    levels.back().columns = level->columns;
    levels.back().no_aggregates = "in FROM";
  }
  for (size_t i = 0; i + 1 < levels.size(); ++i) levels[i].parent = &levels[i + 1];
  levels.back().parent = scope->parent;
  return BindQuery(*derived.query, levels.data());
}

// (a JOIN b ...) AS name: the tables inside are out of sight.
PlanPtr Binder::BindNamedJoin(const ast::JoinedTable& join, PlanPtr plan, const Scope& inner,
                              Scope* scope) {
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  for (const ScopeColumn& column : inner.columns) {
    if (column.qualified_only) continue;
    project->output.push_back({column.id, column.type, column.nullable, column.name});
    project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  }
  project->children.push_back(std::move(plan));
  AddToScope(join.alias, Keep(MakeName(join.alias.name)), {}, *project, join.position, scope);
  return project;
}

}  // namespace tupelo

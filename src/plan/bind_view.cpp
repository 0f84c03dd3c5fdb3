// plan/bind_view.cpp: views: their queries bound where they are read, and what they depend on.
#include <algorithm>

#include "base/arena.h"
#include "plan/binder.h"
#include "plan/column_set.h"
#include "sql/parser.h"

namespace tupelo {

namespace {

constexpr size_t kMaxViewDepth = 100;

// Errors at run time have no place in the statement's text when they are of a view's.
void ForgetPositions(PlanNode* node) {
  VisitNodeExpressions(*node, [](ExpressionPtr& expression) {
    VisitExpressions(*expression, [](BoundExpression& part) {
      part.position = kNoPosition;
      if (part.plan != nullptr) ForgetPositions(part.plan.get());
    });
  });
  for (PlanPtr& child : node->children) ForgetPositions(child.get());
}

// Every column that something above a scan reads, by its id or by its place.
void CollectUsed(const PlanNode& node, bool by_place, ColumnSet* used) {
  if (by_place) used->AddOutput(node);
  VisitNodeExpressions(const_cast<PlanNode&>(node), [&](ExpressionPtr& expression) {
    used->AddRead(*expression);
    VisitExpressions(*expression, [&](BoundExpression& part) {
      if (part.plan != nullptr) CollectUsed(*part.plan, true, used);
    });
  });
  for (const SortKey& key : node.sort_keys) used->Add(key.column);
  bool children_by_place = node.kind == PlanKind::kSetOperation ||
                           node.kind == PlanKind::kDistinct || node.kind == PlanKind::kRecursion;
  bool passes_on = node.kind == PlanKind::kSort || node.kind == PlanKind::kLimit ||
                   node.kind == PlanKind::kFilter;
  for (const PlanPtr& child : node.children) {
    CollectUsed(*child, children_by_place || (passes_on && by_place), used);
  }
}

}  // namespace

// nullptr: the name is not of their schema.
const SystemView* Binder::LookUpSystemView(const ast::QualifiedName& name) {
  if (name.parts.size() != 2 || !IsSystemSchema(MakeName(name.parts[0]))) return nullptr;
  const SystemView* view = FindSystemView(MakeName(name.last()));
  if (view != nullptr) return view;
  throw Error(
      ErrorCode::kUndefinedTable,
      "schema tupelo has no such view; it has " + NamesOfSystemViews() + ": " + ToText(name),
      name.position())
      .OnTable(std::string(name.last().text));
}

Binder::Relation Binder::FindRelation(const ast::QualifiedName& name) {
  Relation relation;
  if (view_ != nullptr) {
    auto source = std::ranges::find(view_->sources, name.position(), &ViewSource::position);
    if (source == view_->sources.end()) {
      throw Error(ErrorCode::kInternalError, "a view names a table that it does not know");
    }
    relation.source = &*source;
    relation.table = catalog_.TableById(source->relation);
    relation.view = catalog_.ViewById(source->relation);
    if (source->is_of_system()) relation.system_view = FindSystemView(source->name);
  } else if (const SystemView* system_view = LookUpSystemView(name)) {
    relation.system_view = system_view;
    return relation;
  } else if (catalog_.has_views()) {
    bool exact = false;
    relation.view = LookUpView(name, &exact);
    if (!exact) relation.table = LookUpTable(name);
    if (relation.table != nullptr) relation.view = nullptr;
  } else {
    relation.table = LookUpTable(name);
  }
  if (relation.table == nullptr && relation.view == nullptr && relation.system_view == nullptr) {
    throw Error(ErrorCode::kUndefinedTable, "table not found: " + ToText(name), name.position())
        .OnTable(std::string(name.last().text));
  }
  if (relation.table != nullptr) NoteTable(relation.table);
  return relation;
}

ViewPtr Binder::LookUpView(const ast::QualifiedName& name, bool* exact) {
  if (name.parts.size() > 2) return nullptr;
  bool has_schema = name.parts.size() == 2;
  Name schema = has_schema ? MakeName(name.parts[0]) : Name();
  Name view_name = MakeName(name.last());
  try {
    ViewPtr view = catalog_.FindView(has_schema ? &schema : nullptr, view_name);
    *exact = view != nullptr && view->name.key == view_name.key;
    return view;
  } catch (Error& error) {
    error.AtPosition(name.position());
    throw;
  }
}

// The rows of a table or view, its columns named as they are, or as the view around knows them.
PlanPtr Binder::ReadRelation(const Relation& relation, const Name& alias, Position position) {
  PlanPtr plan = relation.table != nullptr  ? ScanTable(relation.table, alias, false)
                 : relation.view != nullptr ? BindView(*relation.view, position)
                                            : ScanSystemView(*relation.system_view, alias);
  if (relation.source != nullptr) KeepKnownColumns(relation, plan.get());
  if (recorded_ != nullptr) RecordSource(relation, *plan, position);
  return plan;
}

// Columns that came after the view was made, and those that went, are none for it.
void Binder::KeepKnownColumns(const Relation& relation, PlanNode* plan) {
  std::vector<OutputColumn> output;
  std::vector<uint16_t> scan_columns;
  std::vector<ComputedColumn> computed;
  bool is_view = relation.view != nullptr;
  for (const ViewSource::Column& column : relation.source->columns) {
    for (size_t i = 0; i < plan->output.size(); ++i) {
      size_t number = relation.table != nullptr ? relation.table->columns[i].physical : i;
      if (number != column.number) continue;
      output.push_back(plan->output[i]);
      output.back().name = Keep(column.name);
      if (!is_view) scan_columns.push_back(plan->scan_columns[i]);
      if (is_view) {
        computed.push_back(
            {plan->output[i].id, MakeColumn(plan->output[i].id, plan->output[i].type)});
      }
    }
  }
  plan->output = std::move(output);
  if (!is_view) plan->scan_columns = std::move(scan_columns);
  if (is_view) plan->computed = std::move(computed);
}

// A projection on top, so that the columns have the names that the view gives them.
PlanPtr Binder::BindView(const ViewDefinition& view, Position position) {
  if (++view_depth_ > kMaxViewDepth) {
    throw Error(ErrorCode::kStatementTooComplex,
                "views read each other more than " + std::to_string(kMaxViewDepth) +
                    " levels deep: " + view.name.spelling,
                position);
  }
  Arena arena;
  const ast::Statement& statement = *ParseStatement(view.sql, arena).statement;
  const ViewDefinition* around = std::exchange(view_, &view);
  std::vector<RecordedSource>* recorded = std::exchange(recorded_, nullptr);
  CommonTableFrame* common_tables = std::exchange(common_tables_, nullptr);
  size_t shared = shared_tables_.size();
  PlanPtr plan = BindQuery(*ast::As<ast::QueryStatement>(statement).query, nullptr);
  ForgetPositions(plan.get());
  for (; shared < shared_tables_.size(); ++shared) {
    ForgetPositions(shared_tables_[shared].plan.get());
  }
  view_ = around;
  recorded_ = recorded;
  common_tables_ = common_tables;
  --view_depth_;
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  for (size_t i = 0; i < view.columns.size(); ++i) {
    OutputColumn column = plan->output[i];
    project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
    column.name = Keep(view.columns[i].name);
    project->output.push_back(std::move(column));
  }
  project->children.push_back(std::move(plan));
  return project;
}

void Binder::RecordSource(const Relation& relation, const PlanNode& plan, Position position) {
  RecordedSource recorded;
  recorded.source.position = position;
  bool is_table = relation.table != nullptr;
  if (is_table) recorded.source.relation = relation.table->id;
  if (relation.view != nullptr) recorded.source.relation = relation.view->id;
  recorded.source.schema = relation.schema();
  recorded.source.name = relation.name();
  for (size_t i = 0; i < plan.output.size(); ++i) {
    auto number = is_table ? relation.table->columns[i].physical : static_cast<uint16_t>(i);
    recorded.source.columns.push_back({*plan.output[i].name, number, false});
    recorded.ids.push_back(plan.output[i].id);
  }
  recorded_->push_back(std::move(recorded));
}

void Binder::BindViewDefinition(const ast::QueryExpression& query, ViewDefinition* view) {
  std::vector<RecordedSource> recorded;
  recorded_ = &recorded;
  PlanPtr plan = BindQuery(query, nullptr);
  recorded_ = nullptr;
  for (const OutputColumn& column : plan->output) {
    view->columns.push_back({*column.name, column.type});
  }
  ColumnSet used;
  CollectUsed(*plan, true, &used);
  for (const CommonTablePlan& table : shared_tables_) CollectUsed(*table.plan, true, &used);
  std::ranges::stable_sort(recorded, {},
                           [](const RecordedSource& one) { return one.source.position; });
  // A place may have been bound several times: the names stand for the same columns each time.
  for (RecordedSource& one : recorded) {
    one.source.position -= query.position;
    if (view->sources.empty() || view->sources.back().position != one.source.position) {
      view->sources.push_back(one.source);
    }
    ViewSource& source = view->sources.back();
    for (size_t i = 0; i < one.ids.size(); ++i) source.columns[i].is_used |= used.Has(one.ids[i]);
  }
}

}  // namespace tupelo

// plan/bind_from.cpp: table references and joins (SQL:1999 part 2, 7.6 and 7.7).
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/binder.h"

namespace tupelo {

// nullptr: there is none.
TablePtr Binder::LookUpTable(const ast::QualifiedName& name) {
  if (name.parts.size() > 2) {
    throw Error(ErrorCode::kFeatureNotSupported, "catalog names are not supported: " + ToText(name),
                name.position());
  }
  try {
    if (name.parts.size() == 1) return catalog_.FindTable(nullptr, MakeName(name.last()));
    Name schema = MakeName(name.parts[0]);
    if (catalog_.FindSchemaName(schema) == nullptr) {
      throw Error(ErrorCode::kInvalidSchemaName, "schema not found: " + schema.spelling);
    }
    return catalog_.FindTable(&schema, MakeName(name.last()));
  } catch (Error& error) {
    error.AtPosition(name.position());
    throw;
  }
}

void Binder::NoteTable(const TablePtr& table) {
  if (std::find(tables_.begin(), tables_.end(), table) == tables_.end()) tables_.push_back(table);
}

TablePtr Binder::FindTable(const ast::QualifiedName& name) {
  Relation relation = FindRelation(name);
  if (relation.table != nullptr) return relation.table;
  throw Error(ErrorCode::kWrongObjectType, "it is a view, not a table: " + relation.name().spelling,
              name.position())
      .OnTable(relation.name().spelling);
}

PlanPtr Binder::ScanTable(const TablePtr& table, const Name& alias, bool with_row_id) {
  static const Name kRowIdName = Name::Exact("row id");
  auto scan = std::make_unique<PlanNode>(PlanKind::kTableScan);
  size_t count = table->columns.size() + (with_row_id ? 1 : 0);
  scan->output.reserve(count);
  scan->scan_columns.reserve(count);
  scan->table = table;
  scan->table_alias = alias.spelling;
  if (with_row_id) {
    scan->output.push_back({NextColumn(), Type::BigInt(), false, NameRef(kRowIdName)});
    scan->scan_columns.push_back(kRowIdColumn);
  }
  for (size_t i = 0; i < table->columns.size(); ++i) {
    const ColumnDefinition& column = table->columns[i];
    scan->output.push_back({NextColumn(), column.type, !column.not_null, NameRef(column.name)});
    scan->scan_columns.push_back(static_cast<uint16_t>(i));
  }
  return scan;
}

PlanPtr Binder::ScanSystemView(const SystemView& view, const Name& alias) {
  auto scan = std::make_unique<PlanNode>(PlanKind::kSystemView);
  scan->system_view = &view;
  scan->table_alias = alias.spelling;
  for (const SystemView::Column& column : view.columns) {
    scan->scan_columns.push_back(static_cast<uint16_t>(scan->output.size()));
    scan->output.push_back({NextColumn(), column.type, column.nullable, NameRef(column.name)});
  }
  return scan;
}

// `plan` (nullptr: none) joined with the tables, one after the other.
PlanPtr Binder::JoinFrom(PlanPtr plan, ast::List<const ast::TableReference*> from, Scope* scope) {
  for (const ast::TableReference* reference : from) {
    size_t laterals = laterals_;
    PlanPtr next = BindTableReference(*reference, scope);
    if (plan == nullptr) {
      plan = std::move(next);
      continue;
    }
    auto join = std::make_unique<PlanNode>(PlanKind::kJoin);
    join->join_kind = JoinKind::kCross;
    join->output = plan->output;
    join->output.insert(join->output.end(), next->output.begin(), next->output.end());
    join->children.push_back(std::move(plan));
    join->children.push_back(std::move(next));
    MakeLateral(join.get(), laterals, reference->position);
    plan = std::move(join);
  }
  return plan;
}

PlanPtr Binder::BindTableReference(const ast::TableReference& table, Scope* scope) {
  StepInterruption();
  switch (table.kind) {
    case ast::TableReferenceKind::kTable:
      return BindNamedTable(ast::As<ast::NamedTable>(table), scope);
    case ast::TableReferenceKind::kDerived:
      return BindDerivedTable(ast::As<ast::DerivedTable>(table), scope);
    case ast::TableReferenceKind::kJoin: return BindJoin(ast::As<ast::JoinedTable>(table), scope);
  }
  throw Error(ErrorCode::kInternalError, "a table reference of an unknown kind", table.position);
}

void Binder::CheckNewQualifier(const Scope& scope, NameRef name, NameRef schema,
                               Position position) {
  for (const ScopeColumn& column : scope.columns) {
    // Two tables of different schemas may stand side by side under their own names; correlation
    // names may not repeat any.
    bool schemas_differ =
        !column.schema.empty() && !schema.empty() && column.schema->key != schema->key;
    if (column.qualifier->key == name->key && !name.empty() && !schemas_differ) {
      throw Error(ErrorCode::kDuplicateAlias,
                  "table name stands twice in FROM; give one of them another name with AS: " +
                      name->spelling,
                  position);
    }
  }
}

// Adds the columns of a table reference to the scope, under the names that its alias gives them.
void Binder::AddToScope(const ast::TableAlias& alias, NameRef name, NameRef schema,
                        const PlanNode& plan, Position position, Scope* scope) {
  // Columns without a name are none that a query could see: those of SEARCH and CYCLE.
  size_t count = plan.output.size();
  while (count > 0 && plan.output[count - 1].name.empty()) --count;
  if (!alias.columns.empty() && alias.columns.size() != count) {
    throw Error(ErrorCode::kInvalidColumnReference,
                "table " + name->spelling + " has " + std::to_string(count) +
                    " columns, but its list of names has " + std::to_string(alias.columns.size()),
                alias.columns[0].position);
  }
  CheckNewQualifier(*scope, name, schema, position);
  scope->columns.reserve(scope->columns.size() + plan.output.size());
  for (size_t i = 0; i < count; ++i) {
    const OutputColumn& column = plan.output[i];
    NameRef column_name = alias.columns.empty() ? column.name : Keep(MakeName(alias.columns[i]));
    for (size_t j = 0; j < i && !alias.columns.empty(); ++j) {
      if (MakeKey(alias.columns[j]) == column_name->key) {
        throw Error(ErrorCode::kDuplicateColumn,
                    "column name stands twice in the list: " + column_name->spelling,
                    alias.columns[i].position);
      }
    }
    scope->columns.push_back(
        {name, schema, column_name, column.id, column.type, column.nullable, false});
  }
}

PlanPtr Binder::BindNamedTable(const ast::NamedTable& reference, Scope* scope) {
  if (CommonTable* common = FindCommonTable(reference.name)) {
    PlanPtr plan = ReadCommonTable(common, reference.position);
    bool has_alias = !reference.alias.name.empty();
    NameRef name = Keep(has_alias ? MakeName(reference.alias.name) : common->name);
    AddToScope(reference.alias, name, {}, *plan, reference.position, scope);
    NoteLockable(name, nullptr, plan.get());
    return plan;
  }
  Relation relation = FindRelation(reference.name);
  NameRef name, schema;
  if (!reference.alias.name.empty()) {
    name = Keep(MakeName(reference.alias.name));
  } else if (relation.source != nullptr) {
    name = Keep(relation.source->name);
    schema = Keep(relation.source->schema);
  } else if (relation.view != nullptr) {
    name = Keep(relation.view->name);
    schema = Keep(relation.view->schema);
  } else {
    name = NameRef(relation.name());
    schema = NameRef(relation.schema());
  }
  PlanPtr plan = ReadRelation(relation, *name, reference.name.position());
  AddToScope(reference.alias, name, schema, *plan, reference.position, scope);
  NoteLockable(name, relation.table, plan.get());
  return plan;
}

PlanPtr Binder::BindDerivedTable(const ast::DerivedTable& derived, Scope* scope) {
  // Its siblings in FROM are out of sight.
  PlanPtr plan =
      derived.lateral ? BindLateral(derived, scope) : BindQuery(*derived.query, scope->parent);
  Name name = derived.alias.name.empty() ? Name() : MakeName(derived.alias.name);
  if (name.empty()) name.key = " derived " + std::to_string(next_column_);  // nobody can write it
  NameRef kept = Keep(std::move(name));
  AddToScope(derived.alias, kept, {}, *plan, derived.position, scope);
  NoteLockable(kept, nullptr, plan.get());
  return plan;
}

PlanPtr Binder::BindJoin(const ast::JoinedTable& join, Scope* scope) {
  // The ON conditions see the tables of this join alone (and the queries around it).
  Scope inner;
  inner.parent = scope->parent;
  inner.siblings = scope;
  inner.no_aggregates = "in JOIN conditions";
  size_t references = locking_.from != nullptr ? locking_.from->references.size() : 0;
  PlanPtr plan = BindTableReference(*join.first, &inner);
  for (const ast::JoinLink& link : join.links) plan = BindJoinLink(std::move(plan), link, &inner);
  if (!join.alias.name.empty()) {
    NoteNamedJoin(Keep(MakeName(join.alias.name)), references);
    return BindNamedJoin(join, std::move(plan), inner, scope);
  }
  for (const ScopeColumn& column : inner.columns) {
    if (!column.qualifier.empty()) {
      CheckNewQualifier(*scope, column.qualifier, column.schema, join.position);
    }
  }
  scope->columns.insert(scope->columns.end(), inner.columns.begin(), inner.columns.end());
  return plan;
}

namespace {

JoinKind KindOf(ast::JoinKind kind) {
  switch (kind) {
    case ast::JoinKind::kInner: return JoinKind::kInner;
    case ast::JoinKind::kLeft: return JoinKind::kLeft;
    case ast::JoinKind::kRight: return JoinKind::kRight;
    case ast::JoinKind::kFull: return JoinKind::kFull;
    case ast::JoinKind::kCross: return JoinKind::kCross;
  }
  return JoinKind::kInner;
}

}  // namespace

PlanPtr Binder::BindJoinLink(PlanPtr left, const ast::JoinLink& link, Scope* scope) {
  size_t right_begin = scope->columns.size();
  size_t laterals = laterals_;
  PlanPtr right = BindTableReference(*link.table, scope);
  auto join = std::make_unique<PlanNode>(PlanKind::kJoin);
  join->join_kind = KindOf(link.kind);
  bool left_nullable = join->join_kind == JoinKind::kRight || join->join_kind == JoinKind::kFull;
  bool right_nullable = join->join_kind == JoinKind::kLeft || join->join_kind == JoinKind::kFull;
  for (OutputColumn column : left->output) {
    column.nullable |= left_nullable;
    join->output.push_back(column);
  }
  for (OutputColumn column : right->output) {
    column.nullable |= right_nullable;
    join->output.push_back(column);
  }
  for (size_t i = 0; i < scope->columns.size(); ++i) {
    scope->columns[i].nullable |= i < right_begin ? left_nullable : right_nullable;
  }
  join->children.push_back(std::move(left));
  join->children.push_back(std::move(right));
  MakeLateral(join.get(), laterals, link.position);
  if (left_nullable) CheckNotRecursive(*join->children[0], "in an outer join", link.position);
  if (right_nullable) CheckNotRecursive(*join->children[1], "in an outer join", link.position);
  if (link.on != nullptr) {
    join->condition = BindCondition(*link.on, scope, "ON");
    return join;
  }
  if (!link.natural && link.using_columns.empty()) return join;
  return MergeColumns(std::move(join), link, scope, right_begin);
}

namespace {

// The visible column named so among [begin, end); nullptr when there is none.
ScopeColumn* FindVisible(Scope* scope, size_t begin, size_t end, const Name& name,
                         Position position) {
  std::vector<size_t> visible;
  for (size_t i = begin; i < end; ++i) {
    if (!scope->columns[i].qualified_only) visible.push_back(i);
  }
  size_t found = FindName(name.key, visible.size(), [&](size_t i) -> std::string_view {
    return scope->columns[visible[i]].name->key;
  });
  if (found == kNameNotFound) return nullptr;
  if (found == kNameAmbiguous) {
    throw Error(ErrorCode::kAmbiguousColumn,
                "common column stands more than once on one side of the join: " + name.spelling,
                position);
  }
  return &scope->columns[visible[found]];
}

bool HasVisible(const Scope& scope, size_t begin, size_t end, const Name& name) {
  return std::any_of(
      scope.columns.begin() + static_cast<ptrdiff_t>(begin),
      scope.columns.begin() + static_cast<ptrdiff_t>(end), [&](const ScopeColumn& column) {
        return !column.qualified_only && EqualIgnoringCase(column.name->key, name.key);
      });
}

struct CommonColumn {
  NameRef name;
  ScopeColumn left, right;
};

}  // namespace

// NATURAL and USING: the common columns come first, once (7.7, syntax rule 7).
PlanPtr Binder::MergeColumns(PlanPtr join, const ast::JoinLink& link, Scope* scope,
                             size_t right_begin) {
  size_t end = scope->columns.size();
  std::vector<CommonColumn> common;
  auto add = [&](const Name& name, Position position, bool required) {
    // What only one side has may stand there twice: it is not common.
    bool is_common =
        HasVisible(*scope, 0, right_begin, name) && HasVisible(*scope, right_begin, end, name);
    if (!is_common) {
      if (!required) return;
      throw Error(ErrorCode::kUndefinedColumn,
                  "column of USING is not on both sides of the join: " + name.spelling, position)
          .OnColumn(name.spelling);
    }
    const ScopeColumn* left = FindVisible(scope, 0, right_begin, name, position);
    const ScopeColumn* right = FindVisible(scope, right_begin, end, name, position);
    for (const CommonColumn& other : common) {
      if (other.left.id != left->id && other.right.id != right->id) continue;
      throw Error(ErrorCode::kDuplicateColumn,
                  "column stands twice among the common ones of the join: " + name.spelling,
                  position)
          .OnColumn(name.spelling);
    }
    common.push_back({left->name, *left, *right});
  };
  if (link.natural) {
    for (size_t i = 0; i < right_begin; ++i) {
      const ScopeColumn column = scope->columns[i];
      if (!column.qualified_only) add(*column.name, link.position, false);
    }
  } else {
    for (const ast::Identifier& name : link.using_columns) add(MakeName(name), name.position, true);
  }
  std::vector<ExpressionPtr> terms;
  std::vector<ScopeColumn> merged;
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  project->output = join->output;
  for (const OutputColumn& column : join->output) {
    project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  }
  bool needs_project = false;
  for (const CommonColumn& pair : common) {
    ExpressionPtr left = MakeColumn(pair.left.id, pair.left.type, link.position);
    ExpressionPtr right = MakeColumn(pair.right.id, pair.right.type, link.position);
    if (!Comparable(left->type, right->type)) {
      throw Error(ErrorCode::kDatatypeMismatch,
                  "the common column " + pair.name->spelling + " of the join is of type " +
                      left->type.ToString() + " on one side and " + right->type.ToString() +
                      " on the other, which can't be compared",
                  link.position);
    }
    terms.push_back(Compare("=", Clone(*left), Clone(*right), link.position));
    ScopeColumn both = join->join_kind == JoinKind::kRight ? pair.right : pair.left;
    if (join->join_kind == JoinKind::kFull) {
      auto value = std::make_unique<BoundExpression>(BoundKind::kCoalesce, Type(), link.position);
      value->type = UnifyTypes({&left, &right}, "USING");
      value->arguments.push_back(std::move(left));
      value->arguments.push_back(std::move(right));
      both.id = NextColumn();
      both.type = value->type;
      both.nullable = pair.left.nullable && pair.right.nullable;
      project->output.push_back({both.id, both.type, both.nullable, pair.name});
      project->computed.push_back({both.id, std::move(value)});
      needs_project = true;
    }
    both.qualifier = {};
    both.schema = {};
    both.name = pair.name;
    merged.push_back(both);
  }
  for (const CommonColumn& pair : common) {
    for (size_t i = 0; i < end; ++i) {
      ScopeColumn& column = scope->columns[i];
      if (column.name->key == (i < right_begin ? pair.left : pair.right).name->key &&
          !column.qualified_only) {
        column.qualified_only = true;
      }
    }
  }
  // A merged column that is merged again is out of sight.
  std::erase_if(scope->columns, [](const ScopeColumn& column) {
    return column.qualified_only && column.qualifier.empty();
  });
  scope->columns.insert(scope->columns.begin(), merged.begin(), merged.end());
  join->condition = MakeAnd(std::move(terms));
  if (!needs_project) return join;
  project->children.push_back(std::move(join));
  return project;
}

}  // namespace tupelo

// engine/define_view.cpp: CREATE VIEW, DROP VIEW, and the views that go with what they read.
#include <algorithm>

#include "engine/definition_steps.h"
#include "plan/binder.h"

namespace tupelo {

namespace {

// CREATE OR REPLACE keeps the columns that others may read; it may add some behind them.
void CheckReplaceable(const ViewDefinition& old, const ViewDefinition& view, Position position) {
  bool keeps = old.columns.size() <= view.columns.size();
  for (size_t i = 0; i < old.columns.size() && keeps; ++i) {
    keeps = old.columns[i].name.key == view.columns[i].name.key &&
            old.columns[i].type == view.columns[i].type;
  }
  if (keeps) return;
  throw Error(ErrorCode::kInvalidTableDefinition,
              "CREATE OR REPLACE VIEW must give the columns that the view has, of the same types, "
              "first; drop the view instead: " +
                  view.name.spelling,
              position);
}

void NameColumns(const ast::CreateViewStatement& statement, ViewDefinition* view) {
  if (!statement.columns.empty()) {
    if (statement.columns.size() != view->columns.size()) {
      throw Error(ErrorCode::kSyntaxError,
                  "the query of the view has " + std::to_string(view->columns.size()) +
                      " columns, but its list of names has " +
                      std::to_string(statement.columns.size()) + ": " + view->name.spelling,
                  statement.columns[0].position);
    }
    for (size_t i = 0; i < view->columns.size(); ++i) {
      view->columns[i].name = MakeName(statement.columns[i]);
    }
  }
  for (size_t i = 0; i < view->columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (view->columns[i].name.key != view->columns[j].name.key) continue;
      throw Error(
          ErrorCode::kDuplicateColumn,
          "two columns of the view have the same name; name them in a list behind the "
          "view's name: " +
              view->columns[i].name.spelling,
          statement.columns.empty() ? statement.query->position : statement.columns[i].position)
          .OnColumn(view->columns[i].name.spelling);
    }
  }
}

// nullptr: there is none, and that is allowed.
ViewPtr FindView(const DefinitionContext& context, const ast::QualifiedName& name, bool if_exists) {
  CatalogPtr catalog = context.catalog->current();
  std::vector<Type> no_parameters;
  Binder binder(*catalog, no_parameters);
  try {
    Binder::Relation found = binder.FindRelation(name);
    if (found.view != nullptr) return found.view;
    if (found.system_view != nullptr) {
      throw Error(ErrorCode::kDependentObjects,
                  "the views of schema tupelo, in which the database tells of itself, can't be "
                  "dropped: " +
                      found.name().spelling,
                  name.position());
    }
    throw Error(ErrorCode::kWrongObjectType,
                "it is a table, not a view; use DROP TABLE: " + found.table->name.spelling,
                name.position());
  } catch (const Error& error) {
    bool missing =
        error.code() == ErrorCode::kUndefinedTable || error.code() == ErrorCode::kInvalidSchemaName;
    if (!if_exists || !missing) throw;
    return nullptr;
  }
}

// What reads an object of the session alone is one itself.
bool ReadsTemporary(const DefinitionContext& context, const ViewDefinition& view) {
  return std::ranges::any_of(view.sources, [&](const ViewSource& source) {
    return source.schema.key == context.temporary_schema.key;
  });
}

}  // namespace

void CreateView(const DefinitionContext& context, const ast::CreateViewStatement& statement) {
  ViewDefinition view;
  std::vector<Type> no_parameters;
  Binder(*context.catalog->current(), no_parameters).BindViewDefinition(*statement.query, &view);
  bool is_temporary =
      statement.temporary || ReadsTemporary(context, view) || NamesTemporarySchema(statement.view);
  view.schema = is_temporary ? UseTemporarySchema(context, statement.view)
                             : SchemaOf(context, statement.view);
  view.name = MakeName(statement.view.last());
  Position position = statement.view.last().position;
  CatalogPtr catalog = context.catalog->current();
  ViewPtr old;
  for (const ViewPtr& other : catalog->ViewsOf(view.schema)) {
    if (other->name.key == view.name.key) old = other;
  }
  if (statement.if_not_exists && RelationExists(context, view.schema, view.name)) return;
  if (old == nullptr || !statement.or_replace) {
    ThrowIfRelationExists(context, view.schema, view.name, position);
  }
  view.sql = statement.query_text;
  NameColumns(statement, &view);
  switch (statement.check) {
    case ast::ViewCheck::kNone: break;
    case ast::ViewCheck::kLocal: view.check = CheckOption::kLocal; break;
    case ast::ViewCheck::kCascaded: view.check = CheckOption::kCascaded; break;
  }
  if (old != nullptr) {
    CheckReplaceable(*old, view, position);
    if (ReadsView(*catalog, view, old->id)) {
      throw Error(ErrorCode::kInvalidTableDefinition,
                  "the view would read itself: " + view.name.spelling, position);
    }
    view.id = old->id;
  }
  ViewPtr made = std::make_shared<const ViewDefinition>(view);
  if (view.check != CheckOption::kNone && !Binder(*catalog, no_parameters).IsUpdatable(made)) {
    throw Error(
        ErrorCode::kFeatureNotSupported,
        "WITH CHECK OPTION is for views through which rows can be changed: " + view.name.spelling,
        statement.check_position);
  }
  context.catalog->PutView(std::move(view));
}

bool ReadsView(const CatalogSnapshot& catalog, const ViewDefinition& view, ObjectId sought) {
  return std::ranges::any_of(view.sources, [&](const ViewSource& source) {
    if (source.relation == sought) return true;
    ViewPtr inner = catalog.ViewById(source.relation);
    return inner != nullptr && ReadsView(catalog, *inner, sought);
  });
}

void DropViews(const DefinitionContext& context, const std::vector<ViewPtr>& views, bool cascade,
               Position position) {
  for (const ViewPtr& view : views) {
    if (context.catalog->current()->ViewById(view->id) == nullptr) continue;  // gone with another
    auto goes_too = [&](const ViewPtr& user) {
      return std::ranges::any_of(views, [&](const ViewPtr& one) { return one->id == user->id; });
    };
    std::vector<ViewPtr> users;
    for (const ViewPtr& user : context.catalog->current()->ViewsUsing(view->id)) {
      if (!goes_too(user)) users.push_back(user);
    }
    DropDependentViews(context, users, cascade, "view " + view->name.spelling, position);
    context.catalog->DropView(view->id);
  }
}

void DropDependentViews(const DefinitionContext& context, const std::vector<ViewPtr>& users,
                        bool cascade, const std::string& what, Position position) {
  if (users.empty()) return;
  if (!cascade) {
    throw Error(ErrorCode::kDependentObjects,
                "view " + users.front()->name.spelling + " depends on " + what +
                    "; drop it first, or use CASCADE",
                position)
        .OnTable(users.front()->name.spelling);
  }
  DropViews(context, users, cascade, position);
}

void DropViewsUsingColumn(const DefinitionContext& context, const TableDefinition& table,
                          uint16_t column, bool cascade, Position position) {
  std::vector<ViewPtr> users;
  for (const ViewPtr& view : context.catalog->current()->ViewsUsing(table.id)) {
    if (view->Uses(table.id, table.columns[column].physical)) users.push_back(view);
  }
  DropDependentViews(
      context, users, cascade,
      "column " + table.columns[column].name.spelling + " of table " + table.name.spelling,
      position);
}

void DropView(const DefinitionContext& context, const ast::DropViewStatement& statement) {
  std::vector<ViewPtr> views;
  for (const ast::QualifiedName& name : statement.views) {
    ViewPtr view = FindView(context, name, statement.if_exists);
    if (view != nullptr) views.push_back(std::move(view));
  }
  DropViews(context, views, statement.behavior == ast::DropBehavior::kCascade,
            statement.views.front().position());
}

}  // namespace tupelo

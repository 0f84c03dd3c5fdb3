// engine/dump_view.cpp: views as CREATE VIEW: their queries over the names that things have now.
//
// The text of a view means what there was when it was made. Where a table or one of its columns has
// another name now, the table goes by its old name and old columns' names: t2 AS t (a, b). Columns
// that came later are hidden: by a derived table; in a view through which rows can be changed,
// which has to stay one of a table, by writing out what its stars stand for.
#include <algorithm>

#include "base/arena.h"
#include "engine/dump.h"
#include "plan/scope.h"
#include "sql/parser.h"
#include "sql/printer.h"

namespace tupelo {

namespace {

// A column as it is called now; known_as: within the view, nullptr: there it is unknown.
struct SourceColumn {
  Name name;
  const Name* known_as = nullptr;
};

class ViewStyle : public ast::PrintStyle {
 public:
  ViewStyle(const ViewDefinition& view, const CatalogSnapshot& catalog, const DumpNames& names,
            const ast::QueryExpression& query)
      : view_(view), catalog_(catalog), names_(names), updated_(FindUpdated(query)) {
    for (const ViewSource& source : view.sources) {
      known_.push_back(source.name.key);
      for (const ViewSource::Column& column : source.columns) known_.push_back(column.name.key);
    }
    std::ranges::sort(known_);
    known_.erase(std::ranges::unique(known_).begin(), known_.end());
  }

  // A name that is meant without regard to case in the case that it has.
  void Append(const ast::Identifier& name, std::string* out) const override {
    Name meant = MakeName(name);
    const std::string* only = nullptr;
    size_t count = 0;
    for (const std::string& key : known_) {
      if (!EqualIgnoringCase(key, meant.key)) continue;
      if (key == meant.key) count = 2;
      only = &key;
      ++count;
    }
    *out += count == 1 ? names_.OfKey(*only) : names_.Of(name);
  }

  std::optional<ast::StyledTable> Find(const ast::QualifiedName& table) const override {
    const ViewSource* source = SourceAt(table.position());
    if (source == nullptr) return std::nullopt;
    return Describe(*source);
  }

  std::string ColumnsOf(const ast::SelectBody& select) const override {
    if (updated_ == nullptr || select.from.size() != 1 || select.from[0] != updated_) return {};
    const ViewSource* source = SourceAt(updated_->name.position());
    if (source == nullptr) return {};
    std::vector<SourceColumn> columns = ColumnsNow(*source);
    if (!HasUnknown(columns)) return {};
    std::string text;
    size_t given = 0;
    for (const SourceColumn& column : columns) {
      if (column.known_as == nullptr) continue;
      text += text.empty() ? "" : ", ";
      if (given < updated_->alias.columns.size()) {
        text += names_.Of(updated_->alias.columns[given++]);
      } else {
        text += names_.OfKey(column.known_as->key);
      }
    }
    return text;
  }

  size_t FirstPart(const ast::QualifiedName& name, size_t qualifiers) const override {
    if (qualifiers != 2) return 0;
    bool goes_by_alias = std::ranges::any_of(view_.sources, [&](const ViewSource& source) {
      return source.relation != 0 &&
             EqualIgnoringCase(source.name.key, MakeName(name.parts[1]).key) &&
             EqualIgnoringCase(source.schema.key, MakeName(name.parts[0]).key) &&
             !Describe(source).alias.empty();
    });
    return goes_by_alias ? 1 : 0;
  }

  bool numbers_by_call() const override { return true; }

 private:
  // The only table of a query whose rows are rows of it, as the binder has it for updates.
  static const ast::NamedTable* FindUpdated(const ast::QueryExpression& query) {
    if (query.with != nullptr || query.body->kind != ast::QueryBodyKind::kSelect) return nullptr;
    const auto& select = ast::As<ast::SelectBody>(*query.body);
    bool is_simple =
        select.from.size() == 1 && select.from[0]->kind == ast::TableReferenceKind::kTable;
    return is_simple ? &ast::As<ast::NamedTable>(*select.from[0]) : nullptr;
  }

  // A view of the system is none of them: its names are what they were.
  const ViewSource* SourceAt(Position position) const {
    auto found = std::ranges::find(view_.sources, position, &ViewSource::position);
    return found == view_.sources.end() || found->relation == 0 ? nullptr : &*found;
  }

  std::vector<SourceColumn> ColumnsNow(const ViewSource& source) const {
    std::vector<SourceColumn> columns;
    auto add = [&](const Name& name, size_t number) {
      auto known = std::ranges::find(source.columns, number, &ViewSource::Column::number);
      columns.push_back({name, known == source.columns.end() ? nullptr : &known->name});
    };
    if (TablePtr table = catalog_.TableById(source.relation)) {
      for (const ColumnDefinition& column : table->columns) add(column.name, column.physical);
    } else {
      ViewPtr view = catalog_.ViewById(source.relation);
      for (size_t i = 0; i < view->columns.size(); ++i) add(view->columns[i].name, i);
    }
    return columns;
  }

  static bool HasUnknown(const std::vector<SourceColumn>& columns) {
    return std::ranges::any_of(columns, [](const SourceColumn& c) { return !c.known_as; });
  }

  ast::StyledTable Describe(const ViewSource& source) const {
    TablePtr table = catalog_.TableById(source.relation);
    ViewPtr view = catalog_.ViewById(source.relation);
    const Name& name = table != nullptr ? table->name : view->name;
    ast::StyledTable styled;
    styled.text = names_.Qualified(table != nullptr ? table->schema : view->schema, name);
    std::vector<SourceColumn> columns = ColumnsNow(source);
    bool has_unknown = HasUnknown(columns);
    bool renamed = std::ranges::any_of(columns, [](const SourceColumn& column) {
      return column.known_as != nullptr && column.known_as->key != column.name.key;
    });
    if (has_unknown || renamed || name.key != source.name.key) {
      styled.alias = names_.OfKey(source.name.key);
    }
    bool is_updated = updated_ != nullptr && updated_->name.position() == source.position;
    if (has_unknown && !is_updated) {
      styled.text = Derived(styled.text, columns);
    } else if (has_unknown || renamed) {
      NameColumns(source, columns, &styled);
    }
    return styled;
  }

  std::string Derived(const std::string& table, const std::vector<SourceColumn>& columns) const {
    std::string text;
    for (const SourceColumn& column : columns) {
      if (column.known_as == nullptr) continue;
      text += (text.empty() ? "(SELECT " : ", ") + names_.Of(column.name);
      if (column.known_as->key != column.name.key) {
        text += " AS " + names_.OfKey(column.known_as->key);
      }
    }
    return (text.empty() ? "(SELECT 1" : text) + " FROM " + table + ")";
  }

  // A column that is unknown gets a name that none of the others has.
  void NameColumns(const ViewSource& source, const std::vector<SourceColumn>& columns,
                   ast::StyledTable* styled) const {
    auto is_taken = [&](const std::string& key) {
      return std::ranges::any_of(source.columns, [&](const ViewSource::Column& column) {
        return EqualIgnoringCase(column.name.key, key);
      });
    };
    for (const SourceColumn& column : columns) {
      std::string key = column.known_as != nullptr ? column.known_as->key : column.name.key;
      while (column.known_as == nullptr && is_taken(key)) key += "_";
      styled->columns.push_back(names_.OfKey(key));
      styled->hidden.push_back(column.known_as == nullptr);
    }
  }

  const ViewDefinition& view_;
  const CatalogSnapshot& catalog_;
  const DumpNames& names_;
  const ast::NamedTable* const updated_;
  std::vector<std::string> known_;  // keys that its names may mean
};

}  // namespace

std::string CreateViewText(const ViewDefinition& view, const CatalogSnapshot& catalog,
                           const DumpNames& names) {
  Arena arena;
  const ast::Statement& statement = *ParseStatement(view.sql, arena).statement;
  const ast::QueryExpression& query = *ast::As<ast::QueryStatement>(statement).query;
  std::string text = "CREATE VIEW " + names.Qualified(view.schema, view.name) + " (";
  for (size_t i = 0; i < view.columns.size(); ++i) {
    text += (i == 0 ? "" : ", ") + names.Of(view.columns[i].name);
  }
  text += ") AS ";
  ViewStyle style(view, catalog, names, query);
  ast::Printer(&text, &style).Print(query);
  switch (view.check) {
    case CheckOption::kNone: return text;
    case CheckOption::kLocal: return text + " WITH LOCAL CHECK OPTION";
    case CheckOption::kCascaded: return text + " WITH CASCADED CHECK OPTION";
  }
  return text;
}

}  // namespace tupelo

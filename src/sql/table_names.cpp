// sql/table_names.cpp: walking a query for the tables that it names.
#include "sql/table_names.h"

#include <algorithm>

#include "sql/visit.h"

namespace tupelo::ast {

namespace {

class Collector {
 public:
  explicit Collector(std::vector<const QualifiedName*>* names) : names_(*names) {}

  void Walk(const QueryExpression& query) {
    size_t hidden = hidden_.size();
    if (query.with != nullptr) {
      for (const CommonTable& table : query.with->tables) {
        if (query.with->recursive) hidden_.push_back(&table.name);
      }
      for (const CommonTable& table : query.with->tables) {
        Walk(*table.query);
        if (!query.with->recursive) hidden_.push_back(&table.name);
      }
    }
    Walk(*query.body);
    for (const SortKey& key : query.order_by) Walk(key.expression);
    Walk(query.limit);
    Walk(query.offset);
    hidden_.resize(hidden);
  }

  void Walk(const QueryBody& body) {
    switch (body.kind) {
      case QueryBodyKind::kSelect: return WalkSelect(As<SelectBody>(body));
      case QueryBodyKind::kValues:
        for (const RowExpression* row : As<ValuesBody>(body).rows) Walk(row);
        return;
      case QueryBodyKind::kSeries:
        for (const Expression* argument : As<SeriesBody>(body).arguments) Walk(argument);
        return;
      case QueryBodyKind::kTable: return Add(As<TableBody>(body).name);
      case QueryBodyKind::kSetOperation: {
        const auto& operation = As<SetOperationBody>(body);
        Walk(*operation.first);
        for (const SetOperationLink& link : operation.links) Walk(*link.operand);
        return;
      }
      case QueryBodyKind::kNested: return Walk(*As<NestedBody>(body).query);
    }
  }

 private:
  void WalkSelect(const SelectBody& select) {
    for (const SelectItem& item : select.items) Walk(item.expression);
    for (const Expression* expression : select.distinct_on) Walk(expression);
    for (const TableReference* table : select.from) Walk(*table);
    Walk(select.where);
    for (const GroupingElement& element : select.group_by) Walk(element);
    Walk(select.having);
    for (const WindowDefinition& window : select.windows) {
      VisitWindow(*window.specification, [this](const Expression* part) { Walk(part); });
    }
  }

  void Walk(const GroupingElement& element) {
    for (const Expression* key : element.expressions) Walk(key);
    for (const GroupingElement& part : element.elements) Walk(part);
  }

  void Walk(const TableReference& table) {
    switch (table.kind) {
      case TableReferenceKind::kTable: return Add(As<NamedTable>(table).name);
      case TableReferenceKind::kDerived: return Walk(*As<DerivedTable>(table).query);
      case TableReferenceKind::kJoin: {
        const auto& join = As<JoinedTable>(table);
        Walk(*join.first);
        for (const JoinLink& link : join.links) {
          Walk(*link.table);
          Walk(link.on);
        }
        return;
      }
    }
  }

  void Walk(const Expression* expression) {
    if (expression == nullptr) return;
    if (const QueryExpression* query = QueryOf(*expression)) Walk(*query);
    VisitChildren(*expression, [this](const Expression* part) { Walk(part); });
  }

  void Add(const QualifiedName& name) {
    bool is_hidden =
        name.parts.size() == 1 &&
        std::any_of(hidden_.begin(), hidden_.end(), [&](const Identifier* other) {
          return other->text == name.last().text && other->quoted == name.last().quoted;
        });
    if (!is_hidden) names_.push_back(&name);
  }

  std::vector<const QualifiedName*>& names_;
  std::vector<const Identifier*> hidden_;  // what WITH clauses around define
};

}  // namespace

void CollectTableNames(const QueryExpression& query, std::vector<const QualifiedName*>* names) {
  Collector(names).Walk(query);
}

void CollectTableNames(const QueryBody& body, std::vector<const QualifiedName*>* names) {
  Collector(names).Walk(body);
}

}  // namespace tupelo::ast

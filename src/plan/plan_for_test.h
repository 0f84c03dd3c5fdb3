// plan/plan_for_test.h: for tests: SQL bound and optimized against a small catalog, and shown as
// text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "plan/binder.h"
#include "plan/explain.h"
#include "plan/optimizer.h"
#include "sql/parser.h"
#include "txn/table.h"

namespace tupelo::testing {

// Tables without rows, in a catalog of their own.
class PlanTestDatabase {
 public:
  struct Column {
    const char* name;
    Type type;
    bool not_null = false;
  };

  // Adds a table; `key`: numbers of the columns of its primary key, <name>_pkey.
  void Add(const char* name, const std::vector<Column>& columns,
           const std::vector<uint16_t>& key = {}) {
    TableDefinition table;
    table.schema = Name::Exact(kDefaultSchema);
    table.name = Name(name, false);
    std::vector<Type> types;
    for (const Column& column : columns) {
      ColumnDefinition definition;
      definition.name = Name(column.name, false);
      definition.type = column.type;
      definition.not_null = column.not_null;
      definition.physical = static_cast<uint16_t>(types.size());
      types.push_back(column.type);
      table.columns.push_back(std::move(definition));
    }
    if (!key.empty()) {
      IndexDefinition index;
      index.name = Name(std::string(name) + "_pkey", false);
      index.is_unique = index.of_constraint = true;
      for (uint16_t column : key) {
        index.columns.push_back({column, false, false});
        table.columns[column].not_null = true;
      }
      table.keys.push_back({index.name, true, key, nullptr});
      table.indexes.push_back(std::move(index));
    }
    table.data = std::make_shared<Table>(&manager_, types);
    Put(std::move(table));
  }

  // Adds a secondary index to the table.
  void AddIndex(const char* table_name, const char* name,
                const std::vector<IndexedColumn>& columns) {
    TableDefinition table = *change_.current()->FindTable(nullptr, Name(table_name, false));
    IndexDefinition index;
    index.name = Name(name, false);
    index.columns = columns;
    table.indexes.push_back(std::move(index));
    Put(std::move(table));
  }

  Plan Bind(const std::string& sql, const std::vector<Type>& parameters = {}) {
    Arena arena;
    return Binder(*change_.current(), parameters).Bind(*ParseStatement(sql, arena).statement);
  }
  Plan PlanOf(const std::string& sql, const std::vector<Type>& parameters = {}) {
    Plan plan = Bind(sql, parameters);
    Optimize(&plan);
    return plan;
  }
  // The lines of EXPLAIN, each behind a line break, without the estimates.
  std::string Explain(const std::string& sql, const std::vector<Type>& parameters = {}) {
    std::string text;
    for (const std::string& line : ExplainPlan(PlanOf(sql, parameters), nullptr)) {
      text += "\n" + line.substr(0, line.rfind(" (rows="));
    }
    return text;
  }
  // SQLSTATE of the error that binding ends with; empty when there is none.
  std::string ErrorOf(const std::string& sql, const std::vector<Type>& parameters = {}) {
    try {
      Bind(sql, parameters);
    } catch (const Error& error) {
      return std::string(error.sqlstate());
    }
    return {};
  }

 private:
  void Put(TableDefinition table) { change_.PutTable(std::move(table)); }

  TransactionManager manager_;
  Catalog catalog_;
  CatalogChange change_{catalog_.Current()};
};

}  // namespace tupelo::testing

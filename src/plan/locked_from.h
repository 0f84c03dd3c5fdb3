// plan/locked_from.h: the tables in FROM of a query whose rows are locked, while it is bound.
#pragma once

#include <vector>

#include "catalog/definition.h"
#include "plan/expression.h"
#include "plan/name_ref.h"
#include "sql/ast_query.h"

namespace tupelo {

struct LockedFrom {
  struct Reference {
    NameRef name;    // that OF knows it by
    TablePtr table;  // nullptr: its rows are not those of a table
    ColumnId row_id = kNoColumn;
  };

  const ast::LockClause* clause;
  std::vector<Reference> references;  // that are in sight
};

// Of the statement being bound.
struct RowLocking {
  const ast::QueryExpression* outermost = nullptr;  // that it is; nullptr: it is no query
  LockedFrom* from = nullptr;                       // the FROM being bound, if it is locked
  bool locks_rows = false;                          // the plan does
};

}  // namespace tupelo

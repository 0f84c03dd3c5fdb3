// sql/table_names.h: which tables a query names.
#pragma once

#include <string>
#include <vector>

#include "sql/ast_query.h"

namespace tupelo::ast {

// Adds every name of a table in the query and in those inside it, in the order of the text, but for
// what a WITH inside it defines.
void CollectTableNames(const QueryExpression& query, std::vector<const QualifiedName*>* names);
void CollectTableNames(const QueryBody& body, std::vector<const QualifiedName*>* names);

}  // namespace tupelo::ast

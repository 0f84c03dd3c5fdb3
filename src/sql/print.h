// sql/print.h: syntax trees back to SQL text.
#pragma once

#include <string>

#include "sql/ast_query.h"

namespace tupelo {

// Canonical text: one space around operators, no parentheses but those needed, key words in upper
// case, names as typed. Parsing it gives a tree that prints the same and means the same.
// Thread-safe.
std::string PrintExpression(const ast::Expression& expression);
std::string PrintQuery(const ast::QueryExpression& query);
std::string PrintType(const ast::TypeName& type);
std::string PrintName(const ast::QualifiedName& name);

}  // namespace tupelo

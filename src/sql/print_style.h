// sql/print_style.h: how a printed text names things, where that is not as they were typed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/ast_query.h"

namespace tupelo::ast {

// What stands for a table in FROM.
struct StyledTable {
  std::string text;   // its name, or a query in parentheses
  std::string alias;  // the name that the query around it knows it by; empty: that of `text`
  // The same of its columns; empty: their own. Those at `hidden` the query around does not know:
  // names in a list of the text's own are not for them.
  std::vector<std::string> columns;
  std::vector<bool> hidden;
};

// With a style, what has a spelling that PostgreSQL knows too is printed in that: BYTEA and TEXT,
// DECODE('ff', 'hex') for X'ff', nextval('s'). Names of functions stay as they are.
class PrintStyle {
 public:
  virtual ~PrintStyle() = default;
  virtual void Append(const Identifier& name, std::string* out) const = 0;
  // nullopt: it is not the name of a table or view of the catalog.
  virtual std::optional<StyledTable> Find(const QualifiedName& table) const = 0;
  // What a star of the select list stands for; empty: it stays a star.
  virtual std::string ColumnsOf(const SelectBody& select) const = 0;
  // The first part of the name that is printed, of which `qualifiers` parts name a table: a schema
  // before that of a table that goes by an alias has no meaning.
  virtual size_t FirstPart(const QualifiedName& name, size_t qualifiers) const = 0;
  // Whether NEXT VALUE FOR may be a call, of which each gives another number.
  virtual bool numbers_by_call() const = 0;
};

}  // namespace tupelo::ast

// plan/scope.h: what names mean at one level of a query.
#pragma once

#include <string>
#include <vector>

#include "catalog/name.h"
#include "plan/plan.h"
#include "sql/ast_query.h"

namespace tupelo {

// One column of FROM. After JOIN ... USING the two columns that were merged can only be reached
// with their qualifier, and a third entry without one stands for both.
struct ScopeColumn {
  NameRef qualifier;  // correlation name or table name; empty: the merged column of a join
  NameRef schema;     // of the table, where the qualifier is its own name
  NameRef name;
  ColumnId id = kNoColumn;
  Type type;
  bool nullable = true;
  bool qualified_only = false;

  // Whether `table` ([schema.]name) is its table: 0 no, 1 without regard to case only, 2 exactly.
  int MatchesTable(const ast::QualifiedName& table) const;
};

struct AggregateLevel;
struct WindowLevel;

// Scopes are linked from the inside out; a subquery sees those of the queries around it.
struct Scope {
  Scope* parent = nullptr;
  // While FROM is bound: the scope of the FROM that a join stands in, which LATERAL sees too.
  Scope* siblings = nullptr;
  std::vector<ScopeColumn> columns;
  // Names of the select list: what ORDER BY may mean besides columns. The expressions live with the
  // select's binder.
  struct Alias {
    NameRef name;
    const BoundExpression* expression;
  };
  std::vector<Alias> aliases;
  // The aggregates of the query at this level; nullptr where there can be none (and `no_aggregates`
  // says why).
  AggregateLevel* aggregates = nullptr;
  const char* no_aggregates = "here";
  // The window functions of the query; nullptr where there can be none.
  WindowLevel* windows = nullptr;

  // The column that `name` means at this level alone; nullptr when there is none. Throws
  // kAmbiguousColumn.
  const ScopeColumn* Find(const ast::QualifiedName& name) const;
  // Whether some column of this level has the qualifier.
  bool HasQualifier(const Name& qualifier) const;
};

Name MakeName(const ast::Identifier& identifier);
// Its key alone.
std::string MakeKey(const ast::Identifier& identifier);
// a.b.c as typed.
std::string ToText(const ast::QualifiedName& name);

}  // namespace tupelo

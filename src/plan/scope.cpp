// plan/scope.cpp: the look-up of a column name within one level.
#include "plan/scope.h"

#include <algorithm>

namespace tupelo {

Name MakeName(const ast::Identifier& identifier) {
  return Name(identifier.text, identifier.quoted);
}

std::string MakeKey(const ast::Identifier& identifier) {
  return identifier.quoted ? std::string(identifier.text) : FoldUpper(identifier.text);
}

std::string ToText(const ast::QualifiedName& name) {
  std::string text;
  for (const ast::Identifier& part : name.parts) {
    if (!text.empty()) text += '.';
    text += part.text;
  }
  return text;
}

namespace {

// 0: no match, 1: without regard to case only, 2: exact.
int Matches(std::string_view wanted, NameRef have) {
  if (have->key == wanted) return 2;
  return EqualIgnoringCase(have->key, wanted) ? 1 : 0;
}

}  // namespace

int ScopeColumn::MatchesTable(const ast::QualifiedName& table) const {
  size_t parts = table.parts.size();
  if (parts > 2 || qualifier.empty()) return 0;
  int rank = Matches(MakeKey(table.last()), qualifier);
  if (parts == 2) {
    rank = std::min(rank, schema.empty() ? 0 : Matches(MakeKey(table.parts[0]), schema));
  }
  return rank;
}

const ScopeColumn* Scope::Find(const ast::QualifiedName& name) const {
  if (name.parts.size() > 3) return nullptr;  // there are no catalogs to name
  std::string column = MakeKey(name.last());
  std::string qualifier, schema;
  if (name.parts.size() >= 2) qualifier = MakeKey(name.parts[name.parts.size() - 2]);
  if (name.parts.size() >= 3) schema = MakeKey(name.parts[name.parts.size() - 3]);
  const ScopeColumn* best = nullptr;
  int best_rank = 0;
  bool ambiguous = false;
  // Most names are written as they are; only where none is does case have to be looked past.
  bool is_exact = std::any_of(columns.begin(), columns.end(), [&](const ScopeColumn& candidate) {
    if (qualifier.empty() ? candidate.qualified_only : candidate.qualifier.empty()) return false;
    return candidate.name->key == column &&
           (qualifier.empty() || candidate.qualifier->key == qualifier) &&
           (schema.empty() || (!candidate.schema.empty() && candidate.schema->key == schema));
  });
  for (const ScopeColumn& candidate : columns) {
    if (is_exact && candidate.name->key != column) continue;
    if (qualifier.empty() ? candidate.qualified_only : candidate.qualifier.empty()) continue;
    int rank = Matches(column, candidate.name);
    if (rank == 0) continue;
    if (!qualifier.empty()) {
      int of_qualifier = Matches(qualifier, candidate.qualifier);
      if (of_qualifier == 0) continue;
      rank = std::min(rank, of_qualifier);
    }
    if (!schema.empty()) {
      int of_schema = candidate.schema.empty() ? 0 : Matches(schema, candidate.schema);
      if (of_schema == 0) continue;
      rank = std::min(rank, of_schema);
    }
    if (rank > best_rank) {
      best = &candidate;
      best_rank = rank;
      ambiguous = false;
    } else if (rank == best_rank) {
      ambiguous = true;
    }
  }
  if (ambiguous) {
    throw Error(ErrorCode::kAmbiguousColumn,
                "column name is ambiguous; qualify it with a table name: " + ToText(name),
                name.position());
  }
  return best;
}

bool Scope::HasQualifier(const Name& qualifier) const {
  for (const ScopeColumn& column : columns) {
    if (!column.qualifier.empty() && Matches(qualifier.key, column.qualifier) != 0) return true;
  }
  return false;
}

}  // namespace tupelo

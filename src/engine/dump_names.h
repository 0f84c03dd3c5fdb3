// engine/dump_names.h: names as both Tupelo and PostgreSQL read them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "catalog/catalog.h"
#include "sql/print_style.h"

namespace tupelo {

// Tupelo folds what is not quoted to upper case, PostgreSQL to lower case. So a name that was not
// quoted stays so, all of its uses too, and both keep it apart from those that are. It is quoted
// where it is a word reserved in either, or another name would be the same when folded down.
class DumpNames {
 public:
  explicit DumpNames(const CatalogSnapshot& catalog);

  // In the spelling of the definition.
  std::string Of(const Name& name) const;
  // Where it is used.
  std::string OfKey(std::string_view key) const;
  std::string Of(const ast::Identifier& name) const;
  // With its schema, unless that is the default one.
  std::string Qualified(const Name& schema, const Name& name) const;

  // A stored condition, default or generated value. numbers_by_call: NEXT VALUE FOR may be
  // nextval().
  std::string Expression(const std::string& sql, bool numbers_by_call) const;

 private:
  void Add(const Name& name);
  bool IsPlain(std::string_view key, std::string_view spelling) const;

  std::map<std::string, std::string, std::less<>> spellings_;  // of keys: the first one met
  std::set<std::string, std::less<>> exact_;                   // keys that are not folded
};

}  // namespace tupelo

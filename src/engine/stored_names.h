// engine/stored_names.h: how the definitions call what the file knows by numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "catalog/catalog.h"

namespace tupelo {

class StoredNames {
 public:
  // Those of all tables that are stored.
  void Add(const CatalogSnapshot& catalog);
  // "table t", or "table number 3" where it has no definition.
  std::string OfTable(uint64_t number) const;
  // With the table; `physical`: the column's number in the stored table.
  std::string OfColumn(uint64_t table, uint32_t physical) const;
  // With the table; `index`: its number in the stored table.
  std::string OfIndex(uint64_t table, uint64_t index) const;

 private:
  std::map<uint64_t, std::string> tables_;
  std::map<std::pair<uint64_t, uint32_t>, std::string> columns_;
  std::map<std::pair<uint64_t, uint64_t>, std::string> indexes_;
};

}  // namespace tupelo

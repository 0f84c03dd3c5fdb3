// engine/nameless_tables.h: tables of a damaged file whose catalog is lost: what their pages say.
//
// A page names the table's number and how its columns are stored, not what they are: a date is a
// number of days, a decimal an integer without its point.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "engine/opened_tables.h"
#include "engine/salvaged_extents.h"
#include "types/type.h"

namespace tupelo {

struct NamelessTable {
  uint64_t number = 0;
  std::vector<Type> types;  // of the columns
};

// Those that have any page which can be read.
std::vector<NamelessTable> FindNamelessTables(SalvagedExtents* source);
// Defines a table for each that `tables` has and the catalog has not: table_3 with the columns
// column_1, column_2, ...
void DefineNamelessTables(const OpenedTables& tables, CatalogChange* catalog);

}  // namespace tupelo

// catalog/stored_definition.h: definitions as bytes of the log and the file.
//
// Changes of the catalog follow each other, each a byte that says what it is, then what is defined:
// its members in the order of catalog/definition.h and catalog/view.h. Numbers are of seven bits a
// byte as in txn/redo.h, those that may be negative eight bytes; a text is its length, a number,
// and its bytes; a list its length, a number, and its members.
//
//   1 schema: name                    2 no schema: its key
//   3 table: all of it                4 no table: its id
//   5 view: all of it                 6 no view: its id
//   7 sequence: all of it             8 no sequence: its id
//   9 where a sequence or identity column is: its number, state
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "catalog/catalog.h"

namespace tupelo {

// Appends what makes `now` of `before`, temporary objects of sessions aside.
void AppendCatalogChanges(const CatalogSnapshot& before, const CatalogSnapshot& now,
                          std::vector<uint8_t>* out);
void AppendSequenceState(const IdentitySequence& sequence, std::vector<uint8_t>* out);

// Who has the rows of tables.
class StoredTables {
 public:
  virtual ~StoredTables() = default;
  // By their stored number; nullptr: there are none.
  virtual std::shared_ptr<Table> RowsOf(uint64_t number) = 0;
  // Without rows, for a table that each session has its own of.
  virtual std::shared_ptr<Table> MakeTable(const std::vector<Type>& types) = 0;
};

// Makes such changes. Throws kDataCorrupted for bytes that mean nothing.
void ApplyCatalogChanges(std::span<const uint8_t> changes, StoredTables* source,
                         CatalogChange* catalog);

}  // namespace tupelo

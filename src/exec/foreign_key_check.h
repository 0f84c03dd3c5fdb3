// exec/foreign_key_check.h: whether keys of one foreign key have what they reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exec/key_lookup.h"
#include "plan/plan.h"

namespace tupelo {

// Looks at what is there now: committed, or written by this transaction. What another transaction
// is about to change decides nothing: 40001. A key is row `row` of its values, none of them null;
// keys of the referencing table go to CheckReferenced, those of the referenced table to the others.
class ForeignKeyCheck {
 public:
  // `definition` is one of `referencing`, to `referenced`.
  ForeignKeyCheck(TablePtr referencing, TablePtr referenced,
                  const ForeignKeyDefinition* definition);

  const ForeignKeyDefinition& definition() const { return *definition_; }
  const TablePtr& referencing() const { return referencing_; }

  // kForeignKeyViolation when a row of the referencing columns is null in part, which MATCH FULL
  // does not allow.
  void CheckMatchFull(const Chunk& rows) const;
  // kForeignKeyViolation when no row has the key that is referenced.
  void CheckReferenced(const Transaction* transaction, const KeyValues& values, uint32_t row);
  // kForeignKeyViolation when rows reference the key and none has it.
  void CheckUnreferenced(const Transaction* transaction, const KeyValues& values, uint32_t row);
  // Whether a row has the key.
  bool IsThere(const Transaction* transaction, const KeyValues& values, uint32_t row);
  // Rows that reference the key.
  std::vector<RowId> FindReferencing(const Transaction* transaction, const KeyValues& values,
                                     uint32_t row);
  [[noreturn]] void ThrowReferencing(ErrorCode code, const KeyValues& values, uint32_t row) const;

 private:
  KeyLookup& referenced_rows();
  KeyLookup& referencing_rows();

  TablePtr referencing_, referenced_;
  const ForeignKeyDefinition* definition_;
  std::optional<KeyLookup> referenced_rows_, referencing_rows_;  // made when first needed
};

}  // namespace tupelo

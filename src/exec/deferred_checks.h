// exec/deferred_checks.h: constraints of a transaction that are deferred, and what is to be checked
// of them in the end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "catalog/definition.h"
#include "exec/row_collection.h"
#include "storage/row_id.h"

namespace tupelo {

class CatalogSnapshot;
class Transaction;

// Which constraints are deferred now: what SET CONSTRAINTS said in the transaction (SQL:1999
// part 2, 14.2), else what they are initially.
class ConstraintModes {
 public:
  bool IsDeferred(ObjectId table, const Name& constraint, Deferral deferral) const;
  void SetAll(bool is_deferred);
  void Set(ObjectId table, const Name& constraint, bool is_deferred);

 private:
  struct Mode {
    ObjectId table;
    std::string constraint;  // key of its name
    bool is_deferred;
  };
  std::optional<bool> all_;
  std::vector<Mode> modes_;  // said after all_
};

// One per session, empty between its transactions. At the end of a statement what is to be checked
// of a constraint that is deferred is noted here.
//
// A note says what may be violated, and a check goes by what is there when it is run: a row that is
// gone, or that another transaction has changed since, violates nothing; nor does a key that is
// there again, or that nothing references any more; and tables and constraints that are gone by
// then are passed over. So a note may be kept when what it was made for is undone, be it by the
// failure of the statement or by ROLLBACK TO: at most it is looked up in vain. It may not be
// forgotten while a savepoint is there that was made after it: going back to that may violate again
// what was checked in between.
class DeferredChecks {
 public:
  // Nothing is noted.
  bool empty() const { return notes_.empty(); }

  const ConstraintModes& modes() const { return modes_; }
  void SetModes(ConstraintModes modes) { modes_ = std::move(modes); }

  // Rows of the table that were written: they must have unique keys, or what they reference.
  std::vector<RowId>* RowsOf(ObjectId table, const Name& constraint) {
    return &Of(table, constraint).rows;
  }
  void NoteRows(ObjectId table, const Name& constraint, std::span<const RowId> rows);
  // Keys that rows of another table, or of the same, had before they were deleted or updated:
  // nothing may reference them with the foreign key `constraint` of `table`. The first columns of
  // `keys` are theirs, of these types, none of them null.
  void NoteKeys(ObjectId table, const Name& constraint, const std::vector<Type>& types,
                const RowCollection& keys);

  // Throws the first violation, or a conflict. Notes stay.
  void CheckAll(Transaction* transaction, const CatalogSnapshot& catalog) const;
  void Check(ObjectId table, const Name& constraint, Transaction* transaction,
             const CatalogSnapshot& catalog) const;

  void ForgetAll() { notes_.clear(); }
  void Forget(ObjectId table, const Name& constraint);
  // The transaction has ended.
  void Clear() {
    notes_.clear();
    modes_ = {};
  }

 private:
  struct Note {
    ObjectId table;
    std::string constraint;  // key of its name
    std::vector<RowId> rows = {};
    // Of different types only where ALTER TABLE has changed them in between.
    std::vector<std::unique_ptr<RowCollection>> keys = {};
  };
  Note* Find(ObjectId table, const std::string& constraint) const;
  Note& Of(ObjectId table, const Name& constraint);
  static void CheckNote(const Note& note, Transaction* transaction, const CatalogSnapshot& catalog);

  std::vector<std::unique_ptr<Note>> notes_;  // in the order in which they were begun
  ConstraintModes modes_;
};

// Whether a key or foreign key of the table is deferred now. `deferred` may be nullptr.
template <typename Constraint>
bool IsDeferredNow(const DeferredChecks* deferred, ObjectId table, const Constraint& constraint) {
  return constraint.deferral != Deferral::kNotDeferrable && deferred != nullptr &&
         deferred->modes().IsDeferred(table, constraint.name, constraint.deferral);
}

}  // namespace tupelo

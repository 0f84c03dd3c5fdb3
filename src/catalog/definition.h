// catalog/definition.h: what a table is: columns, constraints, indexes. Immutable once published.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog/name.h"
#include "types/type.h"

namespace tupelo {

class Table;
class Index;

using ObjectId = uint64_t;

// One that no object of this process has had.
ObjectId NextObjectId();
// Those up to `last` are not given any more.
void ReserveObjectIds(ObjectId last);

// The numbers of an identity column or a sequence: shared by all versions of its definition; not
// transactional (gaps are allowed).
struct IdentitySequence {
  ObjectId number = NextObjectId();
  int64_t start = 1, increment = 1, minimum = 1, maximum = INT64_MAX;
  bool cycle = false;
  bool always = false;  // GENERATED ALWAYS
  std::atomic<int64_t> next{1};
  std::atomic<bool> exhausted{false};
  std::atomic<bool> called{false};  // has given a number since it (re)started
  bool is_unlogged = false;         // has given numbers that no log knows of; under the latch

  // The next number (SQL:2003 part 2, 9.21); false when the last one was given.
  bool Take(int64_t* number);
  // Goes on behind `number`, or with it where it is not taken yet. REQUIRES: minimum <= number <=
  // maximum.
  void GoOnFrom(int64_t number, bool is_taken);
  // All but the numbers given. Not atomic with them.
  std::shared_ptr<IdentitySequence> CopyOptions() const;
  void TakeStateOf(const IdentitySequence& other);
};

struct SequenceDefinition {
  ObjectId id = 0;
  Name schema;
  Name name;
  Type type;
  std::shared_ptr<IdentitySequence> numbers;
};
using SequencePtr = std::shared_ptr<const SequenceDefinition>;

struct ColumnDefinition {
  Name name;
  Type type;
  bool not_null = false;
  std::string default_sql;                     // canonical text; empty: none
  std::vector<ObjectId> default_sequences;     // that the default takes numbers of
  std::shared_ptr<IdentitySequence> identity;  // nullptr: none
  std::string generated_sql;                   // GENERATED ALWAYS AS (...); empty: not generated
  std::vector<uint16_t> generated_from;        // columns that it is computed from, ascending
  uint16_t physical = 0;                       // column of the stored table

  bool is_generated() const { return !generated_sql.empty(); }
};

// When a constraint is checked: at the end of each statement, or of the transaction (SQL:1999
// part 2, 10.8). One that is deferrable changes from one to the other by SET CONSTRAINTS, and
// begins each transaction as is said here.
enum class Deferral : uint8_t { kNotDeferrable, kInitiallyImmediate, kInitiallyDeferred };

// PRIMARY KEY or UNIQUE; enforced by a unique index.
struct KeyDefinition {
  Name name;
  bool is_primary = false;
  std::vector<uint16_t> columns;  // into TableDefinition::columns
  Index* index = nullptr;
  Deferral deferral = Deferral::kNotDeferrable;

  // Whether a statement may find two rows with the same key.
  bool is_deferrable() const { return deferral != Deferral::kNotDeferrable; }
};

struct CheckDefinition {
  Name name;
  std::string sql;                // canonical text of the condition
  std::vector<uint16_t> columns;  // that it reads
};

enum class ReferentialAction : uint8_t { kNoAction, kRestrict, kCascade, kSetNull, kSetDefault };

struct ForeignKeyDefinition {
  Name name;
  std::vector<uint16_t> columns;
  ObjectId referenced_table = 0;
  std::vector<uint16_t> referenced_columns;  // in the order of `columns`
  bool match_full = false;                   // MATCH FULL: all columns null, or none
  ReferentialAction on_delete = ReferentialAction::kNoAction;
  ReferentialAction on_update = ReferentialAction::kNoAction;
  Deferral deferral = Deferral::kNotDeferrable;
};

struct IndexedColumn {
  uint16_t column = 0;  // into TableDefinition::columns
  bool descending = false;
  bool nulls_first = false;
};

// Every index of the table, those of keys too.
struct IndexDefinition {
  ObjectId id = 0;
  Name name;
  // No statement finds two rows with the same key. Of a key that is deferrable one may, so its
  // index is not unique for plans; Index::is_unique is what is enforced.
  bool is_unique = false;
  bool of_constraint = false;  // goes with its key, not by DROP INDEX
  std::vector<IndexedColumn> columns;
  Index* index = nullptr;
};

// How long a table is there, and for whom.
enum class TableLifetime : uint8_t {
  kPermanent,
  kSession,  // definition and rows belong to the session that made them, and go with it
  kGlobal,   // GLOBAL TEMPORARY: all see the definition, each session has rows of its own
};

// What a COMMIT does to a temporary table.
enum class CommitAction : uint8_t { kPreserveRows, kDeleteRows, kDropTable };

struct TableDefinition {
  ObjectId id = 0;
  uint64_t version = 0;  // changes with every change of the definition
  Name schema;
  Name name;
  std::vector<ColumnDefinition> columns;
  std::vector<KeyDefinition> keys;
  std::vector<CheckDefinition> checks;
  std::vector<ForeignKeyDefinition> foreign_keys;
  std::vector<IndexDefinition> indexes;
  std::shared_ptr<Table> data;
  TableLifetime lifetime = TableLifetime::kPermanent;
  CommitAction on_commit = CommitAction::kPreserveRows;

  // Index into columns, or nullopt. kAmbiguousColumn is thrown for two matches without regard to
  // case.
  std::optional<uint16_t> FindColumn(std::string_view key) const;
  const KeyDefinition* PrimaryKey() const;
  bool is_temporary() const { return lifetime != TableLifetime::kPermanent; }
};
using TablePtr = std::shared_ptr<const TableDefinition>;

}  // namespace tupelo

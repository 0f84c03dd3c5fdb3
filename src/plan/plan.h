// plan/plan.h: the plan tree: what runs, with the algorithm chosen.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_stream.h"
#include "base/recycled.h"
#include "catalog/definition.h"
#include "catalog/system_view.h"
#include "plan/band_plan.h"
#include "plan/expression.h"
#include "plan/grouping_plan.h"
#include "plan/lock_plan.h"
#include "plan/name_ref.h"
#include "plan/window_plan.h"

namespace tupelo {

struct PlanNode;
using PlanPtr = std::unique_ptr<PlanNode>;

enum class PlanKind : uint8_t {
  kSingleRow,  // one row without columns: SELECT without FROM
  kValues,     // rows of expressions
  kTableScan,
  kIndexScan,
  kTableCount,       // COUNT(*) of a whole table
  kCommonTableScan,  // of Plan::common_tables
  kWorkingTable,     // within a recursion: the rows that its last round found
  kSeries,           // GENERATE_SERIES: `rows` has its start, stop and step; a second column
                     // of the output numbers the values from 1
  kSystemView,       // what the database tells of itself, when it is opened
  kFilter,
  kProject,
  kJoin,          // children: left (probe), right (build)
  kIndexJoin,     // children: left, and an index scan whose keys read the left: looked up for each
                  // left row; inner, left, semi or anti
  kBandJoin,      // children: left, right (sorted): `band` says by which ranges, besides keys
  kLateralJoin,   // children: left, and right, which reads columns of the left: run for each left
                  // row
  kGroupingSets,  // each row once for each set, with what the set does not have null
  kAggregate,
  kWindow,
  kDistinct,
  kSort,
  kLimit,
  kLockRows,  // gives the rows of its child once they are locked: `locks`
  kSetOperation,
  kRecursion,  // children: the branches of its members
  kInsert,
  kUpdate,
  kDelete,
  kCopyFrom,  // the records of a file; in `table` they are to go
  kCopyTo,    // child: what is written to a file
  kMerge,     // child: rows of the source with those of the table that they match
};

// Those from kSemi to kSingle come of subqueries, and give each left row once at most.
enum class JoinKind : uint8_t {
  kInner,
  kLeft,
  kRight,
  kFull,
  kCross,
  kSemi,    // left rows with a match
  kAnti,    // left rows without one
  kMark,    // all left rows, with a BOOLEAN column `mark`: whether there is a match
  kSingle,  // as kLeft; 21000 where a left row has two matches
  // Of the sides exchanged, so that the rows to be given are those in the table of a hash join.
  kRightSemi,  // right rows with a match
  kRightAnti,  // right rows without one
};
inline bool GivesRightOnly(JoinKind kind) {
  return kind == JoinKind::kRightSemi || kind == JoinKind::kRightAnti;
}
// Whether the output has columns of the left side alone (and kMark its mark).
inline bool GivesLeftOnly(JoinKind kind) {
  return kind == JoinKind::kSemi || kind == JoinKind::kAnti || kind == JoinKind::kMark;
}
enum class SetOperationKind : uint8_t { kUnionAll, kIntersect, kIntersectAll, kExcept, kExceptAll };

struct OutputColumn {
  ColumnId id = kNoColumn;
  Type type;
  bool nullable = true;
  NameRef name;  // for EXPLAIN, and at the root for the result
};

// A column computed by a node: `id` stands for `expression` above it.
struct ComputedColumn {
  ColumnId id = kNoColumn;
  ExpressionPtr expression;
};

struct AggregateColumn {
  ColumnId id = kNoColumn;
  BoundAggregate function;
  ExpressionPtr argument;  // nullptr: COUNT(*); already cast to function.argument_type
  ExpressionPtr filter;    // nullptr: none
  bool distinct = false;
  std::vector<ExpressionPtr> more_arguments;  // of function.more_types
  std::vector<AggregateOrder> order;          // rows are taken in in this order; empty: in any
};

// What rows written through a view with a check option must satisfy.
struct ViewCheckPlan {
  ExpressionPtr condition;  // over columns whose ids are numbers of table columns
  std::string view;
};

// Tables that are defined by each other, or by themselves: the first round runs the branches that
// read none of them, each later one the others, over what the round before found, until a round
// finds nothing (SQL:1999 part 2, 7.12).
struct RecursionDefinition {
  struct Member {
    std::string name;
    uint32_t shared = 0;    // the number that its working tables have
    bool distinct = false;  // UNION: a row that was found before is none
    std::vector<Type> types;
  };
  struct Branch {
    uint32_t member = 0;  // that it gives rows of
    bool is_recursive = false;
  };
  std::vector<Member> members;
  std::vector<Branch> branches;  // one for each child; those that are not recursive first
  uint32_t result = 0;           // the member whose rows the node gives
};

enum class NullPlace : uint8_t { kFirst, kLast };

struct SortKey {
  ColumnId column = kNoColumn;
  bool descending = false;
  bool nulls_first = false;
};

// A range of an index: values for its first columns, and bounds on the next. The values are of any
// type comparable with their column's, and read nothing but parameters, constants and columns of
// enclosing queries (in a kIndexJoin, of its left side).
struct IndexRange {
  std::vector<ExpressionPtr> equal;  // for the first equal.size() columns of the index
  ExpressionPtr lower, upper;        // on the next column; nullptr: open
  double rows = 0;                   // estimated to lie in it; 0: by rules of thumb
  bool lower_inclusive = true, upper_inclusive = true;
  bool not_null = false;  // the next column is not null, bounds or none
};

// What a hash join knows of its right side's keys when it has all of them: a scan on its left may
// leave out rows with others. `number` is that of the filter, which both nodes have.
struct JoinFilterUse {
  uint32_t number = 0;
  size_t key = 0;               // kJoin: whose values they are
  ColumnId column = kNoColumn;  // kTableScan: that is looked for
};

// A column of which only the least or the greatest value is wanted.
struct ExtremeColumn {
  ColumnId column = kNoColumn;
  bool is_greatest = false;
};

// INSERT ... ON CONFLICT: what becomes of a row whose key is there already.
struct ConflictPlan {
  std::vector<uint16_t> arbiters;  // into TableDefinition::indexes: unique ones; an equal key in
                                   // one of them is a conflict
  bool updates = false;            // DO UPDATE; else DO NOTHING
  bool replaces = false;           // the rows that are there are deleted first: OR REPLACE
  // Ids of the table's columns in the expressions: column i of the row that is there is existing +
  // i, of the row that was to be inserted excluded + i.
  ColumnId existing = kNoColumn, excluded = kNoColumn;
  std::vector<uint16_t> target_columns;  // ascending
  std::vector<ExpressionPtr> values;
  ExpressionPtr condition;  // nullptr: always
};

// MERGE: what becomes of rows of the source that match a row of the table, or match none.
struct MergeStep {
  enum Action : uint8_t { kNothing, kUpdate, kDelete, kInsert };
  bool matched = true;
  Action action = kNothing;
  ExpressionPtr condition;  // nullptr: always
  std::vector<uint16_t>
      target_columns;  // kUpdate: ascending; kInsert: kIgnoredColumn for values that go nowhere
  std::vector<ExpressionPtr> values;
  std::vector<ComputedColumn> defaults;  // kInsert: as in PlanNode
};

// How a CSV file is written.
struct CsvFormat {
  char delimiter = ',';
  char quote = '"';
  char escape = '"';
};

// COPY FROM and TO.
struct CopyPlan {
  ExpressionPtr path;  // of the file; text, without columns
  CsvFormat format;
  std::string null;             // how a null is written, without quotes
  bool header = false;          // the first line has names
  bool header_matches = false;  // FROM: they must be those of the columns
  bool compression_given = false;
  Compression compression = Compression::kNone;  // TO; else by the name of the file
};

// One node; which members mean something follows from the kind.
struct PlanNode : Recycled {
  PlanKind kind;
  std::vector<OutputColumn> output;
  std::vector<PlanPtr> children;
  double estimated_rows = 1;

  // kTableScan, kIndexScan, kTableCount, kInsert, kUpdate, kDelete, kMerge: the table. output[i] of
  // a scan is table column scan_columns[i] (index into TableDefinition::columns); kRowIdColumn
  // stands for the row's id (BIGINT).
  TablePtr table;
  std::string table_alias;  // for EXPLAIN
  std::vector<uint16_t> scan_columns;
  // kCommonTableScan, kWorkingTable: output[i] is column scan_columns[i] of the rows shared under
  // this number.
  uint32_t shared = 0;
  // kSystemView: output[i] is its column scan_columns[i].
  const SystemView* system_view = nullptr;
  const IndexDefinition* index = nullptr;  // kIndexScan; lives as long as `table`
  IndexRange range;                        // kIndexScan
  bool reverse = false;                    // kIndexScan: backwards

  ExpressionPtr condition;  // kFilter; joins: what is not in the keys; scans: applied to each row

  // kJoin, kIndexJoin, kBandJoin; kLateralJoin: inner, cross or left
  JoinKind join_kind = JoinKind::kInner;
  std::vector<ExpressionPtr> left_keys,
      right_keys;               // equal pairs of one type: hash join; empty: nested loops
  std::vector<bool> null_keys;  // by key: two nulls are equal; empty: no key is such
  // kMark: what must hold for a match besides keys and condition. Where it is unknown for one right
  // row and true for none, the mark is null.
  ExpressionPtr comparison;
  ColumnId mark = kNoColumn;
  std::vector<JoinFilterUse> join_filters;  // kJoin, kTableScan
  // kAggregate, and the kTableScan below that it tells what it has found (exec/extreme_filter.h);
  // 0: it does not.
  uint32_t extremes_number = 0;
  std::vector<ExtremeColumn> extremes;  // kTableScan: by aggregate, all that is wanted of it
  Position position = kNoPosition;      // kSingle: of the subquery, for its error

  std::vector<ComputedColumn> computed;     // kProject: output is computed; kAggregate: the groups
  std::vector<AggregateColumn> aggregates;  // kAggregate: output = groups, then aggregates
  // kGroupingSets: output = computed, then grouping->columns, then what the child gives.
  std::unique_ptr<GroupingPlan> grouping;  // kGroupingSets; kAggregate: may be nullptr
  std::unique_ptr<WindowPlan> window;      // kWindow
  std::unique_ptr<BandPlan> band;          // kBandJoin
  std::unique_ptr<LockPlan> locks;         // kLockRows
  std::vector<SortKey> sort_keys;          // kSort, kWindow; kLimit: WITH TIES in this order
  ExpressionPtr limit, offset;             // kLimit; kSort: `limit` rows plus offset are enough
  std::vector<ColumnId> limit_by;  // kLimit: each combination of these columns is counted by itself
  SetOperationKind set_kind =
      SetOperationKind::kUnionAll;  // children's columns correspond by position
  bool may_end_early = false;       // kDistinct: perhaps only its first rows are wanted
  std::shared_ptr<const RecursionDefinition> recursion;  // kRecursion; the same
  std::vector<std::vector<ExpressionPtr>> rows;          // kValues

  // kInsert: child's column i goes to table column target_columns[i] (types already those of the
  // columns), the other columns get defaults. kUpdate: child's column 0 is the row id, then one new
  // value per target column. kDelete: child's column 0 is the row id.
  std::vector<uint16_t> target_columns;
  std::vector<ComputedColumn>
      defaults;  // kInsert: id = table column, expression = its default (no columns)
  std::unique_ptr<ConflictPlan> conflict;  // kInsert; nullptr: keys must not be there
  std::unique_ptr<CopyPlan> copy;          // kCopyFrom, kCopyTo
  std::vector<MergeStep> merge_steps;  // kMerge: the first that fits a row is taken. The child's
                                       // column 0 is the row id, null where nothing matches
  // kInsert, kUpdate, kDelete, kMerge with RETURNING: rows come out, with these columns of the
  // table as output (of DELETE the old values); kIgnoredColumn stands for one of FROM, of MERGE one
  // of the source. What UPDATE and DELETE don't set is in the child's columns behind the new
  // values, in this order; of kMerge `computed` is what was there before.
  bool returns_rows = false;
  std::vector<uint16_t> returned_columns;
  // kInsert, kUpdate, kMerge: conditions of the table's checks, in their order; column ids are the
  // numbers of table columns.
  std::vector<ExpressionPtr> checks;
  std::vector<ViewCheckPlan> view_checks;  // kInsert, kUpdate: the same for WITH CHECK OPTION

  explicit PlanNode(PlanKind kind) : kind(kind) {}
};

inline constexpr uint16_t kRowIdColumn = 0xFFFF;
inline constexpr uint16_t kIgnoredColumn = 0xFFFE;  // kInsert: a value that goes nowhere

// A table of WITH that several scans read: computed once a run, when it is first read.
struct CommonTablePlan {
  std::string name;
  uint32_t shared = 0;
  PlanPtr plan;               // may scan those before it; nullptr: nobody reads it
  bool materialized = false;  // as the statement says: never a part of what reads it
};

// A statement ready to be built into operators, as often as needed: immutable.
struct Plan {
  PlanPtr root;
  std::vector<CommonTablePlan> common_tables;
  std::vector<Type> parameter_types;  // that the plan was made for; Type::Null(): any null
  // Of parameters that are assigned to a column and not used elsewhere: its type; else
  // Type::Null().
  std::vector<Type> parameter_targets;
  std::vector<TablePtr> tables;  // definitions that it depends on
  std::vector<std::unique_ptr<const Name>>
      names;                    // of columns, that are not names of the definitions
  bool is_query = false;        // changes nothing
  bool locks_rows = false;      // a query FOR UPDATE or FOR SHARE
  bool returns_rows = false;    // rows come out of the root
  bool is_short = false;        // a point operation
  bool is_small = false;        // the same, but for what foreign keys may bring about
  bool has_subqueries = false;  // in expressions
  ColumnId next_column = 0;     // that no node has
  uint32_t threads = 1;         // that may run it; how many do is decided by each run

  // The same of rows that it locks. REQUIRES: it writes, or locks rows.
  bool WritesOnlyTemporary() const;
};

PlanPtr ClonePlan(const PlanNode& node);
// Calls visit(expression) for each expression of this node (not of its children).
template <typename Visit>
void VisitNodeExpressions(PlanNode& node, Visit&& visit);

}  // namespace tupelo

#include "plan/plan_visit.h"

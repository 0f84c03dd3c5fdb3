// exec/aggregate_sink.h: groups, and the states of their aggregates.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/arena.h"
#include "base/scratch_array.h"
#include "exec/evaluator.h"
#include "exec/group_states.h"
#include "exec/group_table.h"
#include "exec/ordered_input.h"
#include "plan/plan.h"

namespace tupelo {

// Takes in rows of an aggregate's input, or of DISTINCT, whose columns are the groups and which has
// no aggregates. Groups are numbered from 0; without GROUP BY there is group 0 alone. Not
// thread-safe: each worker has its own.
class AggregateSink {
 public:
  // `input`: the chunk of the child. What `outer` gives is only read.
  AggregateSink(const PlanNode& node, ExecutionContext* context, const Chunk& input,
                const ColumnMap* outer);

  // Clear forgets everything; Release gives much memory back as well.
  void Clear();
  void Release();

  // Before the first rows. `with_constant_groups`: makes those that are there without any row, too.
  // `defers_distinct`: values with DISTINCT are only collected, for another sink to take in.
  void Begin(bool with_constant_groups, bool defers_distinct = false);
  // Rows of the input chunk.
  void TakeIn(Rows rows);
  // After the last rows: takes in what was collected to be sorted.
  void Finish();

  bool is_grouped() const { return is_grouped_; }
  uint32_t group_count() const { return is_grouped_ ? table_.group_count() : states_.count(); }
  const GroupTable& table() const { return table_; }
  char* StatesAt(uint32_t group) const { return states_.At(group); }
  // Room for pointers to the states of a vector set, while no rows are taken in.
  char** state_pointers() { return state_pointers_.get(); }
  size_t state_bytes() const { return states_.bytes(); }
  size_t item_count() const { return items_.size(); }
  const BoundAggregate& function(size_t item) const { return *items_[item].function; }
  size_t offset(size_t item) const { return items_[item].offset; }  // of its state in a row

  // Groups of another sink: finds or makes the group of each of `rows` of `keys`, and calls
  // combine(i, group, is_new) for row number i of them. The states of a new one are zeroes, not
  // begun. REQUIRES: the rows are different.
  template <typename Combine>
  void AddGroups(const std::vector<const Vector*>& keys, Rows rows, Combine&& combine);
  // Puts together states, those of `source` after those of `target`.
  void CombineStates(const char* source, char* target);

  bool has_distinct() const;
  uint64_t deferred_count() const;
  // Which of the values that another sink has deferred: those of groups g with part_of_group[g] ==
  // part (nullptr: of all groups); without groups those whose hash is in that one of `parts`.
  struct DeferredPart {
    const uint32_t* group_of = nullptr;  // the number that a group of the other sink has here
    const uint8_t* part_of_group = nullptr;
    uint32_t part = 0, parts = 1;
  };
  void TakeInDeferred(const AggregateSink& source, const DeferredPart& part);

 private:
  struct Item {
    const BoundAggregate* function;
    size_t offset;                                 // of its state in a row of states
    const Vector* argument = nullptr;              // nullptr: COUNT(*)
    std::vector<const Vector*> more;               // the other arguments
    const Vector* filter = nullptr;                // nullptr: none
    std::unique_ptr<Evaluator> filtered_argument;  // with a filter: runs on what it lets through
    std::unique_ptr<GroupTable> distinct;  // group (when there are groups) and argument seen
    std::vector<const Vector*> distinct_columns;
    std::unique_ptr<OrderedInput> ordered;
  };

  void AddItem(const AggregateColumn& aggregate, size_t offset);
  void AddConstantGroups();
  void Update(const Item& item, const Vector* argument, const Vector* const* more, Rows rows);
  void TakeInOrder(Item& item);
  Rows ChooseDeferred(const Chunk& values, const DeferredPart& part);
  void TakeInDeferred(Item& item, const RowCollection& values, const DeferredPart& part);
  void NumberGroups(Rows rows);
  Rows RowsFor(Item& item, Rows rows);
  Rows KeepNew(Item& item, Rows rows);
  void PointToStates(Rows rows, size_t offset);
  void TellExtremes();
  void ProvideStates(uint32_t count);

  const PlanNode& node_;
  ExecutionContext* context_;
  ColumnMap columns_;
  Evaluator evaluator_;
  std::vector<const Vector*> group_values_;
  std::vector<Item> items_;
  GroupTable table_;
  GroupStates states_;
  Arena heap_{ArenaUse::kWork};  // strings in states
  bool is_grouped_, defers_distinct_ = false;
  ExtremeFilter* extremes_ = nullptr;  // what it tells the scan; nullptr: nothing

  // For one vector set.
  ScratchArray<uint32_t> groups_;       // by row number
  ScratchArray<uint32_t> pairs_;        // by row number: number in Item::distinct
  ScratchArray<char*> state_pointers_;  // by position
  ScratchArray<uint16_t> filtered_, valid_, fresh_;
  Vector group_numbers_;  // groups_ as BIGINT, for DISTINCT and ORDER BY
};

template <typename Combine>
void AggregateSink::AddGroups(const std::vector<const Vector*>& keys, Rows rows,
                              Combine&& combine) {
  uint32_t before = table_.group_count();
  table_.FindOrAdd(keys, rows, groups_.get(), fresh_.get());
  states_.Provide(table_.group_count());
  for (uint32_t i = 0; i < rows.count; ++i) {
    uint32_t group = groups_[rows[i]];
    combine(i, group, group >= before);
  }
}

}  // namespace tupelo

// exec/parallel_aggregate.h: groups found by several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/work_array.h"
#include "exec/aggregate_sink.h"
#include "exec/parallel_input.h"

namespace tupelo {

// Each worker aggregates its morsels by itself; then the groups are put together, many of them
// partition by partition, each by one thread. They come out in the order in which one thread would
// have found them.
class ParallelAggregate {
 public:
  ParallelAggregate(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : node_(node), outer_(outer), input_(node, context, outer) {}

  // Takes in all rows of `child`, which was opened, when several threads are worth it; false:
  // nothing was done. `only_few`: not where the first rows make many groups. A few groups go to
  // `target`, which has begun; many stay here.
  bool Consume(Operator* child, AggregateSink* target, bool only_few = false);

  // The groups that stay here, in order.
  uint32_t group_count() const { return static_cast<uint32_t>(order_.size()); }
  // states[i] = the row of states of group first + i.
  void FindStates(uint32_t first, uint32_t count, char** states) const;
  // target[i] = key column number `column` of group first + i.
  void GatherKeys(size_t column, uint32_t first, uint32_t count, Vector* target) const;

  // Forgets the groups; Release gives much memory back as well.
  void Clear() { order_.clear(); }
  void Release();

 private:
  // Groups that one worker made of one morsel.
  struct Run {
    uint32_t morsel, worker, first, end;
  };
  struct Worker {
    std::unique_ptr<AggregateSink> sink;
    std::vector<Run> runs;
    WorkArray<uint8_t> partitions;  // by group
    WorkArray<uint32_t> merged_as;  // by group: its number where it was put; with DISTINCT
  };
  // Groups of one partition of all; order[g] grows with the row that group g was found in first.
  struct Partition {
    std::unique_ptr<AggregateSink> sink;
    WorkArray<uint64_t> order;
  };
  struct Place {
    uint32_t partition, group;
  };

  void Begin(uint32_t count);
  bool FindsFewGroups();
  void MergeOnlyGroup(uint32_t count, AggregateSink* target);
  void ProvidePartitions(uint32_t count);
  void TakeIn(uint32_t worker, const Chunk& chunk, uint32_t morsel);
  std::vector<Run> SortedRuns() const;
  void MergeInto(AggregateSink* target, const std::vector<Run>& runs);
  void MergePartitions(uint32_t count, const std::vector<Run>& runs);
  void FindPartitions(Worker* worker, uint32_t partitions) const;
  void MergePartition(uint32_t number, const std::vector<Run>& runs);
  void OrderPartitions(uint32_t count);
  template <typename Choose, typename Note>
  void AddRun(AggregateSink* target, const Run& run, Choose&& choose, Note&& note);

  const PlanNode& node_;
  const ColumnMap* outer_;
  ParallelInput input_;
  std::vector<Worker> workers_;
  std::vector<Partition> partitions_;
  WorkArray<Place> order_;
};

}  // namespace tupelo

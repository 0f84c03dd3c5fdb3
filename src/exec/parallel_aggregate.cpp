// exec/parallel_aggregate.cpp: workers' groups, and putting them together.
//
// A worker numbers its groups as it finds them, and its morsels ascend: the groups that it made of
// one morsel are a run of numbers. Taking the runs of all workers in the order of their morsels, a
// group is first met where one thread would have met it.
#include "exec/parallel_aggregate.h"

#include <algorithm>
#include <cstring>

#include "base/give_back.h"
#include "types/hash.h"

namespace tupelo {

namespace {

// One thread puts as many together sooner than several begin.
constexpr uint64_t kFewGroups = 1u << 14;
constexpr uint64_t kRowsPerGroup = 4;  // at least, where groups are few

}  // namespace

bool ParallelAggregate::Consume(Operator* child, AggregateSink* target, bool only_few) {
  uint32_t count = input_.Prepare(child);
  if (count == 0) return false;
  Begin(count);
  if (only_few && !FindsFewGroups()) {
    input_.CloseWorkers();
    for (uint32_t i = 0; i < count; ++i) workers_[i].sink->Release();
    return false;
  }
  input_.Run([this](uint32_t worker, const Chunk& chunk, uint32_t morsel) {
    TakeIn(worker, chunk, morsel);
  });
  if (!target->is_grouped()) {
    MergeOnlyGroup(count, target);
    return true;
  }
  uint64_t groups = target->group_count();
  bool is_begun = groups > 0;  // with groups that are there without any row
  for (uint32_t i = 0; i < count; ++i) groups += workers_[i].sink->group_count();
  std::vector<Run> runs = SortedRuns();
  for (Worker& worker : workers_) {
    if (target->has_distinct()) worker.merged_as.resize(worker.sink->group_count());
  }
  if (is_begun || groups <= kFewGroups) {
    MergeInto(target, runs);
  } else {
    MergePartitions(count, runs);
  }
  return true;
}

void ParallelAggregate::Begin(uint32_t count) {
  order_.clear();
  if (workers_.size() < count) workers_.resize(count);
  for (uint32_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    if (worker.sink == nullptr) {
      worker.sink = std::make_unique<AggregateSink>(node_, input_.context(i),
                                                    input_.pipeline(i).output(), outer_);
    }
    worker.sink->Clear();
    worker.sink->Begin(false, true);
    worker.runs.clear();
  }
}

// Takes in the first morsel. Groups that nearly every row makes are found twice by several threads.
bool ParallelAggregate::FindsFewGroups() {
  uint64_t rows = 0;
  input_.state(0).morsels_left = 1;
  try {
    input_.pipeline(0).Open();
    while (const Chunk* chunk = input_.pipeline(0).Next()) {
      rows += chunk->row_count();
      TakeIn(0, *chunk, input_.state(0).morsel);
    }
  } catch (...) {
    input_.CloseWorkers();
    throw;
  }
  input_.state(0).morsels_left = UINT32_MAX;
  return workers_[0].sink->group_count() <= rows / kRowsPerGroup;
}

void ParallelAggregate::TakeIn(uint32_t number, const Chunk& chunk, uint32_t morsel) {
  Worker& worker = workers_[number];
  uint32_t before = worker.sink->group_count();
  worker.sink->TakeIn(chunk.rows());
  uint32_t after = worker.sink->group_count();
  if (after == before) return;
  if (worker.runs.empty() || worker.runs.back().morsel != morsel) {
    worker.runs.push_back({morsel, number, before, after});
  } else {
    worker.runs.back().end = after;
  }
}

std::vector<ParallelAggregate::Run> ParallelAggregate::SortedRuns() const {
  std::vector<Run> runs;
  for (const Worker& worker : workers_) {
    runs.insert(runs.end(), worker.runs.begin(), worker.runs.end());
  }
  std::sort(runs.begin(), runs.end(),
            [](const Run& a, const Run& b) { return a.morsel < b.morsel; });
  return runs;
}

// Adds those groups of the run for which choose(group) holds; calls note(group, number) for each
// that is new in `target`, and there has that number.
template <typename Choose, typename Note>
void ParallelAggregate::AddRun(AggregateSink* target, const Run& run, Choose&& choose,
                               Note&& note) {
  const AggregateSink& source = *workers_[run.worker].sink;
  const RowCollection& keys = source.table().keys();
  std::vector<const Vector*> columns(keys.column_count());
  bool has_distinct = target->has_distinct();
  uint16_t numbers[kVectorSize];
  for (uint32_t group = run.first; group < run.end;) {
    size_t set = group / kVectorSize;
    auto base = static_cast<uint32_t>(set * kVectorSize);
    uint32_t end = std::min(run.end, base + kVectorSize), count = 0;
    for (; group < end; ++group) {
      numbers[count] = static_cast<uint16_t>(group - base);
      count += choose(group) ? 1 : 0;
    }
    if (count == 0) continue;
    for (size_t i = 0; i < columns.size(); ++i) columns[i] = &keys.set(set).column(i);
    target->AddGroups(columns, Rows{numbers, count}, [&](uint32_t i, uint32_t into, bool is_new) {
      const char* states = source.StatesAt(base + numbers[i]);
      if (has_distinct) workers_[run.worker].merged_as[base + numbers[i]] = into;
      if (is_new) {
        // What a state points to belongs to the worker, and stays until Release.
        if (source.state_bytes() > 0) {
          std::memcpy(target->StatesAt(into), states, source.state_bytes());
        }
        note(base + numbers[i], into);
      } else {
        target->CombineStates(states, target->StatesAt(into));
      }
    });
  }
}

// Without groups. Values with DISTINCT are divided by their hashes.
void ParallelAggregate::MergeOnlyGroup(uint32_t count, AggregateSink* target) {
  uint64_t deferred = 0;
  for (uint32_t i = 0; i < count; ++i) {
    target->CombineStates(workers_[i].sink->StatesAt(0), target->StatesAt(0));
    deferred += workers_[i].sink->deferred_count();
  }
  if (deferred == 0) return;
  uint32_t parts = deferred <= kFewGroups ? 1 : count;
  ProvidePartitions(parts);
  input_.RunParts(parts, [&](uint32_t part) {
    AggregateSink& sink = *partitions_[part].sink;
    sink.Begin(false);
    for (uint32_t i = 0; i < count; ++i) {
      sink.TakeInDeferred(*workers_[i].sink, {nullptr, nullptr, part, parts});
    }
  });
  for (uint32_t part = 0; part < parts; ++part) {
    target->CombineStates(partitions_[part].sink->StatesAt(0), target->StatesAt(0));
  }
}

void ParallelAggregate::MergeInto(AggregateSink* target, const std::vector<Run>& runs) {
  auto all = [](uint32_t) { return true; };
  for (const Run& run : runs) AddRun(target, run, all, [](uint32_t, uint32_t) {});
  for (const Worker& worker : workers_) {
    target->TakeInDeferred(*worker.sink, {worker.merged_as.data(), nullptr, 0, 1});
  }
}

void ParallelAggregate::ProvidePartitions(uint32_t count) {
  if (partitions_.size() < count) partitions_.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    Partition& partition = partitions_[i];
    if (partition.sink == nullptr) {
      partition.sink = std::make_unique<AggregateSink>(node_, input_.context(i),
                                                       input_.pipeline(i).output(), outer_);
    }
    partition.sink->Clear();
    partition.order.clear();
  }
}

void ParallelAggregate::MergePartitions(uint32_t count, const std::vector<Run>& runs) {
  ProvidePartitions(count);
  input_.RunParts(count, [&](uint32_t i) { FindPartitions(&workers_[i], count); });
  input_.RunParts(count, [&](uint32_t i) { MergePartition(i, runs); });
  OrderPartitions(count);
}

void ParallelAggregate::FindPartitions(Worker* worker, uint32_t partitions) const {
  const RowCollection& keys = worker->sink->table().keys();
  worker->partitions.resize(keys.row_count());
  uint64_t hashes[kVectorSize];
  for (size_t set = 0; set < keys.set_count(); ++set) {
    Rows rows = keys.set(set).rows();
    for (size_t i = 0; i < keys.column_count(); ++i) {
      HashVector(keys.set(set).column(i), rows, hashes, i > 0);
    }
    uint8_t* numbers = worker->partitions.data() + set * kVectorSize;
    for (uint32_t row = 0; row < rows.count; ++row) {
      numbers[row] = static_cast<uint8_t>((hashes[row] >> 56) * partitions >> 8);
    }
  }
}

void ParallelAggregate::MergePartition(uint32_t number, const std::vector<Run>& runs) {
  Partition& partition = partitions_[number];
  for (size_t i = 0; i < runs.size(); ++i) {
    input_.context(number)->CheckInterrupt();
    const uint8_t* partition_of = workers_[runs[i].worker].partitions.data();
    AddRun(
        partition.sink.get(), runs[i],
        [&](uint32_t group) { return partition_of[group] == number; },
        [&](uint32_t group, uint32_t into) {
          if (into >= partition.order.size()) partition.order.resize(into + 1);
          partition.order[into] = uint64_t{i} << 32 | group;
        });
  }
  for (const Worker& worker : workers_) {
    partition.sink->TakeInDeferred(*worker.sink,
                                   {worker.merged_as.data(), worker.partitions.data(), number, 1});
  }
}

void ParallelAggregate::OrderPartitions(uint32_t count) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) total += partitions_[i].order.size();
  order_.reserve(total);
  std::vector<uint32_t> next(count, 0);
  auto head = [&](uint32_t i) {
    const WorkArray<uint64_t>& order = partitions_[i].order;
    return next[i] < order.size() ? order[next[i]] : UINT64_MAX;
  };
  while (order_.size() < total) {
    uint32_t first = 0;
    for (uint32_t i = 1; i < count; ++i) {
      if (head(i) < head(first)) first = i;
    }
    order_.push_back({first, next[first]++});
  }
}

void ParallelAggregate::FindStates(uint32_t first, uint32_t count, char** states) const {
  for (uint32_t i = 0; i < count; ++i) {
    const Place& place = order_[first + i];
    states[i] = partitions_[place.partition].sink->StatesAt(place.group);
  }
}

void ParallelAggregate::GatherKeys(size_t column, uint32_t first, uint32_t count,
                                   Vector* target) const {
  target->PrepareWrite(count);
  uint32_t rows[kVectorSize];
  uint16_t positions[kVectorSize];
  for (uint32_t partition = 0; partition < partitions_.size(); ++partition) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; ++i) {
      rows[found] = order_[first + i].group;
      positions[found] = static_cast<uint16_t>(i);
      found += order_[first + i].partition == partition ? 1 : 0;
    }
    const RowCollection& keys = partitions_[partition].sink->table().keys();
    keys.ScatterInto(column, rows, found, positions, target);
  }
}

void ParallelAggregate::Release() {
  for (Worker& worker : workers_) {
    if (worker.sink != nullptr) worker.sink->Release();
    GiveBackMemory(&worker.runs);
    GiveBackMemory(&worker.partitions);
    GiveBackMemory(&worker.merged_as);
  }
  for (Partition& partition : partitions_) {
    if (partition.sink != nullptr) partition.sink->Release();
    GiveBackMemory(&partition.order);
  }
  GiveBackMemory(&order_);
}

}  // namespace tupelo

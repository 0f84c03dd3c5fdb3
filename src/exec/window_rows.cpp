// exec/window_rows.cpp: sorting the rows of a window, and comparing neighbours.
#include "exec/window_rows.h"

#include <algorithm>

#include "types/compare.h"

namespace tupelo {

void WindowRows::Init(std::vector<Type> types, std::vector<uint32_t> columns_of_keys,
                      uint32_t partition_keys, std::vector<uint32_t> levels) {
  types_ = std::move(types);
  columns_of_keys_ = std::move(columns_of_keys);
  partition_keys_ = partition_keys;
  levels_ = std::move(levels);
  begins_.resize(columns_of_keys_.size() - partition_keys + 1);
  rows_.Init(types_);
}

void WindowRows::Clear() {
  rows_.Clear();
  for (WorkArray<uint32_t>& begins : begins_) begins.clear();
}

void WindowRows::Release() {
  rows_.Init(types_);
  for (WorkArray<uint32_t>& begins : begins_) begins = {};
}

void WindowRows::TakeIn(SortRuns* runs, const Interruption& interruption) {
  if (runs->is_one()) return runs->last().MoveTo(&rows_, interruption);
  std::vector<const SortRun*> all;
  runs->AppendTo(&all);
  SortMerge merge;
  merge.Merge(std::move(all), UINT64_MAX, interruption);
  Chunk chunk(types_);
  for (uint64_t done = 0; done < merge.count(); done += kVectorSize) {
    interruption.Check();
    merge.Gather(done, static_cast<uint32_t>(std::min<uint64_t>(merge.count() - done, kVectorSize)),
                 &chunk);
    rows_.Append(chunk);
  }
}

namespace {

// Where part number `part` of `parts` begins: between two vector sets.
uint64_t BeginOfPart(uint64_t rows, uint32_t part, uint32_t parts) {
  uint64_t sets = (rows + kVectorSize - 1) / kVectorSize;
  return std::min(rows, sets * part / parts * kVectorSize);
}

}  // namespace

void WindowRows::TakeIn(const SortMerge& merge, ParallelInput* threads, uint32_t count) {
  std::vector<RowCollection> parts;
  for (uint32_t i = 0; i < count; ++i) parts.emplace_back(types_);
  threads->RunParts(count, [&](uint32_t part) {
    Chunk chunk(types_);
    uint64_t end = BeginOfPart(merge.count(), part + 1, count);
    for (uint64_t at = BeginOfPart(merge.count(), part, count); at < end; at += kVectorSize) {
      threads->context(part)->CheckInterrupt();
      merge.Gather(at, static_cast<uint32_t>(std::min<uint64_t>(end - at, kVectorSize)), &chunk);
      parts[part].Append(chunk);
    }
  });
  for (RowCollection& part : parts) {
    if (part.row_count() > 0) rows_.Adopt(&part);
  }
}

// Sets changes[i] where row i differs from the one before it, for rows [first, end), which begin
// with a vector set.
void WindowRows::NoteChanges(uint32_t column, uint32_t first, uint32_t end,
                             WorkArray<uint8_t>* changes) const {
  uint16_t rows[kVectorSize] = {}, before[kVectorSize] = {}, equal[kVectorSize] = {};
  for (uint32_t i = 1; i < kVectorSize; ++i) {
    rows[i - 1] = static_cast<uint16_t>(i);
    before[i] = static_cast<uint16_t>(i - 1);
  }
  for (; first < end; first += kVectorSize) {
    CheckInterruption();
    const Vector& values = rows_.VectorOf(column, first);
    uint32_t part = std::min(end - first, kVectorSize);
    if (first > 0) {
      const Vector& last = rows_.VectorOf(column, first - 1);
      (*changes)[first] |= !EqualOrBothNull(last, kVectorSize - 1, values, 0);
    }
    if (part == 1) continue;
    uint32_t matches = MatchRows(values, values, Rows{rows, part - 1}, before, true, equal);
    uint32_t next = 0;
    for (uint32_t i = 1; i < part; ++i) {
      bool agrees = next < matches && equal[next] == i;
      next += agrees;
      (*changes)[first + i] |= !agrees;
    }
  }
}

void WindowRows::FindBoundaries(const Interruption& interruption, ParallelInput* threads,
                                uint32_t count) {
  WorkArray<uint8_t> changes;
  changes.assign(this->count(), 0);
  if (!changes.empty()) changes[0] = 1;
  for (uint32_t key = 0; key <= columns_of_keys_.size(); ++key) {
    interruption.Check();
    uint32_t level = key - partition_keys_;  // sort keys looked at so far
    bool wanted = key == partition_keys_ ||
                  (key > partition_keys_ &&
                   std::find(levels_.begin(), levels_.end(), level) != levels_.end());
    if (wanted) {
      WorkArray<uint32_t>& begins = begins_[level];
      for (uint32_t i = 0; i < changes.size(); ++i) {
        if (i % kVectorSize == 0) interruption.Check();
        if (changes[i] != 0) begins.push_back(i);
      }
      begins.push_back(this->count());
    }
    if (key == columns_of_keys_.size()) break;
    const uint32_t parts = std::max(count, 1u);
    auto note = [&](uint32_t part) {
      NoteChanges(columns_of_keys_[key],
                  static_cast<uint32_t>(BeginOfPart(changes.size(), part, parts)),
                  static_cast<uint32_t>(BeginOfPart(changes.size(), part + 1, parts)), &changes);
    };
    if (count > 1) {
      threads->RunParts(count, note);
    } else {
      note(0);
    }
  }
}

}  // namespace tupelo

// exec/group_table.cpp: probing a vector set at a time.
//
// Each open row walks to a free slot, which it takes for a new group, or to a slot with its 32 bits
// of hash. The latter rows are compared with the stored keys all at once, column by column; those
// that differ walk on from the next slot, and so on until no row is open. Keys of new groups are
// stored before the comparison, so that equal rows of one vector set meet in one group.
#include "exec/group_table.h"

#include <algorithm>
#include <bit>

#include "base/give_back.h"
#include "base/recycled.h"
#include "types/hash.h"

namespace tupelo {

namespace {

constexpr uint32_t kFirstSlots = 64;
constexpr size_t kSlotsToKeep = 1024;            // beyond the end of a run
constexpr size_t kSlotsOfFastGrowth = 1u << 20;  // more would take much memory for nothing
// Fewer free groups than this, and a vector set would be probed in small pieces.
constexpr uint32_t kLeastPiece = 256;

}  // namespace

struct GroupTable::Scratch : Recycled {
  uint64_t hash_by_row[kVectorSize];
  uint32_t slot_by_row[kVectorSize];
  uint32_t candidates[kVectorSize];
  uint16_t open[kVectorSize];
  uint16_t compared[kVectorSize];
  uint16_t fresh[kVectorSize];
  uint8_t equal[kVectorSize];
};

GroupTable::GroupTable(std::vector<Type> key_types, const Interruption* interruption)
    : interruption_(interruption) {
  keys_.Init(std::move(key_types));
}
GroupTable::~GroupTable() = default;

void GroupTable::Clear() {
  if (claimed_ != 0) std::fill(slots_.begin(), slots_.end(), 0);
  claimed_ = 0;
  keys_.Clear();
  code_groups_.Clear();
}

void GroupTable::Release() {
  Clear();
  if (slots_.size() <= kSlotsToKeep) return;
  limit_ = 0;
  GiveBackMemory(&slots_);
}

void GroupTable::Grow(uint32_t more_groups) {
  uint64_t wanted = (uint64_t{claimed_} + more_groups) * 2;
  uint64_t factor = slots_.size() < kSlotsOfFastGrowth ? 4 : 2;
  uint64_t size = std::max<uint64_t>({kFirstSlots, slots_.size() * factor, std::bit_ceil(wanted)});
  size = std::min(size, uint64_t{1} << 32);
  WorkArray<uint64_t> old;
  old.resize(size);
  old.swap(slots_);
  mask_ = static_cast<uint32_t>(size - 1);
  limit_ = static_cast<uint32_t>(size / 2);
  InterruptionCounter counter(interruption_);
  for (uint64_t slot : old) {
    counter.Step();
    if (slot == 0) continue;
    uint32_t at = static_cast<uint32_t>(slot >> 32) & mask_;
    while (slots_[at] != 0) at = (at + 1) & mask_;
    slots_[at] = slot;
  }
}

void GroupTable::Hash(const std::vector<const Vector*>& columns, Rows rows) {
  if (scratch_ == nullptr) scratch_ = std::make_unique_for_overwrite<Scratch>();
  uint64_t* hashes = scratch_->hash_by_row;
  if (columns.empty()) ForEachRow(rows, [&](uint32_t row) { hashes[row] = kNullHash; });
  for (size_t i = 0; i < columns.size(); ++i) HashVector(*columns[i], rows, hashes, i > 0);
}

// REQUIRES: room in slots_ for rows.count groups, when it adds.
template <bool kAdd>
uint32_t GroupTable::Probe(const std::vector<const Vector*>& columns, Rows rows, uint32_t* groups,
                           uint16_t* added) {
  Scratch& s = *scratch_;
  uint32_t open_count = rows.count, added_count = 0, rounds = 0;
  for (uint32_t i = 0; i < rows.count; ++i) {
    uint32_t row = rows[i];
    s.open[i] = static_cast<uint16_t>(row);
    s.slot_by_row[row] = static_cast<uint32_t>(s.hash_by_row[row] >> 32) & mask_;
  }
  while (open_count > 0) {
    uint32_t compared_count = 0, fresh_count = 0;
    for (uint32_t i = 0; i < open_count; ++i) {
      uint16_t row = s.open[i];
      uint64_t tag = s.hash_by_row[row] >> 32;
      uint32_t at = s.slot_by_row[row];
      while (slots_[at] != 0 && slots_[at] >> 32 != tag) at = (at + 1) & mask_;
      if (slots_[at] != 0) {
        s.slot_by_row[row] = at;
        s.candidates[compared_count] = static_cast<uint32_t>(slots_[at]) - 1;
        s.compared[compared_count++] = row;
      } else if (kAdd) {
        groups[row] = claimed_++;
        slots_[at] = tag << 32 | claimed_;
        s.fresh[fresh_count++] = row;
      } else {
        groups[row] = kNoGroup;
      }
    }
    if (kAdd && fresh_count > 0) {
      keys_.Append(columns, Rows{s.fresh, fresh_count});
      std::copy_n(s.fresh, fresh_count, added + added_count);
      added_count += fresh_count;
    }
    std::fill_n(s.equal, compared_count, uint8_t{1});
    for (size_t i = 0; i < columns.size(); ++i) {
      keys_.Compare(i, s.candidates, compared_count, *columns[i], s.compared, true, s.equal);
    }
    open_count = 0;
    for (uint32_t i = 0; i < compared_count; ++i) {
      uint16_t row = s.compared[i];
      groups[row] = s.candidates[i];
      s.slot_by_row[row] = (s.slot_by_row[row] + 1) & mask_;
      s.open[open_count] = row;
      open_count += s.equal[i] == 0;
    }
    ++rounds;
  }
  if (added_count > 0 && rounds > 1) PutInOrder(columns, rows, groups, added, added_count);
  return added_count;
}

// Where hashes agree and keys don't, groups were added round by round. Numbers the last
// `added_count` anew, in the order of the rows that made them.
void GroupTable::PutInOrder(const std::vector<const Vector*>& columns, Rows rows, uint32_t* groups,
                            uint16_t* added, uint32_t added_count) {
  Scratch& s = *scratch_;
  uint32_t first_new = claimed_ - added_count;
  uint32_t* number_of = s.slot_by_row;  // the new number of group first_new + i
  std::fill_n(number_of, added_count, kNoGroup);
  for (uint32_t i = 0, to = 0; to < added_count; ++i) {
    uint32_t row = rows[i];
    if (groups[row] < first_new || number_of[groups[row] - first_new] != kNoGroup) continue;
    number_of[groups[row] - first_new] = first_new + to;
    added[to++] = static_cast<uint16_t>(row);
  }
  // All slots are found before one is changed.
  for (uint32_t i = 0; i < added_count; ++i) {
    uint32_t at = static_cast<uint32_t>(s.hash_by_row[added[i]] >> 32) & mask_;
    while (static_cast<uint32_t>(slots_[at]) != groups[added[i]] + 1) at = (at + 1) & mask_;
    s.candidates[i] = at;
  }
  for (uint32_t i = 0; i < added_count; ++i) {
    uint64_t& slot = slots_[s.candidates[i]];
    slot = (slot >> 32 << 32) | (first_new + i + 1);
  }
  ForEachRow(rows, [&](uint32_t row) {
    if (groups[row] >= first_new) groups[row] = number_of[groups[row] - first_new];
  });
  keys_.Truncate(first_new);
  keys_.Append(columns, Rows{added, added_count});
}

uint32_t GroupTable::FindOrAdd(const std::vector<const Vector*>& columns, Rows rows,
                               uint32_t* groups, uint16_t* added) {
  if (!code_groups_.Covers(columns)) return FindOrAddByHash(columns, rows, groups, added);
  uint16_t unknown[kVectorSize];
  uint32_t count = code_groups_.Find(columns, rows, groups, unknown);
  if (count == 0) return 0;
  Rows asked{unknown, count};
  count = FindOrAddByHash(columns, asked, groups, added);
  code_groups_.Learn(asked, groups);
  code_groups_.FindAgain(rows, groups);
  return count;
}

uint32_t GroupTable::FindOrAddByHash(const std::vector<const Vector*>& columns, Rows rows,
                                     uint32_t* groups, uint16_t* added) {
  Hash(columns, rows);
  uint32_t done = 0, added_count = 0;
  uint16_t numbers[kVectorSize];
  while (done < rows.count) {
    uint32_t rest = rows.count - done;
    if (limit_ - claimed_ < std::min(rest, kLeastPiece)) Grow(std::min(rest, kLeastPiece));
    Rows piece{rows.rows == nullptr ? nullptr : rows.rows + done,
               std::min(rest, limit_ - claimed_)};
    if (rows.is_dense() && done > 0) {
      for (uint32_t i = 0; i < piece.count; ++i) numbers[i] = static_cast<uint16_t>(done + i);
      piece.rows = numbers;
    }
    added_count += Probe<true>(columns, piece, groups, added + added_count);
    done += piece.count;
  }
  return added_count;
}

void GroupTable::Find(const std::vector<const Vector*>& columns, Rows rows, uint32_t* groups) {
  if (claimed_ == 0) {
    ForEachRow(rows, [&](uint32_t row) { groups[row] = kNoGroup; });
    return;
  }
  Hash(columns, rows);
  Probe<false>(columns, rows, groups, nullptr);
}

}  // namespace tupelo

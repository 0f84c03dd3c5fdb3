// exec/join_table.cpp: filling the chains.
#include "exec/join_table.h"

#include <algorithm>
#include <bit>

#include "base/give_back.h"

namespace tupelo {

namespace {

// In `next` until Finish: the row stays out of the chains.
constexpr uint32_t kNotFound = 0xFFFFFFFFu;
constexpr size_t kBucketsInCache = 1u << 18;
constexpr size_t kBucketsToKeep = 4096;  // beyond the end of a run

}  // namespace

void JoinTable::Add(Rows rows, const uint64_t* hash_by_row, const uint8_t* is_key) {
  size_t first = links_.size();
  links_.resize(first + rows.count);
  for (uint32_t i = 0; i < rows.count; ++i) {
    bool found = is_key == nullptr || is_key[i] != 0;
    links_[first + i] = {static_cast<uint32_t>(hash_by_row[rows[i]] >> 32), found ? 0 : kNotFound};
  }
}

void JoinTable::AddPart(const JoinTable& part, size_t first_row) {
  links_.resize(first_row, Link{0, kNotFound});
  links_.Append(part.links_.data(), part.links_.size());
}

void JoinTable::Finish(const Interruption& interruption) {
  BeginFill();
  StoredRange all{0, static_cast<uint32_t>(links_.size())};
  Fill({&all, 1}, 0, 1, interruption);
}

void JoinTable::BeginFill() {
  size_t buckets = std::bit_ceil(std::max<size_t>(16, links_.size() + links_.size() / 2));
  heads_.assign(buckets, 0);
  mask_ = static_cast<uint32_t>(buckets - 1);
}

// Each part has buckets of its own.
void JoinTable::Fill(std::span<const StoredRange> ranges, uint32_t part, uint32_t parts,
                     const Interruption& interruption) {
  uint64_t buckets = heads_.size();
  auto first = static_cast<uint32_t>(buckets * part / parts);
  auto count = static_cast<uint32_t>(buckets * (part + 1) / parts - first);
  InterruptionCounter counter(&interruption);
  for (size_t range = ranges.size(); range-- > 0;) {  // backwards: chains then run forwards
    for (size_t i = ranges[range].end; i-- > ranges[range].first;) {
      counter.Step();
      Link& link = links_[i];
      uint32_t bucket = link.tag & mask_;
      if (bucket - first >= count) continue;
      if (link.next == kNotFound) {
        link.next = 0;
        continue;
      }
      link.next = heads_[bucket];
      heads_[bucket] = static_cast<uint32_t>(i + 1);
    }
  }
}

// In passes, so that many cache misses are under way at once.
void JoinTable::FindFirst(Rows rows, const uint64_t* hash_by_row, uint32_t* first) const {
  auto tag_of = [&](uint32_t i) { return static_cast<uint32_t>(hash_by_row[rows[i]] >> 32); };
  bool is_large = heads_.size() > kBucketsInCache;
  if (is_large) {
    for (uint32_t i = 0; i < rows.count; ++i) __builtin_prefetch(&heads_[tag_of(i) & mask_]);
  }
  for (uint32_t i = 0; i < rows.count; ++i) first[i] = heads_[tag_of(i) & mask_];
  if (is_large) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      if (first[i] != 0) __builtin_prefetch(&links_[first[i] - 1]);
    }
  }
  for (uint32_t i = 0; i < rows.count; ++i) first[i] = Skip(first[i], tag_of(i));
  if (is_large) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      uint32_t next = first[i] == 0 ? 0 : links_[first[i] - 1].next;
      if (next != 0) __builtin_prefetch(&links_[next - 1]);
    }
  }
}

void JoinTable::Clear() { links_.clear(); }

void JoinTable::Release() {
  Clear();
  if (links_.capacity() > kBucketsToKeep) GiveBackMemory(&links_);
  if (heads_.capacity() > kBucketsToKeep) GiveBackMemory(&heads_);
}

}  // namespace tupelo

// exec/join_table.cpp: filling the chains.
#include "exec/join_table.h"

#include <algorithm>
#include <bit>

namespace tupelo {

namespace {

constexpr uint32_t kNotFound =
    0xFFFFFFFFu;  // in `next` until Finish: the row stays out of the chains

}  // namespace

void JoinTable::Add(Rows rows, const uint64_t* hash_by_row, const uint8_t* is_key) {
  size_t first = links_.size();
  links_.resize(first + rows.count);
  for (uint32_t i = 0; i < rows.count; ++i) {
    bool found = is_key == nullptr || is_key[i] != 0;
    links_[first + i] = {static_cast<uint32_t>(hash_by_row[rows[i]] >> 32), found ? 0 : kNotFound};
  }
}

void JoinTable::Finish() {
  size_t buckets = std::bit_ceil(std::max<size_t>(16, links_.size() + links_.size() / 2));
  heads_.assign(buckets, 0);
  mask_ = static_cast<uint32_t>(buckets - 1);
  for (size_t i = links_.size(); i-- > 0;) {  // backwards: chains then run forwards
    Link& link = links_[i];
    if (link.next == kNotFound) {
      link.next = 0;
      continue;
    }
    uint32_t& head = heads_[link.tag & mask_];
    link.next = head;
    head = static_cast<uint32_t>(i + 1);
  }
}

void JoinTable::Clear() { links_.clear(); }

void JoinTable::Release() {
  links_ = {};
  heads_ = {};
}

}  // namespace tupelo

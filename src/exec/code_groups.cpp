// exec/code_groups.cpp: codes side by side make an index into a table of groups.
#include "exec/code_groups.h"

#include <algorithm>
#include <bit>

#include "types/string_dictionary.h"

namespace tupelo {

bool CodeGroups::CoversSlow(const std::vector<const Vector*>& keys) {
  bool are_known = keys.size() == keys_.size();
  for (size_t i = 0; i < keys.size(); ++i) {
    const StringCodes* codes = keys[i]->codes();
    if (codes == nullptr) return false;
    are_known = are_known && codes->dictionary->id() == keys_[i].dictionary_id &&
                codes->dictionary->size() <= keys_[i].size;
  }
  return are_known || Begin(keys);
}

bool CodeGroups::Begin(const std::vector<const Vector*>& keys) {
  keys_.clear();
  uint32_t bits = 0;
  for (const Vector* key : keys) {
    const StringDictionary& dictionary = *key->codes()->dictionary;
    auto own_bits = static_cast<uint32_t>(std::bit_width(dictionary.size() - 1));
    keys_.push_back({dictionary.id(), uint32_t{1} << own_bits, bits});
    bits += own_bits;
    if (bits > kMostBits) break;
  }
  if (bits > kMostBits) {
    keys_.clear();
    return false;
  }
  group_of_.assign(size_t{1} << bits, kUnknown);
  if (combination_of_ == nullptr) {
    combination_of_ = std::make_unique_for_overwrite<uint16_t[]>(kVectorSize);
  }
  return true;
}

void CodeGroups::Combine(const std::vector<const Vector*>& keys, Rows rows) {
  uint16_t* __restrict combinations = combination_of_.get();
  const uint8_t* first = keys[0]->codes()->codes;
  ForEachRow(rows, [&](uint32_t row) { combinations[row] = first[row]; });
  for (size_t i = 1; i < keys.size(); ++i) {
    const uint8_t* codes = keys[i]->codes()->codes;
    uint32_t shift = keys_[i].shift;
    ForEachRow(rows, [&](uint32_t row) {
      combinations[row] |= static_cast<uint16_t>(codes[row] << shift);
    });
  }
}

uint32_t CodeGroups::Find(const std::vector<const Vector*>& keys, Rows rows, uint32_t* groups,
                          uint16_t* unknown) {
  Combine(keys, rows);
  uint32_t highest = 0;
  ForEachRow(rows, [&](uint32_t row) {
    groups[row] = group_of_[combination_of_[row]];
    highest = std::max(highest, groups[row]);
  });
  if (highest < kListed) return 0;
  uint32_t count = 0;
  ForEachRow(rows, [&](uint32_t row) {
    uint32_t& group = group_of_[combination_of_[row]];
    if (group != kUnknown) return;
    group = kListed;
    unknown[count++] = static_cast<uint16_t>(row);
  });
  return count;
}

void CodeGroups::Learn(Rows unknown, const uint32_t* groups) {
  ForEachRow(unknown, [&](uint32_t row) { group_of_[combination_of_[row]] = groups[row]; });
}

void CodeGroups::FindAgain(Rows rows, uint32_t* groups) const {
  ForEachRow(rows, [&](uint32_t row) { groups[row] = group_of_[combination_of_[row]]; });
}

}  // namespace tupelo

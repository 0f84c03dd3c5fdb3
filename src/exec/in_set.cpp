// exec/in_set.cpp: an open-addressing table over the hashes of the list.
#include "exec/in_set.h"

#include <algorithm>

#include "types/compare.h"
#include "types/hash.h"

namespace tupelo {

void InSet::Fill(const std::vector<const Vector*>& items, uint64_t run) {
  filled_in_run_ = run;
  has_null_ = false;
  items_.SetType(items.front()->type());
  items_.PrepareWrite(static_cast<uint32_t>(items.size()));
  uint32_t count = 0;
  for (const Vector* item : items) {
    if (!item->IsValid(0)) {
      has_null_ = true;
      continue;
    }
    items_.Append(count++, *item, Rows{nullptr, 1}, true);
  }
  hashes_.resize(count);
  HashVector(items_, Rows{nullptr, count}, hashes_.data(), false);
  size_t size = 16;
  while (size < size_t{count} * 2) size *= 2;
  slots_.assign(size, Slot{0, 0});
  for (uint32_t i = 0; i < count; ++i) {
    size_t at = hashes_[i] & (size - 1);
    while (slots_[at].item != 0) at = (at + 1) & (size - 1);
    slots_[at] = {hashes_[i], i + 1};
  }
}

bool InSet::Contains(const Vector& values, uint32_t row, uint64_t hash) const {
  for (size_t at = hash & (slots_.size() - 1); slots_[at].item != 0;
       at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash == hash && CompareValues(values, row, items_, slots_[at].item - 1) == 0) {
      return true;
    }
  }
  return false;
}

void InSet::Match(const Vector& values, Rows rows, Vector* result) {
  bool constant = values.is_constant();
  if (constant) rows = Rows{nullptr, 1};
  result->PrepareWrite(rows.is_dense() ? rows.count : kVectorSize);
  uint64_t hashes[kVectorSize];
  HashVector(values, rows, hashes, false);
  auto* truth = result->MutableData<uint8_t>();
  for (uint32_t i = 0; i < rows.count; ++i) {
    uint32_t row = rows[i];
    truth[row] = 0;
    if (!values.IsValid(row)) {
      result->SetNull(row);
    } else if (Contains(values, row, hashes[row])) {
      truth[row] = 1;
    } else if (has_null_) {
      result->SetNull(row);
    }
  }
  result->SetConstant(constant);
}

}  // namespace tupelo

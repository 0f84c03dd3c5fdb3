// engine/transaction_parts.h: the records of the log that make up a transaction.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "base/work_array.h"
#include "storage/stored_bytes.h"

namespace tupelo {

// A record of the log is a byte of flags, and changes of one transaction or a part of them.
inline constexpr uint8_t kFirstTransactionPart = 1, kLastTransactionPart = 2;

// Puts the changes of a transaction together, in work memory of the calling thread's scope. One
// whose last part is missing did not commit: there was no room for it in the log, or the process
// ended.
class TransactionParts {
 public:
  // Whether `record` is the last part of a transaction.
  bool Add(std::span<const uint8_t> record) {
    if (record.empty() || record[0] > (kFirstTransactionPart | kLastTransactionPart))
      ThrowDamaged("a record of the log");
    bool is_first = (record[0] & kFirstTransactionPart) != 0,
         is_last = (record[0] & kLastTransactionPart) != 0;
    if (is_first) {
      gathered_.clear();
    } else if (gathered_.empty()) {
      ThrowDamaged("a part of a transaction without those before it");
    }
    changes_ = record.subspan(1);
    if (is_first && is_last) return true;
    gathered_.Append(changes_.data(), changes_.size());
    if (!is_last) return false;
    complete_ = std::exchange(gathered_, {});
    changes_ = {complete_.data(), complete_.size()};
    return true;
  }
  // As if this had been handed the same records; changes() are not.
  void CopyFrom(const TransactionParts& other) {
    gathered_.clear();
    gathered_.Append(other.gathered_.data(), other.gathered_.size());
  }
  // Good until the next Add.
  std::span<const uint8_t> changes() const { return changes_; }

 private:
  WorkArray<uint8_t> gathered_, complete_;
  std::span<const uint8_t> changes_;
};

}  // namespace tupelo

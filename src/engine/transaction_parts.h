// engine/transaction_parts.h: the records of the log that make up a transaction.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "storage/stored_bytes.h"

namespace tupelo {

// A record of the log is a byte of flags, and changes of one transaction or a part of them.
inline constexpr uint8_t kFirstTransactionPart = 1, kLastTransactionPart = 2;

// Puts the changes of a transaction together. One whose last part is missing did not commit: there
// was no room for it in the log.
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
    gathered_.insert(gathered_.end(), changes_.begin(), changes_.end());
    if (!is_last) return false;
    complete_ = std::exchange(gathered_, {});
    changes_ = complete_;
    return true;
  }
  // Good until the next Add.
  std::span<const uint8_t> changes() const { return changes_; }

 private:
  std::vector<uint8_t> gathered_, complete_;
  std::span<const uint8_t> changes_;
};

}  // namespace tupelo

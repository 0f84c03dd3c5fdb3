// txn/conflict.h: what ends a statement that meets another transaction's changes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "txn/view.h"

namespace tupelo {

// 40001. When transactions are active that decide about it, the statement, once undone, may wait
// for one of them to end and be run again.
class ConflictError : public Error {
 public:
  // `blockers`: active transactions; none: one has committed since the snapshot.
  ConflictError(std::string message, std::vector<TransactionId> blockers,
                Position position = kNoPosition)
      : Error(ErrorCode::kSerializationFailure, std::move(message), position),
        blockers_(std::move(blockers)) {}
  const std::vector<TransactionId>& blockers() const { return blockers_; }

 private:
  std::vector<TransactionId> blockers_;
};

}  // namespace tupelo

// exec/shared_rows.h: rows that several scans of one execution read.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/operator.h"
#include "exec/row_collection.h"

namespace tupelo {

// Operators below find it in ExecutionContext::shared_rows by its number when they are built; it
// must outlive them. One thread at a time, like operators.
class SharedRows {
 public:
  virtual ~SharedRows() = default;
  // The rows as they are now. References are good until they change.
  virtual const RowCollection& Rows() = 0;
};

// kInternalError when no such rows are registered.
SharedRows* FindSharedRows(const ExecutionContext& context, uint32_t number);

// A table of WITH: its plan runs when the rows are first asked for, once in a run of the statement.
class CommonTableRows : public SharedRows {
 public:
  CommonTableRows(const CommonTablePlan& table, ExecutionContext* context);

  const RowCollection& Rows() override;
  // Gives the memory back; the next run computes the rows anew.
  void Release();
  const Operator& root() const { return *root_; }

 private:
  ExecutionContext* context_;
  OperatorPtr root_;
  RowCollection rows_;
  uint64_t run_ = 0;         // that the rows belong to; 0: none
  bool was_opened_ = false;  // since the last Release
};

}  // namespace tupelo

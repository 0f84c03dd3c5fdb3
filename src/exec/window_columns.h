// exec/window_columns.h: what a window operator keeps of its input, and where.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/evaluator.h"
#include "exec/window_function.h"

namespace tupelo {

// The columns of the input that go up or are keys, and the arguments of the functions. Made of the
// same plan node it numbers them in the same way, whatever the chunk of the input. Not thread-safe:
// each worker has its own.
class WindowColumns {
 public:
  WindowColumns(const PlanNode& node, ExecutionContext* context, const Chunk& input,
                const ColumnMap* outer);

  void Evaluate(Rows rows) { evaluator_.Run(rows); }
  const std::vector<const Vector*>& kept() const { return kept_; }
  std::vector<Type> types() const;
  // The keys of the order, those of PARTITION BY first, and which of the columns they are.
  const std::vector<KeyColumn>& keys() const { return keys_; }
  const std::vector<uint32_t>& columns_of_keys() const { return columns_of_keys_; }

  // Where a column of the output comes from: the function or, where that is kNoFunction, the column
  // kept.
  static constexpr uint32_t kNoFunction = 0xFFFFFFFFu;
  struct Source {
    uint32_t function = kNoFunction;
    uint32_t column = 0;
  };
  const std::vector<Source>& sources() const { return sources_; }

  // The functions over `rows`, for one thread with that context.
  std::vector<WindowFunctionPtr> MakeFunctions(const WindowRows& rows, ExecutionContext* context,
                                               const ColumnMap* outer) const;

 private:
  // Columns of what a function reads.
  struct Read {
    std::vector<uint32_t> arguments, order;
    uint32_t filter = 0;
  };
  uint32_t KeepColumn(ColumnId id);
  uint32_t KeepVector(const Vector* vector);
  void AddKeys();
  void AddFunction(const WindowColumn& column);

  const PlanNode& node_;
  ColumnMap columns_;
  Evaluator evaluator_;
  std::vector<const Vector*> kept_;
  std::vector<KeyColumn> keys_;
  std::vector<uint32_t> columns_of_keys_;
  std::vector<Read> reads_;  // by function
  std::vector<Source> sources_;
};

}  // namespace tupelo

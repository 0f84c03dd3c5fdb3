// exec/operator.h: a running plan node.
#pragma once

#include <cstdint>
#include <memory>

#include "base/recycled.h"
#include "base/scratch_array.h"
#include "exec/column_map.h"
#include "exec/execution_context.h"
#include "plan/plan.h"
#include "types/chunk.h"

namespace tupelo {

struct SharedPipeline;

// Built once from a plan node, run any number of times: Open, Next until nullptr, Close. Buffers
// belong to the operator and are kept between runs, so running again allocates nothing. One thread
// at a time. Steps that read tables take the database's latch (exec/read_scope.h).
class Operator : public Recycled {
 public:
  virtual ~Operator() = default;

  // Starts a run, children first opened by the operator itself; also restarts in the middle of one.
  void Open() {
    slice_next_ = slice_end_ = 0;
    OpenSelf();
  }
  // The next vector set (never empty), or nullptr at the end. It is output(), valid until the next
  // call.
  Chunk* Next() {
    if (context_->is_plain) return Step();
    return SlicedStep();
  }
  // Gives pins and big buffers back; harmless when not open.
  virtual void Close() = 0;

  // Of a pipeline that workers are about to run copies of, after Open: does what is done once for
  // all of them, down to the scan.
  virtual void PrepareWorkers(SharedPipeline* /*shared*/) {}

  // The chunk that Next returns: one object with fixed column vectors for the operator's life.
  virtual Chunk& output() { return output_; }

  // Child number i, nullptr behind the last: for EXPLAIN ANALYZE.
  virtual const Operator* child(size_t /*i*/) const { return nullptr; }

  const PlanNode& node() const { return *node_; }
  uint64_t rows_out() const { return rows_out_; }
  uint64_t time_ns() const { return time_ns_; }
  void ResetMeasures() { rows_out_ = time_ns_ = 0; }
  // Adds what was measured of a worker's copy of this pipeline, and forgets it there.
  void TakeMeasures(Operator* copy);

 protected:
  Operator(const PlanNode& node, ExecutionContext* context) : node_(&node), context_(context) {}
  // An operator that makes its own chunk has the columns of its plan node.
  void InitOutput() {
    std::vector<Type> types;
    types.reserve(node_->output.size());
    for (const OutputColumn& column : node_->output) types.push_back(column.type);
    output_.Init(types);
  }

  virtual void OpenSelf() = 0;
  virtual Chunk* Step() = 0;

  const PlanNode* node_;
  ExecutionContext* context_;
  Chunk output_;

 private:
  Chunk* MeasuredStep();
  Chunk* SlicedStep();
  Chunk* NextSlice();

  // Of a vector set that is given in parts, since the statement has asked for smaller ones.
  ScratchArray<uint16_t> slice_rows_;
  uint32_t slice_next_ = 0, slice_end_ = 0;
  Chunk* sliced_ = nullptr;
  uint64_t rows_out_ = 0, time_ns_ = 0;
};
// What the root of INSERT, UPDATE and DELETE can do besides: its input may be run several times
// (executemany) within one statement.
class TableWriteOperator {
 public:
  virtual ~TableWriteOperator() = default;
  // Before the first Open of a statement.
  virtual void BeginStatement() = 0;
  // After the last: referential actions, keys and foreign keys.
  virtual void FinishStatement() = 0;
  virtual uint64_t rows_changed() const = 0;
};

using OperatorPtr = std::unique_ptr<Operator>;

// Makes the operators of a plan. `columns` are those of enclosing queries (nullptr: none). The plan
// must outlive them.
OperatorPtr BuildOperator(const PlanNode& node, ExecutionContext* context,
                          const ColumnMap* outer_columns);
// The same where the rows go to a reader that takes them one after the other, and to child `number`
// of an operator: several threads compute them where that pays (exec/gather.h).
OperatorPtr BuildResult(const PlanNode& node, ExecutionContext* context,
                        const ColumnMap* outer_columns);
OperatorPtr BuildInput(const PlanNode& parent, size_t number, ExecutionContext* context,
                       const ColumnMap* outer_columns);

}  // namespace tupelo

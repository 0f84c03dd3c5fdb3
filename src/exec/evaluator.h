// exec/evaluator.h: expressions compiled to a flat list of kernel calls.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/scratch_array.h"
#include "exec/column_map.h"
#include "exec/execution_context.h"
#include "plan/expression.h"
#include "types/chunk.h"

namespace tupelo {

class CodeResults;
class Subquery;
class InSet;

// Computes expressions over vector sets. Registers are vectors of its own; columns are read where
// the map says. What a guard excludes (CASE, COALESCE, AND, OR) is not evaluated on the rows that
// it excludes, as far as it may fail there: a step runs over a set of rows, and guards make
// narrower sets.
class Evaluator {
 public:
  Evaluator(ExecutionContext* context, const ColumnMap* columns);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;

  // Compiles; returns the vector that holds the value after Run (a column itself is its own
  // vector).
  const Vector* Add(const BoundExpression& expression);

  // Runs all steps over `rows`. Results are good until the next Run and as long as the input is.
  void Run(Rows rows);

 private:
  enum class StepKind : uint8_t {
    kCall,         // output = function(arguments)
    kCopy,         // output[rows] = arguments[0][rows]
    kPrepare,      // output becomes flat and writable
    kSplit,        // target = rows where arguments[0] is true; target2 = the others
    kKeepNull,     // target = rows where arguments[0] is null
    kKeepOpenAnd,  // target = rows where arguments[0] is not false
    kKeepOpenOr,   // target = rows where arguments[0] is not true
    kAnd,          // output = output AND arguments[0]
    kOr,
    kInSet,
    kSubquery,
    kSetNull,  // output[rows] = null
    kNextIdentity,
    kNextValue,
    kLastValue,
  };
  struct RowSet {
    Rows rows;
    ScratchArray<uint16_t> buffer;
    uint32_t capacity = 0;
    uint16_t* Buffer(uint32_t needed);
  };
  static constexpr uint32_t kNoArgument = 0xFFFFFFFFu;
  struct Step {
    StepKind kind;
    uint32_t rows = 0, target = 0, target2 = 0;  // row sets
    Vector* output = nullptr;
    std::vector<const Vector*> arguments;
    const BoundFunction* function = nullptr;
    std::unique_ptr<FunctionData> data;
    Position position = kNoPosition;
    const BoundExpression* expression =
        nullptr;  // kCall of an assignment, kNextIdentity: names the column
    // kCall, kInSet: the argument that alone may differ from row to row, where that is a string.
    // When it comes with codes the function is computed once a value.
    uint32_t varying = kNoArgument;
    std::unique_ptr<CodeResults> code_results;  // made when they are first wanted
    std::unique_ptr<InSet> in_set;
    std::unique_ptr<Subquery> subquery;
  };

  const Vector* Compile(const BoundExpression& expression, uint32_t rows);
  const Vector* CompileCall(const BoundExpression& expression, uint32_t rows);
  const Vector* CompileCase(const BoundExpression& expression, uint32_t rows);
  const Vector* CompileCoalesce(const BoundExpression& expression, uint32_t rows);
  const Vector* CompileJunction(const BoundExpression& expression, uint32_t rows);
  const Vector* CompileInSet(const BoundExpression& expression, uint32_t rows);
  const Vector* CompileSubquery(const BoundExpression& expression, uint32_t rows);
  Vector* NewRegister(const Type& type);
  uint32_t NewRowSet();
  Step& AddStep(StepKind kind, uint32_t rows, Vector* output, const Vector* argument = nullptr);
  void RunStep(Step& step);
  static bool HasCodes(const Step& step);
  void RunByCode(Step& step, Rows rows);
  void RunFunction(const Step& step, std::span<const Vector* const> arguments, Rows rows,
                   Vector* output);
  void RunCall(Step& step, Rows rows);
  void RunInSet(Step& step, Rows rows);
  void RunKeep(Step& step, Rows rows);
  const Vector* CompileNextValue(const BoundExpression& expression, uint32_t rows);
  void RunNextIdentity(Step& step, Rows rows);
  void RunNextValue(Step& step, Rows rows);
  void RunSetValue(Step& step, Rows rows);
  void RunLastValue(Step& step, Rows rows);

  ExecutionContext* context_;
  const ColumnMap* columns_;
  std::vector<std::pair<ColumnId, const Vector*>> named_;  // by kLet, while it is compiled
  std::vector<std::unique_ptr<Vector>> registers_;
  std::vector<RowSet> row_sets_;
  std::vector<Step> steps_;
};

// Says in the error which column the expression's value was meant for.
void NameColumn(const BoundExpression& expression, Error* error);

// target[row] = source[row] for `rows`, validity too; strings are not copied. REQUIRES: target
// prepared for these rows.
void CopyRows(const Vector& source, Rows rows, Vector* target);

// Rows of `rows` for which the BOOLEAN `condition` is true, written to `selection` (room for all of
// them). Returns how many.
uint32_t SelectTrue(const Vector& condition, Rows rows, uint16_t* selection);

// A conjunction that narrows a chunk's rows, one conjunct after the other.
class Predicate {
 public:
  Predicate(ExecutionContext* context, const ColumnMap* columns, const BoundExpression& condition);
  // Narrows chunk's rows to those for which the condition is true.
  void Apply(Chunk* chunk);

 private:
  struct Conjunct {
    Evaluator evaluator;
    const Vector* value;
  };
  std::vector<Conjunct> conjuncts_;
  // The selection of a few rows lies here, so that a look-up by key does without a chunk's own
  // buffer.
  static constexpr uint32_t kFewRows = 16;
  uint16_t few_[kFewRows];
};

}  // namespace tupelo

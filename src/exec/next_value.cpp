// exec/next_value.cpp: steps that take numbers of identity columns and sequences.
#include "exec/evaluator.h"
#include "exec/read_scope.h"

namespace tupelo {

namespace {

// Writes a whole number as the vector's type, which has room for it.
void StoreInteger(int64_t number, uint32_t row, Vector* target) {
  switch (target->physical()) {
    case PhysicalType::kInt16:
      target->MutableData<int16_t>()[row] = static_cast<int16_t>(number);
      break;
    case PhysicalType::kInt32:
      target->MutableData<int32_t>()[row] = static_cast<int32_t>(number);
      break;
    case PhysicalType::kInt64: target->MutableData<int64_t>()[row] = number; break;
    default: target->MutableData<int128_t>()[row] = number;
  }
}

void PrepareFor(Rows rows, Vector* output) {
  output->PrepareWrite(rows.is_dense() ? rows.count : kVectorSize);
}

}  // namespace

void ExecutionContext::NoteTaken(const std::shared_ptr<IdentitySequence>& sequence) const {
  if (unlogged_sequences == nullptr || sequence->is_unlogged) return;
  unlogged_sequences->push_back(sequence);
  sequence->is_unlogged = true;
}

void Evaluator::RunNextIdentity(Step& step, Rows rows) {
  const TableDefinition& table = *step.expression->assigned_table;
  const std::shared_ptr<IdentitySequence>& identity =
      table.columns[step.expression->assigned_column].identity;
  IdentitySequence& sequence = *identity;
  WriteScope scope(context_);
  context_->NoteTaken(identity);
  PrepareFor(rows, step.output);
  ForEachRow(rows, [&](uint32_t row) {
    int64_t number;
    if (!sequence.Take(&number)) {
      Error error(ErrorCode::kSequenceExhausted,
                  "the identity column has given its last number, and does not cycle");
      NameColumn(*step.expression, &error);
      throw error;
    }
    StoreInteger(number, row, step.output);
  });
}

// All NEXT VALUE FOR of one sequence are one number in a row (SQL:2003 part 2, 6.13), so it is
// taken for every row, whatever a guard would exclude.
const Vector* Evaluator::CompileNextValue(const BoundExpression& expression, uint32_t rows) {
  if (!expression.arguments.empty()) {
    std::vector<const Vector*> arguments;
    for (const ExpressionPtr& argument : expression.arguments) {
      arguments.push_back(Compile(*argument, rows));
    }
    Step& step = AddStep(StepKind::kNextValue, rows, NewRegister(expression.type));
    step.arguments = std::move(arguments);
    step.expression = &expression;
    return step.output;
  }
  if (expression.is_shared) {
    rows = 0;
    for (const Step& step : steps_) {
      if (step.kind == StepKind::kNextValue && step.expression->is_shared &&
          step.expression->sequence->id == expression.sequence->id) {
        return step.output;
      }
    }
  }
  Step& step = AddStep(StepKind::kNextValue, rows, NewRegister(expression.type));
  step.expression = &expression;
  return step.output;
}

void Evaluator::RunNextValue(Step& step, Rows rows) {
  if (!step.arguments.empty()) return RunSetValue(step, rows);
  const SequenceDefinition& sequence = *step.expression->sequence;
  if (rows.count == 0) return;
  WriteScope scope(context_);
  context_->NoteTaken(sequence.numbers);
  PrepareFor(rows, step.output);
  int64_t number = 0;
  ForEachRow(rows, [&](uint32_t row) {
    if (!sequence.numbers->Take(&number)) {
      throw Error(
          ErrorCode::kSequenceExhausted,
          "the sequence has given its last number, and does not cycle: " + sequence.name.spelling,
          step.expression->position);
    }
    StoreInteger(number, row, step.output);
  });
  if (SessionNumbers* numbers = context_->numbers) {
    numbers->of_sequence[sequence.id] = numbers->last = number;
    numbers->last_sequence = sequence.id;
    numbers->has_last = true;
  }
}

// setval: null, and nothing set, where an argument is null.
void Evaluator::RunSetValue(Step& step, Rows rows) {
  const SequenceDefinition& sequence = *step.expression->sequence;
  const IdentitySequence& limits = *sequence.numbers;
  if (rows.count == 0) return;
  WriteScope scope(context_);
  context_->NoteTaken(sequence.numbers);
  PrepareFor(rows, step.output);
  ForEachRow(rows, [&](uint32_t row) {
    StoreInteger(0, row, step.output);
    for (const Vector* argument : step.arguments) {
      if (!argument->IsValid(row)) return step.output->SetNull(row);
    }
    auto number = step.arguments[0]->At<int64_t>(row);
    bool is_taken = step.arguments.size() < 2 || step.arguments[1]->At<uint8_t>(row) != 0;
    if (number < limits.minimum || number > limits.maximum) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  "setval of sequence " + sequence.name.spelling + " takes a number from " +
                      std::to_string(limits.minimum) + " to " + std::to_string(limits.maximum) +
                      ": " + std::to_string(number),
                  step.expression->position);
    }
    sequence.numbers->GoOnFrom(number, is_taken);
    StoreInteger(number, row, step.output);
    SessionNumbers* numbers = context_->numbers;
    if (numbers == nullptr || !is_taken) return;
    numbers->of_sequence[sequence.id] = number;
    if (numbers->has_last && numbers->last_sequence == sequence.id) numbers->last = number;
  });
}

void Evaluator::RunLastValue(Step& step, Rows rows) {
  const SequenceDefinition* sequence = step.expression->sequence.get();
  const SessionNumbers* numbers = context_->numbers;
  int64_t number = 0;
  bool found = false;
  if (numbers != nullptr && sequence == nullptr) {
    found = numbers->has_last;
    number = numbers->last;
  } else if (numbers != nullptr) {
    auto place = numbers->of_sequence.find(sequence->id);
    found = place != numbers->of_sequence.end();
    if (found) number = place->second;
  }
  if (!found && rows.count != 0) {
    throw Error(ErrorCode::kObjectNotReady,
                sequence == nullptr ? "this session has not taken a number of any sequence yet"
                                    : "this session has not taken a number of the sequence yet: " +
                                          sequence->name.spelling,
                step.expression->position);
  }
  PrepareFor(rows, step.output);
  ForEachRow(rows, [&](uint32_t row) { StoreInteger(number, row, step.output); });
}

}  // namespace tupelo

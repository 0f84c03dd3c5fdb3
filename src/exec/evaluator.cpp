// exec/evaluator.cpp: running the steps.
//
// Row set 0 is what Run was given. kSplit and the kKeep steps make narrower sets; a step whose set
// is empty is skipped, and so is all that depends on it. Constant arguments are computed once per
// vector set.
#include "exec/evaluator.h"

#include "base/interruption_scope.h"
#include "exec/code_results.h"
#include "exec/in_set.h"
#include "exec/subquery.h"
#include "functions/random.h"

namespace tupelo {

namespace {

constexpr size_t kStepsWithoutCheck = 64;  // of an evaluator, or conjuncts of a predicate

}  // namespace

Evaluator::Evaluator(ExecutionContext* context, const ColumnMap* columns)
    : context_(context), columns_(columns) {
  row_sets_.emplace_back();
}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

uint16_t* Evaluator::RowSet::Buffer(uint32_t needed) {
  if (capacity < needed) {
    capacity = needed <= 16 ? 16 : kVectorSize;
    buffer = MakeScratchArray<uint16_t>(capacity);
  }
  return buffer.get();
}

void Evaluator::Run(Rows rows) {
  row_sets_[0].rows = rows;
  size_t left = kStepsWithoutCheck;
  for (Step& step : steps_) {
    if (--left == 0) {
      left = kStepsWithoutCheck;
      CheckInterruption();
    }
    RunStep(step);
  }
}

namespace {

uint32_t CapacityFor(Rows rows) {
  if (rows.is_dense()) return rows.count;
  uint32_t highest = 0;
  for (uint32_t i = 0; i < rows.count; ++i) {
    if (rows.rows[i] > highest) highest = rows.rows[i];
  }
  return highest + 1;
}

// target = target AND term (or OR): three-valued, row by row.
void Combine(bool is_and, const Vector& term, Rows rows, Vector* target) {
  auto* truth = target->MutableData<uint8_t>();
  const auto* terms = term.Data<uint8_t>();
  if (!target->may_have_nulls() && !term.may_have_nulls() && !term.is_constant()) {
    if (is_and) {
      ForEachRow(rows, [&](uint32_t row) { truth[row] &= terms[row]; });
    } else {
      ForEachRow(rows, [&](uint32_t row) { truth[row] |= terms[row]; });
    }
    return;
  }
  uint8_t deciding = is_and ? 0 : 1;
  ForEachRow(rows, [&](uint32_t row) {
    bool left_valid = target->IsValid(row), right_valid = term.IsValid(row);
    uint8_t right = terms[term.Index(row)];
    if (left_valid && truth[row] == deciding) return;
    if (right_valid && right == deciding) {
      truth[row] = deciding;
      target->SetValid(row);
    } else if (!left_valid || !right_valid) {
      target->SetNull(row);
    } else {
      truth[row] = !deciding;
    }
  });
}

}  // namespace

void NameColumn(const BoundExpression& expression, Error* error) {
  const TableDefinition& table = *expression.assigned_table;
  const ColumnDefinition& column = table.columns[expression.assigned_column];
  *error = Error(error->code(),
                 error->message() + " (column " + column.name.spelling + " of table " +
                     table.name.spelling + ")",
                 error->position());
  error->OnTable(table.name.spelling).OnColumn(column.name.spelling);
}

void Evaluator::RunFunction(const Step& step, std::span<const Vector* const> arguments, Rows rows,
                            Vector* output) {
  try {
    step.function->kernel({arguments, output, rows, step.data.get(), &context_->evaluation});
  } catch (Error& error) {
    error.AtPosition(step.position);
    if (step.expression != nullptr) NameColumn(*step.expression, &error);
    throw;
  }
}

void Evaluator::RunCall(Step& step, Rows rows) {
  if (HasCodes(step)) return RunByCode(step, rows);
  bool constant = !step.arguments.empty() || !DiffersByRow(*step.function);
  for (const Vector* argument : step.arguments) constant &= argument->is_constant();
  RunFunction(step, step.arguments, constant ? Rows{nullptr, 1} : rows, step.output);
  step.output->SetConstant(constant);
}

void Evaluator::RunInSet(Step& step, Rows rows) {
  if (!step.in_set->is_filled(context_->run)) {
    step.in_set->Fill({step.arguments.begin() + 1, step.arguments.end()}, context_->run);
  }
  if (HasCodes(step)) return RunByCode(step, rows);
  step.in_set->Match(*step.arguments[0], rows, step.output);
}

bool Evaluator::HasCodes(const Step& step) {
  return step.varying != kNoArgument && step.arguments[step.varying]->codes() != nullptr;
}

void Evaluator::RunByCode(Step& step, Rows rows) {
  const Vector& argument = *step.arguments[step.varying];
  if (step.code_results == nullptr) {
    step.code_results = std::make_unique<CodeResults>(argument.type(), step.output->type());
  }
  CodeResults& results = *step.code_results;
  bool may_fail = step.kind == StepKind::kCall && step.function->may_fail;
  Rows missing = results.Missing(argument, rows, context_->run, may_fail);
  if (missing.count > 0) {
    if (step.kind == StepKind::kInSet) {
      step.in_set->Match(results.values(), missing, results.fresh());
    } else {
      std::vector<const Vector*> arguments = step.arguments;
      arguments[step.varying] = &results.values();
      try {
        RunFunction(step, arguments, missing, results.fresh());
      } catch (...) {
        results.Forget();
        throw;
      }
    }
    results.Keep(missing);
  }
  results.Fill(argument, rows, step.output);
}

void Evaluator::RunKeep(Step& step, Rows rows) {
  const Vector& value = *step.arguments[0];
  RowSet& target = row_sets_[step.target];
  uint16_t* kept = target.Buffer(rows.count);
  uint32_t count = 0;
  const auto* truth = value.Data<uint8_t>();
  switch (step.kind) {
    case StepKind::kSplit: {
      RowSet& others = row_sets_[step.target2];
      uint16_t* rest = others.Buffer(rows.count);
      uint32_t rest_count = 0;
      ForEachRow(rows, [&](uint32_t row) {
        bool is_true = value.IsValid(row) && truth[value.Index(row)] != 0;
        kept[count] = static_cast<uint16_t>(row);
        rest[rest_count] = static_cast<uint16_t>(row);
        count += is_true;
        rest_count += !is_true;
      });
      others.rows = {rest, rest_count};
      break;
    }
    case StepKind::kKeepNull:
      ForEachRow(rows, [&](uint32_t row) {
        kept[count] = static_cast<uint16_t>(row);
        count += !value.IsValid(row);
      });
      break;
    default: {  // kKeepOpenAnd, kKeepOpenOr: what the terms so far have not decided
      uint8_t deciding = step.kind == StepKind::kKeepOpenAnd ? 0 : 1;
      ForEachRow(rows, [&](uint32_t row) {
        kept[count] = static_cast<uint16_t>(row);
        count += !(value.IsValid(row) && truth[value.Index(row)] == deciding);
      });
    }
  }
  target.rows = {kept, count};
}

void Evaluator::RunStep(Step& step) {
  Rows rows = row_sets_[step.rows].rows;
  if (rows.count == 0) {
    if (step.target != 0) row_sets_[step.target].rows = {row_sets_[step.target].Buffer(1), 0};
    if (step.target2 != 0) row_sets_[step.target2].rows = {row_sets_[step.target2].Buffer(1), 0};
    return;
  }
  switch (step.kind) {
    case StepKind::kCall: RunCall(step, rows); break;
    case StepKind::kPrepare: step.output->PrepareWrite(CapacityFor(rows)); break;
    case StepKind::kCopy: CopyRows(*step.arguments[0], rows, step.output); break;
    case StepKind::kSetNull:
      ForEachRow(rows, [&](uint32_t row) { step.output->SetNull(row); });
      break;
    case StepKind::kNextIdentity: RunNextIdentity(step, rows); break;
    case StepKind::kNextValue: RunNextValue(step, rows); break;
    case StepKind::kLastValue: RunLastValue(step, rows); break;
    case StepKind::kAnd:
    case StepKind::kOr:
      Combine(step.kind == StepKind::kAnd, *step.arguments[0], rows, step.output);
      break;
    case StepKind::kInSet: RunInSet(step, rows); break;
    case StepKind::kSubquery: try { step.subquery->Evaluate(rows, step.output);
      } catch (Error& error) {
        error.AtPosition(step.position);
        throw;
      }
      break;
    default: RunKeep(step, rows);
  }
}

namespace {

template <typename T>
void CopyValues(const Vector& source, Rows rows, Vector* target) {
  const T* from = source.Data<T>();
  T* to = target->MutableData<T>();
  if (source.is_constant()) {
    T value = from[0];
    ForEachRow(rows, [&](uint32_t row) { to[row] = value; });
  } else {
    ForEachRow(rows, [&](uint32_t row) { to[row] = from[row]; });
  }
}

}  // namespace

void CopyRows(const Vector& source, Rows rows, Vector* target) {
  switch (WidthBytes(target->physical())) {
    case 1: CopyValues<uint8_t>(source, rows, target); break;
    case 2: CopyValues<uint16_t>(source, rows, target); break;
    case 4: CopyValues<uint32_t>(source, rows, target); break;
    case 8: CopyValues<uint64_t>(source, rows, target); break;
    default: CopyValues<ZonedTime>(source, rows, target); break;  // any 16 bytes
  }
  if (source.may_have_nulls()) {
    ForEachRow(rows, [&](uint32_t row) {
      if (source.IsValid(row)) {
        target->SetValid(row);
      } else {
        target->SetNull(row);
      }
    });
  } else if (target->may_have_nulls()) {
    ForEachRow(rows, [&](uint32_t row) { target->SetValid(row); });
  }
}

uint32_t SelectTrue(const Vector& condition, Rows rows, uint16_t* selection) {
  const auto* truth = condition.Data<uint8_t>();
  if (condition.is_constant()) {
    if (!condition.IsValid(0) || truth[0] == 0) return 0;
    ForEachRow(rows, [&, count = 0](uint32_t row) mutable {
      selection[count++] = static_cast<uint16_t>(row);
    });
    return rows.count;
  }
  uint32_t count = 0;
  if (!condition.may_have_nulls()) {
    ForEachRow(rows, [&](uint32_t row) {
      selection[count] = static_cast<uint16_t>(row);
      count += truth[row];
    });
  } else {
    const uint64_t* validity = condition.validity();
    ForEachRow(rows, [&](uint32_t row) {
      selection[count] = static_cast<uint16_t>(row);
      count += truth[row] & (validity[row / 64] >> (row % 64)) & 1;
    });
  }
  return count;
}

Predicate::Predicate(ExecutionContext* context, const ColumnMap* columns,
                     const BoundExpression& condition) {
  auto add = [&](const BoundExpression& term) {
    conjuncts_.push_back({Evaluator(context, columns), nullptr});
    conjuncts_.back().value = conjuncts_.back().evaluator.Add(term);
  };
  if (condition.kind == BoundKind::kAnd) {
    for (const ExpressionPtr& term : condition.arguments) add(*term);
  } else {
    add(condition);
  }
}

void Predicate::Apply(Chunk* chunk) {
  size_t left = kStepsWithoutCheck;
  for (Conjunct& conjunct : conjuncts_) {
    if (--left == 0) {
      left = kStepsWithoutCheck;
      CheckInterruption();
    }
    Rows rows = chunk->rows();
    if (rows.count == 0) return;
    conjunct.evaluator.Run(rows);
    // May be `rows` itself: written behind the reading.
    uint16_t* selection = rows.count <= kFewRows ? few_ : chunk->SelectionBuffer();
    chunk->SetRows(Rows{selection, SelectTrue(*conjunct.value, rows, selection)});
  }
}

}  // namespace tupelo

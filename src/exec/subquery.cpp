// exec/subquery.cpp: outcomes by outer values, and what each kind of subquery makes of one.
#include "exec/subquery.h"

#include <algorithm>

#include "types/compare.h"
#include "types/hash.h"

namespace tupelo {

namespace {

constexpr uint32_t kSummarizedFromRows = 16;  // fewer rows are compared one by one

// Makes `target` the constant that `source` has in `row`. `validity` is a word that lives with the
// target.
void MakeConstant(const Vector& source, uint32_t row, uint64_t* validity, Vector* target) {
  size_t width = WidthBytes(source.physical());
  const char* data = static_cast<const char*>(source.RawData()) + source.Index(row) * width;
  *validity = source.IsValid(row) ? 1 : 0;
  target->Borrow(const_cast<char*>(data), *validity == 1 ? nullptr : validity);
  target->SetConstant(true);
}

}  // namespace

// `value > ANY (rows)` asks for the smallest row, `value > ALL (rows)` for the largest.
Subquery::Shortcut Subquery::FindShortcut() const {
  const BoundExpression& e = expression_;
  std::string_view op = e.function.name;
  if (op == "=") {
    bool by_hash = !e.is_all && HashAlike(compared_->type(), right_.type());
    return by_hash ? Shortcut::kHash : Shortcut::kNone;
  }
  // Among VARCHARs a longer one may come after what pads it, for CHAR before.
  if ((compared_->type().id == TypeId::kChar) != (right_.type().id == TypeId::kChar)) {
    return Shortcut::kNone;
  }
  if (op == ">" || op == ">=") return e.is_all ? Shortcut::kLargest : Shortcut::kSmallest;
  if (op == "<" || op == "<=") return e.is_all ? Shortcut::kSmallest : Shortcut::kLargest;
  return Shortcut::kNone;
}

Subquery::Subquery(const BoundExpression& expression, ExecutionContext* context,
                   const ColumnMap* columns, std::vector<const Vector*> compared)
    : expression_(expression),
      context_(context),
      is_constant_(expression.outer_columns.empty() && compared.empty()),
      slot_map_(columns) {
  for (ColumnId id : expression.outer_columns) {
    const Vector* outer = columns->Find(id);
    if (outer == nullptr) throw Error(ErrorCode::kInternalError, "an outer column is not in reach");
    outer_.push_back(outer);
    slots_.push_back(std::make_unique<Vector>(outer->type()));
    slot_validity_.push_back(std::make_unique<uint64_t>(1));
    key_columns_.push_back({outer->type()});
  }
  // The plan sees the slots, and nothing else of the enclosing queries.
  ColumnMap slots;
  for (size_t i = 0; i < slots_.size(); ++i)
    slots.Add(expression.outer_columns[i], slots_[i].get());
  slot_map_ = slots;
  root_ = BuildOperator(*expression.plan, context, &slot_map_);
  std::vector<Type> types;
  for (const OutputColumn& column : expression.plan->output) types.push_back(column.type);
  if (expression.kind != BoundKind::kExists) kept_.Init(std::move(types));
  if (expression.kind == BoundKind::kRowSubquery) {
    matcher_ = std::make_unique<RowMatcher>(expression, context, std::move(compared), &kept_);
  } else if (!compared.empty()) {
    compared_ = compared[0];
    left_.SetType(compared_->type());
    right_.SetType(expression.plan->output[0].type);
    truth_.SetType(Type::Boolean());
    shortcut_ = FindShortcut();
  }
}

Subquery::~Subquery() = default;

void Subquery::Forget() {
  outcomes_.clear();
  if (kept_.column_count() != 0) kept_.Clear();
  summary_ = {};
  if (matcher_ != nullptr) matcher_->Forget();
}

void Subquery::BindOuter(uint32_t row) {
  for (size_t i = 0; i < outer_.size(); ++i) {
    MakeConstant(*outer_[i], row, slot_validity_[i].get(), slots_[i].get());
  }
}

Subquery::Outcome Subquery::RunPlan() {
  context_->CheckInterrupt();
  Outcome outcome;
  outcome.first_row = kept_.row_count();
  bool is_single =
      expression_.kind == BoundKind::kScalarSubquery ||
      (matcher_ != nullptr && expression_.row_test->quantifier == RowQuantifier::kOnly);
  root_->Open();
  while (Chunk* chunk = root_->Next()) {
    outcome.row_count += chunk->row_count();
    if (expression_.kind == BoundKind::kExists) break;
    if (is_single && outcome.row_count > 1) {
      root_->Close();
      throw Error(ErrorCode::kCardinalityViolation,
                  matcher_ == nullptr
                      ? "a scalar subquery returned more than one row; it may return at most one"
                      : "a row subquery returned more than one row; it may return at most one");
    }
    kept_.Append(*chunk);
  }
  root_->Close();
  return outcome;
}

const Subquery::Outcome& Subquery::OutcomeFor(uint32_t row) {
  key_.Clear();
  for (size_t i = 0; i < outer_.size(); ++i) {
    if (outer_[i]->IsValid(row)) {
      AppendKeyColumn(key_columns_[i], *outer_[i], row, &key_);
    } else {
      AppendNullKey(key_columns_[i], &key_);
    }
  }
  std::string key(key_.view());
  auto found = outcomes_.find(key);
  if (found != outcomes_.end()) return found->second;
  BindOuter(row);
  Outcome outcome = RunPlan();
  return outcomes_.emplace(std::move(key), outcome).first->second;
}

void Subquery::SetScalar(const Outcome& outcome, uint32_t row, Vector* result) {
  if (outcome.row_count == 0) {
    result->SetNull(row);
    return;
  }
  const Vector& value = kept_.VectorOf(0, outcome.first_row);
  auto at = static_cast<uint16_t>(outcome.first_row % kVectorSize);
  if (!value.IsValid(at)) {
    result->SetNull(row);
    return;
  }
  if (value.physical() == PhysicalType::kString) {
    // Outcomes of later rows may move those that were kept.
    const StringRef& text = value.Data<StringRef>()[at];
    result->MutableData<StringRef>()[row] = result->CopyToHeap(text.view());
    return;
  }
  size_t width = WidthBytes(value.physical());
  std::memcpy(static_cast<char*>(result->RawData()) + row * width,
              static_cast<const char*>(value.RawData()) + at * width, width);
}

void Subquery::Summarize(const Outcome& outcome) {
  summary_ = {};
  if (shortcut_ == Shortcut::kHash) return SummarizeByHash(outcome);
  InterruptionCounter counter(&context_->interruption);
  for (uint64_t i = outcome.first_row; i < outcome.first_row + outcome.row_count; ++i) {
    counter.Step();
    const Vector& value = kept_.VectorOf(0, i);
    auto at = static_cast<uint32_t>(i % kVectorSize);
    if (!value.IsValid(at)) {
      summary_.has_null = true;
    } else if (summary_.extreme == RowCollection::kNoRow) {
      summary_.extreme = i;
    } else {
      int order = CompareValues(value, at, kept_.VectorOf(0, summary_.extreme),
                                static_cast<uint32_t>(summary_.extreme % kVectorSize));
      if (shortcut_ == Shortcut::kSmallest ? order < 0 : order > 0) summary_.extreme = i;
    }
  }
  summary_.outcome = &outcome;
}

void Subquery::SummarizeByHash(const Outcome& outcome) {
  uint64_t hashes[kVectorSize];
  uint8_t is_key[kVectorSize];
  for (uint64_t done = 0; done < outcome.row_count;) {
    context_->CheckInterrupt();
    auto count = static_cast<uint32_t>(std::min<uint64_t>(outcome.row_count - done, kVectorSize));
    for (uint32_t i = 0; i < count; ++i) {
      uint64_t row = outcome.first_row + done + i;
      const Vector& value = kept_.VectorOf(0, row);
      auto at = static_cast<uint32_t>(row % kVectorSize);
      is_key[i] = value.IsValid(at);
      summary_.has_null |= is_key[i] == 0;
      hashes[i] = is_key[i] == 0 ? 0 : HashValue(value, at);
    }
    summary_.rows.Add(Rows{nullptr, count}, hashes, is_key);
    done += count;
  }
  summary_.rows.Finish(context_->interruption);
  summary_.outcome = &outcome;
}

bool Subquery::FindEqual(uint32_t row) {
  uint64_t hash = HashValue(*compared_, compared_->Index(row));
  uint32_t found;
  for (summary_.rows.FindFirst(Rows{nullptr, 1}, &hash, &found); found != 0;
       found = summary_.rows.Next(found)) {
    if (CompareWithKept(summary_.outcome->first_row + found - 1) == 1) return true;
  }
  return false;
}

// What the comparison of the value in left_ with a row kept gives: true, false or (-1) unknown.
int Subquery::CompareWithKept(uint64_t kept_row) {
  uint64_t validity;
  const Vector* arguments[] = {&left_, &right_};
  MakeConstant(kept_.VectorOf(0, kept_row), static_cast<uint32_t>(kept_row % kVectorSize),
               &validity, &right_);
  expression_.function.kernel(
      {arguments, &truth_, Rows{nullptr, 1}, &expression_.function.data, &context_->evaluation});
  return truth_.IsValid(0) ? truth_.Data<uint8_t>()[0] != 0 : -1;
}

// SQL:1999 part 2, 8.8: ANY is true when one comparison is, false when all are false (or there is
// no row), else unknown.
void Subquery::SetQuantified(const Outcome& outcome, uint32_t row, Vector* result) {
  bool decided = false, has_unknown = false;
  bool is_summarized = shortcut_ != Shortcut::kNone && outcome.row_count > kSummarizedFromRows;
  if (is_summarized && summary_.outcome != &outcome) Summarize(outcome);
  uint64_t left_validity;
  MakeConstant(*compared_, row, &left_validity, &left_);
  if (!compared_->IsValid(row)) {
    has_unknown = outcome.row_count > 0;
  } else if (is_summarized) {
    has_unknown = summary_.has_null;
    if (shortcut_ == Shortcut::kHash) {
      decided = FindEqual(row);
    } else if (summary_.extreme != RowCollection::kNoRow) {
      decided = (CompareWithKept(summary_.extreme) == 1) != expression_.is_all;
    }
  } else {
    for (uint32_t i = 0; i < outcome.row_count && !decided; ++i) {
      if (i % kVectorSize == kVectorSize - 1) context_->CheckInterrupt();
      int truth = CompareWithKept(outcome.first_row + i);
      if (truth < 0) {
        has_unknown = true;
      } else {
        decided = (truth == 1) != expression_.is_all;
      }
    }
  }
  if (!decided && has_unknown) {
    result->SetNull(row);
  } else {
    result->MutableData<uint8_t>()[row] = decided != expression_.is_all;
  }
}

void Subquery::Evaluate(Rows rows, Vector* result) {
  if (run_ != context_->run) {
    Forget();
    run_ = context_->run;
    context_->subqueries.push_back(this);
  }
  if (is_constant_) rows = Rows{nullptr, 1};  // one value for all
  result->PrepareWrite(rows.is_dense() ? rows.count : kVectorSize);
  const Outcome* outcome_of_all = outer_.empty() && rows.count > 0 ? &OutcomeFor(rows[0]) : nullptr;
  for (uint32_t i = 0; i < rows.count; ++i) {
    uint32_t row = rows[i];
    const Outcome& outcome = outcome_of_all != nullptr ? *outcome_of_all : OutcomeFor(row);
    switch (expression_.kind) {
      case BoundKind::kExists: result->MutableData<uint8_t>()[row] = outcome.row_count > 0; break;
      case BoundKind::kScalarSubquery: SetScalar(outcome, row, result); break;
      case BoundKind::kRowSubquery:
        matcher_->Match({outcome.first_row, outcome.row_count}, row, result);
        break;
      default: SetQuantified(outcome, row, result);
    }
  }
  if (is_constant_) result->SetConstant(true);
}

}  // namespace tupelo

// exec/subquery.cpp: outcomes by outer values, and what each kind of subquery makes of one.
#include "exec/subquery.h"

#include "types/compare.h"
#include "types/hash.h"

namespace tupelo {

namespace {

constexpr uint32_t kHashFromRows = 16;  // fewer rows are compared one by one

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
  }
}

Subquery::~Subquery() = default;

void Subquery::Forget() {
  outcomes_.clear();
  if (kept_.column_count() != 0) kept_.Clear();
  hashed_.clear();
  hashed_outcome_ = nullptr;
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
  size_t width = WidthBytes(value.physical());
  std::memcpy(static_cast<char*>(result->RawData()) + row * width,
              static_cast<const char*>(value.RawData()) + at * width, width);
}

// value = ANY (many rows): whether one is equal, by hash.
bool Subquery::FindEqual(const Outcome& outcome, uint32_t row, bool* has_null) {
  if (hashed_outcome_ != &outcome) {
    hashed_.clear();
    hashed_has_null_ = false;
    hashed_outcome_ = &outcome;
    for (uint64_t i = outcome.first_row; i < outcome.first_row + outcome.row_count; ++i) {
      const Vector& value = kept_.VectorOf(0, i);
      auto at = static_cast<uint32_t>(i % kVectorSize);
      if (value.IsValid(at)) {
        hashed_.emplace(HashValue(value, at), i);
      } else {
        hashed_has_null_ = true;
      }
    }
  }
  *has_null = hashed_has_null_;
  auto [begin, end] = hashed_.equal_range(HashValue(*compared_, compared_->Index(row)));
  for (auto it = begin; it != end; ++it) {
    if (EqualValues(*compared_, compared_->Index(row), kept_.VectorOf(0, it->second),
                    static_cast<uint32_t>(it->second % kVectorSize))) {
      return true;
    }
  }
  return false;
}

// SQL:1999 part 2, 8.8: ANY is true when one comparison is, false when all are false (or there is
// no row), else unknown.
void Subquery::SetQuantified(const Outcome& outcome, uint32_t row, Vector* result) {
  auto* truth = result->MutableData<uint8_t>();
  bool decided = false, has_unknown = false;
  if (outcome.row_count > kHashFromRows && !expression_.is_all &&
      expression_.function.name == "=" && compared_->IsValid(row) &&
      compared_->type() == right_.type()) {
    decided = FindEqual(outcome, row, &has_unknown);
  } else {
    uint64_t left_validity, right_validity;
    const Vector* arguments[] = {&left_, &right_};
    MakeConstant(*compared_, row, &left_validity, &left_);
    for (uint32_t i = 0; i < outcome.row_count && !decided; ++i) {
      uint64_t kept_row = outcome.first_row + i;
      MakeConstant(kept_.VectorOf(0, kept_row), static_cast<uint32_t>(kept_row % kVectorSize),
                   &right_validity, &right_);
      expression_.function.kernel({arguments, &truth_, Rows{nullptr, 1}, &expression_.function.data,
                                   &context_->evaluation});
      if (!truth_.IsValid(0)) {
        has_unknown = true;
      } else {
        decided = (truth_.Data<uint8_t>()[0] != 0) != expression_.is_all;
      }
    }
  }
  if (!decided && has_unknown) {
    result->SetNull(row);
  } else {
    truth[row] = decided != expression_.is_all;
  }
}

void Subquery::Evaluate(Rows rows, Vector* result) {
  if (run_ != context_->run) Forget();
  run_ = context_->run;
  if (is_constant_) rows = Rows{nullptr, 1};  // one value for all
  result->PrepareWrite(rows.is_dense() ? rows.count : kVectorSize);
  for (uint32_t i = 0; i < rows.count; ++i) {
    uint32_t row = rows[i];
    const Outcome& outcome = OutcomeFor(row);
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

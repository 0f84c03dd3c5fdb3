// exec/row_matcher.cpp: the test of a row against many, three-valued (SQL:1999 part 2, 8.8).
#include "exec/row_matcher.h"

#include <algorithm>
#include <numeric>

#include "types/compare.h"
#include "types/hash.h"

namespace tupelo {

namespace {

constexpr uint64_t kHashFromRows = 16;  // fewer rows are compared one by one
constexpr size_t kMaxHashColumns = 64;  // a bit each

void SetTruth(uint32_t row, bool is_true, bool is_unknown, Vector* result) {
  if (is_unknown) {
    result->SetNull(row);
  } else {
    result->MutableData<uint8_t>()[row] = is_true;
  }
}

}  // namespace

RowMatcher::RowMatcher(const BoundExpression& expression, ExecutionContext* context,
                       std::vector<const Vector*> fields, const RowCollection* kept)
    : quantifier_(expression.row_test->quantifier),
      fields_(std::move(fields)),
      kept_(kept),
      left_validity_(fields_.size(), 1),
      evaluator_(context, &columns_) {
  const RowTest& test = *expression.row_test;
  const std::vector<OutputColumn>& output = expression.plan->output;
  left_.reserve(fields_.size());
  right_.reserve(output.size());
  for (size_t i = 0; i < fields_.size(); ++i) {
    columns_.Add(test.left[i], &left_.emplace_back(fields_[i]->type()));
  }
  for (const OutputColumn& column : output) {
    columns_.Add(column.id, &right_.emplace_back(column.type));
  }
  truth_ = evaluator_.Add(*test.condition);
  FindHashColumns(expression);
}

// The condition is one equality of each field with a column, which goes by hash.
void RowMatcher::FindHashColumns(const BoundExpression& expression) {
  const RowTest& test = *expression.row_test;
  if (test.quantifier != RowQuantifier::kAny || fields_.size() > kMaxHashColumns) return;
  std::vector<const BoundExpression*> terms;
  if (test.condition->kind == BoundKind::kAnd) {
    for (const ExpressionPtr& term : test.condition->arguments) terms.push_back(term.get());
  } else {
    terms.push_back(test.condition.get());
  }
  if (terms.size() != fields_.size()) return;
  std::vector<size_t> columns(fields_.size());
  for (size_t i = 0; i < terms.size(); ++i) {
    const BoundExpression& term = *terms[i];
    if (term.kind != BoundKind::kCall || term.function.name != "=") return;
    const BoundExpression& left = *term.arguments[0];
    const BoundExpression& right = *term.arguments[1];
    if (left.kind != BoundKind::kColumn || left.column != test.left[i]) return;
    if (right.kind != BoundKind::kColumn) return;
    while (columns[i] < right_.size() && expression.plan->output[columns[i]].id != right.column) {
      ++columns[i];
    }
    if (columns[i] == right_.size() || !HashAlike(left.type, right.type) ||
        left.type.physical() != right.type.physical()) {
      return;
    }
  }
  hash_columns_ = std::move(columns);
}

void RowMatcher::Forget() {
  hashed_.clear();
  hashed_range_ = {};
}

void RowMatcher::HashRows(const Range& range) {
  hashed_.clear();
  hashed_range_ = range;
  for (uint64_t number = range.first; number < range.first + range.count; ++number) {
    auto at = static_cast<uint32_t>(number % kVectorSize);
    uint64_t columns = 0, hash = 0;
    for (size_t i = 0; i < hash_columns_.size(); ++i) {
      const Vector& values = kept_->VectorOf(hash_columns_[i], number);
      if (!values.IsValid(at)) continue;
      columns |= uint64_t{1} << i;
      hash = CombineHashes(hash, HashValue(values, at));
    }
    hashed_[columns].emplace(hash, number);
  }
}

// Whether one of `rows` has the values of the fields in `columns`.
bool RowMatcher::FindEqual(const RowsByHash& rows, uint64_t columns, uint32_t row) const {
  uint64_t hash = 0;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (((columns >> i) & 1) == 0) continue;
    hash = CombineHashes(hash, HashValue(*fields_[i], fields_[i]->Index(row)));
  }
  auto [begin, end] = rows.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    bool equal = true;
    for (size_t i = 0; i < fields_.size() && equal; ++i) {
      if (((columns >> i) & 1) == 0) continue;
      equal = EqualValues(*fields_[i], fields_[i]->Index(row),
                          kept_->VectorOf(hash_columns_[i], it->second),
                          static_cast<uint32_t>(it->second % kVectorSize));
    }
    if (equal) return true;
  }
  return false;
}

// The fields have no null. A row with nulls that is equal in all its other columns is unknown.
void RowMatcher::MatchByHash(const Range& range, uint32_t row, Vector* result) {
  if (hashed_range_.first != range.first || hashed_range_.count != range.count) HashRows(range);
  uint64_t all =
      fields_.size() == kMaxHashColumns ? ~uint64_t{0} : (uint64_t{1} << fields_.size()) - 1;
  bool has_unknown = false;
  for (const auto& [columns, rows] : hashed_) {
    if (columns != all && has_unknown) continue;
    if (!FindEqual(rows, columns, row)) continue;
    if (columns == all) return SetTruth(row, true, false, result);
    has_unknown = true;
  }
  SetTruth(row, false, has_unknown, result);
}

void RowMatcher::ShowFields(uint32_t row) {
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Vector& field = *fields_[i];
    const char* data =
        static_cast<const char*>(field.RawData()) + field.Index(row) * WidthBytes(field.physical());
    left_validity_[i] = field.IsValid(row) ? 1 : 0;
    left_[i].Borrow(const_cast<char*>(data), left_validity_[i] == 1 ? nullptr : &left_validity_[i]);
    left_[i].SetConstant(true);
  }
}

// Tests row after row until the outcome is decided.
RowMatcher::Counts RowMatcher::Scan(const Range& range, uint32_t row) {
  ShowFields(row);
  Counts counts;
  uint64_t end = range.first + range.count;
  for (uint64_t next = range.first; next < end;) {
    auto from = static_cast<uint32_t>(next % kVectorSize);
    auto count = static_cast<uint32_t>(std::min<uint64_t>(kVectorSize - from, end - next));
    for (size_t i = 0; i < right_.size(); ++i) right_[i].Reference(kept_->VectorOf(i, next));
    Rows rows{nullptr, count};
    if (from > 0) {
      selection_.resize(count);
      std::iota(selection_.begin(), selection_.end(), static_cast<uint16_t>(from));
      rows.rows = selection_.data();
    }
    evaluator_.Run(rows);
    ForEachRow(rows, [&](uint32_t at) {
      if (!truth_->IsValid(at)) {
        ++counts.unknowns;
      } else if (truth_->At<uint8_t>(at) != 0) {
        ++counts.trues;
      } else {
        ++counts.falses;
      }
    });
    next += count;
    if (quantifier_ == RowQuantifier::kAny && counts.trues > 0) break;
    if (quantifier_ == RowQuantifier::kAll && counts.falses > 0) break;
    if (quantifier_ == RowQuantifier::kOnlyOne && counts.trues > 1) break;
  }
  return counts;
}

void RowMatcher::TestOnlyRow(const Range& range, uint32_t row, Vector* result) {
  if (range.count > 0) {
    Counts counts = Scan(range, row);
    return SetTruth(row, counts.trues > 0, counts.unknowns > 0, result);
  }
  ShowFields(row);
  for (Vector& column : right_) column.SetConstantNull();
  evaluator_.Run(Rows{nullptr, 1});
  SetTruth(row, truth_->IsValid(0) && truth_->At<uint8_t>(0) != 0, !truth_->IsValid(0), result);
}

void RowMatcher::Match(const Range& range, uint32_t row, Vector* result) {
  if (quantifier_ == RowQuantifier::kOnly) return TestOnlyRow(range, row, result);
  if (!hash_columns_.empty() && range.count > kHashFromRows) {
    bool has_null = false;
    for (const Vector* field : fields_) has_null |= !field->IsValid(row);
    if (!has_null) return MatchByHash(range, row, result);
  }
  Counts counts = Scan(range, row);
  switch (quantifier_) {
    case RowQuantifier::kAll:
      return SetTruth(row, counts.falses == 0, counts.falses == 0 && counts.unknowns > 0, result);
    case RowQuantifier::kOnlyOne: return SetTruth(row, counts.trues == 1, false, result);
    default:
      return SetTruth(row, counts.trues > 0, counts.trues == 0 && counts.unknowns > 0, result);
  }
}

}  // namespace tupelo

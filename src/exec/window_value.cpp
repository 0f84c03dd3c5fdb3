// exec/window_value.cpp: functions that take the value of another row: LAG, LEAD, FIRST_VALUE,
// LAST_VALUE, NTH_VALUE.
//
// For each row of a set the other row's number is found, then all values are gathered at once. With
// IGNORE NULLS the rows that have a value are listed first, and counted instead of all rows.
#include <algorithm>

#include "exec/window_function.h"

namespace tupelo {

namespace {

// A number that an argument has in a row; false where it is null.
bool NumberAt(const WindowRows& rows, uint32_t column, uint32_t row, int64_t* number) {
  const Vector& values = rows.rows().VectorOf(column, row);
  if (!values.IsValid(row % kVectorSize)) return false;
  *number = values.At<int64_t>(row % kVectorSize);
  return true;
}

// The rows of a part whose value is not null.
class RowsWithValues {
 public:
  void Collect(const WindowRows& rows, uint32_t column, RowRange range) {
    rows_.clear();
    for (uint32_t row = range.begin; row < range.end;) {
      const Vector& values = rows.rows().VectorOf(column, row);
      uint32_t end = std::min(range.end, row - row % kVectorSize + kVectorSize);
      for (; row < end; ++row) {
        if (values.IsValid(row % kVectorSize)) rows_.push_back(row);
      }
    }
  }
  // How many of them are before `row`.
  size_t CountBefore(uint32_t row) const {
    return static_cast<size_t>(std::lower_bound(rows_.begin(), rows_.end(), row) - rows_.begin());
  }
  uint32_t row(size_t i) const { return rows_[i]; }
  size_t count() const { return rows_.size(); }
  void Release() { rows_ = {}; }

 private:
  std::vector<uint32_t> rows_;
};

class OffsetFunction : public WindowFunction {
 public:
  explicit OffsetFunction(WindowFunctionInput input) : input_(std::move(input)) {}

  void Start(const WindowPart& part) override {
    partition_ = {};
    partition_number_ = part.partition;
    if (input_.column->ignore_nulls) values_.Collect(*input_.rows, input_.arguments[0], part.rows);
  }
  void Release() override { values_.Release(); }

  void Fill(uint32_t first, uint32_t count, Vector* result) override {
    uint32_t picks[kVectorSize];
    uint16_t outside[kVectorSize] = {};  // rows that get the default
    uint32_t outside_count = 0;
    bool is_lag = input_.column->function == WindowFunctionKind::kLag;
    uint32_t at = first % kVectorSize, end = at + count;
    std::fill_n(picks, at, first);  // of rows before, which nobody looks at
    for (uint32_t i = at; i < end; ++i) {
      uint32_t row = first - at + i;
      MoveTo(row);
      int64_t offset = 1;
      picks[i] = RowCollection::kNoRow;
      if (input_.arguments.size() > 1 &&
          !NumberAt(*input_.rows, input_.arguments[1], row, &offset)) {
        continue;
      }
      // Further than there are rows is as far as can be.
      offset = std::clamp<int64_t>(offset, -int64_t{UINT32_MAX}, UINT32_MAX);
      int64_t found = Find(row, is_lag ? -offset : offset);
      if (found >= partition_.begin && found < partition_.end) {
        picks[i] = static_cast<uint32_t>(found);
      } else {
        outside[outside_count++] = static_cast<uint16_t>(i);
      }
    }
    input_.rows->rows().Gather(input_.arguments[0], picks, end, result);
    if (input_.arguments.size() < 3 || outside_count == 0) return;
    const Vector& defaults = input_.rows->rows().VectorOf(input_.arguments[2], first);
    for (uint32_t i = 0; i < outside_count; ++i) result->SetValid(outside[i]);
    CopyRows(defaults, Rows{outside, outside_count}, result);
  }

 private:
  void MoveTo(uint32_t row) {
    if (row < partition_.end) return;
    const WorkArray<uint32_t>& partitions = input_.rows->Partitions();
    partition_ = {partitions[partition_number_], partitions[partition_number_ + 1]};
    ++partition_number_;
  }

  // The row `offset` rows on, or so many with a value; -1 when there is none.
  int64_t Find(uint32_t row, int64_t offset) const {
    if (!input_.column->ignore_nulls || offset == 0) return row + offset;
    auto before = static_cast<int64_t>(values_.CountBefore(row));
    auto count = static_cast<int64_t>(values_.count());
    bool is_here = before < count && values_.row(static_cast<size_t>(before)) == row;
    int64_t at = offset < 0 ? before + offset : before + (is_here ? 1 : 0) + offset - 1;
    return at >= 0 && at < count ? int64_t{values_.row(static_cast<size_t>(at))} : -1;
  }

  WindowFunctionInput input_;
  RowsWithValues values_;
  RowRange partition_;
  size_t partition_number_ = 0;
};

class ValueFunction : public WindowFunction {
 public:
  explicit ValueFunction(WindowFunctionInput input) : input_(std::move(input)) {}

  void Start(const WindowPart& part) override {
    input_.frame->Start(part.rows.begin, part.partition);
    if (input_.column->ignore_nulls) values_.Collect(*input_.rows, input_.arguments[0], part.rows);
  }
  void Release() override { values_.Release(); }

  void Fill(uint32_t first, uint32_t count, Vector* result) override {
    uint32_t picks[kVectorSize];
    uint32_t at = first % kVectorSize, end = at + count;
    std::fill_n(picks, at, first);  // of rows before, which nobody looks at
    for (uint32_t i = at; i < end; ++i) {
      input_.frame->MoveTo(first - at + i);
      picks[i] = Pick(first - at + i);
    }
    input_.rows->rows().Gather(input_.arguments[0], picks, end, result);
  }

 private:
  uint32_t Pick(uint32_t row) const {
    int64_t number = 1;
    bool from_last = input_.column->function == WindowFunctionKind::kLastValue;
    if (input_.column->function == WindowFunctionKind::kNthValue) {
      from_last = input_.column->from_last;
      if (!NumberAt(*input_.rows, input_.arguments[1], row, &number)) return RowCollection::kNoRow;
      if (number <= 0) {
        throw Error(ErrorCode::kInvalidNthValue,
                    "the second argument of NTH_VALUE must be greater than zero: " +
                        std::to_string(number));
      }
    }
    // In parts of the rows themselves, or of the list of those that have a value.
    RowRange parts[3] = {};
    int count = input_.frame->Parts(parts);
    for (int i = 0; i < count && input_.column->ignore_nulls; ++i) {
      parts[i] = {static_cast<uint32_t>(values_.CountBefore(parts[i].begin)),
                  static_cast<uint32_t>(values_.CountBefore(parts[i].end))};
    }
    for (int i = 0; i < count; ++i) {
      const RowRange& part = parts[from_last ? count - 1 - i : i];
      if (number > part.size()) {
        number -= part.size();
        continue;
      }
      auto step = static_cast<uint32_t>(number);
      uint32_t at = from_last ? part.end - step : part.begin + step - 1;
      return input_.column->ignore_nulls ? values_.row(at) : at;
    }
    return RowCollection::kNoRow;
  }

  WindowFunctionInput input_;
  RowsWithValues values_;
};

}  // namespace

WindowFunctionPtr MakeOffsetFunction(WindowFunctionInput input) {
  return std::make_unique<OffsetFunction>(std::move(input));
}

WindowFunctionPtr MakeValueFunction(WindowFunctionInput input) {
  return std::make_unique<ValueFunction>(std::move(input));
}

}  // namespace tupelo

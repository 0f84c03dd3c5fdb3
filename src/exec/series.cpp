// exec/series.cpp: GENERATE_SERIES: a vector set of values at a time, from the start by the step,
// with their numbers where they are wanted.
#include "exec/operators.h"
#include "types/datetime.h"

namespace tupelo {

namespace {

class Series : public Operator {
 public:
  Series(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context), columns_(outer), evaluator_(context, &columns_) {
    InitOutput();
    for (const ExpressionPtr& bound : node.rows[0]) bounds_.push_back(evaluator_.Add(*bound));
    type_ = node.output[0].type;
    by_months_ = node.rows[0][2]->type.id == TypeId::kYearMonth;
  }

  void OpenSelf() override {
    evaluator_.Run(Rows{nullptr, 1});
    done_ = false;
    for (const Vector* bound : bounds_) done_ |= !bound->IsValid(0);
    if (done_) return;
    next_ = Read(0);
    stop_ = Read(1);
    step_ = type_.is_exact() ? Read(2) : bounds_[2]->At<int64_t>(0);
    if (type_.id == TypeId::kTimestampTz) {
      offset_minutes_ = bounds_[0]->At<ZonedTime>(0).offset_minutes;
    }
    number_ = 0;
    if (step_ == 0) {
      throw Error(ErrorCode::kInvalidParameterValue, "the step of GENERATE_SERIES must not be zero",
                  node_->position);
    }
  }
  void Close() override {}

 protected:
  Chunk* Step() override {
    context_->CheckInterrupt();
    output_.column(0).PrepareWrite();
    uint32_t count = 0;
    while (!done_ && count < kVectorSize) {
      if (step_ > 0 ? next_ > stop_ : next_ < stop_) {
        done_ = true;
      } else {
        Write(count++);
        done_ = !Advance();
      }
    }
    if (count == 0) return nullptr;
    if (output_.column_count() > 1) {
      output_.column(1).PrepareWrite();
      auto* numbers = output_.column(1).MutableData<int64_t>();
      for (uint32_t i = 0; i < count; ++i) numbers[i] = ++number_;
    }
    output_.SetRows(count);
    return &output_;
  }

 private:
  int128_t Read(size_t bound) const {
    const Vector& vector = *bounds_[bound];
    switch (type_.physical()) {
      case PhysicalType::kInt16: return vector.At<int16_t>(0);
      case PhysicalType::kInt32: return vector.At<int32_t>(0);
      case PhysicalType::kInt64: return vector.At<int64_t>(0);
      case PhysicalType::kInt128: return vector.At<int128_t>(0);
      default: return vector.At<ZonedTime>(0).utc_us;
    }
  }

  void Write(uint32_t row) {
    Vector& out = output_.column(0);
    switch (type_.physical()) {
      case PhysicalType::kInt16:
        out.MutableData<int16_t>()[row] = static_cast<int16_t>(next_);
        break;
      case PhysicalType::kInt32:
        out.MutableData<int32_t>()[row] = static_cast<int32_t>(next_);
        break;
      case PhysicalType::kInt64:
        out.MutableData<int64_t>()[row] = static_cast<int64_t>(next_);
        break;
      case PhysicalType::kInt128: out.MutableData<int128_t>()[row] = next_; break;
      default:
        out.MutableData<ZonedTime>()[row] = {static_cast<int64_t>(next_), offset_minutes_, 0};
        break;
    }
  }

  // False at the end of the type's range.
  bool Advance() {
    if (type_.is_exact()) return !__builtin_add_overflow(next_, step_, &next_);
    int64_t offset_us = offset_minutes_ * kMicrosPerMinute;
    auto timestamp = static_cast<int64_t>(next_) + offset_us;
    auto step = static_cast<int64_t>(step_);
    if (!by_months_) {
      next_ += step;
      return next_ + offset_us >= kMinTimestamp && next_ + offset_us <= kMaxTimestamp;
    }
    constexpr int64_t kMonths = 12;
    int64_t year = CivilFromDays(TimestampDate(timestamp)).year + step / kMonths;
    if (year < 1 || year > 9999) return false;
    next_ = AddMonthsToTimestamp(timestamp, step) - offset_us;
    return true;
  }

  ColumnMap columns_;
  Evaluator evaluator_;
  std::vector<const Vector*> bounds_;
  Type type_;
  bool by_months_ = false;
  bool done_ = true;
  int128_t next_ = 0, stop_ = 0, step_ = 0;  // of timestamps: microseconds, months
  int32_t offset_minutes_ = 0;
  int64_t number_ = 0;  // of the value given last
};

}  // namespace

OperatorPtr MakeSeries(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Series>(node, context, outer);
}

}  // namespace tupelo

// exec/limit.cpp: skips OFFSET rows, passes LIMIT rows, then stops its input.
#include "exec/operators.h"
#include "exec/row_limit.h"

namespace tupelo {

RowLimit::RowLimit(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
    : evaluator_(context, outer),
      limit_expression_(node.limit.get()),
      offset_expression_(node.offset.get()) {
  if (limit_expression_ != nullptr) limit_value_ = evaluator_.Add(*limit_expression_);
  if (offset_expression_ != nullptr) offset_value_ = evaluator_.Add(*offset_expression_);
}

void RowLimit::Evaluate() {
  limit_ = UINT64_MAX;
  offset_ = 0;
  if (limit_expression_ == nullptr && offset_expression_ == nullptr) return;
  evaluator_.Run(Rows{nullptr, 1});
  auto read = [](const Vector* value, const BoundExpression* expression, ErrorCode code,
                 const char* clause, uint64_t if_null) {
    if (value == nullptr || !value->IsValid(0)) return if_null;
    int64_t count = value->At<int64_t>(0);
    if (count < 0) {
      throw Error(code, std::string(clause) + " must not be negative: " + std::to_string(count),
                  expression->position);
    }
    return static_cast<uint64_t>(count);
  };
  limit_ = read(limit_value_, limit_expression_, ErrorCode::kInvalidLimit, "LIMIT", UINT64_MAX);
  offset_ = read(offset_value_, offset_expression_, ErrorCode::kInvalidOffset, "OFFSET", 0);
}

namespace {

class Limit : public Operator {
 public:
  Limit(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildInput(node, 0, context, outer)),
        limit_(node, context, outer) {}
  void OpenSelf() override {
    limit_.Evaluate();
    to_skip_ = limit_.offset();
    to_pass_ = limit_.limit();
    child_->Open();
  }
  void Close() override { child_->Close(); }
  Chunk& output() override { return child_->output(); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    while (to_pass_ > 0) {
      Chunk* chunk = child_->Next();
      if (chunk == nullptr) return nullptr;
      uint64_t available = chunk->row_count();
      if (to_skip_ >= available) {
        to_skip_ -= available;
        context_->CheckInterrupt();
        continue;
      }
      uint64_t count = std::min(available - to_skip_, to_pass_);
      if (count < available)
        Cut(chunk, static_cast<uint32_t>(to_skip_), static_cast<uint32_t>(count));
      to_skip_ = 0;
      to_pass_ -= count;
      return chunk;
    }
    return nullptr;
  }

 private:
  static void Cut(Chunk* chunk, uint32_t skip, uint32_t count) {
    Rows rows = chunk->rows();
    if (rows.is_dense() && skip == 0) {
      chunk->SetRows(count);
      return;
    }
    uint16_t* selection = chunk->SelectionBuffer();
    for (uint32_t i = 0; i < count; ++i) selection[i] = static_cast<uint16_t>(rows[skip + i]);
    chunk->SetRows(Rows{selection, count});
  }

  OperatorPtr child_;
  RowLimit limit_;
  uint64_t to_skip_ = 0, to_pass_ = 0;
};

}  // namespace

OperatorPtr MakeLimit(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Limit>(node, context, outer);
}

}  // namespace tupelo

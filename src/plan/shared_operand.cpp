// plan/shared_operand.cpp: when an operand is copied, and when it is computed once.
#include "plan/shared_operand.h"

#include <utility>

namespace tupelo {

namespace {

constexpr size_t kMostCopied = 8;

// Counts the parts; more than kMostCopied for what is to be computed once.
size_t SizeToCopy(const BoundExpression& value) {
  size_t size = 0;
  VisitExpressions(value, [&](const BoundExpression& part) {
    bool is_once = part.plan != nullptr || part.kind == BoundKind::kNextValue ||
                   (part.kind == BoundKind::kCall && !part.function.is_deterministic);
    size += is_once ? kMostCopied + 1 : 1;
  });
  return size;
}

}  // namespace

SharedOperand::SharedOperand(ExpressionPtr value, ColumnId* next_column)
    : value_(std::move(value)) {
  if (SizeToCopy(*value_) > kMostCopied) id_ = (*next_column)++;
}

ExpressionPtr SharedOperand::Use() const {
  return id_ == kNoColumn ? Clone(*value_) : MakeColumn(id_, value_->type, value_->position);
}

ExpressionPtr SharedOperand::Finish(ExpressionPtr result) {
  if (id_ == kNoColumn) return result;
  auto let = std::make_unique<BoundExpression>(BoundKind::kLet, result->type, result->position);
  let->column = id_;
  let->arguments.push_back(std::move(value_));
  let->arguments.push_back(std::move(result));
  return let;
}

SharedFields::SharedFields(std::vector<ExpressionPtr> values, ColumnId* next_column) {
  fields_.reserve(values.size());
  for (ExpressionPtr& value : values) fields_.emplace_back(std::move(value), next_column);
}

std::vector<ExpressionPtr> SharedFields::Use() const {
  std::vector<ExpressionPtr> uses;
  uses.reserve(fields_.size());
  for (const SharedOperand& field : fields_) uses.push_back(field.Use());
  return uses;
}

ExpressionPtr SharedFields::Finish(ExpressionPtr result) {
  for (SharedOperand& field : fields_) result = field.Finish(std::move(result));
  return result;
}

}  // namespace tupelo

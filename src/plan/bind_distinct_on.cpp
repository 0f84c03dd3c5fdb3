// plan/bind_distinct_on.cpp: DISTINCT ON, as in PostgreSQL: of the rows that agree in some
// expressions the first one, in the order of ORDER BY.
#include "plan/binder.h"

namespace tupelo {

// The expressions are named as in ORDER BY, which must begin with them, in any order: else it would
// not say which row is the first.
std::vector<OrderItem> Binder::BindDistinctOn(const ast::SelectBody& select, Scope* scope,
                                              const std::vector<SelectItem>& items,
                                              const std::vector<OrderItem>& order) {
  std::vector<OrderItem> distinct_on;
  for (const ast::Expression* expression : select.distinct_on) {
    ast::SortKey key;
    key.expression = expression;
    distinct_on.push_back(BindOrderItem(key, scope, items));
  }
  if (distinct_on.empty() || order.empty()) return distinct_on;
  auto expression_of = [&](const OrderItem& item) -> const BoundExpression& {
    return item.expression == nullptr ? *items[item.item].expression : *item.expression;
  };
  std::vector<bool> is_found(distinct_on.size(), false);
  size_t left = distinct_on.size();
  for (const OrderItem& item : order) {
    bool is_one = false;
    for (size_t i = 0; i < distinct_on.size(); ++i) {
      if (!SameExpression(expression_of(distinct_on[i]), expression_of(item))) continue;
      is_one = true;
      if (!is_found[i]) --left;
      is_found[i] = true;
    }
    if (left == 0) break;
    if (is_one) continue;
    throw Error(ErrorCode::kInvalidColumnReference,
                "ORDER BY must begin with the expressions of DISTINCT ON, in any order",
                item.position);
  }
  return distinct_on;
}

}  // namespace tupelo

// sql/print_window.cpp: what follows the arguments of a call, windows, and GROUP BY, to SQL text.
#include "sql/precedence.h"
#include "sql/printer.h"

namespace tupelo::ast {

void Printer::PrintOrderBy(List<SortKey> keys) {
  for (size_t i = 0; i < keys.size(); ++i) {
    Add(i == 0 ? "ORDER BY " : ", ");
    Print(*keys[i].expression);
    if (keys[i].descending) Add(" DESC");
    if (keys[i].nulls != NullOrder::kUnspecified)
      Add(keys[i].nulls == NullOrder::kFirst ? " NULLS FIRST" : " NULLS LAST");
  }
}

void Printer::PrintOverflow(const CallClauses& clauses) {
  if (!clauses.overflow_given) return;
  Add(" ON OVERFLOW ");
  if (clauses.overflow == nullptr) return Add("ERROR");
  Add("TRUNCATE ");
  if (clauses.overflow->filler != nullptr) {
    Print(*clauses.overflow->filler, kConcatenateLevel);
    Add(" ");
  }
  Add(clauses.overflow->with_count ? "WITH COUNT" : "WITHOUT COUNT");
}

// From behind the last argument on.
void Printer::PrintCallTail(const FunctionCall& call) {
  const CallClauses none, &clauses = call.clauses == nullptr ? none : *call.clauses;
  PrintOverflow(clauses);
  if (!clauses.within_group && !clauses.order_by.empty()) {
    Add(" ");
    PrintOrderBy(clauses.order_by);
  }
  Add(")");
  if (clauses.within_group) {
    Add(" WITHIN GROUP (");
    PrintOrderBy(clauses.order_by);
    Add(")");
  }
  if (call.filter != nullptr) {
    Add(" FILTER (WHERE ");
    Print(*call.filter);
    Add(")");
  }
  if (clauses.from_given) Add(clauses.from_last ? " FROM LAST" : " FROM FIRST");
  if (clauses.nulls == NullTreatment::kIgnore) Add(" IGNORE NULLS");
  if (clauses.nulls == NullTreatment::kRespect) Add(" RESPECT NULLS");
  if (clauses.over == nullptr) return;
  Add(" OVER ");
  if (clauses.over->is_name) return Print(clauses.over->base);
  Print(*clauses.over);
}

void Printer::Print(const WindowSpecification& window) {
  std::string_view space = "(";
  auto next = [&] {
    Add(space);
    space = " ";
  };
  if (!window.base.empty()) {
    next();
    Print(window.base);
  }
  if (!window.partition_by.empty()) {
    next();
    Add("PARTITION BY ");
    PrintList(window.partition_by);
  }
  if (!window.order_by.empty()) {
    next();
    PrintOrderBy(window.order_by);
  }
  if (window.frame != nullptr) {
    next();
    Print(*window.frame);
  }
  Add(space == "(" ? "()" : ")");
}

void Printer::Print(const WindowFrame& frame) {
  static constexpr std::string_view kUnits[] = {"ROWS", "RANGE", "GROUPS"};
  static constexpr std::string_view kExclusions[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP",
                                                     " EXCLUDE TIES"};
  Add(kUnits[static_cast<int>(frame.unit)]);
  Add(" BETWEEN ");
  Print(frame.start);
  Add(" AND ");
  Print(frame.end);
  Add(kExclusions[static_cast<int>(frame.exclusion)]);
}

void Printer::Print(const FrameBound& bound) {
  if (bound.offset != nullptr) Print(*bound.offset, kConcatenateLevel);
  switch (bound.kind) {
    case FrameBoundKind::kUnboundedPreceding: return Add("UNBOUNDED PRECEDING");
    case FrameBoundKind::kPreceding: return Add(" PRECEDING");
    case FrameBoundKind::kCurrentRow: return Add("CURRENT ROW");
    case FrameBoundKind::kFollowing: return Add(" FOLLOWING");
    case FrameBoundKind::kUnboundedFollowing: return Add("UNBOUNDED FOLLOWING");
  }
}

void Printer::PrintGroupingElements(List<GroupingElement> elements) {
  static constexpr std::string_view kWords[] = {"", "ROLLUP (", "CUBE (", "GROUPING SETS ("};
  for (size_t i = 0; i < elements.size(); ++i) {
    const GroupingElement& element = elements[i];
    if (i > 0) Add(", ");
    if (element.kind != GroupingKind::kSet) {
      Add(kWords[static_cast<int>(element.kind)]);
      PrintGroupingElements(element.elements);
      Add(")");
      continue;
    }
    bool parentheses = element.expressions.size() != 1;
    if (parentheses) Add("(");
    PrintList(element.expressions);
    if (parentheses) Add(")");
  }
}

}  // namespace tupelo::ast

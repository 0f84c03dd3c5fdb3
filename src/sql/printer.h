// sql/printer.h: what print.h promises, node by node.
#pragma once

#include <string>
#include <string_view>

#include "sql/ast_query.h"
#include "sql/print_style.h"

namespace tupelo::ast {

// Appends to one string. Not thread-safe.
class Printer {
 public:
  explicit Printer(std::string* out, const PrintStyle* style = nullptr)
      : out_(*out), style_(style) {}

  // print_expression.cpp. In parentheses when its operator binds weaker than `lowest_level`.
  void Print(const Expression& expression, int lowest_level = 0);
  void Print(const Identifier& name);
  void Print(const QualifiedName& name);
  // print_query.cpp
  void Print(const QueryExpression& query);
  void Print(const TypeName& type);
  void Print(const IntervalQualifier& qualifier);

 private:
  void PrintNode(const Expression& expression);
  void PrintFunctionName(const QualifiedName& name);
  void PrintNextValue(const NextValueExpression& next);
  void PrintBinary(std::string_view octets);
  void PrintInterval(const LiteralExpression& literal);
  void PrintLiteral(const LiteralExpression& literal);
  void PrintChain(const ChainExpression& chain);
  void PrintCase(const CaseExpression& expression);
  void PrintTrim(const TrimExpression& trim);
  void PrintSpecialCall(const Expression& expression);
  void PrintCall(const FunctionCall& call);
  // print_window.cpp
  void PrintCallTail(const FunctionCall& call);
  void PrintOverflow(const CallClauses& clauses);
  void PrintOrderBy(List<SortKey> keys);
  void Print(const WindowSpecification& window);
  void Print(const WindowFrame& frame);
  void Print(const FrameBound& bound);
  void PrintGroupingElements(List<GroupingElement> elements);
  void PrintCallArguments(const FunctionCall& call);
  void PrintSpecialValue(const SpecialValueExpression& value);
  // print_predicate.cpp
  void PrintPredicate(const Expression& expression);
  void PrintPattern(const LikeExpression& like);
  void PrintQuoted(std::string_view text, char quote);
  void PrintList(List<const Expression*> items);
  void PrintNames(List<Identifier> names);  // (a, b)
  void PrintBareNames(List<Identifier> names);
  void PrintSubquery(const QueryExpression& query);

  void PrintWith(const WithClause& with);
  void PrintLock(const LockClause& lock);
  void PrintCycle(const CycleClause& cycle);
  void Print(const QueryBody& body);
  void PrintSelect(const SelectBody& select);
  void PrintSetOperation(const SetOperationBody& operation);
  void PrintValues(const ValuesBody& values);
  void Print(const TableReference& table, bool operand);
  void PrintNamed(const NamedTable& table);
  void PrintDerived(const DerivedTable& table);
  void PrintSeries(const SeriesBody& series);
  void PrintAlias(const TableAlias& alias);
  void PrintTableBody(const TableBody& body);
  void PrintSelectItem(const SelectItem& item, const SelectBody& select);
  void PrintJoin(const JoinLink& link);
  void Add(std::string_view text) { out_ += text; }

  std::string& out_;
  const PrintStyle* style_;
  int unnamed_count_ = 0;  // derived tables that got a name
};

}  // namespace tupelo::ast

// sql/print_query.cpp: queries and types to SQL text.
#include "sql/precedence.h"
#include "sql/print.h"
#include "sql/printer.h"

namespace tupelo {

std::string PrintExpression(const ast::Expression& expression) {
  std::string text;
  ast::Printer(&text).Print(expression);
  return text;
}

std::string PrintQuery(const ast::QueryExpression& query) {
  std::string text;
  ast::Printer(&text).Print(query);
  return text;
}

std::string PrintType(const ast::TypeName& type) {
  std::string text;
  ast::Printer(&text).Print(type);
  return text;
}

std::string PrintName(const ast::QualifiedName& name) {
  std::string text;
  ast::Printer(&text).Print(name);
  return text;
}

namespace ast {

void Printer::Print(const IntervalQualifier& qualifier) {
  static constexpr std::string_view kFields[] = {"YEAR", "MONTH",  "DAY",
                                                 "HOUR", "MINUTE", "SECOND"};
  bool one = qualifier.start == qualifier.end;
  Add(kFields[static_cast<int>(qualifier.start)]);
  if (qualifier.leading_precision >= 0) {
    Add("(" + std::to_string(qualifier.leading_precision));
    if (one && qualifier.fractional_precision >= 0)
      Add(", " + std::to_string(qualifier.fractional_precision));
    Add(")");
  }
  if (one) return;
  out_.append(" TO ").append(kFields[static_cast<int>(qualifier.end)]);
  if (qualifier.fractional_precision >= 0)
    Add("(" + std::to_string(qualifier.fractional_precision) + ")");
}

void Printer::Print(const TypeName& type) {
  static constexpr std::string_view kNames[] = {
      "BOOLEAN",   "SMALLINT", "INTEGER", "BIGINT", "NUMERIC", "REAL", "DOUBLE PRECISION",
      "FLOAT",     "CHAR",     "VARCHAR", "CLOB",   "BLOB",    "DATE", "TIME",
      "TIMESTAMP", "INTERVAL"};
  bool is_unlimited = type.length < 0 && style_ != nullptr;
  if (is_unlimited && type.kind == TypeKind::kClob) return Add("TEXT");
  if (is_unlimited && type.kind == TypeKind::kBlob) return Add("BYTEA");
  Add(kNames[static_cast<int>(type.kind)]);
  if (type.kind == TypeKind::kInterval) {
    Add(" ");
    return Print(type.interval);
  }
  if (type.length >= 0) {
    // What is more than INT32_MAX was given in K, M or G.
    int64_t number = type.length;
    std::string_view units = "KMG";
    size_t unit = 0;
    for (; number > INT32_MAX && unit < units.size(); ++unit) number /= 1024;
    Add("(" + std::to_string(number));
    if (unit > 0) out_ += units[unit - 1];
    Add(")");
  }
  if (type.precision >= 0) {
    Add("(" + std::to_string(type.precision));
    if (type.scale >= 0) Add(", " + std::to_string(type.scale));
    Add(")");
  }
  if (type.with_time_zone) Add(" WITH TIME ZONE");
}

void Printer::Print(const QueryExpression& query) {
  if (query.with != nullptr) PrintWith(*query.with);
  Print(*query.body);
  if (!query.order_by.empty()) Add(" ");
  PrintOrderBy(query.order_by);
  if (query.limit != nullptr) {
    Add(query.with_ties ? " FETCH FIRST " : " LIMIT ");
    Print(*query.limit, kConcatenateLevel);
    if (query.with_ties) Add(" ROWS WITH TIES");
  }
  if (query.offset != nullptr) {
    Add(" OFFSET ");
    Print(*query.offset, kConcatenateLevel);
  }
  if (query.lock != nullptr) PrintLock(*query.lock);
}

void Printer::PrintLock(const LockClause& lock) {
  Add(lock.for_update ? " FOR UPDATE" : " FOR SHARE");
  if (!lock.tables.empty()) Add(" OF ");
  PrintBareNames(lock.tables);
  if (lock.wait == LockWait::kNoWait) Add(" NOWAIT");
  if (lock.wait == LockWait::kSkipLocked) Add(" SKIP LOCKED");
}

void Printer::PrintBareNames(List<Identifier> names) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) Add(", ");
    Print(names[i]);
  }
}

void Printer::PrintWith(const WithClause& with) {
  Add(with.recursive ? "WITH RECURSIVE " : "WITH ");
  for (size_t i = 0; i < with.tables.size(); ++i) {
    const CommonTable& table = with.tables[i];
    if (i > 0) Add(", ");
    Print(table.name);
    if (!table.columns.empty()) PrintNames(table.columns);
    Add(" AS ");
    if (table.materialization == Materialization::kNotMaterialized) Add("NOT ");
    if (table.materialization != Materialization::kUnspecified) Add("MATERIALIZED ");
    PrintSubquery(*table.query);
    if (table.search != nullptr) {
      Add(table.search->depth_first ? " SEARCH DEPTH FIRST BY " : " SEARCH BREADTH FIRST BY ");
      PrintBareNames(table.search->by);
      Add(" SET ");
      Print(table.search->column);
    }
    if (table.cycle != nullptr) PrintCycle(*table.cycle);
  }
  Add(" ");
}

void Printer::PrintCycle(const CycleClause& cycle) {
  Add(" CYCLE ");
  PrintBareNames(cycle.columns);
  Add(" SET ");
  Print(cycle.mark);
  if (cycle.value != nullptr) {
    Add(" TO ");
    Print(*cycle.value);
    Add(" DEFAULT ");
    Print(*cycle.otherwise);
  }
  Add(" USING ");
  Print(cycle.path);
}

void Printer::Print(const QueryBody& body) {
  switch (body.kind) {
    case QueryBodyKind::kSelect: return PrintSelect(As<SelectBody>(body));
    case QueryBodyKind::kValues: return PrintValues(As<ValuesBody>(body));
    case QueryBodyKind::kSetOperation: return PrintSetOperation(As<SetOperationBody>(body));
    case QueryBodyKind::kNested: return PrintSubquery(*As<NestedBody>(body).query);
    case QueryBodyKind::kSeries:
      // Only FROM knows it; a query of its own it is nowhere.
      Add("SELECT * FROM ");
      return PrintSeries(As<SeriesBody>(body));
    case QueryBodyKind::kTable: return PrintTableBody(As<TableBody>(body));
  }
}

void Printer::PrintSeries(const SeriesBody& series) {
  Add("GENERATE_SERIES(");
  PrintList(series.arguments);
  Add(series.with_ordinality ? ") WITH ORDINALITY" : ")");
}

void Printer::PrintSetOperation(const SetOperationBody& operation) {
  static constexpr std::string_view kOperators[] = {" UNION ", " EXCEPT ", " INTERSECT "};
  Print(*operation.first);
  for (const SetOperationLink& link : operation.links) {
    Add(kOperators[static_cast<int>(link.op)]);
    if (link.all) Add("ALL ");
    if (link.corresponding) Add("CORRESPONDING ");
    if (!link.by.empty()) {
      Add("BY ");
      PrintNames(link.by);
      Add(" ");
    }
    Print(*link.operand);
  }
}

void Printer::PrintValues(const ValuesBody& values) {
  Add("VALUES ");
  for (size_t i = 0; i < values.rows.size(); ++i) {
    Add(i == 0 ? "(" : ", (");
    PrintList(values.rows[i]->fields);
    Add(")");
  }
}

void Printer::PrintSelectItem(const SelectItem& item, const SelectBody& select) {
  if (item.kind == SelectItemKind::kExpression) {
    Print(*item.expression);
    if (!item.alias.empty()) Add(" AS ");
    if (!item.alias.empty()) Print(item.alias);
    return;
  }
  std::string columns = style_ != nullptr ? style_->ColumnsOf(select) : std::string();
  if (!columns.empty()) return Add(columns);
  if (item.kind == SelectItemKind::kQualifiedStar) {
    size_t count = item.qualifier.parts.size();
    for (size_t i = style_ != nullptr ? style_->FirstPart(item.qualifier, count) : 0; i < count;
         ++i) {
      Print(item.qualifier.parts[i]);
      Add(".");
    }
  }
  Add("*");
}

void Printer::PrintSelect(const SelectBody& select) {
  Add(select.distinct ? "SELECT DISTINCT " : "SELECT ");
  if (!select.distinct_on.empty()) {
    Add("ON (");
    PrintList(select.distinct_on);
    Add(") ");
  }
  for (size_t i = 0; i < select.items.size(); ++i) {
    if (i > 0) Add(", ");
    PrintSelectItem(select.items[i], select);
  }
  for (size_t i = 0; i < select.from.size(); ++i) {
    Add(i == 0 ? " FROM " : ", ");
    Print(*select.from[i], false);
  }
  if (select.where != nullptr) {
    Add(" WHERE ");
    Print(*select.where);
  }
  if (select.has_group_by) {
    Add(select.group_distinct ? " GROUP BY DISTINCT " : " GROUP BY ");
    PrintGroupingElements(select.group_by);
  }
  if (select.having != nullptr) {
    Add(" HAVING ");
    Print(*select.having);
  }
  for (size_t i = 0; i < select.windows.size(); ++i) {
    Add(i == 0 ? " WINDOW " : ", ");
    Print(select.windows[i].name);
    Add(" AS ");
    Print(*select.windows[i].specification);
  }
}

void Printer::Print(const TableReference& table, bool operand) {
  switch (table.kind) {
    case TableReferenceKind::kTable: return PrintNamed(As<NamedTable>(table));
    case TableReferenceKind::kDerived: return PrintDerived(As<DerivedTable>(table));
    case TableReferenceKind::kJoin: {
      auto& join = As<JoinedTable>(table);
      bool parentheses = operand || !table.alias.name.empty();
      if (parentheses) Add("(");
      Print(*join.first, true);
      for (const JoinLink& link : join.links) PrintJoin(link);
      if (parentheses) Add(")");
      break;
    }
  }
  PrintAlias(table.alias);
}

void Printer::PrintAlias(const TableAlias& alias) {
  if (alias.name.empty()) return;
  Add(" AS ");
  Print(alias.name);
  if (!alias.columns.empty()) PrintNames(alias.columns);
}

void Printer::PrintDerived(const DerivedTable& table) {
  const QueryBody& body = *table.query->body;
  if (style_ != nullptr && body.kind == QueryBodyKind::kSeries) {
    PrintSeries(As<SeriesBody>(body));
    return PrintAlias(table.alias);
  }
  if (table.lateral) Add("LATERAL ");
  PrintSubquery(*table.query);
  // Elsewhere it must have a name.
  if (style_ != nullptr && table.alias.name.empty()) {
    Add(" AS derived_" + std::to_string(++unnamed_count_));
  }
  PrintAlias(table.alias);
}

void Printer::PrintNamed(const NamedTable& table) {
  std::optional<StyledTable> styled;
  if (style_ != nullptr) styled = style_->Find(table.name);
  if (!styled.has_value()) {
    Print(table.name);
    return PrintAlias(table.alias);
  }
  Add(styled->text);
  if (styled->columns.empty() && !table.alias.name.empty()) return PrintAlias(table.alias);
  if (table.alias.name.empty() && styled->alias.empty()) return;
  Add(" AS ");
  if (table.alias.name.empty()) {
    Add(styled->alias);
  } else {
    Print(table.alias.name);
  }
  size_t given = 0;
  for (size_t i = 0; i < styled->columns.size(); ++i) {
    Add(i == 0 ? "(" : ", ");
    if (!styled->hidden[i] && given < table.alias.columns.size()) {
      Print(table.alias.columns[given++]);
    } else {
      Add(styled->columns[i]);
    }
  }
  if (!styled->columns.empty()) Add(")");
}

void Printer::PrintTableBody(const TableBody& body) {
  std::optional<StyledTable> styled;
  if (style_ != nullptr) styled = style_->Find(body.name);
  bool is_plain = !styled.has_value() || styled->alias.empty();
  Add(is_plain ? "TABLE " : "SELECT * FROM ");
  if (!styled.has_value()) return Print(body.name);
  NamedTable table;
  table.name = body.name;
  PrintNamed(table);
}

void Printer::PrintJoin(const JoinLink& link) {
  static constexpr std::string_view kJoins[] = {"JOIN ", "LEFT JOIN ", "RIGHT JOIN ", "FULL JOIN ",
                                                "CROSS JOIN "};
  Add(link.natural ? " NATURAL " : " ");
  Add(kJoins[static_cast<int>(link.kind)]);
  Print(*link.table, true);
  if (link.on != nullptr) {
    Add(" ON ");
    Print(*link.on);
  } else if (!link.using_columns.empty()) {
    Add(" USING ");
    PrintNames(link.using_columns);
  }
}

}  // namespace ast

}  // namespace tupelo

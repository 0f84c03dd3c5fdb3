// engine/dump_rows.cpp: rows as the text of VALUES: a query that writes it, column by column.
#include "engine/dump.h"

namespace tupelo {

namespace {

std::string Quoted(const std::string& text) { return "'''' || " + text + " || ''''"; }

// Of a value that is not null, what both read as exactly this value of the column.
std::string LiteralOf(const std::string& column, const Type& type) {
  std::string text = "CAST(" + column + " AS VARCHAR)";
  // CAST gives no sign of zero; a number has none in PostgreSQL, a text has.
  std::string is_negative_zero = column + " = 0 AND FORMAT('%g', " + column + ") = '-0'";
  switch (type.id) {
    // A number would be DOUBLE PRECISION first, and be rounded twice.
    case TypeId::kReal:
      return "'CAST(''' || CASE WHEN " + is_negative_zero + " THEN '-0' ELSE " + text +
             " END || ''' AS REAL)'";
    case TypeId::kDouble:
      return "CASE WHEN " + is_negative_zero + " THEN 'CAST(''-0'' AS DOUBLE PRECISION)' ELSE " +
             text + " END";
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kClob: return Quoted("REPLACE(" + column + ", '''', '''''')");
    case TypeId::kBlob: return "'DECODE(''' || ENCODE(" + column + ", 'hex') || ''', ''hex'')'";
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimeTz:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kYearMonth: return Quoted(text);
    // PostgreSQL takes a sign for that of the first field alone.
    case TypeId::kDayTime:
      if (type.start_field() == type.end_field()) return Quoted(text);
      return "CASE WHEN " + text + " LIKE '-%' THEN '-CAST(''' || SUBSTRING(" + text +
             " FROM 2) || ''' AS " + DumpType(type) + ")' ELSE " + Quoted(text) + " END";
    default: return text;
  }
}

}  // namespace

DumpedRows DumpRows(const TableDefinition& table, const DumpNames& names) {
  std::string columns, row;
  bool always = false;
  for (const ColumnDefinition& column : table.columns) {
    if (column.is_generated()) continue;
    always |= column.identity != nullptr && column.identity->always;
    columns += (columns.empty() ? "" : ", ") + names.Of(column.name);
    std::string literal = LiteralOf(QuoteIdentifier(column.name.key), column.type);
    row += row.empty() ? "'(' || " : " || ', ' || ";
    row += "COALESCE(" + literal + ", 'NULL')";
  }
  DumpedRows rows;
  rows.insert = "INSERT INTO " + names.Qualified(table.schema, table.name) + " (" + columns +
                (always ? ") OVERRIDING SYSTEM VALUE VALUES" : ") VALUES");
  rows.select = "SELECT " + row + " || ')' FROM " + QuoteIdentifier(table.schema.key) + "." +
                QuoteIdentifier(table.name.key);
  return rows;
}

}  // namespace tupelo

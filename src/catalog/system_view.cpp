// catalog/system_view.cpp: one row a view of schema TUPELO, with its columns.
//
// Stored views know the columns by their numbers: a new one goes behind the others.
#include "catalog/system_view.h"

#include <utility>

namespace tupelo {

namespace {

Name Plain(std::string_view text) { return Name(text, false); }

SystemView::Column Text(std::string_view name) { return {Plain(name), Type::Varchar(), false}; }
SystemView::Column Number(std::string_view name) { return {Plain(name), Type::BigInt(), false}; }
SystemView::Column Truth(std::string_view name) { return {Plain(name), Type::Boolean(), false}; }
SystemView::Column Time(std::string_view name) { return {Plain(name), Type::TimestampTz(), true}; }
SystemView::Column Nullable(SystemView::Column column) {
  column.nullable = true;
  return column;
}

std::vector<SystemView> MakeViews() {
  using Id = SystemViewId;
  std::vector<SystemView> views;
  auto add = [&](Id id, std::string_view name, std::vector<SystemView::Column> columns) {
    views.push_back({id, Plain(name), std::move(columns)});
  };
  add(Id::kSettings, "settings",
      {Text("name"), Text("value"), Text("default_value"), Text("scope"), Text("description")});
  add(Id::kTables, "tables",
      {Text("schema"), Text("name"), Number("rows"), Number("columns"), Number("indexes"),
       Number("bytes"), Truth("is_temporary")});
  add(Id::kIndexes, "indexes",
      {Text("schema"), Text("table_name"), Text("name"), Text("columns"), Truth("is_unique"),
       Truth("is_constraint"), Number("entries"), Number("bytes")});
  add(Id::kDatabase, "database",
      {Nullable(Text("path")), Nullable(Number("file_bytes")), Nullable(Number("page_bytes")),
       Nullable(Number("free_bytes")), Nullable(Number("format_version")),
       Nullable(Number("generation")), Number("memory_bytes"), Number("old_versions"),
       Number("old_version_bytes"), Number("connections")});
  add(Id::kLog, "log",
      {Number("bytes_since_checkpoint"), Number("appended_bytes"), Number("file_bytes"),
       Number("second_file_bytes"), Text("synchronous")});
  add(Id::kCache, "cache",
      {Number("limit_bytes"), Number("block_bytes"), Number("statement_bytes"),
       Number("temporary_bytes"), Number("temporary_bytes_written")});
  add(Id::kCheckpoints, "checkpoints",
      {Number("completed"),
       Time("finished_at"),
       {Plain("duration_ms"), Type::Double(), true},
       Nullable(Number("bytes_written")),
       Number("failed"),
       Time("failed_at"),
       Nullable(Text("error"))});
  add(Id::kTransactions, "transactions",
      {Number("id"), Number("snapshot"), Time("started_at"), Number("statements"),
       Truth("has_changes"), Truth("is_own")});
  add(Id::kStatements, "statements",
      {Text("sql"), Text("kind"), Number("parameters"), Number("plans"), Number("runs"),
       Number("open_results")});
  add(Id::kVersions, "versions",
      {Nullable(Number("connection")), Text("holder"), Time("started_at"),
       Nullable(Text("isolation_level")), Number("snapshot"), Number("newer_commits"),
       Number("old_versions"), Number("old_version_bytes")});
  return views;
}

const std::vector<SystemView>& Views() {
  static const std::vector<SystemView> views = MakeViews();
  return views;
}

}  // namespace

bool IsSystemSchema(const Name& schema) { return EqualIgnoringCase(schema.key, kSystemSchema); }

const Name& SystemSchemaName() {
  static const Name name = Plain("tupelo");
  return name;
}

const SystemView* FindSystemView(const Name& name) {
  const std::vector<SystemView>& views = Views();
  size_t found = FindName(name.key, views.size(),
                          [&](size_t i) -> std::string_view { return views[i].name.key; });
  return found < views.size() ? &views[found] : nullptr;
}

std::string NamesOfSystemViews() {
  std::string names;
  for (const SystemView& view : Views()) {
    names += (names.empty() ? "" : ", ") + view.name.spelling;
  }
  return names;
}

}  // namespace tupelo

// engine/dump_names.cpp: which names need quotes.
#include "engine/dump_names.h"

#include <algorithm>

#include "base/arena.h"
#include "sql/lexer.h"
#include "sql/parser.h"
#include "sql/printer.h"

namespace tupelo {

namespace {

// Words that PostgreSQL takes for no name of a column or table, and Tupelo does, in their order.
constexpr std::string_view kReservedElsewhere[] = {
    "ANALYSE",      "ANALYZE",         "ARRAY",        "AUTHORIZATION",  "BINARY", "COLLATION",
    "CONCURRENTLY", "CURRENT_CATALOG", "CURRENT_ROLE", "CURRENT_SCHEMA", "DO",     "FREEZE",
    "ISNULL",       "NOTNULL",         "TABLESAMPLE",  "VARIADIC",       "VERBOSE"};

std::string Lowered(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lowered;
}

bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Whether it can be written without quotes: one word that no clause begins with.
bool IsWord(std::string_view spelling) {
  Arena arena;
  try {
    Token token = Lexer(spelling, arena).Next();
    if (token.kind != TokenKind::kWord || token.text.size() != spelling.size()) return false;
  } catch (const Error&) {
    return false;
  }
  Keyword word = FindKeyword(spelling);
  if (word == Keyword::kNone) return true;
  return ClassOf(word) == KeywordClass::kUsable && word != Keyword::kInterval;
}

// Of expressions, which name columns alone.
class ExpressionStyle : public ast::PrintStyle {
 public:
  ExpressionStyle(const DumpNames* names, bool numbers_by_call)
      : names_(*names), numbers_by_call_(numbers_by_call) {}

  void Append(const ast::Identifier& name, std::string* out) const override {
    *out += names_.Of(name);
  }
  std::optional<ast::StyledTable> Find(const ast::QualifiedName&) const override {
    return std::nullopt;
  }
  std::string ColumnsOf(const ast::SelectBody&) const override { return {}; }
  size_t FirstPart(const ast::QualifiedName&, size_t) const override { return 0; }
  bool numbers_by_call() const override { return numbers_by_call_; }

 private:
  const DumpNames& names_;
  bool numbers_by_call_;
};

}  // namespace

DumpNames::DumpNames(const CatalogSnapshot& catalog) {
  for (const Name& schema : catalog.Schemas()) {
    Add(schema);
    for (const SequencePtr& sequence : catalog.SequencesOf(schema)) Add(sequence->name);
    for (const ViewPtr& view : catalog.ViewsOf(schema)) {
      Add(view->name);
      for (const ViewColumn& column : view->columns) Add(column.name);
    }
    for (const TablePtr& table : catalog.TablesOf(schema)) {
      Add(table->name);
      for (const ColumnDefinition& column : table->columns) Add(column.name);
      for (const IndexDefinition& index : table->indexes) Add(index.name);
      for (const CheckDefinition& check : table->checks) Add(check.name);
      for (const ForeignKeyDefinition& key : table->foreign_keys) Add(key.name);
    }
  }
}

void DumpNames::Add(const Name& name) {
  if (FoldUpper(name.key) != name.key) exact_.insert(name.key);
  if (FoldUpper(name.spelling) == name.key) spellings_.emplace(name.key, name.spelling);
}

bool DumpNames::IsPlain(std::string_view key, std::string_view spelling) const {
  if (FoldUpper(spelling) != key || !IsWord(spelling)) return false;
  if (std::ranges::binary_search(kReservedElsewhere, key)) return false;
  return !exact_.contains(Lowered(spelling));
}

// PostgreSQL folds letters of ASCII alone: others must be the same wherever the name stands.
std::string DumpNames::Of(const Name& name) const {
  if (!IsAscii(name.key)) return OfKey(name.key);
  return IsPlain(name.key, name.spelling) ? name.spelling : QuoteIdentifier(name.key);
}

std::string DumpNames::OfKey(std::string_view key) const {
  auto found = spellings_.find(key);
  std::string_view spelling = found == spellings_.end() ? key : std::string_view(found->second);
  return IsPlain(key, spelling) ? std::string(spelling) : QuoteIdentifier(key);
}

std::string DumpNames::Of(const ast::Identifier& name) const {
  if (name.quoted) return OfKey(name.text);
  std::string key = FoldUpper(name.text);
  return IsAscii(key) && IsPlain(key, name.text) ? std::string(name.text) : OfKey(key);
}

std::string DumpNames::Qualified(const Name& schema, const Name& name) const {
  return schema.key == kDefaultSchema ? Of(name) : Of(schema) + "." + Of(name);
}

std::string DumpNames::Expression(const std::string& sql, bool numbers_by_call) const {
  Arena arena;
  std::string text;
  ExpressionStyle style(this, numbers_by_call);
  ast::Printer(&text, &style).Print(*ParseExpression(sql, arena));
  return text;
}

}  // namespace tupelo

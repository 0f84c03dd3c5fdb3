// plan/bind_copy.cpp: COPY: an INSERT whose rows come from a file, or a query whose rows go to one.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

namespace {

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return lower;
}

[[noreturn]] void ThrowOption(const ast::CopyOption& option, const std::string& wanted) {
  std::string name(option.name);
  throw Error(
      ErrorCode::kInvalidParameterValue,
      name + " takes " + wanted + (option.has_value ? ", not: " : "") + std::string(option.value),
      option.value_position);
}

bool IsTrue(const ast::CopyOption& option) {
  if (!option.has_value) return true;
  std::string value = ToLower(option.value);
  if (value == "true" || value == "on" || value == "1") return true;
  if (value == "false" || value == "off" || value == "0") return false;
  ThrowOption(option, "TRUE or FALSE");
}

char OneByte(const ast::CopyOption& option) {
  std::string_view value = option.value;
  if (value == "\\t") return '\t';
  if (!option.has_value || value.size() != 1 || value == "\n" || value == "\r" ||
      static_cast<unsigned char>(value[0]) >= 0x80) {
    ThrowOption(option, "one character of ASCII that is no end of a line");
  }
  return value[0];
}

// What of an option that is known has one value only.
void CheckOnly(const ast::CopyOption& option, std::initializer_list<std::string_view> known) {
  std::string value = ToLower(option.value);
  if (std::ranges::find(known, value) != known.end()) return;
  throw Error(ErrorCode::kFeatureNotSupported,
              "COPY with " + std::string(option.name) + " " + std::string(option.value) +
                  " is not supported",
              option.value_position);
}

void SetCompression(const ast::CopyOption& option, CopyPlan* copy) {
  std::string value = ToLower(option.value);
  copy->compression_given = true;
  if (value == "none") {
    copy->compression = Compression::kNone;
  } else if (value == "gzip") {
    copy->compression = Compression::kGzip;
  } else if (value == "zstd") {
    copy->compression = Compression::kZstd;
  } else {
    ThrowOption(option, "'none', 'gzip' or 'zstd'");
  }
}

void SetOption(const ast::CopyOption& option, bool to_file, CopyPlan* copy, bool* escape_given) {
  std::string name = ToLower(option.name);
  if (name == "format") return CheckOnly(option, {"csv"});
  if (name == "encoding") return CheckOnly(option, {"utf8", "utf-8", "unicode"});
  if (name == "header") {
    copy->header_matches = !to_file && option.has_value && ToLower(option.value) == "match";
    copy->header = copy->header_matches || IsTrue(option);
  } else if (name == "delimiter" || name == "delim" || name == "sep") {
    copy->format.delimiter = OneByte(option);
  } else if (name == "quote") {
    copy->format.quote = OneByte(option);
  } else if (name == "escape") {
    copy->format.escape = OneByte(option);
    *escape_given = true;
  } else if (name == "null") {
    if (!option.has_value || option.value.find_first_of("\r\n") != std::string_view::npos) {
      ThrowOption(option, "a text without an end of a line");
    }
    copy->null = option.value;
  } else if (name == "compression") {
    SetCompression(option, copy);
  } else {
    constexpr std::string_view kOthers[] = {"freeze",         "force_quote", "force_null",
                                            "force_not_null", "default",     "on_error",
                                            "log_verbosity",  "reject_limit"};
    bool known = std::ranges::find(kOthers, name) != std::end(kOthers);
    throw Error(known ? ErrorCode::kFeatureNotSupported : ErrorCode::kSyntaxError,
                known ? "COPY with " + std::string(option.name) + " is not supported"
                      : "COPY has no such option; it has FORMAT, HEADER, DELIMITER, QUOTE, ESCAPE, "
                        "NULL, ENCODING and COMPRESSION: " +
                            std::string(option.name),
                option.position);
  }
}

}  // namespace

std::unique_ptr<CopyPlan> Binder::BindCopyOptions(const ast::CopyStatement& statement) {
  auto copy = std::make_unique<CopyPlan>();
  bool escape_given = false;
  for (size_t i = 0; i < statement.options.size(); ++i) {
    const ast::CopyOption& option = statement.options[i];
    for (size_t j = 0; j < i; ++j) {
      if (ToLower(statement.options[j].name) != ToLower(option.name)) continue;
      throw Error(ErrorCode::kSyntaxError, "option stands twice: " + std::string(option.name),
                  option.position);
    }
    SetOption(option, statement.to_file, copy.get(), &escape_given);
  }
  CsvFormat& format = copy->format;
  if (!escape_given) format.escape = format.quote;
  if (format.delimiter == format.quote || copy->null.find(format.delimiter) != std::string::npos ||
      copy->null.find(format.quote) != std::string::npos) {
    throw Error(ErrorCode::kInvalidParameterValue,
                "the delimiter, the quote and the text of null must differ", statement.position);
  }
  Scope no_columns;
  ExpressionPtr path = BindExpression(*statement.path, &no_columns);
  if (!path->type.is_character() && path->type.id != TypeId::kNull) {
    throw Error(ErrorCode::kInvalidCast, "the name of a file is text, not " + path->type.ToString(),
                path->position);
  }
  copy->path = path->type.id == TypeId::kNull
                   ? Convert(std::move(path), Type::Varchar(), CastKind::kImplicit)
                   : std::move(path);
  return copy;
}

PlanPtr Binder::BindCopy(const ast::CopyStatement& statement) {
  std::unique_ptr<CopyPlan> copy = BindCopyOptions(statement);
  return statement.to_file ? BindCopyTo(statement, std::move(copy))
                           : BindCopyFrom(statement, std::move(copy));
}

// Those named, or all but the generated ones.
std::vector<uint16_t> Binder::BindCopyColumns(const ast::CopyStatement& statement,
                                              const TablePtr& table) {
  std::vector<uint16_t> columns = BindInsertColumns(statement.columns, table, true);
  for (size_t i = 0; i < statement.columns.size(); ++i) {
    if (!table->columns[columns[i]].is_generated()) continue;
    throw Error(ErrorCode::kInvalidColumnReference,
                "generated columns are not copied; leave it out: " +
                    table->columns[columns[i]].name.spelling,
                statement.columns[i].position)
        .OnTable(table->name.spelling)
        .OnColumn(table->columns[columns[i]].name.spelling);
  }
  std::erase_if(columns, [&](uint16_t column) { return table->columns[column].is_generated(); });
  return columns;
}

PlanPtr Binder::BindCopyFrom(const ast::CopyStatement& statement, std::unique_ptr<CopyPlan> copy) {
  TablePtr table = FindTable(statement.table);
  std::vector<uint16_t> columns = BindCopyColumns(statement, table);
  auto file = std::make_unique<PlanNode>(PlanKind::kCopyFrom);
  for (uint16_t column : columns) {
    const ColumnDefinition& target = table->columns[column];
    file->output.push_back({NextColumn(), target.type, true, NameRef(target.name)});
  }
  file->table = table;
  file->copy = std::move(copy);
  auto node = std::make_unique<PlanNode>(PlanKind::kInsert);
  node->children.push_back(std::move(file));
  // As PostgreSQL: the numbers of an identity are those of the file where it has them.
  node->defaults = BindDefaults(table, ast::Overriding::kSystemValue, &columns);
  node->table = table;
  node->target_columns = std::move(columns);
  BindChecksOf(table, &node->checks);
  return node;
}

PlanPtr Binder::BindCopyTo(const ast::CopyStatement& statement, std::unique_ptr<CopyPlan> copy) {
  PlanPtr rows;
  if (statement.query != nullptr) {
    rows = BindQuery(*statement.query, nullptr);
  } else {
    TablePtr table = FindTable(statement.table);
    rows = ScanTable(table, table->name, false);
    std::vector<uint16_t> columns = BindCopyColumns(statement, table);
    if (!statement.columns.empty() || columns.size() != table->columns.size()) {
      auto project = std::make_unique<PlanNode>(PlanKind::kProject);
      for (uint16_t column : columns) {
        const OutputColumn& output = rows->output[column];
        project->output.push_back(output);
        project->computed.push_back({output.id, MakeColumn(output.id, output.type)});
      }
      project->children.push_back(std::move(rows));
      rows = std::move(project);
    }
  }
  auto node = std::make_unique<PlanNode>(PlanKind::kCopyTo);
  node->copy = std::move(copy);
  node->children.push_back(std::move(rows));
  return node;
}

}  // namespace tupelo

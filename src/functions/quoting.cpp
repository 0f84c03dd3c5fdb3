// functions/quoting.cpp: QUOTE_LITERAL, QUOTE_NULLABLE, QUOTE_IDENT.
#include "functions/quoting.h"

#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/string_signature.h"

namespace tupelo {

void AppendQuoted(std::string_view text, char quote, std::string* out) {
  *out += quote;
  for (char c : text) {
    if (c == quote) *out += quote;
    *out += c;
  }
  *out += quote;
}

namespace {

struct QuoteLiteral {
  static constexpr bool kEachRow = true;
  explicit QuoteLiteral(const KernelCall& call) : result(call.result) {}
  StringRef operator()(const StringRef& text) {
    CheckStringSize(uint64_t{text.size()} * 2 + 2);
    buffer.clear();
    AppendQuoted(text.view(), '\'', &buffer);
    return result->CopyToHeap(buffer);
  }
  Vector* result;
  std::string buffer;
};

// Always with quotes: without them the name would fold to upper case, or be a reserved word.
struct QuoteIdentifier : QuoteLiteral {
  using QuoteLiteral::QuoteLiteral;
  StringRef operator()(const StringRef& name) {
    CheckStringSize(uint64_t{name.size()} * 2 + 2);
    buffer.clear();
    AppendQuoted(name.view(), '"', &buffer);
    return result->CopyToHeap(buffer);
  }
};

// A null is the word NULL.
void QuoteNullable(const KernelCall& call) {
  uint32_t capacity = call.rows.is_dense() ? call.rows.count : kVectorSize;
  call.result->PrepareWrite(capacity == 0 ? 1 : capacity);
  auto* out = call.result->MutableData<StringRef>();
  QuoteLiteral quote(call);
  const Vector& argument = *call.arguments[0];
  ForEachRow(call.rows, [&](uint32_t row) {
    out[row] = argument.IsValid(row) ? quote(argument.At<StringRef>(row)) : StringRef("NULL");
  });
}

template <Kernel kKernel>
bool Resolve(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "t", function, &bytes)) return false;
  function->result = Type::Varchar();
  function->kernel = kKernel;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"QUOTE_LITERAL", "a string", Resolve<UnaryKernel<StringRef, StringRef, QuoteLiteral>>},
    {"QUOTE_NULLABLE", "a string", Resolve<QuoteNullable>},
    {"QUOTE_IDENT", "a string", Resolve<UnaryKernel<StringRef, StringRef, QuoteIdentifier>>},
};

}  // namespace

std::span<const FunctionRow> QuotingFunctions() { return kRows; }

}  // namespace tupelo

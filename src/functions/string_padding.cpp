// functions/string_padding.cpp: LPAD, RPAD and REPEAT.
#include <algorithm>
#include <fmt/format.h>

#include "base/long_text.h"
#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/string_signature.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

// Looks now and then whether the statement is to end.
void AppendRepeated(std::string_view text, uint64_t times, const EvaluationContext* context,
                    std::string* buffer) {
  if (times == 0) return;
  constexpr uint64_t kBytesBetweenChecks = 1 << 20;
  buffer->reserve(buffer->size() + times * text.size());
  std::string piece;  // of some copies, for a short text
  uint64_t per_piece = std::clamp<uint64_t>(kBytesBetweenChecks / text.size(), 1, times);
  for (uint64_t i = 0; i < per_piece && times > 1; ++i) piece.append(text);
  for (; times >= per_piece && times > 1; times -= per_piece) {
    AppendLongText(buffer, piece);
    context->CheckInterrupt();
  }
  for (; times > 0; --times) AppendLongText(buffer, text);
}

// `text` cut or filled to `length` characters, filled on the left or on the right.
template <bool kLeft>
struct Pad {
  static constexpr bool kEachRow = true;
  explicit Pad(const KernelCall& call) : result(call.result), context(call.context) {}
  Vector* result;
  const EvaluationContext* context;
  std::string buffer;

  StringRef operator()(const StringRef& text, int64_t length) {
    return (*this)(text, length, StringRef(" ", 1));
  }
  StringRef operator()(const StringRef& text, int64_t length, const StringRef& fill) {
    length = std::max<int64_t>(length, 0);
    CheckStringSize(static_cast<uint64_t>(length));
    auto wanted = static_cast<size_t>(length);
    size_t present = CountCharacters(text.view());
    if (wanted <= present)
      return StringRef(text.view().substr(0, OffsetOfCharacter(text.view(), wanted)));
    if (fill.size() == 0) return text;
    size_t missing = wanted - present;
    size_t fill_characters = CountCharacters(fill.view());
    std::string_view rest =
        fill.view().substr(0, OffsetOfCharacter(fill.view(), missing % fill_characters));
    CheckStringSize(uint64_t{text.size()} + uint64_t{missing / fill_characters + 1} * fill.size());
    buffer.assign(kLeft ? std::string_view() : text.view());
    AppendRepeated(fill.view(), missing / fill_characters, context, &buffer);
    buffer.append(rest);
    if (kLeft) buffer.append(text.view());
    return result->CopyToHeap(buffer);
  }
};

struct Repeat {
  static constexpr bool kEachRow = true;
  explicit Repeat(const KernelCall& call) : result(call.result), context(call.context) {}
  Vector* result;
  const EvaluationContext* context;
  std::string buffer;

  StringRef operator()(const StringRef& text, int64_t times) {
    if (times <= 0 || text.size() == 0) return StringRef();
    CheckStringSize(static_cast<uint64_t>(times));
    CheckStringSize(static_cast<uint64_t>(times) * text.size());
    buffer.clear();
    AppendRepeated(text.view(), static_cast<uint64_t>(times), context, &buffer);
    return result->CopyToHeap(buffer);
  }
};

template <bool kLeft>
bool ResolvePad(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (MatchSignature(types, "ti", function, &bytes)) {
    function->kernel = EachRowKernel<StringRef, Pad<kLeft>, StringRef, int64_t>;
  } else if (MatchSignature(types, "tit", function, &bytes)) {
    function->kernel = EachRowKernel<StringRef, Pad<kLeft>, StringRef, int64_t, StringRef>;
  } else {
    return false;
  }
  function->result = UnlimitedOf(function->argument_types[0]);
  return true;
}

bool ResolveRepeat(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "ti", function, &bytes)) return false;
  function->kernel = BinaryKernel<StringRef, int64_t, StringRef, Repeat>;
  function->result = UnlimitedOf(function->argument_types[0]);
  return true;
}

constexpr FunctionRow kRows[] = {
    {"LPAD", "a string, an integer and perhaps a string to fill with", ResolvePad<true>},
    {"RPAD", "a string, an integer and perhaps a string to fill with", ResolvePad<false>},
    {"REPEAT", "a string and an integer", ResolveRepeat},
};

}  // namespace

std::span<const FunctionRow> StringPaddingFunctions() { return kRows; }

}  // namespace tupelo

// functions/similar.cpp: SIMILAR TO, SUBSTRING ... SIMILAR, GLOB (SQL:1999 part 2, 8.6 and 6.18).
#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/regular_expression.h"
#include "functions/string_signature.h"

namespace tupelo {
namespace {

using Translation = std::string (*)(std::string_view pattern, std::string_view escape);

std::string GlobOf(std::string_view pattern, std::string_view) { return TranslateGlob(pattern); }

// The regular expression of arguments 1 (the pattern) and 2 (the escape, which may be missing),
// translated anew only where they change.
class PatternOf {
 public:
  PatternOf(const KernelCall& call, Translation translate) : call_(call), translate_(translate) {}

  const re2::RE2& operator()(uint32_t row) {
    const Vector& pattern = *call_.arguments[1];
    const Vector* escape = call_.arguments.size() > 2 ? call_.arguments[2] : nullptr;
    bool constant = pattern.is_constant() && (escape == nullptr || escape->is_constant());
    if (regex_ == nullptr || !constant) {
      std::string_view written = pattern.At<StringRef>(row).view();
      std::string_view escape_text;
      if (escape != nullptr) escape_text = escape->At<StringRef>(row).view();
      regex_ = &CompileRegex(translate_(written, escape_text), {}, written);
    }
    return *regex_;
  }

 private:
  const KernelCall& call_;
  Translation translate_;
  const re2::RE2* regex_ = nullptr;
};

re2::StringPiece PieceOf(std::string_view text) { return {text.data(), text.size()}; }

template <Translation kTranslate>
void Matches(const KernelCall& call) {
  auto* out = PrepareResult<uint8_t>(call);
  PatternOf pattern(call, kTranslate);
  ForEachValidRow(call, out, [&](uint32_t row) {
    const re2::RE2& regex = pattern(row);
    out[row] = re2::RE2::FullMatch(PieceOf(call.arguments[0]->At<StringRef>(row).view()), regex);
  });
}

void SubstringSimilar(const KernelCall& call) {
  auto* out = PrepareResult<StringRef>(call);
  PatternOf pattern(call, TranslateSimilarSubstring);
  ForEachValidRow(call, out, [&](uint32_t row) {
    const re2::RE2& regex = pattern(row);
    re2::StringPiece middle;
    out[row] = StringRef();
    if (re2::RE2::FullMatch(PieceOf(call.arguments[0]->At<StringRef>(row).view()), regex,
                            &middle)) {
      out[row] = StringRef(middle.data(), static_cast<uint32_t>(middle.size()));
    } else {
      call.result->SetNull(row);
    }
  });
}

bool ResolveMatch(std::span<const Type> types, Kernel kernel, size_t most,
                  BoundFunction* function) {
  bool bytes = false;
  if (types.size() < 2 || types.size() > most) return false;
  if (!MatchSignature(types, types.size() == 2 ? "tt" : "ttt", function, &bytes)) return false;
  function->result = Type::Boolean();
  function->kernel = kernel;
  return true;
}

bool ResolveSimilar(std::span<const Type> types, BoundFunction* function) {
  return ResolveMatch(types, Matches<TranslateSimilar>, 3, function);
}

bool ResolveGlob(std::span<const Type> types, BoundFunction* function) {
  return ResolveMatch(types, Matches<GlobOf>, 2, function);
}

bool ResolveSubstringSimilar(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "ttt", function, &bytes)) return false;
  function->result = VaryingOf(function->argument_types[0]);
  function->kernel = SubstringSimilar;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"SIMILAR TO", "two or three (with ESCAPE) strings", ResolveSimilar},
    {"GLOB", "two strings", ResolveGlob},
    {"SUBSTRING", "a string, a pattern and an escape", ResolveSubstringSimilar},
};

}  // namespace

std::span<const FunctionRow> SimilarFunctions() { return kRows; }

}  // namespace tupelo

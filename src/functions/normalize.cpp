// functions/normalize.cpp: NORMALIZE and IS NORMALIZED: Unicode's normal forms (SQL:2003 part 2,
// 6.29 and 8.11).
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <utf8proc.h>

#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/string_signature.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

int OptionsOf(std::string_view form) {
  int stable = UTF8PROC_STABLE;
  if (form == "NFC") return stable | UTF8PROC_COMPOSE;
  if (form == "NFD") return stable | UTF8PROC_DECOMPOSE;
  if (form == "NFKC") return stable | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
  if (form == "NFKD") return stable | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
  throw Error(ErrorCode::kInvalidParameterValue,
              fmt::format("a normal form is NFC, NFD, NFKC or NFKD: '{}'", form));
}

struct FreeMemory {
  void operator()(utf8proc_uint8_t* bytes) const { std::free(bytes); }
};
using NormalText = std::unique_ptr<utf8proc_uint8_t, FreeMemory>;

// ASCII is in every normal form: `normal` stays empty.
std::string_view Normalized(std::string_view text, std::string_view form, NormalText* normal) {
  int options = OptionsOf(form);
  if (IsAscii(text)) return text;
  utf8proc_uint8_t* bytes = nullptr;
  utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &bytes,
                                       static_cast<utf8proc_option_t>(options));
  if (size < 0) throw Error(ErrorCode::kOutOfMemory, "out of memory in NORMALIZE");
  normal->reset(bytes);
  return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(size)};
}

struct Normalize {
  static constexpr bool kEachRow = true;
  explicit Normalize(const KernelCall& call) : result(call.result) {}
  Vector* result;
  StringRef operator()(const StringRef& text, const StringRef& form) {
    NormalText memory;
    std::string_view normal = Normalized(text.view(), form.view(), &memory);
    if (memory == nullptr) return text;
    CheckStringSize(normal.size());
    return result->CopyToHeap(normal);
  }
};

struct IsNormal {
  static constexpr bool kEachRow = true;
  uint8_t operator()(const StringRef& text, const StringRef& form) {
    NormalText memory;
    return Normalized(text.view(), form.view(), &memory) == text.view();
  }
};

bool ResolveNormalize(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "tt", function, &bytes)) return false;
  function->result = UnlimitedOf(function->argument_types[0]);
  function->kernel = BinaryKernel<StringRef, StringRef, StringRef, Normalize>;
  return true;
}

bool ResolveIsNormal(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "tt", function, &bytes)) return false;
  function->result = Type::Boolean();
  function->kernel = BinaryKernel<StringRef, StringRef, uint8_t, IsNormal>;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"NORMALIZE", "a string and a normal form", ResolveNormalize},
    {"IS NORMALIZED", "a string and a normal form", ResolveIsNormal},
};

}  // namespace

std::span<const FunctionRow> NormalizeFunctions() { return kRows; }

}  // namespace tupelo

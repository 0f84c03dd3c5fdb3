// functions/string_parts.cpp: CONCAT, CONCAT_WS, SPLIT_PART, TRANSLATE, INITCAP, BTRIM, HEX, UNHEX.
#include <fmt/format.h>
#include <unordered_map>
#include <utf8proc.h>

#include "base/long_text.h"
#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/string_signature.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

struct Writing {
  static constexpr bool kEachRow = true;
  explicit Writing(const KernelCall& call) : result(call.result) {}
  Vector* result;
  std::string buffer;
};

// Part number `number` of the text between the separators; from the end when it is negative.
struct SplitPart {
  static constexpr bool kEachRow = true;
  StringRef operator()(const StringRef& given, const StringRef& separator, int64_t number) {
    if (number == 0) {
      throw Error(ErrorCode::kInvalidParameterValue,
                  "SPLIT_PART counts parts from 1, or from -1 at the end: 0");
    }
    std::string_view text = given.view(), between = separator.view();
    if (between.empty()) return number == 1 || number == -1 ? given : StringRef();
    TextSteps steps;
    if (number < 0) {
      // Parts are those that are counted from the front, also where separators may overlap.
      int64_t parts = 1;
      for (size_t at = FindText(text, between); at != std::string_view::npos;
           at = FindText(text, between, at + between.size())) {
        steps.At(at);
        ++parts;
      }
      if (number < -parts) return StringRef();
      number += parts + 1;
    }
    size_t begin = 0;
    for (; number > 1; --number) {
      size_t at = FindText(text, between, begin);
      if (at == std::string_view::npos) return StringRef();
      begin = at + between.size();
      steps.At(begin);
    }
    return StringRef(text.substr(begin, FindText(text, between, begin) - begin));
  }
};

// Each character that is in `from` becomes the one at its place in `to`, or nothing.
struct TranslateCharacters : Writing {
  using Writing::Writing;
  StringRef operator()(const StringRef& text, const StringRef& from, const StringRef& to) {
    std::unordered_map<char32_t, std::string_view> replaced;
    std::string_view sources = from.view(), targets = to.view();
    size_t target_at = 0;
    for (size_t at = 0; at < sources.size();) {
      char32_t source = DecodeCharacter(sources, &at);
      size_t begin = target_at;
      if (target_at < targets.size()) target_at += CharacterBytes(targets[target_at]);
      replaced.try_emplace(source, targets.substr(begin, target_at - begin));
    }
    buffer.clear();
    std::string_view view = text.view();
    TextSteps steps;
    for (size_t at = 0; at < view.size();) {
      steps.At(at);
      size_t begin = at;
      auto found = replaced.find(DecodeCharacter(view, &at));
      buffer.append(found == replaced.end() ? view.substr(begin, at - begin) : found->second);
    }
    CheckStringSize(buffer.size());
    return result->CopyToHeap(buffer);
  }
};

// The first letter of each word large, the others small; words are of letters and digits.
struct InitialCapitals : Writing {
  using Writing::Writing;
  StringRef operator()(const StringRef& text) {
    buffer.clear();
    std::string_view view = text.view();
    bool in_word = false;
    TextSteps steps;
    for (size_t at = 0; at < view.size();) {
      steps.At(at);
      auto character = static_cast<utf8proc_int32_t>(DecodeCharacter(view, &at));
      auto changed = in_word ? utf8proc_tolower(character) : utf8proc_totitle(character);
      AppendCharacter(static_cast<char32_t>(changed), &buffer);
      utf8proc_category_t category = utf8proc_category(character);
      in_word = (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
                category == UTF8PROC_CATEGORY_ND;
    }
    return result->CopyToHeap(buffer);
  }
};

// Any of the characters of the second argument, on both sides.
struct TrimBoth {
  static constexpr bool kEachRow = true;
  StringRef operator()(const StringRef& text) { return StringRef(StripBlanks(text.view())); }
  StringRef operator()(const StringRef& given, const StringRef& characters) {
    std::string_view text = given.view(), set = characters.view();
    while (!text.empty()) {
      size_t size = CharacterBytes(text[0]);
      if (set.find(text.substr(0, size)) == std::string_view::npos) break;
      text.remove_prefix(size);
    }
    while (!text.empty()) {
      size_t begin = text.size() - 1;
      while (begin > 0 && IsContinuationByte(text[begin])) --begin;
      if (set.find(text.substr(begin)) == std::string_view::npos) break;
      text = text.substr(0, begin);
    }
    return StringRef(text);
  }
};

struct ToHexadecimal : Writing {
  using Writing::Writing;
  StringRef operator()(const StringRef& bytes) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    CheckStringSize(uint64_t{bytes.size()} * 2);
    buffer.clear();
    for (char c : bytes.view()) {
      buffer += kDigits[static_cast<uint8_t>(c) >> 4];
      buffer += kDigits[static_cast<uint8_t>(c) & 15];
    }
    return result->CopyToHeap(buffer);
  }
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Null where the text is not pairs of hexadecimal digits.
void FromHexadecimal(const KernelCall& call) {
  auto* out = PrepareResult<StringRef>(call);
  std::string buffer;
  ForEachValidRow(call, out, [&](uint32_t row) {
    std::string_view digits = call.arguments[0]->At<StringRef>(row).view();
    buffer.clear();
    bool valid = digits.size() % 2 == 0;
    for (size_t i = 0; i < digits.size() && valid; i += 2) {
      int high = HexDigit(digits[i]), low = HexDigit(digits[i + 1]);
      valid = high >= 0 && low >= 0;
      buffer += static_cast<char>(high * 16 + low);
    }
    out[row] = valid ? call.result->CopyToHeap(buffer) : StringRef();
    if (!valid) call.result->SetNull(row);
  });
}

// CONCAT leaves nulls out; CONCAT_WS too, and is null when the separator is.
template <bool kSeparated>
void ConcatenateAll(const KernelCall& call) {
  uint32_t capacity = call.rows.is_dense() ? call.rows.count : kVectorSize;
  call.result->PrepareWrite(capacity == 0 ? 1 : capacity);
  auto* out = call.result->MutableData<StringRef>();
  std::string buffer;
  ForEachRow(call.rows, [&](uint32_t row) {
    out[row] = StringRef();
    if (kSeparated && !call.arguments[0]->IsValid(row)) return call.result->SetNull(row);
    buffer.clear();
    bool is_first = true;
    for (size_t i = kSeparated ? 1 : 0; i < call.arguments.size(); ++i) {
      if (!call.arguments[i]->IsValid(row)) continue;
      if (kSeparated && !is_first) buffer.append(call.arguments[0]->At<StringRef>(row).view());
      is_first = false;
      buffer.append(call.arguments[i]->At<StringRef>(row).view());
      CheckStringSize(buffer.size());
    }
    out[row] = call.result->CopyToHeap(buffer);
  });
}

template <bool kSeparated>
bool ResolveConcatenation(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (types.size() < (kSeparated ? 2 : 1)) return false;
  if (!MatchSignature(types, std::string(types.size(), 't'), function, &bytes)) return false;
  function->result = Type::Varchar();
  function->kernel = ConcatenateAll<kSeparated>;
  return true;
}

struct Letters {
  char letters[4];
};

// A function of strings, its result a string without a limit.
template <Letters kLetters, Kernel kKernel>
bool Resolve(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, kLetters.letters, function, &bytes)) return false;
  function->result = UnlimitedOf(function->argument_types[0]);
  function->kernel = kKernel;
  return true;
}

bool ResolveHex(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "s", function, &bytes)) return false;
  function->result = Type::Varchar();
  function->kernel = UnaryKernel<StringRef, StringRef, ToHexadecimal>;
  return true;
}

bool ResolveUnhex(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "t", function, &bytes)) return false;
  function->result = Type::Blob();
  function->kernel = FromHexadecimal;
  function->may_fail = false;
  return true;
}

constexpr Letters kT{"t"}, kTT{"tt"}, kTTI{"tti"}, kTTT{"ttt"};
constexpr FunctionRow kRows[] = {
    {"CONCAT", "one or more strings", ResolveConcatenation<false>},
    {"CONCAT_WS", "a separator and one or more strings", ResolveConcatenation<true>},
    {"SPLIT_PART", "two strings and an integer",
     Resolve<kTTI, EachRowKernel<StringRef, SplitPart, StringRef, StringRef, int64_t>>},
    {"TRANSLATE", "three strings",
     Resolve<kTTT, EachRowKernel<StringRef, TranslateCharacters, StringRef, StringRef, StringRef>>},
    {"INITCAP", "a string", Resolve<kT, UnaryKernel<StringRef, StringRef, InitialCapitals>>},
    {"BTRIM", "a string", Resolve<kT, UnaryKernel<StringRef, StringRef, TrimBoth>>},
    {"BTRIM", "a string and the characters to trim",
     Resolve<kTT, BinaryKernel<StringRef, StringRef, StringRef, TrimBoth>>},
    {"HEX", "a string or a BLOB", ResolveHex},
    {"UNHEX", "a string", ResolveUnhex},
};

}  // namespace

std::span<const FunctionRow> StringPartFunctions() { return kRows; }

}  // namespace tupelo

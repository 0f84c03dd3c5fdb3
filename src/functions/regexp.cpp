// functions/regexp.cpp: REGEXP_LIKE, REGEXP_COUNT, REGEXP_INSTR, REGEXP_SUBSTR, REGEXP_REPLACE:
// regular expressions in the syntax of RE2.
#include <fmt/format.h>

#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/regular_expression.h"
#include "functions/string_signature.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

// The expression of argument 1 and the flags, if they are given, as argument `flags_at`; compiled
// anew only where they change.
class Expressions {
 public:
  Expressions(const KernelCall& call, size_t flags_at, bool takes_global)
      : pattern_(*call.arguments[1]),
        flags_(call.arguments.size() > flags_at ? call.arguments[flags_at] : nullptr),
        takes_global_(takes_global) {}

  const re2::RE2& At(uint32_t row) {
    bool constant = pattern_.is_constant() && (flags_ == nullptr || flags_->is_constant());
    if (regex_ == nullptr || !constant) {
      RegexOptions options;
      is_global_ = false;
      if (flags_ != nullptr) {
        options = ParseRegexFlags(flags_->At<StringRef>(row).view(),
                                  takes_global_ ? &is_global_ : nullptr);
      }
      std::string_view pattern = pattern_.At<StringRef>(row).view();
      regex_ = &CompileRegex(std::string(pattern), options, pattern);
    }
    return *regex_;
  }
  bool is_global() const { return is_global_; }

 private:
  const Vector& pattern_;
  const Vector* flags_;
  bool takes_global_;
  bool is_global_ = false;
  const re2::RE2* regex_ = nullptr;
};

// A match from `from` on; false when there is none. An empty match is one too.
bool FindMatch(const re2::RE2& regex, std::string_view text, size_t from, re2::StringPiece* groups,
               int count) {
  return from <= text.size() && regex.Match({text.data(), text.size()}, from, text.size(),
                                            re2::RE2::UNANCHORED, groups, count);
}

size_t OffsetOf(const re2::StringPiece& piece, std::string_view text) {
  return static_cast<size_t>(piece.data() - text.data());
}

// Where the search goes on behind a match: behind an empty one, a character later.
size_t NextStart(const re2::StringPiece& match, std::string_view text) {
  size_t end = OffsetOf(match, text) + match.size();
  if (!match.empty()) return end;
  return end + (end < text.size() ? CharacterBytes(text[end]) : 1);
}

size_t StartOffset(std::string_view text, int64_t start) {
  if (start < 1) {
    throw Error(ErrorCode::kInvalidParameterValue,
                fmt::format("a search begins at character 1 or later: {}", start));
  }
  if (start - 1 > static_cast<int64_t>(text.size())) return text.size() + 1;
  return OffsetOfCharacter(text, static_cast<size_t>(start - 1));
}

void Like(const KernelCall& call) {
  auto* out = PrepareResult<uint8_t>(call);
  Expressions expressions(call, 2, false);
  ForEachValidRow(call, out, [&](uint32_t row) {
    const re2::RE2& regex = expressions.At(row);
    out[row] = FindMatch(regex, call.arguments[0]->At<StringRef>(row).view(), 0, nullptr, 0);
  });
}

// (text, pattern[, start[, flags]])
void Count(const KernelCall& call) {
  auto* out = PrepareResult<int32_t>(call);
  Expressions expressions(call, 3, false);
  ForEachValidRow(call, out, [&](uint32_t row) {
    std::string_view text = call.arguments[0]->At<StringRef>(row).view();
    const re2::RE2& regex = expressions.At(row);
    bool has_start = call.arguments.size() > 2;
    size_t at = has_start ? StartOffset(text, call.arguments[2]->At<int64_t>(row)) : 0;
    re2::StringPiece match;
    int32_t count = 0;
    for (; FindMatch(regex, text, at, &match, 1); at = NextStart(match, text)) ++count;
    out[row] = count;
  });
}

// The match number arguments[3] (1 when not given) of the pattern, from character arguments[2] on.
bool FindNth(const KernelCall& call, Expressions* expressions, uint32_t row,
             re2::StringPiece* match) {
  std::string_view text = call.arguments[0]->At<StringRef>(row).view();
  const re2::RE2& regex = expressions->At(row);
  size_t at =
      call.arguments.size() > 2 ? StartOffset(text, call.arguments[2]->At<int64_t>(row)) : 0;
  int64_t number = call.arguments.size() > 3 ? call.arguments[3]->At<int64_t>(row) : 1;
  if (number < 1) {
    throw Error(ErrorCode::kInvalidParameterValue,
                fmt::format("matches are counted from 1: {}", number));
  }
  while (FindMatch(regex, text, at, match, 1)) {
    if (--number == 0) return true;
    at = NextStart(*match, text);
  }
  return false;
}

// (text, pattern[, start[, number[, flags]]])
void Substring(const KernelCall& call) {
  auto* out = PrepareResult<StringRef>(call);
  Expressions expressions(call, 4, false);
  ForEachValidRow(call, out, [&](uint32_t row) {
    re2::StringPiece match;
    out[row] = StringRef();
    if (FindNth(call, &expressions, row, &match)) {
      out[row] = StringRef(match.data(), static_cast<uint32_t>(match.size()));
    } else {
      call.result->SetNull(row);
    }
  });
}

// The position of the match; 0 when there is none.
void Position(const KernelCall& call) {
  auto* out = PrepareResult<int32_t>(call);
  Expressions expressions(call, 4, false);
  ForEachValidRow(call, out, [&](uint32_t row) {
    std::string_view text = call.arguments[0]->At<StringRef>(row).view();
    re2::StringPiece match;
    out[row] = 0;
    if (!FindNth(call, &expressions, row, &match)) return;
    out[row] = static_cast<int32_t>(CountCharacters(text.substr(0, OffsetOf(match, text)))) + 1;
  });
}

constexpr int kMaxGroups = 10;  // \0 to \9

// \1 to \9 are groups, \& the whole match, \\ a backslash.
void AppendReplacement(std::string_view replacement, const re2::StringPiece* groups, int count,
                       std::string* out) {
  for (size_t i = 0; i < replacement.size(); ++i) {
    char c = replacement[i];
    if (c != '\\' || i + 1 == replacement.size()) {
      *out += c;
      continue;
    }
    char next = replacement[++i];
    int group = next == '&' ? 0 : next >= '1' && next <= '9' ? next - '0' : kMaxGroups;
    if (group == kMaxGroups) {
      if (next != '\\') *out += c;
      *out += next;
    } else if (group < count) {
      out->append(groups[group].data(), groups[group].size());
    }
  }
}

// (text, pattern, replacement[, flags]): the first match, with the flag g all of them.
void Replace(const KernelCall& call) {
  auto* out = PrepareResult<StringRef>(call);
  Expressions expressions(call, 3, true);
  std::string buffer;
  ForEachValidRow(call, out, [&](uint32_t row) {
    const StringRef& given = call.arguments[0]->At<StringRef>(row);
    std::string_view text = given.view();
    std::string_view replacement = call.arguments[2]->At<StringRef>(row).view();
    const re2::RE2& regex = expressions.At(row);
    int count = std::min(regex.NumberOfCapturingGroups() + 1, kMaxGroups);
    re2::StringPiece groups[kMaxGroups];
    size_t copied = 0, at = 0;
    buffer.clear();
    bool found = false;
    while (FindMatch(regex, text, at, groups, count)) {
      found = true;
      size_t begin = OffsetOf(groups[0], text);
      buffer.append(text.substr(copied, begin - copied));
      AppendReplacement(replacement, groups, count, &buffer);
      CheckStringSize(buffer.size());
      copied = begin + groups[0].size();
      at = NextStart(groups[0], text);
      if (!expressions.is_global()) break;
    }
    if (found && copied < text.size()) buffer.append(text.substr(copied));
    out[row] = found ? call.result->CopyToHeap(buffer) : given;
  });
}

// Arguments of one of the `signatures`.
template <Kernel kKernel, TypeId kResult>
bool ResolveOneOf(std::span<const Type> types, std::initializer_list<std::string_view> signatures,
                  BoundFunction* function) {
  bool bytes = false;
  for (std::string_view letters : signatures) {
    if (!MatchSignature(types, letters, function, &bytes)) continue;
    function->kernel = kKernel;
    function->result =
        kResult == TypeId::kVarchar ? UnlimitedOf(function->argument_types[0]) : Type{kResult};
    return true;
  }
  return false;
}

bool ResolveLike(std::span<const Type> types, BoundFunction* function) {
  return ResolveOneOf<Like, TypeId::kBoolean>(types, {"tt", "ttt"}, function);
}
bool ResolveCount(std::span<const Type> types, BoundFunction* function) {
  return ResolveOneOf<Count, TypeId::kInteger>(types, {"tt", "tti", "ttit"}, function);
}
bool ResolvePosition(std::span<const Type> types, BoundFunction* function) {
  return ResolveOneOf<Position, TypeId::kInteger>(types, {"tt", "tti", "ttii"}, function);
}
bool ResolveSubstring(std::span<const Type> types, BoundFunction* function) {
  return ResolveOneOf<Substring, TypeId::kVarchar>(types, {"tt", "tti", "ttii", "ttiit"}, function);
}
bool ResolveReplace(std::span<const Type> types, BoundFunction* function) {
  return ResolveOneOf<Replace, TypeId::kVarchar>(types, {"ttt", "tttt"}, function);
}

constexpr FunctionRow kRows[] = {
    {"REGEXP_LIKE", "a string, a pattern and perhaps flags", ResolveLike},
    {"REGEXP_COUNT", "a string, a pattern and perhaps a start and flags", ResolveCount},
    {"REGEXP_INSTR", "a string, a pattern and perhaps a start and a number", ResolvePosition},
    {"REGEXP_SUBSTR", "a string, a pattern and perhaps a start, a number and flags",
     ResolveSubstring},
    {"REGEXP_REPLACE", "a string, a pattern, a replacement and perhaps flags", ResolveReplace},
};

}  // namespace

std::span<const FunctionRow> RegexpFunctions() { return kRows; }

}  // namespace tupelo

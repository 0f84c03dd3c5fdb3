// functions/like.cpp: LIKE and ILIKE.
#include "functions/like.h"

#include <fmt/format.h>
#include <optional>

#include "base/interruption_scope.h"
#include "base/long_text.h"
#include "functions/kernel.h"
#include "functions/letter_case.h"
#include "functions/registry.h"
#include "functions/string_signature.h"
#include "types/utf8.h"

namespace tupelo {

LikePattern::LikePattern(std::string_view pattern, std::string_view escape, bool bytes)
    : pattern_(pattern), escape_(escape), bytes_(bytes) {
  if (!escape.empty()) CheckEscapes();
  if (!escape.empty() && pattern.find(escape) != std::string_view::npos) return;
  if (pattern.find('_') != std::string_view::npos) return;
  if (pattern.find('%') == std::string_view::npos) {
    form_ = Form::kExact;
  } else if (Split()) {
    form_ = Form::kParts;
  }
}

// False when there are too many parts.
bool LikePattern::Split() {
  size_t begin = pattern_.find('%');
  first_ = pattern_.substr(0, begin++);
  for (size_t end = pattern_.find('%', begin); end != std::string_view::npos;
       end = pattern_.find('%', begin)) {
    if (end != begin) {
      if (between_count_ == kMostParts) return false;
      between_[between_count_++] = pattern_.substr(begin, end - begin);
    }
    begin = end + 1;
  }
  last_ = pattern_.substr(begin);
  return true;
}

void LikePattern::CheckEscapes() const {
  for (size_t at = 0; at < pattern_.size(); at += bytes_ ? 1 : CharacterBytes(pattern_[at])) {
    if (!pattern_.substr(at).starts_with(escape_)) continue;
    at += escape_.size();
    std::string_view rest = pattern_.substr(at);
    bool special = rest.starts_with('%') || rest.starts_with('_') || rest.starts_with(escape_);
    if (special) continue;
    throw Error(
        ErrorCode::kInvalidEscapeSequence,
        fmt::format("the escape character must stand before %, _ or itself: '{}'", pattern_));
  }
}

bool LikePattern::Matches(std::string_view text) const {
  switch (form_) {
    case Form::kExact: return text == pattern_;
    case Form::kParts: return MatchesParts(text);
    case Form::kGeneral: break;
  }
  return MatchesGeneral(text);
}

// Each part where it is found first: what is left for those after it is most then.
bool LikePattern::MatchesParts(std::string_view text) const {
  if (text.size() < first_.size() + last_.size()) return false;
  if (!text.starts_with(first_) || !text.ends_with(last_)) return false;
  const std::string_view middle = text.substr(0, text.size() - last_.size());
  size_t begin = first_.size();
  for (int i = 0; i < between_count_; ++i) {
    size_t at = FindText(middle, between_[i], begin);
    if (at == std::string_view::npos) return false;
    begin = at + between_[i].size();
  }
  return true;
}

// Walks both; on a mismatch goes back to the last % and lets it take one more character. Earlier
// ones need not be tried again: the last one can take whatever they would have taken.
bool LikePattern::MatchesGeneral(std::string_view text) const {
  size_t at = 0, p = 0;
  size_t retry_text = 0, retry_pattern = std::string_view::npos;
  auto step = [this](std::string_view string, size_t offset) {
    return bytes_ ? 1 : CharacterBytes(string[offset]);
  };
  InterruptionCounter counter(InterruptionScope::Current());
  while (at < text.size()) {
    counter.Step();
    bool matched = false;
    if (p < pattern_.size()) {
      bool escaped = !escape_.empty() && pattern_.substr(p).starts_with(escape_);
      size_t literal = escaped ? p + escape_.size() : p;
      if (!escaped && pattern_[p] == '%') {
        retry_pattern = ++p;
        retry_text = at;
        continue;
      }
      size_t size = step(pattern_, literal);
      if (!escaped && pattern_[p] == '_') {
        at += step(text, at);
        ++p;
        matched = true;
      } else if (text.substr(at).starts_with(pattern_.substr(literal, size))) {
        at += size;
        p = literal + size;
        matched = true;
      }
    }
    if (matched) continue;
    if (retry_pattern == std::string_view::npos) return false;
    retry_text += step(text, retry_text);
    at = retry_text;
    p = retry_pattern;
  }
  while (p < pattern_.size() && pattern_[p] == '%' && escape_ != "%") ++p;
  return p == pattern_.size();
}

namespace {

void CheckEscapeCharacter(std::string_view escape, bool bytes) {
  size_t characters = bytes ? escape.size() : CountCharacters(escape);
  if (characters == 1) return;
  throw Error(ErrorCode::kInvalidEscapeCharacter,
              fmt::format("the escape of LIKE must be one character: '{}'", escape));
}

std::string FoldText(std::string_view text) {
  Vector folded(Type::Varchar());
  return ChangeLetterCase(StringRef(text), false, &folded).str();
}

// A pattern without regard to case: what is escaped stays so, and the escape itself is no letter
// of it.
std::string FoldPattern(std::string_view pattern, std::string_view escape) {
  if (escape.empty()) return FoldText(pattern);
  std::string folded;
  for (size_t at = pattern.find(escape); at != std::string_view::npos; at = pattern.find(escape)) {
    folded.append(FoldText(pattern.substr(0, at))).append(escape);
    pattern.remove_prefix(at + escape.size());
    size_t size = pattern.empty() ? 0 : CharacterBytes(pattern[0]);
    folded.append(pattern.substr(0, size));
    pattern.remove_prefix(size);
  }
  return folded + FoldText(pattern);
}

// LIKE without regard to case; the arguments are those of Like.
void Ilike(const KernelCall& call) {
  auto* out = PrepareResult<uint8_t>(call);
  const Vector& text = *call.arguments[0];
  const Vector& pattern = *call.arguments[1];
  const Vector* escape = call.arguments.size() > 2 ? call.arguments[2] : nullptr;
  bool constant = pattern.is_constant() && (escape == nullptr || escape->is_constant());
  std::string folded;
  std::optional<LikePattern> compiled;
  ForEachValidRow(call, out, [&](uint32_t row) {
    if (!constant || !compiled) {
      std::string_view escape_text;
      if (escape != nullptr) {
        escape_text = escape->At<StringRef>(row).view();
        CheckEscapeCharacter(escape_text, false);
      }
      folded = FoldPattern(pattern.At<StringRef>(row).view(), escape_text);
      compiled.emplace(folded, escape_text, false);
    }
    out[row] = compiled->Matches(FoldText(text.At<StringRef>(row).view()));
  });
}

bool ResolveIlike(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (types.size() < 2 || types.size() > 3) return false;
  if (!MatchSignature(types, types.size() == 2 ? "tt" : "ttt", function, &bytes)) return false;
  function->result = Type::Boolean();
  function->kernel = Ilike;
  function->may_fail = types.size() == 3;
  return true;
}

// Arguments: text, pattern and, where kEscaped, the escape. A constant pattern is looked at once a
// call.
template <bool kEscaped, bool kBytes>
void Like(const KernelCall& call) {
  auto* out = PrepareResult<uint8_t>(call);
  const Vector& text = *call.arguments[0];
  const Vector& pattern = *call.arguments[1];
  const Vector* escape = kEscaped ? call.arguments[2] : nullptr;
  bool constant = pattern.is_constant() && (escape == nullptr || escape->is_constant());
  std::optional<LikePattern> compiled;
  ForEachValidRow(call, out, [&](uint32_t row) {
    if (!constant || !compiled) {
      std::string_view escape_text;
      if (escape != nullptr) {
        escape_text = escape->At<StringRef>(row).view();
        CheckEscapeCharacter(escape_text, kBytes);
      }
      compiled.emplace(pattern.At<StringRef>(row).view(), escape_text, kBytes);
    }
    out[row] = compiled->Matches(text.At<StringRef>(row).view());
  });
}

bool ResolveLike(std::span<const Type> types, BoundFunction* function) {
  if (types.size() < 2 || types.size() > 3) return false;
  Type type = Type::Null();
  for (const Type& given : types) type = TypeOr(type, given);
  type = TypeOr(type, Type::Varchar());
  bool bytes = type.id == TypeId::kBlob;
  if (!bytes && !type.is_character()) return false;
  function->argument_types.clear();
  for (const Type& given : types) {
    Type each = TypeOr(given, type);
    if (bytes ? each.id != TypeId::kBlob : !each.is_character()) return false;
    function->argument_types.push_back(each);
  }
  function->result = Type::Boolean();
  if (types.size() == 3) {
    function->kernel = bytes ? Like<true, true> : Like<true, false>;
  } else {
    function->kernel = bytes ? Like<false, true> : Like<false, false>;
  }
  function->may_fail = types.size() == 3;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"LIKE", "two or three (with ESCAPE) strings, or as many BLOBs", ResolveLike},
    {"ILIKE", "two or three (with ESCAPE) strings", ResolveIlike},
};

}  // namespace

std::span<const FunctionRow> LikeFunctions() { return kRows; }

}  // namespace tupelo

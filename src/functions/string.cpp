// functions/string.cpp: lengths, letter case, trimming, searching, replacing, concatenation.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "base/long_text.h"
#include "functions/kernel.h"
#include "functions/letter_case.h"
#include "functions/registry.h"
#include "functions/string_signature.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

struct CharacterLength {
  static constexpr bool kEachRow = true;
  int32_t operator()(const StringRef& text) {
    return static_cast<int32_t>(CountCharacters(text.view()));
  }
};
struct OctetLength {
  int32_t operator()(const StringRef& text) { return static_cast<int32_t>(text.size()); }
};
struct BitLength {
  int64_t operator()(const StringRef& text) { return int64_t{text.size()} * 8; }
};

struct Writing {
  static constexpr bool kEachRow = true;
  explicit Writing(const KernelCall& call) : result(call.result) {}
  Vector* result;
};

template <bool kUpper>
struct ChangeCase : Writing {
  using Writing::Writing;
  StringRef operator()(const StringRef& text) { return ChangeLetterCase(text, kUpper, result); }
};

struct Concatenate : Writing {
  using Writing::Writing;
  StringRef operator()(const StringRef& left, const StringRef& right) {
    uint32_t size = left.size() + right.size();
    if (size <= StringRef::kInlineBytes) {
      char bytes[StringRef::kInlineBytes];
      std::memcpy(bytes, left.data(), left.size());
      std::memcpy(bytes + left.size(), right.data(), right.size());
      return StringRef(bytes, size);
    }
    CheckStringSize(uint64_t{left.size()} + right.size());
    char* bytes = result->heap().NewArray<char>(size);
    CopyLongText(bytes, left.data(), left.size());
    CopyLongText(bytes + left.size(), right.data(), right.size());
    return StringRef(bytes, size);
  }
};

// The position of the first argument within the second, from 1; 0 where it is not there.
template <bool kBytes>
struct FindPosition {
  static constexpr bool kEachRow = true;
  int32_t operator()(const StringRef& sought, const StringRef& text) {
    size_t at = FindText(text.view(), sought.view());
    if (at == std::string_view::npos) return 0;
    return static_cast<int32_t>(kBytes ? at : CountCharacters(text.view().substr(0, at))) + 1;
  }
};

// The same with the text first.
template <bool kBytes>
struct FindWithin : FindPosition<kBytes> {
  int32_t operator()(const StringRef& text, const StringRef& sought) {
    return FindPosition<kBytes>::operator()(sought, text);
  }
};

struct StartsWith {
  static constexpr bool kEachRow = true;
  uint8_t operator()(const StringRef& text, const StringRef& prefix) {
    return text.view().starts_with(prefix.view());
  }
};

enum class Side : uint8_t { kLeading, kTrailing, kBoth };

std::string_view TrimOne(std::string_view text, std::string_view character, Side side) {
  if (side != Side::kTrailing) {
    const size_t size = text.size();
    TextSteps steps;
    while (text.starts_with(character)) {
      text.remove_prefix(character.size());
      steps.At(size - text.size());
    }
  }
  if (side != Side::kLeading) {
    const size_t size = text.size();
    TextSteps steps;
    while (text.ends_with(character)) {
      text.remove_suffix(character.size());
      steps.At(size - text.size());
    }
  }
  return text;
}

// The result is a piece of the argument.
template <Side kSide>
struct TrimBlanks {
  static constexpr bool kEachRow = true;
  StringRef operator()(const StringRef& text) {
    return StringRef(TrimOne(text.view(), " ", kSide));
  }
};
// SQL's TRIM: exactly one character or octet. Comparing whole characters byte by byte is right for
// UTF-8.
template <Side kSide, bool kBytes>
struct TrimCharacter {
  static constexpr bool kEachRow = true;
  StringRef operator()(const StringRef& text, const StringRef& character) {
    size_t count = kBytes ? character.size() : CountCharacters(character.view());
    if (count != 1) {
      throw Error(ErrorCode::kTrimError,
                  fmt::format("TRIM takes one character to trim; it was given {}", count));
    }
    return StringRef(TrimOne(text.view(), character.view(), kSide));
  }
};

bool HasCharacter(std::string_view set, std::string_view character) {
  return set.find(character) != std::string_view::npos;
}

// LTRIM and RTRIM: any of the characters of the second argument.
template <Side kSide>
struct TrimSet {
  static constexpr bool kEachRow = true;
  StringRef operator()(const StringRef& given, const StringRef& characters) {
    std::string_view text = given.view(), set = characters.view();
    while (kSide == Side::kLeading && !text.empty()) {
      size_t size = CharacterBytes(text[0]);
      if (!HasCharacter(set, text.substr(0, size))) break;
      text.remove_prefix(size);
    }
    while (kSide == Side::kTrailing && !text.empty()) {
      size_t begin = text.size() - 1;
      while (begin > 0 && IsContinuationByte(text[begin])) --begin;
      if (!HasCharacter(set, text.substr(begin))) break;
      text.remove_suffix(text.size() - begin);
    }
    return StringRef(text);
  }
};

// Places of `sought` from left to right that don't overlap.
template <typename Body>
void ForEachPlace(std::string_view text, std::string_view sought, Body&& body) {
  for (size_t at = FindText(text, sought); at != std::string_view::npos;
       at = FindText(text, sought, at + sought.size())) {
    body(at);
  }
}

struct ReplaceText : Writing {
  using Writing::Writing;
  StringRef operator()(const StringRef& text, const StringRef& sought,
                       const StringRef& replacement) {
    if (sought.size() == 0) return text;
    size_t size = text.size();
    uint32_t places = 0;
    TextSteps steps;
    ForEachPlace(text.view(), sought.view(), [&](size_t at) {
      steps.At(at);
      ++places;
    });
    if (places == 0) return text;
    size = size - size_t{places} * sought.size() + size_t{places} * replacement.size();
    CheckStringSize(size);
    char inlined[StringRef::kInlineBytes];
    char* const bytes =
        size <= StringRef::kInlineBytes ? inlined : result->heap().NewArray<char>(size);
    char* out = bytes;
    size_t copied = 0;
    TextSteps written;
    auto copy = [&](const char* source, size_t count) {
      CopyLongText(out, source, count);
      out += count;
      written.At(static_cast<size_t>(out - bytes));
    };
    ForEachPlace(text.view(), sought.view(), [&](size_t at) {
      copy(text.data() + copied, at - copied);
      copy(replacement.data(), replacement.size());
      copied = at + sought.size();
    });
    copy(text.data() + copied, text.size() - copied);
    return StringRef(bytes, static_cast<uint32_t>(size));
  }
};

struct ReverseText : Writing {
  using Writing::Writing;
  std::string buffer;
  StringRef operator()(const StringRef& text) {
    std::string_view rest = text.view();
    buffer.resize(rest.size());
    TextSteps steps;
    for (size_t end = rest.size(); end > 0;) {
      steps.At(rest.size() - end);
      size_t size = CharacterBytes(rest[rest.size() - end]);
      end -= size;
      std::memcpy(buffer.data() + end, rest.data() + (rest.size() - end - size), size);
    }
    return result->CopyToHeap(buffer);
  }
};

struct CodePointOfFirst {
  static constexpr bool kEachRow = true;
  int32_t operator()(const StringRef& text) {
    size_t offset = 0;
    return text.size() == 0 ? 0 : static_cast<int32_t>(DecodeCharacter(text.view(), &offset));
  }
};

struct CharacterOf : Writing {
  using Writing::Writing;
  StringRef operator()(int64_t code_point) {
    if (code_point < 1 || code_point > int64_t{kMaxCodePoint} ||
        (code_point >= 0xD800 && code_point <= 0xDFFF)) {
      throw Error(ErrorCode::kInvalidParameterValue,
                  fmt::format("not the number of a character: {}", code_point));
    }
    char bytes[StringRef::kInlineBytes];
    size_t size = EncodeCharacter(static_cast<char32_t>(code_point), bytes);
    return StringRef(bytes, static_cast<uint32_t>(size));
  }
};

// The kinds of results.
enum class Result : uint8_t {
  kInteger,
  kBigInt,
  kBoolean,
  kSame,
  kVarying,
  kUnlimited,
  kCharacter
};

Type ResultOf(Result result, const Type& first) {
  switch (result) {
    case Result::kInteger: return Type::Integer();
    case Result::kBigInt: return Type::BigInt();
    case Result::kBoolean: return Type::Boolean();
    case Result::kSame: return first;
    case Result::kVarying: return VaryingOf(first);
    case Result::kUnlimited: return UnlimitedOf(first);
    case Result::kCharacter: return Type::Varchar(1);
  }
  return first;
}

struct Letters {
  char letters[5];
};

// kBytes is for BLOB arguments; the same kernel where the bytes alone matter.
template <Letters kLetters, Result kResult, Kernel kText, Kernel kBytes, bool kMayFail = false>
bool Resolve(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, kLetters.letters, function, &bytes)) return false;
  function->result = ResultOf(kResult, function->argument_types[0]);
  function->kernel = bytes ? kBytes : kText;
  function->may_fail = kMayFail;
  return true;
}

bool ResolveConcatenation(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "ss", function, &bytes)) return false;
  const Type& left = function->argument_types[0];
  const Type& right = function->argument_types[1];
  uint32_t length = left.length + right.length;
  bool unlimited = left.length == kUnlimitedLength || right.length == kUnlimitedLength ||
                   length > kMaxCharacterLength;
  if (left.id == TypeId::kChar && right.id == TypeId::kChar && !unlimited) {
    function->result = Type::Char(length);
  } else {
    function->result = UnlimitedOf(left.id == TypeId::kClob ? left : right);
    if (!unlimited) function->result.length = length;
  }
  function->kernel = BinaryKernel<StringRef, StringRef, StringRef, Concatenate>;
  return true;
}

constexpr Letters kS{"s"}, kT{"t"}, kSS{"ss"}, kTT{"tt"}, kTTT{"ttt"}, kI{"i"};
constexpr Kernel kCharacters = UnaryKernel<StringRef, int32_t, CharacterLength>;
constexpr Kernel kOctets = UnaryKernel<StringRef, int32_t, OctetLength>;
constexpr Kernel kBits = UnaryKernel<StringRef, int64_t, BitLength>;
template <typename Operation>
constexpr Kernel kStringToString = UnaryKernel<StringRef, StringRef, Operation>;
template <typename Operation>
constexpr Kernel kTwoStrings = BinaryKernel<StringRef, StringRef, StringRef, Operation>;
template <Side kSide>
constexpr auto kTrimBlanks =
    Resolve<kT, Result::kVarying, kStringToString<TrimBlanks<kSide>>, nullptr>;
template <Side kSide>
constexpr auto kTrimCharacter =
    Resolve<kSS, Result::kVarying, kTwoStrings<TrimCharacter<kSide, false>>,
            kTwoStrings<TrimCharacter<kSide, true>>, true>;
template <Side kSide>
constexpr auto kTrimSet = Resolve<kTT, Result::kVarying, kTwoStrings<TrimSet<kSide>>, nullptr>;
constexpr Kernel kPositionText = BinaryKernel<StringRef, StringRef, int32_t, FindPosition<false>>;
constexpr Kernel kPositionBytes = BinaryKernel<StringRef, StringRef, int32_t, FindPosition<true>>;
constexpr Kernel kWithinText = BinaryKernel<StringRef, StringRef, int32_t, FindWithin<false>>;
constexpr Kernel kWithinBytes = BinaryKernel<StringRef, StringRef, int32_t, FindWithin<true>>;
constexpr Kernel kReplace = EachRowKernel<StringRef, ReplaceText, StringRef, StringRef, StringRef>;

constexpr FunctionRow kRows[] = {
    {"||", "two strings or two BLOBs", ResolveConcatenation},
    {"CHAR_LENGTH", "a string", Resolve<kS, Result::kInteger, kCharacters, kOctets>},
    {"CHARACTER_LENGTH", "a string", Resolve<kS, Result::kInteger, kCharacters, kOctets>},
    {"LENGTH", "a string", Resolve<kS, Result::kInteger, kCharacters, kOctets>},
    {"OCTET_LENGTH", "a string or a BLOB", Resolve<kS, Result::kInteger, kOctets, kOctets>},
    {"BIT_LENGTH", "a string or a BLOB", Resolve<kS, Result::kBigInt, kBits, kBits>},
    {"UPPER", "a string", Resolve<kT, Result::kSame, kStringToString<ChangeCase<true>>, nullptr>},
    {"LOWER", "a string", Resolve<kT, Result::kSame, kStringToString<ChangeCase<false>>, nullptr>},
    {"POSITION", "two strings or two BLOBs",
     Resolve<kSS, Result::kInteger, kPositionText, kPositionBytes>},
    {"STRPOS", "two strings or two BLOBs",
     Resolve<kSS, Result::kInteger, kWithinText, kWithinBytes>},
    {"INSTR", "two strings or two BLOBs",
     Resolve<kSS, Result::kInteger, kWithinText, kWithinBytes>},
    {"TRIM_BOTH", "a string", kTrimBlanks<Side::kBoth>},
    {"TRIM_LEADING", "a string", kTrimBlanks<Side::kLeading>},
    {"TRIM_TRAILING", "a string", kTrimBlanks<Side::kTrailing>},
    {"TRIM_BOTH", "a string and a character, or two BLOBs", kTrimCharacter<Side::kBoth>},
    {"TRIM_LEADING", "a string and a character, or two BLOBs", kTrimCharacter<Side::kLeading>},
    {"TRIM_TRAILING", "a string and a character, or two BLOBs", kTrimCharacter<Side::kTrailing>},
    {"LTRIM", "a string", kTrimBlanks<Side::kLeading>},
    {"RTRIM", "a string", kTrimBlanks<Side::kTrailing>},
    {"LTRIM", "a string and the characters to trim", kTrimSet<Side::kLeading>},
    {"RTRIM", "a string and the characters to trim", kTrimSet<Side::kTrailing>},
    {"REPLACE", "three strings", Resolve<kTTT, Result::kUnlimited, kReplace, nullptr, true>},
    {"REVERSE", "a string", Resolve<kT, Result::kSame, kStringToString<ReverseText>, nullptr>},
    {"STARTS_WITH", "two strings",
     Resolve<kTT, Result::kBoolean, BinaryKernel<StringRef, StringRef, uint8_t, StartsWith>,
             nullptr>},
    {"ASCII", "a string",
     Resolve<kT, Result::kInteger, UnaryKernel<StringRef, int32_t, CodePointOfFirst>, nullptr>},
    {"UNICODE", "a string",
     Resolve<kT, Result::kInteger, UnaryKernel<StringRef, int32_t, CodePointOfFirst>, nullptr>},
    {"CHR", "an integer",
     Resolve<kI, Result::kCharacter, UnaryKernel<int64_t, StringRef, CharacterOf>, nullptr, true>},
};

}  // namespace

std::span<const FunctionRow> StringFunctions() { return kRows; }

}  // namespace tupelo

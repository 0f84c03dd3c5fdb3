// functions/substring.cpp: SUBSTRING, OVERLAY, LEFT and RIGHT (SQL:1999 part 2, 6.18).
#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "base/long_text.h"
#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/string_signature.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

// Positions count characters, or octets of a BLOB.
template <bool kBytes>
size_t OffsetOf(std::string_view text, int64_t index) {
  if (index >= static_cast<int64_t>(text.size())) return text.size();
  return kBytes ? static_cast<size_t>(index) : OffsetOfCharacter(text, static_cast<size_t>(index));
}

// The positions from `start` up to, not including, `end`, of those that exist.
template <bool kBytes>
std::string_view Slice(std::string_view text, int64_t start, int64_t end) {
  start = std::max<int64_t>(start, 1);
  if (end <= start) return text.substr(0, 0);
  text.remove_prefix(OffsetOf<kBytes>(text, start - 1));
  return text.substr(0, OffsetOf<kBytes>(text, end - start));
}

constexpr int64_t kEndOfText = int64_t{kMaxCharacterLength} * 8;

[[noreturn]] void RaiseNegativeLength(int64_t length) {
  throw Error(ErrorCode::kSubstringError,
              fmt::format("the length of a substring is negative: {}", length));
}

template <bool kBytes>
struct Substring {
  static constexpr bool kEachRow = true;
  StringRef operator()(const StringRef& text, int64_t start) {
    return StringRef(Slice<kBytes>(text.view(), start, kEndOfText));
  }
  StringRef operator()(const StringRef& text, int64_t start, int64_t length) {
    if (length < 0) RaiseNegativeLength(length);
    int64_t end;
    if (__builtin_add_overflow(start, length, &end)) end = kEndOfText;
    return StringRef(Slice<kBytes>(text.view(), start, end));
  }
};

struct Left {
  static constexpr bool kEachRow = true;
  StringRef operator()(const StringRef& text, int64_t length) {
    if (length < 0) RaiseNegativeLength(length);
    return StringRef(text.view().substr(0, OffsetOf<false>(text.view(), length)));
  }
};

struct Right {
  static constexpr bool kEachRow = true;
  StringRef operator()(const StringRef& text, int64_t length) {
    if (length < 0) RaiseNegativeLength(length);
    std::string_view view = text.view();
    size_t begin = view.size();
    for (; begin > 0 && length > 0; --length) {
      do --begin;
      while (begin > 0 && IsContinuationByte(view[begin]));
    }
    return StringRef(view.substr(begin));
  }
};

template <bool kBytes>
struct Overlay {
  static constexpr bool kEachRow = true;
  explicit Overlay(const KernelCall& call) : result(call.result) {}
  Vector* result;
  std::string buffer;

  StringRef operator()(const StringRef& text, const StringRef& placing, int64_t start) {
    size_t length = kBytes ? placing.size() : CountCharacters(placing.view());
    return (*this)(text, placing, start, static_cast<int64_t>(length));
  }
  // SUBSTRING(text FROM 1 FOR start - 1) || placing || SUBSTRING(text FROM start + length)
  StringRef operator()(const StringRef& text, const StringRef& placing, int64_t start,
                       int64_t length) {
    if (start < 1) RaiseNegativeLength(start - (start > std::numeric_limits<int64_t>::min()));
    int64_t rest;
    if (__builtin_add_overflow(start, length, &rest)) rest = kEndOfText;
    std::string_view head = Slice<kBytes>(text.view(), 1, start);
    std::string_view tail = Slice<kBytes>(text.view(), rest, kEndOfText);
    CheckStringSize(uint64_t{head.size()} + placing.size() + tail.size());
    buffer.clear();
    for (std::string_view part : {head, placing.view(), tail}) AppendLongText(&buffer, part);
    return result->CopyToHeap(buffer);
  }
};

// A piece of the first argument.
bool ResolvePiece(std::span<const Type> types, std::string_view letters, Kernel text, Kernel bytes,
                  BoundFunction* function) {
  bool is_blob = false;
  if (!MatchSignature(types, letters, function, &is_blob)) return false;
  function->result = VaryingOf(function->argument_types[0]);
  function->kernel = is_blob ? bytes : text;
  return true;
}

bool ResolveSubstring(std::span<const Type> types, BoundFunction* function) {
  function->may_fail = types.size() == 3;
  return ResolvePiece(types, "si", EachRowKernel<StringRef, Substring<false>, StringRef, int64_t>,
                      EachRowKernel<StringRef, Substring<true>, StringRef, int64_t>, function) ||
         ResolvePiece(
             types, "sii", EachRowKernel<StringRef, Substring<false>, StringRef, int64_t, int64_t>,
             EachRowKernel<StringRef, Substring<true>, StringRef, int64_t, int64_t>, function);
}

bool ResolveLeft(std::span<const Type> types, BoundFunction* function) {
  return ResolvePiece(types, "ti", BinaryKernel<StringRef, int64_t, StringRef, Left>, nullptr,
                      function);
}

bool ResolveRight(std::span<const Type> types, BoundFunction* function) {
  return ResolvePiece(types, "ti", BinaryKernel<StringRef, int64_t, StringRef, Right>, nullptr,
                      function);
}

bool ResolveOverlay(std::span<const Type> types, BoundFunction* function) {
  bool found =
      ResolvePiece(
          types, "ssi", EachRowKernel<StringRef, Overlay<false>, StringRef, StringRef, int64_t>,
          EachRowKernel<StringRef, Overlay<true>, StringRef, StringRef, int64_t>, function) ||
      ResolvePiece(types, "ssii",
                   EachRowKernel<StringRef, Overlay<false>, StringRef, StringRef, int64_t, int64_t>,
                   EachRowKernel<StringRef, Overlay<true>, StringRef, StringRef, int64_t, int64_t>,
                   function);
  if (found) function->result = UnlimitedOf(function->argument_types[0]);
  return found;
}

constexpr FunctionRow kRows[] = {
    {"SUBSTRING", "a string or BLOB and one or two integers", ResolveSubstring},
    {"SUBSTR", "a string or BLOB and one or two integers", ResolveSubstring},
    {"OVERLAY", "two strings or two BLOBs and one or two integers", ResolveOverlay},
    {"LEFT", "a string and an integer", ResolveLeft},
    {"RIGHT", "a string and an integer", ResolveRight},
};

}  // namespace

std::span<const FunctionRow> SubstringFunctions() { return kRows; }

}  // namespace tupelo

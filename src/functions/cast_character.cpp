// functions/cast_character.cpp: casts within text and within BLOB: lengths, padding, truncation.
#include "functions/cast.h"
#include "functions/kernel.h"
#include "functions/text_result.h"

namespace tupelo {
namespace {

template <Truncation kTruncation, bool kBytes>
struct FitText {
  static constexpr bool kEachRow = true;
  explicit FitText(const KernelCall& call) : result(call.result), type(&call.data->type) {}
  Vector* result;
  const Type* type;
  StringRef operator()(const StringRef& text) {
    // Short enough in bytes is short enough: the bytes can be shared with the argument.
    if (type->id != TypeId::kChar && text.size() <= type->length) return text;
    return kBytes ? WriteBytes(text.view(), *type, kTruncation, result)
                  : WriteText(text.view(), *type, kTruncation, result);
  }
};

bool FitsAlways(const Type& from, const Type& to) {
  if (to.id == TypeId::kChar) return from.id == TypeId::kChar && from.length == to.length;
  if (to.length == kUnlimitedLength) return true;
  return from.length != kUnlimitedLength && from.length <= to.length;
}

}  // namespace

bool ResolveCharacterCast(const Type& from, const Type& to, CastKind kind, BoundFunction* cast) {
  if (FitsAlways(from, to)) return SetReferenceCast(from, to, cast);
  bool may_shrink = from.length == kUnlimitedLength || from.length > to.length;
  if (kind == CastKind::kImplicit && may_shrink) return false;
  cast->data.type = to;
  Kernel kernel = nullptr;
  if (to.id == TypeId::kBlob) {
    kernel = kind == CastKind::kExplicit
                 ? UnaryKernel<StringRef, StringRef, FitText<Truncation::kCut, true>>
                 : UnaryKernel<StringRef, StringRef, FitText<Truncation::kBlanks, true>>;
  } else {
    kernel = kind == CastKind::kExplicit
                 ? UnaryKernel<StringRef, StringRef, FitText<Truncation::kCut, false>>
                 : UnaryKernel<StringRef, StringRef, FitText<Truncation::kBlanks, false>>;
  }
  return SetCast(from, to, kernel, may_shrink && kind != CastKind::kExplicit, cast);
}

}  // namespace tupelo

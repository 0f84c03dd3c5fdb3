// functions/cast.cpp: the matrix of conversions (SQL:1999 part 2, 6.22 and 9.2).
#include "functions/cast.h"

#include <cstring>

#include "functions/kernel.h"

namespace tupelo {
namespace {

void CastNull(const KernelCall& call) {
  Vector* result = call.result;
  uint32_t capacity = call.rows.is_dense() && call.rows.count > 0 ? call.rows.count : kVectorSize;
  result->PrepareWrite(capacity);
  std::memset(result->RawData(), 0, capacity * WidthBytes(result->physical()));
  std::memset(result->MutableValidity(), 0, (capacity + 63) / 64 * sizeof(uint64_t));
}

void ReferenceArgument(const KernelCall& call) {
  call.result->Reference(*call.arguments[0]);
  call.result->SetType(call.data->type);
}

}  // namespace

bool SetCast(const Type& from, const Type& to, Kernel kernel, bool may_fail, BoundFunction* cast) {
  cast->name = "CAST";
  cast->result = to;
  cast->argument_types = {from};
  cast->kernel = kernel;
  cast->may_fail = may_fail;
  return true;
}

bool SetReferenceCast(const Type& from, const Type& to, BoundFunction* cast) {
  cast->data.type = to;
  return SetCast(from, to, ReferenceArgument, false, cast);
}

bool ResolveCast(const Type& from, const Type& to, CastKind kind, BoundFunction* cast) {
  cast->data = FunctionData{};
  if (from == to) return SetCast(from, to, nullptr, false, cast);
  if (from.id == TypeId::kNull) return SetCast(from, to, CastNull, false, cast);
  if (to.id == TypeId::kNull) return false;
  if (from.is_numeric() && to.is_numeric()) return ResolveNumberCast(from, to, kind, cast);
  if (from.is_datetime() && to.is_datetime()) return ResolveDatetimeCast(from, to, kind, cast);
  if ((from.is_character() && to.is_character()) ||
      (from.id == TypeId::kBlob && to.id == TypeId::kBlob)) {
    return ResolveCharacterCast(from, to, kind, cast);
  }
  if (to.is_character()) return ResolveFormattingCast(from, to, kind, cast);
  if (from.is_character()) return ResolveParsingCast(from, to, kind, cast);
  if (from.is_interval() || to.is_interval()) return ResolveIntervalCast(from, to, kind, cast);
  return false;
}

bool ResolveParameterCast(const Type& from, const Type& to, BoundFunction* cast) {
  if (from.is_numeric() && to.is_numeric() && from != to) {
    // A whole number of 38 digits is what an integer beyond BIGINT comes as: like every integer
    // it goes into any numeric type.
    bool is_large_integer = from.precision == kMaxDecimalPrecision && from.scale == 0;
    if (from.id == TypeId::kDecimal && (to.is_exact() || !is_large_integer)) {
      if (!to.is_exact()) return false;
      SetStrictDecimalCast(from, to, cast);
      return true;
    }
    if (from.is_approximate() && to.is_exact()) {
      SetStrictDoubleCast(from, to, cast);
      return true;
    }
  }
  return ResolveCast(from, to, CastKind::kAssignment, cast);
}

}  // namespace tupelo

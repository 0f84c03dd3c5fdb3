// functions/cast.h: the casts by family; each says whether it has one and fills in `cast` then.
#pragma once

#include "functions/function.h"

namespace tupelo {

// REQUIRES of all: from != to, neither the untyped NULL.
bool ResolveNumberCast(const Type& from, const Type& to, CastKind kind,
                       BoundFunction* cast);  // number to number
bool ResolveCharacterCast(const Type& from, const Type& to, CastKind kind,
                          BoundFunction* cast);  // within text, within BLOB
bool ResolveFormattingCast(const Type& from, const Type& to, CastKind kind,
                           BoundFunction* cast);  // all else to text
bool ResolveParsingCast(const Type& from, const Type& to, CastKind kind,
                        BoundFunction* cast);  // text to all else
bool ResolveDatetimeCast(const Type& from, const Type& to, CastKind kind,
                         BoundFunction* cast);  // between datetimes
// Between intervals of one class; between intervals of one field and exact numbers.
bool ResolveIntervalCast(const Type& from, const Type& to, CastKind kind, BoundFunction* cast);

// DECIMAL to DECIMAL or an integer where every digit must be kept (22003); DOUBLE PRECISION or REAL
// to an exact type where the number must be whole (22003).
void SetStrictDecimalCast(const Type& from, const Type& to, BoundFunction* cast);
void SetStrictDoubleCast(const Type& from, const Type& to, BoundFunction* cast);

// Fills in `cast`; true.
bool SetCast(const Type& from, const Type& to, Kernel kernel, bool may_fail, BoundFunction* cast);
// For types of the same stored form: shows the argument under the type `to`, copying nothing.
bool SetReferenceCast(const Type& from, const Type& to, BoundFunction* cast);

}  // namespace tupelo

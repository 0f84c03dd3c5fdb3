// functions/string_signature.h: the parameter lists of string functions, written as letters.
#pragma once

#include <span>
#include <string_view>

#include "functions/function.h"

namespace tupelo {

// What the letters of a signature stand for:
//   t  text          s  text or BLOB, all of a call alike          i  an integer, given to the
//   kernel as BIGINT
// Fills in `function->argument_types`; `*bytes`: the s are BLOBs. False when number or types do not
// fit.
bool MatchSignature(std::span<const Type> types, std::string_view letters, BoundFunction* function,
                    bool* bytes);

// VARCHAR(n) for CHAR(n); CLOB, VARCHAR and BLOB as they are.
Type VaryingOf(const Type& type);
// A varying string type without limit, of the kind of `type`.
Type UnlimitedOf(const Type& type);

// Throws 22001 when a string of that many bytes is more than a string may have.
void CheckStringSize(uint64_t size_bytes);

}  // namespace tupelo

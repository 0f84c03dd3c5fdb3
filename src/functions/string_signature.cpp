// functions/string_signature.cpp: the parameter lists of string functions.
#include "functions/string_signature.h"

#include <fmt/format.h>

#include "functions/registry.h"

namespace tupelo {

bool MatchSignature(std::span<const Type> types, std::string_view letters, BoundFunction* function,
                    bool* bytes) {
  if (types.size() != letters.size()) return false;
  bool any_text = false, any_blob = false;
  for (size_t i = 0; i < types.size(); ++i) {
    const Type& type = types[i];
    if (type.id == TypeId::kNull) continue;
    if (letters[i] == 'i' ? !type.is_integer() : !type.is_character() && type.id != TypeId::kBlob)
      return false;
    if (letters[i] == 't' && !type.is_character()) return false;
    if (letters[i] == 's') (type.id == TypeId::kBlob ? any_blob : any_text) = true;
  }
  if (any_text && any_blob) return false;
  *bytes = any_blob;
  function->argument_types.clear();
  for (size_t i = 0; i < types.size(); ++i) {
    Type otherwise = letters[i] == 's' && any_blob ? Type::Blob() : Type::Varchar();
    function->argument_types.push_back(letters[i] == 'i' ? Type::BigInt()
                                                         : TypeOr(types[i], otherwise));
  }
  return true;
}

Type VaryingOf(const Type& type) {
  return type.id == TypeId::kChar ? Type::Varchar(type.length) : type;
}

Type UnlimitedOf(const Type& type) {
  if (type.id == TypeId::kBlob) return Type::Blob();
  return type.id == TypeId::kClob ? Type::Clob() : Type::Varchar();
}

void CheckStringSize(uint64_t size_bytes) {
  if (size_bytes <= kMaxCharacterLength) return;
  throw Error(ErrorCode::kStringTruncation,
              fmt::format("a string of {} bytes is longer than the {} that one may have",
                          size_bytes, kMaxCharacterLength));
}

}  // namespace tupelo

// base/sha.h: the SHA digests of FIPS 180-4.
#pragma once

#include <string>
#include <string_view>

namespace tupelo {

// The digest of `bytes` as lower-case hexadecimal digits.
std::string Sha1(std::string_view bytes);
std::string Sha224(std::string_view bytes);
std::string Sha256(std::string_view bytes);
std::string Sha384(std::string_view bytes);
std::string Sha512(std::string_view bytes);

}  // namespace tupelo

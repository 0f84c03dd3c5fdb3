// slt/md5.h: the MD5 digest, by which the corpus abbreviates long results.
#pragma once

#include <string>
#include <string_view>

namespace tupelo::slt {

// The digest of `text` (RFC 1321) as 32 lower-case hexadecimal digits.
std::string Md5(std::string_view text);

}  // namespace tupelo::slt

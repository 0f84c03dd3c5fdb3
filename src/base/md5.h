// base/md5.h: the MD5 digest, of the function MD5 and of long results in the corpus.
#pragma once

#include <string>
#include <string_view>

namespace tupelo {

// The digest of `text` (RFC 1321) as 32 lower-case hexadecimal digits.
std::string Md5(std::string_view text);

}  // namespace tupelo

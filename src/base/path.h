// base/path.h: paths of the operating system.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tupelo {

// One spelling for all that name the same file: absolute, without links, `.` and `..`. The file
// need not be there, its directory must: kUndefinedFile; a null character is
// kInvalidParameterValue.
std::string CanonicalPath(std::string_view path);

}  // namespace tupelo

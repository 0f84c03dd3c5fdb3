// functions/quoting.h: text as a literal or an identifier of SQL.
#pragma once

#include <string>
#include <string_view>

namespace tupelo {

// Between quotes, those inside doubled.
void AppendQuoted(std::string_view text, char quote, std::string* out);

}  // namespace tupelo

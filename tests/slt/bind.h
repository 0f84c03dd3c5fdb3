// slt/bind.h: the values of parameters that a `bind` line gives.
#pragma once

#include <string>
#include <vector>

namespace tupelo {
class ParameterSet;
}

namespace tupelo::slt {

// Sets one row of `parameters` from "1 | 'a' | NULL" or, when the parameters have names, from
// "a=1 | b='x'". Throws Error with kWrongParameterCount or kUndefinedParameter as a host would, and
// kInternalError for text that is not a value.
void BindValues(const std::string& text, const std::vector<std::string>& names,
                ParameterSet* parameters);

}  // namespace tupelo::slt

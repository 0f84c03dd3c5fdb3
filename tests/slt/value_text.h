// slt/value_text.h: values as the two forms of .slt files write them.
#pragma once

#include <string>

namespace tupelo {
struct Value;
}

namespace tupelo::slt {

// The form of `query rows`: the table in tests/sql/README.md.
std::string CanonicalText(const Value& value);

// The form of the public corpus: `letter` is I, R or T.
std::string CorpusText(const Value& value, char letter);

}  // namespace tupelo::slt

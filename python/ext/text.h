// ext/text.h: the UTF-8 of a str.
#pragma once

#include <Python.h>

#include <string_view>

#include "ext/module_state.h"

namespace tupelo {

// The UTF-8 of `text` (a str), which owns it. False with DataError 22021 set for lone surrogates.
bool EncodedText(ModuleState* state, PyObject* text, std::string_view* utf8);

inline bool TextOf(ModuleState* state, PyObject* text, std::string_view* utf8) {
  if (PyUnicode_IS_COMPACT_ASCII(text)) {  // which most are: the bytes are there
    *utf8 = {reinterpret_cast<const char*>(PyUnicode_1BYTE_DATA(text)),
             static_cast<size_t>(PyUnicode_GET_LENGTH(text))};
    return true;
  }
  return EncodedText(state, text, utf8);
}

}  // namespace tupelo

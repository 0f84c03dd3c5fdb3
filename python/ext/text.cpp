// ext/text.cpp: the UTF-8 of a str that is not ASCII.
#include "ext/text.h"

#include "ext/errors.h"

namespace tupelo {

bool EncodedText(ModuleState* state, PyObject* text, std::string_view* utf8) {
  Py_ssize_t length;
  const char* bytes = PyUnicode_AsUTF8AndSize(text, &length);
  if (bytes != nullptr) {
    *utf8 = {bytes, static_cast<size_t>(length)};
    return true;
  }
  if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError) == 0) return false;
  PyErr_Clear();
  Py_ssize_t count = PyUnicode_GET_LENGTH(text);
  for (Py_ssize_t i = 0; i < count; ++i) {
    Py_UCS4 character = PyUnicode_READ_CHAR(text, i);
    if (character < 0xD800 || character > 0xDFFF) continue;
    Raise(state, "22021", "text has a lone surrogate, U+%04x, at index %zd: it is no character",
          static_cast<unsigned>(character), i);
    return false;
  }
  Raise(state, "22021", "text cannot be encoded as UTF-8");
  return false;
}

}  // namespace tupelo

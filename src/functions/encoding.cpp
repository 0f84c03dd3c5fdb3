// functions/encoding.cpp: ENCODE and DECODE (hex, base64, escape), MD5, SHA1 to SHA512.
#include <array>
#include <fmt/format.h>

#include "base/md5.h"
#include "base/sha.h"
#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/string_signature.h"

namespace tupelo {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kBase64Line = 76;  // RFC 2045

enum class Encoding : uint8_t { kHex, kBase64, kEscape };

Encoding EncodingNamed(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  if (lower == "hex") return Encoding::kHex;
  if (lower == "base64") return Encoding::kBase64;
  if (lower == "escape") return Encoding::kEscape;
  throw Error(ErrorCode::kInvalidParameterValue,
              "an encoding is 'hex', 'base64' or 'escape', not: " + std::string(name));
}

[[noreturn]] void RaiseInvalid(const char* encoding, const std::string& what) {
  throw Error(ErrorCode::kInvalidParameterValue,
              fmt::format("the text is not {}: {}", encoding, what));
}

void EncodeHex(std::string_view bytes, std::string* out) {
  for (char c : bytes) {
    *out += kHexDigits[static_cast<uint8_t>(c) >> 4];
    *out += kHexDigits[static_cast<uint8_t>(c) & 15];
  }
}

void EncodeBase64(std::string_view bytes, std::string* out) {
  size_t in_line = 0;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    if (in_line == kBase64Line) {
      *out += '\n';
      in_line = 0;
    }
    in_line += 4;
    uint32_t group = 0;
    size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<uint8_t>(bytes[i + k]) : 0);
    }
    for (size_t k = 0; k < 4; ++k) {
      *out += k <= count ? kBase64[group >> (18 - 6 * k) & 63] : '=';
    }
  }
}

void EncodeEscape(std::string_view bytes, std::string* out) {
  for (char c : bytes) {
    auto byte = static_cast<uint8_t>(c);
    if (c == '\\') {
      *out += "\\\\";
    } else if (byte == 0 || byte >= 0x80) {
      *out += fmt::format("\\{:03o}", byte);
    } else {
      *out += c;
    }
  }
}

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

void DecodeHex(std::string_view text, std::string* out) {
  int high = -1;
  for (char c : text) {
    if (IsSpace(c)) continue;
    char lower = static_cast<char>(c | 0x20);
    int digit = c >= '0' && c <= '9'           ? c - '0'
                : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                               : -1;
    if (digit < 0) RaiseInvalid("hexadecimal", std::string(1, c));
    if (high < 0) {
      high = digit;
    } else {
      *out += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  if (high >= 0) RaiseInvalid("hexadecimal", "the number of digits is odd");
}

int Base64Value(char c) {
  static constexpr auto kValues = [] {
    std::array<int8_t, 256> values{};
    for (auto& value : values) value = -1;
    for (int i = 0; i < 64; ++i) values[static_cast<uint8_t>(kBase64[i])] = static_cast<int8_t>(i);
    return values;
  }();
  return kValues[static_cast<uint8_t>(c)];
}

void DecodeBase64(std::string_view text, std::string* out) {
  uint32_t group = 0;
  int count = 0, padding = 0;
  for (char c : text) {
    if (IsSpace(c)) continue;
    int value = c == '=' ? 0 : Base64Value(c);
    bool misplaced = c == '=' ? count < 2 : padding > 0;
    if (value < 0 || misplaced) RaiseInvalid("base64", std::string(1, c));
    padding += c == '=';
    group = group << 6 | static_cast<uint32_t>(value);
    if (++count < 4) continue;
    for (int k = 0; k < 3 - padding; ++k) *out += static_cast<char>(group >> (16 - 8 * k) & 255);
    group = 0;
    count = 0;
  }
  if (count != 0) RaiseInvalid("base64", "it ends within a group of four characters");
}

void DecodeEscape(std::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      *out += text[i];
      continue;
    }
    if (text.substr(i, 2) == "\\\\") {
      *out += '\\';
      ++i;
      continue;
    }
    int value = 0;
    bool valid = i + 3 < text.size() && text[i + 1] <= '3';
    for (size_t k = 1; k <= 3 && valid; ++k) {
      valid = text[i + k] >= '0' && text[i + k] <= '7';
      value = value * 8 + (text[i + k] - '0');
    }
    if (!valid) RaiseInvalid("of the form 'escape'", std::string(text.substr(i, 4)));
    *out += static_cast<char>(value);
    i += 3;
  }
}

struct Writing {
  static constexpr bool kEachRow = true;
  explicit Writing(const KernelCall& call) : result(call.result) {}
  StringRef Finish() {
    CheckStringSize(buffer.size());
    return result->CopyToHeap(buffer);
  }
  Vector* result;
  std::string buffer;
};

struct Encode : Writing {
  using Writing::Writing;
  StringRef operator()(const StringRef& bytes, const StringRef& name) {
    buffer.clear();
    switch (EncodingNamed(name.view())) {
      case Encoding::kHex: EncodeHex(bytes.view(), &buffer); break;
      case Encoding::kBase64: EncodeBase64(bytes.view(), &buffer); break;
      case Encoding::kEscape: EncodeEscape(bytes.view(), &buffer); break;
    }
    return Finish();
  }
};

struct Decode : Writing {
  using Writing::Writing;
  StringRef operator()(const StringRef& text, const StringRef& name) {
    buffer.clear();
    switch (EncodingNamed(name.view())) {
      case Encoding::kHex: DecodeHex(text.view(), &buffer); break;
      case Encoding::kBase64: DecodeBase64(text.view(), &buffer); break;
      case Encoding::kEscape: DecodeEscape(text.view(), &buffer); break;
    }
    return Finish();
  }
};

template <std::string (*kDigest)(std::string_view)>
struct Digest : Writing {
  using Writing::Writing;
  StringRef operator()(const StringRef& bytes) {
    buffer = kDigest(bytes.view());
    return Finish();
  }
};

bool ResolveEncode(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "st", function, &bytes)) return false;
  function->result = Type::Varchar();
  function->kernel = BinaryKernel<StringRef, StringRef, StringRef, Encode>;
  return true;
}

bool ResolveDecode(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "tt", function, &bytes)) return false;
  function->result = Type::Blob();
  function->kernel = BinaryKernel<StringRef, StringRef, StringRef, Decode>;
  return true;
}

template <std::string (*kDigest)(std::string_view)>
bool ResolveDigest(std::span<const Type> types, BoundFunction* function) {
  bool bytes = false;
  if (!MatchSignature(types, "s", function, &bytes)) return false;
  function->result = Type::Varchar();
  function->kernel = UnaryKernel<StringRef, StringRef, Digest<kDigest>>;
  return true;
}

constexpr std::string_view kDigested = "a string or a BLOB";
constexpr FunctionRow kRows[] = {
    {"ENCODE", "a string or a BLOB, and 'hex', 'base64' or 'escape'", ResolveEncode},
    {"DECODE", "a string, and 'hex', 'base64' or 'escape'", ResolveDecode},
    {"MD5", kDigested, ResolveDigest<Md5>},
    {"SHA1", kDigested, ResolveDigest<Sha1>},
    {"SHA224", kDigested, ResolveDigest<Sha224>},
    {"SHA256", kDigested, ResolveDigest<Sha256>},
    {"SHA384", kDigested, ResolveDigest<Sha384>},
    {"SHA512", kDigested, ResolveDigest<Sha512>},
};

}  // namespace

std::span<const FunctionRow> EncodingFunctions() { return kRows; }

}  // namespace tupelo

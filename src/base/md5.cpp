// base/md5.cpp: RFC 1321. Four rounds of sixteen steps over blocks of 64 bytes.
#include "base/md5.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/long_text.h"

namespace tupelo {
namespace {

using State = std::array<uint32_t, 4>;

// floor(2^32 * |sin(i + 1)|), as the document defines them.
std::array<uint32_t, 64> SineTable() {
  std::array<uint32_t, 64> table{};
  for (int i = 0; i < 64; ++i) {
    table[i] = static_cast<uint32_t>(std::floor(4294967296.0 * std::fabs(std::sin(i + 1.0))));
  }
  return table;
}

void Block(const unsigned char* bytes, State* state) {
  static const std::array<uint32_t, 64> kSines = SineTable();
  static constexpr int kShifts[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t words[16];
  for (int i = 0; i < 16; ++i) {
    words[i] = static_cast<uint32_t>(bytes[4 * i]) | static_cast<uint32_t>(bytes[4 * i + 1]) << 8 |
               static_cast<uint32_t>(bytes[4 * i + 2]) << 16 |
               static_cast<uint32_t>(bytes[4 * i + 3]) << 24;
  }
  auto [a, b, c, d] = *state;
  for (int i = 0; i < 64; ++i) {
    uint32_t mixed = 0;
    int word = 0;
    switch (i / 16) {
      case 0:
        mixed = (b & c) | (~b & d);
        word = i;
        break;
      case 1:
        mixed = (d & b) | (~d & c);
        word = (5 * i + 1) % 16;
        break;
      case 2:
        mixed = b ^ c ^ d;
        word = (3 * i + 5) % 16;
        break;
      default:
        mixed = c ^ (b | ~d);
        word = 7 * i % 16;
        break;
    }
    const uint32_t sum = a + mixed + kSines[i] + words[word];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kShifts[i / 16][i % 4]);
  }
  (*state)[0] += a;
  (*state)[1] += b;
  (*state)[2] += c;
  (*state)[3] += d;
}

}  // namespace

std::string Md5(std::string_view text) {
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const size_t whole = text.size() / 64 * 64;
  TextSteps steps;
  for (size_t at = 0; at < whole; at += 64) {
    steps.At(at);
    Block(bytes + at, &state);
  }
  // The rest, a bit that is one, zeros, and the length in bits.
  std::string tail(text.substr(whole));
  tail += '\x80';
  tail.resize(tail.size() <= 56 ? 56 : 120, '\0');
  const uint64_t bits = static_cast<uint64_t>(text.size()) * 8;
  for (int i = 0; i < 8; ++i) tail += static_cast<char>(bits >> (8 * i));
  for (size_t at = 0; at < tail.size(); at += 64) {
    Block(reinterpret_cast<const unsigned char*>(tail.data()) + at, &state);
  }
  std::string digest;
  for (const uint32_t word : state) {
    for (int i = 0; i < 4; ++i) {
      const unsigned byte = word >> (8 * i) & 0xff;
      digest += "0123456789abcdef"[byte >> 4];
      digest += "0123456789abcdef"[byte & 15];
    }
  }
  return digest;
}

}  // namespace tupelo

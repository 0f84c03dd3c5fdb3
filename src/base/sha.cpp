// base/sha.cpp: FIPS 180-4. Blocks of sixteen words, big-endian; the last one has the number of
// bits.
//
// The constants are bits of roots of the first primes (4.2 and 5.3): those for words of 32 bits are
// the first halves of those for words of 64.
#include "base/sha.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/long_text.h"

namespace tupelo {
namespace {

// Of the fractional parts of the cube roots of the first 80 primes.
constexpr uint64_t kCubeRoots[80] = {
    0x428A2F98D728AE22, 0x7137449123EF65CD, 0xB5C0FBCFEC4D3B2F, 0xE9B5DBA58189DBBC,
    0x3956C25BF348B538, 0x59F111F1B605D019, 0x923F82A4AF194F9B, 0xAB1C5ED5DA6D8118,
    0xD807AA98A3030242, 0x12835B0145706FBE, 0x243185BE4EE4B28C, 0x550C7DC3D5FFB4E2,
    0x72BE5D74F27B896F, 0x80DEB1FE3B1696B1, 0x9BDC06A725C71235, 0xC19BF174CF692694,
    0xE49B69C19EF14AD2, 0xEFBE4786384F25E3, 0x0FC19DC68B8CD5B5, 0x240CA1CC77AC9C65,
    0x2DE92C6F592B0275, 0x4A7484AA6EA6E483, 0x5CB0A9DCBD41FBD4, 0x76F988DA831153B5,
    0x983E5152EE66DFAB, 0xA831C66D2DB43210, 0xB00327C898FB213F, 0xBF597FC7BEEF0EE4,
    0xC6E00BF33DA88FC2, 0xD5A79147930AA725, 0x06CA6351E003826F, 0x142929670A0E6E70,
    0x27B70A8546D22FFC, 0x2E1B21385C26C926, 0x4D2C6DFC5AC42AED, 0x53380D139D95B3DF,
    0x650A73548BAF63DE, 0x766A0ABB3C77B2A8, 0x81C2C92E47EDAEE6, 0x92722C851482353B,
    0xA2BFE8A14CF10364, 0xA81A664BBC423001, 0xC24B8B70D0F89791, 0xC76C51A30654BE30,
    0xD192E819D6EF5218, 0xD69906245565A910, 0xF40E35855771202A, 0x106AA07032BBD1B8,
    0x19A4C116B8D2D0C8, 0x1E376C085141AB53, 0x2748774CDF8EEB99, 0x34B0BCB5E19B48A8,
    0x391C0CB3C5C95A63, 0x4ED8AA4AE3418ACB, 0x5B9CCA4F7763E373, 0x682E6FF3D6B2B8A3,
    0x748F82EE5DEFB2FC, 0x78A5636F43172F60, 0x84C87814A1F0AB72, 0x8CC702081A6439EC,
    0x90BEFFFA23631E28, 0xA4506CEBDE82BDE9, 0xBEF9A3F7B2C67915, 0xC67178F2E372532B,
    0xCA273ECEEA26619C, 0xD186B8C721C0C207, 0xEADA7DD6CDE0EB1E, 0xF57D4F7FEE6ED178,
    0x06F067AA72176FBA, 0x0A637DC5A2C898A6, 0x113F9804BEF90DAE, 0x1B710B35131C471B,
    0x28DB77F523047D84, 0x32CAAB7B40C72493, 0x3C9EBE0A15C9BEBC, 0x431D67C49C100D4C,
    0x4CC5D4BECB3E42B6, 0x597F299CFC657E2A, 0x5FCB6FAB3AD6FAEC, 0x6C44198C4A475817};
// Of the square roots of the first eight primes, and of the eight after them.
constexpr std::array<uint64_t, 8> kSquareRoots = {
    0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
    0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179};
constexpr std::array<uint64_t, 8> kNextSquareRoots = {
    0xCBBB9D5DC1059ED8, 0x629A292A367CD507, 0x9159015A3070DD17, 0x152FECD8F70E5939,
    0x67332667FFC00B31, 0x8EB44A8768581511, 0xDB0C2E0D64F98FA7, 0x47B5481DBEFA4FA4};

template <typename Word>
Word LoadBigEndian(const unsigned char* bytes) {
  Word word = 0;
  for (size_t i = 0; i < sizeof(Word); ++i) word = static_cast<Word>(word << 8 | bytes[i]);
  return word;
}

struct ForWords32 {
  using Word = uint32_t;
  using State = std::array<Word, 8>;
  static constexpr int kRounds = 64;
  static constexpr int kBig0[3] = {2, 13, 22}, kBig1[3] = {6, 11, 25};
  static constexpr int kSmall0[3] = {7, 18, 3}, kSmall1[3] = {17, 19, 10};
  static Word Constant(int i) { return static_cast<Word>(kCubeRoots[i] >> 32); }
};
struct ForWords64 {
  using Word = uint64_t;
  using State = std::array<Word, 8>;
  static constexpr int kRounds = 80;
  static constexpr int kBig0[3] = {28, 34, 39}, kBig1[3] = {14, 18, 41};
  static constexpr int kSmall0[3] = {1, 8, 7}, kSmall1[3] = {19, 61, 6};
  static Word Constant(int i) { return kCubeRoots[i]; }
};

// SHA-224 to SHA-512 (6.2 to 6.5).
template <typename Kind>
struct Sha2 : Kind {
  using Word = typename Kind::Word;
  using State = typename Kind::State;

  static Word Big(Word x, const int* by) {
    return std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ std::rotr(x, by[2]);
  }
  static Word Small(Word x, const int* by) {
    return std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ (x >> by[2]);
  }

  static void Block(const unsigned char* bytes, State* state) {
    Word words[Kind::kRounds];
    for (int i = 0; i < Kind::kRounds; ++i) {
      words[i] = i < 16 ? LoadBigEndian<Word>(bytes + sizeof(Word) * static_cast<size_t>(i))
                        : static_cast<Word>(Small(words[i - 2], Kind::kSmall1) + words[i - 7] +
                                            Small(words[i - 15], Kind::kSmall0) + words[i - 16]);
    }
    auto [a, b, c, d, e, f, g, h] = *state;
    for (int i = 0; i < Kind::kRounds; ++i) {
      Word choice = (e & f) ^ (~e & g);
      Word majority = (a & b) ^ (a & c) ^ (b & c);
      Word first = h + Big(e, Kind::kBig1) + choice + Kind::Constant(i) + words[i];
      Word second = Big(a, Kind::kBig0) + majority;
      h = g;
      g = f;
      f = e;
      e = d + first;
      d = c;
      c = b;
      b = a;
      a = first + second;
    }
    const Word changed[8] = {a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < 8; ++i) (*state)[i] += changed[i];
  }
};

struct Sha1Blocks {
  using Word = uint32_t;
  using State = std::array<Word, 5>;

  static void Block(const unsigned char* bytes, State* state) {
    static constexpr Word kConstants[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    Word words[80];
    for (int i = 0; i < 80; ++i) {
      words[i] = i < 16 ? LoadBigEndian<Word>(bytes + 4 * i)
                        : std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    auto [a, b, c, d, e] = *state;
    for (int i = 0; i < 80; ++i) {
      Word mixed = i < 20              ? (b & c) ^ (~b & d)
                   : i >= 40 && i < 60 ? (b & c) ^ (b & d) ^ (c & d)
                                       : b ^ c ^ d;
      Word next = std::rotl(a, 5) + mixed + e + kConstants[i / 20] + words[i];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    const Word changed[5] = {a, b, c, d, e};
    for (size_t i = 0; i < 5; ++i) (*state)[i] += changed[i];
  }
};

// The first `digest_bytes` bytes of the state after all of `bytes`.
template <typename Kind>
std::string Digest(std::string_view bytes, typename Kind::State state, size_t digest_bytes) {
  using Word = typename Kind::Word;
  constexpr size_t kBlock = 16 * sizeof(Word), kLength = 2 * sizeof(Word);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t done = 0;
  TextSteps steps;
  for (; bytes.size() - done >= kBlock; done += kBlock) {
    steps.At(done);
    Kind::Block(data + done, &state);
  }
  // The rest, a one bit, zeros, and the number of bits.
  unsigned char last[2 * kBlock] = {};
  size_t rest = bytes.size() - done;
  if (rest > 0) std::memcpy(last, data + done, rest);
  last[rest] = 0x80;
  size_t size = rest + 1 + kLength <= kBlock ? kBlock : 2 * kBlock;
  uint64_t bits = static_cast<uint64_t>(bytes.size()) * 8;
  for (size_t i = 0; i < 8; ++i) last[size - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
  for (size_t at = 0; at < size; at += kBlock) Kind::Block(last + at, &state);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < digest_bytes; ++i) {
    auto byte = static_cast<unsigned char>(state[i / sizeof(Word)] >>
                                           (8 * (sizeof(Word) - 1 - i % sizeof(Word))));
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

ForWords32::State Halves(const std::array<uint64_t, 8>& roots, int shift) {
  ForWords32::State state;
  for (size_t i = 0; i < 8; ++i) state[i] = static_cast<uint32_t>(roots[i] >> shift);
  return state;
}

}  // namespace

std::string Sha1(std::string_view bytes) {
  return Digest<Sha1Blocks>(bytes, {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0},
                            20);
}

std::string Sha224(std::string_view bytes) {
  return Digest<Sha2<ForWords32>>(bytes, Halves(kNextSquareRoots, 0), 28);
}

std::string Sha256(std::string_view bytes) {
  return Digest<Sha2<ForWords32>>(bytes, Halves(kSquareRoots, 32), 32);
}

std::string Sha384(std::string_view bytes) {
  return Digest<Sha2<ForWords64>>(bytes, kNextSquareRoots, 48);
}

std::string Sha512(std::string_view bytes) {
  return Digest<Sha2<ForWords64>>(bytes, kSquareRoots, 64);
}

}  // namespace tupelo

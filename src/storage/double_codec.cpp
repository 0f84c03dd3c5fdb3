// storage/double_codec.cpp: doubles as scaled integers (after Afroozeh, Kuffo and Boncz, "ALP:
// Adaptive Lossless Floating-Point Compression", SIGMOD 2023, and its like for powers of two).
//
// A scale is guessed from what the numbers have in common, then each is tried: the integer must
// give the same bits back. Those that don't become exceptions, if they are few.
#include "storage/double_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "storage/integer_codec.h"

namespace tupelo {

namespace {

enum class Encoding : uint8_t { kPlain = 0, kBits = 1, kBinary = 2, kDecimal = 3 };

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kMostDigits = 22;  // powers of ten that are exact
constexpr int kTriedDigits = 15;
constexpr double kLargestInteger = 9007199254740992.0;  // 2^53
constexpr size_t kSamples = 32;

// One exception for so many numbers is tolerated.
constexpr size_t kNumbersPerException = 32;

uint64_t BitsOf(double value) { return std::bit_cast<uint64_t>(value); }

struct Scaled {
  Encoding encoding;
  int exponent = 0;
  std::vector<int64_t> integers;
  std::vector<uint16_t> exceptions;
  IntegerStatistics statistics;
  size_t bytes = 0;
};

// False: too many exceptions. `to_integer` gives an integer below 2^62, or anything for what cannot
// be one.
template <typename ToInteger, typename ToDouble>
bool TryScale(const double* values, size_t count, ToInteger to_integer, ToDouble to_double,
              Scaled* scaled) {
  scaled->integers.resize(count);
  int64_t* integers = scaled->integers.data();
  size_t different = 0;
  for (size_t i = 0; i < count; ++i) {
    int64_t integer = to_integer(values[i]);
    integers[i] = integer;
    different += BitsOf(to_double(integer)) != BitsOf(values[i]) ? 1 : 0;
  }
  if (different > count / kNumbersPerException) return false;
  if (different > 0) {
    int64_t fill = 0;
    for (size_t i = 0; i < count; ++i) {
      if (BitsOf(to_double(integers[i])) == BitsOf(values[i])) {
        fill = integers[i];
        continue;
      }
      scaled->exceptions.push_back(static_cast<uint16_t>(i));
      integers[i] = fill;
    }
    // What comes before the first good one.
    size_t first = 0;
    while (first < scaled->exceptions.size() && scaled->exceptions[first] == first) ++first;
    if (first < count) std::fill_n(integers, first, integers[first]);
  }
  scaled->statistics = IntegerStatistics::Of(integers, count);
  scaled->bytes = 5 + 10 * different + scaled->statistics.EncodedBytes(count);
  return true;
}

// The lowest bit that any of them has, as a power of two.
bool LowestExponent(const double* values, size_t count, int* exponent) {
  int lowest = 2000, highest = -2000;
  for (size_t i = 0; i < count; ++i) {
    uint64_t bits = BitsOf(values[i]);
    auto biased = static_cast<int>(bits >> 52 & 0x7FF);
    if (biased == 0 || biased == 0x7FF) continue;  // zero, tiny, NaN or infinity
    uint64_t mantissa = (bits & ((uint64_t{1} << 52) - 1)) | uint64_t{1} << 52;
    lowest = std::min(lowest, biased - 1075 + std::countr_zero(mantissa));
    highest = std::max(highest, biased - 1022);
  }
  *exponent = lowest;
  return highest - lowest <= 62 && lowest >= -1000 && lowest < 960;
}

bool TryBinary(const double* values, size_t count, Scaled* scaled) {
  scaled->encoding = Encoding::kBinary;
  if (!LowestExponent(values, count, &scaled->exponent)) return false;
  double up = std::ldexp(1.0, -scaled->exponent), down = std::ldexp(1.0, scaled->exponent);
  auto to_integer = [up](double value) {
    double product = value * up;
    return std::fabs(product) < 4.7e18 ? static_cast<int64_t>(product) : 0;
  };
  auto to_double = [down](int64_t integer) { return static_cast<double>(integer) * down; };
  return TryScale(values, count, to_integer, to_double, scaled);
}

bool TryDecimal(const double* values, size_t count, Scaled* scaled) {
  scaled->encoding = Encoding::kDecimal;
  size_t step = std::max<size_t>(1, count / kSamples), samples = 0, best = 0;
  for (size_t i = 0; i < count; i += step) ++samples;
  auto to_integer = [](double value, double scale) {
    // Adding and taking away 1.5 * 2^52 rounds to an integer; what is larger does not survive it.
    constexpr double kRound = 6755399441055744.0;
    double product = value * scale;
    return std::fabs(product) < kLargestInteger / 4
               ? static_cast<int64_t>(product + kRound - kRound)
               : 0;
  };
  for (int digits = 0; digits <= kTriedDigits && best < samples; ++digits) {
    double scale = kPowersOfTen[digits];
    size_t good = 0;
    for (size_t i = 0; i < count; i += step) {
      double back = static_cast<double>(to_integer(values[i], scale)) / scale;
      good += BitsOf(back) == BitsOf(values[i]) ? 1 : 0;
    }
    if (good > best) {
      best = good;
      scaled->exponent = digits;
    }
  }
  if (best + samples / 10 < samples) return false;
  double scale = kPowersOfTen[scaled->exponent];
  return TryScale(
      values, count, [&](double value) { return to_integer(value, scale); },
      [scale](int64_t integer) { return static_cast<double>(integer) / scale; }, scaled);
}

void AppendScaled(const double* values, size_t count, const Scaled& scaled, ByteVector* out) {
  AppendNumber(scaled.encoding, out);
  AppendNumber(static_cast<int16_t>(scaled.exponent), out);
  AppendNumber(static_cast<uint16_t>(scaled.exceptions.size()), out);
  for (uint16_t index : scaled.exceptions) {
    AppendNumber(index, out);
    AppendNumber(values[index], out);
  }
  EncodeIntegers(scaled.integers.data(), count, scaled.statistics, out);
}

void DecodeScaled(Encoding encoding, ByteReader* reader, size_t count, double* values) {
  int exponent = reader->Take<int16_t>();
  size_t exceptions = reader->Take<uint16_t>();
  ByteReader exception_reader(reader->TakeBytes(exceptions * 10));
  std::vector<int64_t> integers(count);
  DecodeIntegers(reader, count, integers.data());
  if (encoding == Encoding::kBinary) {
    if (exponent < -1074 || exponent > 1023) ThrowDamaged("an exponent is out of its range");
    double scale = std::ldexp(1.0, exponent);
    for (size_t i = 0; i < count; ++i) values[i] = static_cast<double>(integers[i]) * scale;
  } else {
    if (exponent < 0 || exponent > kMostDigits) ThrowDamaged("an exponent is out of its range");
    double scale = kPowersOfTen[exponent];
    for (size_t i = 0; i < count; ++i) values[i] = static_cast<double>(integers[i]) / scale;
  }
  for (size_t i = 0; i < exceptions; ++i) {
    size_t index = exception_reader.Take<uint16_t>();
    if (index >= count) ThrowDamaged("an exception is behind the last number");
    values[index] = exception_reader.Take<double>();
  }
}

}  // namespace

void EncodeDoubles(const double* values, size_t count, ByteVector* out) {
  std::vector<int64_t> bits(count);
  std::memcpy(bits.data(), values, count * 8);
  IntegerStatistics bit_statistics = IntegerStatistics::Of(bits.data(), count);
  size_t bits_bytes = 1 + bit_statistics.EncodedBytes(count);
  size_t plain_bytes = 1 + 8 * count;
  Scaled binary, decimal;
  const Scaled* best = nullptr;
  // Nothing beats a few bytes.
  if (bits_bytes > count) {
    if (TryBinary(values, count, &binary)) best = &binary;
    // Decimals take longer to decode: they must be worth it.
    if (TryDecimal(values, count, &decimal) &&
        (best == nullptr || decimal.bytes < best->bytes - best->bytes / 8)) {
      best = &decimal;
    }
  }
  size_t worth = std::min(bits_bytes, plain_bytes - plain_bytes / 16);
  if (best != nullptr && best->bytes < worth) {
    AppendScaled(values, count, *best, out);
  } else if (bits_bytes < plain_bytes - plain_bytes / 16 || bits_bytes <= 64) {
    AppendNumber(Encoding::kBits, out);
    EncodeIntegers(bits.data(), count, bit_statistics, out);
  } else {
    AppendNumber(Encoding::kPlain, out);
    AppendBytes(values, count * 8, out);
  }
}

void DecodeDoubles(ByteReader* reader, size_t count, double* values) {
  auto encoding = reader->Take<Encoding>();
  switch (encoding) {
    case Encoding::kPlain:
      std::memcpy(values, reader->TakeBytes(count * 8).data(), count * 8);
      return;
    case Encoding::kBits: {
      std::vector<int64_t> bits(count);
      DecodeIntegers(reader, count, bits.data());
      std::memcpy(values, bits.data(), count * 8);
      return;
    }
    case Encoding::kBinary:
    case Encoding::kDecimal: return DecodeScaled(encoding, reader, count, values);
  }
  ThrowDamaged("doubles of an unknown encoding");
}

}  // namespace tupelo

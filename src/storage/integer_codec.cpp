// storage/integer_codec.cpp: choosing an encoding by what it takes, and each of them.
#include "storage/integer_codec.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

#include "storage/bit_packing.h"

namespace tupelo {

namespace {

enum class Encoding : uint8_t { kConstant = 0, kFrameOfReference = 1, kDelta = 2, kRuns = 3 };

unsigned WidthOf(int64_t min, int64_t max) {
  return static_cast<unsigned>(
      std::bit_width(static_cast<uint64_t>(max) - static_cast<uint64_t>(min)));
}

int64_t Difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

int64_t Sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

struct Choice {
  Encoding encoding;
  size_t bytes;
};

Choice Choose(const IntegerStatistics& statistics, size_t count) {
  if (statistics.min == statistics.max) return {Encoding::kConstant, 9};
  size_t frame = 10 + PackedBytes(count, WidthOf(statistics.min, statistics.max));
  Choice best{Encoding::kFrameOfReference, frame};
  // The others take longer to decode: they must be worth it.
  size_t delta = 18 + PackedBytes(count - 1, WidthOf(statistics.min_delta, statistics.max_delta));
  if (delta < best.bytes - best.bytes / 8) best = {Encoding::kDelta, delta};
  size_t runs =
      25 + PackedBytes(statistics.runs, WidthOf(statistics.min, statistics.max)) +
      PackedBytes(statistics.runs, WidthOf(1, static_cast<int64_t>(statistics.longest_run)));
  if (runs < best.bytes - best.bytes / 8) best = {Encoding::kRuns, runs};
  return best;
}

void EncodeFrame(const int64_t* values, size_t count, int64_t min, int64_t max, ByteVector* out) {
  if (min == max) {
    AppendNumber(Encoding::kConstant, out);
    AppendNumber(min, out);
    return;
  }
  AppendNumber(Encoding::kFrameOfReference, out);
  AppendNumber(min, out);
  unsigned width = WidthOf(min, max);
  AppendNumber(static_cast<uint8_t>(width), out);
  PackBits(values, count, min, width, out);
}

void EncodeDelta(const int64_t* values, size_t count, const IntegerStatistics& statistics,
                 ByteVector* out) {
  AppendNumber(Encoding::kDelta, out);
  AppendNumber(values[0], out);
  AppendNumber(statistics.min_delta, out);
  unsigned width = WidthOf(statistics.min_delta, statistics.max_delta);
  AppendNumber(static_cast<uint8_t>(width), out);
  std::vector<int64_t> deltas(count - 1);
  for (size_t i = 1; i < count; ++i) deltas[i - 1] = Difference(values[i], values[i - 1]);
  PackBits(deltas.data(), count - 1, statistics.min_delta, width, out);
}

void EncodeRuns(const int64_t* values, size_t count, const IntegerStatistics& statistics,
                ByteVector* out) {
  std::vector<int64_t> run_values, lengths;
  run_values.reserve(statistics.runs);
  lengths.reserve(statistics.runs);
  for (size_t begin = 0; begin < count;) {
    size_t end = begin + 1;
    while (end < count && values[end] == values[begin]) ++end;
    run_values.push_back(values[begin]);
    lengths.push_back(static_cast<int64_t>(end - begin));
    begin = end;
  }
  AppendNumber(Encoding::kRuns, out);
  AppendNumber(static_cast<uint32_t>(run_values.size()), out);
  EncodeFrame(run_values.data(), run_values.size(), statistics.min, statistics.max, out);
  auto [least, most] = std::minmax_element(lengths.begin(), lengths.end());
  EncodeFrame(lengths.data(), lengths.size(), *least, *most, out);
}

unsigned TakeWidth(ByteReader* reader) {
  unsigned width = reader->Take<uint8_t>();
  if (width > 64) ThrowDamaged("integers of more than 64 bits");
  return width;
}

void DecodeDelta(ByteReader* reader, size_t count, int64_t* values) {
  auto first = reader->Take<int64_t>();
  auto base = reader->Take<int64_t>();
  unsigned width = TakeWidth(reader);
  UnpackBits(reader->TakeBytes(PackedBytes(count - 1, width)), count - 1, base, width, values + 1);
  values[0] = first;
  int64_t value = first;
  for (size_t i = 1; i < count; ++i) {
    value = Sum(value, values[i]);
    values[i] = value;
  }
}

void DecodeAny(ByteReader* reader, size_t count, bool may_be_runs, int64_t* values);

void DecodeRuns(ByteReader* reader, size_t count, int64_t* values) {
  size_t runs = reader->Take<uint32_t>();
  if (runs == 0 || runs > count) ThrowDamaged("runs of integers are not as many as said");
  std::vector<int64_t> run_values(runs), lengths(runs);
  DecodeAny(reader, runs, false, run_values.data());
  DecodeAny(reader, runs, false, lengths.data());
  size_t done = 0;
  for (size_t i = 0; i < runs; ++i) {
    auto length = static_cast<uint64_t>(lengths[i]);
    if (length > count - done) ThrowDamaged("runs of integers are too long");
    std::fill_n(values + done, length, run_values[i]);
    done += length;
  }
  if (done != count) ThrowDamaged("runs of integers are too short");
}

void DecodeAny(ByteReader* reader, size_t count, bool may_be_runs, int64_t* values) {
  switch (reader->Take<Encoding>()) {
    case Encoding::kConstant: std::fill_n(values, count, reader->Take<int64_t>()); return;
    case Encoding::kFrameOfReference: {
      auto base = reader->Take<int64_t>();
      unsigned width = TakeWidth(reader);
      UnpackBits(reader->TakeBytes(PackedBytes(count, width)), count, base, width, values);
      return;
    }
    case Encoding::kDelta: DecodeDelta(reader, count, values); return;
    case Encoding::kRuns:
      if (!may_be_runs) break;
      DecodeRuns(reader, count, values);
      return;
  }
  ThrowDamaged("integers of an unknown encoding");
}

}  // namespace

IntegerStatistics IntegerStatistics::Of(const int64_t* values, size_t count) {
  IntegerStatistics found;
  // Loops of one thing each, which the compiler makes vector instructions of.
  int64_t min = values[0], max = values[0];
  for (size_t i = 1; i < count; ++i) {
    min = std::min(min, values[i]);
    max = std::max(max, values[i]);
  }
  found.min = min;
  found.max = max;
  found.runs = 1;
  found.longest_run = count;
  if (min == max) return found;
  int64_t min_delta = std::numeric_limits<int64_t>::max();
  int64_t max_delta = std::numeric_limits<int64_t>::min();
  size_t changes = 0;
  for (size_t i = 1; i < count; ++i) {
    int64_t delta = Difference(values[i], values[i - 1]);
    min_delta = std::min(min_delta, delta);
    max_delta = std::max(max_delta, delta);
    changes += delta != 0 ? 1 : 0;
  }
  found.min_delta = min_delta;
  found.max_delta = max_delta;
  found.runs = changes + 1;
  // At most: good enough to choose by.
  found.longest_run = count - changes;
  return found;
}

size_t IntegerStatistics::EncodedBytes(size_t count) const { return Choose(*this, count).bytes; }

void EncodeIntegers(const int64_t* values, size_t count, const IntegerStatistics& statistics,
                    ByteVector* out) {
  switch (Choose(statistics, count).encoding) {
    case Encoding::kConstant:
    case Encoding::kFrameOfReference:
      return EncodeFrame(values, count, statistics.min, statistics.max, out);
    case Encoding::kDelta: return EncodeDelta(values, count, statistics, out);
    case Encoding::kRuns: return EncodeRuns(values, count, statistics, out);
  }
}

void EncodeIntegers(const int64_t* values, size_t count, ByteVector* out) {
  EncodeIntegers(values, count, IntegerStatistics::Of(values, count), out);
}

void DecodeIntegers(ByteReader* reader, size_t count, int64_t* values) {
  DecodeAny(reader, count, true, values);
}

}  // namespace tupelo

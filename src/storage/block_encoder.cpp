// storage/block_encoder.cpp: from a block to bytes.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <zstd.h>

#include "storage/block_codec.h"
#include "storage/block_format.h"
#include "storage/double_codec.h"
#include "storage/integer_codec.h"
#include "storage/string_codec.h"

namespace tupelo {

BlockEncoder::BlockEncoder()
    : zstd_(ZSTD_createCCtx()), values_(std::make_unique_for_overwrite<uint64_t[]>(kBlockRows)) {
  if (zstd_ == nullptr) throw Error(ErrorCode::kOutOfMemory, "out of memory");
}

BlockEncoder::~BlockEncoder() { ZSTD_freeCCtx(zstd_); }

// Whether any live row is null.
bool BlockEncoder::FindPresent(const ColumnBlock& block, uint32_t rows, const uint64_t* live) {
  bool nulls = false;
  all_present_ = true;
  for (uint32_t word = 0; word * 64 < rows; ++word) {
    uint64_t in_rows =
        rows - word * 64 >= 64 ? ~uint64_t{0} : (uint64_t{1} << (rows - word * 64)) - 1;
    uint64_t of_interest = in_rows & (live == nullptr ? ~uint64_t{0} : live[word]);
    present_[word] = of_interest & block.validity[word];
    nulls = nulls || present_[word] != of_interest;
    all_present_ = all_present_ && present_[word] == in_rows;
  }
  return nulls;
}

// A part of each value as an Out; of those that are not present, the last one before that is.
template <typename T, typename Out, typename Part>
const Out* BlockEncoder::Gather(const ColumnBlock& block, uint32_t rows, Part part) {
  static_assert(sizeof(Out) == 8);
  auto* out = reinterpret_cast<Out*>(values_.get());
  const T* values = block.values<T>();
  if (all_present_) {
    for (uint32_t i = 0; i < rows; ++i) out[i] = part(values[i]);
    return out;
  }
  uint32_t first = 0;
  while (first < rows && (present_[first / 64] >> (first % 64) & 1) == 0) ++first;
  Out last = first < rows ? part(values[first]) : Out{};
  for (uint32_t i = 0; i < rows; ++i) {
    if ((present_[i / 64] >> (i % 64) & 1) != 0) last = part(values[i]);
    out[i] = last;
  }
  return out;
}

void BlockEncoder::AppendWide(const ColumnBlock& block, uint32_t rows) {
  bool narrow = true;
  const auto* values = block.values<int128_t>();
  for (uint32_t i = 0; i < rows; ++i) {
    bool present = (present_[i / 64] >> (i % 64) & 1) != 0;
    narrow = narrow && (!present || values[i] == static_cast<int64_t>(values[i]));
  }
  AppendNumber(static_cast<uint8_t>(narrow ? 0 : 1), &body_);
  if (!narrow) {
    auto upper = [](int128_t value) { return static_cast<int64_t>(value >> 64); };
    EncodeIntegers(Gather<int128_t, int64_t>(block, rows, upper), rows, &body_);
  }
  auto lower = [](int128_t value) { return static_cast<int64_t>(value); };
  EncodeIntegers(Gather<int128_t, int64_t>(block, rows, lower), rows, &body_);
}

void BlockEncoder::AppendValues(const ColumnBlock& block, uint32_t rows) {
  auto widen = [](auto value) { return static_cast<int64_t>(value); };
  auto append = [&](const int64_t* values) { EncodeIntegers(values, rows, &body_); };
  switch (block.physical) {
    case PhysicalType::kBool: return append(Gather<uint8_t, int64_t>(block, rows, widen));
    case PhysicalType::kInt16: return append(Gather<int16_t, int64_t>(block, rows, widen));
    case PhysicalType::kInt32: return append(Gather<int32_t, int64_t>(block, rows, widen));
    case PhysicalType::kInt64: return append(Gather<int64_t, int64_t>(block, rows, widen));
    case PhysicalType::kInt128: return AppendWide(block, rows);
    case PhysicalType::kFloat: {
      auto bits = [](float value) { return int64_t{std::bit_cast<int32_t>(value)}; };
      return append(Gather<float, int64_t>(block, rows, bits));
    }
    case PhysicalType::kDouble: {
      auto same = [](double value) { return value; };
      EncodeDoubles(Gather<double, double>(block, rows, same), rows, &body_);
      return;
    }
    case PhysicalType::kString:
      EncodeStrings(block.values<StringRef>(), rows, all_present_ ? nullptr : present_, &body_);
      return;
    case PhysicalType::kZoned:
      append(Gather<ZonedTime, int64_t>(block, rows, [](const auto& time) { return time.utc_us; }));
      append(Gather<ZonedTime, int64_t>(
          block, rows, [](const auto& time) { return int64_t{time.offset_minutes}; }));
      return;
  }
}

// What went elsewhere is no longer present.
bool BlockEncoder::AppendLongValues(const ColumnBlock& block, uint32_t rows,
                                    LongValues* long_values) {
  if (long_values == nullptr || block.physical != PhysicalType::kString) return false;
  std::vector<uint16_t> found;
  const auto* texts = block.values<StringRef>();
  for (uint32_t i = 0; i < rows; ++i) {
    bool present = (present_[i / 64] >> (i % 64) & 1) != 0;
    if (present && texts[i].size() > kLongestInBlock) found.push_back(static_cast<uint16_t>(i));
  }
  if (found.empty()) return false;
  AppendNumber(static_cast<uint16_t>(found.size()), &body_);
  for (uint16_t row : found) {
    std::vector<ExtentAddress> extents = long_values->Write(texts[row].view());
    AppendNumber(row, &body_);
    AppendNumber(texts[row].size(), &body_);
    AppendNumber(static_cast<uint16_t>(extents.size()), &body_);
    for (const ExtentAddress& extent : extents) AppendNumber(extent.Pack(), &body_);
    present_[row / 64] &= ~(uint64_t{1} << (row % 64));
  }
  all_present_ = false;
  return true;
}

void BlockEncoder::Encode(const ColumnBlock& block, uint32_t rows, const uint64_t* live,
                          LongValues* long_values, ByteVector* out) {
  assert(rows > 0 && rows <= block.capacity);
  body_.clear();
  uint8_t flags = 0;
  if (FindPresent(block, rows, live)) {
    flags |= kHasNulls;
    // Rows that are not live count as not null.
    for (uint32_t i = 0; i < rows; i += 8) {
      auto alive = static_cast<uint8_t>(live == nullptr ? 0xFF : live[i / 64] >> (i % 64));
      auto valid = static_cast<uint8_t>(block.validity[i / 64] >> (i % 64));
      auto in_rows = static_cast<uint8_t>(rows - i >= 8 ? 0xFF : (1 << (rows - i)) - 1);
      body_.push_back(static_cast<uint8_t>((valid | ~alive) & in_rows));
    }
  }
  if (AppendLongValues(block, rows, long_values)) flags |= kHasLongValues;
  AppendValues(block, rows);

  size_t header = out->size();
  out->resize(header + kBlockHeaderBytes);
  if (body_.size() >= kLeastToCompress) {
    size_t room = ZSTD_compressBound(body_.size());
    out->resize(header + kBlockHeaderBytes + room);
    size_t bytes = ZSTD_compressCCtx(zstd_, out->data() + header + kBlockHeaderBytes, room,
                                     body_.data(), body_.size(), kCompressionLevel);
    if (!ZSTD_isError(bytes) && bytes < body_.size() - body_.size() / 8) flags |= kIsCompressed;
    out->resize(header + kBlockHeaderBytes + ((flags & kIsCompressed) != 0 ? bytes : 0));
  }
  if ((flags & kIsCompressed) == 0) out->insert(out->end(), body_.begin(), body_.end());
  auto body_bytes = static_cast<uint32_t>(body_.size());
  auto row_count = static_cast<uint16_t>(rows);
  uint8_t* at = out->data() + header;
  at[0] = static_cast<uint8_t>(block.physical);
  at[1] = flags;
  std::memcpy(at + 2, &row_count, 2);
  std::memcpy(at + 4, &body_bytes, 4);
}

}  // namespace tupelo

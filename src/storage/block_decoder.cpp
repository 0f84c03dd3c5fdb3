// storage/block_decoder.cpp: from bytes that may be damaged to a block.
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>
#include <utility>
#include <zstd.h>

#include "base/scratch_array.h"
#include "storage/block_codec.h"
#include "storage/block_format.h"
#include "storage/double_codec.h"
#include "storage/integer_codec.h"
#include "storage/string_codec.h"

namespace tupelo {

namespace {

// Gives the block back where something is wrong with what goes into it.
struct BlockHolder {
  ColumnBlock* block;
  ~BlockHolder() {
    if (block != nullptr) block->Retire();
  }
  ColumnBlock* Release() { return std::exchange(block, nullptr); }
};

struct LongValue {
  uint16_t row;
  uint32_t bytes;
  std::vector<ExtentAddress> extents;
};

std::vector<LongValue> ReadLongValues(ByteReader* reader, uint32_t rows) {
  std::vector<LongValue> found;
  size_t count = reader->Take<uint16_t>();
  for (size_t i = 0; i < count; ++i) {
    LongValue value;
    value.row = reader->Take<uint16_t>();
    value.bytes = reader->Take<uint32_t>();
    size_t extents = reader->Take<uint16_t>();
    bool in_order = value.row < rows && (i == 0 || value.row > found.back().row);
    bool enough = extents == (value.bytes + kMaxExtentPayload - 1) / kMaxExtentPayload;
    if (!in_order || !enough || value.bytes <= kLongestInBlock) {
      ThrowDamaged("a long value is not what its block says");
    }
    for (size_t e = 0; e < extents; ++e) {
      value.extents.push_back(ExtentAddress::Unpack(reader->Take<uint64_t>()));
    }
    found.push_back(std::move(value));
  }
  return found;
}

}  // namespace

BlockDecoder::BlockDecoder()
    : zstd_(ZSTD_createDCtx()),
      integers_(std::make_unique_for_overwrite<int64_t[]>(2 * kBlockRows)) {
  if (zstd_ == nullptr) throw Error(ErrorCode::kOutOfMemory, "out of memory");
}

BlockDecoder::~BlockDecoder() { ZSTD_freeDCtx(zstd_); }

ByteReader BlockDecoder::Open(std::span<const uint8_t> bytes, Header* header) {
  ByteReader reader(bytes);
  *header = reader.Take<Header>();
  constexpr uint8_t kKnown = kHasNulls | kIsCompressed | kHasLongValues;
  if (header->rows == 0 || header->rows > kBlockRows || (header->flags & ~kKnown) != 0 ||
      header->body_bytes > kLargestBody) {
    ThrowDamaged("the header of a block is wrong");
  }
  std::span<const uint8_t> body = reader.TakeBytes(reader.left());
  if ((header->flags & kIsCompressed) == 0) {
    if (body.size() != header->body_bytes) ThrowDamaged("a block is of another length");
    return ByteReader(body);
  }
  // A frame says how long its content is: no memory is taken for what cannot be.
  if (ZSTD_getFrameContentSize(body.data(), body.size()) != header->body_bytes) {
    ThrowDamaged("a compressed block is of another length");
  }
  if (header->body_bytes > body_capacity_) {
    body_ = std::make_unique_for_overwrite<uint8_t[]>(header->body_bytes);
    body_capacity_ = header->body_bytes;
  }
  size_t got =
      ZSTD_decompressDCtx(zstd_, body_.get(), header->body_bytes, body.data(), body.size());
  if (ZSTD_isError(got) || got != header->body_bytes) {
    ThrowDamaged("a compressed block does not decompress");
  }
  return ByteReader({body_.get(), got});
}

template <typename T>
void BlockDecoder::ReadIntegers(ByteReader* reader, uint32_t rows, ColumnBlock* block) {
  // Booleans are bytes, but only two of them.
  constexpr int64_t kMin = sizeof(T) == 1 ? 0 : std::numeric_limits<T>::min();
  constexpr int64_t kMax = sizeof(T) == 1 ? 1 : std::numeric_limits<T>::max();
  auto* values = block->values<T>();
  if constexpr (sizeof(T) == 8) {
    DecodeIntegers(reader, rows, values);
  } else {
    DecodeIntegers(reader, rows, integers_.get());
    const int64_t* integers = integers_.get();
    bool fits = true;
    for (uint32_t i = 0; i < rows; ++i) {
      fits &= (integers[i] >= kMin) & (integers[i] <= kMax);
      values[i] = static_cast<T>(integers[i]);
    }
    if (!fits) ThrowDamaged("an integer is outside the range of its type");
  }
}

void BlockDecoder::ReadWide(ByteReader* reader, uint32_t rows, ColumnBlock* block) {
  auto form = reader->Take<uint8_t>();
  if (form > 1) ThrowDamaged("wide integers of an unknown form");
  int64_t* upper = integers_.get();
  int64_t* lower = upper + kBlockRows;
  if (form == 1) DecodeIntegers(reader, rows, upper);
  DecodeIntegers(reader, rows, lower);
  auto* values = block->values<int128_t>();
  for (uint32_t i = 0; i < rows; ++i) {
    values[i] = form == 0 ? int128_t{lower[i]}
                          : static_cast<int128_t>(uint128_t{static_cast<uint64_t>(upper[i])} << 64 |
                                                  static_cast<uint64_t>(lower[i]));
  }
}

void BlockDecoder::ReadZoned(ByteReader* reader, uint32_t rows, ColumnBlock* block) {
  int64_t* utc = integers_.get();
  int64_t* offsets = utc + kBlockRows;
  DecodeIntegers(reader, rows, utc);
  DecodeIntegers(reader, rows, offsets);
  auto* values = block->values<ZonedTime>();
  for (uint32_t i = 0; i < rows; ++i) {
    if (offsets[i] != static_cast<int32_t>(offsets[i])) {
      ThrowDamaged("a displacement is outside its range");
    }
    values[i] = {utc[i], static_cast<int32_t>(offsets[i]), 0};
  }
}

void BlockDecoder::ReadValues(ByteReader* reader, uint32_t rows, ColumnBlock* block) {
  switch (block->physical) {
    case PhysicalType::kBool: return ReadIntegers<uint8_t>(reader, rows, block);
    case PhysicalType::kInt16: return ReadIntegers<int16_t>(reader, rows, block);
    case PhysicalType::kInt32:
    case PhysicalType::kFloat: return ReadIntegers<int32_t>(reader, rows, block);
    case PhysicalType::kInt64: return ReadIntegers<int64_t>(reader, rows, block);
    case PhysicalType::kInt128: return ReadWide(reader, rows, block);
    case PhysicalType::kDouble: return DecodeDoubles(reader, rows, block->values<double>());
    case PhysicalType::kString: return DecodeStrings(reader, rows, block);
    case PhysicalType::kZoned: return ReadZoned(reader, rows, block);
  }
}

void BlockDecoder::ReadBody(ByteReader* reader, const Header& header, LongValues* long_values,
                            ColumnBlock* block) {
  uint32_t rows = header.rows;
  if ((header.flags & kHasNulls) != 0) {
    std::span<const uint8_t> valid = reader->TakeBytes((rows + 7) / 8);
    std::memset(block->validity, 0, (rows + 63) / 64 * 8);
    std::memcpy(block->validity, valid.data(), valid.size());
    if (rows % 64 != 0) block->validity[rows / 64] |= ~uint64_t{0} << (rows % 64);
    for (uint32_t i = 0; i < rows; i += 64) {
      block->null_count += static_cast<uint32_t>(std::popcount(~block->validity[i / 64]));
    }
  }
  std::vector<LongValue> longs;
  if ((header.flags & kHasLongValues) != 0) {
    if (block->physical != PhysicalType::kString || long_values == nullptr) {
      ThrowDamaged("there are long values where none can be");
    }
    longs = ReadLongValues(reader, rows);
  }
  ReadValues(reader, rows, block);
  reader->ExpectEnd();
  for (const LongValue& value : longs) {
    if (block->heap == nullptr) block->heap = StringHeap::Create(block->pool);
    ScratchArray<char> text = MakeScratchArray<char>(value.bytes);
    long_values->Read(value.extents, {text.get(), value.bytes});
    block->values<StringRef>()[value.row] = block->heap->Add({text.get(), value.bytes});
  }
  if (block->null_count > 0) {
    // A null's place holds zeros: a value of every type.
    size_t width = WidthBytes(block->physical);
    for (uint32_t i = 0; i < rows; ++i) {
      if (block->IsNull(i)) std::memset(block->data + i * width, 0, width);
    }
  }
}

ColumnBlock* BlockDecoder::Decode(std::span<const uint8_t> bytes, PhysicalType physical,
                                  uint32_t rows, uint32_t capacity, LongValues* long_values,
                                  ExtentPool* pool) {
  assert(rows > 0 && rows <= capacity && capacity <= kBlockRows);
  Header header;
  ByteReader reader = Open(bytes, &header);
  if (header.physical != physical || header.rows > rows) {
    ThrowDamaged("a block is of another column or length");
  }
  BlockHolder holder{ColumnBlock::Create(pool, physical, capacity)};
  ReadBody(&reader, header, long_values, holder.block);
  return holder.Release();
}

std::vector<ExtentAddress> BlockDecoder::LongValueExtents(std::span<const uint8_t> bytes) {
  std::vector<ExtentAddress> extents;
  Header header;
  ByteReader reader = Open(bytes, &header);
  if ((header.flags & kHasLongValues) == 0) return extents;
  if ((header.flags & kHasNulls) != 0) reader.TakeBytes((header.rows + 7u) / 8);
  for (const LongValue& value : ReadLongValues(&reader, header.rows)) {
    extents.insert(extents.end(), value.extents.begin(), value.extents.end());
  }
  return extents;
}

}  // namespace tupelo

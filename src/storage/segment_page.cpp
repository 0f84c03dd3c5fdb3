// storage/segment_page.cpp: the page in bytes.
#include "storage/segment_page.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace tupelo {

namespace {

enum class Live : uint8_t { kNone = 0, kAll = 1, kBitmap = 2 };
enum class Place : uint8_t { kNone = 0, kExtent = 1, kInline = 2, kExtentWithLongValues = 3 };
enum class Bounds : uint8_t { kEmpty = 0, kGiven = 1, kUnusable = 2 };

size_t BoundBytes(PhysicalType physical) { return physical == PhysicalType::kInt128 ? 16 : 8; }

void StoreZone(const Zone& zone, PhysicalType physical, ByteVector* out) {
  if (zone.unusable || zone.empty) return;
  AppendBytes(&zone.min, BoundBytes(physical), out);
  AppendBytes(&zone.max, BoundBytes(physical), out);
}

Bounds BoundsOf(const Zone& zone) {
  return zone.unusable ? Bounds::kUnusable : zone.empty ? Bounds::kEmpty : Bounds::kGiven;
}

Zone LoadZone(ByteReader* reader, Bounds bounds, PhysicalType physical) {
  Zone zone;
  zone.unusable = bounds == Bounds::kUnusable;
  zone.empty = bounds == Bounds::kEmpty;
  if (bounds == Bounds::kGiven) {
    size_t bytes = BoundBytes(physical);
    std::memcpy(&zone.min, reader->TakeBytes(bytes).data(), bytes);
    std::memcpy(&zone.max, reader->TakeBytes(bytes).data(), bytes);
  }
  return zone;
}

void StoreStripe(const StoredStripe& stripe, const std::vector<PhysicalType>& columns,
                 ByteVector* out) {
  Live live = stripe.live_rows == 0             ? Live::kNone
              : stripe.live_rows == stripe.used ? Live::kAll
                                                : Live::kBitmap;
  AppendNumber(stripe.used, out);
  AppendNumber(live, out);
  if (live == Live::kBitmap) AppendBytes(stripe.live.data(), (stripe.used + 7u) / 8, out);
  if (live == Live::kNone) return;
  assert(stripe.columns.size() == columns.size());
  for (size_t c = 0; c < columns.size(); ++c) {
    const StoredBlock& block = stripe.columns[c];
    AppendNumber(block.has_long_values ? Place::kExtentWithLongValues
                 : block.address       ? Place::kExtent
                 : block.bytes.empty() ? Place::kNone
                                       : Place::kInline,
                 out);
    AppendNumber(BoundsOf(block.zone), out);
    AppendNumber(block.null_count, out);
    StoreZone(block.zone, columns[c], out);
    if (block.address) {
      AppendNumber(block.address.Pack(), out);
    } else if (!block.bytes.empty()) {
      assert(block.bytes.size() <= kLongestInlineBlock);
      AppendNumber(static_cast<uint16_t>(block.bytes.size()), out);
      AppendBytes(block.bytes.data(), block.bytes.size(), out);
    }
  }
}

StoredBlock LoadBlock(ByteReader* reader, PhysicalType physical, uint16_t live_rows) {
  StoredBlock block;
  auto place = reader->Take<Place>();
  auto bounds = reader->Take<Bounds>();
  if (bounds > Bounds::kUnusable) ThrowDamaged("a zone of an unknown kind");
  block.null_count = reader->Take<uint16_t>();
  if (block.null_count > live_rows) ThrowDamaged("there are more nulls than rows");
  block.zone = LoadZone(reader, bounds, physical);
  switch (place) {
    case Place::kNone: return block;
    case Place::kExtentWithLongValues: block.has_long_values = true; [[fallthrough]];
    case Place::kExtent:
      block.address = ExtentAddress::Unpack(reader->Take<uint64_t>());
      if (!block.address) ThrowDamaged("the address of a block is missing");
      return block;
    case Place::kInline: {
      size_t length = reader->Take<uint16_t>();
      if (length == 0 || length > kLongestInlineBlock) ThrowDamaged("a block is too long");
      std::span<const uint8_t> bytes = reader->TakeBytes(length);
      block.bytes.assign(bytes.begin(), bytes.end());
      return block;
    }
  }
  ThrowDamaged("a block is of an unknown kind");
}

StoredStripe LoadStripe(ByteReader* reader, const std::vector<PhysicalType>& columns) {
  StoredStripe stripe;
  stripe.used = reader->Take<uint16_t>();
  auto live = reader->Take<Live>();
  if (stripe.used > kBlockRows || live > Live::kBitmap) ThrowDamaged("a stripe is too long");
  if (live == Live::kAll) {
    for (uint32_t i = 0; i < stripe.used; ++i) stripe.live[i / 64] |= uint64_t{1} << (i % 64);
  }
  if (live == Live::kBitmap) {
    std::span<const uint8_t> bits = reader->TakeBytes((stripe.used + 7u) / 8);
    std::memcpy(stripe.live.data(), bits.data(), bits.size());
    if (stripe.used % 64 != 0 && stripe.live[stripe.used / 64] >> (stripe.used % 64) != 0) {
      ThrowDamaged("a row is live that was never used");
    }
  }
  stripe.CountLive();
  if ((live == Live::kNone) != (stripe.live_rows == 0)) ThrowDamaged("no row of a stripe is live");
  if (live == Live::kNone) return stripe;
  for (PhysicalType physical : columns) {
    stripe.columns.push_back(LoadBlock(reader, physical, stripe.live_rows));
  }
  return stripe;
}

}  // namespace

void StoredStripe::CountLive() {
  uint32_t rows = 0;
  for (uint64_t word : live) rows += static_cast<uint32_t>(std::popcount(word));
  live_rows = static_cast<uint16_t>(rows);
}

void SegmentPage::Store(ByteVector* out) const {
  size_t count = stripes.size();
  while (count > 1 && stripes[count - 1].used == 0) --count;
  AppendNumber(number, out);
  AppendNumber(static_cast<uint16_t>(columns.size()), out);
  AppendNumber(static_cast<uint8_t>(count), out);
  AppendNumber(uint8_t{0}, out);
  for (PhysicalType physical : columns) AppendNumber(physical, out);
  for (size_t i = 0; i < count; ++i) StoreStripe(stripes[i], columns, out);
}

SegmentPage SegmentPage::Load(std::span<const uint8_t> payload, uint32_t number) {
  ByteReader reader(payload);
  SegmentPage page;
  page.number = reader.Take<uint32_t>();
  if (page.number != number) ThrowDamaged("the page of another segment");
  size_t column_count = reader.Take<uint16_t>();
  size_t stripe_count = reader.Take<uint8_t>();
  auto zero = reader.Take<uint8_t>();
  if (stripe_count == 0 || stripe_count > kBlocksPerSegment || zero != 0) {
    ThrowDamaged("a segment has too many stripes");
  }
  for (uint8_t physical : reader.TakeBytes(column_count)) {
    if (physical > static_cast<uint8_t>(PhysicalType::kZoned)) {
      ThrowDamaged("a column is of an unknown type");
    }
    page.columns.push_back(static_cast<PhysicalType>(physical));
  }
  for (size_t i = 0; i < stripe_count; ++i) page.stripes[i] = LoadStripe(&reader, page.columns);
  reader.ExpectEnd();
  return page;
}

std::vector<bool> ChooseInline(std::span<const size_t> block_bytes) {
  std::vector<size_t> order;
  for (size_t i = 0; i < block_bytes.size(); ++i) {
    if (block_bytes[i] > 0 && block_bytes[i] <= kLongestInlineBlock) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return block_bytes[a] < block_bytes[b]; });
  // What there is of each block in any case.
  size_t bytes = 8 + kBlocksPerSegment * (3 + kBlockRows / 8) + 36 * block_bytes.size();
  std::vector<bool> chosen(block_bytes.size());
  for (size_t i : order) {
    bytes += block_bytes[i];
    if (bytes > kSegmentPageGoal) break;
    chosen[i] = true;
  }
  return chosen;
}

}  // namespace tupelo

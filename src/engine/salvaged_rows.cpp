// engine/salvaged_rows.cpp: directory, pages and blocks, each passed over where it is damaged.
#include "engine/salvaged_rows.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "engine/row_rules.h"
#include "storage/stored_bytes.h"
#include "txn/stored_table.h"

namespace tupelo {

namespace {

constexpr size_t kFanOut = 256;  // of a node of the segment directory
constexpr uint8_t kMostLevels = 4;

// Runs `read`; false, and *what, where what it reads is damaged.
template <typename Read>
bool IsSound(Read&& read, std::string* what) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    *what = error.message();
    return false;
  }
}

}  // namespace

// Long strings of a block; those that are lost leave the rest of the block as it is.
class SalvagedRows::Values : public LongValues {
 public:
  Values(RawExtents* extents, const ExtentOwner& owner, uint64_t generation)
      : extents_(extents), owner_(owner), generation_(generation) {}
  std::vector<ExtentAddress> Write(std::string_view) override { return {}; }
  void Read(std::span<const ExtentAddress> extents, std::span<char> bytes) override {
    std::string what;
    auto read = [&] {
      for (const ExtentAddress& address : extents) {
        RawExtent extent = extents_->Read(address, ExtentKind::kLongValue, owner_);
        if (extent.generation > generation_ || extent.payload.size() > bytes.size()) {
          ThrowDamaged("a long value is another one");
        }
        std::memcpy(bytes.data(), extent.payload.data(), extent.payload.size());
        bytes = bytes.subspan(extent.payload.size());
      }
      if (!bytes.empty()) ThrowDamaged("a long value is too short");
    };
    last_is_lost_ = !IsSound(read, &what);
    if (last_is_lost_) ++lost_;
  }
  bool LastIsLost() const override { return last_is_lost_; }
  uint32_t lost() const { return lost_; }

 private:
  RawExtents* extents_;
  ExtentOwner owner_;
  uint64_t generation_;
  bool last_is_lost_ = false;
  uint32_t lost_ = 0;
};

SalvagedRows::SalvagedRows(SalvagedExtents* source, uint64_t number, const StoredNames& names,
                           std::set<uint16_t> needed, ExtentPool* pool,
                           const Interruption* interruption, Findings* losses)
    : source_(source),
      number_(number),
      names_(names),
      name_(names.OfTable(number)),
      needed_(std::move(needed)),
      pool_(pool),
      interruption_(interruption),
      losses_(losses) {}

std::string SalvagedRows::RowsFrom(uint64_t stripe, uint64_t stripes) const {
  return "rows " + std::to_string(stripe * kBlockRows) + " to " +
         std::to_string((stripe + stripes) * kBlockRows - 1);
}

// Segments below a node -----------------------------------------------

void SalvagedRows::Search(uint64_t first, uint64_t end, std::vector<Segment>* segments) {
  for (uint64_t place : source_->PlacesOf(ExtentKind::kSegmentPage, number_)) {
    if (place >= first && place < end) segments->push_back({static_cast<uint32_t>(place), {}});
  }
}

void SalvagedRows::Walk(const ExtentAddress& address, uint8_t level, uint64_t first,
                        std::vector<Segment>* segments) {
  std::vector<ExtentAddress> children;
  std::string what;
  auto read = [&] {
    ExtentOwner owner{number_, uint64_t{level} << 32 | first};
    ByteReader reader(source_->extents().Read(address, ExtentKind::kSegmentNode, owner).payload);
    reader.TakeBytes(6);  // what the owner says
    size_t count = reader.Take<uint16_t>();
    if (count > kFanOut) ThrowDamaged("a node has too many children");
    for (size_t i = 0; i < count; ++i) {
      children.push_back(ExtentAddress::Unpack(reader.Take<uint64_t>()));
    }
  };
  uint64_t below = uint64_t{1} << (8 * level);  // segments below a child
  if (!IsSound(read, &what)) {
    losses_->Add(name_, "a part of its directory is damaged at byte " +
                            std::to_string(address.offset()) +
                            "; its rows were searched for in the file");
    return Search(first, first + below * kFanOut, segments);
  }
  for (size_t i = 0; i < children.size(); ++i) {
    if (!children[i]) continue;
    if (level > 0) {
      Walk(children[i], static_cast<uint8_t>(level - 1), first + i * below, segments);
    } else {
      segments->push_back({static_cast<uint32_t>(first + i), children[i]});
    }
  }
}

bool SalvagedRows::TryPage(const ExtentAddress& address, uint32_t segment,
                           std::optional<Page>* page) {
  std::string what;
  return IsSound(
      [&] {
        RawExtent extent =
            source_->extents().Read(address, ExtentKind::kSegmentPage, {number_, segment});
        *page = Page{SegmentPage::Load(extent.payload, segment), extent.generation};
      },
      &what);
}

std::optional<SalvagedRows::Page> SalvagedRows::LoadPage(const Segment& segment) {
  std::optional<Page> page;
  if (segment.address && TryPage(segment.address, segment.number, &page)) return page;
  const std::string rows =
      RowsFrom(uint64_t{segment.number} * kBlocksPerSegment, kBlocksPerSegment);
  const ExtentOwner owner{number_, segment.number};
  for (const auto& found : source_->Of(ExtentKind::kSegmentPage, owner)) {
    if (!TryPage(found.address, segment.number, &page)) continue;
    if (segment.address) {
      losses_->Add(name_, rows +
                              ": what says where they are is damaged; an older state of them, "
                              "of generation " +
                              std::to_string(found.generation) + ", was taken");
    }
    return page;
  }
  losses_->Add(name_, rows + ": lost");
  return std::nullopt;
}

void SalvagedRows::Load(const SegmentDirectoryRoot* directory, uint64_t used_rows, Table* table,
                        const std::function<void()>& after_stripe) {
  used_rows_ = used_rows;
  std::vector<Segment> segments;
  if (directory == nullptr) {
    Search(0, UINT64_MAX, &segments);
  } else if (directory->node && directory->level < kMostLevels) {
    Walk(directory->node, directory->level, 0, &segments);
  }
  for (const Segment& segment : segments) {
    std::optional<Page> page = LoadPage(segment);
    if (!page.has_value()) continue;
    for (uint32_t i = 0; i < kBlocksPerSegment; ++i) {
      if (interruption_ != nullptr) interruption_->Check();
      if (page->page.stripes[i].live_rows == 0) continue;
      LoadStripe(*page, i, table);
      after_stripe();
    }
  }
}

// Rows ------------------------------------------------------------------

ColumnBlock* SalvagedRows::LoadBlock(const StoredBlock& stored, uint64_t generation,
                                     PhysicalType physical, uint16_t used, uint32_t number,
                                     uint16_t column, std::string* what) {
  ColumnBlock* block = nullptr;
  const ExtentOwner owner{number_, number};
  Values values(&source_->extents(), owner, generation);
  ByteVector bytes = stored.bytes;
  auto read = [&] {
    if (stored.address) {
      RawExtent extent = source_->extents().Read(stored.address, ExtentKind::kBlock, owner);
      // The place of a block that is gone may have been used again.
      if (extent.generation > generation) ThrowDamaged("it was overwritten");
      bytes.assign(extent.payload.begin(), extent.payload.end());
    }
    block = decoder_.Decode(bytes, physical, used, kBlockRows, &values, pool_);
  };
  if (!IsSound(read, what)) return nullptr;
  if (values.lost() > 0) {
    losses_->Add(names_.OfColumn(number_, column),
                 RowsFrom(number, 1) + ": " + std::to_string(values.lost()) +
                     " of them are null, or left out where they must not be, for their "
                     "long values are lost");
  }
  return block;
}

// What was not verified may be anything; what is none of its type must not get into a table.
void SalvagedRows::LoseMisfits(const Type& type, const StoredStripe& stripe, uint32_t number,
                               uint16_t column, ColumnBlock* block) {
  Vector values(type);
  values.Borrow(block->data, block->validity_or_null());
  uint32_t lost = 0;
  for (uint32_t slot = 0; slot < stripe.used; ++slot) {
    if (block->IsNull(slot) || FitsType(values, slot, type)) continue;
    block->validity[slot / 64] &= ~(uint64_t{1} << (slot % 64));
    ++block->null_count;
    ++lost;
  }
  if (lost == 0) return;
  losses_->Add(names_.OfColumn(number_, column),
               RowsFrom(number, 1) + ": " + std::to_string(lost) +
                   " of them are null, or left out where they must not be, for their values are "
                   "none of " +
                   type.ToString());
}

// False: then its rows are, too.
bool SalvagedRows::LoseColumn(uint16_t column, uint32_t stripe, const std::string& what) {
  bool is_needed = needed_.contains(column);
  losses_->Add(names_.OfColumn(number_, column),
               RowsFrom(stripe, 1) +
                   (is_needed ? ": left out, for its values are lost ("
                              : ": null, for its values "
                                "are lost (") +
                   what + ")");
  return !is_needed;
}

void SalvagedRows::LoadStripe(const Page& page, uint32_t stripe, Table* table) {
  const StoredStripe& stored = page.page.stripes[stripe];
  uint32_t number = page.page.number * kBlocksPerSegment + stripe;
  std::vector<Type> types;
  for (uint32_t c = 0; c < table->column_count(); ++c) types.push_back(table->column_type(c));
  Chunk chunk(types);
  struct Blocks {
    std::vector<ColumnBlock*> all;
    ~Blocks() {
      for (ColumnBlock* block : all) block->Retire();
    }
  } blocks;
  std::vector<uint16_t> columns;
  std::array<uint64_t, kBlockRows / 64> live = stored.live;
  for (uint16_t c = 0; c < types.size(); ++c) {
    if (StoredTable::IsDropped(*table, c)) continue;
    columns.push_back(c);
    std::string what = "there is no block";
    ColumnBlock* block = nullptr;
    if (c < stored.columns.size() && stored.columns[c].exists() &&
        page.page.columns[c] == types[c].physical()) {
      block = LoadBlock(stored.columns[c], page.generation, types[c].physical(), stored.used,
                        number, c, &what);
    }
    if (block == nullptr) {
      if (!LoseColumn(c, number, what)) return;
      chunk.column(c).SetConstantNull();
      continue;
    }
    blocks.all.push_back(block);
    if (!source_->extents().has_id()) LoseMisfits(types[c], stored, number, c, block);
    chunk.column(c).Borrow(block->data, block->validity_or_null());
    if (!needed_.contains(c)) continue;
    for (uint32_t word = 0; word < live.size(); ++word) live[word] &= block->validity[word];
  }
  std::vector<uint16_t> rows(kBlockRows);
  for (uint32_t slot = 0; slot < kBlockRows; ++slot) rows[slot] = static_cast<uint16_t>(slot);
  auto is_live = [&](uint32_t slot) { return (live[slot / 64] >> (slot % 64)) & 1; };
  const uint64_t first = uint64_t{number} * kBlockRows;
  const uint64_t used = std::min<uint64_t>(stored.used, used_rows_ - std::min(used_rows_, first));
  for (uint32_t slot = 0; slot < used;) {
    uint32_t end = slot;
    while (end < used && is_live(end)) ++end;
    if (end > slot) {
      chunk.SetRows(Rows{rows.data() + slot, end - slot});
      table->ReplayInsert(static_cast<RowId>(first + slot), columns, chunk);
    }
    slot = end + 1;
  }
}

}  // namespace tupelo

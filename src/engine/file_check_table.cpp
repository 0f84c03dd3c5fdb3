// engine/file_check_table.cpp: the rows of a table, as they lie in the file.
#include <bit>
#include <cstring>

#include "base/error.h"
#include "engine/database_state.h"
#include "engine/file_check.h"
#include "storage/stored_bytes.h"
#include "storage/zone_check.h"

namespace tupelo {

namespace {

constexpr uint32_t kFanOut = 256;  // of a node of the segment directory
constexpr uint8_t kMostLevels = 4;

}  // namespace

// Long strings of a block.
class FileCheck::Values : public LongValues {
 public:
  Values(FileCheck* check, const ExtentOwner& owner, const std::string& by)
      : check_(check), owner_(owner), by_(by) {}
  std::vector<ExtentAddress> Write(std::string_view) override { return {}; }
  void Read(std::span<const ExtentAddress> extents, std::span<char> bytes) override {
    last_is_lost_ = false;
    for (const ExtentAddress& extent : extents) {
      bool fits = false;
      bool is_sound = check_->Visit(extent, ExtentKind::kLongValue, owner_, by_,
                                    [&](std::span<const uint8_t> part) {
                                      fits = part.size() <= bytes.size();
                                      if (!fits) return;
                                      std::memcpy(bytes.data(), part.data(), part.size());
                                      bytes = bytes.subspan(part.size());
                                    });
      if (!is_sound) {  // that was said; the rest of the block can be decoded
        has_damage_ = last_is_lost_ = true;
        return;
      }
      if (!fits) ThrowDamaged("a long value is too long");
    }
    if (!bytes.empty()) ThrowDamaged("a long value is too short");
  }
  bool LastIsLost() const override { return last_is_lost_; }
  bool has_damage() const { return has_damage_; }

 private:
  FileCheck* check_;
  ExtentOwner owner_;
  std::string by_;
  bool has_damage_ = false;
  bool last_is_lost_ = false;
};

void FileCheck::CheckTable(const WrittenTable& table) {
  table_number_ = table.number;
  table_ = table.table.get();
  table_name_ = names_.OfTable(table.number);
  used_rows_ = table.used_rows;
  live_rows_ = 0;
  is_table_whole_ = true;
  if (table.live_rows > table.used_rows || table.used_rows > static_cast<uint64_t>(kMaxRowId)) {
    Damaged(root_.catalog, table_name_ + ": there can't be so many rows");
  }
  if (table.directory.level >= kMostLevels) {
    Damaged(root_.catalog, "the segment directory of " + table_name_ + " has too many levels");
    is_table_whole_ = is_complete_ = false;
  } else if (table.directory.node) {
    CheckNode(table.directory.node, table.directory.level, 0);
  }
  if (is_table_whole_ && live_rows_ != table.live_rows) {
    Damaged(root_.catalog, table_name_ + ": " + std::to_string(table.live_rows) +
                               " rows are counted, but there are " + std::to_string(live_rows_));
  }
  for (const WrittenTable::Tree& tree : table.trees) CheckTree(table, tree);
}

void FileCheck::CheckNode(const ExtentAddress& address, uint8_t level, uint64_t first) {
  std::vector<ExtentAddress> children;
  std::vector<uint16_t> live_rows;
  uint64_t place = uint64_t{level} << 32 | first;
  bool is_sound =
      Visit(address, ExtentKind::kSegmentNode, {table_number_, place},
            "the segment directory of " + table_name_, [&](std::span<const uint8_t> payload) {
              ByteReader reader(payload);
              auto stored_first = reader.Take<uint32_t>();
              auto stored_level = reader.Take<uint8_t>();
              auto zero = reader.Take<uint8_t>();
              size_t count = reader.Take<uint16_t>();
              if (stored_first != first || stored_level != level || zero != 0 || count > kFanOut) {
                ThrowDamaged("a node of the segment directory is another one");
              }
              for (size_t i = 0; i < count; ++i) {
                children.push_back(ExtentAddress::Unpack(reader.Take<uint64_t>()));
              }
              for (size_t i = 0; level == 0 && i < count; ++i) {
                live_rows.push_back(reader.Take<uint16_t>());
              }
              reader.ExpectEnd();
            });
  if (!is_sound) {
    is_table_whole_ = is_complete_ = false;
    return;
  }
  uint64_t below = uint64_t{1} << (8 * level);  // segments below a child
  for (size_t i = 0; i < children.size(); ++i) {
    if (!children[i]) continue;
    if (level > 0) {
      CheckNode(children[i], static_cast<uint8_t>(level - 1), first + i * below);
    } else {
      CheckPage(children[i], static_cast<uint32_t>(first + i), live_rows[i]);
    }
  }
}

void FileCheck::CheckPage(const ExtentAddress& address, uint32_t segment, uint16_t live_rows) {
  SegmentPage page;
  bool is_sound = Visit(address, ExtentKind::kSegmentPage, {table_number_, segment},
                        "segment " + std::to_string(segment) + " of " + table_name_,
                        [&](std::span<const uint8_t> payload) {
                          page = SegmentPage::Load(payload, segment);
                          CheckLive(page, live_rows);
                        });
  if (!is_sound) {
    is_table_whole_ = is_complete_ = false;
    return;
  }
  for (uint32_t i = 0; i < kBlocksPerSegment; ++i) {
    if (page.stripes[i].used > 0) CheckStripe(page, i, address);
  }
}

void FileCheck::CheckLive(const SegmentPage& page, uint16_t live_rows) {
  uint32_t found = 0;
  for (uint32_t i = 0; i < kBlocksPerSegment; ++i) {
    const StoredStripe& stripe = page.stripes[i];
    found += stripe.live_rows;
    uint64_t first = (uint64_t{page.number} * kBlocksPerSegment + i) * kBlockRows;
    for (uint32_t slot = 0; slot < stripe.used; ++slot) {
      if (((stripe.live[slot / 64] >> (slot % 64)) & 1) != 0 && first + slot >= used_rows_) {
        ThrowDamaged("it has more rows than the table");
      }
    }
  }
  live_rows_ += found;
  if (found != live_rows) ThrowDamaged("its rows are counted wrong where it is referred to");
}

void FileCheck::CheckStripe(const SegmentPage& page, uint32_t stripe,
                            const ExtentAddress& address) {
  CheckInterrupt();
  const StoredStripe& stored = page.stripes[stripe];
  if (stored.live_rows == 0) return;
  uint32_t number = page.number * kBlocksPerSegment + stripe;
  for (uint32_t c = 0; c < stored.columns.size(); ++c) {
    if (stored.columns[c].exists()) CheckBlock(stored, stored.columns[c], number, c, address);
  }
  for (uint32_t c = 0; c < table_->column_count(); ++c) {
    if (StoredTable::IsDropped(*table_, c)) continue;
    PhysicalType physical = table_->column_type(c).physical();
    bool is_there = c < stored.columns.size() && stored.columns[c].exists();
    if (is_there && page.columns[c] == physical) continue;
    Damaged(address, names_.OfColumn(table_number_, c) + ", rows from " +
                         std::to_string(uint64_t{number} * kBlockRows) + " on: it " +
                         (is_there ? "is of another type" : "has no block"));
  }
}

void FileCheck::CheckBlock(const StoredStripe& stripe, const StoredBlock& stored, uint32_t number,
                           uint32_t column, const ExtentAddress& page) {
  const std::string by = names_.OfColumn(table_number_, column) + ", rows from " +
                         std::to_string(uint64_t{number} * kBlockRows) + " on";
  const ExtentOwner owner{table_number_, number};
  ExtentAddress place = stored.address ? stored.address : page;
  Values values(this, owner, by);
  auto decode = [&](std::span<const uint8_t> bytes) {
    if (bytes.empty()) ThrowDamaged("a block is empty");
    PhysicalType physical = column < table_->column_count() ? table_->column_type(column).physical()
                                                            : static_cast<PhysicalType>(bytes[0]);
    ColumnBlock* block = decoder_.Decode(bytes, physical, stripe.used, kBlockRows, &values,
                                         &state_->transactions.extents());
    try {
      if (!values.has_damage()) CheckValues(stripe, stored, *block);
    } catch (...) {
      block->Retire();
      throw;
    }
    block->Retire();
  };
  if (stored.address) {
    // Whether it leads to long values is not known then.
    if (!Visit(place, ExtentKind::kBlock, owner, by, decode)) is_complete_ = false;
    return;
  }
  try {
    decode(stored.bytes);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupted) throw;
    Damaged(place, by + ": " + error.message());
  }
}

void FileCheck::CheckValues(const StoredStripe& stripe, const StoredBlock& stored,
                            const ColumnBlock& block) {
  uint32_t nulls = 0;
  for (uint32_t slot = 0; slot < stripe.used; ++slot) {
    if (((stripe.live[slot / 64] >> (slot % 64)) & 1) == 0) continue;
    if (block.IsNull(slot)) {
      ++nulls;
    } else if (!ZoneHolds(stored.zone, block, slot)) {
      ThrowDamaged("a value lies outside of the bounds that are given for its block");
    }
  }
  // Rows that have gone since the block was written may be counted still.
  if (nulls > stored.null_count) ThrowDamaged("a block has more nulls than are counted");
}

}  // namespace tupelo

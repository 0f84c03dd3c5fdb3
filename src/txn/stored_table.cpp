// txn/stored_table.cpp: blocks to extents and back.
#include "txn/stored_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "buffer/extent_pool.h"
#include "storage/database_file.h"
#include "txn/undo.h"

namespace tupelo {

// Long strings of one block: written with the latch held, as rarely as they are.
class StoredTable::FileValues : public LongValues {
 public:
  FileValues(DatabaseFile* file, const ExtentOwner& owner) : file_(file), owner_(owner) {}
  std::vector<ExtentAddress> Write(std::string_view bytes) override {
    std::vector<ExtentAddress> extents;
    while (!bytes.empty()) {
      std::string_view part = bytes.substr(0, kMaxExtentPayload);
      bytes.remove_prefix(part.size());
      extents.push_back(file_->Allocate(part.size()));
      all_.push_back(extents.back());
      file_->Write(extents.back(), ExtentKind::kLongValue, owner_,
                   {reinterpret_cast<const uint8_t*>(part.data()), part.size()});
    }
    return extents;
  }
  void Read(std::span<const ExtentAddress> extents, std::span<char> bytes) override {
    for (const ExtentAddress& extent : extents) {
      std::span<const uint8_t> part = file_->Read(extent, ExtentKind::kLongValue, &buffer_);
      if (part.size() > bytes.size()) file_->ThrowDamaged(extent, "a long value is too long");
      std::memcpy(bytes.data(), part.data(), part.size());
      bytes = bytes.subspan(part.size());
      all_.push_back(extent);
    }
    if (!bytes.empty()) ThrowDamaged("a long value is too short");
  }
  std::vector<ExtentAddress>& all() { return all_; }

 private:
  DatabaseFile* file_;
  ExtentOwner owner_;
  ExtentBuffer buffer_;
  std::vector<ExtentAddress> all_;
};

StoredTable::StoredTable(DatabaseFile* file, BlockCache* cache, uint64_t object,
                         const SegmentDirectoryRoot& root)
    : file_(file), cache_(cache), object_(object), directory_(file, object, root) {}

// Reading ------------------------------------------------------------

void StoredTable::Attach(Table* table, uint64_t used_rows, uint64_t live_rows) {
  if (live_rows > used_rows || used_rows > static_cast<uint64_t>(kMaxRowId)) {
    ThrowDamaged("the number of rows of a table");
  }
  table->store_.Attach(this, used_rows);
  table->committed_rows_ = live_rows;
}

const SegmentPage* StoredTable::FindPage(uint32_t segment) {
  std::lock_guard lock(cache_->loading());
  auto found = pages_.find(segment);
  if (found != pages_.end()) return &found->second;
  if (!directory_.Find(segment)) return nullptr;
  return &pages_.emplace(segment, directory_.ReadPage(segment)).first->second;
}

ColumnBlock* StoredTable::ReadBlock(const SegmentPage& page, uint32_t stripe, uint32_t column) {
  std::lock_guard lock(cache_->loading());
  const StoredBlock& block = page.stripes[stripe].columns[column];
  FileValues values(file_, {object_, page.number * kBlocksPerSegment + stripe});
  ExtentAddress place = block.address ? block.address : directory_.Find(page.number);
  std::span<const uint8_t> bytes = block.address
                                       ? file_->Read(block.address, ExtentKind::kBlock, &buffer_)
                                       : std::span<const uint8_t>(block.bytes);
  ColumnBlock* read = file_->Decoding(place, [&] {
    return decoder_.Decode(bytes, page.columns[column], page.stripes[stripe].used, kBlockRows,
                           &values, cache_->pool());
  });
  read->zone = block.zone;
  return read;
}

void StoredTable::ThrowDamagedSegment(uint32_t segment, const char* what) {
  ExtentAddress address = directory_.Find(segment);
  if (!address) ThrowDamaged(what);
  file_->ThrowDamaged(address, what);
}

// Writing ------------------------------------------------------------

bool StoredTable::Prepare(Table* table, uint32_t segment, const ReadView& view) {
  uint32_t first = segment * kBlocksPerSegment;
  uint32_t end = std::min(first + kBlocksPerSegment, table->store_.stripe_count());
  // What is not in memory has not changed.
  if (table->store_.ResidentStripe(first) == nullptr) return false;
  next_ = Next();
  next_.table = table;
  next_.columns = table->column_count();
  for (uint32_t number = first; number < end; ++number) {
    Stripe* stripe = table->store_.stripe(number);
    if (stripe->has_changed) next_.changed.push_back({stripe, stripe->changed_columns});
  }
  if (next_.changed.empty()) return false;
  Segment::Of(*next_.changed[0].stripe).is_being_written = true;
  try {
    if (const SegmentPage* page = FindPage(segment)) next_.page = *page;
    next_.page.number = segment;
    for (const Changed& changed : next_.changed) {
      PrepareStripe(*table, first + changed.stripe->place, view);
      // With chains there may be changes that the view does not see.
      if (changed.stripe->chained_rows > 0) continue;
      changed.stripe->has_changed = false;
      changed.stripe->changed_columns = 0;
    }
    NoteColumns(*table);
    for (StoredStripe& stripe : next_.page.stripes) {
      if (stripe.live_rows > 0) ResizeColumns(next_.columns, &stripe);
      // Of columns that have not changed some rows may have gone.
      for (StoredBlock& block : stripe.columns) {
        block.null_count = std::min(block.null_count, stripe.live_rows);
      }
    }
  } catch (...) {
    Abandon();
    throw;
  }
  return true;
}

void StoredTable::NoteColumns(const Table& table) {
  std::vector<PhysicalType>& columns = next_.page.columns;
  columns.resize(next_.columns);
  for (uint32_t c = 0; c < columns.size(); ++c) columns[c] = table.store_.physical(c);
}

// As if it had changed. Long values may lie there without their block.
void StoredTable::WriteAnew(Table* table, uint32_t segment, uint64_t from_page) {
  const SegmentPage* page = FindPage(segment);
  if (page == nullptr) return;
  RowStore& store = table->store_;
  const uint32_t first = segment * kBlocksPerSegment;
  store.stripe(first)->has_changed = true;
  for (uint32_t s = 0; s < kBlocksPerSegment && first + s < store.stripe_count(); ++s) {
    uint64_t columns = 0;
    const std::vector<StoredBlock>& blocks = page->stripes[s].columns;
    for (uint32_t c = 0; c < blocks.size(); ++c) {
      const bool is_there = blocks[c].address && blocks[c].address.first_page >= from_page;
      if (is_there || blocks[c].has_long_values) columns |= ColumnBit(c);
    }
    if (columns == 0) continue;
    Stripe* stripe = store.stripe(first + s);
    store.ProvideColumns(stripe, columns);
    stripe->has_changed = true;
    stripe->changed_columns |= columns;
  }
}

void StoredTable::PrepareStripe(const Table& table, uint32_t number, const ReadView& view) {
  Stripe* stripe = table.store_.stripe(number);
  table.store_.pool()->NoteUse(2 * stripe->columns.size());
  StoredStripe& stored = next_.page.stripes[stripe->place];
  stored.used = static_cast<uint16_t>(stripe->used);
  if (stripe->chained_rows > 0) return PrepareVersions(table, number, view);
  std::copy(std::begin(stripe->live), std::end(stripe->live), stored.live.begin());
  stored.CountLive();
  ResizeColumns(next_.columns, &stored);
  for (uint32_t c = 0; c < stored.columns.size(); ++c) {
    const ColumnBlock* block = c < stripe->columns.size() ? stripe->columns[c].block : nullptr;
    if (table.store_.is_dropped(c)) {
      Replace(&stored.columns[c]);
    } else if (block != nullptr &&
               (!stored.columns[c].exists() || (stripe->changed_columns & ColumnBit(c)) != 0)) {
      EncodeColumn(*block, stripe->place, c);
    }
  }
}

// What the view sees goes to rows of its own, and those to the file. What was written of columns
// that have not changed is as it was, also for rows that only some readers see.
void StoredTable::PrepareVersions(const Table& table, uint32_t number, const ReadView& view) {
  Stripe* stripe = table.store_.stripe(number);
  StoredStripe& stored = next_.page.stripes[stripe->place];
  std::vector<Type> all_types, types;
  std::vector<uint16_t> columns;
  for (uint32_t c = 0; c < next_.columns; ++c) {
    all_types.push_back(table.column_type(c));
    if (c >= stripe->columns.size() || stripe->columns[c].block == nullptr) continue;
    bool is_written = c < stored.columns.size() && stored.columns[c].exists();
    if (is_written && (stripe->changed_columns & ColumnBit(c)) == 0) continue;
    columns.push_back(static_cast<uint16_t>(c));
    types.push_back(table.column_type(c));
  }
  Chunk rows(types);
  for (size_t i = 0; i < columns.size(); ++i) rows.column(i).PrepareWrite(kBlockRows);
  stored.live.fill(0);
  for (uint32_t slot = 0; slot < stripe->used; ++slot) {
    if (table.Fetch(view, static_cast<RowId>(number) * kBlockRows + slot, columns, &rows, slot)) {
      stored.live[slot / 64] |= uint64_t{1} << (slot % 64);
    } else {
      for (size_t i = 0; i < columns.size(); ++i) rows.column(i).SetNull(slot);
    }
  }
  stored.CountLive();
  // Older views may see rows whose columns are nowhere else.
  if (stored.live_rows == 0) table.store_.ProvideColumns(stripe, ~uint64_t{0});
  ResizeColumns(next_.columns, &stored);
  for (uint32_t c = 0; c < stored.columns.size(); ++c) {
    if (table.store_.is_dropped(c)) Replace(&stored.columns[c]);
  }
  if (stored.columns.empty() || columns.empty()) return;
  RowStore copy(table.store_.pool(), all_types);
  copy.PlaceRows(0, stripe->used);
  for (size_t i = 0; i < columns.size(); ++i) {
    Rows all{nullptr, stripe->used};
    copy.WriteRun(copy.stripe(0), columns[i], 0, rows.column(i), all, 0, stripe->used);
    EncodeColumn(*copy.stripe(0)->columns[columns[i]].block, stripe->place, columns[i]);
  }
}

// Without live rows there are no columns.
void StoredTable::ResizeColumns(uint32_t count, StoredStripe* stored) {
  if (stored->live_rows == 0) count = 0;
  for (uint32_t c = count; c < stored->columns.size(); ++c) Replace(&stored->columns[c]);
  stored->columns.resize(count);
}

void StoredTable::EncodeColumn(const ColumnBlock& block, uint32_t stripe, uint32_t column) {
  StoredStripe& stored = next_.page.stripes[stripe];
  Replace(&stored.columns[column]);
  Encoded encoded{stripe, column, {}, false};
  FileValues values(file_, {object_, next_.page.number * kBlocksPerSegment + stripe});
  try {
    encoder_.Encode(block, stored.used, stored.live.data(), &values, &encoded.bytes);
  } catch (...) {
    for (const ExtentAddress& extent : values.all()) file_->Free(extent);
    throw;
  }
  encoded.has_long_values = !values.all().empty();
  next_.written.insert(next_.written.end(), values.all().begin(), values.all().end());
  uint32_t nulls = 0;
  for (uint32_t word = 0; word < stored.live.size(); ++word) {
    nulls += static_cast<uint32_t>(std::popcount(stored.live[word] & ~block.validity[word]));
  }
  stored.columns[column].zone = block.zone;
  stored.columns[column].null_count = static_cast<uint16_t>(nulls);
  next_.encoded.push_back(std::move(encoded));
}

void StoredTable::Replace(StoredBlock* block) {
  if (block->address) next_.replaced.push_back(*block);
  *block = StoredBlock();
}

void StoredTable::AddExtentsOf(const StoredBlock& block, std::vector<ExtentAddress>* extents) {
  if (!block.address) return;
  if (block.has_long_values) {
    ExtentBuffer buffer;
    std::span<const uint8_t> bytes = file_->Read(block.address, ExtentKind::kBlock, &buffer);
    BlockDecoder decoder;
    std::vector<ExtentAddress> longs =
        file_->Decoding(block.address, [&] { return decoder.LongValueExtents(bytes); });
    extents->insert(extents->end(), longs.begin(), longs.end());
  }
  extents->push_back(block.address);
}

void StoredTable::Write() {
  WriteBlocks();
  for (const StoredBlock& block : next_.replaced) AddExtentsOf(block, &next_.unneeded);
  next_.address = directory_.StorePage(next_.page);
  next_.written.push_back(next_.address);
}

void StoredTable::WriteBlocks() {
  // Those that lie within the page are looked at again, beside the new ones.
  for (uint32_t s = 0; s < kBlocksPerSegment; ++s) {
    std::vector<StoredBlock>& columns = next_.page.stripes[s].columns;
    for (uint32_t c = 0; c < columns.size(); ++c) {
      if (columns[c].bytes.empty()) continue;
      next_.encoded.push_back({s, c, std::move(columns[c].bytes), false});
    }
  }
  std::vector<size_t> bytes;
  for (const Encoded& encoded : next_.encoded) {
    bytes.push_back(encoded.has_long_values ? kMaxExtentPayload : encoded.bytes.size());
  }
  std::vector<bool> is_inline = ChooseInline(bytes);
  for (size_t i = 0; i < next_.encoded.size(); ++i) {
    Encoded& encoded = next_.encoded[i];
    StoredBlock& block = next_.page.stripes[encoded.stripe].columns[encoded.column];
    if (is_inline[i]) {
      block.bytes = std::move(encoded.bytes);
      continue;
    }
    block.bytes.clear();
    block.has_long_values = encoded.has_long_values;
    block.address = file_->Allocate(encoded.bytes.size());
    next_.written.push_back(block.address);
    file_->Write(block.address, ExtentKind::kBlock,
                 {object_, next_.page.number * kBlocksPerSegment + encoded.stripe}, encoded.bytes);
  }
}

void StoredTable::Publish() {
  uint32_t number = next_.page.number;
  auto [place, is_new] = pages_.try_emplace(number);
  try {
    directory_.SetPage(next_.page, next_.address);
  } catch (...) {
    if (is_new) pages_.erase(place);
    throw;
  }
  Next done = std::exchange(next_, Next());
  place->second = std::move(done.page);
  done.table->store_.AdoptPage(this, number, &place->second);
  for (const ExtentAddress& extent : done.unneeded) file_->Free(extent);
}

void StoredTable::Abandon() {
  for (const ExtentAddress& extent : next_.written) file_->Free(extent);
  for (const Changed& changed : next_.changed) {
    Segment::Of(*changed.stripe).is_being_written = false;
    changed.stripe->has_changed = true;
    changed.stripe->changed_columns |= changed.columns;
  }
  next_ = Next();
}

void StoredTable::AddExtents(std::vector<ExtentAddress>* extents) {
  directory_.ForEach([&](uint32_t segment, const ExtentAddress& address) {
    extents->push_back(address);
    // Those that are not in memory need not stay there.
    auto known = pages_.find(segment);
    SegmentPage read;
    if (known == pages_.end()) read = directory_.ReadPage(segment);
    for (const StoredStripe& stripe : (known == pages_.end() ? read : known->second).stripes) {
      for (const StoredBlock& block : stripe.columns) AddExtentsOf(block, extents);
    }
  });
  directory_.ForEachNode([&](const ExtentAddress& node) { extents->push_back(node); });
}

// Who still reads the table goes by its pages.
void StoredTable::Remove() {
  directory_.ForEach([&](uint32_t segment, const ExtentAddress&) { FindPage(segment); });
  std::vector<ExtentAddress> extents;
  AddExtents(&extents);
  for (const ExtentAddress& extent : extents) file_->Free(extent);
  directory_.Forget();
}

}  // namespace tupelo

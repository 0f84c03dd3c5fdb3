// txn/stored_table.cpp: blocks to extents and back.
#include "txn/stored_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

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

StoredTable::StoredTable(DatabaseFile* file, uint64_t object, const SegmentDirectoryRoot& root)
    : file_(file), object_(object), directory_(file, object, root) {}

SegmentPage& StoredTable::PageOf(uint32_t segment) {
  auto found = pages_.find(segment);
  if (found != pages_.end()) return found->second;
  SegmentPage page;
  if (directory_.Find(segment)) {
    page = directory_.ReadPage(segment);
  } else {
    page.number = segment;
  }
  return pages_.emplace(segment, std::move(page)).first->second;
}

// Reading ------------------------------------------------------------

void StoredTable::Load(Table* table) {
  directory_.ForEach([&](uint32_t segment, const ExtentAddress&) {
    const SegmentPage& page = PageOf(segment);
    for (uint32_t i = 0; i < kBlocksPerSegment; ++i) {
      if (page.stripes[i].used > 0) LoadStripe(page, i, table);
    }
  });
}

void StoredTable::LoadStripe(const SegmentPage& page, uint32_t stripe, Table* table) {
  RowStore& store = table->store_;
  const StoredStripe& stored = page.stripes[stripe];
  uint32_t number = page.number * kBlocksPerSegment + stripe;
  std::vector<ColumnBlock*> blocks(store.column_count(), nullptr);
  try {
    for (uint32_t c = 0; c < blocks.size() && stored.live_rows > 0; ++c) {
      if (store.is_dropped(c)) continue;
      if (c >= stored.columns.size() || !stored.columns[c].exists() ||
          page.columns[c] != store.physical(c)) {
        file_->ThrowDamaged(directory_.Find(page.number), "a column has no block");
      }
      const StoredBlock& block = stored.columns[c];
      FileValues values(file_, {object_, number});
      ExtentAddress place = block.address ? block.address : directory_.Find(page.number);
      std::span<const uint8_t> bytes =
          block.address ? file_->Read(block.address, ExtentKind::kBlock, &buffer_)
                        : std::span<const uint8_t>(block.bytes);
      blocks[c] = file_->Decoding(place, [&] {
        return decoder_.Decode(bytes, store.physical(c), stored.used, kBlockRows, &values,
                               store.pool());
      });
      blocks[c]->zone = block.zone;
      if (!values.all().empty()) long_values_[block.address.first_page] = values.all();
    }
  } catch (...) {
    for (ColumnBlock* block : blocks) {
      if (block != nullptr) block->Retire();
    }
    throw;
  }
  store.AdoptStripe(number, stored.used, stored.live, blocks);
  table->committed_rows_ += stored.live_rows;
}

// Writing ------------------------------------------------------------

bool StoredTable::Prepare(Table* table, uint32_t segment, const ReadView& view) {
  prepared_ = segment;
  SegmentPage& page = PageOf(segment);
  bool is_unwritten = unwritten_.erase(segment) > 0;
  bool has_changed = false;
  try {
    for (uint32_t i = 0; i < kBlocksPerSegment; ++i) {
      uint32_t number = segment * kBlocksPerSegment + i;
      if (number >= table->store_.stripe_count()) break;
      Stripe* stripe = table->store_.stripe(number);
      if (!stripe->has_changed && !is_unwritten) continue;
      has_changed = true;
      PrepareStripe(*table, number, view);
      // With chains there may be changes that the view does not see.
      if (stripe->chained_rows > 0) continue;
      stripe->has_changed = false;
      stripe->changed_columns = 0;
    }
  } catch (...) {
    Abandon(&page);
    throw;
  }
  if (!has_changed) return false;
  NoteColumns(*table, &page);
  return true;
}

uint64_t StoredTable::PrepareCopy(const Table& table, uint32_t segment, const ReadView& view) {
  prepared_ = segment;
  SegmentPage& page = PageOf(segment);
  uint64_t rows = 0;
  try {
    for (uint32_t i = 0; i < kBlocksPerSegment; ++i) {
      uint32_t number = segment * kBlocksPerSegment + i;
      if (number >= table.store_.stripe_count()) break;
      PrepareStripe(table, number, view);
      rows += page.stripes[i].live_rows;
    }
  } catch (...) {
    Abandon(&page);
    throw;
  }
  NoteColumns(table, &page);
  return rows;
}

void StoredTable::NoteColumns(const Table& table, SegmentPage* page) const {
  page->columns.resize(table.column_count());
  for (uint32_t c = 0; c < page->columns.size(); ++c) page->columns[c] = table.store_.physical(c);
}

void StoredTable::PrepareStripe(const Table& table, uint32_t number, const ReadView& view) {
  const Stripe& stripe = *table.store_.stripe(number);
  StoredStripe& stored = pages_.at(prepared_).stripes[number % kBlocksPerSegment];
  stored.used = static_cast<uint16_t>(stripe.used);
  if (stripe.chained_rows > 0) return PrepareVersions(table, number, view);
  std::copy(std::begin(stripe.live), std::end(stripe.live), stored.live.begin());
  ResizeColumns(table.column_count(), &stored);
  for (uint32_t c = 0; c < stored.columns.size(); ++c) {
    const ColumnBlock* block = c < stripe.columns.size() ? stripe.columns[c].block : nullptr;
    if (block == nullptr) {
      FreeBlock(&stored.columns[c]);
    } else if (!stored.columns[c].exists() || (stripe.changed_columns & ColumnBit(c)) != 0) {
      EncodeColumn(*block, number % kBlocksPerSegment, c);
    }
  }
}

// What the view sees goes to rows of its own, and those to the file.
void StoredTable::PrepareVersions(const Table& table, uint32_t number, const ReadView& view) {
  const Stripe& stripe = *table.store_.stripe(number);
  StoredStripe& stored = pages_.at(prepared_).stripes[number % kBlocksPerSegment];
  std::vector<Type> all_types, types;
  std::vector<uint16_t> columns;
  for (uint32_t c = 0; c < table.column_count(); ++c) {
    all_types.push_back(table.column_type(c));
    if (c >= stripe.columns.size() || stripe.columns[c].block == nullptr) continue;
    columns.push_back(static_cast<uint16_t>(c));
    types.push_back(table.column_type(c));
  }
  Chunk rows(types);
  for (size_t i = 0; i < columns.size(); ++i) rows.column(i).PrepareWrite(kBlockRows);
  stored.live.fill(0);
  for (uint32_t slot = 0; slot < stripe.used; ++slot) {
    if (table.Fetch(view, static_cast<RowId>(number) * kBlockRows + slot, columns, &rows, slot)) {
      stored.live[slot / 64] |= uint64_t{1} << (slot % 64);
    } else {
      for (size_t i = 0; i < columns.size(); ++i) rows.column(i).SetNull(slot);
    }
  }
  ResizeColumns(table.column_count(), &stored);
  if (stored.columns.empty()) return;
  RowStore copy(table.store_.pool(), all_types);
  copy.PlaceRows(0, stripe.used);
  size_t i = 0;
  for (uint32_t c = 0; c < stored.columns.size(); ++c) {
    if (i == columns.size() || columns[i] != c) {
      FreeBlock(&stored.columns[c]);
      continue;
    }
    Rows all{nullptr, stripe.used};
    copy.WriteRun(copy.stripe(0), c, 0, rows.column(i++), all, 0, stripe.used);
    EncodeColumn(*copy.stripe(0)->columns[c].block, number % kBlocksPerSegment, c);
  }
}

// Without live rows there are no columns.
void StoredTable::ResizeColumns(uint32_t count, StoredStripe* stored) {
  stored->CountLive();
  if (stored->live_rows == 0) {
    for (StoredBlock& block : stored->columns) FreeBlock(&block);
    count = 0;
  }
  stored->columns.resize(count);
}

void StoredTable::EncodeColumn(const ColumnBlock& block, uint32_t stripe, uint32_t column) {
  StoredStripe& stored = pages_.at(prepared_).stripes[stripe];
  FreeBlock(&stored.columns[column]);
  Encoded encoded{stripe, column, {}, {}};
  FileValues values(file_, {object_, prepared_ * kBlocksPerSegment + stripe});
  encoder_.Encode(block, stored.used, stored.live.data(), &values, &encoded.bytes);
  encoded.long_values = std::move(values.all());
  uint32_t nulls = 0;
  for (uint32_t word = 0; word < stored.live.size(); ++word) {
    nulls += static_cast<uint32_t>(std::popcount(stored.live[word] & ~block.validity[word]));
  }
  stored.columns[column].zone = block.zone;
  stored.columns[column].null_count = static_cast<uint16_t>(nulls);
  encoded_.push_back(std::move(encoded));
}

void StoredTable::FreeBlock(StoredBlock* block) {
  if (block->address) {
    auto values = long_values_.find(block->address.first_page);
    if (values != long_values_.end()) {
      for (const ExtentAddress& extent : values->second) file_->Free(extent);
      long_values_.erase(values);
    }
    file_->Free(block->address);
  }
  *block = StoredBlock();
}

void StoredTable::Write() {
  SegmentPage& page = pages_.at(prepared_);
  try {
    WriteBlocks(&page);
    directory_.WritePage(page);
  } catch (...) {
    Abandon(&page);
    throw;
  }
}

void StoredTable::WriteBlocks(SegmentPage* page) {
  // Those that lie within the page are looked at again, beside the new ones.
  for (uint32_t s = 0; s < kBlocksPerSegment; ++s) {
    std::vector<StoredBlock>& columns = page->stripes[s].columns;
    for (uint32_t c = 0; c < columns.size(); ++c) {
      if (!columns[c].bytes.empty()) encoded_.push_back({s, c, std::move(columns[c].bytes), {}});
    }
  }
  std::vector<size_t> bytes;
  for (const Encoded& encoded : encoded_) {
    bytes.push_back(encoded.long_values.empty() ? encoded.bytes.size() : kMaxExtentPayload);
  }
  std::vector<bool> is_inline = ChooseInline(bytes);
  for (size_t i = 0; i < encoded_.size(); ++i) {
    Encoded& encoded = encoded_[i];
    StoredBlock& block = page->stripes[encoded.stripe].columns[encoded.column];
    if (is_inline[i]) {
      block.bytes = std::move(encoded.bytes);
      continue;
    }
    block.bytes.clear();
    block.address = file_->Allocate(encoded.bytes.size());
    if (!encoded.long_values.empty()) {
      long_values_[block.address.first_page] = std::move(encoded.long_values);
    }
    file_->Write(block.address, ExtentKind::kBlock,
                 {object_, prepared_ * kBlocksPerSegment + encoded.stripe}, encoded.bytes);
  }
  encoded_.clear();
}

// What was written of the segment becomes free; the next checkpoint writes all of it.
void StoredTable::Abandon(SegmentPage* page) {
  for (StoredStripe& stripe : page->stripes) {
    for (StoredBlock& block : stripe.columns) FreeBlock(&block);
    stripe = StoredStripe();
  }
  for (Encoded& encoded : encoded_) {
    for (const ExtentAddress& extent : encoded.long_values) file_->Free(extent);
  }
  encoded_.clear();
  unwritten_.insert(page->number);
}

void StoredTable::Remove() {
  directory_.ForEach([&](uint32_t segment, const ExtentAddress&) {
    for (StoredStripe& stripe : PageOf(segment).stripes) {
      for (StoredBlock& block : stripe.columns) FreeBlock(&block);
    }
  });
  directory_.Clear();
  pages_.clear();
}

void StoredTable::ForEachExtent(const std::function<void(const ExtentAddress&)>& visit) {
  directory_.ForEachNode(visit);
  directory_.ForEach([&](uint32_t segment, const ExtentAddress& page) {
    visit(page);
    for (const StoredStripe& stripe : PageOf(segment).stripes) {
      for (const StoredBlock& block : stripe.columns) {
        if (block.address) visit(block.address);
      }
    }
  });
  for (const auto& [block, values] : long_values_) {
    for (const ExtentAddress& extent : values) visit(extent);
  }
}

void StoredTable::ForgetPages() {
  pages_.clear();
  long_values_.clear();
}

}  // namespace tupelo

// engine/nameless_tables.cpp: types that hold what is stored as it is; names by numbers.
#include "engine/nameless_tables.h"

#include <set>

#include "base/error.h"
#include "buffer/extent_pool.h"
#include "storage/block_codec.h"
#include "storage/segment_page.h"
#include "txn/stored_table.h"
#include "types/decimal.h"
#include "types/utf8.h"

namespace tupelo {

namespace {

// Long strings of a block, which nobody looks at.
class NoValues : public LongValues {
 public:
  std::vector<ExtentAddress> Write(std::string_view) override { return {}; }
  void Read(std::span<const ExtentAddress>, std::span<char>) override {}
  bool LastIsLost() const override { return true; }
};

class Searcher {
 public:
  explicit Searcher(SalvagedExtents* source) : source_(source) {}

  std::vector<NamelessTable> Run() {
    std::vector<NamelessTable> tables;
    for (uint64_t number : source_->ObjectsOf(ExtentKind::kSegmentPage)) {
      NamelessTable table;
      table.number = number;
      for (uint64_t segment : source_->PlacesOf(ExtentKind::kSegmentPage, number)) {
        AddPage(static_cast<uint32_t>(segment), &table);
      }
      if (!table.types.empty()) tables.push_back(std::move(table));
    }
    return tables;
  }

 private:
  // The newest page that can be read.
  void AddPage(uint32_t segment, NamelessTable* table) {
    const ExtentOwner owner{table->number, segment};
    for (const auto& found : source_->Of(ExtentKind::kSegmentPage, owner)) {
      try {
        RawExtent extent = source_->extents().Read(found.address, ExtentKind::kSegmentPage, owner);
        SegmentPage page = SegmentPage::Load(extent.payload, segment);
        for (size_t c = table->types.size(); c < page.columns.size(); ++c) {
          table->types.push_back(TypeOf(page, c, table->number));
        }
        return;
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kDataCorrupted) throw;
      }
    }
  }

  Type TypeOf(const SegmentPage& page, size_t column, uint64_t number) {
    switch (page.columns[column]) {
      case PhysicalType::kBool: return Type::Boolean();
      case PhysicalType::kInt16: return Type::SmallInt();
      case PhysicalType::kInt32: return Type::Integer();
      case PhysicalType::kInt64: return Type::BigInt();
      case PhysicalType::kInt128: return Type::Decimal(kMaxDecimalPrecision, 0);
      case PhysicalType::kFloat: return Type::Real();
      case PhysicalType::kDouble: return Type::Double();
      case PhysicalType::kZoned: return Type::TimestampTz();
      case PhysicalType::kString: return IsText(page, column, number) ? Type::Clob() : Type::Blob();
    }
    ThrowDamaged("a column of an unknown type");
  }

  // As far as its blocks can be read.
  bool IsText(const SegmentPage& page, size_t column, uint64_t number) {
    for (uint32_t i = 0; i < kBlocksPerSegment; ++i) {
      const StoredStripe& stripe = page.stripes[i];
      if (column >= stripe.columns.size() || !stripe.columns[column].exists()) continue;
      ColumnBlock* block = nullptr;
      try {
        const StoredBlock& stored = stripe.columns[column];
        ByteVector bytes = stored.bytes;
        if (stored.address) {
          RawExtent extent = source_->extents().Read(stored.address, ExtentKind::kBlock,
                                                     {number, page.number * kBlocksPerSegment + i});
          bytes.assign(extent.payload.begin(), extent.payload.end());
        }
        NoValues no_values;
        block = decoder_.Decode(bytes, PhysicalType::kString, stripe.used, kBlockRows, &no_values,
                                &pool_);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kDataCorrupted) throw;
        continue;
      }
      bool is_text = IsTextIn(stripe, *block);
      block->Retire();
      if (!is_text) return false;
    }
    return true;
  }

  static bool IsTextIn(const StoredStripe& stripe, const ColumnBlock& block) {
    for (uint32_t slot = 0; slot < stripe.used; ++slot) {
      bool is_live = ((stripe.live[slot / 64] >> (slot % 64)) & 1) != 0;
      if (!is_live || block.IsNull(slot)) continue;
      if (!IsValidUtf8(block.values<StringRef>()[slot].view())) return false;
    }
    return true;
  }

  SalvagedExtents* source_;
  ExtentPool pool_;
  BlockDecoder decoder_;
};

}  // namespace

std::vector<NamelessTable> FindNamelessTables(SalvagedExtents* source) {
  return Searcher(source).Run();
}

void DefineNamelessTables(const OpenedTables& tables, CatalogChange* catalog) {
  std::set<uint64_t> defined;
  for (const TablePtr& table : catalog->current()->Tables()) {
    defined.insert(table->data->stored_number());
  }
  for (const auto& [number, data] : tables.tables()) {
    if (defined.contains(number)) continue;
    TableDefinition table;
    table.schema = Name::Exact(kDefaultSchema);
    table.name = Name("table_" + std::to_string(number), false);
    for (uint32_t c = 0; c < data->column_count(); ++c) {
      if (StoredTable::IsDropped(*data, c)) continue;
      ColumnDefinition column;
      column.name = Name("column_" + std::to_string(c + 1), false);
      column.type = data->column_type(c);
      column.physical = static_cast<uint16_t>(c);
      table.columns.push_back(std::move(column));
    }
    if (table.columns.empty()) continue;
    // What they are for is not known.
    for (uint64_t index : data->CommittedIndexes()) data->ReplayDropIndex(index);
    table.data = data;
    catalog->PutTable(std::move(table));
  }
}

}  // namespace tupelo

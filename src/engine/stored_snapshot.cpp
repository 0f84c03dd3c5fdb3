// engine/stored_snapshot.cpp: rows, indexes and definitions of one moment, as they lie in a file.
#include "engine/stored_snapshot.h"

#include <algorithm>

#include "base/error.h"
#include "catalog/stored_definition.h"
#include "engine/database_state.h"
#include "storage/stored_bytes.h"
#include "txn/table.h"

namespace tupelo {

StoredSnapshot::StoredSnapshot(DatabaseState* state, ViewUse use, const SnapshotOwner* owner)
    : state_(state), view_(state->transactions.last_commit(), 0, 0) {
  CatalogPtr catalog = state->catalog.Current();
  for (const TablePtr& table : catalog->Tables()) {
    if (table->data->stored_number() == 0) continue;
    Rows& rows = tables_.emplace_back();
    rows.number = table->data->stored_number();
    rows.table = table->data;
    rows.columns = table->data->column_count();
    rows.used_rows = table->data->used_row_count();
    rows.live_rows = table->data->committed_row_count();
    table->data->AppendShape(&rows.shape);
    rows.indexes = table->data->CommittedIndexes();
  }
  AppendCatalogChanges(*Catalog().Current(), *catalog, &definitions_);
  // Whatever begins to be made from now on has a higher one, but for what a log tells.
  last_object_ = NextObjectId();
  state->transactions.RegisterView(&view_, use, owner);
}

StoredSnapshot::~StoredSnapshot() {
  ExclusiveGuard latch(state_->latch);
  state_->transactions.UnregisterView(&view_);
  tables_.clear();  // a table that was dropped meanwhile goes here
}

void StoredSnapshot::Copy(Rows* rows, DatabaseFile* file, StoredParts* parts,
                          const Wrote& wrote) const {
  BlockCache* cache = &state_->transactions.cache();
  parts->rows = std::make_unique<StoredTable>(file, cache, rows->number, SegmentDirectoryRoot());
  {
    ExclusiveGuard latch(state_->latch);
    rows->table->AppendStatistics(&rows->statistics);
  }
  // What was added since then is none of it.
  constexpr uint64_t kSegmentRows = uint64_t{kBlockRows} * kBlocksPerSegment;
  auto segments = static_cast<uint32_t>((rows->used_rows + kSegmentRows - 1) / kSegmentRows);
  for (uint32_t segment = 0; segment < segments; ++segment) {
    CopySegment(*rows, segment, parts->rows.get(), wrote);
  }
  rows->directory = parts->rows->Flush();
  for (uint64_t number : rows->indexes) {
    std::unique_ptr<StoredIndex>& index = parts->indexes[number];
    index = std::make_unique<StoredIndex>(file, rows->number, number, StoredTreeRoot());
    CopyIndex(rows, number, index.get(), wrote);
  }
}

void StoredSnapshot::CopySegment(const Rows& rows, uint32_t segment, StoredTable* out,
                                 const Wrote& wrote) const {
  constexpr uint32_t kStripes = kBlocksPerSegment;
  auto stripes = static_cast<uint32_t>((rows.used_rows + kBlockRows - 1) / kBlockRows);
  uint64_t count;
  try {
    out->BeginCopy(segment, rows.columns);
    for (uint32_t i = segment * kStripes; i < std::min((segment + 1) * kStripes, stripes); ++i) {
      ExclusiveGuard latch(state_->latch);
      out->CopyStripe(*rows.table, i, view_);
    }
    count = out->FinishCopy();
  } catch (...) {
    out->Abandon();
    throw;
  }
  wrote(count);
}

void StoredSnapshot::CopyIndex(Rows* rows, uint64_t number, StoredIndex* out,
                               const Wrote& wrote) const {
  for (bool is_more = true; is_more;) {
    {
      ExclusiveGuard latch(state_->latch);
      is_more = out->CopySome(rows->table.get(), *rows->table->FindIndex(number), view_);
    }
    out->WriteCopied(!is_more);
    wrote(0);
  }
  rows->trees.push_back(out->root());
}

ExtentAddress StoredSnapshot::WriteCatalog(DatabaseFile* file) const {
  ByteVector bytes;
  AppendVarint(tables_.size(), &bytes);
  for (const Rows& rows : tables_) {
    AppendVarint(rows.number, &bytes);
    AppendNumber(rows.directory.node.Pack(), &bytes);
    AppendNumber(rows.directory.level, &bytes);
    AppendVarint(rows.used_rows, &bytes);
    AppendVarint(rows.live_rows, &bytes);
    AppendBytes(rows.shape.data(), rows.shape.size(), &bytes);
    for (const StoredTreeRoot& tree : rows.trees) {
      AppendNumber(tree.node.Pack(), &bytes);
      AppendNumber(tree.level, &bytes);
    }
    AppendBytes(rows.statistics.data(), rows.statistics.size(), &bytes);
  }
  AppendBytes(definitions_.data(), definitions_.size(), &bytes);
  if (bytes.size() > kMaxExtentPayload) {
    throw Error(ErrorCode::kProgramLimit,
                "the definitions take more than 16 MB; a checkpoint can't write so many");
  }
  ExtentAddress address = file->Allocate(bytes.size());
  file->Write(address, ExtentKind::kCatalog, {}, bytes);
  return address;
}

}  // namespace tupelo

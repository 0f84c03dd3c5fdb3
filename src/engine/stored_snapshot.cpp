// engine/stored_snapshot.cpp: rows and definitions of one moment, as they lie in a file.
#include "engine/stored_snapshot.h"

#include "base/error.h"
#include "catalog/stored_definition.h"
#include "engine/database_state.h"
#include "storage/stored_bytes.h"
#include "txn/table.h"

namespace tupelo {

StoredSnapshot::StoredSnapshot(DatabaseState* state, const CatalogSnapshot& catalog)
    : state_(state), view_(state->transactions.last_commit(), 0, 0) {
  for (const TablePtr& table : catalog.Tables()) {
    if (table->data->stored_number() == 0) continue;
    Rows& rows = tables_.emplace_back();
    rows.number = table->data->stored_number();
    rows.table = table->data;
    rows.count = table->data->Count(view_);
    table->data->AppendShape(&rows.shape);
  }
  AppendCatalogChanges(*Catalog().Current(), catalog, &definitions_);
  // Whatever begins to be made from now on has a higher one, but for what a log tells.
  last_object_ = NextObjectId();
  state->transactions.RegisterView(&view_);
}

StoredSnapshot::~StoredSnapshot() {
  TurnGuard latch(state_->latch);
  state_->transactions.UnregisterView(&view_);
  tables_.clear();  // a table that was dropped meanwhile goes here
}

void StoredSnapshot::WriteChanges(Rows* rows, StoredTable* stored) const {
  for (uint32_t segment = 0;; ++segment) {
    bool has_changed;
    {
      TurnGuard latch(state_->latch);
      if (segment >= StoredTable::SegmentCount(*rows->table)) break;
      has_changed = stored->Prepare(rows->table.get(), segment, view_);
    }
    if (has_changed) stored->Write();
  }
  rows->directory = stored->Flush();
}

void StoredSnapshot::WriteAll(Rows* rows, StoredTable* stored, const Wrote& wrote) const {
  for (uint32_t segment = 0;; ++segment) {
    uint64_t count;
    {
      TurnGuard latch(state_->latch);
      if (segment >= StoredTable::SegmentCount(*rows->table)) break;
      count = stored->PrepareCopy(*rows->table, segment, view_);
    }
    stored->Write();
    wrote(count);
  }
  rows->directory = stored->Flush();
}

ExtentAddress StoredSnapshot::WriteCatalog(DatabaseFile* file) const {
  ByteVector bytes;
  AppendVarint(tables_.size(), &bytes);
  for (const Rows& rows : tables_) {
    AppendVarint(rows.number, &bytes);
    AppendNumber(rows.directory.node.Pack(), &bytes);
    AppendNumber(rows.directory.level, &bytes);
    AppendBytes(rows.shape.data(), rows.shape.size(), &bytes);
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

// engine/replace_database.cpp: all that a database in a file holds makes place for something else.
//
// That is written to free extents first, and opened there as it will be. One root then makes the
// change. What was there becomes free with this root, and not before: until then all may fail. When
// the root itself can't be written, nobody knows which of the two a crash would find; the log would
// be wrong for one of them.
#include "base/error.h"
#include "engine/database_state.h"
#include "engine/opened_tables.h"
#include "engine/stored_database.h"
#include "engine/stored_root.h"
#include "txn/table.h"

namespace tupelo {

struct StoredDatabase::Replacement {
  std::map<uint64_t, StoredParts> written;  // what was written so far
  std::map<uint64_t, StoredParts> tables;   // as they are opened
  CatalogPtr catalog;
  ExtentAddress stored_catalog;
  uint64_t making = UINT64_MAX;  // the generation of the root, once it is tried
};

// All but the root.
void StoredDatabase::WriteReplacement(StoredSnapshot* content, const StoredSnapshot::Wrote& wrote,
                                      Replacement* made) {
  for (StoredSnapshot::Rows& rows : content->tables()) {
    content->Copy(&rows, file_.get(), &made->written[rows.number], wrote);
  }
  made->stored_catalog = content->WriteCatalog(file_.get());
  ExclusiveGuard latch(state_->latch);
  OpenedTables opened(state_, Catalog().Current(), nullptr);
  opened.Load(file_.get(), made->stored_catalog, &made->tables);
  opened.Finish();
  made->catalog = opened.catalog().current();
}

void StoredDatabase::GiveUp(Replacement* made) {
  is_unknown_ = made->making < file_->next_generation();
  {
    ExclusiveGuard latch(state_->latch);
    made->catalog = nullptr;
  }
  if (is_unknown_) return;
  try {
    for (auto& [number, parts] : made->written) {
      if (parts.rows != nullptr) parts.rows->Remove();
      for (auto& [index_number, index] : parts.indexes) index->Remove(nullptr);
    }
    if (made->stored_catalog) file_->Free(made->stored_catalog);
  } catch (const std::exception&) {  // the file is longer than it need be
  }
}

std::map<uint64_t, StoredParts> StoredDatabase::Replace(StoredSnapshot* content,
                                                        const StoredSnapshot::Wrote& wrote) {
  std::lock_guard guard(checkpoint_);
  CheckpointHistory::Begun begun = CheckpointHistory::Begin(*file_);
  ThrowIfUnknown();
  // What a checkpoint that failed has written belongs to no root.
  if (!is_complete_) WriteCheckpoint(false);
  MakeRootDurable();
  Replacement made;
  try {
    WriteReplacement(content, wrote, &made);
    std::vector<ExtentAddress> freed;
    for (auto& [number, parts] : tables_) {
      parts.rows->AddExtents(&freed);
      for (auto& [index_number, index] : parts.indexes) index->AddExtents(&freed);
    }
    if (catalog_) freed.push_back(catalog_);
    log_->PrepareSwitch();
    DatabaseRoot root;
    root.catalog = made.stored_catalog;
    SetLastObject(content->last_object(), &root);
    SetLogPlace(log_->Switch(), &root);
    log_->Sync();
    made.making = file_->next_generation();
    file_->CommitRoot(root, {}, freed);
  } catch (const Error&) {
    // Once there is the root, it is only the file that is longer than it need be.
    if (file_->root().generation < made.making) {
      GiveUp(&made);
      throw;
    }
  } catch (...) {
    GiveUp(&made);
    throw;
  }
  tables_.swap(made.tables);
  catalog_ = made.stored_catalog;
  checkpointed_bytes_ = log_->appended_bytes();
  {
    ExclusiveGuard latch(state_->latch);
    CatalogPtr old = state_->catalog.Current();
    state_->catalog.Install(made.catalog);
    old = nullptr;
  }
  checkpoints_.NoteFinished(begun, *file_);
  try {
    log_->DropOld();
  } catch (const Error&) {  // all is done but for room of the log, which it uses again
  }
  return std::move(made.tables);
}

void StoredDatabase::ThrowIfUnknown() const {
  if (!is_unknown_) return;
  throw Error(ErrorCode::kIoError,
              "the file failed while all that it holds was replaced: nothing can be written before "
              "it is closed and opened anew: " +
                  path_);
}

}  // namespace tupelo

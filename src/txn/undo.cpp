// txn/undo.cpp: records in chunks, counts by statement.
#include "txn/undo.h"

#include <algorithm>
#include <cassert>

#include "buffer/extent_pool.h"
#include "txn/transaction.h"

namespace tupelo {

namespace {
constexpr size_t kFirstChunkBytes = 4096;
constexpr size_t kChunkBytes = size_t{64} << 10;
constexpr uint32_t kChunkHeaderBytes = (sizeof(UndoChunk) + 15) & ~size_t{15};
}  // namespace

void TableWrites::AddRows(uint32_t statement, int64_t rows, bool may_fold) {
  if (statement <= folded_statement) {
    folded_rows += rows;
    return;
  }
  for (size_t i = deltas.size(); i > 0; --i) {
    if (deltas[i - 1].statement == statement) {
      deltas[i - 1].rows += rows;
      return;
    }
    if (deltas[i - 1].statement < statement) break;
  }
  if (may_fold) {
    for (const StatementDelta& delta : deltas) {
      folded_rows += delta.rows;
      folded_statement = delta.statement;
    }
    deltas.clear();
  }
  deltas.push_back({statement, rows});
}

int64_t TableWrites::RowsBefore(uint32_t statement) const {
  int64_t rows = folded_statement < statement ? folded_rows : 0;
  for (const StatementDelta& delta : deltas) {
    if (delta.statement < statement) rows += delta.rows;
  }
  return rows;
}

int64_t TableWrites::AllRows() const {
  int64_t rows = folded_rows;
  for (const StatementDelta& delta : deltas) rows += delta.rows;
  return rows;
}

UndoLog::~UndoLog() {
  while (first_chunk != nullptr) {
    UndoChunk* next = first_chunk->next;
    manager_->extents().Free(first_chunk, first_chunk->size_bytes);
    first_chunk = next;
  }
}

void UndoLog::AddChunk(size_t bytes) {
  size_t size = ExtentPool::RoundUp(
      std::max(first_chunk == nullptr ? kFirstChunkBytes : kChunkBytes, bytes + kChunkHeaderBytes));
  auto* chunk = static_cast<UndoChunk*>(manager_->extents().Allocate(size));
  *chunk = {last_chunk, nullptr, kChunkHeaderBytes, static_cast<uint32_t>(size)};
  if (last_chunk != nullptr) {
    last_chunk->next = chunk;
  } else {
    first_chunk = chunk;
  }
  last_chunk = chunk;
}

UndoRecord* UndoLog::Add(UndoKind kind, TableWrites* table_writes, RowId row, uint32_t statement,
                         uint32_t count) {
  size_t bytes = sizeof(UndoRecord) + (kind == UndoKind::kUpdate ? count * sizeof(UndoValue) : 0);
  if (last_chunk == nullptr || last_chunk->used_bytes + bytes > last_chunk->size_bytes)
    AddChunk(bytes);
  auto* record = reinterpret_cast<UndoRecord*>(reinterpret_cast<uint8_t*>(last_chunk) +
                                               last_chunk->used_bytes);
  last_chunk->used_bytes += static_cast<uint32_t>(bytes);
  record->older = nullptr;
  record->previous = newest;
  record->log = this;
  record->writes = table_writes;
  record->row = row;
  record->column_mask = 0;
  record->statement = statement;
  record->count = count;
  record->kind = kind;
  record->forgotten = false;
  newest = record;
  record_bytes += bytes;
  ++record_count;
  manager_->CountVersions(static_cast<int64_t>(bytes), 1);
  return record;
}

void UndoLog::Truncate(UndoChunk* chunk, uint32_t used_bytes, UndoRecord* last) {
  newest = last;
  if (first_chunk == nullptr) return;
  if (chunk == nullptr) {
    chunk = first_chunk;
    used_bytes = kChunkHeaderBytes;
  }
  while (last_chunk != chunk) {
    UndoChunk* previous = last_chunk->previous;
    manager_->extents().Free(last_chunk, last_chunk->size_bytes);
    last_chunk = previous;
  }
  last_chunk->next = nullptr;
  last_chunk->used_bytes = used_bytes;
}

bool UndoLog::LocksDefinition() const {
  for (const TableWrites* table = writes; table != nullptr; table = table->next_in_log) {
    if (table->definition_locked) return true;
  }
  return false;
}

void UndoLog::Forget(const Table* table) {
  for (UndoAction& action : actions) {
    if (action.table == table) action = UndoAction();
  }
}

}  // namespace tupelo

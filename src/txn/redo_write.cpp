// txn/redo_write.cpp: a transaction's undo records tell what it changed, the blocks what it is now.
#include <cassert>
#include <utility>

#include "buffer/extent_pool.h"
#include "storage/stored_bytes.h"
#include "txn/redo.h"
#include "txn/redo_kind.h"
#include "txn/table.h"
#include "txn/undo.h"

namespace tupelo {

namespace {

// Of a part of a transaction that goes to the log before the next one is made.
constexpr size_t kLargePart = size_t{1} << 20;

void AppendString(const StringRef& text, ByteVector* out) {
  AppendVarint(text.size(), out);
  AppendBytes(text.data(), text.size(), out);
}

class ChangeWriter {
 public:
  explicit ChangeWriter(ByteVector* out) : out_(out) {}

  void Insert(const RowStore& store, uint64_t table, RowId first, uint32_t rows) {
    Begin(RedoKind::kInsert, table, first);
    AppendVarint(rows, out_);
    const Stripe& stripe = *store.StripeOf(first);
    uint32_t columns = 0;
    for (uint32_t c = 0; c < stripe.columns.size(); ++c)
      columns += stripe.columns[c].block != nullptr;
    AppendVarint(columns, out_);
    for (uint32_t c = 0; c < stripe.columns.size(); ++c) {
      const ColumnBlock* block = stripe.columns[c].block;
      if (block == nullptr) continue;
      AppendVarint(c, out_);
      Run(*block, RowStore::SlotOf(first), rows);
    }
  }

  void Update(const RowStore& store, uint64_t table, const UndoRecord& record) {
    Begin(RedoKind::kUpdate, table, record.row);
    AppendVarint(record.count, out_);
    const Stripe& stripe = *store.StripeOf(record.row);
    for (uint32_t v = 0; v < record.count; ++v) {
      uint32_t column = record.values()[v].column;
      AppendVarint(column, out_);
      Value(*stripe.columns[column].block, RowStore::SlotOf(record.row));
    }
  }

  void Delete(uint64_t table, RowId first, uint32_t rows) {
    Begin(RedoKind::kDelete, table, first);
    AppendVarint(rows, out_);
  }

 private:
  void Begin(RedoKind kind, uint64_t table, RowId row) {
    AppendNumber(kind, out_);
    AppendVarint(table, out_);
    AppendVarint(static_cast<uint64_t>(row), out_);
  }

  void Run(const ColumnBlock& block, uint32_t first, uint32_t rows) {
    bool has_nulls = false;
    if (block.null_count > 0) {
      for (uint32_t i = 0; i < rows; ++i) has_nulls |= block.IsNull(first + i);
    }
    AppendNumber(static_cast<uint8_t>(has_nulls), out_);
    if (has_nulls) {
      size_t bits = out_->size();
      out_->resize(bits + (rows + 7) / 8);
      for (uint32_t i = 0; i < rows; ++i) {
        if (!block.IsNull(first + i)) (*out_)[bits + i / 8] |= static_cast<uint8_t>(1u << (i % 8));
      }
    }
    if (block.physical != PhysicalType::kString) {
      size_t width = WidthBytes(block.physical);
      return AppendBytes(block.data + first * width, rows * width, out_);
    }
    const StringRef* texts = block.values<StringRef>() + first;
    for (uint32_t i = 0; i < rows; ++i) AppendVarint(texts[i].size(), out_);
    for (uint32_t i = 0; i < rows; ++i) AppendBytes(texts[i].data(), texts[i].size(), out_);
  }

  void Value(const ColumnBlock& block, uint32_t slot) {
    bool is_null = block.IsNull(slot);
    AppendNumber(static_cast<uint8_t>(is_null), out_);
    if (is_null) return;
    if (block.physical == PhysicalType::kString) {
      return AppendString(block.values<StringRef>()[slot], out_);
    }
    size_t width = WidthBytes(block.physical);
    AppendBytes(block.data + slot * width, width, out_);
  }

  ByteVector* out_;
};

}  // namespace

void AppendType(const Type& type, ByteVector* out) {
  AppendNumber(type.id, out);
  AppendNumber(type.precision, out);
  AppendNumber(type.scale, out);
  AppendNumber(type.fields, out);
  AppendVarint(type.length, out);
}

void AppendValue(const Vector& value, ByteVector* out) {
  bool is_null = !value.IsValid(0);
  AppendNumber(static_cast<uint8_t>(is_null), out);
  if (is_null) return;
  if (value.physical() == PhysicalType::kString) return AppendString(value.At<StringRef>(0), out);
  AppendBytes(value.RawData(), WidthBytes(value.physical()), out);
}

void AppendIndex(const Index& index, ByteVector* out) {
  AppendVarint(index.number(), out);
  AppendVarint(index.columns().size(), out);
  AppendNumber(static_cast<uint8_t>(index.is_declared_unique()), out);
  for (const IndexColumn& column : index.columns()) {
    AppendVarint(column.column, out);
    int flags = (column.descending ? kRedoDescending : 0) |
                (column.nulls_first ? kRedoNullsFirst : 0) | (column.not_null ? kRedoNotNull : 0);
    AppendNumber(static_cast<uint8_t>(flags), out);
  }
}

void AppendDefinitions(std::span<const uint8_t> definitions, ByteVector* out) {
  AppendNumber(RedoKind::kDefinitions, out);
  AppendVarint(definitions.size(), out);
  AppendBytes(definitions.data(), definitions.size(), out);
}

void AppendChanges(const UndoLog& log, ByteVector* scratch, CommitLog* out) {
  bool is_first = true;
  scratch->clear();
  auto append_if_large = [&] {
    if (scratch->size() < kLargePart) return;
    out->Append(*scratch, std::exchange(is_first, false), false);
    scratch->clear();
  };
  auto append_actions = [&](bool follow_rows) {
    for (const UndoAction& action : log.actions) {
      if (action.redo_follows_rows != follow_rows) continue;
      AppendBytes(action.redo.data(), action.redo.size(), scratch);
      append_if_large();
    }
  };
  append_actions(false);
  ChangeWriter writer(scratch);
  log.ForEach([&](const UndoRecord& record) {
    const Table* table = record.writes->table;
    if (table == nullptr || table->stored_number() == 0) return;
    table->store_.pool()->NoteUse(1);
    switch (record.kind) {
      case UndoKind::kInsert:
        writer.Insert(table->store_, table->stored_number(), record.row, record.count);
        break;
      case UndoKind::kUpdate: writer.Update(table->store_, table->stored_number(), record); break;
      case UndoKind::kDelete: writer.Delete(table->stored_number(), record.row, 1); break;
    }
    append_if_large();
  });
  append_actions(true);
  if (!scratch->empty() || !is_first) out->Append(*scratch, is_first, true);
}

}  // namespace tupelo

// txn/redo_replay.cpp: making the changes of committed transactions anew.
#include <algorithm>
#include <map>

#include "storage/stored_bytes.h"
#include "txn/redo.h"
#include "txn/redo_kind.h"
#include "txn/table.h"

namespace tupelo {

namespace {

class ChangeReader {
 public:
  ChangeReader(std::span<const uint8_t> changes, ReplayTarget* target)
      : bytes_(changes), target_(target) {}

  void Run() {
    while (bytes_.left() > 0) {
      auto kind = bytes_.Take<RedoKind>();
      uint64_t number = bytes_.TakeVarint();
      if (kind == RedoKind::kDefinitions) {
        target_->ChangeDefinitions(bytes_.TakeBytes(number));
      } else if (kind == RedoKind::kCreateTable) {
        CreateTable(number);
      } else {
        Table* table = target_->FindTable(number);
        if (table == nullptr) ThrowDamaged("a change of a table that there is not");
        Change(kind, table);
      }
    }
  }

 private:
  // Rows as they are read, and which columns were there.
  struct Buffer {
    Chunk chunk;
    std::vector<uint16_t> columns;
  };

  void Change(RedoKind kind, Table* table) {
    switch (kind) {
      case RedoKind::kInsert: return Insert(table, TakeRow());
      case RedoKind::kUpdate: return Update(table, TakeRow());
      case RedoKind::kDelete: {
        RowId first = TakeRow();
        return table->ReplayDelete(first, TakeRows(first));
      }
      case RedoKind::kAddColumn: return AddColumn(table);
      case RedoKind::kDropColumn: return table->ReplayDropColumn(bytes_.TakeVarint());
      case RedoKind::kCreateIndex: return ReplayIndex(&bytes_, table, true);
      case RedoKind::kDropIndex: return table->ReplayDropIndex(bytes_.TakeVarint());
      default: ThrowDamaged("a change of an unknown kind");
    }
  }

  void CreateTable(uint64_t number) {
    uint64_t columns = bytes_.TakeVarint();
    if (columns > bytes_.left()) ThrowDamaged("a number of columns");
    std::vector<Type> types;
    for (uint64_t c = 0; c < columns; ++c) types.push_back(TakeType(&bytes_));
    target_->CreateTable(number, types);
  }

  void AddColumn(Table* table) {
    uint64_t column = bytes_.TakeVarint();
    Vector value(TakeType(&bytes_));
    value.PrepareWrite(1);
    value.SetConstant(true);
    if (TakeFlag()) {
      value.SetNull(0);
    } else {
      Values(&value, 1);
    }
    table->ReplayAddColumn(column, value);
  }

  RowId TakeRow() {
    uint64_t row = bytes_.TakeVarint();
    if (row > kMaxRowId) ThrowDamaged("a row's number");
    return static_cast<RowId>(row);
  }
  // A run lies within a stripe.
  uint32_t TakeRows(RowId first) {
    uint64_t rows = bytes_.TakeVarint();
    if (rows == 0 || rows > kBlockRows - RowStore::SlotOf(first)) ThrowDamaged("a number of rows");
    return static_cast<uint32_t>(rows);
  }

  Buffer& BufferOf(const Table& table) {
    Buffer& buffer = buffers_[&table];
    if (buffer.chunk.column_count() != table.column_count()) {
      std::vector<Type> types;
      for (uint32_t c = 0; c < table.column_count(); ++c) types.push_back(table.column_type(c));
      buffer.chunk.Init(types);
    }
    buffer.columns.clear();
    return buffer;
  }
  Vector& TakeColumn(Buffer* buffer, uint32_t rows) {
    uint64_t column = bytes_.TakeVarint();
    if (column >= buffer->chunk.column_count()) ThrowDamaged("a column's number");
    buffer->columns.push_back(static_cast<uint16_t>(column));
    Vector& vector = buffer->chunk.column(column);
    vector.PrepareWrite(rows);
    return vector;
  }
  bool TakeFlag() {
    auto flag = bytes_.Take<uint8_t>();
    if (flag > 1) ThrowDamaged("a flag");
    return flag == 1;
  }

  void Insert(Table* table, RowId first) {
    uint32_t rows = TakeRows(first);
    Buffer& buffer = BufferOf(*table);
    uint64_t columns = bytes_.TakeVarint();
    for (uint64_t i = 0; i < columns; ++i) Run(&TakeColumn(&buffer, rows), rows);
    buffer.chunk.SetRows(rows);
    table->ReplayInsert(first, buffer.columns, buffer.chunk);
  }

  void Update(Table* table, RowId row) {
    Buffer& buffer = BufferOf(*table);
    uint64_t columns = bytes_.TakeVarint();
    for (uint64_t i = 0; i < columns; ++i) {
      Vector& vector = TakeColumn(&buffer, 1);
      if (TakeFlag()) {
        vector.SetNull(0);
      } else {
        Values(&vector, 1);
      }
    }
    buffer.chunk.SetRows(1);
    table->ReplayUpdate(row, buffer.columns, buffer.chunk);
  }

  void Run(Vector* vector, uint32_t rows) {
    if (TakeFlag()) {
      std::span<const uint8_t> bits = bytes_.TakeBytes((rows + 7) / 8);
      for (uint32_t i = 0; i < rows; ++i) {
        if (((bits[i / 8] >> (i % 8)) & 1) == 0) vector->SetNull(i);
      }
    }
    Values(vector, rows);
  }

  void Values(Vector* vector, uint32_t rows) {
    if (vector->physical() != PhysicalType::kString) {
      size_t bytes = rows * WidthBytes(vector->physical());
      std::memcpy(vector->RawData(), bytes_.TakeBytes(bytes).data(), bytes);
      return;
    }
    auto* texts = vector->MutableData<StringRef>();
    lengths_.resize(rows);
    for (uint32_t& length : lengths_) {
      uint64_t taken = bytes_.TakeVarint();
      if (taken > bytes_.left()) ThrowDamaged("a string's length");
      length = static_cast<uint32_t>(taken);
    }
    for (uint32_t i = 0; i < rows; ++i) {
      std::span<const uint8_t> text = bytes_.TakeBytes(lengths_[i]);
      texts[i] = StringRef(reinterpret_cast<const char*>(text.data()), lengths_[i]);
    }
  }

  ByteReader bytes_;
  ReplayTarget* target_;
  std::map<const Table*, Buffer> buffers_;
  std::vector<uint32_t> lengths_;
};

}  // namespace

Type TakeType(ByteReader* bytes) {
  Type type;
  type.id = bytes->Take<TypeId>();
  type.precision = bytes->Take<uint8_t>();
  type.scale = bytes->Take<uint8_t>();
  type.fields = bytes->Take<uint8_t>();
  uint64_t length = bytes->TakeVarint();
  if (type.id > TypeId::kDayTime || length > UINT32_MAX) ThrowDamaged("a type");
  type.length = static_cast<uint32_t>(length);
  return type;
}

void ReplayIndex(ByteReader* bytes, Table* table, bool is_filled) {
  uint64_t number = bytes->TakeVarint(), count = bytes->TakeVarint();
  if (count == 0 || count > kMaxIndexColumns) ThrowDamaged("a number of columns of an index");
  auto unique = bytes->Take<uint8_t>();
  if (unique > 1) ThrowDamaged("a flag of an index");
  std::vector<IndexColumn> columns(count);
  for (IndexColumn& column : columns) {
    uint64_t c = bytes->TakeVarint();
    if (c >= table->column_count()) ThrowDamaged("a column of an index");
    column.column = static_cast<uint16_t>(c);
    auto flags = bytes->Take<uint8_t>();
    if (flags > 7) ThrowDamaged("flags of a column of an index");
    column.descending = (flags & kRedoDescending) != 0;
    column.nulls_first = (flags & kRedoNullsFirst) != 0;
    column.not_null = (flags & kRedoNotNull) != 0;
  }
  table->ReplayCreateIndex(number, columns, unique == 1, is_filled);
}

void ReplayColumns(ByteReader* bytes, uint64_t number, ReplayTarget* target) {
  uint64_t count = bytes->TakeVarint();
  if (count > bytes->left()) ThrowDamaged("a number of columns");
  std::vector<Type> types;
  std::vector<uint64_t> dropped;
  for (uint64_t c = 0; c < count; ++c) {
    types.push_back(TakeType(bytes));
    auto is_dropped = bytes->Take<uint8_t>();
    if (is_dropped > 1) ThrowDamaged("a flag of a column");
    if (is_dropped == 1) dropped.push_back(c);
  }
  target->CreateTable(number, types);
  for (uint64_t c : dropped) target->FindTable(number)->ReplayDropColumn(c);
}

void ReplayIndexes(ByteReader* bytes, Table* table) {
  uint64_t count = bytes->TakeVarint();
  for (uint64_t i = 0; i < count; ++i) ReplayIndex(bytes, table, false);
}

void ReplayChanges(std::span<const uint8_t> changes, ReplayTarget* target) {
  ChangeReader(changes, target).Run();
}

}  // namespace tupelo

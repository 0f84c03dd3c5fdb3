// catalog/apply_definition.cpp: bytes to definitions.
#include <algorithm>

#include "catalog/stored_definition.h"
#include "catalog/stored_definition_kind.h"
#include "storage/stored_bytes.h"
#include "txn/redo.h"
#include "txn/table.h"

namespace tupelo {

namespace {

using SequencePointer = std::shared_ptr<IdentitySequence>;

class DefinitionReader {
 public:
  DefinitionReader(std::span<const uint8_t> bytes, StoredTables* source, CatalogChange* catalog)
      : bytes_(bytes), source_(source), catalog_(catalog) {}

  void Run() {
    while (bytes_.left() > 0) {
      auto kind = bytes_.Take<DefinitionKind>();
      switch (kind) {
        case DefinitionKind::kPutSchema: PutSchema(); break;
        case DefinitionKind::kDropSchema: catalog_->DropSchema(SchemaOf(Text())); break;
        case DefinitionKind::kPutTable: PutTable(); break;
        case DefinitionKind::kDropTable: catalog_->DropTable(Number()); break;
        case DefinitionKind::kPutView: PutView(); break;
        case DefinitionKind::kDropView: catalog_->DropView(Number()); break;
        case DefinitionKind::kPutSequence: PutSequence(); break;
        case DefinitionKind::kDropSequence: catalog_->DropSequence(Number()); break;
        case DefinitionKind::kSequenceState: SetState(); break;
        default: ThrowDamaged("a change of an unknown kind of definition");
      }
    }
    ReserveObjectIds(last_id_);
  }

 private:
  ObjectId Id() {
    ObjectId id = Number();
    last_id_ = std::max(last_id_, id);
    return id;
  }
  uint64_t Number() { return bytes_.TakeVarint(); }
  uint16_t Small(size_t limit) {
    uint64_t number = Number();
    if (number >= limit || number > UINT16_MAX) ThrowDamaged("a number in a definition");
    return static_cast<uint16_t>(number);
  }
  bool Flag() {
    auto flag = bytes_.Take<uint8_t>();
    if (flag > 1) ThrowDamaged("a flag in a definition");
    return flag == 1;
  }
  bool Flag(Deferral* deferral) {
    auto bits = bytes_.Take<uint8_t>();
    if (bits >> 1 > static_cast<int>(Deferral::kInitiallyDeferred)) {
      ThrowDamaged("when a constraint is checked");
    }
    *deferral = static_cast<Deferral>(bits >> 1);
    return (bits & 1) != 0;
  }
  template <typename T>
  T Enum(T last) {
    auto value = bytes_.Take<T>();
    if (value > last) ThrowDamaged("a kind in a definition");
    return value;
  }
  std::string Text() {
    std::span<const uint8_t> text = bytes_.TakeBytes(Number());
    return std::string(reinterpret_cast<const char*>(text.data()), text.size());
  }
  Name TakeName() {
    Name name;
    name.key = Text();
    name.spelling = Text();
    return name;
  }
  template <typename T, typename Take>
  std::vector<T> List(Take&& take) {
    uint64_t count = Number();
    if (count > bytes_.left()) ThrowDamaged("the length of a list in a definition");
    std::vector<T> members;
    members.reserve(count);
    for (uint64_t i = 0; i < count; ++i) members.push_back(take());
    return members;
  }
  std::vector<uint16_t> Columns(size_t limit) {
    return List<uint16_t>([&] { return Small(limit); });
  }

  ObjectId SchemaOf(const std::string& key) {
    const SchemaDefinition* schema = catalog_->current()->FindSchema(Name::Exact(key));
    if (schema == nullptr) ThrowDamaged("a schema that there is not");
    return schema->id;
  }
  void PutSchema() {
    Name name = TakeName();
    if (catalog_->current()->FindSchema(name) == nullptr) catalog_->PutSchema(name);
  }

  // The one of that number, which all that use it share, or a new one.
  SequencePointer SequenceOf(uint64_t number) {
    CatalogPtr now = catalog_->current();
    SequencePointer found = now->FindSequenceNumbers(number);
    if (found != nullptr) return found;
    auto made = std::make_shared<IdentitySequence>();
    made->number = number;
    return made;
  }
  SequencePointer TakeSequence() {
    auto start = bytes_.Take<int64_t>(), increment = bytes_.Take<int64_t>();
    auto minimum = bytes_.Take<int64_t>(), maximum = bytes_.Take<int64_t>();
    bool cycle = Flag(), always = Flag();
    if (increment == 0 || minimum > maximum) ThrowDamaged("a sequence");
    SequencePointer sequence = SequenceOf(Id());
    sequence->start = start;
    sequence->increment = increment;
    sequence->minimum = minimum;
    sequence->maximum = maximum;
    sequence->cycle = cycle;
    sequence->always = always;
    TakeState(sequence.get());
    return sequence;
  }
  void TakeState(IdentitySequence* sequence) {
    sequence->next = bytes_.Take<int64_t>();
    sequence->exhausted = Flag();
    sequence->called = Flag();
  }
  void SetState() {
    SequencePointer sequence = SequenceOf(Id());
    TakeState(sequence.get());  // of one that was dropped since it is read all the same
  }

  ColumnDefinition TakeColumn() {
    ColumnDefinition column;
    column.name = TakeName();
    column.type = TakeType(&bytes_);
    column.not_null = Flag();
    column.default_sql = Text();
    column.default_sequences = List<ObjectId>([&] { return Number(); });
    if (Flag()) column.identity = TakeSequence();
    column.generated_sql = Text();
    column.generated_from = Columns(UINT16_MAX);
    column.physical = Small(UINT16_MAX);
    return column;
  }
  // Members whose place in the stored table is known once that is.
  struct IndexNumbers {
    std::vector<uint64_t> of_keys, of_indexes;
  };

  void PutTable() {
    TableDefinition table;
    IndexNumbers numbers;
    table.id = Id();
    table.schema = TakeName();
    table.name = TakeName();
    table.columns = List<ColumnDefinition>([&] { return TakeColumn(); });
    size_t columns = table.columns.size();
    table.keys = List<KeyDefinition>([&] {
      KeyDefinition key;
      key.name = TakeName();
      key.is_primary = Flag(&key.deferral);
      key.columns = Columns(columns);
      numbers.of_keys.push_back(Number());
      return key;
    });
    table.checks = List<CheckDefinition>([&] {
      CheckDefinition check;
      check.name = TakeName();
      check.sql = Text();
      check.columns = Columns(columns);
      return check;
    });
    table.foreign_keys = List<ForeignKeyDefinition>([&] { return TakeForeignKey(columns); });
    table.indexes = List<IndexDefinition>([&] {
      IndexDefinition index = TakeIndex(columns);
      numbers.of_indexes.push_back(Number());
      return index;
    });
    table.lifetime = Enum(TableLifetime::kGlobal);
    table.on_commit = Enum(CommitAction::kDropTable);
    ObjectId stored = Id();
    table.data = stored == 0 ? TakeShape() : source_->RowsOf(stored);
    Attach(numbers, &table);
    catalog_->PutTable(std::move(table));
  }

  ForeignKeyDefinition TakeForeignKey(size_t columns) {
    ForeignKeyDefinition key;
    key.name = TakeName();
    key.columns = Columns(columns);
    key.referenced_table = Number();
    key.referenced_columns = Columns(UINT16_MAX);
    key.match_full = Flag(&key.deferral);
    key.on_delete = Enum(ReferentialAction::kSetDefault);
    key.on_update = Enum(ReferentialAction::kSetDefault);
    return key;
  }
  IndexDefinition TakeIndex(size_t columns) {
    IndexDefinition index;
    index.id = Id();
    index.name = TakeName();
    index.is_unique = Flag();
    index.of_constraint = Flag();
    index.columns = List<IndexedColumn>([&] {
      IndexedColumn column;
      column.column = Small(columns);
      column.descending = Flag();
      column.nulls_first = Flag();
      return column;
    });
    return index;
  }

  std::shared_ptr<Table> TakeShape() {
    std::vector<Type> types = List<Type>([&] { return TakeType(&bytes_); });
    std::shared_ptr<Table> table = source_->MakeTable(types);
    uint64_t indexes = Number();
    for (uint64_t i = 0; i < indexes; ++i) ReplayIndex(&bytes_, table.get(), true);
    return table;
  }

  void Attach(const IndexNumbers& numbers, TableDefinition* table) {
    if (table->data == nullptr) ThrowDamaged("a table without its rows");
    for (const ColumnDefinition& column : table->columns) {
      if (column.physical >= table->data->column_count() ||
          table->data->column_type(column.physical).physical() != column.type.physical()) {
        ThrowDamaged("a column without its values");
      }
    }
    for (size_t i = 0; i < table->keys.size(); ++i) {
      table->keys[i].index = table->data->FindIndex(numbers.of_keys[i]);
      if (table->keys[i].index == nullptr) ThrowDamaged("a key without its index");
    }
    for (size_t i = 0; i < table->indexes.size(); ++i) {
      table->indexes[i].index = table->data->FindIndex(numbers.of_indexes[i]);
      if (table->indexes[i].index == nullptr) ThrowDamaged("an index without its entries");
    }
  }

  void PutView() {
    ViewDefinition view;
    view.id = Id();
    view.schema = TakeName();
    view.name = TakeName();
    view.sql = Text();
    view.columns = List<ViewColumn>([&] {
      Name name = TakeName();
      return ViewColumn{std::move(name), TakeType(&bytes_)};
    });
    view.check = Enum(CheckOption::kCascaded);
    view.sources = List<ViewSource>([&] { return TakeSource(); });
    catalog_->PutView(std::move(view));
  }
  ViewSource TakeSource() {
    ViewSource source;
    source.position = static_cast<uint32_t>(Number());
    source.relation = Number();
    source.schema = TakeName();
    source.name = TakeName();
    source.columns = List<ViewSource::Column>([&] {
      ViewSource::Column column;
      column.name = TakeName();
      column.number = Small(UINT16_MAX);
      column.is_used = Flag();
      return column;
    });
    return source;
  }

  void PutSequence() {
    SequenceDefinition sequence;
    sequence.id = Id();
    sequence.schema = TakeName();
    sequence.name = TakeName();
    sequence.type = TakeType(&bytes_);
    sequence.numbers = TakeSequence();
    catalog_->PutSequence(std::move(sequence));
  }

  ByteReader bytes_;
  StoredTables* source_;
  CatalogChange* catalog_;
  ObjectId last_id_ = 0;
};

}  // namespace

void ApplyCatalogChanges(std::span<const uint8_t> changes, StoredTables* source,
                         CatalogChange* catalog) {
  DefinitionReader(changes, source, catalog).Run();
}

}  // namespace tupelo

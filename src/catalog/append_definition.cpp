// catalog/append_definition.cpp: definitions to bytes.
#include "catalog/stored_definition.h"
#include "catalog/stored_definition_kind.h"
#include "storage/stored_bytes.h"
#include "txn/redo.h"
#include "txn/table.h"

namespace tupelo {

namespace {

class DefinitionWriter {
 public:
  explicit DefinitionWriter(ByteVector* out) : out_(out) {}

  void Kind(DefinitionKind kind) { AppendNumber(kind, out_); }
  void Number(uint64_t number) { AppendVarint(number, out_); }

  void Text(std::string_view text) {
    Number(text.size());
    AppendBytes(text.data(), text.size(), out_);
  }
  void Put(const Name& name) {
    Text(name.key);
    Text(name.spelling);
  }

  void Put(const TableDefinition& table) {
    Number(table.id);
    Put(table.schema);
    Put(table.name);
    List(table.columns);
    List(table.keys);
    List(table.checks);
    List(table.foreign_keys);
    List(table.indexes);
    Enum(table.lifetime);
    Enum(table.on_commit);
    Number(table.data->stored_number());
    // Of a temporary one each session has rows of its own.
    if (table.data->stored_number() == 0) PutShape(*table.data);
  }
  void Put(const ViewDefinition& view) {
    Number(view.id);
    Put(view.schema);
    Put(view.name);
    Text(view.sql);
    List(view.columns);
    Enum(view.check);
    List(view.sources);
  }
  void Put(const SequenceDefinition& sequence) {
    Number(sequence.id);
    Put(sequence.schema);
    Put(sequence.name);
    AppendType(sequence.type, out_);
    Put(*sequence.numbers);
  }
  void State(const IdentitySequence& sequence) {
    Number(sequence.number);
    AppendNumber(sequence.next.load(std::memory_order_relaxed), out_);
    Flag(sequence.exhausted.load(std::memory_order_relaxed));
    Flag(sequence.called.load(std::memory_order_relaxed));
  }

 private:
  template <typename T>
  void Enum(T value) {
    AppendNumber(static_cast<uint8_t>(value), out_);
  }
  void Flag(bool flag) { AppendNumber(static_cast<uint8_t>(flag), out_); }
  void Flag(bool flag, Deferral deferral) {
    AppendNumber(static_cast<uint8_t>(flag | static_cast<uint8_t>(deferral) << 1), out_);
  }
  template <typename T>
  void List(const std::vector<T>& members) {
    Number(members.size());
    for (const T& member : members) Put(member);
  }

  void PutShape(const Table& table) {
    Number(table.column_count());
    for (uint32_t c = 0; c < table.column_count(); ++c) AppendType(table.column_type(c), out_);
    Number(table.indexes().size());
    for (const std::unique_ptr<Index>& index : table.indexes()) AppendIndex(*index, out_);
  }
  void Put(uint16_t number) { Number(number); }
  void Put(uint64_t number) { Number(number); }
  void Put(const IdentitySequence& sequence) {
    AppendNumber(sequence.start, out_);
    AppendNumber(sequence.increment, out_);
    AppendNumber(sequence.minimum, out_);
    AppendNumber(sequence.maximum, out_);
    Flag(sequence.cycle);
    Flag(sequence.always);
    State(sequence);
  }
  void Put(const ColumnDefinition& column) {
    Put(column.name);
    AppendType(column.type, out_);
    Flag(column.not_null);
    Text(column.default_sql);
    List(column.default_sequences);
    Flag(column.identity != nullptr);
    if (column.identity != nullptr) Put(*column.identity);
    Text(column.generated_sql);
    List(column.generated_from);
    Number(column.physical);
  }
  void Put(const KeyDefinition& key) {
    Put(key.name);
    Flag(key.is_primary, key.deferral);
    List(key.columns);
    Number(key.index->number());
  }
  void Put(const CheckDefinition& check) {
    Put(check.name);
    Text(check.sql);
    List(check.columns);
  }
  void Put(const ForeignKeyDefinition& key) {
    Put(key.name);
    List(key.columns);
    Number(key.referenced_table);
    List(key.referenced_columns);
    Flag(key.match_full, key.deferral);
    Enum(key.on_delete);
    Enum(key.on_update);
  }
  void Put(const IndexedColumn& column) {
    Number(column.column);
    Flag(column.descending);
    Flag(column.nulls_first);
  }
  void Put(const IndexDefinition& index) {
    Number(index.id);
    Put(index.name);
    Flag(index.is_unique);
    Flag(index.of_constraint);
    List(index.columns);
    Number(index.index->number());
  }
  void Put(const ViewColumn& column) {
    Put(column.name);
    AppendType(column.type, out_);
  }
  void Put(const ViewSource::Column& column) {
    Put(column.name);
    Number(column.number);
    Flag(column.is_used);
  }
  void Put(const ViewSource& source) {
    Number(source.position);
    Number(source.relation);
    Put(source.schema);
    Put(source.name);
    List(source.columns);
  }

  ByteVector* out_;
};

// Temporary objects of sessions are in schemas whose names hold a null character.
template <typename Definition>
bool IsStored(const Definition& definition) {
  return definition.schema.key.find('\0') == std::string::npos;
}

// `drop` and `put` of a map of shared definitions by their ids.
template <typename Map>
void AppendMapChanges(const Map& before, const Map& now, DefinitionKind drop, DefinitionKind put,
                      DefinitionWriter* writer) {
  for (const auto& [id, object] : before) {
    if (now.contains(id) || !IsStored(*object)) continue;
    writer->Kind(drop);
    writer->Number(id);
  }
  for (const auto& [id, object] : now) {
    auto old = before.find(id);
    if ((old != before.end() && old->second == object) || !IsStored(*object)) continue;
    writer->Kind(put);
    writer->Put(*object);
  }
}

// By name: the default schema has another id in each catalog.
bool HasSchema(const CatalogSnapshot& catalog, const SchemaDefinition& schema) {
  const SchemaDefinition* found = catalog.FindSchema(schema.name);
  return found != nullptr && found->name.key == schema.name.key;
}

}  // namespace

void AppendCatalogChanges(const CatalogSnapshot& before, const CatalogSnapshot& now,
                          ByteVector* out) {
  DefinitionWriter writer(out);
  for (const auto& [id, schema] : now.schemas_) {
    if (HasSchema(before, schema)) continue;
    writer.Kind(DefinitionKind::kPutSchema);
    writer.Put(schema.name);
  }
  AppendMapChanges(before.views_, now.views_, DefinitionKind::kDropView, DefinitionKind::kPutView,
                   &writer);
  AppendMapChanges(before.tables_, now.tables_, DefinitionKind::kDropTable,
                   DefinitionKind::kPutTable, &writer);
  AppendMapChanges(before.sequences_, now.sequences_, DefinitionKind::kDropSequence,
                   DefinitionKind::kPutSequence, &writer);
  for (const auto& [id, schema] : before.schemas_) {
    if (HasSchema(now, schema)) continue;
    writer.Kind(DefinitionKind::kDropSchema);
    writer.Text(schema.name.key);
  }
}

void AppendSequenceState(const IdentitySequence& sequence, ByteVector* out) {
  DefinitionWriter writer(out);
  writer.Kind(DefinitionKind::kSequenceState);
  writer.State(sequence);
}

}  // namespace tupelo

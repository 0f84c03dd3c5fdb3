// catalog/catalog.cpp: look-ups in a snapshot, and changes of it.
#include "catalog/catalog.h"

#include <algorithm>
#include <atomic>

#include "base/error.h"

namespace tupelo {

namespace {

// Among the objects for which `visible` holds, the one that `name` means.
template <typename Map, typename NameOf>
auto FindByName(const Map& objects, const Name& name, NameOf&& name_of) {
  auto exact = objects.end(), inexact = objects.end();
  bool ambiguous = false;
  for (auto it = objects.begin(); it != objects.end(); ++it) {
    const Name* other = name_of(it->second);
    if (other == nullptr) continue;
    if (other->key == name.key) {
      exact = it;
    } else if (EqualIgnoringCase(other->key, name.key)) {
      ambiguous = inexact != objects.end();
      inexact = it;
    }
  }
  if (exact != objects.end()) return exact;
  if (ambiguous) {
    throw Error(
        ErrorCode::kAmbiguousColumn,
        "name matches more than one object without regard to case; quote it: " + name.spelling);
  }
  return inexact;
}

}  // namespace

const Name* CatalogSnapshot::FindSchemaName(const Name& name) const {
  // Without temporary objects of the session it is an empty schema.
  if (name.key == kTemporarySchema) return &temporary_schema_;
  const SchemaDefinition* found = FindSchema(name);
  return found == nullptr ? nullptr : &found->name;
}

TablePtr CatalogSnapshot::FindTableIn(const Name& schema, const Name& name) const {
  auto it = FindByName(tables_, name, [&](const TablePtr& table) -> const Name* {
    return table->schema.key == schema.key ? &table->name : nullptr;
  });
  return it == tables_.end() ? nullptr : it->second;
}

TablePtr CatalogSnapshot::FindTable(const Name* schema, const Name& name) const {
  if (schema == nullptr && !temporary_schema_.empty()) {
    if (TablePtr found = FindTableIn(temporary_schema_, name)) return found;
  }
  const Name* found = FindSchemaName(schema != nullptr ? *schema : Name::Exact(kDefaultSchema));
  return found == nullptr ? nullptr : FindTableIn(*found, name);
}

TablePtr CatalogSnapshot::TableById(ObjectId id) const {
  auto it = tables_.find(id);
  return it == tables_.end() ? nullptr : it->second;
}

std::pair<TablePtr, const IndexDefinition*> CatalogSnapshot::FindIndex(const Name* schema,
                                                                       const Name& name) const {
  if (schema == nullptr && !temporary_schema_.empty()) {
    auto found = FindIndexIn(temporary_schema_, name);
    if (found.second != nullptr) return found;
  }
  const Name* found = FindSchemaName(schema != nullptr ? *schema : Name::Exact(kDefaultSchema));
  if (found == nullptr) return {nullptr, nullptr};
  return FindIndexIn(*found, name);
}

std::pair<TablePtr, const IndexDefinition*> CatalogSnapshot::FindIndexIn(const Name& schema,
                                                                         const Name& name) const {
  std::pair<TablePtr, const IndexDefinition*> inexact{nullptr, nullptr};
  bool ambiguous = false;
  for (const auto& [id, table] : tables_) {
    if (table->schema.key != schema.key) continue;
    for (const IndexDefinition& index : table->indexes) {
      if (index.name.key == name.key) return {table, &index};
      if (!EqualIgnoringCase(index.name.key, name.key)) continue;
      ambiguous = inexact.second != nullptr;
      inexact = {table, &index};
    }
  }
  if (ambiguous) {
    throw Error(
        ErrorCode::kAmbiguousColumn,
        "name matches more than one index without regard to case; quote it: " + name.spelling);
  }
  return inexact;
}

std::shared_ptr<IdentitySequence> CatalogSnapshot::FindSequenceNumbers(ObjectId number) const {
  for (const auto& [id, sequence] : sequences_) {
    if (sequence->numbers->number == number) return sequence->numbers;
  }
  for (const auto& [id, table] : tables_) {
    for (const ColumnDefinition& column : table->columns) {
      if (column.identity != nullptr && column.identity->number == number) return column.identity;
    }
  }
  return nullptr;
}

const SchemaDefinition* CatalogSnapshot::FindSchema(const Name& name) const {
  auto it = FindByName(schemas_, name, [](const SchemaDefinition& schema) { return &schema.name; });
  return it == schemas_.end() ? nullptr : &it->second;
}

std::vector<Name> CatalogSnapshot::Schemas() const {
  std::vector<Name> names;
  for (const auto& [id, schema] : schemas_) names.push_back(schema.name);
  return names;
}

std::vector<TablePtr> CatalogSnapshot::TablesOf(const Name& schema) const {
  std::vector<TablePtr> found;
  for (const auto& [id, table] : tables_) {
    if (table->schema.key == schema.key) found.push_back(table);
  }
  return found;
}

ViewPtr CatalogSnapshot::FindView(const Name* schema, const Name& name) const {
  if (schema == nullptr && !temporary_schema_.empty()) {
    if (ViewPtr found = FindViewIn(temporary_schema_, name)) return found;
    // A temporary table hides permanent views.
    if (FindTableIn(temporary_schema_, name) != nullptr) return nullptr;
  }
  const Name* found = FindSchemaName(schema != nullptr ? *schema : Name::Exact(kDefaultSchema));
  return found == nullptr ? nullptr : FindViewIn(*found, name);
}

ViewPtr CatalogSnapshot::FindViewIn(const Name& schema, const Name& name) const {
  auto it = FindByName(views_, name, [&](const ViewPtr& view) -> const Name* {
    return view->schema.key == schema.key ? &view->name : nullptr;
  });
  return it == views_.end() ? nullptr : it->second;
}

ViewPtr CatalogSnapshot::ViewById(ObjectId id) const {
  auto it = views_.find(id);
  return it == views_.end() ? nullptr : it->second;
}

std::vector<ViewPtr> CatalogSnapshot::ViewsOf(const Name& schema) const {
  std::vector<ViewPtr> found;
  for (const auto& [id, view] : views_) {
    if (view->schema.key == schema.key) found.push_back(view);
  }
  return found;
}

std::vector<ViewPtr> CatalogSnapshot::ViewsUsing(ObjectId relation) const {
  std::vector<ViewPtr> found;
  for (const auto& [id, view] : views_) {
    if (view->Names(relation)) found.push_back(view);
  }
  return found;
}

std::vector<TablePtr> CatalogSnapshot::Tables() const {
  std::vector<TablePtr> found;
  for (const auto& [id, table] : tables_) found.push_back(table);
  return found;
}

SequencePtr CatalogSnapshot::FindSequence(const Name* schema, const Name& name) const {
  const SchemaDefinition* found =
      FindSchema(schema != nullptr ? *schema : Name::Exact(kDefaultSchema));
  if (found == nullptr) return nullptr;
  auto it = FindByName(sequences_, name, [&](const SequencePtr& sequence) -> const Name* {
    return sequence->schema.key == found->name.key ? &sequence->name : nullptr;
  });
  return it == sequences_.end() ? nullptr : it->second;
}

std::vector<SequencePtr> CatalogSnapshot::SequencesOf(const Name& schema) const {
  std::vector<SequencePtr> found;
  for (const auto& [id, sequence] : sequences_) {
    if (sequence->schema.key == schema.key) found.push_back(sequence);
  }
  return found;
}

std::vector<TablePtr> CatalogSnapshot::Referencing(ObjectId table) const {
  std::vector<TablePtr> found;
  for (const auto& [id, candidate] : tables_) {
    for (const ForeignKeyDefinition& key : candidate->foreign_keys) {
      if (key.referenced_table == table) {
        found.push_back(candidate);
        break;
      }
    }
  }
  return found;
}

CatalogChange::CatalogChange(CatalogPtr base) : base_(base), current_(std::move(base)) {}

std::shared_ptr<CatalogSnapshot> CatalogChange::Next() const {
  auto next = std::make_shared<CatalogSnapshot>(*current_);
  next->serial_ = Catalog::NextSerial();
  return next;
}

void CatalogChange::UseTemporarySchema(const Name& schema) {
  if (current_->temporary_schema_.key == schema.key) return;
  auto next = Next();
  next->temporary_schema_ = schema;
  current_ = std::move(next);
}

TablePtr CatalogChange::PutTable(TableDefinition table) {
  if (table.lifetime == TableLifetime::kGlobal && base_->TableById(table.id) != nullptr) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "the definition of a GLOBAL TEMPORARY table can't be changed; drop it and make "
                "another: " +
                    table.name.spelling)
        .OnTable(table.name.spelling);
  }
  auto next = Next();
  if (table.id == 0) table.id = NextObjectId();
  for (IndexDefinition& index : table.indexes) {
    if (index.id == 0) index.id = NextObjectId();
  }
  table.version = next->serial_;
  auto put = std::make_shared<const TableDefinition>(std::move(table));
  next->tables_[put->id] = put;
  current_ = std::move(next);
  return put;
}

void CatalogChange::DropTable(ObjectId id) {
  auto next = Next();
  next->tables_.erase(id);
  current_ = std::move(next);
}

ViewPtr CatalogChange::PutView(ViewDefinition view) {
  auto next = Next();
  if (view.id == 0) view.id = NextObjectId();
  view.version = next->serial_;
  auto put = std::make_shared<const ViewDefinition>(std::move(view));
  next->views_[put->id] = put;
  current_ = std::move(next);
  return put;
}

void CatalogChange::DropView(ObjectId id) {
  auto next = Next();
  next->views_.erase(id);
  current_ = std::move(next);
}

SequencePtr CatalogChange::PutSequence(SequenceDefinition sequence) {
  auto next = Next();
  if (sequence.id == 0) sequence.id = NextObjectId();
  auto put = std::make_shared<const SequenceDefinition>(std::move(sequence));
  next->sequences_[put->id] = put;
  current_ = std::move(next);
  return put;
}

void CatalogChange::DropSequence(ObjectId id) {
  auto next = Next();
  next->sequences_.erase(id);
  current_ = std::move(next);
}

ObjectId CatalogChange::PutSchema(const Name& name) {
  auto next = Next();
  ObjectId id = NextObjectId();
  next->schemas_[id] = {id, name};
  current_ = std::move(next);
  return id;
}

void CatalogChange::DropSchema(ObjectId id) {
  auto next = Next();
  next->schemas_.erase(id);
  current_ = std::move(next);
}

Catalog::Catalog() {
  auto first = std::make_shared<CatalogSnapshot>();
  first->serial_ = NextSerial();
  ObjectId id = NextObjectId();
  first->schemas_[id] = {id, Name::Exact(kDefaultSchema)};
  serial_ = first->serial_;
  current_ = std::move(first);
}

uint64_t Catalog::NextSerial() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

CatalogPtr Catalog::Current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace tupelo

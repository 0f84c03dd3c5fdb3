// catalog/catalog.cpp: look-ups in a snapshot, and the merge at commit.
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

TablePtr CatalogSnapshot::FindTable(const Name* schema, const Name& name) const {
  const SchemaDefinition* found =
      FindSchema(schema != nullptr ? *schema : Name::Exact(kDefaultSchema));
  if (found == nullptr) return nullptr;
  auto it = FindByName(tables_, name, [&](const TablePtr& table) -> const Name* {
    return table->schema.key == found->name.key ? &table->name : nullptr;
  });
  return it == tables_.end() ? nullptr : it->second;
}

TablePtr CatalogSnapshot::TableById(ObjectId id) const {
  auto it = tables_.find(id);
  return it == tables_.end() ? nullptr : it->second;
}

std::pair<TablePtr, const IndexDefinition*> CatalogSnapshot::FindIndex(const Name* schema,
                                                                       const Name& name) const {
  const SchemaDefinition* found =
      FindSchema(schema != nullptr ? *schema : Name::Exact(kDefaultSchema));
  std::pair<TablePtr, const IndexDefinition*> inexact{nullptr, nullptr};
  if (found == nullptr) return inexact;
  bool ambiguous = false;
  for (const auto& [id, table] : tables_) {
    if (table->schema.key != found->name.key) continue;
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

const SchemaDefinition* CatalogSnapshot::FindSchema(const Name& name) const {
  auto it = FindByName(schemas_, name, [](const SchemaDefinition& schema) { return &schema.name; });
  return it == schemas_.end() ? nullptr : &it->second;
}

std::vector<TablePtr> CatalogSnapshot::TablesOf(const Name& schema) const {
  std::vector<TablePtr> found;
  for (const auto& [id, table] : tables_) {
    if (table->schema.key == schema.key) found.push_back(table);
  }
  return found;
}

ViewPtr CatalogSnapshot::FindView(const Name& schema, const Name& name) const {
  const SchemaDefinition* found = FindSchema(schema);
  if (found == nullptr) return nullptr;
  auto it = FindByName(views_, name, [&](const ViewPtr& view) -> const Name* {
    return view->schema.key == found->name.key ? &view->name : nullptr;
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

TablePtr CatalogChange::PutTable(TableDefinition table) {
  auto next = Next();
  if (table.id == 0) table.id = Catalog::NextId();
  for (IndexDefinition& index : table.indexes) {
    if (index.id == 0) index.id = Catalog::NextId();
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
  if (view.id == 0) view.id = Catalog::NextId();
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
  if (sequence.id == 0) sequence.id = Catalog::NextId();
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
  ObjectId id = Catalog::NextId();
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
  ObjectId id = NextId();
  first->schemas_[id] = {id, Name::Exact(kDefaultSchema)};
  current_ = std::move(first);
}

ObjectId Catalog::NextId() {
  static std::atomic<ObjectId> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

uint64_t Catalog::NextSerial() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

CatalogPtr Catalog::Current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

namespace {

[[noreturn]] void ThrowConflict(const std::string& name) {
  throw Error(ErrorCode::kSerializationFailure,
              "another transaction changed the definition at the same time; run the transaction "
              "again: " +
                  name);
}

// Two transactions may each have been right by itself: one made a view of what the other dropped.
void ThrowIfDangling(const CatalogSnapshot& catalog, const ViewDefinition& view) {
  for (const ViewSource& source : view.sources) {
    TablePtr table = catalog.TableById(source.relation);
    bool found = table != nullptr || catalog.ViewById(source.relation) != nullptr;
    for (const ViewSource::Column& column : source.columns) {
      if (table == nullptr || !column.is_used) continue;
      found &= std::ranges::any_of(table->columns, [&](const ColumnDefinition& one) {
        return one.physical == column.number;
      });
    }
    if (!found) ThrowConflict(view.name.spelling);
  }
}

}  // namespace

void Catalog::MergeViews(const CatalogSnapshot& base, const CatalogSnapshot& mine,
                         CatalogSnapshot* next) const {
  auto unchanged_since_base = [&](ObjectId id) {
    return base.ViewById(id) == current_->ViewById(id);
  };
  for (const auto& [id, view] : mine.views_) {
    if (base.ViewById(id) == view) continue;
    if (!unchanged_since_base(id)) ThrowConflict(view->name.spelling);
    next->views_[id] = view;
  }
  for (const auto& [id, view] : base.views_) {
    if (mine.views_.count(id) != 0) continue;
    if (!unchanged_since_base(id)) ThrowConflict(view->name.spelling);
    next->views_.erase(id);
  }
  for (const auto& [id, view] : next->views_) {
    ThrowIfDangling(*next, *view);
    if (mine.ViewById(id) == nullptr || base.ViewById(id) != nullptr) continue;
    // A name that this transaction took may have been taken meanwhile.
    for (const TablePtr& table : next->TablesOf(view->schema)) {
      if (table->name.key == view->name.key) ThrowConflict(view->name.spelling);
    }
    for (const ViewPtr& other : next->ViewsOf(view->schema)) {
      if (other->id != id && other->name.key == view->name.key) ThrowConflict(view->name.spelling);
    }
  }
}

// `next`: the state to be published, a copy of the current one.
void Catalog::MergeSequences(const CatalogSnapshot& base, const CatalogSnapshot& mine,
                             CatalogSnapshot* next) {
  auto find = [](const CatalogSnapshot& in, ObjectId id) {
    auto found = in.sequences_.find(id);
    return found == in.sequences_.end() ? nullptr : found->second;
  };
  for (const auto& [id, sequence] : mine.sequences_) {
    SequencePtr before = find(base, id);
    if (before == sequence) continue;
    if (before != find(*next, id)) ThrowConflict(sequence->name.spelling);
    SequencePtr same_name = next->FindSequence(&sequence->schema, sequence->name);
    if (before == nullptr && same_name != nullptr && same_name->name.key == sequence->name.key &&
        find(mine, same_name->id) == find(base, same_name->id)) {
      ThrowConflict(sequence->name.spelling);
    }
    next->sequences_[id] = sequence;
  }
  for (const auto& [id, sequence] : base.sequences_) {
    if (find(mine, id) != nullptr) continue;
    if (find(*next, id) != sequence) ThrowConflict(sequence->name.spelling);
    next->sequences_.erase(id);
  }
}

void Catalog::Publish(const CatalogChange& change) {
  std::lock_guard lock(mutex_);
  const CatalogSnapshot& base = *change.base();
  const CatalogSnapshot& mine = *change.current();
  if (&base == &mine) return;
  if (current_ == change.base()) {
    current_ = change.current();
    return;
  }
  auto next = std::make_shared<CatalogSnapshot>(*current_);
  next->serial_ = NextSerial();
  auto unchanged_since_base = [&](ObjectId id) {
    return base.TableById(id) == current_->TableById(id);
  };
  for (const auto& [id, table] : mine.tables_) {
    if (base.TableById(id) == table) continue;
    if (!unchanged_since_base(id)) ThrowConflict(table->name.spelling);
    TablePtr same_name = current_->FindTable(&table->schema, table->name);
    if (same_name != nullptr && same_name->id != id && same_name->name.key == table->name.key &&
        mine.TableById(same_name->id) == base.TableById(same_name->id)) {
      ThrowConflict(table->name.spelling);
    }
    next->tables_[id] = table;
  }
  for (const auto& [id, table] : base.tables_) {
    if (mine.tables_.count(id) != 0) continue;
    if (!unchanged_since_base(id)) ThrowConflict(table->name.spelling);
    next->tables_.erase(id);
  }
  MergeViews(base, mine, next.get());
  MergeSequences(base, mine, next.get());
  for (const auto& [id, schema] : mine.schemas_) {
    if (base.schemas_.count(id) != 0) continue;
    if (current_->FindSchema(schema.name) != nullptr) ThrowConflict(schema.name.spelling);
    next->schemas_[id] = schema;
  }
  for (const auto& [id, schema] : base.schemas_) {
    if (mine.schemas_.count(id) == 0) next->schemas_.erase(id);
  }
  current_ = std::move(next);
}

}  // namespace tupelo

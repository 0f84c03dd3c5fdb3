// catalog/catalog_merge.cpp: the definitions of a transaction merged with those of others, at
// commit.
#include <algorithm>

#include "base/error.h"
#include "catalog/catalog.h"

namespace tupelo {

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
    if (source.is_of_system()) continue;
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

void Catalog::Install(CatalogPtr next) {
  std::lock_guard lock(mutex_);
  serial_.store(next->serial_, std::memory_order_release);
  current_ = std::move(next);
}

CatalogPtr Catalog::Merge(const CatalogChange& change) const {
  std::lock_guard lock(mutex_);
  const CatalogSnapshot& base = *change.base();
  const CatalogSnapshot& mine = *change.current();
  if (&base == &mine) return current_;
  if (current_ == change.base() && mine.temporary_schema_.empty()) return change.current();
  auto next = std::make_shared<CatalogSnapshot>(*current_);
  next->serial_ = NextSerial();
  // By version: of a GLOBAL TEMPORARY table each session has a definition with its own rows.
  auto unchanged_since_base = [&](ObjectId id) {
    TablePtr before = base.TableById(id), now = current_->TableById(id);
    return before == nullptr || now == nullptr ? before == now : before->version == now->version;
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
  return next;
}

}  // namespace tupelo

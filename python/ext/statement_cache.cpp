// ext/statement_cache.cpp: a hash table chained through an array, and a list in order of use.
#include "ext/statement_cache.h"

#include "ext/description.h"

namespace tupelo {
namespace {

bool SameColumns(const std::vector<ResultColumn>& left, const std::vector<ResultColumn>& right) {
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i].type != right[i].type || left[i].nullable != right[i].nullable ||
        left[i].name != right[i].name) {
      return false;
    }
  }
  return true;
}

// A plan is not known yet. What copies, defines or explains is long; there is no hurry.
GilRelease::When WhenToRelease(const Statement& statement) {
  switch (statement.kind()) {
    case StatementKind::kTransaction: return GilRelease::When::kNever;
    case StatementKind::kQuery:
    case StatementKind::kInsert:
    case StatementKind::kUpdate:
    case StatementKind::kDelete:
    case StatementKind::kMerge: return GilRelease::When::kIfLong;
    default: return GilRelease::When::kNow;
  }
}

}  // namespace

CachedStatement::CachedStatement(PyObject* text, std::shared_ptr<Statement> statement)
    : text_(PyRef::Share(text)),
      statement_(std::move(statement)),
      parameter_count_(statement_->parameter_count()),
      parameter_targets_(statement_->parameter_targets()),
      returns_rows_(statement_->returns_rows()),
      is_insert_(statement_->kind() == StatementKind::kInsert),
      is_dml_(statement_->is_dml()),
      gil_release_(WhenToRelease(*statement_)) {
  const std::vector<std::string>& names = statement_->parameter_names();
  if (names.empty()) return;
  parameter_names_ = MakeNames(names.size(), [&](size_t i) { return std::string_view(names[i]); });
  if (!parameter_names_) {
    PyErr_Clear();
    throw std::bad_alloc();
  }
}

std::shared_ptr<ColumnNames> CachedStatement::Columns(const std::vector<ResultColumn>& columns) {
  if (columns_ != nullptr && SameColumns(columns_->columns, columns)) return columns_;
  auto made = std::make_shared<ColumnNames>();
  made->columns = columns;
  made->names =
      MakeNames(columns.size(), [&](size_t i) { return std::string_view(columns[i].name); });
  if (!made->names) return nullptr;
  columns_ = made;
  return made;
}

StatementCache::StatementCache(size_t capacity) : capacity_(capacity) {}

const StatementRef* StatementCache::Find(PyObject* text) {
  Slot& slot = slots_[SlotOf(text)];
  if (slot.text.get() == text) {
    ++statistics_.identity_hits;
    Touch(slot.node);
    return &nodes_[slot.node].statement;
  }
  uint32_t node = Lookup(text, PyObject_Hash(text));
  if (node == kNoNode) return nullptr;
  ++statistics_.hash_hits;
  slot.text = PyRef::Share(text);
  slot.node = node;
  Touch(node);
  return &nodes_[node].statement;
}

bool StatementCache::Contains(PyObject* text) const {
  return Lookup(text, PyObject_Hash(text)) != kNoNode;
}

uint32_t StatementCache::Lookup(PyObject* text, Py_hash_t hash) const {
  if (size_ == 0) return kNoNode;
  uint32_t node = buckets_[BucketOf(hash)];
  while (node != kNoNode) {
    const Node& it = nodes_[node];
    if (it.hash == hash && PyUnicode_Compare(it.statement->text(), text) == 0) break;
    node = it.next_in_bucket;
  }
  return node;
}

void StatementCache::Insert(const StatementRef& statement) {
  if (capacity_ == 0) return;
  uint32_t node;
  StatementRef evicted;  // goes when the cache is whole again: its end may let other threads run
  if (size_ == capacity_) {
    node = oldest_;
    evicted = Evict();
  } else {
    if (size_ == buckets_.size()) Grow();
    node = static_cast<uint32_t>(nodes_.size());
    nodes_.emplace_back();
  }
  Py_hash_t hash = PyObject_Hash(statement->text());
  nodes_[node].statement = statement;
  nodes_[node].hash = hash;
  nodes_[node].next_in_bucket = buckets_[BucketOf(hash)];
  buckets_[BucketOf(hash)] = node;
  LinkNewest(node);
  ++size_;
  Slot& slot = slots_[SlotOf(statement->text())];
  slot.text = PyRef::Share(statement->text());
  slot.node = node;
}

void StatementCache::Clear() {
  for (Slot& slot : slots_) slot.text.Clear();
  std::vector<Node> gone = std::move(nodes_);
  nodes_.clear();
  buckets_.clear();
  newest_ = oldest_ = kNoNode;
  size_ = 0;
}

void StatementCache::Grow() {
  size_t count = buckets_.empty() ? 16 : buckets_.size() * 2;
  buckets_.assign(count, kNoNode);
  for (uint32_t node = 0; node < nodes_.size(); ++node) {
    uint32_t& head = buckets_[BucketOf(nodes_[node].hash)];
    nodes_[node].next_in_bucket = head;
    head = node;
  }
}

void StatementCache::Touch(uint32_t node) {
  if (node == newest_) return;
  Unlink(node);
  LinkNewest(node);
}

void StatementCache::Unlink(uint32_t node) {
  Node& it = nodes_[node];
  (it.newer == kNoNode ? newest_ : nodes_[it.newer].older) = it.older;
  (it.older == kNoNode ? oldest_ : nodes_[it.older].newer) = it.newer;
}

void StatementCache::LinkNewest(uint32_t node) {
  nodes_[node].newer = kNoNode;
  nodes_[node].older = newest_;
  (newest_ == kNoNode ? oldest_ : nodes_[newest_].newer) = node;
  newest_ = node;
}

StatementRef StatementCache::Evict() {
  uint32_t node = oldest_;
  Unlink(node);
  uint32_t* link = &buckets_[BucketOf(nodes_[node].hash)];
  while (*link != node) link = &nodes_[*link].next_in_bucket;
  *link = nodes_[node].next_in_bucket;
  --size_;
  ++statistics_.evictions;
  for (Slot& slot : slots_) {
    if (slot.text && slot.node == node) slot.text.Clear();
  }
  return std::move(nodes_[node].statement);
}

}  // namespace tupelo

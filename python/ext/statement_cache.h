// ext/statement_cache.h: parsed statements by their text, least recently used out first.
#pragma once

#include <Python.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ext/gil.h"
#include "ext/py_ref.h"
#include "tupelo/tupelo.h"

namespace tupelo {

// What the columns of a statement's rows look like to Python, made when first asked for.
struct ColumnNames {
  std::vector<ResultColumn> columns;
  PyRef names;        // a tuple of interned str
  PyRef description;  // as in PEP 249
  PyRef named_tuple;  // a class made by collections.namedtuple
};

// A statement and what is known of it. Used by the cache and by cursors at once. The engine's
// statement looks after its plans: they are made anew when a definition they use has changed.
class CachedStatement {
 public:
  CachedStatement(PyObject* text, std::shared_ptr<Statement> statement);

  Statement& statement() const { return *statement_; }
  PyObject* text() const { return text_.get(); }
  uint32_t parameter_count() const { return parameter_count_; }
  const ParameterTarget* parameter_targets() const { return parameter_targets_; }
  // A tuple of str, or nullptr when the parameters are `?`.
  PyObject* parameter_names() const { return parameter_names_.get(); }
  bool returns_rows() const { return returns_rows_; }
  bool is_insert() const { return is_insert_; }
  bool is_dml() const { return is_dml_; }
  // What to do with the GIL while it runs, or a result of it is read. What ends a transaction may
  // move what cursors are reading (ROLLBACK): it runs with the GIL kept.
  GilRelease::When gil_release() const {
    return gil_release_ == GilRelease::When::kIfLong && statement_->is_short()
               ? GilRelease::When::kNever
               : gil_release_;
  }

  // The names of `result`'s columns; they are made anew when they are not those of last time
  // (SELECT * after ALTER TABLE). nullptr with an exception set when that fails.
  std::shared_ptr<ColumnNames> Columns(const std::vector<ResultColumn>& columns);

 private:
  friend class StatementRef;
  PyRef text_;
  std::shared_ptr<Statement> statement_;
  uint32_t parameter_count_;
  const ParameterTarget* parameter_targets_;
  bool returns_rows_;
  bool is_insert_;
  bool is_dml_;
  GilRelease::When gil_release_;
  PyRef parameter_names_;
  std::shared_ptr<ColumnNames> columns_;
  SharedCount references_{0};
};

// A counted reference to a cached statement. std::shared_ptr would count with locked instructions
// on each execution, which the GIL makes needless.
class StatementRef {
 public:
  StatementRef() = default;
  explicit StatementRef(CachedStatement* made) : pointer_(made) { Retain(); }
  StatementRef(const StatementRef& other) : pointer_(other.pointer_) { Retain(); }
  StatementRef(StatementRef&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
  StatementRef& operator=(StatementRef other) noexcept {
    std::swap(pointer_, other.pointer_);
    return *this;
  }
  ~StatementRef() {
    if (pointer_ != nullptr && --pointer_->references_ == 0) delete pointer_;
  }

  CachedStatement* operator->() const { return pointer_; }
  CachedStatement* get() const { return pointer_; }
  explicit operator bool() const { return pointer_ != nullptr; }

 private:
  void Retain() {
    if (pointer_ != nullptr) ++pointer_->references_;
  }
  CachedStatement* pointer_ = nullptr;
};

struct CacheStatistics {
  int64_t identity_hits = 0;  // the same str object
  int64_t hash_hits = 0;      // an equal one
  int64_t misses = 0;
  int64_t evictions = 0;
};

// One per connection; its lock (or the GIL) protects it. Looked up by the identity of the str
// first: a slot owns a reference to it, so no other str can come to have its address; then by the
// hash that a str keeps.
class StatementCache {
 public:
  // `capacity` 0: nothing is kept.
  explicit StatementCache(size_t capacity);
  ~StatementCache() { Clear(); }

  // The statement of `text`, an exact str; empty when it is not here.
  const StatementRef* Find(PyObject* text);
  // Keeps `statement` under its text. REQUIRES: Find did not give one.
  void Insert(const StatementRef& statement);
  // As Find, but nothing is counted or moved.
  bool Contains(PyObject* text) const;
  // Forgets all statements, not the statistics.
  void Clear();

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  const CacheStatistics& statistics() const { return statistics_; }
  void CountMiss() { ++statistics_.misses; }

 private:
  static constexpr size_t kSlots = 64;
  static constexpr uint32_t kNoNode = 0xFFFFFFFFu;  // ends a chain
  struct Slot {
    PyRef text;
    uint32_t node = kNoNode;
  };
  static size_t SlotOf(PyObject* text) { return reinterpret_cast<uintptr_t>(text) / 16 % kSlots; }
  size_t BucketOf(Py_hash_t hash) const { return static_cast<size_t>(hash) % buckets_.size(); }
  uint32_t Lookup(PyObject* text, Py_hash_t hash) const;
  void Touch(uint32_t node);
  void Unlink(uint32_t node);
  void LinkNewest(uint32_t node);
  void Grow();
  StatementRef Evict();

  struct Node {
    StatementRef statement;
    Py_hash_t hash = 0;
    uint32_t next_in_bucket = kNoNode;
    uint32_t newer = kNoNode;
    uint32_t older = kNoNode;
  };
  size_t capacity_;
  size_t size_ = 0;
  std::vector<Node> nodes_;
  std::vector<uint32_t> buckets_;
  uint32_t newest_ = kNoNode;
  uint32_t oldest_ = kNoNode;
  Slot slots_[kSlots];
  CacheStatistics statistics_;
};

}  // namespace tupelo

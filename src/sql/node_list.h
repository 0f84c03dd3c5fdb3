// sql/node_list.h: a list that grows in an arena while it is parsed.
#pragma once

#include <cstring>
#include <type_traits>

#include "base/arena.h"
#include "sql/ast.h"

namespace tupelo::ast {

// Doubles when it is full; what it outgrew stays in the arena. Not thread-safe.
template <typename T>
class NodeList {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit NodeList(Arena& arena, size_t first_capacity = 4)
      : arena_(&arena), first_capacity_(first_capacity) {}

  void Add(const T& item) {
    if (size_ == capacity_) Grow();
    new (items_ + size_++) T(item);
  }
  size_t size() const { return size_; }
  const T& operator[](size_t i) const { return items_[i]; }

  // Valid as long as the arena.
  List<T> Finish() const { return {items_, size_}; }

 private:
  void Grow() {
    size_t capacity = capacity_ == 0 ? first_capacity_ : capacity_ * 2;
    T* items = arena_->NewArray<T>(capacity);
    if (size_ > 0) std::memcpy(static_cast<void*>(items), items_, size_ * sizeof(T));
    items_ = items;
    capacity_ = capacity;
  }

  Arena* arena_;
  T* items_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
  size_t first_capacity_;
};

}  // namespace tupelo::ast

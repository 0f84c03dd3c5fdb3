// base/work_array.h: a growing array of what a statement collects, perhaps in a temporary file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/interruption_scope.h"
#include "base/work_memory.h"

namespace tupelo {

// As std::vector, for values that may be copied byte by byte. Much of it is work memory of the
// statement that the calling thread works for (base/work_memory.h). Copying and filling much is
// done in steps, between which the statement may end.
template <typename T>
class WorkArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  WorkArray() = default;
  ~WorkArray() { FreeWork(data_, capacity_ * sizeof(T), owner_); }
  WorkArray(WorkArray&& other) noexcept { swap(other); }
  WorkArray& operator=(WorkArray&& other) noexcept {
    WorkArray taken(std::move(other));
    swap(taken);
    return *this;
  }
  WorkArray(const WorkArray&) = delete;
  WorkArray& operator=(const WorkArray&) = delete;
  void swap(WorkArray& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    owner_.swap(other.owner_);
  }

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }

  void clear() { size_ = 0; }
  void reserve(size_t count) {
    if (count > capacity_) Grow(count);
  }
  void push_back(T value) {
    if (size_ == capacity_) Grow(size_ + 1);
    data_[size_++] = value;
  }
  // Those that are new are equal to `value`.
  void resize(size_t count, const T& value = T()) {
    if (count > size_) {
      T filling = value;
      if (count > capacity_) Grow(count);
      InSteps(size_, count,
              [&](size_t from, size_t to) { std::fill(data_ + from, data_ + to, filling); });
    }
    size_ = count;
  }
  void assign(size_t count, const T& value) {
    size_ = 0;
    resize(count, value);
  }
  // Much that will only be read now and then goes to a file.
  void WriteOut() {
    if (size_ > 0) MoveTo(size_, true);
  }
  // Those that are new are not initialized.
  void ResizeForOverwrite(size_t count) {
    reserve(count);
    size_ = count;
  }
  // Appends `count` values from `source` on, which are not of this array.
  void Append(const T* source, size_t count) {
    if (size_ + count > capacity_) Grow(size_ + count);
    InSteps(0, count, [&](size_t from, size_t to) {
      std::memcpy(static_cast<void*>(data_ + size_ + from), source + from, (to - from) * sizeof(T));
    });
    size_ += count;
  }

 private:
  static constexpr size_t kFewest = std::max<size_t>(1, 64 / sizeof(T));
  static constexpr size_t kStep = std::max<size_t>(1, (size_t{1} << 20) / sizeof(T));

  template <typename Step>
  static void InSteps(size_t begin, size_t end, Step&& step) {
    while (end - begin > kStep) {
      step(begin, begin + kStep);
      begin += kStep;
      CheckInterruption();
    }
    if (begin < end) step(begin, end);
  }
  void Grow(size_t wanted) { MoveTo(std::max({wanted, 2 * capacity_, kFewest}), false); }
  void MoveTo(size_t capacity, bool in_file) {
    WorkArray larger;
    larger.data_ = static_cast<T*>(AllocateWork(capacity * sizeof(T), in_file, &larger.owner_));
    larger.capacity_ = capacity;
    if (size_ > 0) larger.Append(data_, size_);
    swap(larger);
  }

  T* data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
  std::shared_ptr<WorkMemory> owner_;
};

}  // namespace tupelo

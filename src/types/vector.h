// types/vector.h: up to 2,048 values of one column: a typed array and a validity bitmap.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/arena.h"
#include "base/scratch_array.h"
#include "types/string_ref.h"
#include "types/type.h"

namespace tupelo {

class StringDictionary;

inline constexpr uint32_t kVectorSize = 2048;
inline constexpr uint32_t kValidityWords = kVectorSize / 64;

// Which rows of a vector set a loop runs over: `rows[0..count)`, or 0..count-1 where rows is
// nullptr.
struct Rows {
  const uint16_t* rows = nullptr;
  uint32_t count = 0;
  uint32_t operator[](uint32_t i) const { return rows == nullptr ? i : rows[i]; }
  bool is_dense() const { return rows == nullptr; }
};

// Runs `body(row)` for each row; the dense form is a loop that the compiler can vectorize.
template <typename Body>
inline void ForEachRow(Rows rows, Body&& body) {
  if (rows.is_dense()) {
    for (uint32_t row = 0; row < rows.count; ++row) body(row);
  } else {
    for (uint32_t i = 0; i < rows.count; ++i) body(static_cast<uint32_t>(rows.rows[i]));
  }
}

// The strings of a vector as numbers of a dictionary: codes[row] for each row that is there, 0
// where it is null.
struct StringCodes {
  const StringDictionary* dictionary = nullptr;
  const uint8_t* codes = nullptr;
};

// A column of a vector set. Two forms: flat (value i belongs to row i) and constant (the value and
// validity at 0 stand for every row). The array is either the vector's own (PrepareWrite) or
// borrowed (Reference, Borrow), and then lives as long as its owner says: until the owner's next
// step. Values of null rows are unspecified but initialized. Strings of few different values may
// have codes() beside the array, for those who can do something once a value. Not thread-safe; not
// copyable: use Reference.
class Vector {
 public:
  Vector() = default;
  explicit Vector(const Type& type) { SetType(type); }
  Vector(Vector&&) = default;
  Vector& operator=(Vector&&) = default;

  const Type& type() const { return shown_.type; }
  PhysicalType physical() const { return shown_.physical; }
  void SetType(const Type& type) {
    shown_.type = type;
    shown_.physical = type.physical();
  }

  bool is_constant() const { return shown_.constant; }
  void SetConstant(bool constant) { shown_.constant = constant; }

  // nullptr where there are none, as in the constant form.
  const StringCodes* codes() const { return shown_.constant ? nullptr : shown_.codes; }
  // They must live as long as the array that is shown. REQUIRES: they say the same as it.
  void SetCodes(const StringCodes* codes) { shown_.codes = codes; }

  template <typename T>
  const T* Data() const {
    return static_cast<const T*>(shown_.data);
  }
  template <typename T>
  T* MutableData() {
    return static_cast<T*>(shown_.data);
  }
  void* RawData() { return shown_.data; }
  const void* RawData() const { return shown_.data; }

  // nullptr when nothing is null. Bit set = the value is not null.
  const uint64_t* validity() const { return shown_.validity; }
  bool may_have_nulls() const { return shown_.validity != nullptr; }
  // Validity of the value that stands for `row`, whatever the form.
  bool IsValid(uint32_t row) const {
    if (shown_.validity == nullptr) return true;
    if (shown_.constant) row = 0;
    return (shown_.validity[row / 64] >> (row % 64)) & 1;
  }
  // Index into Data() of the value that stands for `row`.
  uint32_t Index(uint32_t row) const { return shown_.constant ? 0 : row; }
  template <typename T>
  const T& At(uint32_t row) const {
    return Data<T>()[Index(row)];
  }

  // Makes the vector's own array of at least `capacity` values the current one, flat and all valid,
  // and forgets strings made before. Grows in powers of two; never shrinks; what was in it is
  // unspecified afterwards (of strings: may dangle until written). Call before writing.
  void PrepareWrite(uint32_t capacity = kVectorSize) {
    size_t bytes = capacity * WidthBytes(shown_.physical);
    if (bytes > own_bytes_) GrowOwnArray(capacity);
    shown_.data = own_data_.get();
    shown_.validity = nullptr;
    shown_.codes = nullptr;
    shown_.constant = false;
    capacity_ = capacity;
    if (heap_ != nullptr) heap_->Reset();
  }

  // Makes room for `capacity` values at least, keeping the first `keep` of them, their validity and
  // their strings. REQUIRES: the vector's own array is the current one.
  void EnsureCapacity(uint32_t keep, uint32_t capacity) {
    if (capacity > capacity_) GrowKeeping(keep, capacity);
  }

  // Marks a row null (all rows become explicit). REQUIRES: PrepareWrite before.
  void SetNull(uint32_t row) {
    if (shown_.validity == nullptr) MakeOwnValidity();
    own_validity_[row / 64] &= ~(uint64_t{1} << (row % 64));
  }
  void SetValid(uint32_t row) {
    if (shown_.validity != nullptr) own_validity_[row / 64] |= uint64_t{1} << (row % 64);
  }
  // A bitmap to write to, all ones if there was none; capacity as in PrepareWrite.
  uint64_t* MutableValidity() {
    if (shown_.validity == nullptr) MakeOwnValidity();
    return own_validity_.get();
  }
  void SetAllValid() { shown_.validity = nullptr; }
  // Constant null of the vector's type.
  void SetConstantNull();

  // The arena for strings longer than 12 bytes that this vector's rows point to.
  Arena& heap() {
    if (heap_ == nullptr) heap_ = std::make_unique<Arena>(kFirstHeapBytes);
    return *heap_;
  }
  // A string whose bytes live in heap().
  StringRef CopyToHeap(std::string_view text) {
    if (text.size() <= StringRef::kInlineBytes) return StringRef(text);
    return StringRef(heap().CopyString(text));
  }

  // Shows the same values as `other` (form, array, validity, codes; strings not copied). `other`'s
  // owner must outlive the use.
  void Reference(const Vector& other) { shown_ = other.shown_; }
  // Shows a foreign array. `validity` may be nullptr (nothing null).
  void Borrow(void* data, const uint64_t* validity) {
    shown_.constant = false;
    shown_.codes = nullptr;
    shown_.data = data;
    shown_.validity = const_cast<uint64_t*>(validity);
  }

  // Copies the values of `rows` of `source` to positions [at, at + rows.count) of this one
  // (strings' bytes too when copy_strings). REQUIRES: own array with room, same physical type.
  void Append(uint32_t at, const Vector& source, Rows rows, bool copy_strings);

 private:
  static constexpr size_t kFirstHeapBytes = 512;

  void GrowOwnArray(uint32_t capacity);
  void GrowKeeping(uint32_t keep, uint32_t capacity);
  // REQUIRES: the own array is the current one.
  void MakeOwnValidity();

  // What a reference shares with its source; copied as one piece.
  struct Shown {
    void* data = nullptr;
    uint64_t* validity = nullptr;
    const StringCodes* codes = nullptr;
    Type type;
    PhysicalType physical = PhysicalType::kBool;
    bool constant = false;
  };
  Shown shown_;
  uint32_t capacity_ = 0;  // rows of the last PrepareWrite
  uint32_t own_validity_words_ = 0;
  size_t own_bytes_ = 0;
  ScratchArray<char> own_data_;  // zeroed when allocated
  std::unique_ptr<uint64_t[]> own_validity_;
  std::unique_ptr<Arena> heap_;
};

}  // namespace tupelo

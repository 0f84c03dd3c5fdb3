// types/vector.cpp: the vector's own array and bitmap, and copying rows into them.
#include "types/vector.h"

#include <algorithm>
#include <bit>

namespace tupelo {

namespace {

constexpr uint32_t kFirstCapacity = 16;

template <typename T>
void CopyRows(T* __restrict to, const Vector& source, Rows rows) {
  const T* from = source.Data<T>();
  if (source.is_constant()) {
    std::fill_n(to, rows.count, from[0]);
  } else if (rows.is_dense()) {
    std::memcpy(to, from, rows.count * sizeof(T));
  } else {
    for (uint32_t i = 0; i < rows.count; ++i) to[i] = from[rows.rows[i]];
  }
}

}  // namespace

void Vector::GrowOwnArray(uint32_t capacity) {
  size_t bytes = std::bit_ceil(std::max(capacity, kFirstCapacity)) * WidthBytes(shown_.physical);
  own_data_ = MakeScratchArray<char>(bytes);
  // Values of null rows are read, if not used: not anything will do as a bool, date or string.
  std::memset(own_data_.get(), 0, bytes);
  own_bytes_ = bytes;
}

void Vector::MakeOwnValidity() {
  assert(shown_.data == own_data_.get());
  uint32_t words = std::max(1u, (capacity_ + 63) / 64);
  if (words > own_validity_words_) {
    own_validity_words_ = std::bit_ceil(words);
    own_validity_ = std::make_unique<uint64_t[]>(own_validity_words_);
  }
  std::fill_n(own_validity_.get(), words, ~uint64_t{0});
  shown_.validity = own_validity_.get();
}

void Vector::GrowKeeping(uint32_t keep, uint32_t capacity) {
  assert(shown_.data == own_data_.get() && keep <= capacity_);
  size_t width = WidthBytes(shown_.physical);
  capacity = std::max(capacity, std::min(kVectorSize, 2 * capacity_));
  if (capacity * width > own_bytes_) {
    ScratchArray<char> old = std::move(own_data_);
    GrowOwnArray(capacity);
    if (keep != 0) std::memcpy(own_data_.get(), old.get(), keep * width);
    shown_.data = own_data_.get();
  }
  capacity_ = capacity;
  if (shown_.validity == nullptr) return;
  uint32_t kept_words = (keep + 63) / 64;
  std::unique_ptr<uint64_t[]> old = std::move(own_validity_);
  own_validity_words_ = 0;
  shown_.validity = nullptr;
  MakeOwnValidity();
  for (uint32_t i = 0; i < kept_words; ++i) own_validity_[i] = old[i];
  if (keep % 64 != 0) own_validity_[keep / 64] |= ~uint64_t{0} << (keep % 64);
}

void Vector::SetConstantNull() {
  PrepareWrite(1);
  std::memset(shown_.data, 0, WidthBytes(shown_.physical));
  SetNull(0);
  shown_.constant = true;
}

void Vector::Append(uint32_t at, const Vector& source, Rows rows, bool copy_strings) {
  assert(shown_.data == own_data_.get() && at + rows.count <= capacity_);
  assert(shown_.physical == source.shown_.physical);
  if (rows.count == 0) return;
  size_t width = WidthBytes(shown_.physical);
  char* to = static_cast<char*>(shown_.data) + at * width;
  if (shown_.physical == PhysicalType::kString && copy_strings) {
    auto* strings = reinterpret_cast<StringRef*>(to);
    for (uint32_t i = 0; i < rows.count; ++i) {
      uint32_t row = rows[i];
      strings[i] = source.IsValid(row) ? CopyToHeap(source.At<StringRef>(row).view()) : StringRef();
    }
  } else {
    switch (width) {
      case 1: CopyRows(reinterpret_cast<uint8_t*>(to), source, rows); break;
      case 2: CopyRows(reinterpret_cast<uint16_t*>(to), source, rows); break;
      case 4: CopyRows(reinterpret_cast<uint32_t*>(to), source, rows); break;
      case 8: CopyRows(reinterpret_cast<uint64_t*>(to), source, rows); break;
      default: CopyRows(reinterpret_cast<StringRef*>(to), source, rows); break;
    }
  }
  if (!source.may_have_nulls()) {
    if (shown_.validity == nullptr) return;
    for (uint32_t i = 0; i < rows.count; ++i) SetValid(at + i);
    return;
  }
  uint64_t* validity = MutableValidity();
  for (uint32_t i = 0; i < rows.count; ++i) {
    uint32_t row = at + i;
    uint64_t bit = uint64_t{1} << (row % 64);
    uint64_t valid = source.IsValid(rows[i]) ? bit : 0;
    validity[row / 64] = (validity[row / 64] & ~bit) | valid;
  }
}

}  // namespace tupelo

// exec/code_results.cpp: looking results up by code.
#include "exec/code_results.h"

#include <algorithm>
#include <cstring>

namespace tupelo {

void CodeResults::Begin(const StringDictionary& dictionary, uint64_t run) {
  dictionary_id_ = dictionary.id();
  run_ = run;
  known_size_ = 1;
  has_null_ = false;
  std::fill_n(is_known_, kCodes, false);
  values_.Borrow(const_cast<StringRef*>(dictionary.values()), StringDictionary::validity());
  known_.PrepareWrite(kCodes);
  dictionary_.reset();
}

Rows CodeResults::Missing(const Vector& argument, Rows rows, uint64_t run, bool may_fail) {
  const StringDictionary& dictionary = *argument.codes()->dictionary;
  const uint8_t* codes = argument.codes()->codes;
  if (dictionary.id() != dictionary_id_ || run != run_) Begin(dictionary, run);
  may_fail_ = may_fail;
  uint32_t size = dictionary.size();
  bool is_null_known = is_known_[0] || !argument.may_have_nulls();
  if (known_size_ >= size && is_null_known) return {missing_, 0};
  uint32_t count = 0;
  if (!may_fail && rows.count >= size) {
    for (uint32_t code = is_null_known ? 1 : 0; code < size; ++code) {
      missing_[count] = static_cast<uint16_t>(code);
      count += !is_known_[code];
    }
    return {missing_, count};
  }
  ForEachRow(rows, [&](uint32_t row) {
    uint8_t code = codes[row];
    if (is_known_[code]) return;
    is_known_[code] = true;
    missing_[count++] = code;
  });
  return {missing_, count};
}

void CodeResults::Keep(Rows codes) {
  bool is_string = known_.physical() == PhysicalType::kString;
  size_t width = WidthBytes(known_.physical());
  auto* to = static_cast<char*>(known_.RawData());
  const auto* from = static_cast<const char*>(fresh_.RawData());
  for (uint32_t i = 0; i < codes.count; ++i) {
    uint32_t code = codes[i];
    bool is_valid = fresh_.IsValid(code);
    if (!is_valid) {
      known_.SetNull(code);
      has_null_ |= code != 0;
    }
    if (!is_string) {
      std::memcpy(to + code * width, from + code * width, width);
    } else {
      known_.MutableData<StringRef>()[code] =
          is_valid ? known_.CopyToHeap(fresh_.Data<StringRef>()[code].view()) : StringRef();
    }
    is_known_[code] = true;
  }
  while (known_size_ < kCodes && is_known_[known_size_]) ++known_size_;
}

namespace {

template <typename T>
void LookUp(const Vector& known, const uint8_t* codes, Rows rows, Vector* result) {
  const T* values = known.Data<T>();
  T* __restrict out = result->MutableData<T>();
  ForEachRow(rows, [&](uint32_t row) { out[row] = values[codes[row]]; });
}

}  // namespace

void CodeResults::Fill(const Vector& argument, Rows rows, Vector* result) {
  uint32_t capacity = rows.is_dense() ? rows.count : kVectorSize;
  result->PrepareWrite(capacity);
  const uint8_t* codes = argument.codes()->codes;
  switch (WidthBytes(result->physical())) {
    case 1: LookUp<uint8_t>(known_, codes, rows, result); break;
    case 2: LookUp<uint16_t>(known_, codes, rows, result); break;
    case 4: LookUp<uint32_t>(known_, codes, rows, result); break;
    case 8: LookUp<uint64_t>(known_, codes, rows, result); break;
    default: LookUp<StringRef>(known_, codes, rows, result); break;  // any 16 bytes
  }
  if (has_null_ || (argument.may_have_nulls() && !known_.IsValid(0))) {
    ForEachRow(rows, [&](uint32_t row) {
      if (!known_.IsValid(codes[row])) result->SetNull(row);
    });
  }
  if (result->physical() == PhysicalType::kString) result->SetCodes(CodesOf(argument));
}

// The results as codes of a dictionary: those of the argument, when null is null here and there.
const StringCodes* CodeResults::CodesOf(const Vector& argument) {
  uint32_t size = argument.codes()->dictionary->size();
  bool keeps_null = !argument.may_have_nulls() || !known_.IsValid(0);
  if (may_fail_ || has_null_ || !keeps_null || known_size_ < size) return nullptr;
  if (dictionary_ == nullptr) dictionary_ = std::make_unique<StringDictionary>();
  while (dictionary_->size() < known_size_) {
    dictionary_->Add(known_.Data<StringRef>()[dictionary_->size()]);
  }
  codes_ = {dictionary_.get(), argument.codes()->codes};
  return &codes_;
}

}  // namespace tupelo

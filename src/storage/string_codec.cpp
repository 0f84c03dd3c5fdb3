// storage/string_codec.cpp: a dictionary where there are few different strings, front coding where
// neighbours begin alike, else one behind the other. The general compressor comes after that.
#include "storage/string_codec.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "storage/btree_node.h"
#include "storage/column_block.h"
#include "storage/integer_codec.h"
#include "storage/long_values.h"

namespace tupelo {

namespace {

enum class Encoding : uint8_t { kPlain = 0, kDictionary = 1, kFrontCoded = 2 };

bool IsPresent(const uint64_t* present, size_t i) {
  return present == nullptr || (present[i / 64] >> (i % 64) & 1) != 0;
}

class Dictionary {
 public:
  // False: there are too many different ones for it to pay.
  bool Build(const StringRef* texts, size_t count, const uint64_t* present) {
    size_t most = count / 2;
    size_t slots = 64;
    while (slots < 2 * count) slots *= 2;
    table_.assign(slots, 0);
    codes_.resize(count);
    int64_t code = 0;
    for (size_t i = 0; i < count; ++i) {
      if (IsPresent(present, i)) {
        code = CodeOf(texts[i]);
        if (entries_.size() > most) return false;
        // Mostly different at the beginning: mostly different in all.
        if (i == 255 && entries_.size() > 200) return false;
      }
      codes_[i] = code;
    }
    if (entries_.empty()) entries_.emplace_back();
    return true;
  }
  const std::vector<StringRef>& entries() const { return entries_; }
  const std::vector<int64_t>& codes() const { return codes_; }

 private:
  int64_t CodeOf(const StringRef& text) {
    size_t slot = XXH3_64bits(text.data(), text.size()) & (table_.size() - 1);
    while (table_[slot] != 0) {
      if (entries_[table_[slot] - 1u] == text) return table_[slot] - 1;
      slot = (slot + 1) & (table_.size() - 1);
    }
    entries_.push_back(text);
    table_[slot] = static_cast<uint16_t>(entries_.size());
    return table_[slot] - 1;
  }
  std::vector<uint16_t> table_;  // number of the entry and one, or 0
  std::vector<StringRef> entries_;
  std::vector<int64_t> codes_;
};

struct FrontCoded {
  std::vector<int64_t> shared, rest;
  size_t rest_bytes = 0;

  // False: it does not pay.
  bool Build(const StringRef* texts, size_t count, const uint64_t* present, size_t total_bytes) {
    shared.resize(count);
    rest.resize(count);
    std::string_view previous;
    for (size_t i = 0; i < count; ++i) {
      if (!IsPresent(present, i)) {
        shared[i] = static_cast<int64_t>(previous.size());
        rest[i] = 0;
        continue;
      }
      std::string_view text = texts[i].view();
      if (text.size() > kLongestInBlock) return false;
      size_t common =
          CommonPrefix(reinterpret_cast<const uint8_t*>(previous.data()), previous.size(),
                       reinterpret_cast<const uint8_t*>(text.data()), text.size());
      shared[i] = static_cast<int64_t>(common);
      rest[i] = static_cast<int64_t>(text.size() - common);
      rest_bytes += text.size() - common;
      previous = text;
    }
    return rest_bytes + count / 2 < total_bytes / 4 * 3;
  }
};

void AppendLengthsAndBytes(const StringRef* texts, size_t count, const uint64_t* present,
                           ByteVector* out) {
  std::vector<int64_t> lengths(count);
  size_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    lengths[i] = IsPresent(present, i) ? texts[i].size() : 0;
    total += static_cast<size_t>(lengths[i]);
  }
  EncodeIntegers(lengths.data(), count, out);
  size_t at = out->size();
  out->resize(at + total);
  for (size_t i = 0; i < count; ++i) {
    std::memcpy(out->data() + at, texts[i].data(), static_cast<size_t>(lengths[i]));
    at += static_cast<size_t>(lengths[i]);
  }
}

StringRef Store(ColumnBlock* block, const uint8_t* bytes, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (size <= StringRef::kInlineBytes) return StringRef(text);
  if (block->heap == nullptr) block->heap = StringHeap::Create(block->pool);
  return block->heap->Add(text);
}

void DecodeLengthsAndBytes(ByteReader* reader, size_t count, ColumnBlock* block, StringRef* texts) {
  std::vector<int64_t> lengths(count);
  DecodeIntegers(reader, count, lengths.data());
  size_t total = 0;
  for (int64_t length : lengths) {
    if (length < 0 || static_cast<uint64_t>(length) > reader->left() - total) {
      ThrowDamaged("strings are longer than their bytes");
    }
    total += static_cast<size_t>(length);
  }
  const uint8_t* bytes = reader->TakeBytes(total).data();
  for (size_t i = 0; i < count; ++i) {
    texts[i] = Store(block, bytes, static_cast<size_t>(lengths[i]));
    bytes += lengths[i];
  }
}

void DecodeDictionary(ByteReader* reader, size_t count, ColumnBlock* block) {
  size_t entries = reader->Take<uint16_t>();
  if (entries == 0 || entries > count) ThrowDamaged("a dictionary is larger than its block");
  std::vector<StringRef> texts(entries);
  DecodeLengthsAndBytes(reader, entries, block, texts.data());
  std::vector<int64_t> codes(count);
  DecodeIntegers(reader, count, codes.data());
  uint64_t largest = 0;
  for (int64_t code : codes) largest = std::max(largest, static_cast<uint64_t>(code));
  if (largest >= entries) ThrowDamaged("a string is not in its dictionary");
  auto* values = block->values<StringRef>();
  for (size_t i = 0; i < count; ++i) values[i] = texts[static_cast<size_t>(codes[i])];
}

void DecodeFrontCoded(ByteReader* reader, size_t count, ColumnBlock* block) {
  std::vector<int64_t> shared(count), rest(count);
  DecodeIntegers(reader, count, shared.data());
  DecodeIntegers(reader, count, rest.data());
  auto* values = block->values<StringRef>();
  uint8_t text[kLongestInBlock];
  size_t size = 0;
  for (size_t i = 0; i < count; ++i) {
    if (shared[i] < 0 || static_cast<uint64_t>(shared[i]) > size || rest[i] < 0 ||
        static_cast<uint64_t>(rest[i]) > kLongestInBlock - static_cast<uint64_t>(shared[i])) {
      ThrowDamaged("a string has more in common with the one before it than that is long");
    }
    auto common = static_cast<size_t>(shared[i]), more = static_cast<size_t>(rest[i]);
    CopyBytes(text + common, reader->TakeBytes(more).data(), more);
    size = common + more;
    values[i] = Store(block, text, size);
  }
}

}  // namespace

void EncodeStrings(const StringRef* texts, size_t count, const uint64_t* present, ByteVector* out) {
  Dictionary dictionary;
  if (dictionary.Build(texts, count, present)) {
    AppendNumber(Encoding::kDictionary, out);
    AppendNumber(static_cast<uint16_t>(dictionary.entries().size()), out);
    AppendLengthsAndBytes(dictionary.entries().data(), dictionary.entries().size(), nullptr, out);
    EncodeIntegers(dictionary.codes().data(), count, out);
    return;
  }
  size_t total = 0;
  for (size_t i = 0; i < count; ++i) total += IsPresent(present, i) ? texts[i].size() : 0;
  FrontCoded front;
  if (!front.Build(texts, count, present, total)) {
    AppendNumber(Encoding::kPlain, out);
    AppendLengthsAndBytes(texts, count, present, out);
    return;
  }
  AppendNumber(Encoding::kFrontCoded, out);
  EncodeIntegers(front.shared.data(), count, out);
  EncodeIntegers(front.rest.data(), count, out);
  for (size_t i = 0; i < count; ++i) {
    AppendBytes(texts[i].data() + front.shared[i] * (front.rest[i] > 0 ? 1 : 0),
                static_cast<size_t>(front.rest[i]), out);
  }
}

void DecodeStrings(ByteReader* reader, size_t count, ColumnBlock* block) {
  switch (reader->Take<Encoding>()) {
    case Encoding::kPlain:
      DecodeLengthsAndBytes(reader, count, block, block->values<StringRef>());
      return;
    case Encoding::kDictionary: DecodeDictionary(reader, count, block); return;
    case Encoding::kFrontCoded: DecodeFrontCoded(reader, count, block); return;
  }
  ThrowDamaged("strings of an unknown encoding");
}

}  // namespace tupelo

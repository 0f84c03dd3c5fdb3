// storage/btree_codec.cpp: keys column by column.
#include "storage/btree_codec.h"

#include <algorithm>
#include <cassert>

#include "storage/btree_node.h"
#include "storage/integer_codec.h"

namespace tupelo {

namespace {

enum class Layout : uint8_t { kVarying = 0, kFixed = 1 };

constexpr size_t kLongestFixed = 8;

const uint8_t* BytesOf(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

uint64_t LoadBigEndian(const uint8_t* bytes, size_t count) {
  uint64_t number = 0;
  for (size_t i = 0; i < count; ++i) number = number << 8 | bytes[i];
  return number;
}

void StoreBigEndian(uint64_t number, size_t count, uint8_t* bytes) {
  for (size_t i = count; i-- > 0; number >>= 8) bytes[i] = static_cast<uint8_t>(number);
}

void AppendVarying(std::span<const std::string_view> keys, size_t prefix, ByteVector* out) {
  std::vector<int64_t> shared(keys.size()), rest(keys.size());
  std::string_view previous = keys[0].substr(0, prefix);
  for (size_t i = 0; i < keys.size(); ++i) {
    size_t common =
        CommonPrefix(BytesOf(previous), previous.size(), BytesOf(keys[i]), keys[i].size());
    shared[i] = static_cast<int64_t>(common - prefix);
    rest[i] = static_cast<int64_t>(keys[i].size() - common);
    previous = keys[i];
  }
  EncodeIntegers(shared.data(), keys.size(), out);
  EncodeIntegers(rest.data(), keys.size(), out);
  for (size_t i = 0; i < keys.size(); ++i) {
    auto count = static_cast<size_t>(rest[i]);
    AppendBytes(keys[i].data() + keys[i].size() - count, count, out);
  }
}

// The number of keys, and the keys.
void AppendKeys(std::span<const std::string_view> keys, ByteVector* out) {
  size_t prefix = keys.empty() ? 0 : keys[0].size();
  bool same_size = true;
  for (std::string_view key : keys) {
    same_size = same_size && key.size() == keys[0].size();
    prefix =
        std::min(prefix, CommonPrefix(BytesOf(keys[0]), keys[0].size(), BytesOf(key), key.size()));
  }
  bool fixed = !keys.empty() && same_size && keys[0].size() - prefix <= kLongestFixed;
  AppendNumber(static_cast<uint16_t>(keys.size()), out);
  AppendNumber(fixed ? Layout::kFixed : Layout::kVarying, out);
  AppendNumber(uint8_t{0}, out);
  if (keys.empty()) return;
  AppendNumber(static_cast<uint16_t>(prefix), out);
  AppendBytes(keys[0].data(), prefix, out);
  if (!fixed) return AppendVarying(keys, prefix, out);
  size_t rest = keys[0].size() - prefix;
  AppendNumber(static_cast<uint8_t>(rest), out);
  std::vector<int64_t> numbers;
  numbers.reserve(keys.size());
  for (std::string_view key : keys) {
    numbers.push_back(static_cast<int64_t>(LoadBigEndian(BytesOf(key) + prefix, rest)));
  }
  EncodeIntegers(numbers.data(), numbers.size(), out);
}

// Appends keys with room for `tail` bytes behind each.
class KeyReader {
 public:
  KeyReader(ByteReader* reader, size_t tail, EntryList* out)
      : reader_(reader), tail_(tail), out_(out) {}

  // How many there are.
  size_t Read() {
    size_t count = reader_->Take<uint16_t>();
    auto layout = reader_->Take<Layout>();
    if (reader_->Take<uint8_t>() != 0 || layout > Layout::kFixed) {
      ThrowDamaged("a node of an unknown layout");
    }
    if (count == 0) return 0;
    size_t prefix = reader_->Take<uint16_t>();
    if (prefix > kMaxBTreeEntryBytes) ThrowDamaged("a key is too long");
    std::memcpy(key_, reader_->TakeBytes(prefix).data(), prefix);
    if (layout == Layout::kFixed) {
      ReadFixed(count, prefix);
    } else {
      ReadVarying(count, prefix);
    }
    return count;
  }

 private:
  void AddKey(size_t size) {
    uint8_t* entry = out_->Extend(size + tail_);
    if (size > 0) std::memcpy(entry, key_, size);
    if (tail_ > 0) std::memset(entry + size, 0, tail_);
  }
  void ReadFixed(size_t count, size_t prefix) {
    size_t rest = reader_->Take<uint8_t>();
    if (rest > kLongestFixed || prefix + rest + tail_ > kMaxBTreeEntryBytes) {
      ThrowDamaged("a key is too long");
    }
    std::vector<int64_t> numbers(count);
    DecodeIntegers(reader_, count, numbers.data());
    for (int64_t number : numbers) {
      StoreBigEndian(static_cast<uint64_t>(number), rest, key_ + prefix);
      AddKey(prefix + rest);
    }
  }
  void ReadVarying(size_t count, size_t prefix) {
    std::vector<int64_t> shared(count), rest(count);
    DecodeIntegers(reader_, count, shared.data());
    DecodeIntegers(reader_, count, rest.data());
    size_t room = kMaxBTreeEntryBytes - tail_;
    if (prefix > room) ThrowDamaged("a key is too long");
    size_t size = prefix;
    for (size_t i = 0; i < count; ++i) {
      if (shared[i] < 0 || static_cast<uint64_t>(shared[i]) > size - prefix || rest[i] < 0 ||
          static_cast<uint64_t>(rest[i]) > room - prefix - static_cast<uint64_t>(shared[i])) {
        ThrowDamaged("a key has more in common with the one before it than that is long");
      }
      size_t common = prefix + static_cast<size_t>(shared[i]);
      auto more = static_cast<size_t>(rest[i]);
      std::memcpy(key_ + common, reader_->TakeBytes(more).data(), more);
      size = common + more;
      AddKey(size);
    }
  }

  ByteReader* reader_;
  size_t tail_;
  EntryList* out_;
  uint8_t key_[kMaxBTreeEntryBytes];
};

void CheckAscends(const EntryList& entries, size_t from) {
  for (size_t i = std::max<size_t>(from, 1); i < entries.size(); ++i) {
    if (entries[i - 1].compare(entries[i]) >= 0)
      ThrowDamaged("the entries of a node are not in order");
  }
}

void EncodeEntries(const EntryList& entries, size_t begin, size_t count, ByteVector* out) {
  std::vector<std::string_view> keys;
  std::vector<int64_t> rows;
  keys.reserve(count);
  rows.reserve(count);
  for (size_t i = begin; i < begin + count; ++i) {
    std::string_view entry = entries[i];
    assert(entry.size() >= kBTreeRowBytes && entry.size() <= kMaxBTreeEntryBytes);
    keys.push_back(entry.substr(0, entry.size() - kBTreeRowBytes));
    rows.push_back(static_cast<int64_t>(
        LoadBigEndian(BytesOf(entry) + entry.size() - kBTreeRowBytes, kBTreeRowBytes)));
  }
  AppendKeys(keys, out);
  EncodeIntegers(rows.data(), count, out);
}

}  // namespace

size_t EncodeLeaf(const EntryList& entries, size_t begin, size_t most_bytes, ByteVector* out) {
  assert(begin < entries.size());
  size_t at = out->size();
  size_t count = std::min(entries.size() - begin, kMostLeafEntries);
  while (true) {
    EncodeEntries(entries, begin, count, out);
    size_t bytes = out->size() - at;
    if (bytes <= most_bytes || count == 1) return count;
    out->resize(at);
    // As many as there would be room for if all took the same, and a little less.
    size_t fewer = count * most_bytes / bytes;
    count = std::max<size_t>(1, std::min(fewer - fewer / 32, count - 1));
  }
}

void DecodeLeaf(std::span<const uint8_t> payload, EntryList* entries) {
  ByteReader reader(payload);
  size_t begin = entries->size();
  size_t count = KeyReader(&reader, kBTreeRowBytes, entries).Read();
  if (count > kMostLeafEntries || count == 0) ThrowDamaged("a leaf has too many entries, or none");
  std::vector<int64_t> rows(count);
  DecodeIntegers(&reader, count, rows.data());
  reader.ExpectEnd();
  for (size_t i = 0; i < count; ++i) {
    if (rows[i] < 0 || rows[i] >> (8 * kBTreeRowBytes) != 0) ThrowDamaged("a row id is too large");
    uint8_t* end = entries->EndOf(begin + i);
    StoreBigEndian(static_cast<uint64_t>(rows[i]), kBTreeRowBytes, end - kBTreeRowBytes);
  }
  CheckAscends(*entries, begin);
}

void EncodeInner(const EntryList& separators, std::span<const ExtentAddress> children,
                 ByteVector* out) {
  assert(children.size() == separators.size() + 1);
  std::vector<std::string_view> keys;
  std::vector<int64_t> addresses;
  for (size_t i = 0; i < separators.size(); ++i) keys.push_back(separators[i]);
  for (const ExtentAddress& child : children) {
    addresses.push_back(static_cast<int64_t>(child.Pack()));
  }
  AppendKeys(keys, out);
  EncodeIntegers(addresses.data(), addresses.size(), out);
}

void DecodeInner(std::span<const uint8_t> payload, EntryList* separators,
                 std::vector<ExtentAddress>* children) {
  ByteReader reader(payload);
  separators->Clear();
  size_t count = KeyReader(&reader, 0, separators).Read();
  std::vector<int64_t> addresses(count + 1);
  DecodeIntegers(&reader, count + 1, addresses.data());
  reader.ExpectEnd();
  CheckAscends(*separators, 0);
  children->clear();
  for (int64_t address : addresses) {
    children->push_back(ExtentAddress::Unpack(static_cast<uint64_t>(address)));
    if (!children->back()) ThrowDamaged("a node has no address for one of its children");
  }
}

}  // namespace tupelo

// functions/recursion_path.cpp: paths of rows as byte strings (SQL:1999 part 2, 7.14).
//
//   depth first     the normalized keys of the rows, one after the other: no key is a prefix of
//                   another one, so a path is ordered before those that go on from it
//   breadth first   8 bytes: rows before this one, big-endian; then the key of the row
//   path of CYCLE   for each row: 4 bytes, the length of its key, big-endian; then the key
#include "functions/recursion_path.h"

#include <algorithm>

#include "types/normalized_key.h"

namespace tupelo {

namespace {

constexpr size_t kLevelBytes = 8;
constexpr size_t kLengthBytes = 4;

uint64_t LoadBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// The key of the columns, which are the arguments behind the first.
class RowKeys {
 public:
  explicit RowKeys(const KernelCall& call) : columns_(call.arguments.subspan(1)) {
    for (const Vector* column : columns_) types_.push_back({column->type()});
  }
  void Append(uint32_t row, KeyBuffer* key) const {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i]->IsValid(row)) {
        AppendKeyColumn(types_[i], *columns_[i], row, key);
      } else {
        AppendNullKey(types_[i], key);
      }
    }
  }

 private:
  std::span<const Vector* const> columns_;
  std::vector<KeyColumn> types_;
};

std::string_view PathOf(const KernelCall& call, uint32_t row) {
  const Vector& path = *call.arguments[0];
  return path.IsValid(row) ? path.At<StringRef>(row).view() : std::string_view();
}

// result[row] = what `append(path, row, key)` leaves in the key.
template <typename AppendRow>
void MakePaths(const KernelCall& call, AppendRow&& append) {
  call.result->PrepareWrite(call.rows.is_dense() ? std::max(call.rows.count, 1u) : kVectorSize);
  auto* out = call.result->MutableData<StringRef>();
  KeyBuffer key;
  ForEachRow(call.rows, [&](uint32_t row) {
    key.Clear();
    append(PathOf(call, row), row, &key);
    out[row] = call.result->CopyToHeap(key.view());
  });
}

void SearchDepth(const KernelCall& call) {
  RowKeys keys(call);
  MakePaths(call, [&](std::string_view path, uint32_t row, KeyBuffer* key) {
    if (!path.empty()) key->Append(path.data(), path.size());
    keys.Append(row, key);
  });
}

void SearchBreadth(const KernelCall& call) {
  RowKeys keys(call);
  MakePaths(call, [&](std::string_view path, uint32_t row, KeyBuffer* key) {
    uint64_t level = path.empty() ? 0 : LoadBigEndian(path.substr(0, kLevelBytes)) + 1;
    StoreBigEndian64(level, key->Extend(kLevelBytes));
    keys.Append(row, key);
  });
}

void PathAdd(const KernelCall& call) {
  RowKeys keys(call);
  MakePaths(call, [&](std::string_view path, uint32_t row, KeyBuffer* key) {
    if (!path.empty()) key->Append(path.data(), path.size());
    size_t length_at = key->size();
    key->Extend(kLengthBytes);
    keys.Append(row, key);
    StoreBigEndian32(static_cast<uint32_t>(key->size() - length_at - kLengthBytes),
                     key->data() + length_at);
  });
}

bool Has(std::string_view path, std::string_view key) {
  while (!path.empty()) {
    size_t length = LoadBigEndian(path.substr(0, kLengthBytes));
    if (path.substr(kLengthBytes, length) == key) return true;
    path.remove_prefix(kLengthBytes + length);
  }
  return false;
}

void PathHas(const KernelCall& call) {
  RowKeys keys(call);
  call.result->PrepareWrite(call.rows.is_dense() ? std::max(call.rows.count, 1u) : kVectorSize);
  auto* out = call.result->MutableData<uint8_t>();
  KeyBuffer key;
  ForEachRow(call.rows, [&](uint32_t row) {
    key.Clear();
    keys.Append(row, &key);
    out[row] = Has(PathOf(call, row), key.view()) ? 1 : 0;
  });
}

BoundFunction Make(std::string_view name, const Type& result, std::span<const Type> columns,
                   Kernel kernel) {
  BoundFunction function;
  function.name = name;
  function.result = result;
  function.argument_types.push_back(Type::Blob());
  function.argument_types.insert(function.argument_types.end(), columns.begin(), columns.end());
  function.kernel = kernel;
  function.may_fail = false;
  return function;
}

}  // namespace

BoundFunction SearchDepthFunction(std::span<const Type> columns) {
  return Make("SEARCH DEPTH FIRST", Type::Blob(), columns, SearchDepth);
}
BoundFunction SearchBreadthFunction(std::span<const Type> columns) {
  return Make("SEARCH BREADTH FIRST", Type::Blob(), columns, SearchBreadth);
}
BoundFunction PathHasFunction(std::span<const Type> columns) {
  return Make("PATH HAS", Type::Boolean(), columns, PathHas);
}
BoundFunction PathAddFunction(std::span<const Type> columns) {
  return Make("PATH ADD", Type::Blob(), columns, PathAdd);
}

}  // namespace tupelo

// exec/row_collection.cpp: appending, gathering and comparing.
#include "exec/row_collection.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "base/long_text.h"
#include "types/compare.h"

namespace tupelo {

namespace {

constexpr uint64_t kMaxRows = RowCollection::kNoRow - kVectorSize;
constexpr uint32_t kFirstCapacity = 64;
// Of temporary files, each at least twice the size of the one before.
constexpr size_t kFirstPieceBytes = size_t{1} << 18, kLargestPieceBytes = size_t{1} << 24;

[[noreturn]] void ThrowTooMany() {
  throw Error(ErrorCode::kProgramLimit,
              "a sort, join or grouping can hold at most " + std::to_string(kMaxRows) + " rows");
}

}  // namespace

void RowCollection::Init(std::vector<Type> types) {
  types_ = std::move(types);
  sets_.clear();
  places_.assign(types_.size(), {});
  has_nulls_.assign(types_.size(), 0);
  first_capacity_ = 0;
  row_count_ = 0;
  states_.clear();
  held_.Clear();
  pieces_.clear();
  writes_all_ = false;
}

void RowCollection::Clear() {
  row_count_ = 0;
  if (sets_.empty()) return;
  if (states_[0] == State::kWritten) return Init(std::move(types_));
  sets_.resize(1);
  states_.assign(1, State::kOpen);
  held_.Clear();
  pieces_.clear();
  writes_all_ = false;
  for (size_t i = 0; i < types_.size(); ++i) {
    sets_[0]->column(i).PrepareWrite(first_capacity_);
    places_[i].resize(1);
    has_nulls_[i] = 0;
  }
}

// The first set begins small and is copied when it grows: most results of point queries are a few
// rows. So is one that was written, when rows of it were forgotten.
void RowCollection::ProvideRoom(size_t set, uint32_t used, uint32_t wanted) {
  bool is_new = set == sets_.size();
  bool is_written = !is_new && states_[set] == State::kWritten;
  if (!is_new && !is_written && (set > 0 || wanted <= first_capacity_)) return;
  uint32_t capacity = kVectorSize;
  if (set == 0) {
    if (wanted <= kFirstCapacity) capacity = kFirstCapacity;
    first_capacity_ = capacity;
  }
  auto chunk = std::make_unique<Chunk>(types_);
  for (size_t i = 0; i < types_.size(); ++i) {
    chunk->column(i).PrepareWrite(capacity);
    if (used > 0) chunk->column(i).Append(0, sets_[set]->column(i), Rows{nullptr, used}, true);
  }
  if (is_new) {
    sets_.push_back(std::move(chunk));
    states_.push_back(State::kOpen);
    for (auto& places : places_) places.push_back({});
  } else {
    sets_[set] = std::move(chunk);
    states_[set] = State::kOpen;
  }
}

uint64_t RowCollection::BytesOf(size_t set) const {
  uint64_t bytes = 0;
  for (size_t i = 0; i < types_.size(); ++i) {
    Vector& column = sets_[set]->column(i);
    bytes += kVectorSize * WidthBytes(column.physical());
    if (column.physical() == PhysicalType::kString) bytes += column.heap().reserved_bytes();
  }
  return bytes;
}

void RowCollection::Settle(size_t set) {
  if (states_[set] != State::kOpen) return;
  WorkMemory* memory = WorkMemoryScope::Current();
  if (memory == nullptr) return;
  if (!writes_all_ && held_.TryAdd(memory, BytesOf(set))) {
    states_[set] = State::kHeld;
  } else {
    Write(memory, set);
  }
}

// Room in the last piece, or a new one.
char* RowCollection::TakeRoom(WorkMemory* memory, size_t bytes) {
  constexpr size_t kAlignment = 64;
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (pieces_.empty() || pieces_.back()->size() - piece_used_ < bytes) {
    size_t size = pieces_.empty() ? kFirstPieceBytes
                                  : std::min(kLargestPieceBytes, 2 * pieces_.back()->size());
    pieces_.push_back(
        std::make_shared<MappedPiece>(memory->shared_from_this(), std::max(size, bytes)));
    piece_used_ = 0;
  }
  char* room = pieces_.back()->data() + piece_used_;
  piece_used_ += bytes;
  return room;
}

// Copies the set to where it stays, and lets go of its own memory.
void RowCollection::Write(WorkMemory* memory, size_t set) {
  auto written = std::make_unique<Chunk>(types_);
  for (size_t i = 0; i < types_.size(); ++i) {
    const Vector& column = sets_[set]->column(i);
    const size_t bytes = kVectorSize * WidthBytes(column.physical());
    char* values = TakeRoom(memory, bytes);
    std::memcpy(values, column.RawData(), bytes);
    uint64_t* validity = nullptr;
    if (column.may_have_nulls()) {
      validity = reinterpret_cast<uint64_t*>(TakeRoom(memory, kVectorSize / 8));
      std::memcpy(validity, column.validity(), kVectorSize / 8);
    }
    if (column.physical() == PhysicalType::kString) {
      auto* strings = reinterpret_cast<StringRef*>(values);
      size_t total = 0;
      for (uint32_t row = 0; row < kVectorSize; ++row) {
        if (!strings[row].is_inline()) total += strings[row].size();
      }
      char* room = total == 0 ? nullptr : TakeRoom(memory, total);
      for (uint32_t row = 0; row < kVectorSize; ++row) {
        if (strings[row].is_inline()) continue;
        std::string_view text = strings[row].view();
        CopyLongText(room, text.data(), text.size());
        strings[row] = StringRef(std::string_view(room, text.size()));
        room += text.size();
      }
    }
    written->column(i).Borrow(values, validity);
    places_[i][set] = {values, validity};
  }
  written->SetRows(kVectorSize);
  sets_[set] = std::move(written);
  states_[set] = State::kWritten;
  memory->NoteUse(kVectorSize);
}

void RowCollection::NotePlaces(size_t set) {
  for (size_t i = 0; i < types_.size(); ++i) {
    const Vector& column = sets_[set]->column(i);
    places_[i][set] = {column.RawData(), column.validity()};
    has_nulls_[i] |= column.may_have_nulls();
  }
}

uint64_t RowCollection::Append(const std::vector<const Vector*>& columns, Rows rows) {
  if (row_count_ + rows.count > kMaxRows) ThrowTooMany();
  uint64_t first = row_count_;
  uint32_t done = 0;
  while (done < rows.count) {
    auto at = static_cast<uint32_t>(row_count_ % kVectorSize);
    size_t set = row_count_ / kVectorSize;
    uint32_t count = std::min(rows.count - done, kVectorSize - at);
    ProvideRoom(set, at, at + count);
    Rows part{rows.rows == nullptr ? nullptr : rows.rows + done, count};
    uint16_t numbers[kVectorSize];
    if (rows.rows == nullptr && done != 0) {  // the rest of a dense set: named row by row
      std::iota(numbers, numbers + count, static_cast<uint16_t>(done));
      part.rows = numbers;
    }
    for (size_t i = 0; i < types_.size(); ++i) {
      sets_[set]->column(i).Append(at, *columns[i], part, true);
    }
    NotePlaces(set);
    sets_[set]->SetRows(at + count);
    row_count_ += count;
    done += count;
    if (at + count == kVectorSize) Settle(set);
  }
  return first;
}

uint64_t RowCollection::Adopt(RowCollection* other) {
  sets_.resize(set_count());  // Clear keeps one
  states_.resize(sets_.size());
  uint64_t first = sets_.size() * kVectorSize;
  if (first + other->row_count_ > kMaxRows) ThrowTooMany();
  if (sets_.empty()) first_capacity_ = other->first_capacity_;
  size_t count = other->set_count();
  for (size_t set = 0; set < count; ++set) {
    sets_.push_back(std::move(other->sets_[set]));
    states_.push_back(other->states_[set]);
  }
  held_.Adopt(&other->held_);
  if (pieces_.empty()) piece_used_ = other->piece_used_;
  pieces_.insert(pieces_.begin(), other->pieces_.begin(), other->pieces_.end());
  for (size_t i = 0; i < types_.size(); ++i) {
    places_[i].resize(first / kVectorSize);
    places_[i].insert(places_[i].end(), other->places_[i].begin(),
                      other->places_[i].begin() + static_cast<ptrdiff_t>(count));
    has_nulls_[i] |= other->has_nulls_[i];
  }
  row_count_ = count == 0 ? row_count_ : first + other->row_count_;
  other->Init(std::vector<Type>(types_));
  return first;
}

uint64_t RowCollection::Append(const Chunk& chunk) {
  chunk_columns_.clear();
  for (size_t i = 0; i < chunk.column_count(); ++i) chunk_columns_.push_back(&chunk.column(i));
  return Append(chunk_columns_, chunk.rows());
}

namespace {

bool HasNoRow(const uint32_t* rows, uint32_t count) {
  uint32_t found = 0;
  for (uint32_t i = 0; i < count; ++i) found |= rows[i] == RowCollection::kNoRow;
  return found != 0;
}

// Here and below `position(i)` says where value i goes. No value is null.
template <typename T, typename Places, typename Position>
void GatherValid(const Places& places, const uint32_t* rows, uint32_t count, Position position,
                 Vector* target) {
  T* __restrict out = target->MutableData<T>();
  const auto* place = places.data();
  for (uint32_t i = 0; i < count; ++i) {
    const T* values = static_cast<const T*>(place[rows[i] / kVectorSize].data);
    out[position(i)] = values[rows[i] % kVectorSize];
  }
}

template <typename T, typename Places, typename Position>
void GatherValues(const Places& places, const uint32_t* rows, uint32_t count, Position position,
                  Vector* target) {
  T* out = target->MutableData<T>();
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t to = position(i);
    if (rows[i] == RowCollection::kNoRow) {
      out[to] = T{};
      target->SetNull(to);
      continue;
    }
    const auto& place = places[rows[i] / kVectorSize];
    uint32_t at = rows[i] % kVectorSize;
    out[to] = static_cast<const T*>(place.data)[at];
    if (place.validity != nullptr && ((place.validity[at / 64] >> (at % 64)) & 1) == 0) {
      target->SetNull(to);
    }
  }
}

template <typename Places, typename Position>
void GatherByWidth(const Places& places, bool has_nulls, const uint32_t* rows, uint32_t count,
                   Position position, Vector* target) {
  bool is_valid = !has_nulls && !HasNoRow(rows, count);
  auto gather = [&]<typename T>(T*) {
    if (is_valid) {
      GatherValid<T>(places, rows, count, position, target);
    } else {
      GatherValues<T>(places, rows, count, position, target);
    }
  };
  switch (WidthBytes(target->physical())) {
    case 1: return gather(static_cast<uint8_t*>(nullptr));
    case 2: return gather(static_cast<uint16_t*>(nullptr));
    case 4: return gather(static_cast<uint32_t*>(nullptr));
    case 8: return gather(static_cast<uint64_t*>(nullptr));
    default: return gather(static_cast<StringRef*>(nullptr));  // any 16 bytes
  }
}

template <typename T, typename Places, typename Equal>
void CompareTyped(const Places& places, const uint32_t* rows, uint32_t count, const Vector& values,
                  const uint16_t* at, bool nulls_match, uint8_t* equal, Equal&& is_equal) {
  const T* data = values.Data<T>();
  uint32_t mask = values.is_constant() ? 0 : 0xFFFFu;
  bool values_valid = !values.may_have_nulls();
  for (uint32_t i = 0; i < count; ++i) {
    const auto& place = places[rows[i] / kVectorSize];
    uint32_t stored = rows[i] % kVectorSize;
    bool stored_valid =
        place.validity == nullptr || ((place.validity[stored / 64] >> (stored % 64)) & 1) != 0;
    bool valid = values_valid || values.IsValid(at[i]);
    if (stored_valid && valid) {
      equal[i] &= static_cast<uint8_t>(
          is_equal(data[at[i] & mask], static_cast<const T*>(place.data)[stored]));
    } else {
      equal[i] &= static_cast<uint8_t>(nulls_match && stored_valid == valid);
    }
  }
}

template <typename T>
bool EqualNumbers(T a, T b) {
  return a == b || (a != a && b != b);  // NaN equals itself
}

}  // namespace

void RowCollection::Gather(size_t column, const uint32_t* rows, uint32_t count,
                           Vector* target) const {
  target->PrepareWrite(count);
  NoteUse(count);
  GatherByWidth(
      places_[column], has_nulls_[column] != 0, rows, count, [](uint32_t i) { return i; }, target);
}

void RowCollection::Scatter(size_t column, const uint32_t* rows, uint32_t count,
                            const uint16_t* positions, uint32_t capacity, Vector* target) const {
  target->PrepareWrite(capacity);
  ScatterInto(column, rows, count, positions, target);
}

void RowCollection::ScatterInto(size_t column, const uint32_t* rows, uint32_t count,
                                const uint16_t* positions, Vector* target) const {
  NoteUse(count);
  GatherByWidth(
      places_[column], has_nulls_[column] != 0, rows, count,
      [positions](uint32_t i) { return uint32_t{positions[i]}; }, target);
}

void RowCollection::Compare(size_t column, const uint32_t* rows, uint32_t count,
                            const Vector& values, const uint16_t* at, bool nulls_match,
                            uint8_t* equal) const {
  NoteUse(count);
  const auto& places = places_[column];
  auto compare = [&]<typename T>(T*, auto&& is_equal) {
    CompareTyped<T>(places, rows, count, values, at, nulls_match, equal, is_equal);
  };
  auto same = [](const auto& a, const auto& b) { return a == b; };
  switch (values.physical()) {
    case PhysicalType::kBool: return compare(static_cast<uint8_t*>(nullptr), same);
    case PhysicalType::kInt16: return compare(static_cast<int16_t*>(nullptr), same);
    case PhysicalType::kInt32: return compare(static_cast<int32_t*>(nullptr), same);
    case PhysicalType::kInt64: return compare(static_cast<int64_t*>(nullptr), same);
    case PhysicalType::kInt128: return compare(static_cast<int128_t*>(nullptr), same);
    case PhysicalType::kFloat: return compare(static_cast<float*>(nullptr), EqualNumbers<float>);
    case PhysicalType::kDouble: return compare(static_cast<double*>(nullptr), EqualNumbers<double>);
    case PhysicalType::kZoned: return compare(static_cast<ZonedTime*>(nullptr), same);
    case PhysicalType::kString: break;
  }
  if (values.type().id == TypeId::kChar || types_[column].id == TypeId::kChar) {
    return compare(static_cast<StringRef*>(nullptr), EqualPadded);
  }
  return compare(static_cast<StringRef*>(nullptr), same);
}

}  // namespace tupelo

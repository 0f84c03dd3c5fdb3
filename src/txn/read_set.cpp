// txn/read_set.cpp: collecting predicates while a transaction reads, testing versions against them
// when it commits.
//
// A transaction that has committed after the reader's snapshot is at hand as its undo log: for each
// of its records the version before the commit and the one after it are looked up in the row's
// chain, which is kept for as long as the snapshot is.
#include "txn/read_set.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "storage/btree_node.h"
#include "txn/table.h"
#include "txn/undo.h"
#include "types/compare.h"
#include "types/normalized_key.h"

namespace tupelo {

namespace {

// The least key that is greater than all that begin with `prefix`; false: there is none.
bool PastPrefix(std::string_view prefix, std::string* key) {
  KeyBuffer buffer;
  if (!prefix.empty()) buffer.Append(prefix.data(), prefix.size());
  if (!AdvancePastPrefix(&buffer)) return false;
  key->assign(buffer.view());
  return true;
}

uint64_t WordOf(std::string_view key) {
  return SearchKey(reinterpret_cast<const uint8_t*>(key.data()), key.size()).word;
}

bool Holds(ZoneOp op, int order) {
  switch (op) {
    case ZoneOp::kEqual: return order == 0;
    case ZoneOp::kLess: return order < 0;
    case ZoneOp::kLessEqual: return order <= 0;
    case ZoneOp::kGreater: return order > 0;
    case ZoneOp::kGreaterEqual: return order >= 0;
    case ZoneOp::kIsNull:
    case ZoneOp::kIsNotNull: break;
  }
  return true;
}

}  // namespace

void ReadRange::Restart(bool descending) {
  low_.clear();
  high_.clear();
  reached_.clear();
  descending_ = descending;
  has_high_ = is_empty_ = has_reached_ = is_finished_ = false;
}

void ReadRange::Reach(std::string_view key) {
  has_reached_ = true;
  if (descending_) {
    reached_.assign(key);
  } else if (!PastPrefix(key, &reached_)) {
    is_finished_ = true;
  }
}

void ReadRange::Finish() { is_finished_ = true; }

bool ReadRange::Contains(std::string_view key) const {
  if (is_empty_ || key < low_ || (has_high_ && key >= high_)) return false;
  if (is_finished_) return true;
  return has_reached_ && (descending_ ? key >= reached_ : key < reached_);
}

ReadSet::TableReads& ReadSet::Of(const Table* table) {
  for (size_t i = used_; i > 0; --i) {
    if (tables_[i - 1].table == table) return tables_[i - 1];
  }
  recent_ = nullptr;
  if (used_ == tables_.size()) tables_.emplace_back();
  TableReads& reads = tables_[used_++];
  reads.table = table;
  reads.has_all = false;
  reads.columns_of_all = reads.columns = 0;
  reads.count = reads.used = 0;
  reads.zones.clear();
  return reads;
}

ReadSet::IndexReads& ReadSet::Of(TableReads* reads, const Index* index, uint64_t columns) {
  columns |= index->column_mask_;
  reads->columns |= columns;
  for (size_t i = 0; i < reads->used; ++i) {
    IndexReads& each = reads->indexes[i];
    if (each.index == index && each.columns == columns) return each;
  }
  recent_ = nullptr;
  if (reads->used == reads->indexes.size()) reads->indexes.emplace_back();
  IndexReads& through = reads->indexes[reads->used++];
  through.index = index;
  through.columns = columns;
  through.ForgetKeys();
  through.range_count = 0;
  through.has_merged = through.is_sorted = false;
  return through;
}

void ReadSet::AddTable(const Table* table, uint64_t columns) {
  TableReads& reads = Of(table);
  reads.has_all = true;
  reads.columns_of_all |= columns;
  reads.columns |= columns;
}

void ReadSet::AddKey(const Table* table, const Index* index, std::string_view key,
                     uint64_t columns) {
  if (recent_ == nullptr || recent_->index != index || recent_columns_ != columns) {
    FindPlace(table, index, columns);
  }
  TableReads& reads = *recent_table_;
  IndexReads& through = *recent_;
  if (reads.has_all && (through.columns & ~reads.columns_of_all) == 0) return;
  if (through.has_merged && through.HasMerged(key)) return;
  if (through.EndsWith(key)) return;
  through.Add(key);
  if (++reads.count > kMostPredicates) Narrow(&reads);
}

void ReadSet::FindPlace(const Table* table, const Index* index, uint64_t columns) {
  TableReads& reads = Of(table);
  recent_ = &Of(&reads, index, columns);
  recent_table_ = &reads;
  recent_columns_ = columns;
}

// The first eight bytes mostly decide.
inline bool ReadSet::IndexReads::HasMerged(std::string_view key) const {
  const uint64_t word = WordOf(key);
  if (word != low_word && word != high_word) return word > low_word && word < high_word;
  return merged.Contains(key);
}

// Whether the last key is `key`: mostly, its last byte says that it is not.
inline bool ReadSet::IndexReads::EndsWith(std::string_view key) const {
  if (keys.empty() || keys.back().size != key.size()) return false;
  const std::string_view last = KeyAt(keys.back());
  return key.empty() || (last.back() == key.back() && last == key);
}

inline void ReadSet::IndexReads::Add(std::string_view key) {
  if (used_bytes + key.size() > bytes.size()) GrowBytes(used_bytes + key.size());
  keys.push_back({used_bytes, static_cast<uint32_t>(key.size())});
  std::ranges::copy(key, bytes.data() + used_bytes);
  used_bytes += static_cast<uint32_t>(key.size());
  is_sorted = false;
}

// Room for all at once: transactions of many statements take no memory step by step.
void ReadSet::IndexReads::GrowBytes(size_t wanted) {
  constexpr size_t kBytesOfKey = 16;
  keys.reserve(kMostPredicates + 1);
  bytes.resize(std::max({wanted, 2 * bytes.size(), (kMostPredicates + 1) * kBytesOfKey}));
}

void ReadSet::IndexReads::ForgetKeys() {
  keys.clear();
  used_bytes = 0;
}

ReadRange* ReadSet::IndexReads::NextRange() {
  if (range_count == ranges.size()) ranges.push_back(std::make_unique<ReadRange>());
  return ranges[range_count++].get();
}

ReadRange* ReadSet::AddRange(const Table* table, const Index* index, const KeyBound& lower,
                             const KeyBound& upper, bool descending, uint64_t columns) {
  TableReads& reads = Of(table);
  columns |= index->column_mask_;  // they decide which rows are read
  if (reads.has_all && (columns & ~reads.columns_of_all) == 0) return nullptr;
  if (reads.count >= kMostPredicates) Narrow(&reads);
  if (reads.count >= kMostPredicates) {  // all of them ranges
    AddTable(table, columns);
    return nullptr;
  }
  ++reads.count;
  ReadRange* range = Of(&reads, index, columns).NextRange();
  range->Restart(descending);
  if (!lower.unbounded) {
    range->low_.assign(lower.key);
    if (!lower.inclusive && !PastPrefix(lower.key, &range->low_)) range->is_empty_ = true;
  }
  if (!upper.unbounded) {
    range->high_.assign(upper.key);
    range->has_high_ = !upper.inclusive || PastPrefix(upper.key, &range->high_);
  }
  return range;
}

void ReadSet::AddZones(const Table* table, std::span<const ZonePredicate> zones, uint64_t columns) {
  TableReads& reads = Of(table);
  if (zones.empty() || reads.count >= kMostPredicates) {
    AddTable(table, columns);
    return;
  }
  if (reads.has_all && (columns & ~reads.columns_of_all) == 0) return;
  ++reads.count;
  reads.columns |= columns;
  reads.zones.push_back({columns, {zones.begin(), zones.end()}});
}

// Too many predicates: single keys become the range of an index from the least to the greatest of
// them; if there still are too many, all of the table counts as read.
void ReadSet::Narrow(TableReads* reads) {
  reads->count = reads->zones.size();
  for (IndexReads& through : std::span(reads->indexes.data(), reads->used)) {
    through.Sort();
    if (through.keys.size() > kMostPredicates / 2) through.Merge();
    reads->count += through.keys.size() + through.range_count;
  }
  if (reads->count > kMostPredicates / 2) Widen(reads);
}

// Where one of the last key's beginnings is a key, what begins with that reaches farther.
void ReadSet::IndexReads::Merge() {
  const std::string_view least = KeyAt(keys.front());
  if (!has_merged || least < merged.low_) merged.low_.assign(least);
  std::string_view last = KeyAt(keys.back());
  for (size_t i = keys.size() - 1; i > 0; --i) {
    if (last.starts_with(KeyAt(keys[i - 1]))) last = KeyAt(keys[i - 1]);
  }
  std::string high;
  const bool has_high = PastPrefix(last, &high);
  if (!has_merged || !has_high || (merged.has_high_ && high > merged.high_)) {
    merged.has_high_ = has_high && (!has_merged || merged.has_high_);
    merged.high_ = std::move(high);
  }
  has_merged = merged.is_finished_ = true;
  low_word = WordOf(merged.low_);
  high_word = merged.has_high_ ? WordOf(merged.high_) : ~uint64_t{0};
  ForgetKeys();
}

// Ranges stay where they are: scans may still have them.
void ReadSet::Widen(TableReads* reads) {
  reads->has_all = true;
  reads->columns_of_all |= reads->columns;
  reads->zones.clear();
  reads->count = 0;
  for (IndexReads& through : std::span(reads->indexes.data(), reads->used)) {
    through.ForgetKeys();
    reads->count += through.range_count;
  }
}

void ReadSet::Widen(const Table* table) {
  for (TableReads& reads : tables()) {
    if (reads.table == table) Widen(&reads);
  }
}

void ReadSet::Forget(const Table* table) {
  for (TableReads& reads : tables()) {
    if (reads.table != table) continue;
    std::swap(reads, tables_[used_ - 1]);
    --used_;
    recent_ = nullptr;
    return;
  }
}

void ReadSet::Clear() {
  used_ = 0;
  recent_ = nullptr;
}

void ReadSet::IndexReads::Sort() {
  if (std::exchange(is_sorted, true)) return;
  auto less = [this](const Key& a, const Key& b) { return KeyAt(a) < KeyAt(b); };
  auto not_less = [&less](const Key& a, const Key& b) { return !less(a, b); };
  if (std::ranges::adjacent_find(keys, not_less) == keys.end()) return;  // many read in order
  std::ranges::sort(keys, less);
  keys.erase(std::unique(keys.begin(), keys.end(), not_less), keys.end());
}

// A key read may be a prefix of the one asked for. Of those up to `end`, a prefix of the key too,
// the last one is it, or differs from the key at some place: others are then prefixes of what is
// before that place.
bool ReadSet::IndexReads::Contains(std::string_view key) {
  if (has_merged && merged.Contains(key)) return true;
  Sort();
  std::string_view end = key;
  for (;;) {
    auto after = std::ranges::upper_bound(keys, end, {}, [this](const Key& a) { return KeyAt(a); });
    if (after == keys.begin()) break;
    std::string_view before = KeyAt(*(after - 1));
    if (key.starts_with(before)) return true;
    end = key.substr(0, static_cast<size_t>(std::ranges::mismatch(before, end).in2 - end.begin()));
  }
  return std::ranges::any_of(used_ranges(),
                             [&](const auto& range) { return range->Contains(key); });
}

bool ReadSet::HasNewDefinition(CommitNumber snapshot) const {
  return std::ranges::any_of(tables(), [&](const TableReads& reads) {
    return reads.table->definition_commit_ > snapshot;
  });
}

bool ReadSet::Overlaps(const UndoLog& log) {
  bool touches = false;
  for (const TableWrites* writes = log.writes; writes != nullptr; writes = writes->next_in_log) {
    touches |= std::ranges::any_of(
        tables(), [&](const TableReads& reads) { return reads.table == writes->table; });
  }
  if (!touches) return false;
  bool hits = false;
  log.ForEach([&](const UndoRecord& record) {
    if (hits || record.writes->table == nullptr) return;
    for (TableReads& reads : tables()) {
      if (reads.table == record.writes->table) hits = Hits(&reads, record);
    }
  });
  return hits;
}

bool ReadSet::Hits(TableReads* reads, const UndoRecord& record) {
  bool is_update = record.kind == UndoKind::kUpdate;
  uint64_t changed = is_update ? record.column_mask : ~uint64_t{0};
  if (is_update && (changed & reads->columns) == 0) return false;
  if (reads->has_all && (!is_update || (changed & reads->columns_of_all) != 0)) return true;
  CommitNumber commit = record.log->commit;
  uint32_t rows = record.kind == UndoKind::kInsert ? record.count : 1;
  for (uint32_t i = 0; i < rows; ++i) {
    for (CommitNumber at : {commit - 1, commit}) {
      if (HitsVersion(reads, ReadView(at, 0, 0), record.row + i, changed, is_update)) return true;
    }
  }
  return false;
}

bool ReadSet::HitsVersion(TableReads* reads, const ReadView& view, RowId row, uint64_t changed,
                          bool is_update) {
  KeyBuffer key;
  for (IndexReads& through : std::span(reads->indexes.data(), reads->used)) {
    if (is_update && (changed & through.columns) == 0) continue;
    if (!reads->table->VersionKey(view, row, *through.index, &key)) return false;  // none is there
    if (through.Contains(key.view())) return true;
  }
  return std::ranges::any_of(reads->zones, [&](const ZoneReads& zones) {
    return (!is_update || (changed & zones.columns) != 0) && Fulfils(*reads, view, row, zones);
  });
}

bool ReadSet::Fulfils(const TableReads& reads, const ReadView& view, RowId row,
                      const ZoneReads& zones) {
  for (const ZonePredicate& zone : zones.zones) {
    Chunk version({reads.table->column_type(zone.column)});
    Vector& value = version.column(0);
    value.PrepareWrite(1);
    if (!reads.table->Fetch(view, row, {&zone.column, 1}, &version, 0)) return false;
    if (zone.op == ZoneOp::kIsNull || zone.op == ZoneOp::kIsNotNull) {
      if (value.IsValid(0) == (zone.op == ZoneOp::kIsNull)) return false;
      continue;
    }
    if (!value.IsValid(0) || zone.value.is_null) return false;
    Vector bound(value.type());
    bound.PrepareWrite(1);
    zone.value.ToVector(&bound, 0);
    if (!Holds(zone.op, CompareValues(value, 0, bound, 0))) return false;
  }
  return true;
}

}  // namespace tupelo

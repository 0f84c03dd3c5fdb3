// exec/sort_keys.h: the order of rows by normalized keys.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/interruption.h"
#include "base/work_array.h"
#include "types/normalized_key.h"
#include "types/vector.h"

namespace tupelo {

// One key a row, rows numbered from 0 as they are appended. Not thread-safe.
class SortKeys {
 public:
  void Init(std::vector<KeyColumn> columns);
  // Clear keeps the buffers, Release gives big ones back.
  void Clear();
  void Release();
  // Before the first Append: that many entries, in order, are all that will be asked for.
  void SetWanted(uint64_t wanted) { wanted_ = wanted; }

  // Appends the keys of `rows`, except those that cannot be among the first that KeepFirst kept, or
  // among as many of these rows as are wanted.
  // Writes the rows appended to `kept` and returns how many.
  uint32_t Append(const std::vector<const Vector*>& columns, Rows rows, uint16_t* kept);

  uint64_t count() const { return entries_.size(); }
  // Puts the entries in order: equal keys in the order of their rows.
  void Sort(const Interruption& interruption);
  // The row that is number i in order. REQUIRES: sorted.
  uint32_t row(uint64_t i) const { return entries_[i].row; }
  // The order of entry i of `a` and entry j of `b`, which have the same columns. REQUIRES: sorted.
  static int Compare(const SortKeys& a, uint64_t i, const SortKeys& b, uint64_t j);
  // Once the entries are sorted, and before any of the following.
  void PrepareSearch();
  // The first entry that does not come before `key`, or count(). `key`: the encoding of values of
  // the columns, or the beginning of such, or what AdvancePastPrefix made of it.
  uint64_t LowerBound(std::string_view key) const;
  // The same from entry `begin` on, where it is likely to be near.
  uint64_t LowerBoundNear(std::string_view key, uint64_t begin) const;
  // Forgets all but the first `count` and numbers them anew, in order. REQUIRES: sorted, 0 < count
  // <= count().
  void KeepFirst(uint64_t count);
  // Numbers the entries anew, in order, and writes them to a file: they are read in order from now
  // on. Nothing may be appended. REQUIRES: sorted.
  void Seal();

 private:
  // The first 16 bytes of the key as two numbers: order is decided by them wherever they differ.
  struct Entry {
    uint64_t high, low;
    uint32_t row;
  };
  void EncodeFixed(const std::vector<const Vector*>& columns, Rows rows);
  bool IsBeyondBound(const Entry& entry) const;
  static bool IsAfter(const Entry& a, const Entry& b);
  bool FindLastWanted(uint32_t count, Entry* last);
  std::string_view RestOf(uint32_t row) const;
  // A key to look for: its first bytes, and those behind them.
  struct Probe {
    explicit Probe(std::string_view key);
    uint64_t high, low;
    std::string_view rest;
  };
  bool ComesBefore(const Entry& entry, const Probe& probe) const;
  uint64_t Search(const Probe& probe, uint64_t begin, uint64_t end) const;
  uint64_t SearchNear(const Probe& probe, uint64_t begin) const;
  bool Precedes(const Entry& a, const Entry& b) const;
  void NumberAnew();
  void SortByDigits(const Interruption& interruption);
  void SortByRests(const Interruption& interruption);

  std::vector<KeyColumn> columns_;
  size_t fixed_bytes_ = 0;  // of a whole key; 0: keys differ in length
  bool has_rests_ = false;  // keys may be longer than 16 bytes
  WorkArray<Entry> entries_, sorted_;
  // For searching: the first 16 bytes of each kSampleStep-th entry, which stay in cache where the
  // entries don't.
  struct Sample {
    uint64_t high, low;
  };
  std::vector<Sample> samples_;
  // Bytes 16 and on of each key, by row; row i's end where row i + 1's begin.
  WorkArray<uint8_t> rests_;
  WorkArray<uint64_t> rest_begins_;
  std::vector<uint8_t> encoded_;  // keys of a vector set
  std::vector<Entry> incoming_;   // the same as entries
  std::vector<Entry> candidates_;
  uint64_t wanted_ = UINT64_MAX;
  KeyBuffer key_;
  bool has_bound_ = false;
  Entry bound_{};  // the last one that KeepFirst kept
};

}  // namespace tupelo

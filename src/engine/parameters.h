// engine/parameters.h: the values of a statement's parameters, one row of them or a batch.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "types/chunk.h"

namespace tupelo {

// Equality of types in one comparison of eight bytes.
inline bool SameType(const Type& a, const Type& b) {
  static_assert(sizeof(Type) == sizeof(uint64_t) && std::has_unique_object_representations_v<Type>);
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// The type of the column that a parameter is assigned to where nothing else is done with it, else
// Type::Null(). Becomes known when a plan is made, perhaps by one thread while another sets
// parameters: either way is right.
class ParameterTarget {
 public:
  Type type() const { return std::bit_cast<Type>(type_.load(std::memory_order_relaxed)); }
  void Set(const Type& type) {
    type_.store(std::bit_cast<uint64_t>(type), std::memory_order_relaxed);
  }

 private:
  std::atomic<uint64_t> type_{std::bit_cast<uint64_t>(Type::Null())};
};

// Parameter i of row r. A row is filled by one Set* call per parameter; the Set* calls choose the
// parameter's type: what plan fits follows from the types (never from the values). Strings are
// copied. Rows collect until Clear(); all rows of a batch have the same types (null fits every
// type): EndRow says whether a row just set does. Not thread-safe. Reusing one set does not
// allocate once its buffers have grown.
class ParameterSet {
 public:
  // Prepares for `count` parameters; forgets all rows. An integer or a string that is sure to fit
  // its target (`targets[i]`, perhaps of the statement that it is for; nullptr: none is known) gets
  // that type at once, so that no cast is left for the plan.
  void Reset(uint32_t count, const ParameterTarget* targets = nullptr);
  uint32_t count() const { return static_cast<uint32_t>(columns_.size()); }

  void SetNull(uint32_t i);
  void SetBoolean(uint32_t i, bool value);
  void SetInteger(uint32_t i, int64_t value);  // BIGINT, or its target's type
  void SetDecimal(uint32_t i, int128_t unscaled,
                  int scale);  // DECIMAL(18 or 38, scale); also integers beyond BIGINT
  void SetDouble(uint32_t i, double value);  // DOUBLE PRECISION
  // CHARACTER VARYING, or its target's type; must be valid UTF-8.
  void SetText(uint32_t i, std::string_view utf8);
  void SetBytes(uint32_t i, std::string_view bytes);  // BINARY LARGE OBJECT
  void SetDate(uint32_t i, int32_t days);
  void SetTime(uint32_t i, int64_t microseconds);
  void SetTimeTz(uint32_t i, ZonedTime value);
  void SetTimestamp(uint32_t i, int64_t microseconds);
  void SetTimestampTz(uint32_t i, ZonedTime value);
  void SetYearMonth(uint32_t i, int32_t months);
  void SetDayTime(uint32_t i, int64_t microseconds);

  // Ends the row being set. False when the batch's types differ from this row's: then the row is
  // kept aside, the caller runs the batch, and calls StartBatchWithPendingRow(). Rows per batch: at
  // most kVectorSize.
  bool EndRow();
  void StartBatchWithPendingRow();
  // Forgets the rows (not the buffers).
  void Clear();
  uint32_t row_count() const { return row_count_; }
  bool is_full() const { return row_count_ == kVectorSize; }

  // Type of parameter i in this batch; Type::Null() when every row so far is null.
  const Type& type(uint32_t i) const { return columns_[i].type; }
  const Vector& column(uint32_t i) const { return columns_[i].values; }

 private:
  struct Column {
    Type type;      // of the batch; Type::Null() while every row is null
    Vector values;  // of the batch's rows, and of the row being set where it fits
    Vector aside;   // one value: of the row being set, where its type is another
    bool is_aside = false;
  };
  // Where the value of the row being set goes: a place in a vector of `type`.
  template <typename T>
  void Put(uint32_t i, const Type& type, T value);
  void PutText(uint32_t i, const Type& type, std::string_view text);
  Vector& PlaceFor(Column& column, const Type& type, uint32_t* row);
  Vector& PlaceBeyondFirst(Column& column, const Type& type, uint32_t* row);

  std::vector<Column> columns_;
  const ParameterTarget* targets_ = nullptr;
  uint32_t row_count_ = 0;
  bool has_aside_ = false;  // some column's is_aside
};

}  // namespace tupelo

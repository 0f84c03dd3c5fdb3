// txn/column_statistics.cpp: positions, histograms, and distinct counts of samples.
#include "txn/column_statistics.h"

#include <algorithm>
#include <cmath>

#include "base/interruption_scope.h"
#include "types/compare.h"
#include "types/decimal.h"
#include "types/hash.h"
#include "types/string_ref.h"

namespace tupelo {

namespace {

constexpr size_t kBuckets = 100;

double ScaleOf(const Type& type) {
  return type.is_exact() ? std::pow(10.0, -static_cast<double>(type.decimal_scale())) : 1.0;
}

double PrefixOf(std::string_view text) {
  double position = 0;
  for (size_t i = 0; i < 8; ++i) {
    position = position * 256 + (i < text.size() ? static_cast<uint8_t>(text[i]) : 0);
  }
  return position;
}

}  // namespace

bool PositionOf(const Vector& vector, uint32_t row, double* position) {
  uint32_t at = vector.Index(row);
  const Type& type = vector.type();
  switch (vector.physical()) {
    case PhysicalType::kBool: *position = vector.Data<uint8_t>()[at]; return true;
    case PhysicalType::kInt16:
      *position = static_cast<double>(vector.Data<int16_t>()[at]) * ScaleOf(type);
      return true;
    case PhysicalType::kInt32:
      *position = static_cast<double>(vector.Data<int32_t>()[at]) * ScaleOf(type);
      return true;
    case PhysicalType::kInt64:
      *position = static_cast<double>(vector.Data<int64_t>()[at]) * ScaleOf(type);
      return true;
    case PhysicalType::kInt128:
      *position = static_cast<double>(vector.Data<int128_t>()[at]) * ScaleOf(type);
      return true;
    case PhysicalType::kFloat:
      *position = static_cast<double>(vector.Data<float>()[at]);
      return !std::isnan(*position);
    case PhysicalType::kDouble:
      *position = vector.Data<double>()[at];
      return !std::isnan(*position);
    case PhysicalType::kString:
      *position = PrefixOf(vector.Data<StringRef>()[at].view());
      return true;
    case PhysicalType::kZoned: return false;
  }
  return false;
}

double ColumnStatistics::FractionBelow(double position) const {
  if (bounds.size() < 2) return 0.5;
  if (position <= bounds.front()) return 0;
  if (position > bounds.back()) return 1;
  size_t above = static_cast<size_t>(std::lower_bound(bounds.begin(), bounds.end(), position) -
                                     bounds.begin());
  double low = bounds[above - 1], high = bounds[above];
  double within = high > low ? (position - low) / (high - low) : 0;
  return (static_cast<double>(above - 1) + within) / static_cast<double>(bounds.size() - 1);
}

double ColumnStatistics::FractionEqual(double position) const {
  double usual = 1 / std::max(distinct, 1.0);
  if (bounds.size() < 2) return usual;
  if (position < bounds.front() || position > bounds.back()) return 0;
  // A value that fills whole buckets is more frequent than the others.
  auto [first, last] = std::equal_range(bounds.begin(), bounds.end(), position);
  double filled = static_cast<double>(std::max<ptrdiff_t>(last - first - 1, 0)) /
                  static_cast<double>(bounds.size() - 1);
  return std::max(usual, filled);
}

void ColumnSample::Add(const Vector& vector, uint32_t row) {
  if (!vector.IsValid(row)) {
    ++nulls_;
    return;
  }
  hashes_.push_back(HashValue(vector, row));
  double position;
  if (PositionOf(vector, row, &position)) positions_.push_back(position);
}

void ColumnSample::AddNeighbors(const Vector& vector, uint32_t row, uint32_t next) {
  if (!vector.IsValid(row) || !vector.IsValid(next)) return;
  ++neighbors_;
  equal_neighbors_ += EqualValues(vector, row, vector, next) ? 1 : 0;
}

// Distinct values by the estimator of Haas and Stokes (Duj1), which PostgreSQL uses too.
ColumnStatistics ColumnSample::Finish(double total_rows) {
  ColumnStatistics statistics;
  double values = static_cast<double>(hashes_.size());
  double sampled = values + static_cast<double>(nulls_);
  if (sampled == 0) return statistics;
  statistics.null_fraction = static_cast<double>(nulls_) / sampled;
  InterruptionCounter counter(InterruptionScope::Current());
  auto is_less = [&](auto a, auto b) {
    counter.Step();
    return a < b;
  };
  std::sort(hashes_.begin(), hashes_.end(), is_less);
  double different = 0, once = 0;
  for (size_t i = 0; i < hashes_.size();) {
    size_t end = i + 1;
    while (end < hashes_.size() && hashes_[end] == hashes_[i]) ++end;
    different += 1;
    once += end - i == 1 ? 1 : 0;
    i = end;
  }
  double all = std::max(total_rows * (1 - statistics.null_fraction), values);
  if (values > 0) {
    double divisor = values - once + once * values / all;
    statistics.distinct = std::clamp(values * different / std::max(divisor, 1.0), different, all);
    // Where values come in runs, sampled rows are of different ones, and look unique.
    if (equal_neighbors_ > 0) {
      double changes = static_cast<double>(neighbors_ - equal_neighbors_ + 1);
      double runs = all * changes / static_cast<double>(neighbors_ + 1);
      statistics.distinct = std::max(different, std::min(statistics.distinct, runs));
    }
  }
  if (positions_.size() == hashes_.size() && !positions_.empty()) {
    std::sort(positions_.begin(), positions_.end(), is_less);
    size_t buckets = std::min(kBuckets, positions_.size());
    for (size_t i = 0; i <= buckets; ++i) {
      size_t at = i * (positions_.size() - 1) / buckets;
      statistics.bounds.push_back(positions_[at]);
    }
  }
  return statistics;
}

}  // namespace tupelo

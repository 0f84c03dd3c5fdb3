// txn/block_order.cpp: in which order blocks are read for the least and greatest values.
//
// Each column wanted has an order of its own, from the bound that promises most; they take turns.
// What has no usable bounds comes first, as it must be read in any case, and nulls alone last.
#include <algorithm>
#include <bit>

#include "base/interruption_scope.h"
#include "txn/scan.h"

namespace tupelo {

namespace {

struct Promise {
  enum Kind : uint8_t { kUnknown, kBound, kNothing };
  Kind kind = kNothing;
  int128_t bound = 0;  // the less, the sooner
  uint32_t stripe = 0;
};

// Bounds as numbers of the same order.
int128_t NumberOf(const Zone::Bound& bound, PhysicalType type) {
  switch (type) {
    case PhysicalType::kInt128: return bound.wide;
    case PhysicalType::kString: return static_cast<int128_t>(bound.prefix);
    case PhysicalType::kFloat:
    case PhysicalType::kDouble: {
      auto bits = std::bit_cast<int64_t>(bound.real);
      return bits < 0 ? bits ^ INT64_MAX : bits;
    }
    default: return bound.integer;
  }
}

Promise PromiseOf(const Zone& zone, PhysicalType physical, bool greatest, uint32_t stripe) {
  if (zone.empty && !zone.unusable) return {Promise::kNothing, 0, stripe};
  if (zone.unusable) return {Promise::kUnknown, 0, stripe};
  int128_t bound = greatest ? -1 - NumberOf(zone.max, physical) : NumberOf(zone.min, physical);
  return {Promise::kBound, bound, stripe};
}

}  // namespace

void TableScan::OrderBlocks(const Table& table, std::span<const ExtremeOfColumn> extremes,
                            std::vector<uint32_t>* order) {
  uint32_t count = table.store_.stripe_count();
  std::vector<std::vector<Promise>> promises(extremes.size());
  for (size_t i = 0; i < extremes.size(); ++i) {
    promises[i].reserve(count);
    for (uint32_t number = 0; number < count; ++number) {
      uint32_t column = extremes[i].column;
      RowStore::Summary summary;
      bool has_column = table.store_.Summarize(*table.store_.stripe(number), column, &summary);
      promises[i].push_back(has_column ? PromiseOf(*summary.zone, table.store_.physical(column),
                                                   extremes[i].greatest, number)
                                       : Promise{Promise::kNothing, 0, number});
    }
    InterruptionCounter counter(InterruptionScope::Current());
    std::ranges::sort(promises[i], [&](const Promise& a, const Promise& b) {
      counter.Step();
      if (a.kind != b.kind) return a.kind < b.kind;
      return a.bound != b.bound ? a.bound < b.bound : a.stripe < b.stripe;
    });
  }
  std::vector<uint8_t> is_taken(count, 0);
  order->clear();
  order->reserve(count);
  for (uint32_t place = 0; place < count; ++place) {
    for (const std::vector<Promise>& of_column : promises) {
      uint32_t stripe = of_column[place].stripe;
      if (std::exchange(is_taken[stripe], uint8_t{1}) == 0) order->push_back(stripe);
    }
  }
}

}  // namespace tupelo

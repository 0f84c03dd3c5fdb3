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

Promise PromiseOf(const ColumnBlock* block, bool greatest, uint32_t stripe) {
  if (block == nullptr || (block->zone.empty && !block->zone.unusable)) {
    return {Promise::kNothing, 0, stripe};
  }
  if (block->zone.unusable) return {Promise::kUnknown, 0, stripe};
  int128_t bound = greatest ? -1 - NumberOf(block->zone.max, block->physical)
                            : NumberOf(block->zone.min, block->physical);
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
      const Stripe& stripe = *table.store_.stripe(number);
      bool has_column = extremes[i].column < stripe.columns.size();
      promises[i].push_back(
          PromiseOf(has_column ? stripe.columns[extremes[i].column].block : nullptr,
                    extremes[i].greatest, number));
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

// txn/table_statistics.cpp: samples of a table's rows, taken when a plan asks and kept while the
// table is much the same.
//
// Rows are taken from all stripes, spread within each: neighbours are often alike. Where that would
// mean to read most of a column from the file, more rows of fewer stripes are taken.
#include <algorithm>

#include "base/interruption_scope.h"
#include "storage/stored_bytes.h"
#include "txn/table.h"

namespace tupelo {

namespace {

constexpr uint64_t kSampledRows = 8192;
constexpr uint64_t kAnalyzedRows = 131072;
constexpr uint64_t kRowsOfStripe = 512;
constexpr uint64_t kFewestStripes = 16;
// Changes after which a sample is taken anew: a share of the rows, and some.
constexpr uint64_t kShareChanged = 5;
constexpr uint64_t kRowsChanged = 512;

// Calls visit(slot) for about `wanted` live rows of the stripe, from a place of its own.
template <typename Visit>
void VisitSome(const Stripe& stripe, uint64_t wanted, uint32_t number, Visit&& visit) {
  uint32_t step = static_cast<uint32_t>(std::max<uint64_t>(1, stripe.used / wanted));
  for (uint32_t slot = step == 1 ? 0 : number * 7 % step; slot < stripe.used; slot += step) {
    if (stripe.IsLive(slot)) visit(slot);
  }
}

}  // namespace

ColumnStatistics Table::SampleColumn(uint32_t column, uint64_t wanted_rows) const {
  ColumnSample sample;
  uint32_t stripes = store_.stripe_count();
  uint32_t step = 1;
  uint64_t per_stripe = stripes == 0 ? 0 : std::max<uint64_t>(wanted_rows / stripes, 1);
  if (per_stripe < 8) {  // of very many stripes only some
    step = static_cast<uint32_t>(std::max<uint64_t>(1, stripes * 8 / wanted_rows));
    per_stripe = 8;
  }
  // Of a table in a file few blocks are read.
  uint64_t most_stripes = std::max<uint64_t>(kFewestStripes, wanted_rows / kRowsOfStripe);
  if (store_.is_attached() && stripes > most_stripes * step) {
    step = static_cast<uint32_t>(stripes / most_stripes);
    per_stripe = kRowsOfStripe;
  }
  Vector values(store_.type(column));
  for (uint32_t i = 0; i < stripes; i += step) {
    const Stripe& stripe = *store_.stripe(i);
    if (column >= stripe.columns.size()) continue;
    const ColumnBlock* block = store_.ColumnOf(stripe, column).block;
    if (block == nullptr) continue;
    StepInterruption();
    values.Borrow(block->data, block->validity_or_null());
    VisitSome(stripe, per_stripe, i, [&](uint32_t slot) {
      sample.Add(values, slot);
      if (slot + 1 < stripe.used && stripe.IsLive(slot + 1)) {
        sample.AddNeighbors(values, slot, slot + 1);
      }
    });
  }
  return sample.Finish(static_cast<double>(committed_row_count()));
}

const ColumnStatistics& Table::StatisticsOf(uint32_t column) const {
  if (statistics_.size() < column_count()) statistics_.resize(column_count());
  Sampled& sampled = statistics_[column];
  uint64_t since = changed_rows_ - sampled.changed_rows;
  bool is_old = since > kRowsChanged + committed_row_count() / kShareChanged;
  if (sampled.statistics == nullptr || is_old) {
    uint64_t rows = sampled.is_analyzed ? kAnalyzedRows : kSampledRows;
    sampled.statistics = std::make_unique<ColumnStatistics>(SampleColumn(column, rows));
    sampled.changed_rows = changed_rows_;
  }
  return *sampled.statistics;
}

// The number of columns; for each: its number; a byte, whether it was sampled by ANALYZE; the part
// of nulls, the number of different values and the bounds, as doubles, behind the number of bounds.
void Table::AppendStatistics(ByteVector* out) const {
  statistics_.resize(column_count());
  uint64_t count = 0;
  for (uint32_t c = 0; c < column_count(); ++c) {
    if (store_.is_dropped(c)) continue;
    if (statistics_[c].statistics == nullptr && !store_.is_attached()) StatisticsOf(c);
    count += statistics_[c].statistics != nullptr;
  }
  AppendVarint(count, out);
  for (uint32_t c = 0; c < column_count(); ++c) {
    const Sampled& sampled = statistics_[c];
    if (store_.is_dropped(c) || sampled.statistics == nullptr) continue;
    AppendVarint(c, out);
    AppendNumber(static_cast<uint8_t>(sampled.is_analyzed), out);
    AppendNumber(sampled.statistics->null_fraction, out);
    AppendNumber(sampled.statistics->distinct, out);
    AppendVarint(sampled.statistics->bounds.size(), out);
    for (double bound : sampled.statistics->bounds) AppendNumber(bound, out);
  }
}

void Table::TakeStatistics(ByteReader* bytes) {
  uint64_t count = bytes->TakeVarint();
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t column = bytes->TakeVarint();
    auto is_analyzed = bytes->Take<uint8_t>();
    auto taken = std::make_unique<ColumnStatistics>();
    taken->null_fraction = bytes->Take<double>();
    taken->distinct = bytes->Take<double>();
    uint64_t bounds = bytes->TakeVarint();
    if (is_analyzed > 1 || bounds > bytes->left() / sizeof(double)) ThrowDamaged("statistics");
    for (uint64_t b = 0; b < bounds; ++b) taken->bounds.push_back(bytes->Take<double>());
    if (column >= column_count()) continue;  // of one that was being added
    if (statistics_.size() < column_count()) statistics_.resize(column_count());
    statistics_[column] = {std::move(taken), changed_rows_, is_analyzed == 1};
  }
}

void Table::Analyze() const {
  statistics_.resize(column_count());
  for (uint32_t column = 0; column < column_count(); ++column) {
    if (store_.is_dropped(column)) continue;
    statistics_[column].statistics.reset();
    statistics_[column].is_analyzed = true;
    StatisticsOf(column);
  }
}

}  // namespace tupelo

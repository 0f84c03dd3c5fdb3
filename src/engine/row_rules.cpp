// engine/row_rules.cpp: values against types, rows against checks.
#include "engine/row_rules.h"

#include <cstring>

#include "base/arena.h"
#include "base/error.h"
#include "catalog/catalog.h"
#include "plan/binder.h"
#include "sql/parser.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/interval.h"
#include "types/utf8.h"

namespace tupelo {

namespace {

bool Within(int64_t value, int64_t least, int64_t most) { return value >= least && value <= most; }

// Whether a fraction of seconds has no more digits than the type.
bool FitsFraction(int64_t us, const Type& type) {
  return type.precision >= kMaxFractionalDigits ||
         us % kPowersOfTen64[kMaxFractionalDigits - type.precision] == 0;
}

bool FitsString(const StringRef& text, const Type& type) {
  if (type.id == TypeId::kBlob) return type.length == 0 || text.size() <= type.length;
  if (!IsValidUtf8(text.view())) return false;
  return type.length == 0 || CountCharacters(text.view()) <= type.length;
}

bool FitsZoned(const ZonedTime& value, const Type& type) {
  bool in_range = type.id == TypeId::kTimeTz ? Within(value.utc_us, 0, kMicrosPerDay - 1)
                                             : Within(value.utc_us, kMinTimestamp - kMicrosPerDay,
                                                      kMaxTimestamp + kMicrosPerDay);
  return in_range && Within(value.offset_minutes, kMinOffsetMinutes, kMaxOffsetMinutes) &&
         FitsFraction(value.utc_us, type);
}

bool FitsDecimal(const Vector& values, uint32_t row, const Type& type) {
  int128_t value = type.physical() == PhysicalType::kInt128 ? values.At<int128_t>(row)
                                                            : int128_t{values.At<int64_t>(row)};
  int128_t limit = PowerOfTen(type.precision);
  return value < limit && value > -limit;
}

bool SameValue(const Vector& a, const Vector& b, uint32_t row) {
  if (a.IsValid(row) != b.IsValid(row)) return false;
  if (!a.IsValid(row)) return true;
  if (a.physical() == PhysicalType::kString) {
    return a.At<StringRef>(row).view() == b.At<StringRef>(row).view();
  }
  size_t width = WidthBytes(a.physical());
  auto bytes = [&](const Vector& vector) {
    return static_cast<const uint8_t*>(vector.RawData()) + vector.Index(row) * width;
  };
  return std::memcmp(bytes(a), bytes(b), width) == 0;
}

bool DependsOnRowAlone(BoundExpression& expression) {
  bool alone = true;
  VisitExpressions(expression, [&](const BoundExpression& part) {
    if (part.kind == BoundKind::kCall && !part.function.is_deterministic) alone = false;
  });
  return alone;
}

}  // namespace

std::string PlaceOfTable(const TableDefinition& table) {
  std::string schema = table.schema.key == kDefaultSchema ? "" : table.schema.spelling + ".";
  return "table " + schema + table.name.spelling;
}

bool FitsType(const Vector& values, uint32_t row, const Type& type) {
  switch (type.id) {
    case TypeId::kNull:
    case TypeId::kSmallInt:
    case TypeId::kInteger:
    case TypeId::kBigInt:
    case TypeId::kReal:
    case TypeId::kDouble: return true;
    case TypeId::kBoolean: return values.At<uint8_t>(row) <= 1;
    case TypeId::kDecimal: return FitsDecimal(values, row, type);
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kClob:
    case TypeId::kBlob: return FitsString(values.At<StringRef>(row), type);
    case TypeId::kDate: return Within(values.At<int32_t>(row), kMinDate, kMaxDate);
    case TypeId::kTime: {
      auto us = values.At<int64_t>(row);
      return Within(us, 0, kMicrosPerDay - 1) && FitsFraction(us, type);
    }
    case TypeId::kTimestamp: {
      auto us = values.At<int64_t>(row);
      return Within(us, kMinTimestamp, kMaxTimestamp) && FitsFraction(us, type);
    }
    case TypeId::kTimeTz:
    case TypeId::kTimestampTz: return FitsZoned(values.At<ZonedTime>(row), type);
    case TypeId::kYearMonth: return IntervalFits(values.At<int32_t>(row), type);
    case TypeId::kDayTime: return IntervalFits(values.At<int64_t>(row), type);
  }
  return true;
}

// A check, or the value of a generated column.
struct RowRules::Computed {
  bool is_check = false;
  uint16_t number = 0;
  ExpressionPtr expression;
  std::unique_ptr<Evaluator> evaluator;
  const Vector* value = nullptr;
};

RowRules::RowRules(const TablePtr& table, ExecutionContext* context, Findings* findings)
    : table_(table), context_(context), findings_(findings) {
  std::vector<Type> types;
  for (const ColumnDefinition& column : table->columns) {
    columns_.push_back(column.physical);
    types.push_back(column.type);
  }
  chunk_.Init(types);
  for (size_t i = 0; i < types.size(); ++i) {
    map_.Add(static_cast<ColumnId>(i), &chunk_.column(i));
  }
  std::vector<Type> no_parameters;
  Binder binder(*context->catalog, no_parameters);
  for (size_t i = 0; i < table->checks.size(); ++i) {
    Arena arena;
    AddComputed(binder.BindCheck(table, *ParseExpression(table->checks[i].sql, arena)),
                static_cast<uint16_t>(i), true);
  }
  for (size_t i = 0; i < table->columns.size(); ++i) {
    if (!table->columns[i].is_generated()) continue;
    Arena arena;
    auto number = static_cast<uint16_t>(i);
    AddComputed(binder.BindGenerated(table, number,
                                     *ParseExpression(table->columns[i].generated_sql, arena)),
                number, false);
  }
}

RowRules::~RowRules() = default;

void RowRules::AddComputed(ExpressionPtr expression, uint16_t number, bool is_check) {
  if (!DependsOnRowAlone(*expression)) return;
  auto computed = std::make_unique<Computed>();
  computed->is_check = is_check;
  computed->number = number;
  computed->expression = std::move(expression);
  computed->evaluator = std::make_unique<Evaluator>(context_, &map_);
  computed->value = computed->evaluator->Add(*computed->expression);
  computed_.push_back(std::move(computed));
}

std::string RowRules::PlaceOf(const Computed& computed) const {
  return PlaceOfTable(*table_) +
         (computed.is_check ? ", check constraint " + table_->checks[computed.number].name.spelling
                            : ", column " + table_->columns[computed.number].name.spelling);
}

void RowRules::Check(const RowIds& ids) {
  if (chunk_.row_count() == 0) return;
  for (size_t i = 0; i < columns_.size(); ++i) CheckColumn(static_cast<uint16_t>(i), ids);
  for (auto& computed : computed_) CheckComputed(*computed, ids);
}

void RowRules::CheckColumn(uint16_t column, const RowIds& ids) {
  const ColumnDefinition& definition = table_->columns[column];
  const Vector& values = chunk_.column(column);
  std::string where;
  auto add = [&](const std::string& what, BrokenRule::Kind kind, uint32_t row) {
    if (where.empty()) where = PlaceOfTable(*table_) + ", column " + definition.name.spelling;
    findings_->AddRow(where, what, ids.ids[row], {kind, table_->id, column});
  };
  ForEachRow(chunk_.rows(), [&](uint32_t row) {
    if (!values.IsValid(row)) {
      if (definition.not_null) add("null, though it is NOT NULL,", BrokenRule::kNotNull, row);
    } else if (!FitsType(values, row, definition.type)) {
      add("a value that is none of " + definition.type.ToString(), BrokenRule::kType, row);
    }
  });
}

void RowRules::CompareRow(const Computed& computed, uint32_t row, RowId id) {
  if (computed.is_check) {
    if (!computed.value->IsValid(row) || computed.value->At<uint8_t>(row) != 0) return;
    findings_->AddRow(PlaceOf(computed), "it does not hold", id,
                      {BrokenRule::kCheck, table_->id, computed.number});
  } else if (!SameValue(*computed.value, chunk_.column(computed.number), row)) {
    findings_->AddRow(PlaceOf(computed), "another value than is generated", id,
                      {BrokenRule::kGenerated, table_->id, computed.number});
  }
}

void RowRules::CheckComputed(Computed& computed, const RowIds& ids) {
  try {
    computed.evaluator->Run(chunk_.rows());
    ForEachRow(chunk_.rows(), [&](uint32_t row) { CompareRow(computed, row, ids.ids[row]); });
    return;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kQueryCanceled || error.code() == ErrorCode::kOutOfMemory) {
      throw;
    }
  }
  // Some row can't be computed: each for itself.
  BrokenRule rule{computed.is_check ? BrokenRule::kCheck : BrokenRule::kGenerated, table_->id,
                  computed.number};
  ForEachRow(chunk_.rows(), [&](uint32_t row) {
    auto at = static_cast<uint16_t>(row);
    try {
      computed.evaluator->Run(Rows{&at, 1});
      CompareRow(computed, row, ids.ids[row]);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kQueryCanceled || error.code() == ErrorCode::kOutOfMemory) {
        throw;
      }
      findings_->AddRow(PlaceOf(computed), "it can't be computed (" + error.message() + ")",
                        ids.ids[row], rule);
    }
  });
}

}  // namespace tupelo

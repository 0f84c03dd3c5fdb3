// engine/set_time_zone.cpp: SET TIME ZONE (SQL:1999 part 2, 18.4): the session's zone.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

#include "engine/session.h"
#include "exec/evaluator.h"
#include "functions/time_zone.h"
#include "plan/binder.h"
#include "types/datetime.h"
#include "types/decimal.h"

namespace tupelo {

namespace {

// A number is of hours, as in PostgreSQL.
int32_t OffsetOfHours(const Value& hours) {
  constexpr double kMostHours = 15;
  double number = hours.type.is_exact()
                      ? DecimalToDouble(hours.Unscaled(), hours.type.decimal_scale())
                      : hours.real;
  number = std::clamp(number, -kMostHours, kMostHours);
  return OffsetOfInterval(std::llround(number * static_cast<double>(kMicrosPerHour)));
}

void SetZoneOf(const Value& zone, Settings* settings) {
  auto set_displacement = [&](int32_t minutes) {
    settings->time_zone = TimeZone(minutes);
    int32_t size = std::abs(minutes);
    settings->time_zone_name =
        fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', size / 60, size % 60);
  };
  if (!zone.is_null && zone.type.is_character()) {
    settings->time_zone = ZoneOfText(zone.text);
    settings->time_zone_name = zone.text;
    return;
  }
  if (!zone.is_null && zone.type.is_numeric()) return set_displacement(OffsetOfHours(zone));
  if (!zone.is_null && zone.type.id == TypeId::kDayTime) {
    return set_displacement(OffsetOfInterval(zone.integer));
  }
  throw Error(ErrorCode::kDatatypeMismatch,
              "a time zone is an interval of hours and minutes or a region's name, not " +
                  (zone.is_null ? "null" : zone.type.ToString()));
}

}  // namespace

void SessionState::SetTimeZone(const ast::SetTimeZoneStatement& statement) {
  Settings changed = settings_;
  changed.time_zone = Settings().time_zone;
  changed.time_zone_name = Settings().time_zone_name;
  if (statement.zone != nullptr) {
    ExecutionContext execution;
    execution.evaluation.user_name = user_name_;
    execution.evaluation.time_zone = settings_.time_zone;
    execution.evaluation.statement_time_us =
        std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now().time_since_epoch())
            .count();
    Position position = statement.zone->position;
    std::vector<Type> no_parameters;
    CatalogPtr catalog = state_->catalog.Current();
    execution.catalog = catalog.get();
    Binder binder(*catalog, no_parameters);
    ExpressionPtr expression = binder.BindStandalone(*statement.zone, "in SET TIME ZONE");
    ColumnMap no_columns;
    Evaluator evaluator(&execution, &no_columns);
    const Vector* computed = evaluator.Add(*expression);
    evaluator.Run(Rows{nullptr, 1});
    Value value = Value::FromVector(*computed, 0);
    value.type = expression->type;
    try {
      SetZoneOf(value, &changed);
    } catch (Error& error) {
      error.AtPosition(position);
      throw;
    }
  }
  settings_ = changed;
}

}  // namespace tupelo

// engine/set_time_zone.cpp: SET TIME ZONE (SQL:1999 part 2, 18.4): the session's zone.
#include <algorithm>
#include <chrono>
#include <cmath>

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

TimeZone ZoneOf(const Value& zone) {
  if (!zone.is_null && zone.type.is_character()) return ZoneOfText(zone.text);
  if (!zone.is_null && zone.type.is_numeric()) return TimeZone(OffsetOfHours(zone));
  if (!zone.is_null && zone.type.id == TypeId::kDayTime) {
    return TimeZone(OffsetOfInterval(zone.integer));
  }
  throw Error(ErrorCode::kDatatypeMismatch,
              "a time zone is an interval of hours and minutes or a region's name, not " +
                  (zone.is_null ? "null" : zone.type.ToString()));
}

}  // namespace

void SessionState::SetTimeZone(const ast::SetTimeZoneStatement& statement) {
  TimeZone zone;
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
      zone = ZoneOf(value);
    } catch (Error& error) {
      error.AtPosition(position);
      throw;
    }
  }
  settings_.time_zone = zone;
}

}  // namespace tupelo

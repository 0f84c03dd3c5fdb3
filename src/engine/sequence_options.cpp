// engine/sequence_options.cpp: START WITH, INCREMENT BY ... as an identity column or sequence has
// them.
#include <algorithm>
#include <charconv>

#include "engine/definition_steps.h"

namespace tupelo {

namespace {

[[noreturn]] void ThrowNumbers(const NumberOwner& owner, const std::string& message,
                               Position position) {
  Error error(ErrorCode::kInvalidParameterValue, message + ": " + owner.name, position);
  if (!owner.column.empty()) error.OnColumn(owner.column);
  throw error;
}

int64_t ToInteger(const ast::SignedInteger& number, const NumberOwner& owner) {
  std::string text = (number.negative ? "-" : "") + std::string(number.digits);
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    ThrowNumbers(owner, "numbers must fit BIGINT, " + text + " does not", number.position);
  }
  return value;
}

}  // namespace

NumberRange RangeOf(const Type& type, const NumberOwner& owner) {
  switch (type.id) {
    case TypeId::kSmallInt: return {INT16_MIN, INT16_MAX};
    case TypeId::kInteger: return {INT32_MIN, INT32_MAX};
    case TypeId::kBigInt: return {INT64_MIN, INT64_MAX};
    case TypeId::kDecimal: {
      if (type.scale != 0) break;
      if (type.precision > kMaxInt64DecimalPrecision) return {INT64_MIN, INT64_MAX};
      int64_t limit = 1;
      for (int i = 0; i < type.precision; ++i) limit *= 10;
      return {1 - limit, limit - 1};
    }
    default: break;
  }
  ThrowNumbers(
      owner,
      "numbers are SMALLINT, INTEGER, BIGINT or DECIMAL with scale 0, not " + type.ToString(),
      owner.position);
}

void CheckWithin(int64_t value, const NumberRange& range, const char* what, const char* limits,
                 const NumberOwner& owner, Position position) {
  if (value >= range.least && value <= range.greatest) return;
  ThrowNumbers(owner,
               std::string(what) + " must be within " + limits + " " + std::to_string(range.least) +
                   " to " + std::to_string(range.greatest) + ", not " + std::to_string(value),
               position);
}

namespace {

// What was given, else what `altered` has, else what follows from the type: numbers go up from 1 or
// down from -1 (or from where they start) to its end.
void SetLimits(const ast::IdentityOptions& options, const NumberRange& type,
               const NumberOwner& owner, const IdentitySequence* altered, IdentitySequence* made) {
  bool ascends = made->increment > 0;
  bool has_start = !options.start.empty();
  if (altered != nullptr) made->minimum = altered->minimum;
  if (altered == nullptr || options.no_minimum) {
    made->minimum = ascends ? std::min<int64_t>(1, has_start ? made->start : 1) : type.least;
  }
  if (altered != nullptr) made->maximum = altered->maximum;
  if (altered == nullptr || options.no_maximum) {
    made->maximum = ascends ? type.greatest : std::max<int64_t>(-1, has_start ? made->start : -1);
  }
  if (!options.minimum.empty()) {
    made->minimum = ToInteger(options.minimum, owner);
    CheckWithin(made->minimum, type, "MINVALUE", "the type:", owner, options.minimum.position);
  }
  if (!options.maximum.empty()) {
    made->maximum = ToInteger(options.maximum, owner);
    CheckWithin(made->maximum, type, "MAXVALUE", "the type:", owner, options.maximum.position);
  }
  if (made->minimum > made->maximum) {
    ThrowNumbers(owner,
                 "MINVALUE " + std::to_string(made->minimum) +
                     " must not be greater than MAXVALUE " + std::to_string(made->maximum),
                 owner.position);
  }
  if (!has_start && altered == nullptr) made->start = ascends ? made->minimum : made->maximum;
  NumberRange limits{std::max(made->minimum, type.least), std::min(made->maximum, type.greatest)};
  CheckWithin(made->start, limits, "START WITH", "MINVALUE and MAXVALUE:", owner,
              has_start ? options.start.position : owner.position);
}

// Where numbers go on after ALTER SEQUENCE: after the last one given, in the new steps.
void Continue(const NumberOwner& owner, const IdentitySequence& altered, IdentitySequence* made) {
  made->TakeStateOf(altered);
  NumberRange limits{made->minimum, made->maximum};
  int64_t last = altered.next.load();
  if (!altered.called.load()) {
    CheckWithin(last, limits, "the next number", "MINVALUE and MAXVALUE:", owner, owner.position);
    return;
  }
  // `next` is one step after the last number, or still that number at the end.
  bool cycled =
      altered.cycle && last == (altered.increment > 0 ? altered.minimum : altered.maximum);
  if (cycled) return;
  if (!altered.exhausted.load()) last -= altered.increment;
  CheckWithin(last, limits, "the last number given", "MINVALUE and MAXVALUE:", owner,
              owner.position);
  int64_t next;
  bool past = __builtin_add_overflow(last, made->increment, &next) || next < made->minimum ||
              next > made->maximum;
  if (past && made->cycle) next = made->increment > 0 ? made->minimum : made->maximum;
  made->exhausted = past && !made->cycle;
  made->next = made->exhausted ? last : next;
}

}  // namespace

std::shared_ptr<IdentitySequence> MakeNumbers(const ast::IdentityOptions& options, const Type& type,
                                              const NumberOwner& owner,
                                              const IdentitySequence* altered) {
  NumberRange range = RangeOf(type, owner);
  auto made = altered != nullptr ? altered->CopyOptions() : std::make_shared<IdentitySequence>();
  if (altered == nullptr || options.cycle_given) made->cycle = options.cycle;
  if (!options.increment.empty()) made->increment = ToInteger(options.increment, owner);
  if (made->increment == 0) {
    ThrowNumbers(owner, "INCREMENT BY must not be 0", options.increment.position);
  }
  if (!options.start.empty()) made->start = ToInteger(options.start, owner);
  SetLimits(options, range, owner, altered, made.get());
  made->next = made->start;
  if (options.restart) {
    if (options.restart_with.empty()) return made;
    int64_t next = ToInteger(options.restart_with, owner);
    CheckWithin(next, {made->minimum, made->maximum}, "RESTART WITH",
                "MINVALUE and MAXVALUE:", owner, options.restart_with.position);
    made->next = next;
  } else if (altered != nullptr) {
    Continue(owner, *altered, made.get());
  }
  return made;
}

}  // namespace tupelo

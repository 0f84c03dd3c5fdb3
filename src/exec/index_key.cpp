// exec/index_key.cpp: conversions between numeric types that never fail.
#include "exec/index_key.h"

#include <cmath>
#include <limits>

#include "types/decimal.h"

namespace tupelo {

namespace {

// An exact number as unscaled integer.
int128_t Unscaled(const Vector& value) {
  switch (value.physical()) {
    case PhysicalType::kInt16: return value.At<int16_t>(0);
    case PhysicalType::kInt32: return value.At<int32_t>(0);
    case PhysicalType::kInt64: return value.At<int64_t>(0);
    default: return value.At<int128_t>(0);
  }
}

double Approximate(const Vector& value) {
  return value.physical() == PhysicalType::kFloat ? value.At<float>(0) : value.At<double>(0);
}

KeyFit StoreExact(int128_t unscaled, Vector* key) {
  int128_t lowest, highest;
  switch (key->type().id) {
    case TypeId::kSmallInt:
      lowest = INT16_MIN;
      highest = INT16_MAX;
      break;
    case TypeId::kInteger:
      lowest = INT32_MIN;
      highest = INT32_MAX;
      break;
    case TypeId::kBigInt:
      lowest = INT64_MIN;
      highest = INT64_MAX;
      break;
    default: highest = PowerOfTen(key->type().precision) - 1; lowest = -highest;
  }
  if (unscaled < lowest) return KeyFit::kTooSmall;
  if (unscaled > highest) return KeyFit::kTooLarge;
  switch (key->physical()) {
    case PhysicalType::kInt16: *key->MutableData<int16_t>() = static_cast<int16_t>(unscaled); break;
    case PhysicalType::kInt32: *key->MutableData<int32_t>() = static_cast<int32_t>(unscaled); break;
    case PhysicalType::kInt64: *key->MutableData<int64_t>() = static_cast<int64_t>(unscaled); break;
    default: *key->MutableData<int128_t>() = unscaled;
  }
  return KeyFit::kFits;
}

// Toward zero where digits are lost.
KeyFit ExactFromExact(const Vector& value, Vector* key) {
  int128_t unscaled = Unscaled(value);
  int shift = key->type().decimal_scale() - value.type().decimal_scale();
  if (shift < 0) return StoreExact(TruncateDigits(unscaled, -shift), key);
  int128_t scaled;
  if (!RescaleDecimal(unscaled, 0, shift, &scaled)) {
    return unscaled < 0 ? KeyFit::kTooSmall : KeyFit::kTooLarge;
  }
  return StoreExact(scaled, key);
}

KeyFit ExactFromApproximate(double number, Vector* key) {
  if (std::isnan(number)) return KeyFit::kTooLarge;
  int scale = key->type().decimal_scale();
  int128_t unscaled;
  // Rounded half up, which may be one unit further from zero than the number: step back then.
  if (!DoubleToDecimal(number, scale, &unscaled)) {
    return number < 0 ? KeyFit::kTooSmall : KeyFit::kTooLarge;
  }
  int order = CompareDecimalWithDouble(unscaled, scale, number);
  if (number > 0 && order > 0) --unscaled;
  if (number < 0 && order < 0) ++unscaled;
  return StoreExact(unscaled, key);
}

KeyFit StoreApproximate(double number, Vector* key) {
  if (key->physical() == PhysicalType::kFloat) {
    *key->MutableData<float>() = static_cast<float>(number);
  } else {
    *key->MutableData<double>() = number;
  }
  return KeyFit::kFits;
}

}  // namespace

KeyFit ConvertToKey(const Vector& value, Vector* key) {
  if (!value.IsValid(0)) return KeyFit::kNull;
  const Type& from = value.type();
  const Type& to = key->type();
  key->PrepareWrite(1);
  if (from.is_exact() && to.is_exact()) {
    if (from.id == to.id && from.scale == to.scale && from.physical() == to.physical() &&
        from.precision <= to.precision) {
      key->Append(0, value, Rows{nullptr, 1}, false);
      return KeyFit::kFits;
    }
    return ExactFromExact(value, key);
  }
  if (from.is_approximate() && to.is_exact()) return ExactFromApproximate(Approximate(value), key);
  if (from.is_exact() && to.is_approximate()) {
    return StoreApproximate(DecimalToDouble(Unscaled(value), from.decimal_scale()), key);
  }
  if (from.is_approximate()) return StoreApproximate(Approximate(value), key);
  key->Append(0, value, Rows{nullptr, 1}, false);
  return KeyFit::kFits;
}

KeyFit ConvertToBound(const Vector& value, bool is_upper, Vector* key) {
  if (key->type().id != TypeId::kDecimal || !value.type().is_approximate() || !value.IsValid(0)) {
    return ConvertToKey(value, key);
  }
  constexpr double kFarthest = std::numeric_limits<double>::infinity();
  double end = is_upper ? kFarthest : -kFarthest;
  key->PrepareWrite(1);
  return ExactFromApproximate(value.physical() == PhysicalType::kFloat
                                  ? std::nextafter(value.At<float>(0), static_cast<float>(end))
                                  : std::nextafter(value.At<double>(0), end),
                              key);
}

}  // namespace tupelo

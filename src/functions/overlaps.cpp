// functions/overlaps.cpp: OVERLAPS (SQL:1999 part 2, 8.12): begin and end of two periods.
#include <utility>

#include "functions/kernel.h"
#include "functions/registry.h"

namespace tupelo {
namespace {

// A value that may be null; false, unknown and true are 0, 1 and 2.
template <typename T>
struct Bound {
  bool is_null;
  T value;
};
using Truth = int;
constexpr Truth kFalse = 0, kUnknown = 1, kTrue = 2;

template <typename T>
Truth Less(const Bound<T>& left, const Bound<T>& right) {
  if (left.is_null || right.is_null) return kUnknown;
  return left.value < right.value ? kTrue : kFalse;
}
template <typename T>
Truth Equal(const Bound<T>& left, const Bound<T>& right) {
  if (left.is_null || right.is_null) return kUnknown;
  return left.value == right.value ? kTrue : kFalse;
}
Truth And(Truth a, Truth b) { return a < b ? a : b; }
Truth Or(Truth a, Truth b) { return a > b ? a : b; }
Truth Not(Truth a) { return kTrue - a; }

// A period is given by two bounds in either order; one that has no begin begins at its end.
template <typename T>
void Order(Bound<T>* begin, Bound<T>* end) {
  if (begin->is_null || (!end->is_null && end->value < begin->value)) std::swap(*begin, *end);
}

template <typename T>
Truth Overlap(Bound<T> s1, Bound<T> t1, Bound<T> s2, Bound<T> t2) {
  Order(&s1, &t1);
  Order(&s2, &t2);
  Truth first = And(Less(s2, s1), Not(And(Not(Less(s1, t2)), Not(Less(t1, t2)))));
  Truth second = And(Less(s1, s2), Not(And(Not(Less(s2, t1)), Not(Less(t2, t1)))));
  Truth ends = Or(Not(Equal(t1, t2)), Equal(t1, t2));
  return Or(Or(first, second), And(Equal(s1, s2), ends));
}

int64_t KeyOf(int32_t date) { return date; }
int64_t KeyOf(int64_t time) { return time; }
int64_t KeyOf(const ZonedTime& time) { return time.utc_us; }

template <typename T>
void OverlapsKernel(const KernelCall& call) {
  uint32_t capacity = call.rows.is_dense() ? call.rows.count : kVectorSize;
  call.result->PrepareWrite(capacity == 0 ? 1 : capacity);
  auto* out = call.result->MutableData<uint8_t>();
  ForEachRow(call.rows, [&](uint32_t row) {
    auto bound = [&](size_t i) {
      const Vector& argument = *call.arguments[i];
      bool is_null = !argument.IsValid(row);
      return Bound<int64_t>{is_null, is_null ? 0 : KeyOf(argument.At<T>(row))};
    };
    Truth truth = Overlap(bound(0), bound(1), bound(2), bound(3));
    out[row] = truth == kTrue;
    if (truth == kUnknown) call.result->SetNull(row);
  });
}

bool ResolveOverlaps(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 4) return false;
  Type type = Type::Null();
  for (const Type& given : types) type = TypeOr(type, given);
  type = TypeOr(type, Type::Timestamp());
  if (!type.is_datetime()) return false;
  function->result = Type::Boolean();
  function->argument_types.assign(4, type);
  function->may_fail = false;
  switch (type.physical()) {
    case PhysicalType::kInt32: function->kernel = OverlapsKernel<int32_t>; break;
    case PhysicalType::kInt64: function->kernel = OverlapsKernel<int64_t>; break;
    default: function->kernel = OverlapsKernel<ZonedTime>; break;
  }
  return true;
}

constexpr FunctionRow kRows[] = {
    {"OVERLAPS", "two periods of datetimes of one kind, each with an end or an interval",
     ResolveOverlaps},
};

}  // namespace

std::span<const FunctionRow> OverlapsFunctions() { return kRows; }

}  // namespace tupelo

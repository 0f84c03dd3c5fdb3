// functions/any_value.cpp: TYPEOF, NUM_NULLS, NUM_NONNULLS: of values of whatever type.
#include "functions/kernel.h"
#include "functions/registry.h"

namespace tupelo {
namespace {

// The name of the type as CAST takes it; of what NULL alone is, 'NULL'.
void NameType(const KernelCall& call) {
  uint32_t capacity = call.rows.is_dense() ? call.rows.count : kVectorSize;
  call.result->PrepareWrite(capacity == 0 ? 1 : capacity);
  const Type& type = call.data->type;
  std::string text = type.id == TypeId::kNull ? "NULL" : type.ToString();
  StringRef name = call.result->CopyToHeap(text);
  auto* out = call.result->MutableData<StringRef>();
  ForEachRow(call.rows, [&](uint32_t row) { out[row] = name; });
}

bool ResolveTypeOf(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  function->result = Type::Varchar();
  function->data.type = types[0];
  function->kernel = NameType;
  function->may_fail = false;
  return true;
}

template <bool kNulls>
void CountValues(const KernelCall& call) {
  uint32_t capacity = call.rows.is_dense() ? call.rows.count : kVectorSize;
  call.result->PrepareWrite(capacity == 0 ? 1 : capacity);
  auto* out = call.result->MutableData<int32_t>();
  ForEachRow(call.rows, [&](uint32_t row) {
    int32_t count = 0;
    for (const Vector* argument : call.arguments) count += argument->IsValid(row) != kNulls;
    out[row] = count;
  });
}

template <bool kNulls>
bool ResolveCount(std::span<const Type> types, BoundFunction* function) {
  if (types.empty()) return false;
  function->result = Type::Integer();
  function->kernel = CountValues<kNulls>;
  function->may_fail = false;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"TYPEOF", "one value", ResolveTypeOf},
    {"PG_TYPEOF", "one value", ResolveTypeOf},
    {"NUM_NULLS", "one or more values", ResolveCount<true>},
    {"NUM_NONNULLS", "one or more values", ResolveCount<false>},
};

}  // namespace

std::span<const FunctionRow> AnyValueFunctions() { return kRows; }

}  // namespace tupelo

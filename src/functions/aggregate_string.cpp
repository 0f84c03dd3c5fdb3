// functions/aggregate_string.cpp: STRING_AGG, GROUP_CONCAT and LISTAGG: values one after the other
// with separators between them.
//
// Each value is kept with the separator before it, the first one's too, so that two states can be
// joined; the result begins behind that.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "functions/aggregate.h"
#include "functions/string_signature.h"

namespace tupelo {
namespace {

struct TextState {
  char* text;
  uint32_t size, capacity;
  uint32_t first_separator;  // bytes at the begin
  uint32_t has_value;
  int64_t dropped;  // values past the longest result
};

void Append(TextState& state, std::string_view more, Arena* heap) {
  if (more.empty()) return;
  uint64_t size = uint64_t{state.size} + more.size();
  CheckStringSize(size);
  if (size > state.capacity) {
    uint64_t capacity = std::max<uint64_t>(size, std::max<uint64_t>(32, state.capacity * 2ull));
    auto* grown = static_cast<char*>(heap->Allocate(capacity, 1));
    if (state.size > 0) std::memcpy(grown, state.text, state.size);
    state.text = grown;
    state.capacity = static_cast<uint32_t>(capacity);
  }
  std::memcpy(state.text + state.size, more.data(), more.size());
  state.size = static_cast<uint32_t>(size);
}

std::string_view TextAt(const Vector& vector, uint32_t row) {
  return vector.IsValid(row) ? vector.At<StringRef>(row).view() : std::string_view();
}

void Add(TextState& state, std::string_view separator, std::string_view value, Arena* heap) {
  if (state.has_value == 0) state.first_separator = static_cast<uint32_t>(separator.size());
  state.has_value = 1;
  Append(state, separator, heap);
  Append(state, value, heap);
}

void Update(const AggregateCall& call) {
  const Vector& separator = *call.more[0];
  for (uint32_t i = 0; i < call.rows.count; ++i) {
    uint32_t row = call.rows[i];
    if (!call.argument->IsValid(row)) continue;
    Add(StateAt<TextState>(call.states[i]), TextAt(separator, row), TextAt(*call.argument, row),
        call.heap);
  }
}

void Combine(const char* source, char* target, Arena* heap, const FunctionData&) {
  const TextState& from = StateAt<TextState>(source);
  TextState& to = StateAt<TextState>(target);
  if (from.has_value == 0) return;
  if (to.has_value == 0) to.first_separator = from.first_separator;
  to.has_value = 1;
  Append(to, {from.text, from.size}, heap);
}

void Finalize(char* const* states, uint32_t count, Vector* result, uint32_t at,
              const FunctionData&) {
  auto* out = result->MutableData<StringRef>() + at;
  for (uint32_t i = 0; i < count; ++i) {
    const TextState& state = StateAt<TextState>(states[i]);
    out[i] = StringRef();
    if (state.has_value == 0) {
      result->SetNull(at + i);
    } else if (state.size > state.first_separator) {
      out[i] = result->CopyToHeap(
          {state.text + state.first_separator, state.size - state.first_separator});
    }
  }
}

// LISTAGG: more[0] the separator, more[1] what stands for values that found no room. Of a value
// that does not fit whole nothing is taken, and nothing of those after it (SQL:2016 part 2, 10.9).
void UpdateList(const AggregateCall& call) {
  const Vector& separators = *call.more[0];
  auto overflow = static_cast<ListOverflow>(call.data->b);
  for (uint32_t i = 0; i < call.rows.count; ++i) {
    uint32_t row = call.rows[i];
    if (!call.argument->IsValid(row)) continue;
    TextState& state = StateAt<TextState>(call.states[i]);
    std::string_view value = TextAt(*call.argument, row), separator = TextAt(separators, row);
    uint64_t size = uint64_t{state.size} - state.first_separator + value.size();
    if (state.has_value != 0) size += separator.size();
    if (state.dropped == 0 && size <= static_cast<uint64_t>(call.data->a)) {
      Add(state, separator, value, call.heap);
      continue;
    }
    if (overflow == ListOverflow::kError) {
      throw Error(ErrorCode::kStringTruncation,
                  fmt::format("the result of LISTAGG is longer than {} bytes; use ON OVERFLOW "
                              "TRUNCATE",
                              call.data->a));
    }
    if (state.dropped == 0) {
      Add(state, separator, TextAt(*call.more[1], row), call.heap);
    }
    ++state.dropped;
  }
}

void FinalizeList(char* const* states, uint32_t count, Vector* result, uint32_t at,
                  const FunctionData& data) {
  Finalize(states, count, result, at, data);
  if (static_cast<ListOverflow>(data.b) != ListOverflow::kTruncateWithCount) return;
  auto* out = result->MutableData<StringRef>() + at;
  for (uint32_t i = 0; i < count; ++i) {
    const TextState& state = StateAt<TextState>(states[i]);
    if (state.dropped == 0) continue;
    out[i] = result->CopyToHeap(fmt::format("{}({})", out[i].view(), state.dropped));
  }
}

bool Resolve(const Type* argument_type, BoundAggregate* aggregate) {
  if (argument_type == nullptr) return false;
  Type type = argument_type->id == TypeId::kNull ? Type::Varchar() : *argument_type;
  bool is_binary = type.id == TypeId::kBlob;
  if (!type.is_character() && !is_binary) return false;
  aggregate->argument_type = type;
  aggregate->result = is_binary ? Type::Blob() : Type::Varchar();
  aggregate->more_types = {aggregate->result};
  aggregate->needs_order = true;
  aggregate->state_bytes = sizeof(TextState);
  aggregate->update = Update;
  aggregate->combine = Combine;
  aggregate->finalize = Finalize;
  return true;
}

}  // namespace

bool ResolveStringAggregate(const Type* argument_type, BoundAggregate* aggregate) {
  return Resolve(argument_type, aggregate);
}

bool ResolveListagg(const Type* argument_type, BoundAggregate* aggregate) {
  if (!Resolve(argument_type, aggregate) || aggregate->result.id == TypeId::kBlob) return false;
  aggregate->more_types.push_back(Type::Varchar());
  aggregate->data.a = kMaxCharacterLength;
  aggregate->data.b = static_cast<int64_t>(ListOverflow::kError);
  aggregate->update = UpdateList;
  aggregate->combine = nullptr;
  aggregate->finalize = FinalizeList;
  return true;
}

}  // namespace tupelo

// catalog/definition.cpp: looking a column up; the next number of a sequence.
#include "catalog/definition.h"

#include "base/error.h"

namespace tupelo {

namespace {
std::atomic<ObjectId> next_id{1};
}

ObjectId NextObjectId() { return next_id.fetch_add(1, std::memory_order_relaxed); }

void ReserveObjectIds(ObjectId last) {
  // No process lives to give as many: there would be none left.
  if (last >> 62 != 0) throw Error(ErrorCode::kDataCorrupted, "the number of an object");
  ObjectId next = next_id.load(std::memory_order_relaxed);
  while (next <= last &&
         !next_id.compare_exchange_weak(next, last + 1, std::memory_order_relaxed)) {
  }
}

bool IdentitySequence::Take(int64_t* number) {
  if (exhausted.load(std::memory_order_relaxed)) return false;
  *number = next.load(std::memory_order_relaxed);
  called.store(true, std::memory_order_relaxed);
  int64_t after;
  bool past =
      __builtin_add_overflow(*number, increment, &after) || after > maximum || after < minimum;
  if (past && cycle) after = increment > 0 ? minimum : maximum;
  if (past && !cycle) {
    exhausted.store(true, std::memory_order_relaxed);
  } else {
    next.store(after, std::memory_order_relaxed);
  }
  return true;
}

void IdentitySequence::GoOnFrom(int64_t number, bool is_taken) {
  next.store(number, std::memory_order_relaxed);
  exhausted.store(false, std::memory_order_relaxed);
  called.store(false, std::memory_order_relaxed);
  if (is_taken) Take(&number);
}

std::shared_ptr<IdentitySequence> IdentitySequence::CopyOptions() const {
  auto copy = std::make_shared<IdentitySequence>();
  copy->start = start;
  copy->increment = increment;
  copy->minimum = minimum;
  copy->maximum = maximum;
  copy->cycle = cycle;
  copy->always = always;
  copy->next = start;
  return copy;
}

void IdentitySequence::TakeStateOf(const IdentitySequence& other) {
  next = other.next.load();
  exhausted = other.exhausted.load();
  called = other.called.load();
}

std::optional<uint16_t> TableDefinition::FindColumn(std::string_view key) const {
  size_t found = FindName(key, columns.size(),
                          [this](size_t i) -> std::string_view { return columns[i].name.key; });
  if (found == kNameNotFound) return std::nullopt;
  if (found == kNameAmbiguous) {
    throw Error(ErrorCode::kAmbiguousColumn,
                "column name matches more than one column without regard to case; quote it: " +
                    std::string(key))
        .OnTable(name.spelling);
  }
  return static_cast<uint16_t>(found);
}

const KeyDefinition* TableDefinition::PrimaryKey() const {
  for (const KeyDefinition& key : keys) {
    if (key.is_primary) return &key;
  }
  return nullptr;
}

}  // namespace tupelo

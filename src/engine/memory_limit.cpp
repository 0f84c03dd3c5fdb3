// engine/memory_limit.cpp: a number and its unit.
#include "engine/memory_limit.h"

#include <charconv>
#include <fmt/format.h>

#include "catalog/name.h"

namespace tupelo {

namespace {

// How far the unit shifts the number; 64: there is no such unit.
unsigned ShiftOf(std::string_view unit) {
  constexpr std::string_view kUnits[] = {"B", "KB", "MB", "GB", "TB"};
  if (unit.empty()) return 0;
  std::string folded = FoldUpper(unit);
  for (unsigned i = 0; i < std::size(kUnits); ++i) {
    if (folded == kUnits[i]) return 10 * i;
  }
  return 64;
}

// False: it is none.
bool ReadSize(std::string_view text, uint64_t* bytes) {
  uint64_t number = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  unsigned shift = ShiftOf(unit);
  if (status != std::errc() || shift >= 64 || number > UINT64_MAX >> shift) return false;
  *bytes = number << shift;
  return true;
}

}  // namespace

uint64_t MemoryLimitOf(std::string_view text, Position position) {
  uint64_t bytes = 0;
  if (ReadSize(text, &bytes) && bytes >= kLeastMemoryLimit) return bytes;
  throw Error(
      ErrorCode::kInvalidParameterValue,
      fmt::format("memory_limit is a size of at least 1MB, such as '200MB' or '4GB': {}", text),
      position);
}

uint64_t VersionLimitOf(std::string_view text, Position position) {
  uint64_t bytes = 0;
  if (ReadSize(text, &bytes)) return bytes;
  throw Error(
      ErrorCode::kInvalidParameterValue,
      fmt::format("version_limit is a size, such as '200MB' or '4GB', 0 for none: {}", text),
      position);
}

}  // namespace tupelo

// catalog/definition.cpp: looking a column up.
#include "catalog/definition.h"

#include "base/error.h"

namespace tupelo {

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

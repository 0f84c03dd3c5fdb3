// catalog/stored_definition_kind.h: changes of the catalog, as they are stored.
#pragma once

#include <cstdint>

namespace tupelo {

enum class DefinitionKind : uint8_t {
  kPutSchema = 1,
  kDropSchema = 2,
  kPutTable = 3,
  kDropTable = 4,
  kPutView = 5,
  kDropView = 6,
  kPutSequence = 7,
  kDropSequence = 8,
  kSequenceState = 9,
};

}  // namespace tupelo

// base/database_id.h: sixteen random bytes that no other database has.
#pragma once

#include <array>
#include <cstdint>

namespace tupelo {

using DatabaseId = std::array<uint8_t, 16>;

}  // namespace tupelo

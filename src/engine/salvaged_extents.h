// engine/salvaged_extents.h: catalogs and segment pages of a damaged file that check out, by who
// owns them.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/interruption.h"
#include "storage/raw_extents.h"

namespace tupelo {

class SalvagedExtents {
 public:
  struct Found {
    uint64_t generation;
    ExtentAddress address;
  };

  // Reads the whole file. Without the database's id nothing can be verified: what looks like an
  // extent is taken for one. `interruption` may be nullptr.
  SalvagedExtents(std::unique_ptr<File> file, const std::optional<DatabaseId>& id,
                  const Interruption* interruption);

  RawExtents& extents() { return extents_; }
  // Sound roots, the newest first.
  const std::vector<DatabaseRoot>& roots() const { return roots_; }
  // Those of one place, the newest first.
  const std::vector<Found>& Of(ExtentKind kind, const ExtentOwner& owner) const;
  // Places of a kind that an object has, ascending.
  std::vector<uint64_t> PlacesOf(ExtentKind kind, uint64_t object) const;
  // Objects that have any of a kind, ascending.
  std::vector<uint64_t> ObjectsOf(ExtentKind kind) const;

 private:
  struct Place {
    ExtentKind kind;
    uint64_t object;
    uint64_t place;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  RawExtents extents_;
  std::vector<DatabaseRoot> roots_;
  std::map<Place, std::vector<Found>> found_;
};

}  // namespace tupelo

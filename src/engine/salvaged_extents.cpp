// engine/salvaged_extents.cpp: one walk through the file.
#include "engine/salvaged_extents.h"

#include <algorithm>

namespace tupelo {

SalvagedExtents::SalvagedExtents(std::unique_ptr<File> file, const std::optional<DatabaseId>& id,
                                 const Interruption* interruption)
    : extents_(std::move(file), id) {
  for (uint64_t page : {1, 2}) {
    DatabaseRoot root;
    if (extents_.ReadRoot(page, &root)) roots_.push_back(root);
  }
  std::sort(roots_.begin(), roots_.end(), [](const DatabaseRoot& a, const DatabaseRoot& b) {
    return a.generation > b.generation;
  });
  RawExtent extent;
  for (uint64_t page = 0; extents_.FindNext(page, &extent);) {
    if (interruption != nullptr) interruption->Check();
    // What only looks like one may hide others.
    page = id.has_value() ? extent.address.end_page() : extent.address.first_page + 1;
    if (extent.kind != ExtentKind::kCatalog && extent.kind != ExtentKind::kSegmentPage) continue;
    found_[{extent.kind, extent.owner.object, extent.owner.place}].push_back(
        {extent.generation, extent.address});
  }
  for (auto& [place, found] : found_) {
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.generation > b.generation; });
  }
}

const std::vector<SalvagedExtents::Found>& SalvagedExtents::Of(ExtentKind kind,
                                                               const ExtentOwner& owner) const {
  static const std::vector<Found> kNone;
  auto found = found_.find({kind, owner.object, owner.place});
  return found == found_.end() ? kNone : found->second;
}

std::vector<uint64_t> SalvagedExtents::PlacesOf(ExtentKind kind, uint64_t object) const {
  std::vector<uint64_t> places;
  for (auto it = found_.lower_bound({kind, object, 0});
       it != found_.end() && it->first.kind == kind && it->first.object == object; ++it) {
    places.push_back(it->first.place);
  }
  return places;
}

std::vector<uint64_t> SalvagedExtents::ObjectsOf(ExtentKind kind) const {
  std::vector<uint64_t> objects;
  for (auto it = found_.lower_bound({kind, 0, 0}); it != found_.end() && it->first.kind == kind;
       ++it) {
    if (objects.empty() || objects.back() != it->first.object) objects.push_back(it->first.object);
  }
  return objects;
}

}  // namespace tupelo

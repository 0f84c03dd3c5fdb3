// storage/tail_moves.cpp: finding them.
#include "storage/tail_moves.h"

#include <algorithm>

#include "storage/database_file.h"
#include "storage/row_store.h"

namespace tupelo {

namespace {

// A file where less is free grows into it soon.
constexpr uint64_t kLeastFreePages = 256;
constexpr uint64_t kLeastFreeShare = 4;

}  // namespace

TailMoves TailMoves::Find(DatabaseFile* file, uint64_t most_pages, bool is_wanted) {
  TailMoves moves;
  const uint64_t all = file->file_pages(), free = file->free_pages();
  if (free == 0) return moves;
  if (!is_wanted && (free < kLeastFreePages || free * kLeastFreeShare < all)) return moves;
  moves.from_page = all - std::min({free, most_pages, all});
  for (const DatabaseFile::TailExtent& extent : file->TailExtents(moves.from_page)) {
    const uint64_t object = extent.owner.object, place = extent.owner.place;
    switch (extent.kind) {
      case ExtentKind::kBlock:
      case ExtentKind::kLongValue:
        moves.segments[object].insert(static_cast<uint32_t>(place / kBlocksPerSegment));
        break;
      case ExtentKind::kSegmentPage:
        moves.segments[object].insert(static_cast<uint32_t>(place));
        break;
      case ExtentKind::kSegmentNode:
        moves.directory_nodes[object].insert(static_cast<uint32_t>(place));
        break;
      case ExtentKind::kTreeLeaf:
        moves.leaves[{object, place}].insert(extent.address.first_page);
        break;
      case ExtentKind::kTreeInner: moves.inner_nodes.insert({object, place}); break;
      default: break;  // written anew anyway
    }
  }
  return moves;
}

}  // namespace tupelo

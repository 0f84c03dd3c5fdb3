// storage/tail_moves.h: what a checkpoint writes anew so that the file gets shorter.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace tupelo {

class DatabaseFile;

// Extents at the end of the file, by what they belong to. Written anew, they come to lie where
// there is free room; what they leave is cut off once no root reaches it.
struct TailMoves {
  uint64_t from_page = UINT64_MAX;  // where they begin
  // Of tables, by their stored numbers: segments that have something there, and the first segments
  // of nodes of the directory.
  std::map<uint64_t, std::set<uint32_t>> segments, directory_nodes;
  // Of indexes, by the table's number and theirs: the first pages of leaves; and those of which a
  // node above the leaves is there.
  std::map<std::pair<uint64_t, uint64_t>, std::set<uint64_t>> leaves;
  std::set<std::pair<uint64_t, uint64_t>> inner_nodes;
  // Leaves of all indexes that are half empty are joined with their neighbours.
  bool joins_leaves = false;

  // As much as goes into the free room, and no more than the last `most_pages`; nothing where too
  // little is free for that to be worth it. kDataCorrupted where the end can't be read.
  static TailMoves Find(DatabaseFile* file, uint64_t most_pages, bool is_wanted);
};

}  // namespace tupelo

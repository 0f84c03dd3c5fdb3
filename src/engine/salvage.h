// engine/salvage.h: a new database of all that can still be read of a damaged one.
//
// What the newest sound root leads to is read. Where an extent on the way is damaged, the file is
// searched for those that it led to, by the owner that each names; of several for one place the
// newest sound one is taken. Where the catalog is lost, older ones that are still in the file are
// tried. Then the log is made anew as far as it is sound.
//
// Of a block that is lost the values are null; where its column must not be null, the rows are left
// out. Constraints that do not hold then are left out, too. All of it is told.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/interruption.h"
#include "engine/finding.h"

namespace tupelo {

class FileSystem;

struct SalvageReport {
  std::vector<Finding> losses;
  std::vector<std::pair<std::string, uint64_t>> tables;  // that there are now, and their rows
};

// Makes the database `made`, which must not be there (42710). Changes nothing of `damaged`. Throws
// kDataCorrupted where no catalog is left at all; then there is no new file. Paths are canonical;
// `interruption` may be nullptr.
SalvageReport Salvage(FileSystem& files, const std::string& damaged, const std::string& made,
                      const Interruption* interruption);
// Of the operating system's files, by any paths. `progress` as Connection::SetProgressCallback.
SalvageReport Salvage(const std::string& damaged, const std::string& made, bool (*progress)(void*),
                      void* argument);

}  // namespace tupelo

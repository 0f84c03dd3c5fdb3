// engine/salvaged_rows.h: the rows of one table that can still be read of a damaged file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/finding.h"
#include "engine/salvaged_extents.h"
#include "engine/stored_names.h"
#include "storage/block_codec.h"
#include "storage/segment_directory.h"
#include "storage/segment_page.h"
#include "txn/table.h"

namespace tupelo {

// Row ids stay what they are, for the log names rows by them.
class SalvagedRows {
 public:
  // `needed`: physical columns without whose value a row can't be.
  SalvagedRows(SalvagedExtents* source, uint64_t number, const StoredNames& names,
               std::set<uint16_t> needed, ExtentPool* pool, const Interruption* interruption,
               Findings* losses);

  // Puts them into `table`, which has its columns and indexes, and no rows. `used_rows`: rows from
  // there on there are not. `directory`: nullptr where it is not known; then the file is searched.
  // `after_stripe` is called now and then.
  void Load(const SegmentDirectoryRoot* directory, uint64_t used_rows, Table* table,
            const std::function<void()>& after_stripe);

 private:
  class Values;
  struct Page {
    SegmentPage page;
    uint64_t generation;
  };
  struct Segment {
    uint32_t number;
    ExtentAddress address;  // none: only a search can tell
  };

  void Walk(const ExtentAddress& address, uint8_t level, uint64_t first,
            std::vector<Segment>* segments);
  void Search(uint64_t first, uint64_t end, std::vector<Segment>* segments);
  std::optional<Page> LoadPage(const Segment& segment);
  bool TryPage(const ExtentAddress& address, uint32_t segment, std::optional<Page>* page);
  void LoadStripe(const Page& page, uint32_t stripe, Table* table);
  // nullptr: it is lost; why is in *what.
  ColumnBlock* LoadBlock(const StoredBlock& stored, uint64_t generation, PhysicalType physical,
                         uint16_t used, uint32_t number, uint16_t column, std::string* what);
  void LoseMisfits(const Type& type, const StoredStripe& stripe, uint32_t number, uint16_t column,
                   ColumnBlock* block);
  bool LoseColumn(uint16_t column, uint32_t stripe, const std::string& what);
  std::string RowsFrom(uint64_t stripe, uint64_t stripes) const;

  SalvagedExtents* source_;
  const uint64_t number_;
  const StoredNames& names_;
  const std::string name_;
  const std::set<uint16_t> needed_;
  ExtentPool* pool_;
  const Interruption* interruption_;
  Findings* losses_;
  uint64_t used_rows_ = 0;
  BlockDecoder decoder_;
};

}  // namespace tupelo

// txn/redo.h: what a transaction changed in the rows of stored tables, as bytes that do it again.
//
// Changes follow each other in the order in which they were made; each row has the values that it
// has in the end. Numbers are little-endian; a "number" below stands in as few groups of seven bits
// as hold it, the lowest first, the highest bit of each byte saying whether another follows.
//
//   insert   byte 1; table, first row, rows, columns: numbers; for each column: its number; a byte,
//            whether some are null; if so, a bit for each row, set where it is not null; the values
//            (of strings: all lengths as numbers, then all bytes; a null is an empty one)
//   update   byte 2; table, row, columns: numbers; for each column: its number; a byte, whether it
//            is null; unless it is, the value
//   delete   byte 3; table, first row, rows: numbers
//
// A value is as long as its type in memory; a string its length, a number, and its bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "storage/row_id.h"

namespace tupelo {

class Table;
class UndoLog;

// Appends the changes of a transaction that is about to commit. Those of tables without a stored
// number are left out. [latch]
void AppendRowChanges(const UndoLog& log, std::vector<uint8_t>* out);

// Makes the changes anew, in tables that are as they were before. `find` gives the table of a
// number, nullptr: there is none. No transaction may be active; Table::FinishReplay comes after the
// last ones. Throws kDataCorrupted for bytes that mean nothing, and changes that do not fit.
void ReplayRowChanges(std::span<const uint8_t> changes,
                      const std::function<Table*(uint64_t)>& find);

}  // namespace tupelo

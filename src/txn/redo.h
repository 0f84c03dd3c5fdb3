// txn/redo.h: what a transaction changed in stored tables, as bytes that do it again.
//
// Changes follow each other: what makes tables, columns and indexes, then rows in the order in
// which they were changed, each with the values that it has in the end, then what drops columns and
// indexes, then definitions. Numbers are little-endian; a "number" below stands in as few groups of
// seven bits as hold it, the lowest first, the highest bit of each byte saying whether another one
// follows.
//
//   insert         byte 1; table, first row, rows, columns: numbers; for each column: its number; a
//                  byte, whether some are null; if so, a bit for each row, set where it is not
//                  null; the values (of strings: all lengths as numbers, then all bytes; a null is
//                  an empty one)
//   update         byte 2; table, row, columns: numbers; for each column: its number; a byte,
//                  whether it is null; unless it is, the value
//   delete         byte 3; table, first row, rows: numbers
//   create table   byte 4; table, columns: numbers; for each column its type
//   add column     byte 5; table, column: numbers; type; a byte, whether the value that all rows
//   get is null;
//                  unless it is, the value
//   drop column    byte 6; table, column: numbers
//   create index   byte 7; table, index, columns: numbers; a byte, whether it is unique; for each
//                  column: its number, a byte of flags: 1 descending, 2 nulls first, 4 never null
//   drop index     byte 8; table, index: numbers
//   definitions    byte 9; bytes: number; what the layer above says
//
// A value is as long as its type in memory; a string its length, a number, and its bytes. A type:
// its id, precision, scale and fields, a byte each; its length, a number.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "txn/view.h"
#include "types/type.h"

namespace tupelo {

class ByteReader;
class Index;
class ReplayTarget;
class Table;
class UndoLog;
class Vector;

// Where the changes of a transaction go before it is committed: in parts, the last of which makes
// them count. What it throws keeps the transaction from being committed, and what was appended of
// it from counting. Called with the latch.
class CommitLog {
 public:
  virtual ~CommitLog() = default;
  virtual void Append(std::span<const uint8_t> changes, bool is_first, bool is_last) = 0;
  // What was appended last belongs to this commit, or to none before it. Throws nothing.
  virtual void NoteCommit(CommitNumber /*commit*/) {}
  // Of commits up to `last`, the last one that can't be lost any more, nor any before it. Never
  // less than it was. [latch, as a reader]
  virtual CommitNumber DurableCommit(CommitNumber last) const { return last; }
};

// Appends the changes of a transaction that is about to commit. Those of tables without a stored
// number are left out. `scratch` has room for a part. [latch]
void AppendChanges(const UndoLog& log, std::vector<uint8_t>* scratch, CommitLog* out);
// Parts of them that are told where they are made.
void AppendType(const Type& type, std::vector<uint8_t>* out);
// Number, columns and uniqueness of an index; and making it of them.
void AppendIndex(const Index& index, std::vector<uint8_t>* out);
void ReplayIndex(ByteReader* bytes, Table* table, bool is_filled);
// Makes a table with the columns of Table::AppendShape; and, once it has its rows, the indexes,
// whose entries are the caller's to attach.
void ReplayColumns(ByteReader* bytes, uint64_t number, ReplayTarget* target);
void ReplayIndexes(ByteReader* bytes, Table* table);
// A flag for null, and the value that a vector of one row has.
void AppendValue(const Vector& value, std::vector<uint8_t>* out);
Type TakeType(ByteReader* bytes);
void AppendDefinitions(std::span<const uint8_t> definitions, std::vector<uint8_t>* out);

// Who has the tables that changes are made in.
class ReplayTarget {
 public:
  virtual ~ReplayTarget() = default;
  // nullptr: there is none.
  virtual Table* FindTable(uint64_t number) = 0;
  virtual void CreateTable(uint64_t number, const std::vector<Type>& types) = 0;
  virtual void ChangeDefinitions(std::span<const uint8_t> definitions) = 0;
  // A change of rows does not fit what is there. True: then as much of it is made as fits, for some
  // of what was there is lost.
  virtual bool AcceptMisfit() { return false; }
};

// Makes the changes of one transaction anew, in tables that are as they were before it. No
// transaction may be active; Table::FinishReplay comes after the last ones. Throws kDataCorrupted
// for bytes that mean nothing, and changes that do not fit.
void ReplayChanges(std::span<const uint8_t> changes, ReplayTarget* target);

}  // namespace tupelo

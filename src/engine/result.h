// engine/result.h: what a statement gave: rows in vector sets, or a count.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "types/chunk.h"

namespace tupelo {

class Execution;

struct ResultColumn {
  std::string name;  // as written after AS, else in the spelling of the definition
  Type type;
  bool nullable = true;  // false when it is known never to be null
};

// Handle to one run of a statement; movable. Streams: holds one vector set, keeps its snapshot
// until it is read to its end or closed. ROLLBACK (also to a savepoint before it) makes the engine
// read it to its end into memory first.
class Result {
 public:
  Result() = default;
  Result(Result&& other) noexcept : execution_(other.execution_), row_count_(other.row_count_) {
    other.execution_ = nullptr;
  }
  Result& operator=(Result&& other) noexcept;
  ~Result() {
    if (execution_ != nullptr) Close();
  }

  // Rows come (SELECT, VALUES, EXPLAIN, RETURNING), also when there are none of them.
  bool has_rows() const { return execution_ != nullptr; }
  const std::vector<ResultColumn>& columns() const;

  // The next vector set, or nullptr at the end. Valid until the next call. Takes the connection's
  // lock and the database's latch; may throw as Execute does, and ends the result then. The chunk's
  // rows may be a selection and its vectors constant; what it points to is pinned until the next
  // call, so it may be read without any lock.
  const Chunk* NextChunk();

  // INSERT, UPDATE, DELETE: rows changed. Else -1.
  int64_t row_count() const { return row_count_; }

  // Gives the snapshot back. Closing twice is fine.
  void Close();

 private:
  friend class Statement;
  friend class StatementState;
  Execution* execution_ = nullptr;
  int64_t row_count_ = -1;
};

}  // namespace tupelo

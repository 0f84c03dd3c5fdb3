// sql/ast_window.h: what may follow the arguments of a call: ORDER BY, windows and their frames.
#pragma once

#include "sql/ast.h"

namespace tupelo::ast {

enum class NullOrder : uint8_t { kUnspecified, kFirst, kLast };

struct SortKey {
  const Expression* expression = nullptr;
  bool descending = false;
  NullOrder nulls = NullOrder::kUnspecified;
};

enum class FrameUnit : uint8_t { kRows, kRange, kGroups };
enum class FrameBoundKind : uint8_t {
  kUnboundedPreceding,
  kPreceding,  // offset PRECEDING
  kCurrentRow,
  kFollowing,  // offset FOLLOWING
  kUnboundedFollowing,
};
enum class FrameExclusion : uint8_t { kNoOthers, kCurrentRow, kGroup, kTies };

struct FrameBound {
  FrameBoundKind kind = FrameBoundKind::kCurrentRow;
  const Expression* offset = nullptr;
  Position position = kNoPosition;
};

// ROWS BETWEEN start AND end EXCLUDE ...; one bound alone is the start, and ends at CURRENT ROW.
struct WindowFrame {
  FrameUnit unit = FrameUnit::kRange;
  FrameBound start;
  FrameBound end;
  FrameExclusion exclusion = FrameExclusion::kNoOthers;
  Position position = kNoPosition;
};

// (base PARTITION BY ... ORDER BY ... frame), or after OVER the name of a window alone.
struct WindowSpecification {
  bool is_name = false;
  Identifier base;  // empty where there is none
  List<const Expression*> partition_by;
  List<SortKey> order_by;
  const WindowFrame* frame = nullptr;  // may be nullptr
  uint16_t height = 0;                 // of the highest expression in it
  Position position = kNoPosition;
};

// LISTAGG's ON OVERFLOW TRUNCATE filler WITH | WITHOUT COUNT; without the clause it is ERROR.
struct OverflowClause {
  const Expression* filler = nullptr;  // nullptr: three points
  bool with_count = true;
};

enum class NullTreatment : uint8_t { kUnspecified, kRespect, kIgnore };

// What may follow the arguments of aggregates and window functions.
struct CallClauses {
  List<SortKey> order_by;  // within the parentheses, or WITHIN GROUP (ORDER BY)
  bool within_group = false;
  const OverflowClause* overflow = nullptr;  // nullptr: none, or ON OVERFLOW ERROR
  bool overflow_given = false;
  NullTreatment nulls = NullTreatment::kUnspecified;
  bool from_given = false;  // FROM FIRST or FROM LAST
  bool from_last = false;
  const WindowSpecification* over = nullptr;  // nullptr: none
};

}  // namespace tupelo::ast

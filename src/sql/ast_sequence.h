// sql/ast_sequence.h: the options of sequences and identity columns.
#pragma once

#include "sql/ast.h"

namespace tupelo::ast {

// A whole number with its sign, as written.
struct SignedInteger {
  bool negative = false;
  std::string_view digits;  // empty: not given
  Position position = kNoPosition;

  bool empty() const { return digits.empty(); }
};

// Of an identity column or a sequence.
struct IdentityOptions {
  SignedInteger start, increment, minimum, maximum;
  SignedInteger restart_with;  // ALTER SEQUENCE
  bool restart = false;        // ALTER SEQUENCE: RESTART [WITH restart_with]
  bool no_minimum = false, no_maximum = false;
  bool cycle = false, cycle_given = false;  // CYCLE; CYCLE or NO CYCLE
};

}  // namespace tupelo::ast

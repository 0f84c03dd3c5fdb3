// plan/common_table.h: the tables of a WITH clause while a statement is bound.
#pragma once

#include <vector>

#include "plan/plan.h"
#include "plan/scope.h"

namespace tupelo {

struct CommonTableFrame;
struct RecursiveMember;

// A table of WITH. Where it is read, it is bound once more (`is_inline`), or scanned as what all
// who read it share.
struct CommonTable {
  const ast::CommonTable* definition = nullptr;
  Name name;
  CommonTableFrame* frame = nullptr;
  size_t visible = 0;  // how many of the frame's tables its query sees
  bool is_bound = false;
  bool is_inline = false;
  uint32_t shared = 0;               // else: its number
  std::vector<OutputColumn> output;  // what it gives, in other columns at every place
  // Of a recursive one: those that read each other, itself among them. While they are bound: what
  // its references mean.
  std::vector<size_t> component;
  RecursiveMember* member = nullptr;
};

// A recursive table while the queries that read it are bound.
struct RecursiveMember {
  CommonTable* table = nullptr;
  uint32_t shared = 0;  // of its working table
  size_t depth = 0;     // of subqueries around the recursion
  // operands[0] op operands[1] ...: links[i] stands before operands[i + 1]. The first
  // `prefix` do not read the component.
  std::vector<const ast::QueryBody*> operands;
  ast::List<ast::SetOperationLink> links;
  std::vector<std::vector<size_t>> reads;  // by operand: members
  size_t prefix = 0;
  bool distinct = false;
  bool is_known = false;              // what follows is
  std::vector<OutputColumn> columns;  // names and types
  std::vector<OutputColumn> hidden;   // what SEARCH and CYCLE add
  std::vector<size_t> search_columns, cycle_columns;
  ExpressionPtr cycle_value, cycle_default;
  PlanPtr first;                  // of the prefix
  std::vector<PlanPtr> branches;  // of the other operands
};

// The tables of one WITH clause; frames are linked from the inside out, like scopes.
struct CommonTableFrame {
  CommonTableFrame* outer = nullptr;
  Scope* parent = nullptr;  // the queries around the clause
  std::vector<CommonTable> tables;
  size_t visible = 0;  // those that can be seen at this moment: the first ones
};

}  // namespace tupelo

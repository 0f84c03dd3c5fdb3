// sql/ast_table.h: the syntax tree of what a table is made of: columns and constraints.
#pragma once

#include "sql/ast_query.h"
#include "sql/ast_sequence.h"

namespace tupelo::ast {

enum class MatchType : uint8_t { kSimple, kPartial, kFull };
enum class ReferentialAction : uint8_t { kNoAction, kRestrict, kCascade, kSetNull, kSetDefault };
enum class ConstraintKind : uint8_t { kNotNull, kNull, kPrimaryKey, kUnique, kCheck, kForeignKey };

// Of a column or of a table. A column's constraint has no columns: it is about its column.
struct Constraint {
  ConstraintKind kind = ConstraintKind::kCheck;
  Position position = kNoPosition;
  Position end = kNoPosition;
  Identifier name;                    // empty: the engine makes one
  List<Identifier> columns;           // of a table's PRIMARY KEY, UNIQUE, FOREIGN KEY
  const Expression* check = nullptr;  // kCheck
  std::string_view check_text;        // kCheck: source of `check`, without the parentheses
  // kForeignKey
  QualifiedName referenced_table;
  List<Identifier> referenced_columns;  // empty: the primary key
  MatchType match = MatchType::kSimple;
  ReferentialAction on_delete = ReferentialAction::kNoAction;
  ReferentialAction on_update = ReferentialAction::kNoAction;
  // [NOT] DEFERRABLE, INITIALLY ...; INITIALLY DEFERRED alone makes deferrable true too.
  bool deferrable = false;
  bool initially_deferred = false;
  Position deferrable_position = kNoPosition;
};

enum class IdentityKind : uint8_t { kNone, kAlways, kByDefault };

struct ColumnDefinition {
  Identifier name;
  TypeName type;
  const Expression* default_value = nullptr;  // nullptr: none
  std::string_view default_text;              // source of default_value
  const Expression* generated = nullptr;      // GENERATED ALWAYS AS (generated); nullptr: none
  IdentityKind identity = IdentityKind::kNone;
  IdentityOptions identity_options;
  List<Constraint> constraints;  // in the order written
  Position position = kNoPosition;
  Position end = kNoPosition;
};

// LIKE table [INCLUDING ...], among the columns.
struct LikeClause {
  QualifiedName table;
  size_t before = 0;  // of `columns`: the one that its columns come before
  bool defaults = false;
  bool identity = false;
};

}  // namespace tupelo::ast

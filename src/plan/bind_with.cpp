// plan/bind_with.cpp: WITH: what its tables are, and what the places that read them get.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

namespace {

// Reading it again costs no more than reading what was kept of it.
bool IsCheap(const PlanNode& plan) {
  switch (plan.kind) {
    case PlanKind::kSingleRow:
    case PlanKind::kCommonTableScan: return true;
    case PlanKind::kTableScan: return plan.condition == nullptr;
    case PlanKind::kValues:
    case PlanKind::kProject: break;
    default: return false;
  }
  bool is_cheap = plan.rows.size() <= 1;
  VisitNodeExpressions(const_cast<PlanNode&>(plan), [&](ExpressionPtr& expression) {
    is_cheap &= expression->kind == BoundKind::kColumn || expression->kind == BoundKind::kConstant;
  });
  return is_cheap && (plan.children.empty() || IsCheap(*plan.children[0]));
}

}  // namespace

void Binder::EnterWith(const ast::WithClause& with, Scope* parent, CommonTableFrame* frame) {
  frame->outer = common_tables_;
  frame->parent = parent;
  frame->tables.reserve(with.tables.size());
  for (const ast::CommonTable& definition : with.tables) {
    CommonTable table;
    table.definition = &definition;
    table.name = MakeName(definition.name);
    table.frame = frame;
    table.visible = with.recursive ? with.tables.size() : frame->tables.size();
    for (const CommonTable& other : frame->tables) {
      if (other.name.key != table.name.key) continue;
      throw Error(ErrorCode::kDuplicateAlias,
                  "table name stands twice in WITH: " + table.name.spelling,
                  definition.name.position);
    }
    frame->tables.push_back(std::move(table));
  }
  common_tables_ = frame;
  if (with.recursive) FindComponents(frame);
  for (CommonTable& table : frame->tables) {
    if (!table.is_bound) BindFirst(&table);
  }
  frame->visible = frame->tables.size();
}

// Binds the query, whether somebody reads the table or not: it must be right.
void Binder::BindFirst(CommonTable* table) {
  PlanPtr plan = BindDefinition(table);
  table->is_bound = true;
  table->output = plan->output;
  ast::Materialization wish = table->definition->materialization;
  bool materialized = wish == ast::Materialization::kMaterialized;
  bool is_recursive = !table->component.empty();
  // NOT MATERIALIZED means nothing for a recursion, as in PostgreSQL.
  table->is_inline = (IsCheap(*plan) && !materialized) ||
                     (wish == ast::Materialization::kNotMaterialized && !is_recursive) ||
                     !FreeColumns(*plan).empty() || !FreeWorkingTables(*plan).empty();
  if (table->is_inline) return;
  table->shared = next_shared_++;
  shared_tables_.push_back({table->name.spelling, table->shared, std::move(plan), materialized});
}

PlanPtr Binder::BindDefinition(CommonTable* table) {
  const ast::CommonTable& definition = *table->definition;
  CommonTableFrame* frame = table->frame;
  CommonTableFrame* caller = common_tables_;
  size_t visible = frame->visible;
  common_tables_ = frame;
  frame->visible = table->visible;
  bool is_recursive = !table->component.empty();
  if (!is_recursive && (definition.search != nullptr || definition.cycle != nullptr)) {
    throw Error(
        ErrorCode::kSyntaxError,
        "SEARCH and CYCLE need a query that reads its own table: " + table->name.spelling,
        definition.search != nullptr ? definition.search->position : definition.cycle->position);
  }
  PlanPtr plan = is_recursive ? BindRecursion(table) : BindQuery(*definition.query, frame->parent);
  if (!is_recursive) NameColumns(*table, &plan->output);
  common_tables_ = caller;
  frame->visible = visible;
  return plan;
}

// The names of the clause's column list, when there is one.
void Binder::NameColumns(const CommonTable& table, std::vector<OutputColumn>* columns) {
  const ast::List<ast::Identifier>& names = table.definition->columns;
  if (names.empty()) return;
  if (names.size() != columns->size()) {
    throw Error(ErrorCode::kInvalidColumnReference,
                "table " + table.name.spelling + " has " + std::to_string(columns->size()) +
                    " columns, but its list of names has " + std::to_string(names.size()),
                names[0].position);
  }
  for (size_t i = 0; i < names.size(); ++i) (*columns)[i].name = Keep(MakeName(names[i]));
}

// The table of WITH that the name means; nullptr: none.
CommonTable* Binder::FindCommonTable(const ast::QualifiedName& name) {
  if (common_tables_ == nullptr || name.parts.size() != 1) return nullptr;
  std::string key = MakeKey(name.last());
  for (CommonTableFrame* frame = common_tables_; frame != nullptr; frame = frame->outer) {
    size_t found = FindName(key, frame->visible, [&](size_t i) -> std::string_view {
      return frame->tables[i].name.key;
    });
    if (found == kNameAmbiguous) {
      throw Error(ErrorCode::kAmbiguousColumn,
                  "name matches more than one table of WITH without regard to case; quote it: " +
                      ToText(name),
                  name.position());
    }
    if (found != kNameNotFound) return &frame->tables[found];
  }
  return nullptr;
}

PlanPtr Binder::ReadCommonTable(CommonTable* table, Position position) {
  if (table->member != nullptr) return ReadWorkingTable(table, position);
  if (!table->is_bound) BindFirst(table);
  if (table->is_inline) return BindDefinition(table);
  auto scan = std::make_unique<PlanNode>(PlanKind::kCommonTableScan);
  scan->shared = table->shared;
  scan->table_alias = table->name.spelling;
  for (size_t i = 0; i < table->output.size(); ++i) {
    OutputColumn column = table->output[i];
    column.id = NextColumn();
    scan->output.push_back(std::move(column));
    scan->scan_columns.push_back(static_cast<uint16_t>(i));
  }
  return scan;
}

}  // namespace tupelo

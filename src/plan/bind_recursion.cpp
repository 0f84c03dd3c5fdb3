// plan/bind_recursion.cpp: WITH RECURSIVE: tables that are read by their own queries (SQL:1999 part
// 2, 7.12).
//
// 1. Tables that read each other are one component; FindComponents finds them by the names that
//    their queries hold.
// 2. Each member's query is a UNION of operands. The first ones, which read no member, say which
//    columns it has; so the others can be bound, where members are working tables. When one of
//    those gives a wider type, the working tables get that, and the operands are bound again.
// 3. One kRecursion has all operands of all members as its branches. Whoever reads another member
//    gets a kRecursion of its own, with the other result.
#include <algorithm>

#include "plan/binder.h"
#include "sql/table_names.h"

namespace tupelo {

namespace {

// Types grow in a few rounds; one that still does goes on for ever.
constexpr int kMaxTypeRounds = 80;

[[noreturn]] void ThrowRecursion(const std::string& what, Position position) {
  throw Error(ErrorCode::kInvalidRecursion, what, position);
}

// The table of the frame that the name means, as Binder::FindCommonTable finds it; its size: none.
size_t NumberOf(const CommonTableFrame& frame, const ast::QualifiedName& name) {
  size_t count = frame.tables.size();
  if (name.parts.size() != 1) return count;
  size_t found = FindName(MakeKey(name.last()), count,
                          [&](size_t i) -> std::string_view { return frame.tables[i].name.key; });
  return std::min(found, count);
}

}  // namespace

void Binder::FindComponents(CommonTableFrame* frame) {
  size_t count = frame->tables.size();
  std::vector<std::vector<bool>> reaches(count, std::vector<bool>(count, false));
  for (size_t i = 0; i < count; ++i) {
    std::vector<const ast::QualifiedName*> names;
    ast::CollectTableNames(*frame->tables[i].definition->query, &names);
    for (const ast::QualifiedName* name : names) {
      size_t read = NumberOf(*frame, *name);
      if (read < count) reaches[i][read] = true;
    }
  }
  for (size_t via = 0; via < count; ++via) {
    for (size_t i = 0; i < count; ++i) {
      if (!reaches[i][via]) continue;
      for (size_t j = 0; j < count; ++j) reaches[i][j] = reaches[i][j] || reaches[via][j];
    }
  }
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < count; ++j) {
      if (reaches[i][j] && reaches[j][i]) frame->tables[i].component.push_back(j);
    }
  }
}

void Binder::CheckNotRecursive(const PlanNode& plan, const char* where, Position position) const {
  if (recursions_ == 0 || FreeWorkingTables(plan).empty()) return;
  ThrowRecursion(std::string("a recursive query must not read its own table ") + where, position);
}

PlanPtr Binder::ReadWorkingTable(CommonTable* table, Position position) {
  const RecursiveMember& member = *table->member;
  const std::string& name = table->name.spelling;
  if (subquery_depth_ > member.depth) {
    ThrowRecursion("a recursive query must not read its own table in a subquery: " + name,
                   position);
  }
  if (!member.is_known) {
    ThrowRecursion(
        "a recursive query must not read its own table in its first, non-recursive part: " + name,
        position);
  }
  auto scan = std::make_unique<PlanNode>(PlanKind::kWorkingTable);
  scan->shared = member.shared;
  scan->table_alias = name;
  auto add = [&](OutputColumn column) {
    column.id = NextColumn();
    column.nullable = true;
    scan->scan_columns.push_back(static_cast<uint16_t>(scan->output.size()));
    scan->output.push_back(std::move(column));
  };
  for (const OutputColumn& column : member.columns) add(column);
  for (const OutputColumn& column : member.hidden) add({kNoColumn, column.type, true, {}});
  return LeaveCycles(std::move(scan), member);
}

// Takes the member's query apart.
void Binder::SplitOperands(const std::vector<RecursiveMember>& members, RecursiveMember* member) {
  const ast::QueryExpression& query = *member->table->definition->query;
  const std::string& name = member->table->name.spelling;
  Position position = member->table->definition->name.position;
  CheckLock(query);
  if (!query.order_by.empty() || query.limit != nullptr || query.offset != nullptr) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "ORDER BY, LIMIT and OFFSET of a recursive query are not supported; write them "
                "where it is read: " +
                    name,
                position);
  }
  const ast::QueryBody& body = *query.body;
  if (body.kind == ast::QueryBodyKind::kSetOperation &&
      ast::As<ast::SetOperationBody>(body).links[0].op != ast::SetOperator::kIntersect) {
    const auto& operation = ast::As<ast::SetOperationBody>(body);
    member->operands.push_back(operation.first);
    member->links = operation.links;
    for (const ast::SetOperationLink& link : operation.links) {
      member->operands.push_back(link.operand);
    }
  } else {
    member->operands.push_back(&body);
  }
  const CommonTableFrame& frame = *member->table->frame;
  member->prefix = member->operands.size();
  for (size_t i = 0; i < member->operands.size(); ++i) {
    std::vector<const ast::QualifiedName*> names;
    ast::CollectTableNames(*member->operands[i], &names);
    std::vector<size_t>& reads = member->reads.emplace_back();
    for (const ast::QualifiedName* one : names) {
      size_t number = NumberOf(frame, *one);
      for (size_t m = 0; m < members.size(); ++m) {
        if (number < frame.tables.size() && members[m].table == &frame.tables[number]) {
          reads.push_back(m);
        }
      }
    }
    if (!reads.empty()) member->prefix = std::min(member->prefix, i);
  }
  if (member->prefix == 0 && members.size() == 1) {
    ThrowRecursion(
        "a recursive query has the form: non-recursive query UNION [ALL] recursive "
        "query: " +
            name,
        position);
  }
  for (size_t i = std::max<size_t>(member->prefix, 1); i < member->operands.size(); ++i) {
    const ast::SetOperationLink& link = member->links[i - 1];
    if (link.op != ast::SetOperator::kUnion) {
      ThrowRecursion("a recursive query must not read its own table in EXCEPT: " + name,
                     link.position);
    }
    bool is_first = i == std::max<size_t>(member->prefix, 1);
    if (link.corresponding || (!is_first && member->distinct == link.all)) {
      throw Error(
          ErrorCode::kFeatureNotSupported,
          link.corresponding
              ? "CORRESPONDING in a recursive query is not supported: " + name
              : "UNION and UNION ALL side by side in a recursive query are not supported: " + name,
          link.position);
    }
    member->distinct = !link.all;
  }
}

// Operands [begin, end) as one query.
PlanPtr Binder::BindOperands(const RecursiveMember& member, size_t begin, size_t end) {
  Scope* parent = member.table->frame->parent;
  const ast::WithClause* with = member.table->definition->query->with;
  CommonTableFrame frame;
  if (with != nullptr) EnterWith(*with, parent, &frame);
  PlanPtr plan = BindBody(*member.operands[begin], parent, nullptr);
  for (size_t i = begin + 1; i < end; ++i) {
    PlanPtr right = BindBody(*member.operands[i], parent, nullptr);
    plan = CombineSets(std::move(plan), std::move(right), member.links[i - 1]);
  }
  if (with != nullptr) LeaveWith(frame);
  if (FreeWorkingTables(*plan).size() > 1) {
    ThrowRecursion("a recursive query must not read its own table more than once: " +
                       member.table->name.spelling,
                   member.operands[begin]->position);
  }
  return plan;
}

void Binder::Know(RecursiveMember* member, const PlanNode& plan) {
  member->columns = plan.output;
  NameColumns(*member->table, &member->columns);
  member->is_known = true;
  PrepareSearchAndCycle(member);
}

// Binds the operands behind the prefix; false when they made a column's type wider.
bool Binder::BindBranches(RecursiveMember* member, bool grows) {
  bool stable = true;
  member->branches.clear();
  for (size_t i = member->prefix; i < member->operands.size(); ++i) {
    PlanPtr plan = BindOperands(*member, i, i + 1);
    Position position = member->operands[i]->position;
    size_t visible = member->columns.size();
    if (plan->output.size() != visible) {
      throw Error(ErrorCode::kSyntaxError,
                  "the queries of a set operation must have equally many columns: " +
                      std::to_string(visible) + " and " + std::to_string(plan->output.size()),
                  position);
    }
    for (size_t c = 0; c < visible; ++c) {
      Type& type = member->columns[c].type;
      Type common;
      if (!CommonType(type, plan->output[c].type, &common)) {
        throw Error(ErrorCode::kDatatypeMismatch,
                    "column " + std::to_string(c + 1) + " of recursive table " +
                        member->table->name.spelling + " has types " + type.ToString() + " and " +
                        plan->output[c].type.ToString() + ", which do not fit; use CAST",
                    position);
      }
      if (common == type) continue;
      stable = false;
      if (grows && common.is_character()) common = Type::Varchar();  // text put together
      type = common;
    }
    member->branches.push_back(std::move(plan));
  }
  return stable;
}

void Binder::BindMembers(std::vector<RecursiveMember>* members) {
  // 1. What the columns are.
  for (RecursiveMember& member : *members) {
    if (member.prefix == 0) continue;
    member.first = BindOperands(member, 0, member.prefix);
    Know(&member, *member.first);
  }
  auto is_known = [&](size_t i) { return (*members)[i].is_known; };
  for (bool progress = true; progress;) {
    progress = false;
    for (RecursiveMember& member : *members) {
      for (size_t i = 0; i < member.operands.size() && !member.is_known; ++i) {
        if (!std::all_of(member.reads[i].begin(), member.reads[i].end(), is_known)) continue;
        Know(&member, *BindOperands(member, i, i + 1));
        progress = true;
      }
    }
  }
  for (const RecursiveMember& member : *members) {
    if (member.is_known) continue;
    ThrowRecursion(
        "tables read each other, and none has a non-recursive part: " + member.table->name.spelling,
        member.table->definition->name.position);
  }
  // 2. The operands over them.
  for (int round = 0;; ++round) {
    bool stable = true;
    for (RecursiveMember& member : *members) stable &= BindBranches(&member, round > 0);
    if (stable) return;
    if (round < kMaxTypeRounds) continue;
    throw Error(ErrorCode::kDatatypeMismatch,
                "the type of a column grows with each round of the recursion; use CAST in the "
                "recursive query: " +
                    members->front().table->name.spelling,
                members->front().table->definition->name.position);
  }
}

PlanPtr Binder::AssembleRecursion(std::vector<RecursiveMember>* members, size_t result) {
  auto node = std::make_unique<PlanNode>(PlanKind::kRecursion);
  auto definition = std::make_shared<RecursionDefinition>();
  definition->result = static_cast<uint32_t>(result);
  std::vector<std::pair<uint32_t, PlanPtr>> recursive;
  auto add = [&](uint32_t member, PlanPtr plan, bool is_recursive) {
    definition->branches.push_back({member, is_recursive});
    node->children.push_back(std::move(plan));
  };
  for (uint32_t m = 0; m < members->size(); ++m) {
    RecursiveMember& member = (*members)[m];
    std::vector<Type> types;
    for (const OutputColumn& column : member.columns) types.push_back(column.type);
    auto finish = [&](PlanPtr plan, bool is_recursive) {
      plan = ConvertColumns(std::move(plan), types);
      return AddSearchAndCycle(std::move(plan), is_recursive, member);
    };
    if (member.first != nullptr) add(m, finish(std::move(member.first), false), false);
    for (PlanPtr& branch : member.branches) {
      bool is_recursive = !FreeWorkingTables(*branch).empty();
      PlanPtr plan = finish(std::move(branch), is_recursive);
      if (is_recursive) {
        recursive.emplace_back(m, std::move(plan));
      } else {
        add(m, std::move(plan), false);
      }
    }
    for (const OutputColumn& column : member.hidden) types.push_back(column.type);
    definition->members.push_back(
        {member.table->name.spelling, member.shared, member.distinct, std::move(types)});
  }
  for (auto& [member, plan] : recursive) add(member, std::move(plan), true);
  const RecursiveMember& shown = (*members)[result];
  auto add_output = [&](const OutputColumn& column) {
    node->output.push_back({NextColumn(), column.type, true, column.name});
  };
  for (const OutputColumn& column : shown.columns) add_output(column);
  for (const OutputColumn& column : shown.hidden) add_output(column);
  node->recursion = std::move(definition);
  return node;
}

PlanPtr Binder::BindRecursion(CommonTable* table) {
  CommonTableFrame* frame = table->frame;
  std::vector<RecursiveMember> members(table->component.size());
  size_t result = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    members[i].table = &frame->tables[table->component[i]];
    members[i].shared = next_shared_++;
    members[i].depth = subquery_depth_;
    if (members[i].table == table) result = i;
  }
  for (RecursiveMember& member : members) {
    SplitOperands(members, &member);
    member.table->member = &member;
  }
  ++recursions_;
  BindMembers(&members);
  --recursions_;
  for (RecursiveMember& member : members) member.table->member = nullptr;
  return AssembleRecursion(&members, result);
}

}  // namespace tupelo

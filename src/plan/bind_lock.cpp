// plan/bind_lock.cpp: FOR UPDATE and FOR SHARE: where they may stand, and what they lock.
//
// Each table to be locked gives the ids of its rows beside its columns, out of sight of the query.
// They go up through joins, conditions and the sort to the node that locks the rows.
#include <algorithm>
#include <utility>

#include "plan/binder.h"

namespace tupelo {

namespace {

const char* TextOf(const ast::LockClause& lock) {
  return lock.for_update ? "FOR UPDATE" : "FOR SHARE";
}

[[noreturn]] void ThrowUnsupported(const ast::LockClause& lock, const std::string& rest) {
  throw Error(ErrorCode::kFeatureNotSupported, TextOf(lock) + (" " + rest), lock.position);
}

// What the body is called that is no SELECT; nullptr: it is one.
const char* KindOf(const ast::QueryBody& body) {
  switch (body.kind) {
    case ast::QueryBodyKind::kSelect: return nullptr;
    case ast::QueryBodyKind::kValues: return "VALUES";
    case ast::QueryBodyKind::kTable: return "TABLE; use SELECT * FROM";
    case ast::QueryBodyKind::kSeries: return "GENERATE_SERIES";
    case ast::QueryBodyKind::kSetOperation: return "UNION, INTERSECT and EXCEPT";
    case ast::QueryBodyKind::kNested: return "a query in parentheses; put it into them";
  }
  return nullptr;
}

}  // namespace

void Binder::CheckLock(const ast::QueryExpression& query) const {
  if (query.lock == nullptr) return;
  if (&query != locking_.outermost) {
    ThrowUnsupported(*query.lock,
                     "is for the outermost query of a statement that is a query, not for those in "
                     "other queries, views and statements");
  }
  const char* what = KindOf(*query.body);
  if (what == nullptr) {
    const auto& select = ast::As<ast::SelectBody>(*query.body);
    if (select.distinct) what = "DISTINCT";
    if (select.having != nullptr) what = "HAVING";
    if (select.has_group_by) what = "GROUP BY";
    if (query.with_ties) what = "WITH TIES";
  }
  if (what != nullptr) ThrowUnsupported(*query.lock, std::string("is not supported with ") + what);
}

// FROM of a SELECT; `*locks` gets what `clause` says of it, when there is one and something to
// lock.
PlanPtr Binder::BindFrom(const ast::SelectBody& select, const ast::LockClause* clause, Scope* scope,
                         std::unique_ptr<LockPlan>* locks) {
  LockedFrom from{clause, {}};
  LockedFrom* around = std::exchange(locking_.from, clause != nullptr ? &from : nullptr);
  PlanPtr plan = select.from.empty() ? std::make_unique<PlanNode>(PlanKind::kSingleRow)
                                     : JoinFrom(nullptr, select.from, scope);
  locking_.from = around;
  if (clause != nullptr) *locks = FindLocked(from, *plan);
  return plan;
}

// Notes a table reference. `plan` of a table that may be locked gives the ids of its rows then;
// nullptr for `table`: it can't be.
void Binder::NoteLockable(NameRef name, const TablePtr& table, PlanNode* plan) {
  if (locking_.from == nullptr) return;
  LockedFrom::Reference reference{name, table, kNoColumn};
  const ast::List<ast::Identifier>& wanted = locking_.from->clause->tables;
  bool may_be_locked = wanted.empty() || std::ranges::any_of(wanted, [&](const auto& one) {
                         return EqualIgnoringCase(MakeKey(one), name->key);
                       });
  if (table != nullptr && may_be_locked) {
    static const Name kRowIdName = Name::Exact("row id");
    reference.row_id = NextColumn();
    plan->output.push_back({reference.row_id, Type::BigInt(), false, NameRef(kRowIdName)});
    plan->scan_columns.push_back(kRowIdColumn);
  }
  locking_.from->references.push_back(std::move(reference));
}

// A join with a name hides the references behind the first `outside`.
void Binder::NoteNamedJoin(NameRef name, size_t outside) {
  if (locking_.from == nullptr) return;
  locking_.from->references.resize(outside);
  NoteLockable(name, nullptr, nullptr);
}

// nullptr: there is no table in FROM.
std::unique_ptr<LockPlan> Binder::FindLocked(const LockedFrom& from, const PlanNode& plan) {
  const ast::LockClause& clause = *from.clause;
  auto locks = std::make_unique<LockPlan>();
  locks->mode = clause.for_update ? RowLockMode::kUpdate : RowLockMode::kShare;
  locks->wait = clause.wait;
  auto lock = [&](const LockedFrom::Reference& reference, Position position) {
    bool is_given = std::ranges::any_of(
        plan.output, [&](const OutputColumn& column) { return column.id == reference.row_id; });
    if (reference.table == nullptr || !is_given) {
      std::string name = reference.name->spelling.empty() ? "" : ": " + reference.name->spelling;
      throw Error(ErrorCode::kFeatureNotSupported,
                  std::string(TextOf(clause)) +
                      " is not supported for derived tables, views, tables of WITH and joins with "
                      "a name; say by OF which tables to lock" +
                      name,
                  position);
    }
    bool is_known = std::ranges::any_of(
        locks->tables, [&](const LockedTable& known) { return known.row_id == reference.row_id; });
    if (is_known) return;
    locks->tables.push_back({reference.table, reference.row_id, reference.name->spelling});
  };
  if (clause.tables.empty()) {
    for (const LockedFrom::Reference& reference : from.references) lock(reference, clause.position);
  }
  for (const ast::Identifier& name : clause.tables) {
    size_t found =
        FindName(MakeKey(name), from.references.size(),
                 [&](size_t i) -> std::string_view { return from.references[i].name->key; });
    if (found == kNameNotFound) {
      throw Error(ErrorCode::kUndefinedTable, "table is not in FROM: " + std::string(name.text),
                  name.position)
          .OnTable(std::string(name.text));
    }
    if (found == kNameAmbiguous) {
      throw Error(ErrorCode::kAmbiguousColumn,
                  "name matches more than one table of FROM; give one of them another name with "
                  "AS: " +
                      std::string(name.text),
                  name.position);
    }
    lock(from.references[found], name.position);
  }
  return locks->tables.empty() ? nullptr : std::move(locks);
}

// What follows FROM must leave the rows what they are. Also says how they are locked.
void Binder::FinishLock(const ast::QueryExpression& query, const AggregateLevel& level,
                        const WindowLevel& windows, LockPlan* locks) {
  if (query.lock == nullptr) return;
  if (!level.aggregates.empty()) ThrowUnsupported(*query.lock, "is not supported with aggregates");
  if (!windows.functions.empty()) {
    ThrowUnsupported(*query.lock, "is not supported with window functions");
  }
  if (locks == nullptr) return;
  locks->locks_singly = query.limit != nullptr || query.offset != nullptr;
  locking_.locks_rows = true;
}

}  // namespace tupelo

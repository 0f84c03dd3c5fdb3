// plan/binder.h: syntax tree to plan: names resolved, types decided, aggregates found.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "plan/assigned_column.h"
#include "plan/common_table.h"
#include "plan/fold_constants.h"
#include "plan/free_columns.h"
#include "plan/locked_from.h"
#include "plan/named_relation.h"
#include "plan/plan.h"
#include "plan/query_level.h"
#include "plan/recorded_source.h"
#include "plan/scope.h"
#include "plan/view_target.h"
#include "sql/ast_statement.h"

namespace tupelo {

// Operands of one chain like a + b + c (what is constant is folded and does not count): bounds the
// depth of the bound tree.
inline constexpr uint32_t kMaxChainLength = 5000;

class SharedFields;
// Binds one statement. Errors carry SQLSTATE and position. The plan is not optimized yet: FROM is a
// tree of joins as written, conditions stand in filters, scans read all columns.
class Binder {
 public:
  // `parameter_types[i]`: the family that the value of parameter i comes with; Type::Null() for a
  // null.
  Binder(const CatalogSnapshot& catalog, const std::vector<Type>& parameter_types);

  // SELECT, INSERT, UPDATE, DELETE.
  Plan Bind(const ast::Statement& statement);

  // A condition or default of `table` as stored in its definition, over columns whose ids are the
  // column numbers. The default is cast to its column's type.
  ExpressionPtr BindCheck(const TablePtr& table, const ast::Expression& expression);
  ExpressionPtr BindDefault(const TablePtr& table, uint16_t column,
                            const ast::Expression& expression);

  // The value of a generated column, in the same way; kInvalidObjectDefinition when it would not
  // always be the same for a row.
  ExpressionPtr BindGenerated(const TablePtr& table, uint16_t column,
                              const ast::Expression& expression);

  // An expression that stands alone, without columns. `clause`: for errors, "in SET TIME ZONE".
  ExpressionPtr BindStandalone(const ast::Expression& expression, const char* clause);

  // All checks of a table, in their order, for writing to it.
  void BindChecksOf(const TablePtr& table, std::vector<ExpressionPtr>* checks);
  // A value that is stored into a column, by the rules of assignment.
  ExpressionPtr AssignConstant(Value value, const TablePtr& table, uint16_t column);

  // ast::TypeName to Type: limits are checked (22023 / 42601), defaults of the standard filled in.
  static Type BindType(const ast::TypeName& name);
  static Type BindIntervalType(const ast::IntervalQualifier& qualifier, Position position);
  // Looks a table up; kUndefinedTable with its position when there is none. Remembers it as used by
  // the plan.
  TablePtr FindTable(const ast::QualifiedName& name);
  // The table, view or system view that a name means: one of them is there. Tables are remembered
  // as used.
  using Relation = NamedRelation;
  Relation FindRelation(const ast::QualifiedName& name);

  // CREATE TABLE AS: its query, and then the plan that inserts the query's rows into the table.
  PlanPtr BindRows(const ast::QueryExpression& query) { return BindQuery(query, nullptr); }
  Plan BindFilling(const TablePtr& table, PlanPtr query);
  // Fills in the columns of a view with this query, and what it depends on.
  void BindViewDefinition(const ast::QueryExpression& query, ViewDefinition* view);
  // Whether rows can be changed through the view.
  bool IsUpdatable(const ViewPtr& view);
  // The same of a sequence.
  SequencePtr FindSequence(const ast::QualifiedName& name);

 private:
  // bind_query.cpp, bind_select.cpp, bind_set_operation.cpp
  void Finish(Plan* plan);
  PlanPtr BindQuery(const ast::QueryExpression& query, Scope* parent);
  PlanPtr BindQueryBody(const ast::QueryExpression& query, Scope* parent);
  PlanPtr BindBody(const ast::QueryBody& body, Scope* parent, const ast::QueryExpression* whole);
  PlanPtr BindSelect(const ast::SelectBody& select, Scope* parent,
                     const ast::QueryExpression* whole);
  PlanPtr BindValues(const ast::ValuesBody& values, Scope* parent);
  PlanPtr BindTableBody(const ast::TableBody& body);
  PlanPtr BindSeries(const ast::SeriesBody& body, Scope* parent);
  PlanPtr BindSetOperation(const ast::SetOperationBody& body, Scope* parent);
  PlanPtr CombineSets(PlanPtr left, PlanPtr right, const ast::SetOperationLink& link);
  static void ChooseCorresponding(PlanPtr* left, PlanPtr* right, const ast::SetOperationLink& link);
  PlanPtr ConvertColumns(PlanPtr plan, const std::vector<Type>& types);
  void UnifyColumns(PlanPtr* left, PlanPtr* right, Position position);
  PlanPtr OrderOutput(PlanPtr plan, const ast::QueryExpression& query, Scope* parent);
  PlanPtr LimitRows(PlanPtr plan, const ast::QueryExpression& query, Scope* parent);
  std::vector<SelectItem> BindSelectItems(ast::List<ast::SelectItem> list, bool has_from,
                                          Scope* scope);
  OrderItem BindOrderItem(const ast::SortKey& key, Scope* scope,
                          const std::vector<SelectItem>& items);
  // bind_distinct_on.cpp
  std::vector<OrderItem> BindDistinctOn(const ast::SelectBody& select, Scope* scope,
                                        const std::vector<SelectItem>& items,
                                        const std::vector<OrderItem>& order);
  PlanPtr ProjectAndSort(PlanPtr plan, std::vector<SelectItem> items, std::vector<OrderItem> order,
                         bool distinct, std::vector<OrderItem> distinct_on = {},
                         std::unique_ptr<LockPlan> locks = nullptr);
  PlanPtr BindGrouped(PlanPtr plan, const ast::SelectBody& select, AggregateLevel* level,
                      WindowLevel* windows, std::vector<SelectItem>* items, ExpressionPtr having,
                      const std::vector<std::vector<OrderItem>*>& orders);
  // bind_group_by.cpp
  void BindGroupBy(const ast::SelectBody& select, Scope* scope, AggregateLevel* level);
  uint16_t AddGroup(const ast::Expression& expression, Scope* scope, AggregateLevel* level);
  std::vector<std::vector<uint16_t>> BindGroupingElement(const ast::GroupingElement& element,
                                                         Scope* scope, AggregateLevel* level);
  PlanPtr AddAggregate(PlanPtr plan, AggregateLevel* level);
  PlanPtr AddGroupingSets(PlanPtr plan, AggregateLevel* level, PlanNode* aggregate);
  void ReplaceGroups(ExpressionPtr* expression, AggregateLevel* level);
  void ReplaceGroupsInFraction(size_t aggregate, AggregateLevel* level);
  ColumnId ColumnOfGroup(ColumnId id, AggregateLevel* level, Position position);
  ColumnId DependentColumnOf(ColumnId id, AggregateLevel* level);
  ExpressionPtr BindGrouping(const ast::FunctionCall& call, Scope* scope);

  // bind_view.cpp
  TablePtr LookUpTable(const ast::QualifiedName& name);
  const SystemView* LookUpSystemView(const ast::QualifiedName& name);
  void NoteTable(const TablePtr& table);
  ViewPtr LookUpView(const ast::QualifiedName& name, bool* exact);
  PlanPtr ReadRelation(const Relation& relation, const Name& alias, Position position);
  void KeepKnownColumns(const Relation& relation, PlanNode* plan);
  void RecordSource(const Relation& relation, const PlanNode& plan, Position position);
  PlanPtr BindView(const ViewDefinition& view, Position position);

  // bind_view_target.cpp
  TablePtr FindWritten(const ast::QualifiedName& name, ViewTarget* target);
  bool ResolveView(const ViewDefinition& view, bool is_checked, ViewTarget* target);
  bool ResolveSelect(const ast::SelectBody& select, bool is_checked, ViewTarget* target);
  void AddSource(const Relation& relation, const ast::TableAlias& alias,
                 const std::vector<ExpressionPtr>& below, Scope* scope,
                 std::map<ColumnId, const BoundExpression*>* substitutes);
  static uint16_t TableColumnOf(const ViewTarget& target, size_t column, Position position);
  static uint16_t FindViewColumn(const ViewTarget& target, const ast::Identifier& name);
  PlanPtr BindViewRows(const ViewTarget& target, const ast::Identifier& alias, Scope* scope);
  void AddViewToScope(const ViewTarget& target, ColumnId first, NameRef qualifier, NameRef schema,
                      bool qualified_only, Scope* scope,
                      std::map<ColumnId, ExpressionPtr>* computed);

  // bind_with.cpp
  void EnterWith(const ast::WithClause& with, Scope* parent, CommonTableFrame* frame);
  void LeaveWith(const CommonTableFrame& frame) { common_tables_ = frame.outer; }
  void BindFirst(CommonTable* table);
  PlanPtr BindDefinition(CommonTable* table);
  void NameColumns(const CommonTable& table, std::vector<OutputColumn>* columns);
  CommonTable* FindCommonTable(const ast::QualifiedName& name);
  PlanPtr ReadCommonTable(CommonTable* table, Position position);

  // bind_recursion.cpp
  static void FindComponents(CommonTableFrame* frame);
  PlanPtr BindRecursion(CommonTable* table);
  void SplitOperands(const std::vector<RecursiveMember>& members, RecursiveMember* member);
  PlanPtr BindOperands(const RecursiveMember& member, size_t begin, size_t end);
  void BindMembers(std::vector<RecursiveMember>* members);
  void Know(RecursiveMember* member, const PlanNode& plan);
  bool BindBranches(RecursiveMember* member, bool grows);
  PlanPtr AssembleRecursion(std::vector<RecursiveMember>* members, size_t result);
  // bind_search.cpp
  void PrepareSearchAndCycle(RecursiveMember* member);
  PlanPtr LeaveCycles(PlanPtr scan, const RecursiveMember& member);
  PlanPtr AddSearchAndCycle(PlanPtr plan, bool is_recursive, const RecursiveMember& member);
  // 42P19 when the recursion being bound is read there.
  void CheckNotRecursive(const PlanNode& plan, const char* where, Position position) const;
  PlanPtr ReadWorkingTable(CommonTable* table, Position position);

  // bind_from.cpp
  PlanPtr JoinFrom(PlanPtr plan, ast::List<const ast::TableReference*> from, Scope* scope);
  PlanPtr BindTableReference(const ast::TableReference& table, Scope* scope);
  PlanPtr BindNamedTable(const ast::NamedTable& table, Scope* scope);
  PlanPtr BindDerivedTable(const ast::DerivedTable& table, Scope* scope);
  PlanPtr BindLateral(const ast::DerivedTable& table, Scope* scope);
  PlanPtr BindJoin(const ast::JoinedTable& join, Scope* scope);
  PlanPtr BindNamedJoin(const ast::JoinedTable& join, PlanPtr plan, const Scope& inner,
                        Scope* scope);
  void MakeLateral(PlanNode* join, size_t laterals, Position position);
  PlanPtr BindJoinLink(PlanPtr left, const ast::JoinLink& link, Scope* scope);
  PlanPtr MergeColumns(PlanPtr join, const ast::JoinLink& link, Scope* scope, size_t right_begin);
  static void CheckNewQualifier(const Scope& scope, NameRef name, NameRef schema,
                                Position position);
  void AddToScope(const ast::TableAlias& alias, NameRef name, NameRef schema, const PlanNode& plan,
                  Position position, Scope* scope);
  PlanPtr ScanTable(const TablePtr& table, const Name& alias, bool with_row_id);
  PlanPtr ScanSystemView(const SystemView& view, const Name& alias);

  // bind_lock.cpp
  void CheckLock(const ast::QueryExpression& query) const;
  PlanPtr BindFrom(const ast::SelectBody& select, const ast::LockClause* clause, Scope* scope,
                   std::unique_ptr<LockPlan>* locks);
  void NoteLockable(NameRef name, const TablePtr& table, PlanNode* plan);
  void NoteNamedJoin(NameRef name, size_t outside);
  static std::unique_ptr<LockPlan> FindLocked(const LockedFrom& from, const PlanNode& plan);
  void FinishLock(const ast::QueryExpression& query, const AggregateLevel& level,
                  const WindowLevel& windows, LockPlan* locks);

  // bind_expression.cpp and its kin: one function a kind of node
  ExpressionPtr BindExpression(const ast::Expression& expression, Scope* scope);
  ExpressionPtr BindCondition(const ast::Expression& expression, Scope* scope, const char* clause);
  ExpressionPtr BindLiteral(const ast::LiteralExpression& literal);
  ExpressionPtr BindColumn(const ast::ColumnReference& reference, Scope* scope);
  ExpressionPtr BindParameter(const ast::ParameterExpression& parameter);
  ExpressionPtr BindUnary(const ast::UnaryExpression& unary, Scope* scope);
  ExpressionPtr BindChain(const ast::ChainExpression& chain, Scope* scope);
  ExpressionPtr BindChainLinks(const ast::ChainExpression& chain, size_t count, Scope* scope);
  ExpressionPtr BindIntervalDifference(const ast::IntervalDifferenceExpression& expression,
                                       Scope* scope);
  ExpressionPtr BindLogical(const ast::LogicalExpression& logical, Scope* scope);
  ExpressionPtr BindComparison(const ast::ComparisonExpression& comparison, Scope* scope);
  ExpressionPtr BindIs(const ast::Expression& expression, Scope* scope);
  ExpressionPtr BindIsNull(const ast::IsNullExpression& is, Scope* scope);
  ExpressionPtr BindBetween(const ast::BetweenExpression& between, Scope* scope);
  ExpressionPtr BindInList(const ast::InListExpression& in, Scope* scope);
  ExpressionPtr MakeInSet(const SharedFields& value, std::vector<std::vector<ExpressionPtr>>* items,
                          Position position);
  ExpressionPtr BindInQuery(const ast::InQueryExpression& in, Scope* scope);
  ExpressionPtr BindQuantified(const ast::QuantifiedExpression& quantified, Scope* scope);
  ExpressionPtr BindAnySubquery(const ast::Expression& value, std::string_view op, bool is_all,
                                const ast::QueryExpression& query, Scope* scope, Position position);
  ExpressionPtr CompareWithAny(ExpressionPtr value, std::string_view op, bool is_all, PlanPtr plan,
                               Position position);
  ExpressionPtr BindUnique(const ast::UniqueExpression& unique, Scope* scope);
  ExpressionPtr BindOverlaps(const ast::OverlapsExpression& overlaps, Scope* scope);
  ExpressionPtr BindMatch(const ast::MatchExpression& match, Scope* scope);
  ExpressionPtr BindIsNormalized(const ast::IsNormalizedExpression& is, Scope* scope);
  ExpressionPtr BindPattern(const ast::LikeExpression& like, Scope* scope);

  // bind_row.cpp: rows of several fields
  ExpressionPtr BindRowComparison(std::string_view op, const ast::Expression& left,
                                  const ast::Expression& right, Scope* scope, Position position);
  std::vector<ExpressionPtr> BindFields(const ast::Expression& side, Scope* scope);
  ExpressionPtr CompareRows(std::string_view op, std::vector<ExpressionPtr> left,
                            std::vector<ExpressionPtr> right, Position position);
  ExpressionPtr CompareShared(std::string_view op, const SharedFields& left,
                              const SharedFields& right, Position position);
  ExpressionPtr TestRows(RowQuantifier quantifier, std::vector<ExpressionPtr> fields,
                         std::string_view op, PlanPtr plan, Position position);
  ExpressionPtr BindInRows(const ast::InListExpression& in, Scope* scope);
  // The plan of a query that stands in an expression.
  PlanPtr BindQueryInExpression(const ast::QueryExpression& query, Scope* scope);
  ExpressionPtr BindSubquery(BoundKind kind, const ast::QueryExpression& query, Scope* scope,
                             Position position);
  ExpressionPtr BindCase(const ast::CaseExpression& expression, Scope* scope);
  ExpressionPtr FinishCase(std::vector<ExpressionPtr> arguments, Position position);
  ExpressionPtr BindNullIf(const ast::NullIfExpression& expression, Scope* scope);
  ExpressionPtr BindCoalesce(const ast::CoalesceExpression& expression, Scope* scope);
  ExpressionPtr BindCoalesceOf(ast::List<const ast::Expression*> operands, Position position,
                               Scope* scope);
  ExpressionPtr BindChoice(const ast::FunctionCall& call, const std::string& name, Scope* scope);
  ExpressionPtr BindCast(const ast::CastExpression& cast, Scope* scope);
  ExpressionPtr BindExtract(const ast::ExtractExpression& extract, Scope* scope);
  ExpressionPtr BindTrim(const ast::TrimExpression& trim, Scope* scope);
  ExpressionPtr BindSpecialValue(const ast::SpecialValueExpression& special);
  ExpressionPtr BindFunctionCall(const ast::FunctionCall& call, Scope* scope);
  ExpressionPtr BindAtTimeZone(const ast::AtTimeZoneExpression& expression, Scope* scope);
  // bind_sequence.cpp
  ExpressionPtr BindNextValue(const ast::NextValueExpression& next);
  SequencePtr SequenceInLiteral(const ast::FunctionCall& call);
  void BindSetValue(const ast::FunctionCall& call, Scope* scope, BoundExpression* value);
  ExpressionPtr BindSequenceCall(const ast::FunctionCall& call, const std::string& name,
                                 Scope* scope);
  // bind_aggregate.cpp
  ExpressionPtr BindAggregateCall(const ast::FunctionCall& call, const std::string& name,
                                  Scope* scope);
  static void CheckAggregateCall(const ast::FunctionCall& call, const std::string& name);
  static AggregateLevel* LevelOfAggregate(const std::vector<ColumnId>& columns, Scope* scope,
                                          Position position);
  void BindAggregateArguments(const ast::FunctionCall& call, const std::string& name, Scope* scope,
                              AggregateColumn* column);
  void BindListArguments(const ast::FunctionCall& call, const std::string& name, Scope* scope,
                         AggregateColumn* column);
  void BindOrderedSet(const ast::FunctionCall& call, Scope* scope, AggregateColumn* column);
  void BindCountedRow(const ast::FunctionCall& call, Scope* scope, AggregateColumn* column);
  void BindAggregateOrder(const ast::FunctionCall& call, Scope* scope, AggregateColumn* column);
  void ResolveAggregateColumn(const ast::FunctionCall& call, const std::string& name,
                              AggregateColumn* column);
  // bind_window.cpp: windows and their functions; bind_frame.cpp: frames
  void BindWindows(const ast::SelectBody& select, Scope* scope, WindowLevel* level);
  BoundWindow BindWindow(const ast::WindowSpecification& specification, Scope* scope,
                         const WindowLevel& level);
  ExpressionPtr BindWindowCall(const ast::FunctionCall& call, const std::string& name,
                               Scope* scope);
  void BindWindowArguments(const ast::FunctionCall& call, const std::string& name, Scope* scope,
                           WindowColumn* column);
  void BindWindowAggregate(const ast::FunctionCall& call, const std::string& name, Scope* scope,
                           WindowColumn* column);
  FramePlan BindFrame(const BoundWindow& window, Scope* scope);
  ExpressionPtr BindFrameOffset(const ast::FrameBound& bound, const ast::WindowFrame& frame,
                                const BoundWindow& window, Scope* scope);
  PlanPtr AddWindows(PlanPtr plan, WindowLevel* level);
  PlanPtr AddWindow(PlanPtr plan, std::vector<WindowLevel::Function*> functions);

  // bind_operator.cpp: calls and conversions
  ExpressionPtr Call(std::string_view name, std::vector<ExpressionPtr> arguments,
                     Position position);
  ExpressionPtr Compare(std::string_view op, ExpressionPtr left, ExpressionPtr right,
                        Position position);
  ExpressionPtr Negate(ExpressionPtr condition, Position position);
  // Converts within an expression; throws kDatatypeMismatch, or for parameters kInvalidCast.
  ExpressionPtr Convert(ExpressionPtr expression, const Type& type, CastKind kind);
  static void ThrowOfConstantCall(const BoundExpression& call);
  void ApproximateDecimal(ExpressionPtr* expression, const BoundExpression& peer);
  // Gives a literal or `str` parameter the datetime type that its peer has.
  void AdaptToPeer(ExpressionPtr* expression, const Type& peer);
  // Brings all to one type (CASE, COALESCE, IN, VALUES); `what` names the construct in the error.
  Type UnifyTypes(std::vector<ExpressionPtr*> expressions, const char* what);
  ExpressionPtr ToBoolean(ExpressionPtr condition, const char* clause);

  // bind_insert.cpp, bind_update.cpp
  PlanPtr BindInsert(const ast::InsertStatement& insert);
  PlanPtr BindInsertSource(const ast::InsertStatement& insert, const TablePtr& table,
                           const std::vector<uint16_t>& columns);
  PlanPtr BindUpdate(const ast::UpdateStatement& update);
  PlanPtr BindDelete(const ast::DeleteStatement& statement);
  PlanPtr BindTarget(const TablePtr& table, const ast::Identifier& alias,
                     ast::List<const ast::TableReference*> from, const ast::Expression* where,
                     Scope* scope);
  // Ascending by column.
  std::vector<AssignedColumn> BindAssignments(ast::List<ast::Assignment> assignments,
                                              const TablePtr& table, Scope* scope);
  static void CheckAssignable(const TablePtr& table, uint16_t column, const ast::Identifier& name,
                              bool is_default);
  ExpressionPtr BindAssignedColumnOfQuery(const ast::Assignment& assignment, size_t i,
                                          Scope* scope);
  std::vector<uint16_t> BindInsertColumns(ast::List<ast::Identifier> names, const TablePtr& table,
                                          bool all);
  // Defaults of the columns that are not among `columns`; those whose values OVERRIDING USER VALUE
  // leaves out become kIgnoredColumn.
  std::vector<ComputedColumn> BindDefaults(const TablePtr& table, ast::Overriding overriding,
                                           std::vector<uint16_t>* columns);
  static void ThrowIfGeneratedAlways(ast::Overriding overriding, const TableDefinition& table,
                                     uint16_t column, Position position);
  static void ThrowIfGenerated(const TableDefinition& table, uint16_t column, Position position);
  static void CheckGeneratedAlways(ast::Overriding overriding, const TableDefinition& table,
                                   uint16_t column, const ast::Expression& value);
  ExpressionPtr Assign(ExpressionPtr value, const TablePtr& table, uint16_t column);
  ExpressionPtr BindAssigned(const ast::Expression& value, const TablePtr& table, uint16_t column,
                             Scope* scope);
  ExpressionPtr DefaultOf(const TablePtr& table, uint16_t column);
  uint16_t FindTargetColumn(const TablePtr& table, const ast::Identifier& name);
  // bind_returning.cpp
  PlanPtr BindReturning(PlanPtr write, ast::List<ast::SelectItem> items,
                        const ast::Identifier& alias, const Scope* input);
  ColumnId AddTableToScope(const TablePtr& table, NameRef qualifier, NameRef schema,
                           bool qualified_only, Scope* scope);
  // bind_copy.cpp
  PlanPtr BindCopy(const ast::CopyStatement& statement);
  PlanPtr BindCopyFrom(const ast::CopyStatement& statement, std::unique_ptr<CopyPlan> copy);
  PlanPtr BindCopyTo(const ast::CopyStatement& statement, std::unique_ptr<CopyPlan> copy);
  std::vector<uint16_t> BindCopyColumns(const ast::CopyStatement& statement, const TablePtr& table);
  std::unique_ptr<CopyPlan> BindCopyOptions(const ast::CopyStatement& statement);
  // bind_merge.cpp
  PlanPtr BindMerge(const ast::MergeStatement& merge);
  PlanPtr BindMergeReturning(const ast::MergeStatement& merge, const Scope& both,
                             size_t source_columns, PlanNode* node);
  MergeStep BindMergeClause(const ast::MergeClause& clause, const TablePtr& table, Scope* scope);
  void BindMergeInsert(const ast::MergeClause& clause, const TablePtr& table, Scope* scope,
                       MergeStep* step);
  // bind_conflict.cpp
  std::unique_ptr<ConflictPlan> BindConflict(const ast::InsertStatement& insert,
                                             const TablePtr& table);
  void AddArbiters(const ast::ConflictClause& clause, const TablePtr& table, ConflictPlan* plan);
  void BindConflictUpdate(const ast::InsertStatement& insert, const TablePtr& table,
                          ConflictPlan* plan);

  ColumnId NextColumn() { return next_column_++; }
  // Keeps a name that no definition has for the life of the plan.
  NameRef Keep(Name name) {
    return NameRef(*names_.emplace_back(std::make_unique<const Name>(std::move(name))));
  }

  const CatalogSnapshot& catalog_;
  const std::vector<Type>& parameter_types_;
  std::vector<ParameterUse> parameter_uses_;
  std::vector<TablePtr> tables_;
  std::vector<std::unique_ptr<const Name>> names_;
  ColumnId next_column_ = 0;
  bool has_subqueries_ = false;  // in expressions
  RowLocking locking_;
  CommonTableFrame* common_tables_ = nullptr;  // those in sight
  std::vector<CommonTablePlan> shared_tables_;
  uint32_t next_shared_ = 0;
  const ViewDefinition* view_ = nullptr;             // whose text is being bound
  std::vector<RecordedSource>* recorded_ = nullptr;  // CREATE VIEW: what its text names
  size_t view_depth_ = 0;
  const ViewTarget* written_view_ = nullptr;  // INSERT, UPDATE, DELETE: the view, if it is one
  size_t laterals_ = 0;                       // LATERAL tables bound so far
  size_t recursions_ = 0;                     // recursive queries around what is being bound
  size_t subquery_depth_ = 0;                 // subqueries around it
};

}  // namespace tupelo

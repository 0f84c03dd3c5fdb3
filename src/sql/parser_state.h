// sql/parser_state.h: the parser: a token with look-ahead, and a method for each rule of the
// grammar.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sql/lexer.h"
#include "sql/node_list.h"
#include "sql/parser.h"
#include "sql/precedence.h"

namespace tupelo::ast {

// Recursive descent; one pass, no backtracking. Methods are defined by topic in parse_*.cpp. Each
// rule begins at token_ and leaves token_ behind what it read. What was tried at a token and did
// not fit is remembered for the error message.
class Parser {
 public:
  Parser(std::string_view sql, Arena& arena, bool parameters_allowed);
  ParsedStatement ParseWholeStatement();
  const Expression* ParseWholeExpression();

  // parse_hypothetical.cpp: RANK and its kin WITHIN GROUP as what they stand for; else the call.
  const Expression* RewriteHypothetical(const FunctionCall& call);

 private:
  friend class HypotheticalRewriter;

  // Counts a level of recursion while it lives.
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : parser_(parser) {
      if (++parser.depth_ > kMaxNestingDepth) parser.FailNesting();
    }
    ~Nesting() { --parser_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Parser& parser_;
  };

  // What stands in parentheses where both are possible: a query, or expressions.
  struct Parenthesized {
    const QueryExpression* query = nullptr;
    List<const Expression*> items;
  };

  // parser.cpp: tokens
  void Advance();
  const Token& Peek(int distance = 1);
  bool At(TokenKind kind) const { return token_.kind == kind; }
  bool At(Keyword keyword) const { return token_.keyword == keyword; }
  bool AtName() const;   // a name, not a reserved word
  bool AtAlias() const;  // a name that may stand without AS
  bool Accept(TokenKind kind);
  bool Accept(Keyword keyword);
  bool Accept(Keyword first, Keyword second);  // both, in this order, or nothing
  void Expect(TokenKind kind);
  void Expect(Keyword keyword);
  Identifier ExpectName(const char* what);
  std::string_view TextBetween(Position begin, Position end) const {
    return sql_.substr(begin, end - begin);
  }
  // 42601 at token_: found that, expected what was tried and `what` (which may be nullptr).
  [[noreturn]] void FailSyntax(const char* what = nullptr);
  [[noreturn]] void FailNesting() const;
  [[noreturn]] static void FailUnsupported(std::string_view feature, Position position);
  void Remember(uint16_t expectation);
  template <typename T>
  T* New() {
    return arena_.New<T>();
  }
  template <typename T>
  NodeList<T> NewList() {
    return NodeList<T>(arena_);
  }
  // Ends a node that began at `begin` and whose highest child has `child_height` levels.
  template <typename T>
  T* Seal(T* node, Position begin, uint32_t child_height = 0) {
    node->position = begin;
    node->end = previous_end_;
    SetHeight(node, child_height);
    return node;
  }
  void SetHeight(Expression* node, uint32_t child_height);

  // parse_expression.cpp: operators
  const Expression* ParseExpression() { return ParseOperators(kOrLevel); }
  const Expression* ParseOperators(int lowest_level);
  const Expression* ParseOperatorsAfter(const Expression* left, int lowest_level,
                                        int highest_level);
  int LevelOfOperator();
  static bool IsNegatable(Keyword word);
  const Expression* ParseChain(const Expression* first, int level);
  const Expression* ParseLogical(const Expression* first, int level);
  const Expression* ParseUnary(int lowest_level, int* highest_level);
  // parse_predicate.cpp: what makes a truth value
  const Expression* ParseComparison(const Expression* left);
  const Expression* ParseIs(const Expression* value);
  const Expression* ParseRange(const Expression* value);
  const Expression* ParseBetween(const Expression* value, bool negated);
  const Expression* ParseIn(const Expression* value, bool negated);
  const Expression* ParseExists();
  const Expression* ParseUnique();
  const QueryExpression* ParseQueryOf(const char* predicate);
  // parse_pattern.cpp: predicates that few statements have
  const Expression* ParsePattern(const Expression* value, bool negated);
  const Expression* ParseOverlaps(const Expression* left);
  bool AtMatch();
  bool AtRegexp();
  const Expression* ParseMatch(const Expression* value);
  bool AtNormalized();
  const Expression* ParseIsNormalized(const Expression* value, bool negated);
  // parse_primary.cpp: what operators stand between
  const Expression* ParsePrimary();
  const Expression* ParseWordPrimary();
  const Expression* ParseUsableWordPrimary();
  const Expression* ParseParameter();
  const Expression* ParseParenthesizedPrimary();
  Parenthesized ParseParenthesized();
  const Expression* ParseIntervalDifference(const Expression* inside, Position begin);
  bool AtIntervalField() const;
  const Expression* ParseSubqueryOf(const QueryExpression* query, Position begin);
  const Expression* ParseCase();
  const Expression* ParseRow();
  const Expression* ParseSpecialValue(SpecialValue value, bool takes_precision);
  const Expression* ParseNameOrCall();
  const Expression* ParseColumnOrCall(QualifiedName name, Position begin);
  QualifiedName ParseQualifiedName(const char* what, bool* star = nullptr);
  List<Identifier> ParseNameList(const char* what);
  List<const Expression*> ParseExpressionList(uint32_t* height);
  // parse_call.cpp: functions
  const Expression* ParseCall(QualifiedName name, Position begin);
  const Expression* ParseAnyOrSomeCall();
  const Expression* ParseCast();
  const Expression* ParseCoalesce();
  const Expression* ParseNullIf();
  const Expression* ParseExtract();
  const Expression* ParseTrim();
  const Expression* ParseSubstring();
  const Expression* ParsePosition();
  const Expression* ParseOverlay();
  FunctionCall* NewNamedCall();
  // parse_window.cpp
  CallClauses* ParseArgumentClauses(uint32_t* height);
  void ParseOverflow(CallClauses* clauses, uint32_t* height);
  const Expression* ParseCallTail(FunctionCall* call, CallClauses* clauses, Position begin,
                                  uint32_t height);
  bool AtFromFirstOrLast();
  const WindowSpecification* ParseOver();
  const WindowSpecification* ParseWindowSpecification();
  const WindowFrame* ParseFrame(uint32_t* height);
  FrameBound ParseFrameBound(uint32_t* height);
  static void CheckFrame(const WindowFrame& frame);
  List<WindowDefinition> ParseWindows();
  // parse_group_by.cpp
  void ParseGroupBy(SelectBody* select);
  GroupingElement ParseGroupingElement();
  GroupingElement ParseGroupingSet();
  // parse_literal.cpp
  const Expression* ParseNumber(LiteralKind kind);
  const Expression* ParseString(LiteralKind kind);
  const Expression* ParseBinaryString();
  const Expression* ParseDatetimeLiteral(LiteralKind kind);
  bool AtZonedLiteral();
  const Expression* ParseZonedLiteral();
  const Expression* ParseIntervalLiteral();
  const Expression* ParseConstant(LiteralKind kind);
  std::string_view ParseStringText(TokenKind kind);
  int32_t ExpectInteger(const char* what);
  SignedInteger ExpectSignedInteger();
  // parse_type.cpp
  TypeName ParseType();
  void ParseStringType(TypeName* type);
  void ParseCharacterType(TypeName* type, bool national);
  void ParseLength(TypeName* type, bool large_object);
  void ParsePrecision(TypeName* type, bool with_scale);
  void ParseZone(TypeName* type);
  IntervalQualifier ParseIntervalQualifier();
  IntervalField ParseIntervalField();

  // parse_query.cpp
  bool AtQuery() const;
  bool AtQueryTail() const;
  const QueryExpression* ParseQuery();
  const QueryExpression* ParseQueryAfter(const QueryBody* first, Position begin, uint32_t height,
                                         const WithClause* with = nullptr);
  const QueryBody* ParseUnionTerms(const QueryBody* first);
  const QueryBody* ParseIntersectTerms(const QueryBody* first);
  SetOperationLink ParseSetOperator(SetOperator op);
  const QueryBody* ParseQueryPrimary();
  const QueryBody* NewNestedBody(const QueryExpression* query, Position begin);
  const QueryBody* ParseSelect();
  SelectItem ParseSelectItem();
  const QueryBody* ParseValues();
  const Expression* ParseValue();
  List<SortKey> ParseOrderBy();
  NullOrder ParseNullOrder();
  void ParseLimits(QueryExpression* query);
  void ParseLimit(QueryExpression* query);
  void ParseFetch(QueryExpression* query);
  bool AtWord(std::string_view upper) const;
  const Expression* NewOne(Position position);
  // parse_lock.cpp
  const LockClause* ParseLock();
  // parse_with.cpp
  const WithClause* ParseWith();
  CommonTable ParseCommonTable();
  const SearchClause* ParseSearch();
  const CycleClause* ParseCycle();
  List<Identifier> ParseNames(const char* what);  // without parentheses
  const Statement* ParseAfterWith();
  // parse_from.cpp
  const TableReference* ParseTableReference();
  List<const TableReference*> ParseTableReferences();
  TableReference* ParseTablePrimary();
  TableReference* ParseTableFunction(const QualifiedName& name, Position begin);
  TableReference* ParseLateral(Position begin);
  TableReference* ParseParenthesizedTable();
  bool AtJoin();
  const TableReference* ParseJoins(const TableReference* first);
  JoinLink ParseJoin();
  void ParseTableAlias(TableReference* table);

  // parse_setting.cpp
  bool AtSetting(int distance);
  const Statement* ParseSet();
  const Statement* ParseSetting();
  const Statement* ParseSetTimeZone();
  void ParseSettingValue(SetStatement* statement);
  const Statement* ParseReset();
  const Statement* ParseShow();
  Identifier ParseSettingName();
  const Statement* ParseAnalyze();
  const Statement* ParseVacuum();
  // parse_statement.cpp
  const Statement* ParseStatement();
  const Statement* ParseExplain();
  const Statement* ParseUpdate(const WithClause* with = nullptr);
  List<Assignment> ParseAssignments();
  Assignment ParseAssignment();
  const Statement* ParseDelete(const WithClause* with = nullptr);
  Identifier ParseTargetAlias();
  const Expression* ParseWhere();
  // parse_insert.cpp
  const Statement* ParseInsert(const WithClause* with = nullptr);
  const ConflictClause* ParseOnConflict();
  const ConflictClause* ParseOrAction();
  List<SelectItem> ParseReturning();
  Overriding ParseOverriding();
  // parse_merge.cpp
  const Statement* ParseMerge();
  MergeClause ParseMergeClause();
  void ParseMergeInsert(MergeClause* clause);
  // parse_copy.cpp
  const Statement* ParseCopy();
  List<CopyOption> ParseCopyOptions();
  // parse_sequence.cpp
  enum class SequenceClause : uint8_t { kIdentity, kCreate, kAlter };
  IdentityOptions ParseIdentityOptions(SequenceClause clause);
  const Statement* ParseCreateSequence(Position begin);
  const Statement* ParseAlterSequence(Position begin);
  const Statement* ParseDropSequence(Position begin);
  const Expression* ParseNextValue();
  // parse_transaction.cpp
  const Statement* ParseStartTransaction();
  const Statement* ParseSetTransaction();
  const Statement* ParseSetConstraints();
  TransactionModes ParseTransactionModes();
  bool ParseChainOption();
  const Statement* ParseCommit();
  const Statement* ParseRollback();
  const Statement* ParseSavepoint();
  const Statement* ParseRelease();
  // parse_definition.cpp: CREATE and DROP
  const Statement* ParseCreate();
  const Statement* ParseDrop();
  bool ParseIfNotExists();
  bool ParseIfExists();
  DropBehavior ParseDropBehavior();
  const Statement* ParseTruncate();
  const Statement* ParseCreateIndex(Position begin, bool unique);
  const Statement* ParseCreateSchema(Position begin);
  List<QualifiedName> ParseQualifiedNames(const char* what);
  // parse_view.cpp
  bool AtCreateView();
  const Statement* ParseCreateView();
  void MakeRecursive(CreateViewStatement* view);
  const Statement* ParseDropView();
  // parse_table.cpp: CREATE TABLE and ALTER TABLE
  TableScope ParseTableScope();
  bool AtTemporary() const { return At(Keyword::kTemporary) || At(Keyword::kTemp); }
  void ParseOnCommit(CreateTableStatement* statement);
  const Statement* ParseCreateTable(Position begin, TableScope scope);
  void ParseTableElements(CreateTableStatement* statement);
  LikeClause ParseLikeClause();
  void ParseTableQuery(CreateTableStatement* statement);
  ColumnDefinition ParseColumnDefinition();
  static void CheckNullability(const NodeList<Constraint>& constraints);
  [[noreturn]] static void FailDefaultOfIdentity(Position position);
  void ParseDefault(const Expression** value, std::string_view* text);
  void ParseIdentity(ColumnDefinition* column);
  const Statement* ParseAlterTable();
  void ParseAlterAdd(AlterTableStatement* alter);
  void ParseAlterDrop(AlterTableStatement* alter);
  void ParseAlterColumn(AlterTableStatement* alter);
  void ParseAlterRename(AlterTableStatement* alter);
  // parse_constraint.cpp
  bool AtTableConstraint();
  bool ParseColumnConstraint(NodeList<Constraint>* constraints);
  Constraint ParseTableConstraint();
  void ParseCheck(Constraint* constraint);
  void ParseReferences(Constraint* constraint);
  ReferentialAction ParseReferentialAction();
  void ParseDeferrable(Constraint* constraint);
  // unsupported_statement.cpp
  [[noreturn]] void FailStatement();
  [[noreturn]] void FailCreateOrDrop(std::string_view verb);

  std::string_view sql_;
  Arena& arena_;
  Lexer lexer_;
  bool parameters_allowed_;

  Token token_;
  Token ahead_[4];
  int ahead_count_ = 0;
  Position previous_end_ = 0;

  // Keywords, token kinds, tried at token_ in vain.
  static constexpr int kMaxExpectations = 12;
  uint16_t expected_[kMaxExpectations];
  int expected_count_ = 0;

  uint32_t depth_ = 0;
  uint32_t highest_ = 0;                     // of the expressions sealed in the query being parsed
  bool default_allowed_ = false;             // in the rows of INSERT's VALUES
  Position default_position_ = kNoPosition;  // of a DEFAULT in them

  uint32_t parameter_count_ = 0;
  bool has_question_marks_ = false;
  NodeList<std::string_view> parameter_names_;
  std::unordered_map<std::string_view, uint32_t> parameter_indexes_;
};

}  // namespace tupelo::ast

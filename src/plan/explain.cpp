// plan/explain.cpp: what each operator is called and what it says of itself.
#include "plan/explain.h"

#include <fmt/format.h>
#include <map>

#include "base/interruption_scope.h"
#include "plan/parallel.h"
#include "plan/plan_names.h"
#include "plan/scan_text.h"

namespace tupelo {

namespace {

constexpr size_t kShownRows = 5;  // of VALUES

// Whether a person named the column: one without a name is called like its expression.
bool IsGivenName(const Name& name) {
  return !name.empty() && name.spelling.find_first_of(" ()'+-*/|<>=?.") == std::string::npos &&
         (name.spelling[0] < '0' || name.spelling[0] > '9');
}

const char* JoinText(JoinKind kind) {
  switch (kind) {
    case JoinKind::kInner: return "inner";
    case JoinKind::kLeft: return "left";
    case JoinKind::kRight: return "right";
    case JoinKind::kFull: return "full";
    case JoinKind::kCross: return "cross";
    case JoinKind::kSemi: return "semi";
    case JoinKind::kAnti: return "anti";
    case JoinKind::kMark: return "mark";
    case JoinKind::kSingle: return "single";
    case JoinKind::kRightSemi: return "right semi";
    case JoinKind::kRightAnti: return "right anti";
  }
  return "";
}

const char* SetOperationText(SetOperationKind kind) {
  switch (kind) {
    case SetOperationKind::kUnionAll: return "Union all";
    case SetOperationKind::kIntersect: return "Intersect";
    case SetOperationKind::kIntersectAll: return "Intersect all";
    case SetOperationKind::kExcept: return "Except";
    case SetOperationKind::kExceptAll: return "Except all";
  }
  return "";
}

uint32_t ThreadsOf(const Plan& plan) { return plan.threads; }
uint32_t ThreadsOf(const PlanNode&) { return 1; }

class PlanWriter {
 public:
  template <typename Tree>  // Plan or PlanNode
  PlanWriter(const Tree& tree, const MeasuredText& measured)
      : names_(tree), measured_(measured), threads_(ThreadsOf(tree)) {}

  void Write(const CommonTablePlan& table) {
    lines_.push_back("Common table " + table.name + ":");
    Write(*table.plan, 1, IsGathered(*table.plan));
  }

  // `is_gathered`: as plan/parallel.h has it.
  void Write(const PlanNode& node, size_t depth, bool is_gathered) {
    StepInterruption();
    std::vector<const BoundExpression*> subqueries;
    VisitAll(node, [&](const BoundExpression& expression) {
      if (expression.plan == nullptr) return;
      names_.NumberOf(expression);
      subqueries.push_back(&expression);
    });
    NoteThreads(node, is_gathered);
    std::string line(2 * depth, ' ');
    line += Describe(node) + fmt::format(" (rows={:.0f})", node.estimated_rows);
    std::string measured = measured_ ? measured_(node) : std::string();
    if (!measured.empty()) line += " " + measured;
    lines_.push_back(std::move(line));
    for (const BoundExpression* subquery : subqueries) WriteSubquery(*subquery, depth + 1);
    for (const PlanPtr& child : node.children) {
      Write(*child, depth + 1, IsGatheredFor(node, *child));
    }
  }

  std::vector<std::string> TakeLines() { return std::move(lines_); }

 private:
  void WriteSubquery(const BoundExpression& subquery, size_t depth) {
    std::string how = "runs once";
    for (size_t i = 0; i < subquery.outer_columns.size(); ++i) {
      how =
          (i == 0 ? "correlated by " : how + ", ") + names_.NameOfColumn(subquery.outer_columns[i]);
    }
    lines_.push_back(std::string(2 * depth, ' ') + "Subquery " +
                     std::to_string(names_.NumberOf(subquery)) + " (" + how + "):");
    Write(*subquery.plan, depth + 1, false);
  }

  std::string Text(const BoundExpression& expression) const {
    return ExpressionText(expression, names_);
  }

  // `before` and the expression; nothing when there is none.
  std::string Clause(const char* before, const ExpressionPtr& expression) const {
    return expression == nullptr ? std::string() : before + Text(*expression);
  }

  template <typename List, typename ToText>
  static std::string Join(const List& list, ToText&& to_text) {
    std::string text;
    for (const auto& item : list) {
      if (!text.empty()) text += ", ";
      text += to_text(item);
    }
    return text;
  }

  std::string Describe(const PlanNode& node) const {
    switch (node.kind) {
      case PlanKind::kSingleRow: return "Single row";
      case PlanKind::kValues: return DescribeValues(node);
      case PlanKind::kSeries: return DescribeSeries(node);
      case PlanKind::kSystemView: return "System view " + SystemViewText(node);
      case PlanKind::kTableScan: return DescribeTableScan(node);
      case PlanKind::kIndexScan: return DescribeIndexScan(node);
      case PlanKind::kTableCount: return "Row count of " + TableText(node);
      case PlanKind::kFilter: return "Filter: " + Text(*node.condition);
      case PlanKind::kProject: return DescribeProject(node);
      case PlanKind::kCommonTableScan: return "Scan of common table " + node.table_alias;
      case PlanKind::kWorkingTable: return "Working table of " + node.table_alias;
      case PlanKind::kLateralJoin:
        return std::string("Lateral join (") + JoinText(node.join_kind) + ")" +
               Clause(" on ", node.condition);
      case PlanKind::kRecursion: return DescribeRecursion(node);
      case PlanKind::kJoin: return DescribeJoin(node);
      case PlanKind::kBandJoin: return DescribeBandJoin(node);
      case PlanKind::kIndexJoin:
        return std::string("Index join (") + JoinText(node.join_kind) + ")" +
               Clause(" on ", node.condition);
      case PlanKind::kAggregate: return DescribeAggregate(node);
      case PlanKind::kGroupingSets: return DescribeGroupingSets(node);
      case PlanKind::kWindow: return DescribeWindow(node);
      case PlanKind::kDistinct: return "Distinct";
      case PlanKind::kSort: return DescribeSort(node);
      case PlanKind::kLimit: return DescribeLimit(node);
      case PlanKind::kLockRows: return "Lock rows (" + LockText(*node.locks) + ")";
      case PlanKind::kSetOperation: return SetOperationText(node.set_kind);
      case PlanKind::kInsert: return "Insert into " + TableText(node) + DescribeTarget(node);
      case PlanKind::kUpdate: return "Update of " + TableText(node) + DescribeTarget(node);
      case PlanKind::kDelete: return "Delete from " + TableText(node);
      case PlanKind::kCopyFrom: return "Records of file " + Text(*node.copy->path);
      case PlanKind::kCopyTo: return "Copy to file " + Text(*node.copy->path);
      case PlanKind::kMerge: return "Merge into " + TableText(node);
    }
    return {};
  }

  // What several threads will run: what `node` takes in, or what it passes on.
  void NoteThreads(const PlanNode& node, bool is_gathered) {
    if (threads_ < 2) return;
    const PlanNode* input = ParallelInputOf(node);
    if (input != nullptr && TakesInIndependently(node)) {
      NoteScans(*input, ThreadsFor(*input, threads_));
    } else if (is_gathered && IsIndependent(node)) {
      NoteScans(node, ThreadsFor(node, threads_));
    }
  }
  void NoteScans(const PlanNode& pipeline, uint32_t threads) {
    if (pipeline.kind == PlanKind::kTableScan) threads_of_scan_[&pipeline] = threads;
    if (pipeline.kind == PlanKind::kSetOperation) {
      for (const PlanPtr& child : pipeline.children) NoteScans(*child, threads);
    } else if (!pipeline.children.empty()) {
      NoteScans(*pipeline.children[0], threads);
    }
  }

  std::string DescribeTableScan(const PlanNode& node) const {
    auto found = threads_of_scan_.find(&node);
    bool is_parallel = found != threads_of_scan_.end() && found->second > 1;
    std::string text = (is_parallel ? "Parallel scan of " : "Table scan of ") + TableText(node);
    if (is_parallel) text += fmt::format(" ({} threads)", found->second);
    return text + Clause(", where ", node.condition) + FilterText(node);
  }

  std::string DescribeSeries(const PlanNode& node) const {
    auto text = [&](const ExpressionPtr& value) { return Text(*value); };
    return "Series of (" + Join(node.rows[0], text) + ")";
  }

  std::string DescribeValues(const PlanNode& node) const {
    if (node.rows.empty()) return "No rows";
    std::string text = "Values: ";
    for (size_t i = 0; i < node.rows.size(); ++i) {
      if (i > 0) text += ", ";
      if (i == kShownRows && node.rows.size() > i + 1) {
        return text + fmt::format("... ({} in all)", node.rows.size());
      }
      text +=
          "(" + Join(node.rows[i], [&](const ExpressionPtr& value) { return Text(*value); }) + ")";
    }
    return text;
  }

  std::string DescribeIndexScan(const PlanNode& node) const {
    const IndexDefinition& index = *node.index;
    auto column = [&](size_t i) {
      return node.table->columns[index.columns[i].column].name.spelling;
    };
    std::string text = "Index scan of " + TableText(node) + " using " + index.name.spelling;
    if (node.reverse) text += " backwards";
    std::string range;
    auto add = [&](size_t i, const char* op, const BoundExpression& value) {
      range += range.empty() ? ": " : " AND ";
      range += column(i) + op + Text(value);
    };
    size_t equal = node.range.equal.size();
    for (size_t i = 0; i < equal; ++i) add(i, " = ", *node.range.equal[i]);
    if (node.range.lower != nullptr) {
      add(equal, node.range.lower_inclusive ? " >= " : " > ", *node.range.lower);
    }
    if (node.range.upper != nullptr) {
      add(equal, node.range.upper_inclusive ? " <= " : " < ", *node.range.upper);
    }
    if (node.range.not_null && node.range.lower == nullptr && node.range.upper == nullptr) {
      range += (range.empty() ? ": " : " AND ") + column(equal) + " IS NOT NULL";
    }
    return text + range + Clause(", where ", node.condition);
  }

  std::string DescribeProject(const PlanNode& node) const {
    std::string text;
    for (size_t i = 0; i < node.computed.size(); ++i) {
      text += i == 0 ? ": " : ", ";
      std::string value = Text(*node.computed[i].expression);
      const Name& name = *node.output[i].name;
      text += value;
      bool is_column = node.computed[i].expression->kind == BoundKind::kColumn;
      if (!is_column && IsGivenName(name)) text += " AS " + name.spelling;
    }
    return "Project" + text;
  }

  static std::string DescribeRecursion(const PlanNode& node) {
    const RecursionDefinition& recursion = *node.recursion;
    return "Recursion of " + Join(recursion.members, [](const RecursionDefinition::Member& member) {
             return member.name + (member.distinct ? " (distinct)" : "");
           });
  }

  std::string DescribeJoin(const PlanNode& node) const {
    std::string text = node.left_keys.empty() ? "Nested loop join (" : "Hash join (";
    text += JoinText(node.join_kind);
    text += ")" + KeysText(node);
    text += Clause(node.left_keys.empty() ? " on " : ", where ", node.condition);
    text += Clause(", comparing ", node.comparison);
    for (const JoinFilterUse& use : node.join_filters) {
      text += ", filter " + std::to_string(use.number) + " of " + Text(*node.right_keys[use.key]);
    }
    return text;
  }

  std::string DescribeBandJoin(const PlanNode& node) const {
    std::string text = std::string("Band join (") + JoinText(node.join_kind) + ")" + KeysText(node);
    const char* before = node.left_keys.empty() ? " on " : " AND ";
    for (const BandBound& bound : node.band->bounds) {
      text += before + Text(bound.of_second ? *node.band->second : *node.band->first);
      text += bound.is_lower ? " >" : " <";
      text += (bound.is_inclusive ? "= " : " ") + Text(*bound.value);
      before = " AND ";
    }
    return text + Clause(", where ", node.condition) + Clause(", comparing ", node.comparison);
  }

  std::string KeysText(const PlanNode& node) const {
    std::string text;
    for (size_t i = 0; i < node.left_keys.size(); ++i) {
      bool matches_nulls = !node.null_keys.empty() && node.null_keys[i];
      text += (i == 0 ? " on " : " AND ") + Text(*node.left_keys[i]) +
              (matches_nulls ? " IS NOT DISTINCT FROM " : " = ") + Text(*node.right_keys[i]);
    }
    return text;
  }

  // Filters that joins and aggregates above make.
  std::string FilterText(const PlanNode& node) const {
    std::string text;
    for (const JoinFilterUse& use : node.join_filters) {
      text += ", filter " + std::to_string(use.number) + " on " + names_.NameOfColumn(use.column);
    }
    if (node.extremes.empty()) return text;
    return text + ", by bounds of " + Join(node.extremes, [&](const ExtremeColumn& extreme) {
             return (extreme.is_greatest ? "MAX " : "MIN ") + names_.NameOfColumn(extreme.column);
           });
  }

  std::string DescribeAggregate(const PlanNode& node) const {
    std::string text = "Aggregate";
    if (!node.aggregates.empty()) {
      text += ": " + Join(node.aggregates, [&](const AggregateColumn& aggregate) {
                return AggregateText(aggregate, names_);
              });
    }
    if (node.computed.empty()) return text;
    return text + " by " + Join(node.computed, [&](const ComputedColumn& group) {
             return Text(*group.expression);
           });
  }

  std::string DescribeGroupingSets(const PlanNode& node) const {
    return "Grouping sets: " + Join(node.grouping->sets, [&](const std::vector<uint16_t>& set) {
             return "(" +
                    Join(set,
                         [&](uint16_t group) { return Text(*node.computed[group].expression); }) +
                    ")";
           });
  }

  std::string DescribeWindow(const PlanNode& node) const {
    std::string text = "Window: " + Join(node.window->functions, [&](const WindowColumn& column) {
                         return WindowFunctionText(column, names_);
                       });
    if (!node.window->partition_columns.empty()) {
      text += " partition by " + Join(node.window->partition_columns,
                                      [&](ColumnId id) { return names_.NameOfColumn(id); });
    }
    if (node.sort_keys.empty()) return text;
    return text + " order by " + SortKeysText(node);
  }

  std::string SortKeysText(const PlanNode& node) const {
    return Join(node.sort_keys, [&](const SortKey& key) {
      std::string one = names_.NameOfColumn(key.column);
      if (key.descending) one += " DESC";
      if (key.nulls_first != key.descending)
        one += key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
      return one;
    });
  }

  std::string DescribeSort(const PlanNode& node) const {
    std::string text = node.limit == nullptr ? "Sort: " : "Top-N sort: ";
    text += SortKeysText(node);
    return text + Clause(", keeping ", node.limit) + Clause(" after ", node.offset);
  }

  std::string DescribeLimit(const PlanNode& node) const {
    std::string text = "Limit" + Clause(": ", node.limit) +
                       Clause(node.limit == nullptr ? ": offset " : ", offset ", node.offset);
    if (!node.sort_keys.empty()) text += ", with ties by " + SortKeysText(node);
    if (node.limit_by.empty()) return text;
    return text + " for each " +
           Join(node.limit_by, [&](ColumnId id) { return names_.NameOfColumn(id); });
  }

  // The columns that get values; those that don't are filled by defaults.
  static std::string DescribeTarget(const PlanNode& node) {
    std::string text;
    for (uint16_t column : node.target_columns) {
      if (column == kIgnoredColumn) continue;
      text += (text.empty() ? " (" : ", ") + node.table->columns[column].name.spelling;
    }
    return text.empty() ? text : text + ")";
  }

  PlanNames names_;
  const MeasuredText& measured_;
  uint32_t threads_;
  std::map<const PlanNode*, uint32_t> threads_of_scan_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> ExplainTree(const PlanNode& root) {
  MeasuredText none;
  PlanWriter writer(root, none);
  writer.Write(root, 0, IsGathered(root));
  return writer.TakeLines();
}

std::vector<std::string> ExplainPlan(const Plan& plan, const MeasuredText& measured) {
  PlanWriter writer(plan, measured);
  writer.Write(*plan.root, 0, IsGathered(*plan.root));
  for (const CommonTablePlan& table : plan.common_tables) writer.Write(table);
  return writer.TakeLines();
}

}  // namespace tupelo

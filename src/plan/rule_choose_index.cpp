// plan/rule_choose_index.cpp: a scan with conditions on indexed columns becomes a range of an
// index.
//
// For each index: equalities on its first columns, then bounds on the next one. The index with the
// fewest expected rows is taken when they are few enough that reading rows one by one pays.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/index_match.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"
#include "txn/table.h"

namespace tupelo {

namespace {

constexpr double kSmallTableRows = 4096;  // reading one by one costs little in any case

struct Bound {
  size_t conjunct = 0;
  ExpressionPtr* value = nullptr;  // within the conjunct
  bool inclusive = true;
  bool exact = false;  // the bound says all that the conjunct says
};

struct Candidate {
  const IndexDefinition* index = nullptr;
  std::vector<Bound> equal;
  Bound lower, upper;
  double rows = 0;
};

class IndexChooser {
 public:
  explicit IndexChooser(PlanNode* scan) : scan_(scan) {
    own_.AddOutput(*scan);
    SplitConjuncts(std::move(scan->condition), &conjuncts_);
    comparisons_.resize(conjuncts_.size());
    for (size_t i = 0; i < conjuncts_.size(); ++i) {
      MatchComparison(*conjuncts_[i], own_, &comparisons_[i]);
    }
  }

  void Run() {
    double table_rows =
        std::max<double>(1, static_cast<double>(scan_->table->data->committed_row_count()));
    Candidate best;
    for (const IndexDefinition& index : scan_->table->indexes) {
      Candidate candidate = Match(index, table_rows);
      if (candidate.index == nullptr) continue;
      if (best.index == nullptr || candidate.rows < best.rows) best = std::move(candidate);
    }
    bool whole_unique = best.index != nullptr && best.index->is_unique &&
                        best.equal.size() == best.index->columns.size();
    bool is_bounded =
        !best.equal.empty() || (best.lower.value != nullptr && best.upper.value != nullptr);
    if (best.index != nullptr && (whole_unique || best.rows * kRandomReadCost < table_rows ||
                                  (is_bounded && table_rows < kSmallTableRows))) {
      Apply(best);
    }
    scan_->condition = MakeAnd(std::move(conjuncts_));
  }

 private:
  uint16_t TableColumn(ColumnId id) const {
    for (size_t i = 0; i < scan_->output.size(); ++i) {
      if (scan_->output[i].id == id) return scan_->scan_columns[i];
    }
    return kRowIdColumn;
  }

  bool FindBound(uint16_t column, std::string_view op, Bound* bound) const {
    for (size_t i = 0; i < comparisons_.size(); ++i) {
      const IndexComparison& comparison = comparisons_[i];
      if (comparison.value == nullptr || TableColumn(comparison.column) != column) continue;
      bool inclusive = comparison.op.size() == 2 || comparison.op == "=";
      bool is_equality = comparison.op == "=";
      if (comparison.is_wide && is_equality ? op == "=" : comparison.op.substr(0, 1) != op) {
        continue;
      }
      *bound = {i, comparison.value, inclusive,
                IsExactBound(scan_->table->columns[column].type, (*comparison.value)->type)};
      return true;
    }
    return false;
  }

  void EstimateCandidate(Candidate* candidate, const IndexDefinition& index) const {
    if (index.is_unique && candidate->equal.size() == index.columns.size()) {
      candidate->rows = 1;
      return;
    }
    Conjuncts used;
    auto use = [&](const Bound& bound) {
      if (bound.value != nullptr) used.push_back(Clone(*conjuncts_[bound.conjunct]));
    };
    for (const Bound& bound : candidate->equal) use(bound);
    use(candidate->lower);
    bool is_both = candidate->lower.value != nullptr && candidate->upper.value != nullptr &&
                   candidate->lower.conjunct == candidate->upper.conjunct;
    if (!is_both) use(candidate->upper);
    if (used.empty()) return;
    scan_->estimated_rows = candidate->rows;
    candidate->rows =
        std::max(1.0, candidate->rows * EstimateSelectivity(*MakeAnd(std::move(used)), *scan_));
  }

  Candidate Match(const IndexDefinition& index, double table_rows) const {
    Candidate candidate;
    candidate.rows = table_rows;
    for (const IndexedColumn& column : index.columns) {
      Bound bound;
      if (FindBound(column.column, "=", &bound)) {
        candidate.equal.push_back(bound);
        continue;
      }
      FindBound(column.column, ">", &candidate.lower);
      FindBound(column.column, "<", &candidate.upper);
      break;
    }
    EstimateCandidate(&candidate, index);
    if (!candidate.equal.empty() || candidate.lower.value != nullptr ||
        candidate.upper.value != nullptr) {
      candidate.index = &index;
    }
    return candidate;
  }

  void Apply(const Candidate& best) {
    scan_->kind = PlanKind::kIndexScan;
    scan_->index = best.index;
    scan_->range.rows = best.rows;
    std::vector<size_t> covered;
    auto take = [&](const Bound& bound) {
      if (!bound.exact) return Clone(**bound.value);
      covered.push_back(bound.conjunct);
      return std::move(*bound.value);
    };
    scan_->range.equal.reserve(best.equal.size());
    for (const Bound& bound : best.equal) scan_->range.equal.push_back(take(bound));
    if (best.lower.value != nullptr) {
      scan_->range.lower = take(best.lower);
      scan_->range.lower_inclusive = best.lower.inclusive || !best.lower.exact;
    }
    if (best.upper.value != nullptr) {
      scan_->range.upper = take(best.upper);
      scan_->range.upper_inclusive = best.upper.inclusive || !best.upper.exact;
    }
    std::sort(covered.begin(), covered.end());
    for (size_t i = covered.size(); i-- > 0;) {
      conjuncts_.erase(conjuncts_.begin() + static_cast<ptrdiff_t>(covered[i]));
    }
  }

  PlanNode* scan_;
  ColumnSet own_;
  std::vector<ExpressionPtr> conjuncts_;
  std::vector<IndexComparison> comparisons_;  // by conjunct
};

}  // namespace

void ChooseIndexes(PlanPtr* node) {
  StepInterruption();
  for (PlanPtr& child : (*node)->children) ChooseIndexes(&child);
  PlanNode& scan = **node;
  if (scan.kind != PlanKind::kTableScan || scan.condition == nullptr ||
      scan.table->indexes.empty()) {
    return;
  }
  IndexChooser(&scan).Run();
}

}  // namespace tupelo

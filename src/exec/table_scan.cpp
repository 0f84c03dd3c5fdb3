// exec/table_scan.cpp: every row of a table that the statement sees, filtered; and its count.
#include "exec/extreme_filter.h"
#include "exec/join_filter.h"
#include "exec/operators.h"
#include "exec/pipeline_worker.h"
#include "exec/read_scope.h"
#include "exec/zone_filter.h"
#include "txn/read_set.h"
#include "txn/scan.h"
#include "txn/undo.h"

namespace tupelo {

namespace {

class ScanTable : public Operator {
 public:
  ScanTable(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context), columns_(outer) {
    InitOutput();
    std::vector<Type> types;
    for (size_t i = 0; i < node.scan_columns.size(); ++i) {
      if (node.scan_columns[i] == kRowIdColumn) {
        row_id_column_ = i;
        ids_ = std::make_unique<RowIds>();
        continue;
      }
      const ColumnDefinition& column = node.table->columns[node.scan_columns[i]];
      physical_.push_back(column.physical);
      read_ |= ColumnBit(column.physical);
      types.push_back(column.type);
    }
    if (ids_ != nullptr) data_.Init(types);
    if (node.condition != nullptr) {
      columns_.AddChunk(node.output, output_);
      predicate_ = std::make_unique<Predicate>(context, &columns_, *node.condition);
    }
  }
  // What joins above know of their keys is known when they ask for the first row.
  void OpenSelf() override {
    is_open_ = node_->join_filters.empty() && node_->extremes.empty();
    if (is_open_) OpenScan();
  }
  void Close() override {
    if (!scan_.is_open()) return;
    ReadScope scope(context_, ReadScope::Closing::kTag);
    scan_.Close();
  }
  void PrepareWorkers(SharedPipeline* shared) override {
    std::span<const ZonePredicate> noted = ZonesToNote();
    ReadScope scope(context_);
    uint64_t stripes = TableScan::Length(*node_->table->data) / kBlockRows;
    order_.clear();
    NoteRead(noted);
    if (SkipsByExtremes()) OrderBlocks();
    shared->AddScan(node_,
                    static_cast<uint32_t>((stripes + kStripesPerMorsel - 1) / kStripesPerMorsel),
                    order_);
  }

 protected:
  Chunk* Step() override {
    if (!is_open_) {
      is_open_ = true;
      OpenScan();
    }
    for (;;) {
      context_->CheckInterrupt();
      if (!NextOfScan()) return nullptr;
      if (predicate_ != nullptr) predicate_->Apply(&output_);
      for (RowTest& test : row_tests_) Apply(&test);
      if (output_.row_count() != 0) return &output_;
    }
  }

 private:
  struct RowTest {
    const JoinFilter* filter;
    const Vector* column;
    uint64_t tested = 0, passed = 0;
  };
  static constexpr uint64_t kTestedToJudge = 16 * kVectorSize;

  // Where most rows pass, the join may as well look for all of them.
  void Apply(RowTest* test) {
    if (test->tested > kTestedToJudge && test->passed > test->tested / 4 * 3) return;
    uint16_t* selection = output_.SelectionBuffer();
    uint32_t count = test->filter->Select(*test->column, output_.rows(), selection);
    test->tested += output_.row_count();
    test->passed += count;
    output_.SetRows(Rows{selection, count});
  }

  // What stands for the condition, where what is read has to be noted.
  std::span<const ZonePredicate> ZonesToNote() {
    if (context_->reads == nullptr || predicate_ == nullptr) return {};
    return MakeZones();
  }
  void NoteRead(std::span<const ZonePredicate> zones) {
    if (context_->reads == nullptr) return;
    context_->reads->AddZones(node_->table->data.get(), zones, read_);
  }

  std::span<const ZonePredicate> MakeZones() {
    if (zones_ == nullptr) zones_ = std::make_unique<ZoneFilter>(*node_, context_);
    return zones_->Make();
  }

  // Of a few blocks none is skipped.
  bool MaySkip() const {
    return predicate_ != nullptr && node_->table->data->committed_row_count() > kVectorSize;
  }

  void OpenScan() {
    std::span<const ZonePredicate> zones;
    const bool is_noted = context_->reads != nullptr && predicate_ != nullptr;
    const bool may_skip = MaySkip();
    if (is_noted || may_skip) zones = MakeZones();
    ReadScope scope(context_);
    NoteRead(zones);
    if (!may_skip) zones = {};
    if (!node_->join_filters.empty()) zones = UseFilters(zones);
    scan_.Open(node_->table->data.get(), *context_->view, physical_, zones);
    if (!node_->extremes.empty()) UseExtremes();
    if (context_->worker == nullptr) return;
    scan_.Restrict(0, 0);
    for (ScanMorsels& morsels : context_->worker->shared->scans) {
      if (morsels.scan != node_) continue;
      morsels_ = &morsels;
      scan_.SetOrder(morsels.order);
    }
  }

  bool SkipsByExtremes() const {
    return !node_->extremes.empty() && node_->table->data->committed_row_count() > kVectorSize;
  }

  // The columns of the table of which extremes are wanted.
  std::vector<const ColumnDefinition*> ExtremeColumns() const {
    std::vector<const ColumnDefinition*> columns;
    for (const ExtremeColumn& extreme : node_->extremes) {
      for (size_t i = 0; i < node_->output.size(); ++i) {
        if (node_->output[i].id != extreme.column) continue;
        columns.push_back(&node_->table->columns[node_->scan_columns[i]]);
      }
    }
    return columns;
  }

  // Of equal values with different displacements the first one in the order of the table is given.
  void OrderBlocks() {
    order_.clear();
    std::vector<const ColumnDefinition*> columns = ExtremeColumns();
    std::vector<ExtremeOfColumn> extremes;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i]->type.physical() == PhysicalType::kZoned) return;
      extremes.push_back({columns[i]->physical, node_->extremes[i].is_greatest});
    }
    TableScan::OrderBlocks(*node_->table->data, extremes, &order_);
  }

  // What the aggregates have found is asked for whenever a block is to be read.
  void UseExtremes() {
    ExtremeFilter* filter = ExtremeFilter::Of(context_, node_->extremes_number);
    std::vector<ZonePredicate> wanted;
    std::vector<ZoneOp> operators;
    if (SkipsByExtremes()) {
      for (const ColumnDefinition* column : ExtremeColumns()) {
        bool greatest = node_->extremes[wanted.size()].is_greatest;
        wanted.push_back({column->physical, ZoneOp::kIsNotNull, Value::Null(column->type)});
        operators.push_back(greatest ? ZoneOp::kGreater : ZoneOp::kLess);
      }
    }
    filter->Begin(std::move(wanted), std::move(operators));
    scan_.SetWanted(filter->wanted());
    if (context_->worker != nullptr || !filter->is_wanted()) return;
    OrderBlocks();
    scan_.SetOrder(order_);
  }

  // Adds the bounds of the joins' keys to the zones.
  std::span<const ZonePredicate> UseFilters(std::span<const ZonePredicate> zones) {
    all_zones_.assign(zones.begin(), zones.end());
    row_tests_.clear();
    for (const JoinFilterUse& use : node_->join_filters) {
      const JoinFilter* filter = JoinFilter::Of(context_, use.number);
      if (!filter->is_ready()) continue;
      for (size_t i = 0; i < node_->output.size(); ++i) {
        if (node_->output[i].id != use.column) continue;
        const ColumnDefinition& column = node_->table->columns[node_->scan_columns[i]];
        Value low = Value::Null(column.type), high = low;
        if (!filter->is_empty()) {
          low = Value::Integer(column.type, filter->lowest());
          high = Value::Integer(column.type, filter->highest());
        }
        all_zones_.push_back({column.physical, ZoneOp::kGreaterEqual, std::move(low)});
        all_zones_.push_back({column.physical, ZoneOp::kLessEqual, std::move(high)});
        row_tests_.push_back({filter, &output_.column(i)});
      }
    }
    return all_zones_;
  }

  // False at the end.
  bool NextOfScan() {
    ReadScope scope(context_);
    while (!(ids_ == nullptr ? scan_.Next(&output_) : NextWithIds())) {
      if (context_->worker == nullptr || !TakeMorsel()) return false;
    }
    return true;
  }

  bool TakeMorsel() {
    std::optional<uint32_t> morsel = context_->worker->Take(morsels_);
    if (!morsel.has_value()) return false;
    uint32_t first = *morsel * kStripesPerMorsel;
    return scan_.Restrict(first, first + kStripesPerMorsel);
  }

  bool NextWithIds() {
    if (!scan_.Next(&data_, ids_.get())) return false;
    for (size_t i = 0, from = 0; i < output_.column_count(); ++i) {
      if (i == row_id_column_) {
        output_.column(i).Borrow(ids_->ids, nullptr);
      } else {
        output_.column(i).Reference(data_.column(from++));
      }
    }
    output_.SetRows(data_.rows());
    return true;
  }

  ColumnMap columns_;
  std::vector<uint16_t> physical_;
  uint64_t read_ = 0;  // the same, by ColumnBit
  std::unique_ptr<Predicate> predicate_;
  std::unique_ptr<ZoneFilter> zones_;     // made when somebody needs it
  std::vector<ZonePredicate> all_zones_;  // with those of filters
  std::vector<RowTest> row_tests_;
  std::vector<uint32_t> order_;  // of the blocks, where extremes are wanted
  bool is_open_ = false;
  TableScan scan_;
  ScanMorsels* morsels_ = nullptr;  // of a worker's copy
  Chunk data_;                      // without the row ids, when those are wanted
  std::unique_ptr<RowIds> ids_;
  size_t row_id_column_ = 0;
};

class CountTable : public Operator {
 public:
  CountTable(const PlanNode& node, ExecutionContext* context) : Operator(node, context) {
    InitOutput();
  }
  void OpenSelf() override { done_ = false; }
  void Close() override {}

 protected:
  Chunk* Step() override {
    if (done_) return nullptr;
    done_ = true;
    ReadScope scope(context_);
    if (context_->reads != nullptr) context_->reads->AddTable(node_->table->data.get(), 0);
    output_.column(0).PrepareWrite(1);
    *output_.column(0).MutableData<int64_t>() =
        static_cast<int64_t>(node_->table->data->Count(*context_->view));
    output_.SetRows(1);
    return &output_;
  }

 private:
  bool done_ = false;
};

}  // namespace

OperatorPtr MakeTableScan(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<ScanTable>(node, context, outer);
}

OperatorPtr MakeTableCount(const PlanNode& node, ExecutionContext* context, const ColumnMap*) {
  return std::make_unique<CountTable>(node, context);
}

}  // namespace tupelo

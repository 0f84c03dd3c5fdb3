// exec/copy_from.cpp: COPY FROM: the records of a file as rows for an INSERT.
//
// Where the statement may have several threads, another one reads and converts what comes next of a
// file that is not short, while the rows before are stored.
#include <array>
#include <system_error>

#include "base/read_ahead.h"
#include "exec/csv_column.h"
#include "exec/operators.h"

namespace tupelo {

namespace {

constexpr uint64_t kProgressBytes = uint64_t{4} << 20;
constexpr uint64_t kShortFileRows = uint64_t{8} * kVectorSize;

class CopyFrom : public Operator {
 public:
  CopyFrom(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context), copy_(*node.copy), columns_(outer), path_(context, &columns_) {
    InitOutput();
    path_value_ = path_.Add(*copy_.path);
    for (size_t i = 0; i < node.output.size(); ++i) {
      converters_.emplace_back(node.output[i].type, i, copy_.null, &evaluation_);
    }
  }

  void OpenSelf() override {
    path_.Run(Rows{nullptr, 1});
    if (!path_value_->IsValid(0)) {
      throw Error(ErrorCode::kNullNotAllowed, "the name of the file must not be null",
                  copy_.path->position);
    }
    std::string path = path_value_->At<StringRef>(0).str();
    std::vector<std::string> names;
    for (const OutputColumn& column : node_->output) names.push_back(column.name->spelling);
    ahead_ = nullptr;
    try {
      reader_ = std::make_unique<CsvReader>(path, OpenInput(path), copy_.format, std::move(names));
      if (copy_.header) ReadHeader();
    } catch (Error& error) {
      error.AtPosition(copy_.path->position);
      throw;
    }
    total_bytes_ = reader_->input().stored_bytes();
    evaluation_ = context_->evaluation;
    for (CsvColumn& converter : converters_) converter.set_copies_text(false);
    may_read_ahead_ = context_->threads > 1;
    rows_ = 0;
    reported_bytes_ = 0;
  }
  void Close() override {
    ahead_ = nullptr;  // before what it reads from
    reader_ = nullptr;
  }

 protected:
  Chunk* Step() override {
    if (reader_ == nullptr) return nullptr;
    context_->CheckInterrupt();
    if (may_read_ahead_ && rows_ >= kShortFileRows) StartReadingAhead();
    ReadState state;
    if (ahead_ == nullptr) {
      state = Read(&output_);
    } else {
      uint32_t place = ahead_->Take([this] { context_->CheckInterrupt(); });
      state = place == ReadAhead::kNone ? last_ : Show(places_[place]);
    }
    const uint32_t count = state.count;
    rows_ += count;
    if (state.bytes - reported_bytes_ >= kProgressBytes || count == 0) {
      reported_bytes_ = state.bytes;
      context_->ReportCopy(rows_, state.bytes, total_bytes_);
    }
    if (count == 0) return nullptr;
    output_.SetRows(count);
    return &output_;
  }

 private:
  // What was read: rows, and bytes of the file until behind them.
  struct ReadState {
    uint32_t count = 0;
    uint64_t bytes = 0;
  };
  struct Place {
    Chunk chunk;
    ReadState state;
  };

  ReadState Read(Chunk* out) {
    ReadState state;
    state.count = reader_->Next();
    state.bytes = reader_->input().stored_bytes_read();
    for (size_t i = 0; i < converters_.size() && state.count > 0; ++i) {
      try {
        converters_[i].Read(*reader_, state.count, &out->column(i));
      } catch (Error& error) {
        error.OnTable(node_->table->name.spelling).OnColumn(node_->output[i].name->spelling);
        throw;
      }
    }
    return state;
  }

  ReadState Show(const Place& place) {
    for (size_t i = 0; i < output_.column_count(); ++i) {
      output_.column(i).Reference(place.chunk.column(i));
    }
    return place.state;
  }

  // Without a thread to be had, this one goes on reading.
  void StartReadingAhead() {
    may_read_ahead_ = false;
    std::vector<Type> types;
    for (const OutputColumn& column : node_->output) types.push_back(column.type);
    for (Place& place : places_) place.chunk.Init(types);
    evaluation_.interruption = nullptr;  // that of this thread, which looks at it while it waits
    for (CsvColumn& converter : converters_) converter.set_copies_text(true);
    last_ = {};
    try {
      ahead_ = std::make_unique<ReadAhead>([this](uint32_t place) {
        places_[place].state = Read(&places_[place].chunk);
        if (places_[place].state.count == 0) last_ = places_[place].state;
        return places_[place].state.count > 0;
      });
    } catch (const std::system_error&) {
      evaluation_.interruption = context_->evaluation.interruption;
    }
  }

  void ReadHeader() {
    if (reader_->Next(1) == 0) return;
    for (size_t i = 0; copy_.header_matches && i < node_->output.size(); ++i) {
      const Name& wanted = *node_->output[i].name;
      std::string_view found = reader_->column(i)->view();
      if (found == wanted.key || EqualIgnoringCase(found, wanted.key)) continue;
      throw Error(Error(ErrorCode::kBadCopyFormat,
                        "the header must name column " + wanted.spelling + " in place " +
                            std::to_string(i + 1) + ", not: " + std::string(found))
                      .OnColumn(wanted.spelling));
    }
  }

  const CopyPlan& copy_;
  ColumnMap columns_;
  Evaluator path_;
  const Vector* path_value_ = nullptr;
  EvaluationContext evaluation_;  // of who converts
  std::vector<CsvColumn> converters_;
  std::unique_ptr<CsvReader> reader_;
  uint64_t rows_ = 0, reported_bytes_ = 0, total_bytes_ = 0;

  bool may_read_ahead_ = false;
  std::array<Place, ReadAhead::kPlaces> places_;
  ReadState last_;  // at the end
  std::unique_ptr<ReadAhead> ahead_;
};

}  // namespace

OperatorPtr MakeCopyFrom(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<CopyFrom>(node, context, outer);
}

}  // namespace tupelo

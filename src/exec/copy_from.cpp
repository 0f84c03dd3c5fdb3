// exec/copy_from.cpp: COPY FROM: the records of a file as rows for an INSERT.
#include "exec/csv_column.h"
#include "exec/operators.h"

namespace tupelo {

namespace {

constexpr uint64_t kProgressBytes = uint64_t{4} << 20;

class CopyFrom : public Operator {
 public:
  CopyFrom(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context), copy_(*node.copy), columns_(outer), path_(context, &columns_) {
    InitOutput();
    path_value_ = path_.Add(*copy_.path);
    for (size_t i = 0; i < node.output.size(); ++i) {
      converters_.emplace_back(node.output[i].type, i, copy_.null, &context->evaluation);
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
    try {
      reader_ = std::make_unique<CsvReader>(path, OpenInput(path), copy_.format, std::move(names));
      if (copy_.header) ReadHeader();
    } catch (Error& error) {
      error.AtPosition(copy_.path->position);
      throw;
    }
    rows_ = 0;
    reported_bytes_ = 0;
  }
  void Close() override { reader_ = nullptr; }

 protected:
  Chunk* Step() override {
    if (reader_ == nullptr) return nullptr;
    context_->CheckInterrupt();
    uint32_t count = reader_->Next();
    uint64_t bytes = reader_->input().stored_bytes_read();
    rows_ += count;
    if (bytes - reported_bytes_ >= kProgressBytes || count == 0) {
      reported_bytes_ = bytes;
      context_->ReportCopy(rows_, bytes, reader_->input().stored_bytes());
    }
    if (count == 0) return nullptr;
    for (size_t i = 0; i < converters_.size(); ++i) {
      try {
        converters_[i].Read(*reader_, count, &output_.column(i));
      } catch (Error& error) {
        error.OnTable(node_->table->name.spelling).OnColumn(node_->output[i].name->spelling);
        throw;
      }
    }
    output_.SetRows(count);
    return &output_;
  }

 private:
  void ReadHeader() {
    if (reader_->Next(1) == 0) return;
    for (size_t i = 0; copy_.header_matches && i < node_->output.size(); ++i) {
      const Name& wanted = *node_->output[i].name;
      std::string_view found = reader_->column(i)->view();
      if (found == wanted.key || EqualIgnoringCase(found, wanted.key)) continue;
      throw Error(ErrorCode::kBadCopyFormat, "the header must name column " + wanted.spelling +
                                                 " in place " + std::to_string(i + 1) +
                                                 ", not: " + std::string(found))
          .OnColumn(wanted.spelling);
    }
  }

  const CopyPlan& copy_;
  ColumnMap columns_;
  Evaluator path_;
  const Vector* path_value_ = nullptr;
  std::vector<CsvColumn> converters_;
  std::unique_ptr<CsvReader> reader_;
  uint64_t rows_ = 0, reported_bytes_ = 0;
};

}  // namespace

OperatorPtr MakeCopyFrom(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<CopyFrom>(node, context, outer);
}

}  // namespace tupelo

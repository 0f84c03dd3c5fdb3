// exec/copy_to.cpp: COPY TO: the rows of a query as a CSV file.
#include "base/byte_stream.h"
#include "exec/operators.h"
#include "types/number_text.h"

namespace tupelo {

namespace {

constexpr size_t kFlushBytes = size_t{1} << 18;

class CopyTo : public Operator, public TableWriteOperator {
 public:
  CopyTo(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        copy_(*node.copy),
        child_(BuildInput(node, 0, context, outer)),
        columns_(outer),
        path_(context, &columns_) {
    path_value_ = path_.Add(*copy_.path);
    for (const OutputColumn& column : node.children[0]->output) {
      Writer& writer = writers_.emplace_back();
      writer.type = column.type;
      writer.text = Vector(Type::Varchar());
      bool as_it_is = column.type.is_character() || column.type.id == TypeId::kBlob ||
                      column.type.is_approximate() || column.type.id == TypeId::kBoolean ||
                      column.type.id == TypeId::kNull;
      if (!as_it_is) {
        ResolveCast(column.type, Type::Varchar(), CastKind::kExplicit, &writer.cast);
      }
    }
  }

  void OpenSelf() override { child_->Open(); }
  void Close() override {
    child_->Close();
    file_ = nullptr;  // removes what is not finished
  }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

  void BeginStatement() override {
    rows_ = 0;
    bytes_ = 0;
    buffer_.clear();
    path_.Run(Rows{nullptr, 1});
    if (!path_value_->IsValid(0)) {
      throw Error(ErrorCode::kNullNotAllowed, "the name of the file must not be null",
                  copy_.path->position);
    }
    std::string path = path_value_->At<StringRef>(0).str();
    Compression compression = copy_.compression_given ? copy_.compression : CompressionOfName(path);
    try {
      file_ = OpenOutput(path, compression);
    } catch (Error& error) {
      error.AtPosition(copy_.path->position);
      throw;
    }
    if (copy_.header) WriteHeader();
  }
  void FinishStatement() override {
    Flush();
    file_->Finish();
    context_->ReportCopy(rows_, bytes_, 0);
  }
  uint64_t rows_changed() const override { return rows_; }

 protected:
  Chunk* Step() override {
    while (Chunk* chunk = child_->Next()) {
      context_->CheckInterrupt();
      WriteRows(*chunk);
      rows_ += chunk->row_count();
      if (buffer_.size() >= kFlushBytes) {
        Flush();
        context_->ReportCopy(rows_, bytes_, 0);
      }
    }
    return nullptr;
  }

 private:
  struct Writer {
    Type type;
    BoundFunction cast;  // to text; no kernel: written as it is
    Vector text;
    const Vector* source = nullptr;
  };

  void Flush() {
    file_->Write(buffer_.data(), buffer_.size());
    bytes_ += buffer_.size();
    buffer_.clear();
  }

  void WriteHeader() {
    bool first = true;
    for (const OutputColumn& column : node_->children[0]->output) {
      if (!first) buffer_ += copy_.format.delimiter;
      first = false;
      WriteText(column.name->spelling);
    }
    buffer_ += '\n';
  }

  void WriteRows(const Chunk& chunk) {
    Rows rows = chunk.rows();
    for (size_t i = 0; i < writers_.size(); ++i) {
      Writer& writer = writers_[i];
      const Vector* argument = &chunk.column(i);
      writer.source = argument;
      if (writer.cast.kernel == nullptr) continue;
      Rows all = argument->is_constant() ? Rows{nullptr, 1} : rows;
      writer.cast.kernel(
          {{&argument, 1}, &writer.text, all, &writer.cast.data, &context_->evaluation});
      writer.text.SetConstant(argument->is_constant());
      writer.source = &writer.text;
    }
    for (uint32_t i = 0; i < rows.count; ++i) {
      for (size_t c = 0; c < writers_.size(); ++c) {
        if (c > 0) buffer_ += copy_.format.delimiter;
        WriteValue(writers_[c], rows[i]);
      }
      buffer_ += '\n';
    }
  }

  void WriteValue(const Writer& writer, uint32_t row) {
    const Vector& source = *writer.source;
    if (!source.IsValid(row)) {
      buffer_ += copy_.null;
      return;
    }
    char number[kMaxNumberText];
    switch (writer.type.id) {
      case TypeId::kBoolean: return WriteText(source.At<uint8_t>(row) != 0 ? "true" : "false");
      case TypeId::kDouble:
        return WriteText({number, FormatDouble(source.At<double>(row), number)});
      case TypeId::kReal: return WriteText({number, FormatReal(source.At<float>(row), number)});
      case TypeId::kBlob: return WriteBytes(source.At<StringRef>(row).view());
      case TypeId::kNull: return;
      default: return WriteText(source.At<StringRef>(row).view());
    }
  }

  void WriteBytes(std::string_view bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    buffer_ += "\\x";
    for (char byte : bytes) {
      buffer_ += kDigits[static_cast<uint8_t>(byte) >> 4];
      buffer_ += kDigits[static_cast<uint8_t>(byte) & 15];
    }
  }

  // In quotes where it could be misread.
  void WriteText(std::string_view text) {
    const CsvFormat& format = copy_.format;
    bool quotes = text == copy_.null;
    for (char byte : text) {
      quotes |= byte == format.delimiter || byte == format.quote || byte == '\n' || byte == '\r';
    }
    if (!quotes) {
      buffer_ += text;
      return;
    }
    buffer_ += format.quote;
    for (char byte : text) {
      if (byte == format.quote || byte == format.escape) buffer_ += format.escape;
      buffer_ += byte;
    }
    buffer_ += format.quote;
  }

  const CopyPlan& copy_;
  OperatorPtr child_;
  ColumnMap columns_;
  Evaluator path_;
  const Vector* path_value_ = nullptr;
  std::vector<Writer> writers_;
  std::unique_ptr<OutputStream> file_;
  std::string buffer_;
  uint64_t rows_ = 0, bytes_ = 0;
};

}  // namespace

OperatorPtr MakeCopyTo(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<CopyTo>(node, context, outer);
}

}  // namespace tupelo

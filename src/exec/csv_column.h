// exec/csv_column.h: the fields of one column of a CSV file as values of its type.
#pragma once

#include <memory>
#include <string>

#include "exec/csv_reader.h"
#include "functions/function.h"
#include "types/vector.h"

namespace tupelo {

// Numbers, dates and text in their usual form are read by loops of their own; all else, and what is
// wrong, by the kernels of CAST, one field at a time. One thread at a time.
class CsvColumn {
 public:
  // `number`: of the column in the reader. `null`: how a null is written, without quotes.
  // `context` is kept by reference: values are read as its statement would.
  CsvColumn(const Type& type, size_t number, std::string null, const EvaluationContext* context);

  // Whether text is copied, or points into what the reader has read (as at first).
  void set_copies_text(bool copies) { copies_text_ = copies; }

  // The values of the reader's `count` records. Throws what CAST throws, with the place in the
  // file.
  void Read(const CsvReader& reader, uint32_t count, Vector* out);

 private:
  bool IsNull(const CsvField& field) const {
    return !field.quoted && field.size == null_.size() &&
           (field.size == 0 || field.view() == null_);
  }
  template <typename T, typename Parse>
  void ReadValues(const CsvReader& reader, uint32_t count, Vector* out, Parse&& parse);
  void ReadText(const CsvReader& reader, uint32_t count, Vector* out);
  void ReadByCast(const CsvReader& reader, uint32_t row, Vector* out);
  void Cast(const CsvField& field, uint32_t row, Vector* out);

  Type type_;
  size_t number_;
  std::string null_;
  const EvaluationContext* context_;
  BoundFunction cast_;
  bool copies_text_ = false;
  Vector text_, value_;  // one row each
  std::string scratch_;
};

}  // namespace tupelo

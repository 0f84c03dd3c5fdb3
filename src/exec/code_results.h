// exec/code_results.h: a function of strings, computed once for each value of a dictionary.
#pragma once

#include <cstdint>
#include <memory>

#include "types/string_dictionary.h"
#include "types/vector.h"

namespace tupelo {

// Remembers what a function gives for the values of one dictionary, over the vector sets of a run.
// Its other arguments must be the same all the while. For each vector set: Missing, then, where
// there are some, the function over values() into fresh() for the codes that Missing names, and
// Keep; at last Fill.
class CodeResults {
 public:
  CodeResults(const Type& argument, const Type& result)
      : values_(argument), fresh_(result), known_(result) {}

  // Codes that occur in `rows` of `argument` and that the function was not computed for, each once,
  // in the order of the rows: so the first to fail is that of the first row that fails. Where
  // `may_fail` is false there may be others among them. Good until the next call.
  Rows Missing(const Vector& argument, Rows rows, uint64_t run, bool may_fail);
  const Vector& values() const { return values_; }  // of the dictionary, by code
  Vector* fresh() { return &fresh_; }
  void Keep(Rows codes);
  // When the function failed: nothing is known any more.
  void Forget() { dictionary_id_ = 0; }

  // result[row] = what is known for the code of each of `rows` of `argument`.
  void Fill(const Vector& argument, Rows rows, Vector* result);

 private:
  static constexpr uint32_t kCodes = StringDictionary::kMostCodes;

  void Begin(const StringDictionary& dictionary, uint64_t run);
  const StringCodes* CodesOf(const Vector& argument);

  uint64_t dictionary_id_ = 0, run_ = 0;
  uint32_t known_size_ = 1;  // codes from 1 to below it are known
  bool has_null_ = false;    // some value gives null
  bool may_fail_ = false;
  bool is_known_[kCodes];
  uint16_t missing_[kCodes];
  Vector values_, fresh_, known_;
  // Strings: known_ as a dictionary, code for code.
  std::unique_ptr<StringDictionary> dictionary_;
  StringCodes codes_;
};

}  // namespace tupelo

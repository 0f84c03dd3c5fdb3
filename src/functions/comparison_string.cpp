// functions/comparison_string.cpp: comparisons of strings.
#include <cstring>

#include "functions/comparison_kernel.h"
#include "types/compare.h"

namespace tupelo {
namespace {

struct CompareUnpadded {
  static constexpr bool kEachRow = true;
  static bool Equal(const StringRef& left, const StringRef& right) { return left == right; }
  static bool Less(const StringRef& left, const StringRef& right) {
    return left.Compare(right) < 0;
  }
};

// A constant that CHARACTER values are compared with is made as long as the first of them: then
// most comparisons are of two strings of one length, which blanks at the end do not matter to.
class CompareWithPadding {
 public:
  static constexpr bool kEachRow = true;
  explicit CompareWithPadding(const KernelCall& call) {
    const Vector& left = *call.arguments[0];
    const Vector& right = *call.arguments[1];
    if (left.is_constant() || !right.is_constant() || !right.IsValid(0) || call.rows.count < 2) {
      return;
    }
    uint32_t first = call.rows[0];
    size_t size = left.IsValid(first) ? left.At<StringRef>(first).size() : 0;
    std::string_view text = right.At<StringRef>(0).view();
    if (size <= text.size() || size > kMostBytes) return;
    std::memset(buffer_, ' ', size);
    std::memcpy(buffer_, text.data(), text.size());
    padded_ = StringRef(buffer_, static_cast<uint32_t>(size));
    is_padded_ = true;
  }
  CompareWithPadding(const CompareWithPadding&) = delete;  // padded_ points into it
  bool Equal(const StringRef& left, const StringRef& right) const {
    const StringRef& other = is_padded_ ? padded_ : right;
    return left == other || (left.size() != other.size() && EqualPadded(left, right));
  }
  static bool Less(const StringRef& left, const StringRef& right) {
    return ComparePadded(left, right) < 0;
  }

 private:
  static constexpr size_t kMostBytes = 64;
  char buffer_[kMostBytes];
  StringRef padded_;
  bool is_padded_ = false;
};

constexpr ComparisonKernels kUnpadded =
    MakeComparisons<CompareOperation, CompareUnpadded, StringRef, StringRef>();
constexpr ComparisonKernels kPadded =
    MakeComparisons<CompareOperation, CompareWithPadding, StringRef, StringRef>();

}  // namespace

const ComparisonKernels& StringComparisons(bool padded) { return padded ? kPadded : kUnpadded; }

}  // namespace tupelo

// engine/finding.cpp: rows that are wrong, in one sentence.
#include "engine/finding.h"

namespace tupelo {

std::vector<Finding> Findings::Take() {
  for (const auto& [key, rows] : rows_) {
    std::string text = key.second + " in " + std::to_string(rows.count) +
                       (rows.count == 1 ? " row: number " : " rows: numbers ");
    for (size_t i = 0; i < rows.named.size(); ++i) {
      text += (i == 0 ? "" : ", ") + std::to_string(rows.named[i]);
    }
    if (rows.count > rows.named.size()) text += ", ...";
    findings_.push_back({key.first, std::move(text), rows.rule});
  }
  rows_.clear();
  return std::exchange(findings_, {});
}

}  // namespace tupelo

// plan/rule_merge_projection.cpp: a scan gives its columns in the order that is wanted of it.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"

namespace tupelo {

namespace {

// Whether `project` passes on each column of `scan`, once, and computes nothing.
bool IsPermutation(const PlanNode& project, const PlanNode& scan) {
  if (project.output.size() != scan.output.size() || !IsPassThrough(project)) return false;
  for (const OutputColumn& column : scan.output) {
    auto same = [&](const OutputColumn& other) { return other.id == column.id; };
    if (std::count_if(project.output.begin(), project.output.end(), same) != 1) return false;
  }
  return true;
}

}  // namespace

void MergeProjections(PlanPtr* node) {
  StepInterruption();
  for (PlanPtr& child : (*node)->children) MergeProjections(&child);
  PlanNode& project = **node;
  if (project.kind != PlanKind::kProject) return;
  PlanNode& scan = *project.children[0];
  bool is_scan = scan.kind == PlanKind::kTableScan || scan.kind == PlanKind::kIndexScan;
  if (!is_scan || !IsPermutation(project, scan)) return;
  for (size_t i = 0; i < project.output.size(); ++i) {
    size_t from = i;  // those before stand where they should already
    while (scan.output[from].id != project.output[i].id) ++from;
    std::swap(scan.output[i], scan.output[from]);
    std::swap(scan.scan_columns[i], scan.scan_columns[from]);
  }
  scan.output = std::move(project.output);
  PlanPtr merged = std::move(project.children[0]);
  *node = std::move(merged);
}

}  // namespace tupelo

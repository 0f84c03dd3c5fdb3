// plan/bind_corresponding.cpp: set operations over the columns that have the same names (SQL:1999
// part 2, 7.12).
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

namespace {

// The column of that name; nullptr when there is none.
const OutputColumn* FindOutput(const std::vector<OutputColumn>& columns, const Name& name,
                               Position position) {
  size_t found = FindName(name.key, columns.size(),
                          [&](size_t i) -> std::string_view { return columns[i].name->key; });
  if (found == kNameNotFound) return nullptr;
  bool twice = found != kNameAmbiguous &&
               std::count_if(columns.begin(), columns.end(), [&](const OutputColumn& column) {
                 return column.name->key == columns[found].name->key;
               }) > 1;
  if (found == kNameAmbiguous || twice) {
    throw Error(
        ErrorCode::kAmbiguousColumn,
        "a column of CORRESPONDING stands more than once in one of the queries: " + name.spelling,
        position)
        .OnColumn(name.spelling);
  }
  return &columns[found];
}

PlanPtr Choose(PlanPtr plan, std::vector<OutputColumn> columns) {
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  for (const OutputColumn& column : columns) {
    project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  }
  project->output = std::move(columns);
  project->children.push_back(std::move(plan));
  return project;
}

}  // namespace

// Without BY: the common columns, in the order of the first query; else those of the list.
void Binder::ChooseCorresponding(PlanPtr* left, PlanPtr* right, const ast::SetOperationLink& link) {
  std::vector<OutputColumn> of_left, of_right;
  for (const ast::Identifier& identifier : link.by) {
    Name name = MakeName(identifier);
    const OutputColumn* from_left = FindOutput((*left)->output, name, identifier.position);
    const OutputColumn* from_right = FindOutput((*right)->output, name, identifier.position);
    if (from_left == nullptr || from_right == nullptr) {
      throw Error(ErrorCode::kUndefinedColumn,
                  "column of CORRESPONDING BY is not in both queries: " + name.spelling,
                  identifier.position)
          .OnColumn(name.spelling);
    }
    auto same = [&](const OutputColumn& other) { return other.id == from_left->id; };
    if (std::any_of(of_left.begin(), of_left.end(), same)) {
      throw Error(ErrorCode::kDuplicateColumn,
                  "column stands twice in CORRESPONDING BY: " + name.spelling, identifier.position)
          .OnColumn(name.spelling);
    }
    of_left.push_back(*from_left);
    of_right.push_back(*from_right);
  }
  if (link.by.empty()) {
    for (const OutputColumn& column : (*left)->output) {
      const OutputColumn* other = FindOutput((*right)->output, *column.name, link.position);
      if (other == nullptr) continue;
      FindOutput((*left)->output, *column.name, link.position);
      of_left.push_back(column);
      of_right.push_back(*other);
    }
  }
  if (of_left.empty()) {
    throw Error(ErrorCode::kSyntaxError,
                "the queries of CORRESPONDING have no column of the same name", link.position);
  }
  *left = Choose(std::move(*left), std::move(of_left));
  *right = Choose(std::move(*right), std::move(of_right));
}

}  // namespace tupelo

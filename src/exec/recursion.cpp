// exec/recursion.cpp: tables defined by themselves, round by round (SQL:1999 part 2, 7.12).
//
// The first round runs the branches that do not recur. Each later one runs the others, whose
// working tables show what the round before found of each member (semi-naive evaluation: as each
// branch reads one working table once, nothing else can give a new row). The end is a round that
// finds nothing. Rows go out as they are found, so that a LIMIT above ends a recursion without end.
#include "exec/group_table.h"
#include "exec/operators.h"
#include "exec/shared_rows.h"

namespace tupelo {

namespace {

class Recursion : public Operator {
 public:
  Recursion(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        definition_(*node.recursion),
        groups_(MakeScratchArray<uint32_t>(kVectorSize)) {
    InitOutput();
    size_t registered = context->shared_rows.size();
    for (const RecursionDefinition::Member& member : definition_.members) {
      members_.push_back(std::make_unique<Member>(member, context->interruption));
      context->shared_rows.emplace_back(member.shared, members_.back().get());
    }
    for (size_t i = 0; i < node.children.size(); ++i) {
      branches_.push_back(BuildOperator(*node.children[i], context, outer));
      first_recursive_ += definition_.branches[i].is_recursive ? 0 : 1;
    }
    context->shared_rows.resize(registered);
  }
  void OpenSelf() override {
    Close();
    for (auto& member : members_) member->Clear();
    branch_ = 0;
    end_ = first_recursive_;
    is_done_ = false;
  }
  void Close() override {
    if (is_branch_open_) branches_[branch_]->Close();
    is_branch_open_ = false;
    is_done_ = true;
    for (auto& member : members_) member->Release();
  }
  const Operator* child(size_t i) const override {
    return i < branches_.size() ? branches_[i].get() : nullptr;
  }

 protected:
  Chunk* Step() override;

 private:
  struct Member : SharedRows {
    Member(const RecursionDefinition::Member& member, const Interruption& interruption)
        : last_round(member.types), this_round(member.types) {
      if (member.distinct) seen = std::make_unique<GroupTable>(member.types, &interruption);
    }
    const RowCollection& Rows() override { return last_round; }
    void Clear() {
      last_round.Clear();
      this_round.Clear();
      if (seen != nullptr) seen->Clear();
    }
    void Release() {
      last_round.Clear();
      this_round.Clear();
      if (seen != nullptr) seen->Release();
    }

    RowCollection last_round, this_round;
    std::unique_ptr<GroupTable> seen;  // UNION: all rows that were found
  };
  bool StartRound();
  Rows Take(Member* member, const Chunk& chunk);

  const RecursionDefinition& definition_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<OperatorPtr> branches_;
  size_t first_recursive_ = 0;
  size_t branch_ = 0, end_ = 0;  // of this round: the branch in hand, and the end
  bool is_branch_open_ = false;
  bool is_done_ = true;
  std::vector<const Vector*> columns_;
  ScratchArray<uint32_t> groups_;
};

// False when the last round found nothing.
bool Recursion::StartRound() {
  bool found = false;
  for (auto& member : members_) {
    std::swap(member->last_round, member->this_round);
    member->this_round.Clear();
    found |= member->last_round.row_count() > 0;
  }
  branch_ = first_recursive_;
  end_ = branches_.size();
  return found && branch_ < end_;
}

// Keeps the rows that are new; returns them.
Rows Recursion::Take(Member* member, const Chunk& chunk) {
  columns_.clear();
  for (size_t i = 0; i < chunk.column_count(); ++i) columns_.push_back(&chunk.column(i));
  Rows rows = chunk.rows();
  if (member->seen != nullptr) {
    uint16_t* fresh = output_.SelectionBuffer();
    rows.count = member->seen->FindOrAdd(columns_, rows, groups_.get(), fresh);
    rows.rows = fresh;
  }
  if (rows.count > 0 && first_recursive_ < branches_.size()) {
    member->this_round.Append(columns_, rows);
  }
  return rows;
}

Chunk* Recursion::Step() {
  while (!is_done_) {
    context_->CheckInterrupt();
    if (branch_ == end_) {
      is_done_ = !StartRound();
      continue;
    }
    Operator& branch = *branches_[branch_];
    if (!is_branch_open_) branch.Open();
    is_branch_open_ = true;
    Chunk* chunk = branch.Next();
    if (chunk == nullptr) {
      branch.Close();
      is_branch_open_ = false;
      ++branch_;
      continue;
    }
    uint32_t member = definition_.branches[branch_].member;
    Rows rows = Take(members_[member].get(), *chunk);
    if (rows.count == 0 || member != definition_.result) continue;
    for (size_t i = 0; i < columns_.size(); ++i) output_.column(i).Reference(*columns_[i]);
    output_.SetRows(rows);
    return &output_;
  }
  return nullptr;
}

}  // namespace

OperatorPtr MakeRecursion(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Recursion>(node, context, outer);
}

}  // namespace tupelo

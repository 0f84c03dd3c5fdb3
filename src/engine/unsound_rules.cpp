// engine/unsound_rules.cpp: one rule gone may be what another one needs, so all is checked again
// until nothing is found.
#include "engine/unsound_rules.h"

#include <algorithm>
#include <set>

#include "catalog/catalog.h"
#include "engine/database_check.h"
#include "engine/database_state.h"
#include "txn/table.h"

namespace tupelo {

namespace {

void LeaveOutIndex(uint16_t number, TableDefinition* table) {
  Index* index = table->indexes[number].index;
  std::erase_if(table->keys, [&](const KeyDefinition& key) { return key.index == index; });
  table->indexes.erase(table->indexes.begin() + number);
  table->data->ReplayDropIndex(index->number());
}

void LeaveOut(const BrokenRule& rule, TableDefinition* table) {
  switch (rule.kind) {
    case BrokenRule::kNone:
    case BrokenRule::kType: return;
    case BrokenRule::kNotNull: table->columns[rule.number].not_null = false; return;
    case BrokenRule::kGenerated:
      table->columns[rule.number].generated_sql.clear();
      table->columns[rule.number].generated_from.clear();
      return;
    case BrokenRule::kCheck: table->checks.erase(table->checks.begin() + rule.number); return;
    case BrokenRule::kUnique: return LeaveOutIndex(rule.number, table);
    case BrokenRule::kForeignKey:
      table->foreign_keys.erase(table->foreign_keys.begin() + rule.number);
      return;
  }
}

}  // namespace

void LeaveOutUnsoundRules(DatabaseState* state, const Interruption* interruption,
                          Findings* losses) {
  for (;;) {
    Findings findings;
    DatabaseCheck(state, interruption, DatabaseCheck::File::kNone, &findings).Run();
    std::set<BrokenRule> broken;
    std::vector<Finding> others;
    for (Finding& finding : findings.Take()) {
      if (finding.rule.kind == BrokenRule::kNone || finding.rule.kind == BrokenRule::kType) {
        others.push_back(std::move(finding));
        continue;
      }
      broken.insert(finding.rule);
      losses->Add(finding.where, finding.what + "; the rule was left out");
    }
    if (broken.empty()) {
      for (Finding& finding : others) losses->Add(finding.where, finding.what);
      return;
    }
    CatalogChange change(state->catalog.Current());
    // From the last one on: the numbers of those before it stay what they are.
    for (auto rule = broken.rbegin(); rule != broken.rend(); ++rule) {
      TableDefinition table = *change.current()->TableById(rule->table);
      LeaveOut(*rule, &table);
      change.PutTable(std::move(table));
    }
    state->catalog.Install(state->catalog.Merge(change));
  }
}

}  // namespace tupelo

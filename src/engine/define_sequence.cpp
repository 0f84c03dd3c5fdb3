// engine/define_sequence.cpp: CREATE, ALTER and DROP SEQUENCE.
#include <algorithm>

#include "engine/definition_steps.h"
#include "plan/binder.h"

namespace tupelo {

void CreateSequence(const DefinitionContext& context,
                    const ast::CreateSequenceStatement& statement) {
  SequenceDefinition sequence;
  if (NamesTemporarySchema(statement.sequence)) {
    throw Error(ErrorCode::kFeatureNotSupported, "a temporary sequence is not supported",
                statement.sequence.position());
  }
  sequence.schema = SchemaOf(context, statement.sequence);
  sequence.name = MakeName(statement.sequence.last());
  Position position = statement.sequence.last().position;
  if (statement.if_not_exists && RelationExists(context, sequence.schema, sequence.name)) return;
  ThrowIfRelationExists(context, sequence.schema, sequence.name, position);
  sequence.type = statement.has_type ? Binder::BindType(statement.type) : Type::BigInt();
  sequence.numbers = MakeNumbers(statement.options, sequence.type,
                                 {"sequence " + sequence.name.spelling, position}, nullptr);
  context.catalog->PutSequence(std::move(sequence));
}

namespace {

SequencePtr FindSequence(const DefinitionContext& context, const ast::QualifiedName& name) {
  CatalogPtr catalog = context.catalog->current();
  std::vector<Type> no_parameters;
  return Binder(*catalog, no_parameters).FindSequence(name);
}

// nullptr: there is none, and that is allowed.
SequencePtr FindSequenceIf(const DefinitionContext& context, const ast::QualifiedName& name,
                           bool if_exists) {
  try {
    return FindSequence(context, name);
  } catch (const Error& error) {
    if (!if_exists || error.code() != ErrorCode::kUndefinedTable) throw;
    return nullptr;
  }
}

}  // namespace

// What is altered gets numbers of its own, so that a rollback finds the old ones. Those that others
// take of the old ones until the commit are taken over then.
void AlterSequence(const DefinitionContext& context, const ast::AlterSequenceStatement& statement) {
  SequenceDefinition sequence = *FindSequence(context, statement.sequence);
  NumberOwner owner{"sequence " + sequence.name.spelling, statement.sequence.position()};
  std::shared_ptr<IdentitySequence> old = sequence.numbers;
  sequence.numbers = MakeNumbers(statement.options, sequence.type, owner, old.get());
  bool only_limits = !statement.options.restart && statement.options.increment.empty();
  if (only_limits) {
    context.transaction->OnCommit([old, now = sequence.numbers](CommitNumber) {
      bool ascends = now->increment > 0;
      int64_t theirs = old->next.load();
      bool further = ascends ? theirs > now->next.load() : theirs < now->next.load();
      if (further && theirs >= now->minimum && theirs <= now->maximum) now->TakeStateOf(*old);
    });
  }
  context.catalog->PutSequence(std::move(sequence));
}

void DropSequences(const DefinitionContext& context, const std::vector<SequencePtr>& sequences,
                   bool cascade, Position position) {
  for (const SequencePtr& sequence : sequences) {
    for (const TablePtr& table : context.catalog->current()->Tables()) {
      TableDefinition changed = *table;
      bool depends = false;
      for (ColumnDefinition& column : changed.columns) {
        if (std::ranges::find(column.default_sequences, sequence->id) ==
            column.default_sequences.end()) {
          continue;
        }
        if (!cascade) {
          throw Error(ErrorCode::kDependentObjects,
                      "the default of column " + column.name.spelling + " of table " +
                          table->name.spelling + " needs it; use CASCADE to drop that too: " +
                          "sequence " + sequence->name.spelling,
                      position)
              .OnTable(table->name.spelling)
              .OnColumn(column.name.spelling);
        }
        column.default_sql.clear();
        column.default_sequences.clear();
        depends = true;
      }
      if (depends) context.catalog->PutTable(std::move(changed));
    }
    context.catalog->DropSequence(sequence->id);
  }
}

void DropSequence(const DefinitionContext& context, const ast::DropSequenceStatement& statement) {
  std::vector<SequencePtr> sequences;
  for (const ast::QualifiedName& name : statement.sequences) {
    SequencePtr sequence = FindSequenceIf(context, name, statement.if_exists);
    if (sequence != nullptr && std::ranges::find(sequences, sequence) == sequences.end()) {
      sequences.push_back(std::move(sequence));
    }
  }
  DropSequences(context, sequences, statement.behavior == ast::DropBehavior::kCascade,
                statement.sequences.front().position());
}

}  // namespace tupelo

// slt/session.cpp: runs statements through the public C++ API.
#include "slt/session.h"

#include <exception>
#include <tupelo/tupelo.h>

#include "slt/bind.h"
#include "slt/value_text.h"
#include "types/value.h"

namespace tupelo::slt {
namespace {

void ReadRows(Result& result, const std::string& types, Outcome* outcome) {
  const size_t columns = result.columns().size();
  outcome->column_count = columns;
  const bool canonical = types.empty() || types == "rows";
  while (const Chunk* chunk = result.NextChunk()) {
    const Rows rows = chunk->rows();
    for (uint32_t i = 0; i < rows.count; ++i) {
      for (size_t column = 0; column < columns; ++column) {
        const Value value = Value::FromVector(chunk->column(column), rows[i]);
        if (canonical) {
          outcome->values.push_back(CanonicalText(value));
        } else {
          outcome->values.push_back(CorpusText(value, column < types.size() ? types[column] : 'T'));
        }
      }
    }
  }
}

}  // namespace

Session::Session(std::vector<std::string> before)
    : before_(std::move(before)), database_(Database::Open("")) {}
Session::~Session() = default;

Connection& Session::Named(const std::string& name) {
  std::unique_ptr<Connection>& connection = connections_[name];
  if (connection == nullptr) {
    connection = database_->Connect();
    connection->SetAutocommit(true);
    for (const std::string& sql : before_) connection->Prepare(sql)->Execute(ParameterSet());
  }
  return *connection;
}

Outcome Session::Execute(const std::string& connection, const std::string& sql,
                         const std::string& bind, const std::string& types) {
  Outcome outcome;
  try {
    const std::shared_ptr<Statement> statement = Named(connection).Prepare(sql);
    ParameterSet parameters;
    // Without a bind line no values are given, and a statement that wants some must say so.
    parameters.Reset(bind.empty() ? 0 : statement->parameter_count());
    if (!bind.empty()) BindValues(bind, statement->parameter_names(), &parameters);
    parameters.EndRow();
    Result result = statement->Execute(parameters);
    outcome.row_count = result.row_count();
    if (result.has_rows()) ReadRows(result, types, &outcome);
  } catch (const Error& error) {
    outcome.sqlstate = error.sqlstate();
    outcome.message = error.message();
  } catch (const std::exception& error) {
    outcome.sqlstate = "XX000";
    outcome.message = std::string("not an error of the engine: ") + error.what();
  }
  return outcome;
}

}  // namespace tupelo::slt

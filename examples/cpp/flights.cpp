// examples/cpp/flights.cpp: a table, a batch of rows, a query, an error, through the C++ library.
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <tupelo/tupelo.h>

namespace {

// Runs a statement without parameters that gives no rows.
void Run(tupelo::Connection& connection, std::string_view sql) {
  connection.Prepare(sql)->Execute(tupelo::ParameterSet());
}

// One statement over three rows; either all of them are stored or none.
int64_t InsertFlights(tupelo::Connection& connection) {
  struct Row {
    int64_t id;
    std::string_view carrier;
    double delay;
  };
  std::shared_ptr<tupelo::Statement> insert =
      connection.Prepare("INSERT INTO flight (id, carrier, delay) VALUES (?, ?, ?)");
  tupelo::ParameterSet rows;
  rows.Reset(insert->parameter_count());
  for (const Row& row : {Row{1, "UA", 11.5}, Row{2, "AA", -3.0}, Row{3, "UA", 20.5}}) {
    rows.SetInteger(0, row.id);
    rows.SetText(1, row.carrier);
    rows.SetDouble(2, row.delay);
    rows.EndRow();  // true: all rows have the same types
  }
  insert->BeginBatches();
  insert->ExecuteBatch(rows);
  return insert->FinishBatches();
}

// Prints the mean delay of each carrier; returns the number of carriers.
int PrintDelays(tupelo::Connection& connection) {
  std::shared_ptr<tupelo::Statement> query = connection.Prepare(
      "SELECT carrier, AVG(delay) FROM flight GROUP BY carrier ORDER BY carrier");
  tupelo::Result result = query->Execute(tupelo::ParameterSet());
  int carriers = 0;
  while (const tupelo::Chunk* chunk = result.NextChunk()) {
    for (uint32_t i = 0; i < chunk->row_count(); ++i) {
      const uint32_t row = chunk->rows()[i];
      const std::string_view carrier = chunk->column(0).At<tupelo::StringRef>(row).view();
      const double delay = chunk->column(1).At<double>(row);
      std::printf("%.*s %.1f\n", static_cast<int>(carrier.size()), carrier.data(), delay);
      ++carriers;
    }
  }
  return carriers;
}

// A second flight 1 is refused; says whether the error says what it should.
bool RefusesDuplicate(tupelo::Connection& connection) {
  try {
    Run(connection, "INSERT INTO flight VALUES (1, 'DL', 0)");
  } catch (const tupelo::Error& error) {
    std::printf("%s: %s\n", std::string(error.sqlstate()).c_str(), error.what());
    return error.code() == tupelo::ErrorCode::kUniqueViolation;
  }
  return false;
}

}  // namespace

int main() {
  const std::shared_ptr<tupelo::Database> database = tupelo::Database::Open(":memory:");
  const std::unique_ptr<tupelo::Connection> connection = database->Connect();
  Run(*connection,
      "CREATE TABLE flight (id INTEGER PRIMARY KEY, carrier CHAR(2) NOT NULL, "
      "delay DOUBLE PRECISION)");
  const bool right = InsertFlights(*connection) == 3 && PrintDelays(*connection) == 2 &&
                     RefusesDuplicate(*connection);
  connection->Commit();
  return right ? 0 : 1;
}

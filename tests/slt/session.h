// slt/session.h: what the runner needs of a database: run a statement, get text or an error.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tupelo {
class Connection;
class Database;
}  // namespace tupelo

namespace tupelo::slt {

// Values row by row, each in the form that the record's types ask for.
struct Outcome {
  std::string sqlstate;  // empty: it succeeded
  std::string message;
  std::vector<std::string> values;
  size_t column_count = 0;  // 0: no query
  int64_t row_count = -1;   // of INSERT, UPDATE, DELETE
};

// An empty database in memory and its connections by name. Not thread-safe.
class Session {
 public:
  // `before`: statements that each connection runs when it is opened.
  explicit Session(std::vector<std::string> before);
  ~Session();

  // Runs `sql` on the connection of that name, opened when first named, in autocommit mode. `bind`
  // are parameters' values as in tests/sql/README.md, `types` the letters of a query or "rows".
  Outcome Execute(const std::string& connection, const std::string& sql, const std::string& bind,
                  const std::string& types);

 private:
  Connection& Named(const std::string& name);

  std::vector<std::string> before_;
  std::shared_ptr<Database> database_;
  std::map<std::string, std::unique_ptr<Connection>> connections_;
};

}  // namespace tupelo::slt

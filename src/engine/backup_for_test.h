// engine/backup_for_test.h: databases that tests of backups copy.
#pragma once

#include "base/simulated_files.h"
#include "engine/engine_for_test.h"

namespace tupelo {

inline constexpr char kSource[] = "/d/source.db";
inline constexpr char kCopy[] = "/d/copy.db";

inline std::unique_ptr<Connection> OpenFile(SimulatedFiles& files, const char* path) {
  std::unique_ptr<Connection> connection = Database::Connect(path, {.files = &files});
  connection->SetAutocommit(true);
  return connection;
}

inline std::unique_ptr<Connection> OpenBytes(std::span<const uint8_t> bytes) {
  std::unique_ptr<Connection> connection = Database::Connect(":memory:", {});
  connection->Deserialize(bytes);
  connection->SetAutocommit(true);
  return connection;
}

// `count` rows of 100 each, and how often they were moved.
inline void MakeAccounts(Connection& connection, int count) {
  Execute(connection,
          "CREATE TABLE account (id INTEGER PRIMARY KEY, name VARCHAR(20000), balance INTEGER)");
  Execute(connection, "CREATE TABLE moves (worker INTEGER PRIMARY KEY, number INTEGER)");
  Execute(connection, "CREATE SEQUENCE s START WITH 7");
  Execute(connection,
          "INSERT INTO account SELECT v, CASE WHEN MOD(v, 500) = 0 THEN REPEAT('long', 4000) ELSE "
          "'n' || CAST(v AS VARCHAR(10)) END, 100 FROM GENERATE_SERIES(1, ?) AS g (v)",
          {count});
  Execute(connection, "CREATE INDEX by_balance ON account (balance)");
  Execute(connection, "CREATE VIEW rich AS SELECT id FROM account WHERE balance > 100");
}

inline std::unique_ptr<Connection> SmallSource() {
  std::unique_ptr<Connection> source = Database::Connect(":memory:", {});
  source->SetAutocommit(true);
  MakeAccounts(*source, 1000);
  return source;
}

inline std::string SumOf(Connection& connection) {
  return Rows(connection, "SELECT COUNT(*), SUM(balance), COUNT(DISTINCT id) FROM account");
}

}  // namespace tupelo

// engine/check_test.cpp: what a check finds when definitions and rows do not agree.
//
// Rows that break a rule can't be written, so rules are put into the definitions behind everybody's
// back.
#include "engine/check.h"

#include <functional>
#include <thread>

#include "base/simulated_files.h"
#include "engine/database_state.h"
#include "engine/stored_database.h"

// Behind the others, as its Rows() hides the type of that name.
#include "engine/engine_for_test.h"

namespace tupelo {
namespace {

class CheckTest : public testing::Test {
 protected:
  CheckTest() : database_(Database::Open(":memory:")), connection_(database_->Connect()) {
    connection_->SetAutocommit(true);
  }
  void Run(std::initializer_list<const char*> statements) {
    for (const char* statement : statements) Execute(*connection_, statement);
  }
  TablePtr TableNamed(const char* name) {
    for (const TablePtr& table : database_->state().catalog.Current()->Tables()) {
      if (table->name.key == name) return table;
    }
    return nullptr;
  }
  void Change(const char* name, const std::function<void(TableDefinition&)>& change) {
    Catalog& catalog = database_->state().catalog;
    CatalogChange changes(catalog.Current());
    TableDefinition table = *TableNamed(name);
    change(table);
    changes.PutTable(std::move(table));
    catalog.Install(catalog.Merge(changes));
  }
  // "where: what" of each finding, sorted.
  std::vector<std::string> Found() {
    std::vector<std::string> found;
    for (const Finding& finding : CheckDatabase(*connection_)) {
      found.push_back(finding.where + ": " + finding.what);
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  std::shared_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

using Texts = std::vector<std::string>;

TEST_F(CheckTest, ASoundDatabaseHasNoFindings) {
  Run(
      {"CREATE TABLE p (id INTEGER PRIMARY KEY, d DECIMAL(5, 2), t TIMESTAMP(3), "
       "i INTERVAL DAY TO SECOND, b BOOLEAN, c CHARACTER(5), "
       "twice INTEGER GENERATED ALWAYS AS (id * 2), CHECK (id >= 0), "
       "UNIQUE (d, id))",
       "CREATE TABLE f (id SMALLINT UNIQUE, p INTEGER REFERENCES p)",
       "INSERT INTO p (id, d, t, i, b, c) SELECT v, v / 10.0, TIMESTAMP '2026-01-01 00:00:00.125', "
       "INTERVAL '1 02:03:04' DAY TO SECOND, v > 5, 'c' FROM GENERATE_SERIES(1, 5000) AS s (v)",
       "INSERT INTO f SELECT NULLIF(id, 7), id FROM p WHERE id < 3000",
       "INSERT INTO f VALUES (NULL, NULL)", "CREATE INDEX by_b ON p (b DESC, c)",
       "DELETE FROM f WHERE MOD(p, 3) = 0", "UPDATE p SET d = d + 1 WHERE MOD(id, 5) = 0",
       "ALTER TABLE p DROP COLUMN t", "ALTER TABLE p ADD COLUMN n INTEGER DEFAULT 5 NOT NULL"});
  EXPECT_EQ(Found(), Texts());
}

TEST_F(CheckTest, WhatOthersAreChangingIsNoFinding) {
  Run({"CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE CHECK (n > 0))",
       "INSERT INTO t SELECT v, v FROM GENERATE_SERIES(1, 5000) AS s (v)"});
  std::unique_ptr<Connection> other = database_->Connect();
  Execute(*other, "UPDATE t SET n = n + 10000 WHERE MOD(id, 2) = 0");
  Execute(*other, "DELETE FROM t WHERE MOD(id, 7) = 0");
  Execute(*other, "INSERT INTO t VALUES (6000, 6000)");
  EXPECT_EQ(Found(), Texts());
  other->Rollback();
  EXPECT_EQ(Found(), Texts());
}

TEST_F(CheckTest, RowsThatBreakRulesAreNamed) {
  Run(
      {"CREATE TABLE t (id INTEGER PRIMARY KEY, text VARCHAR(20), price DECIMAL(10, 2), "
       "CONSTRAINT positive CHECK (id > 0))",
       "INSERT INTO t VALUES (1, 'short', 10.5), (2, 'a longer one', NULL), (3, NULL, 99999)"});
  Change("T", [](TableDefinition& table) {
    table.columns[1].type.length = 6;
    table.columns[2].not_null = true;
    table.columns[2].type.precision = 6;
    table.checks[0].sql = "\"ID\" < 3";
  });
  EXPECT_EQ(
      Found(),
      Texts({"table t, check constraint positive: it does not hold in 1 row: number 2",
             "table t, column price: a value that is none of DECIMAL(6, 2) in 1 row: number 2",
             "table t, column price: null, though it is NOT NULL, in 1 row: number 1",
             "table t, column text: a value that is none of CHARACTER VARYING(6) in 1 row: "
             "number 1"}));
}

TEST_F(CheckTest, AGeneratedColumnHasTheValueThatItsExpressionGives) {
  Run({"CREATE TABLE t (a INTEGER, b INTEGER GENERATED ALWAYS AS (a + 1))",
       "INSERT INTO t (a) VALUES (1), (2), (0)"});
  Change("T", [](TableDefinition& table) { table.columns[1].generated_sql = "6 / \"A\""; });
  Texts found = Found();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], "table t, column b: another value than is generated in 1 row: number 0");
  EXPECT_NE(found[1].find("it can't be computed"), std::string::npos) << found[1];
}

TEST_F(CheckTest, RowsWithoutWhatTheyReferenceAreNamed) {
  Run({"CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE f (a INTEGER REFERENCES p)",
       "CREATE TABLE q (id INTEGER PRIMARY KEY)", "INSERT INTO p VALUES (1), (2)",
       "INSERT INTO q VALUES (2)", "INSERT INTO f VALUES (1), (2), (NULL), (1)"});
  ObjectId other = TableNamed("Q")->id;
  Change("F", [&](TableDefinition& table) { table.foreign_keys[0].referenced_table = other; });
  Texts found = Found();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].find("there is no row that it references in 2 rows: numbers 0, 3"),
            std::string::npos)
      << found[0];
}

// The index of another table, whose rows are others.
TEST_F(CheckTest, AnIndexIsComparedWithItsTableBothWays) {
  Run({"CREATE TABLE a (id INTEGER PRIMARY KEY)", "CREATE TABLE b (id INTEGER PRIMARY KEY)",
       "INSERT INTO a VALUES (1), (2), (3)", "INSERT INTO b VALUES (1), (7)"});
  Index* other = TableNamed("B")->indexes[0].index;
  Change("A", [&](TableDefinition& table) { table.indexes[0].index = other; });
  Texts found = Found();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NE(found[0].find("has an entry of another key than its own in 1 row: number 1"),
            std::string::npos)
      << found[0];
  EXPECT_NE(found[1].find("has no entry in 2 rows: numbers 1, 2"), std::string::npos) << found[1];
}

TEST_F(CheckTest, TwoRowsOfOneKeyAreNamedUnlessAPartIsNull) {
  Run({"CREATE TABLE t (a INTEGER, b INTEGER)", "CREATE INDEX i ON t (a, b)",
       "CREATE TABLE u (a INTEGER, b INTEGER, UNIQUE (a, b))",
       "INSERT INTO t VALUES (1, 1), (1, NULL), (1, NULL), (1, 1), (2, 1)",
       "INSERT INTO u VALUES (1, NULL), (1, NULL)"});
  EXPECT_EQ(Found(), Texts());
}

TEST_F(CheckTest, AnInterruptEndsIt) {
  Run({"CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE)",
       "INSERT INTO t SELECT v, v FROM GENERATE_SERIES(1, 300000) AS s (v)"});
  std::thread interrupting([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    connection_->Interrupt();
  });
  std::string state = StateOf([&] { CheckDatabase(*connection_); });
  interrupting.join();
  EXPECT_EQ(state, "57014");
  EXPECT_EQ(Found(), Texts());
}

TEST_F(CheckTest, ADatabaseInAFileIsCheckedWhileItIsOpen) {
  SimulatedFiles files;
  auto database = Database::Open("/disk/open.db", {.files = &files});
  std::unique_ptr<Connection> connection = database->Connect();
  connection->SetAutocommit(true);
  EXPECT_TRUE(CheckDatabase(*connection).empty());
  for (int i = 0; i < 4; ++i) {
    std::string name = "t" + std::to_string(i);
    Execute(*connection, "CREATE TABLE " + name + " (id INTEGER PRIMARY KEY, text CLOB)");
    Execute(*connection, "INSERT INTO " + name +
                             " SELECT v, REPEAT('long', v) FROM GENERATE_SERIES(1, 1200) AS s (v)");
    EXPECT_TRUE(CheckDatabase(*connection).empty()) << i;
    if (i % 2 == 1) Execute(*connection, "DROP TABLE " + name);
    database->state().stored->Checkpoint();
    for (const Finding& finding : CheckDatabase(*connection)) {
      ADD_FAILURE() << finding.where << ": " << finding.what;
    }
  }
  EXPECT_TRUE(CheckFile(files, "/disk/open.db", nullptr).empty());
}

}  // namespace
}  // namespace tupelo

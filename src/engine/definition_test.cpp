// engine/definition_test.cpp: definitions, and what becomes of the rows that are there.
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/connection.h"
#include "engine/database.h"
#include "engine/statement.h"
#include "types/value.h"

namespace tupelo {

namespace {

class DefinitionTest : public testing::Test {
 protected:
  DefinitionTest() { connection_->SetAutocommit(true); }

  static Result Run(Connection& connection, std::string_view sql) {
    ParameterSet none;
    none.Reset(0);
    return connection.Prepare(sql)->Execute(none);
  }
  void Run(std::string_view sql) {
    try {
      Run(*connection_, sql);
    } catch (const Error& error) {
      ADD_FAILURE() << sql << ": " << error.sqlstate() << " " << error.message();
    }
  }
  // SQLSTATE and the constraint or column named; "" when the statement succeeds.
  static std::string Fails(Connection& connection, std::string_view sql) {
    try {
      Run(connection, sql);
    } catch (const Error& error) {
      EXPECT_FALSE(error.message().empty());
      std::string name =
          error.constraint_name().empty() ? error.column_name() : error.constraint_name();
      return std::string(error.sqlstate()) + (name.empty() ? "" : " " + name);
    }
    return "";
  }
  std::string Fails(std::string_view sql) { return Fails(*connection_, sql); }
  // Rows as "1|a;2|b".
  std::string Rows(Connection& connection, std::string_view sql) {
    std::string text;
    Result result = Run(connection, sql);
    while (const Chunk* chunk = result.NextChunk()) {
      for (uint32_t i = 0; i < chunk->row_count(); ++i) {
        if (!text.empty()) text += ";";
        for (size_t c = 0; c < chunk->column_count(); ++c) {
          if (c > 0) text += "|";
          text += Value::FromVector(chunk->column(c), chunk->rows()[i]).ToString();
        }
      }
    }
    return text;
  }
  std::string Rows(std::string_view sql) {
    try {
      return Rows(*connection_, sql);
    } catch (const Error& error) {
      return std::string(error.sqlstate()) + " " + error.message();
    }
  }

  std::shared_ptr<Database> database_ = Database::Open("");
  std::unique_ptr<Connection> connection_ = database_->Connect();
};

}  // namespace

TEST_F(DefinitionTest, ConstraintsWithoutNamesAreCalledAfterTableAndColumns) {
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER UNIQUE CHECK (a > 0), b INTEGER CHECK (b "
      "> 0)"
      " CHECK (b < 9), c INTEGER REFERENCES t, UNIQUE (a, b))");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (NULL, 1, 1, NULL)"), "23502 id");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (1, 0, 1, NULL)"), "23514 t_a_check");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (1, 1, 0, NULL)"), "23514 t_b_check");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (1, 1, 9, NULL)"), "23514 t_b_check1");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (1, 1, 1, 2)"), "23503 t_c_fkey");
  Run("INSERT INTO t VALUES (1, 1, 1, 1)");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (1, 2, 2, 1)"), "23505 t_pkey");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (2, 1, 2, 1)"), "23505 t_a_key");
  Run("ALTER TABLE t DROP CONSTRAINT t_a_key");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (2, 1, 1, 1)"), "23505 t_a_b_key");
  EXPECT_EQ(Fails("ALTER TABLE t DROP CONSTRAINT t_pkey"), "2BP01");
}

TEST_F(DefinitionTest, ATableWithTheNameOfAnotherInOtherCaseIsAnother) {
  Run("CREATE TABLE foo (a INTEGER)");
  Run("CREATE TABLE \"Foo\" (b INTEGER PRIMARY KEY)");
  Run("INSERT INTO \"Foo\" VALUES (1)");
  EXPECT_EQ(Rows("SELECT COUNT(*) FROM FOO"), "0");
  EXPECT_EQ(Fails("INSERT INTO \"Foo\" VALUES (1)"), "23505 Foo_pkey");
  EXPECT_EQ(Fails("CREATE TABLE FOO (a INTEGER)"), "42P07");
}

TEST_F(DefinitionTest, ChangingATypeConvertsRowsKeysAndIndexes) {
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER UNIQUE CHECK (a < 1000))");
  Run("CREATE INDEX t_a ON t (a DESC, id)");
  Run("INSERT INTO t VALUES (1, 10), (2, 20), (3, NULL)");
  Run("ALTER TABLE t ALTER COLUMN a SET DATA TYPE DECIMAL(10, 2)");
  EXPECT_EQ(Rows("SELECT id, a FROM t ORDER BY id"), "1|10.00;2|20.00;3|NULL");
  EXPECT_EQ(Rows("SELECT id FROM t WHERE a = 20"), "2");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (4, 10)"), "23505 t_a_key");
  Run("INSERT INTO t VALUES (4, 10.4)");
  EXPECT_EQ(Fails("ALTER TABLE t ALTER COLUMN a SET DATA TYPE SMALLINT"), "23505 t_a_key");
  EXPECT_EQ(Rows("SELECT a FROM t WHERE id = 4"), "10.40");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (5, 20)"), "23505 t_a_key");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (5, 1000)"), "23514 t_a_check");
}

TEST_F(DefinitionTest, ChangingTheTypeOfAReferencedKeyChecksTheForeignKeys) {
  Run("CREATE TABLE p (id INTEGER PRIMARY KEY)");
  Run("CREATE TABLE c (p INTEGER REFERENCES p ON UPDATE CASCADE)");
  Run("INSERT INTO p VALUES (1), (2)");
  Run("INSERT INTO c VALUES (1)");
  EXPECT_EQ(Fails("ALTER TABLE p ALTER COLUMN id SET DATA TYPE VARCHAR(5)"), "42804 id");
  Run("ALTER TABLE p ALTER COLUMN id SET DATA TYPE BIGINT");
  Run("UPDATE p SET id = 5000000 WHERE id = 1");
  EXPECT_EQ(Rows("SELECT p FROM c"), "5000000");
  EXPECT_EQ(Fails("INSERT INTO c VALUES (3)"), "23503 c_p_fkey");
}

TEST_F(DefinitionTest, DroppingAColumnRenumbersWhatIsBehindIt) {
  Run("CREATE TABLE p (x INTEGER, a INTEGER, b INTEGER, CHECK (a < b), PRIMARY KEY (a, b))");
  Run("CREATE TABLE c (x INTEGER, a INTEGER, b INTEGER, FOREIGN KEY (b, a) REFERENCES p (b, a))");
  Run("INSERT INTO p VALUES (0, 1, 2)");
  Run("ALTER TABLE p DROP COLUMN x");
  Run("ALTER TABLE c DROP COLUMN x");
  Run("INSERT INTO c VALUES (1, 2)");
  EXPECT_EQ(Fails("INSERT INTO c VALUES (2, 1)"), "23503 c_b_a_fkey");
  EXPECT_EQ(Fails("INSERT INTO p VALUES (3, 2)"), "23514 p_check");
  EXPECT_EQ(Fails("INSERT INTO p VALUES (1, 2)"), "23505 p_pkey");
  EXPECT_EQ(Fails("ALTER TABLE p DROP COLUMN a"), "2BP01");
  Run("ALTER TABLE p DROP COLUMN a CASCADE");
  EXPECT_EQ(Rows("SELECT * FROM p"), "2");
  EXPECT_EQ(Fails("ALTER TABLE p DROP COLUMN b"), "42P16 b");
  Run("INSERT INTO c VALUES (7, 8)");
}

TEST_F(DefinitionTest, AChangeUndoneLeavesTheTableAsItWas) {
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER)");
  Run("CREATE UNIQUE INDEX t_a ON t (a)");
  Run("INSERT INTO t VALUES (1, 10), (2, 20)");
  Run("START TRANSACTION");
  Run("ALTER TABLE t ALTER COLUMN a SET DATA TYPE DECIMAL(5, 1)");
  Run("UPDATE t SET a = 1.5 WHERE id = 1");
  Run("SAVEPOINT s");
  Run("DROP INDEX t_a");
  Run("INSERT INTO t VALUES (3, 1.5)");
  Run("ALTER TABLE t ADD COLUMN n INTEGER GENERATED ALWAYS AS IDENTITY");
  EXPECT_EQ(Rows("SELECT * FROM t ORDER BY id"), "1|1.5|1;2|20.0|2;3|1.5|3");
  Run("ROLLBACK TO SAVEPOINT s");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (3, 1.5)"), "23505 t_a");
  EXPECT_EQ(Rows("SELECT * FROM t ORDER BY id"), "1|1.5;2|20.0");
  Run("ROLLBACK");
  EXPECT_EQ(Rows("SELECT id FROM t WHERE a = 20"), "2");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (3, 20)"), "23505 t_a");
  EXPECT_EQ(Rows("SELECT * FROM t ORDER BY id"), "1|10;2|20");
}

TEST_F(DefinitionTest, ATableMadeFilledAndDroppedInOneTransactionLeavesNothing) {
  Run("START TRANSACTION");
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
  Run("INSERT INTO t VALUES (1), (2)");
  Run("DROP TABLE t");
  Run("COMMIT");
  EXPECT_EQ(Fails("SELECT * FROM t"), "42P01");
  Run("START TRANSACTION");
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
  Run("INSERT INTO t VALUES (1), (2)");
  Run("DROP TABLE t");
  Run("ROLLBACK");
  EXPECT_EQ(Fails("CREATE TABLE t (id INTEGER PRIMARY KEY, CHECK (nope > 1))"), "42703 nope");
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
  EXPECT_EQ(Rows("SELECT COUNT(*) FROM t"), "0");
}

TEST_F(DefinitionTest, ATableThatAnotherTransactionChangesKeepsItsDefinition) {
  Run("CREATE TABLE t (a INTEGER)");
  std::unique_ptr<Connection> other = database_->Connect();
  Run(*other, "INSERT INTO t VALUES (1)");
  EXPECT_EQ(Fails("ALTER TABLE t ADD COLUMN b INTEGER"), "40001");
  EXPECT_EQ(Fails("DROP TABLE t"), "40001");
  EXPECT_EQ(Fails("CREATE INDEX i ON t (a)"), "40001");
  other->Commit();
  Run("ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 2");
  EXPECT_EQ(Rows("SELECT * FROM t"), "1|2");
}

TEST_F(DefinitionTest, RowsCommittedAfterTheSnapshotAreCheckedToo) {
  Run("CREATE TABLE t (a INTEGER)");
  std::unique_ptr<Connection> other = database_->Connect();
  EXPECT_EQ(Rows(*other, "SELECT COUNT(*) FROM t"), "0");
  Run("INSERT INTO t VALUES (NULL)");
  EXPECT_EQ(Fails(*other, "ALTER TABLE t ALTER COLUMN a SET NOT NULL"), "23502 a");
  EXPECT_EQ(Fails(*other, "ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL)"), "23514 c");
  EXPECT_EQ(Fails(*other, "ALTER TABLE t ALTER COLUMN a SET DATA TYPE BIGINT"), "40001");
}

TEST_F(DefinitionTest, AReaderSeesTheTableThatItsSnapshotHas) {
  Run("CREATE TABLE t (a INTEGER, b INTEGER)");
  Run("INSERT INTO t VALUES (1, 2)");
  std::unique_ptr<Connection> other = database_->Connect();
  EXPECT_EQ(Rows(*other, "SELECT * FROM t"), "1|2");
  Run("ALTER TABLE t ALTER COLUMN b SET DATA TYPE DECIMAL(3, 1)");
  Run("UPDATE t SET b = 1.5");
  Run("ALTER TABLE t DROP COLUMN a");
  EXPECT_EQ(Rows("SELECT * FROM t"), "1.5");
  EXPECT_EQ(Rows(*other, "SELECT * FROM t"), "1|2");
  Run("DROP TABLE t");
  EXPECT_EQ(Rows(*other, "SELECT * FROM t"), "1|2");
  other->Commit();
  EXPECT_EQ(Fails(*other, "SELECT * FROM t"), "42P01");
}

TEST_F(DefinitionTest, AnIdentityKeepsCountingInAWiderType) {
  Run("CREATE TABLE t (id SMALLINT GENERATED ALWAYS AS IDENTITY (START WITH 32767), a INTEGER)");
  Run("INSERT INTO t (a) VALUES (1)");
  EXPECT_EQ(Fails("INSERT INTO t (a) VALUES (2)"), "2200H id");
  Run("ALTER TABLE t ALTER COLUMN id SET DATA TYPE INTEGER");
  Run("INSERT INTO t (a) VALUES (2)");
  EXPECT_EQ(Rows("SELECT id FROM t ORDER BY a"), "32767;32768");
  EXPECT_EQ(Fails("ALTER TABLE t ALTER COLUMN id SET DATA TYPE DECIMAL(9, 1)"), "22023 id");
  EXPECT_EQ(Fails("ALTER TABLE t ADD COLUMN n INTEGER GENERATED ALWAYS AS IDENTITY"), "42P16 n");
}

TEST_F(DefinitionTest, ANotNullWithANameIsDroppedByIt) {
  Run("CREATE TABLE t (a INTEGER CONSTRAINT there NOT NULL)");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (NULL)"), "23502 a");
  Run("ALTER TABLE t RENAME COLUMN a TO b");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (NULL)"), "23502 b");
  Run("ALTER TABLE t DROP CONSTRAINT there");
  Run("INSERT INTO t VALUES (NULL)");
}

TEST_F(DefinitionTest, ACheckMeansTheSameAfterItsColumnsAreRenamed) {
  Run("CREATE TABLE t (\"a\" INTEGER, A INTEGER, CHECK (t.a > 0 AND \"a\" < 0))");
  Run("INSERT INTO t VALUES (-1, 1)");
  Run("ALTER TABLE t RENAME COLUMN A TO \"q\"\"t\"");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (1, 1)"), "23514 t_check");
  EXPECT_EQ(Fails("INSERT INTO t VALUES (-1, -1)"), "23514 t_check");
  Run("INSERT INTO t VALUES (-5, 5)");
}

TEST_F(DefinitionTest, ASchemaIsDroppedWithItsTables) {
  Run("CREATE SCHEMA s");
  EXPECT_EQ(Fails("CREATE SCHEMA s"), "42710");
  Run("CREATE SCHEMA IF NOT EXISTS s");
  Run("CREATE TABLE s.p (id INTEGER PRIMARY KEY)");
  Run("CREATE TABLE c (i INTEGER REFERENCES s.p)");
  EXPECT_EQ(Fails("CREATE TABLE nowhere.t (i INTEGER)"), "3F000");
  EXPECT_EQ(Fails("DROP SCHEMA s"), "2BP01");
  Run("DROP SCHEMA s CASCADE");
  Run("INSERT INTO c VALUES (1)");
  EXPECT_EQ(Fails("SELECT * FROM s.p"), "3F000");
  EXPECT_EQ(Fails("DROP SCHEMA s"), "3F000");
  Run("DROP SCHEMA IF EXISTS s");
}

TEST_F(DefinitionTest, WhatIsNotSupportedIsNamed) {
  Run("CREATE TABLE p (a INTEGER, b INTEGER, PRIMARY KEY (a, b))");
  EXPECT_EQ(Fails("CREATE TABLE t (a INTEGER CHECK (a > 0) DEFERRABLE)"), "0A000");
  EXPECT_EQ(
      Fails("CREATE TABLE t (a INTEGER, b INTEGER, FOREIGN KEY (a, b) REFERENCES p MATCH PARTIAL)"),
      "0A000");
  EXPECT_EQ(Fails("CREATE TABLE t (a INTEGER DEFAULT 1 + (SELECT 1))"), "0A000");
  EXPECT_EQ(Fails("CREATE TABLE t (a TIME PRIMARY KEY, b TIME WITH TIME ZONE REFERENCES t)"),
            "0A000 t_b_fkey");
}

TEST_F(DefinitionTest, AForeignKeyHasAnIndexThatGoesWithIt) {
  Run("CREATE TABLE p (id INTEGER PRIMARY KEY)");
  Run("CREATE TABLE c (id INTEGER UNIQUE REFERENCES p, x INTEGER REFERENCES p)");
  EXPECT_EQ(Fails("DROP INDEX c_x_idx"), "2BP01 c_x_idx");
  EXPECT_EQ(Fails("DROP INDEX c_id_idx"), "42704");
  Run("ALTER TABLE c DROP CONSTRAINT c_id_key");
  EXPECT_EQ(Fails("DROP INDEX c_id_idx"), "2BP01 c_id_idx");
  Run("INSERT INTO p VALUES (1)");
  Run("INSERT INTO c VALUES (1, NULL), (1, NULL)");
  EXPECT_EQ(Fails("DELETE FROM p"), "23503 c_id_fkey");
  Run("ALTER TABLE c DROP CONSTRAINT c_id_fkey");
  EXPECT_EQ(Fails("DROP INDEX c_id_idx"), "42704");
  Run("DELETE FROM p");
}

TEST_F(DefinitionTest, AColumnDroppedInATransactionThatInsertsAfterwardsHurtsNobody) {
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR(40) UNIQUE, a INTEGER)");
  Run("INSERT INTO t VALUES (1, 'a text that is longer than a short one', 1)");
  std::unique_ptr<Connection> other = database_->Connect();
  EXPECT_EQ(Rows(*other, "SELECT id, a FROM t"), "1|1");
  Run("ALTER TABLE t DROP COLUMN id");
  Run("ALTER TABLE t DROP COLUMN v");
  Run("INSERT INTO t VALUES (2), (3), (2)");
  EXPECT_EQ(Rows("SELECT a FROM t ORDER BY a"), "1;2;2;3");
  EXPECT_EQ(Rows(*other, "SELECT id, a FROM t WHERE id = 1"), "1|1");
  EXPECT_EQ(Rows(*other, "SELECT COUNT(*) FROM t"), "1");
  other->Commit();
  Run("DELETE FROM t WHERE a = 2");
  Run("INSERT INTO t VALUES (9)");
  EXPECT_EQ(Rows(*other, "SELECT a FROM t ORDER BY a"), "1;3;9");
}

TEST_F(DefinitionTest, ManyRowsAreConvertedAndCheckedBlockAfterBlock) {
  Run("CREATE TABLE t (id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a INTEGER)");
  Run("INSERT INTO t (a) VALUES (1)");
  for (int i = 0; i < 13; ++i) Run("INSERT INTO t (a) SELECT id FROM t");
  Run("DELETE FROM t WHERE id IN (5, 3000)");
  Run("ALTER TABLE t ALTER COLUMN a SET DATA TYPE BIGINT");
  Run("ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 7 NOT NULL CHECK (b = 7)");
  Run("CREATE TABLE p (id BIGINT PRIMARY KEY)");
  Run("INSERT INTO p SELECT id FROM t WHERE id <> 4000");
  Run("INSERT INTO p VALUES (5), (3000)");
  EXPECT_EQ(Fails("ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p"), "23503 k");
  Run("INSERT INTO p VALUES (4000)");
  Run("ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p");
  EXPECT_EQ(Rows("SELECT COUNT(*), SUM(b) FROM t"), "8190|57330");
  EXPECT_EQ(Fails("CREATE UNIQUE INDEX u ON t (b)"), "23505 u");
  EXPECT_EQ(Fails("DELETE FROM p WHERE id = 4000"), "23503 k");
}

TEST_F(DefinitionTest, LimitsOfColumnsAreNamed) {
  std::string columns;
  for (int i = 0; i <= 1600; ++i)
    columns += (i == 0 ? "c" : ", c") + std::to_string(i) + " INTEGER";
  EXPECT_EQ(Fails("CREATE TABLE t (" + columns + ")"), "54011");
  Run("CREATE TABLE t (" + columns.substr(0, columns.rfind(',')) + ")");
  EXPECT_EQ(Fails("ALTER TABLE t ADD COLUMN d INTEGER"), "54011");
  Run("INSERT INTO t (c1599) VALUES (1)");
  EXPECT_EQ(Rows("SELECT c1599 FROM t"), "1");
}

}  // namespace tupelo

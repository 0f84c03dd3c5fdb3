"""What the tests of backups share: databases with all that can be defined, or with many rows."""

from decimal import Decimal

import tupelo

DEFINITIONS = """
    CREATE SEQUENCE s START WITH 10 INCREMENT BY 5;
    CREATE SCHEMA other;
    CREATE TABLE other.parent (
        id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        gone VARCHAR(10),
        n INTEGER DEFAULT 7 CONSTRAINT positive CHECK (n > 0),
        twice INTEGER GENERATED ALWAYS AS (n * 2),
        UNIQUE (n, id));
    CREATE TABLE child (p INTEGER REFERENCES other.parent (id) ON DELETE CASCADE, at TIMESTAMP);
    ALTER TABLE child ADD COLUMN more VARCHAR(10) DEFAULT 'd';
    INSERT INTO other.parent (gone, n) VALUES ('a', 1), ('b', DEFAULT), ('c', 3);
    ALTER TABLE other.parent DROP COLUMN gone;
    ALTER TABLE other.parent ADD COLUMN price DECIMAL(20, 2) DEFAULT 1.5;
    INSERT INTO other.parent (n, price) VALUES (4, NULL);
    INSERT INTO child VALUES (1, NULL, DEFAULT), (2, TIMESTAMP '2026-01-01 00:00:00', NULL),
        (3, NULL, 'z');
    DELETE FROM child WHERE p = 3;
    CREATE INDEX by_more ON child (more DESC, p);
    CREATE VIEW v AS SELECT id, twice FROM other.parent WHERE n > 1;
    CREATE VIEW w AS SELECT COUNT(*) AS c FROM v;
    CREATE GLOBAL TEMPORARY TABLE g (x INTEGER PRIMARY KEY) ON COMMIT PRESERVE ROWS;
    INSERT INTO g VALUES (1);
    CREATE TEMPORARY TABLE mine (x INTEGER);
    INSERT INTO mine VALUES (1);
    CREATE TEMPORARY VIEW my_view AS SELECT x FROM mine;
    VALUES (NEXT VALUE FOR s);
    VALUES (NEXT VALUE FOR s);
"""


def state(con: tupelo.Connection, sql: str) -> object:
    try:
        cursor = con.execute(sql)
        return cursor.fetchall() if cursor.description else cursor.rowcount
    except tupelo.Error as error:
        return error.sqlstate


def check_definitions(con: tupelo.Connection) -> None:
    """All that DEFINITIONS made is there, and goes on as it would have."""
    con.autocommit = True
    assert state(con, "SELECT * FROM other.parent ORDER BY id") == [
        (1, 1, 2, Decimal("1.50")),
        (2, 7, 14, Decimal("1.50")),
        (3, 3, 6, Decimal("1.50")),
        (4, 4, 8, None),
    ]
    assert state(con, "SELECT p, more FROM child ORDER BY p") == [(1, "d"), (2, None)]
    assert state(con, "SELECT p FROM child WHERE more = 'd'") == [(1,)]
    assert state(con, "SELECT * FROM w") == [(3,)]
    assert state(con, "SELECT * FROM g") == []
    assert state(con, "SELECT * FROM mine") == "42P01"
    assert state(con, "SELECT * FROM my_view") == "42P01"
    assert state(con, "VALUES (NEXT VALUE FOR s)") == [(20,)]
    assert state(con, "INSERT INTO other.parent (n) VALUES (0)") == "23514"
    assert state(con, "INSERT INTO child (p) VALUES (99)") == "23503"
    assert state(con, "INSERT INTO other.parent (n) VALUES (9) RETURNING id, twice, price") == [
        (6, 18, Decimal("1.50"))
    ]
    assert state(con, "DELETE FROM other.parent WHERE id = 1") == 1
    assert state(con, "SELECT p FROM child") == [(2,)]
    assert state(con, "DROP INDEX by_more") in (-1, 0)
    assert state(con, "DROP INDEX by_more") == "42704"
    assert state(con, "CREATE TABLE t (id INTEGER PRIMARY KEY)") in (-1, 0)
    assert state(con, "INSERT INTO t VALUES (1), (1)") == "23505"


def database(*statements: str, location: object = ":memory:") -> tupelo.Connection:
    con = tupelo.connect(location, autocommit=True)
    for script in statements:
        con.executescript(script)
    return con


ROWS = """
    CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(30000));
    INSERT INTO t SELECT v, CASE WHEN MOD(v, 1000) = 0 THEN REPEAT('long', 5000)
        ELSE 'n' || CAST(v AS VARCHAR(10)) END FROM GENERATE_SERIES(1, 40000) AS s (v);
"""
SUMS = "SELECT COUNT(*), SUM(id), SUM(CHAR_LENGTH(name)) FROM t"

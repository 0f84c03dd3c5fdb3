"""Each kind of definition beside each kind of use of its table: no row slips past what is made."""

import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tupelo

LONG = 30  # seconds: nobody waits that long
TABLES = """
    CREATE TABLE parent (id INTEGER PRIMARY KEY);
    INSERT INTO parent VALUES (1), (2), (3);
    CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, m INTEGER DEFAULT 0,
                    CONSTRAINT positive CHECK (n > -100));
    CREATE INDEX by_m ON t (m);
    INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3);
"""
DEFINITIONS = {
    "index": "CREATE INDEX by_n ON t (n)",
    "unique index": "CREATE UNIQUE INDEX unique_n ON t (n)",
    "drop index": "DROP INDEX by_m",
    "add column": "ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 7",
    "generated column": "ALTER TABLE t ADD COLUMN twice INTEGER GENERATED ALWAYS AS (n * 2)",
    "drop column": "ALTER TABLE t DROP COLUMN m",
    "type": "ALTER TABLE t ALTER COLUMN n SET DATA TYPE BIGINT",
    "not null": "ALTER TABLE t ALTER COLUMN n SET NOT NULL",
    "default": "ALTER TABLE t ALTER COLUMN m SET DEFAULT 9",
    "check": "ALTER TABLE t ADD CONSTRAINT small CHECK (n < 10)",
    "unique": "ALTER TABLE t ADD CONSTRAINT one_n UNIQUE (n)",
    "foreign key": "ALTER TABLE t ADD CONSTRAINT known FOREIGN KEY (n) REFERENCES parent",
    "drop constraint": "ALTER TABLE t DROP CONSTRAINT positive",
    "rename column": "ALTER TABLE t RENAME COLUMN m TO k",
    "truncate": "TRUNCATE TABLE t",
    "drop table": "DROP TABLE t",
}
# What the second of the two gets when the first has written so: what it must not let pass.
WRITES = {
    "insert": {
        "INSERT INTO t (id, n) VALUES (4, NULL)": {"not null": "23502"},
        "INSERT INTO t (id, n) VALUES (4, 3)": {"unique index": "23505", "unique": "23505"},
        "INSERT INTO t (id, n) VALUES (4, 50)": {"check": "23514", "foreign key": "23503"},
    },
    "update": {
        "UPDATE t SET n = NULL WHERE id = 1": {"not null": "23502"},
        "UPDATE t SET n = 3 WHERE id = 1": {"unique index": "23505", "unique": "23505"},
        "UPDATE t SET n = 50 WHERE id = 1": {"check": "23514", "foreign key": "23503"},
    },
    "delete": {"DELETE FROM t WHERE id = 1": {}},
}
PAIRS = [
    pytest.param(write, definition, violations.get(definition), id=f"{write}, {definition}")
    for writes in WRITES.values()
    for write, violations in writes.items()
    for definition in DEFINITIONS
]


class Thread(threading.Thread):
    """Runs a statement; `ended` gives "" or the SQLSTATE of its error."""

    def __init__(self, con: tupelo.Connection, sql: str) -> None:
        super().__init__(daemon=True)
        self.con, self.sql, self.outcome = con, sql, ""
        self.start()

    def run(self) -> None:
        self.outcome = state_of(lambda: self.con.execute(self.sql))

    def must_wait(self) -> None:
        time.sleep(0.03)
        assert self.is_alive(), self.outcome

    def ended(self) -> str:
        self.join(LONG)
        assert not self.is_alive()
        return self.outcome


def state_of(action: Callable[[], Any]) -> str:
    try:
        action()
    except tupelo.Error as error:
        return error.sqlstate or "none"
    return ""


@pytest.fixture
def pair() -> Iterator[tuple[tupelo.Connection, tupelo.Connection]]:
    a = tupelo.connect(":memory:", timeout=LONG)
    a.executescript(TABLES)
    a.commit()
    b = a.connect()
    yield a, b
    assert a.check() == []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        a.close()
        b.close()


@pytest.mark.parametrize(("write", "definition", "violation"), PAIRS)
def test_a_definition_waits_for_the_writer(pair, write, definition, violation) -> None:
    a, b = pair
    a.execute(write)
    thread = Thread(b, DEFINITIONS[definition])
    thread.must_wait()
    a.commit()
    assert thread.ended() == (violation or "")
    b.commit()
    if definition not in ("truncate", "drop table"):
        # And so does who comes later, by the same rule.
        assert a.execute("SELECT COUNT(*) FROM t").fetchone()[0] in (2, 3, 4)


@pytest.mark.parametrize(("write", "definition", "violation"), PAIRS)
def test_a_writer_waits_for_the_definition(pair, write, definition, violation) -> None:
    a, b = pair
    assert state_of(lambda: b.execute(DEFINITIONS[definition])) == ""
    thread = Thread(a, write)
    thread.must_wait()
    b.commit()
    # Its snapshot is older than the definition.
    assert thread.ended() == "40001"
    a.rollback()
    expected = violation or ("42P01" if definition == "drop table" else "")
    found = state_of(lambda: a.execute(write))
    assert found == expected


@pytest.mark.parametrize(("write", "definition", "violation"), PAIRS)
def test_at_read_committed_the_writer_goes_on(pair, write, definition, violation) -> None:
    a, b = pair
    a.isolation_level = "READ COMMITTED"
    assert a.execute("SELECT COUNT(*) FROM t").fetchone() == (3,)
    assert state_of(lambda: b.execute(DEFINITIONS[definition])) == ""
    thread = Thread(a, write)
    thread.must_wait()
    b.commit()
    expected = violation or ("42P01" if definition == "drop table" else "")
    assert thread.ended() == expected


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_an_older_snapshot_writes_nothing(pair, definition: str) -> None:
    a, b = pair
    assert a.execute("SELECT COUNT(*) FROM t").fetchone() == (3,)
    assert state_of(lambda: b.execute(DEFINITIONS[definition])) == ""
    b.commit()
    assert a.execute("SELECT COUNT(*), SUM(n) FROM t").fetchone() == (3, 6)
    for writes in WRITES.values():
        for write in writes:
            assert state_of(lambda sql=write: a.execute(sql)) == "40001"


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_an_open_cursor_reads_on(pair, definition: str) -> None:
    a, b = pair
    a.execute("INSERT INTO t SELECT v, v, v FROM GENERATE_SERIES(10, 9000) AS g (v)")
    a.commit()
    sql = "SELECT id, n, m FROM t WHERE id >= 0 ORDER BY id"
    rows = b.execute(sql).fetchall()
    b.rollback()
    for mode in (True, False):
        with a.cursor() as cursor:
            a.autocommit = mode
            cursor.execute(sql)
            read = cursor.fetchmany(10)
            b.execute("UPDATE t SET n = 5 WHERE id > 8000 AND n < 0")
            state = state_of(lambda: b.execute(DEFINITIONS[definition]))
            assert state in ("", "23503", "23514")  # the rows of this test do not fulfil those
            b.commit() if mode is False else b.rollback()
            assert read + cursor.fetchall() == rows
        a.commit()


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("write", [next(iter(writes)) for writes in WRITES.values()])
def test_a_definition_that_is_rolled_back_leaves_writers_alone(pair, write, definition) -> None:
    a, b = pair
    assert state_of(lambda: b.execute(DEFINITIONS[definition])) == ""
    thread = Thread(a, write)
    thread.must_wait()
    b.rollback()
    assert thread.ended() == ""
    a.commit()

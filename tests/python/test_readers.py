"""Connections that only read, in any process: they move on by refresh(), and change nothing."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
import tupelo
from programs import Program, writer


def contents(path: Path) -> dict[str, tuple[bytes, int]]:
    """All files beside the database, and when they were changed."""
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in path.parent.iterdir()}


# Answers each line, which is an expression of `con` and `q`.
READER = """
    import os, sys, tupelo
    con = tupelo.connect(sys.argv[1], read_only=True)
    def q(sql, *parameters):
        return con.execute(sql, parameters).fetchall()
    def state(sql):
        try:
            con.execute(sql)
        except tupelo.Error as error:
            return error.sqlstate
    print("open")
    for line in sys.stdin:
        try:
            print(repr(eval(line)))
        except tupelo.Error as error:
            print(error.sqlstate, error)
"""


class Reader:
    """Another process that reads the database."""

    def __init__(self, start: Callable[..., Program], path: Path) -> None:
        self.program = start(READER, path)
        assert self.program.hear() == "open"

    def __call__(self, expression: str) -> str:
        self.program.tell(expression)
        return self.program.hear()


def test_a_reader_sees_what_was_committed_and_moves_on(path, start):
    with writer(path) as con:
        con.execute("INSERT INTO t VALUES (1, 10, 'one')")
        reader = Reader(start, path)
        count = "q('SELECT COUNT(*), SUM(n) FROM t')"
        assert reader(count) == "[(1, 10)]"
        con.execute("INSERT INTO t VALUES (2, 20, 'two')")
        assert reader(count) == "[(1, 10)]"
        assert reader("con.refresh()") == "None"
        assert reader(count) == "[(2, 30)]"
        con.execute("UPDATE t SET n = n + 1, s = 'uno' WHERE id = 1")
        con.execute("DELETE FROM t WHERE id = 2")
        con.execute("INSERT INTO t VALUES (3, 5, 'three')")
        con.checkpoint()
        con.execute("INSERT INTO t VALUES (2, 7, 'new')")
        reader("con.refresh()")
        assert reader("q('SELECT * FROM t ORDER BY id')") == str(
            [(1, 11, "uno"), (2, 7, "new"), (3, 5, "three")]
        )
        assert reader("q('SELECT n FROM t WHERE id = ?', 2)") == "[(7,)]"
        for i in range(10, 30):  # with and without a checkpoint between two
            con.execute("INSERT INTO t VALUES (?, 1, NULL)", (i,))
            if i % 3 == 0:
                con.checkpoint()
            reader("con.refresh()")
            assert reader("q('SELECT COUNT(*), MAX(id) FROM t')") == f"[({i - 6}, {i})]"
    reader("con.refresh()")  # the writer is gone
    assert reader("q('SELECT COUNT(*) FROM t')") == "[(23,)]"
    with writer(path) as con:
        con.execute("DELETE FROM t WHERE id >= 10")
        reader("con.refresh()")
        assert reader("q('SELECT COUNT(*) FROM t')") == "[(3,)]"


def test_definitions_come_with_a_refresh(path, start):
    with writer(path) as con:
        con.execute("INSERT INTO t VALUES (1, 10, 'one')")
        reader = Reader(start, path)
        for checkpoint in (False, True):
            con.execute("CREATE TABLE other (a INTEGER PRIMARY KEY, b VARCHAR(10) DEFAULT 'd')")
            con.execute("INSERT INTO other (a) VALUES (1), (2)")
            con.execute("CREATE VIEW v AS SELECT a, b, n FROM other, t")
            con.execute("CREATE INDEX by_n ON t (n)")
            con.execute("ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 4")
            assert reader("q('SELECT * FROM other')").startswith("42P01")
            if checkpoint:
                con.checkpoint()
            reader("con.refresh()")
            assert reader("q('SELECT * FROM v ORDER BY a')") == "[(1, 'd', 10), (2, 'd', 10)]"
            assert reader("q('SELECT more FROM t WHERE n = 10')") == "[(4,)]"
            con.execute("DROP VIEW v")
            con.execute("DROP TABLE other")
            con.execute("DROP INDEX by_n")
            con.execute("ALTER TABLE t DROP COLUMN more")
            reader("con.refresh()")
            assert reader("q('SELECT * FROM v')").startswith("42P01")
            assert reader("q('SELECT * FROM t')") == "[(1, 10, 'one')]"
        con.execute("TRUNCATE TABLE t")
        con.execute("INSERT INTO t VALUES (5, 5, 'five')")
        reader("con.refresh()")
        assert reader("q('SELECT * FROM t')") == "[(5, 5, 'five')]"


@pytest.mark.parametrize("checkpoint", [False, True])
def test_what_is_open_keeps_what_it_sees_over_a_refresh(path, start, checkpoint):
    with writer(path) as con:
        con.executemany("INSERT INTO t VALUES (?, 1, 'old')", [(i,) for i in range(10000)])
        program = start("""
            import sys, tupelo
            con = tupelo.connect(sys.argv[1], read_only=True)
            other = con.connect()
            cursor = con.execute("SELECT id, n FROM t ORDER BY id")
            rows = [cursor.fetchone()]
            count = "SELECT COUNT(*), SUM(n) FROM t"
            seen = [other.execute(count).fetchone()]
            print("ready")
            input()
            con.refresh()
            seen.append(con.execute(count).fetchone())
            seen.append(other.execute(count).fetchone())
            rows += cursor.fetchall()
            other.commit()
            seen.append(other.execute(count).fetchone())
            print(seen, rows == [(i, 1) for i in range(10000)])
        """, path)  # fmt: skip
        assert program.hear() == "ready"
        con.execute("UPDATE t SET n = 2")
        con.execute("DELETE FROM t WHERE id < 5000")
        if checkpoint:
            con.checkpoint()
        program.tell()
        before, after = (10000, 10000), (5000, 10000)
        assert program.end() == f"{[before, after, before, after]} True"


def test_refresh_within_a_transaction_that_was_begun_is_an_error(path):
    with writer(path), contextlib.closing(tupelo.connect(path, read_only=True)) as con:
        con.execute("START TRANSACTION")
        with pytest.raises(tupelo.ProgrammingError, match="COMMIT") as raised:
            con.refresh()
        assert raised.value.sqlstate == "25001"
        con.commit()
        con.refresh()
        with contextlib.closing(tupelo.connect(path)) as other:
            with pytest.raises(tupelo.ProgrammingError, match="read-only connections") as raised:
                other.refresh()
            assert raised.value.sqlstate == "55000"


REFUSED = [
    "INSERT INTO t VALUES (9, 9, 'x')",
    "UPDATE t SET n = 1",
    "DELETE FROM t",
    "MERGE INTO t USING (VALUES (1)) AS v (id) ON t.id = v.id WHEN MATCHED THEN UPDATE SET n = 1",
    "TRUNCATE TABLE t",
    "CREATE TABLE u (a INTEGER)",
    "CREATE TEMPORARY TABLE u (a INTEGER)",
    "CREATE VIEW u AS SELECT * FROM t",
    "CREATE INDEX i ON t (n)",
    "CREATE SEQUENCE other",
    "CREATE SCHEMA other",
    "ALTER TABLE t ADD COLUMN x INTEGER",
    "DROP TABLE t",
    "VALUES (NEXT VALUE FOR s)",
    "SELECT nextval('s') FROM t",
    "SELECT * FROM t WHERE n < (SELECT MAX(setval('s', 100)) FROM t)",
    "WITH w AS MATERIALIZED (SELECT NEXT VALUE FOR s AS x FROM t) SELECT * FROM w",
    "EXPLAIN ANALYZE SELECT NEXT VALUE FOR s",
    "EXPLAIN ANALYZE DELETE FROM t",
    "START TRANSACTION READ WRITE",
]


@pytest.mark.parametrize("where", ["another process", "the process that writes"])
def test_a_reader_changes_nothing(path, start, where):
    with writer(path) as con:
        con.execute("CREATE SEQUENCE s")
        con.execute("CREATE GLOBAL TEMPORARY TABLE g (a INTEGER) ON COMMIT PRESERVE ROWS")
        con.execute("INSERT INTO t VALUES (1, 1, 'one')")
        before = contents(path)
        if where == "another process":
            reader = Reader(start, path)
            for statement in REFUSED:
                answer = reader(f"(con.rollback(), con.execute({statement!r}))")
                assert answer.startswith("25006 "), statement
                assert "read-only" in answer
            assert reader("con.checkpoint()").startswith("25006 ")
            many = "con.executemany('INSERT INTO t VALUES (?, 1, NULL)', [(7,)])"
            assert reader(many).startswith("25006 ")
            assert reader("(con.read_only, con.connect().read_only)") == "(True, True)"
            assert reader("state('INSERT INTO g VALUES (1)')") == "None"
            assert reader("q('SELECT * FROM g')") == "[(1,)]"
            reader("con.commit()")
            reader("con.refresh()")
            reader("con.close()")
        else:
            with contextlib.closing(tupelo.connect(path, read_only=True, autocommit=True)) as other:
                for statement in REFUSED:
                    with pytest.raises(tupelo.ProgrammingError, match="read-only") as raised:
                        other.execute(statement)
                    assert raised.value.sqlstate == "25006", statement
                with pytest.raises(tupelo.ProgrammingError) as raised:
                    other.connect().execute("DELETE FROM t")
                assert raised.value.sqlstate == "25006"
                con.execute("INSERT INTO g VALUES (2)")
                other.execute("INSERT INTO g VALUES (1)")
                assert other.execute("SELECT * FROM g").fetchall() == [(1,)]
        assert contents(path) == before
        assert con.execute("SELECT * FROM t").fetchall() == [(1, 1, "one")]
        assert con.execute("VALUES (NEXT VALUE FOR s)").fetchall() == [(1,)]


def test_numbers_of_sequences_are_changes_in_transactions_that_only_read(con):
    con.execute("CREATE SEQUENCE s")
    con.commit()
    con.execute("START TRANSACTION READ ONLY")
    with pytest.raises(tupelo.ProgrammingError, match="READ ONLY") as raised:
        con.execute("VALUES (NEXT VALUE FOR s)")
    assert raised.value.sqlstate == "25006"
    con.rollback()
    assert con.execute("VALUES (NEXT VALUE FOR s)").fetchone() == (1,)


def test_in_the_process_that_writes_readers_share_its_database(path):
    with writer(path) as con, contextlib.closing(tupelo.connect(path, read_only=True)) as other:
        con.execute("INSERT INTO t VALUES (1, 1, 'one')")
        assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)
        con.execute("INSERT INTO t VALUES (2, 1, 'two')")
        assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)
        other.refresh()
        assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (2,)


def test_a_process_that_reads_may_open_the_file_for_writing_too(path):
    with writer(path):
        pass
    with contextlib.closing(tupelo.connect(path, read_only=True)) as reader:
        assert reader.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)
        with writer(path) as con:
            con.execute("INSERT INTO t VALUES (1, 1, 'one')")
            con.checkpoint()
            assert reader.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)
            reader.refresh()
            assert reader.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)


def test_nothing_is_written_for_a_reader_even_after_a_crash(path, start):
    program = start("""
        import sys, tupelo
        con = tupelo.connect(sys.argv[1])
        con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        con.execute("INSERT INTO t VALUES (1), (2)")
        con.commit()
        con.checkpoint()
        con.execute("INSERT INTO t VALUES (3)")
        con.commit()
        print("done")
        input()
    """, path)  # fmt: skip
    assert program.hear() == "done"
    program.kill()
    before = contents(path)
    assert sorted(before) == ["app.db", "app.db-wal", "app.db-wal2"]
    for _ in range(2):
        with contextlib.closing(tupelo.connect(path, read_only=True)) as con:
            assert con.execute("SELECT id FROM t ORDER BY id").fetchall() == [(1,), (2,), (3,)]
            con.refresh()
    assert contents(path) == before


def test_many_readers_at_once(path, start):
    with writer(path) as con:
        con.executemany("INSERT INTO t VALUES (?, 1, 'a')", [(i,) for i in range(1000)])
        readers = [start(READER, path) for _ in range(20)]
        for reader in readers:
            assert reader.hear() == "open"
        con.execute("UPDATE t SET n = 2")
        con.checkpoint()
        con.checkpoint()
        for refresh, total in ((False, 1000), (True, 2000)):
            for reader in readers:
                if refresh:
                    reader.tell("con.refresh()")
                    assert reader.hear() == "None"
                reader.tell("q('SELECT SUM(n) FROM t')")
            assert {reader.hear() for reader in readers} == {f"[({total},)]"}

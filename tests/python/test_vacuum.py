"""VACUUM, and checkpoints that make a file shorter by the way."""

import contextlib
import threading
import time
from pathlib import Path

import pytest
import tupelo


def connect(path: Path, **options: object) -> contextlib.closing:
    return contextlib.closing(tupelo.connect(path, autocommit=True, synchronous="off", **options))


def fill(con: tupelo.Connection, name: str, rows: int, length: int = 30) -> None:
    con.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, n BIGINT, s VARCHAR(100000))")
    con.execute(f"CREATE INDEX {name}_s ON {name} (s)") if length < 1000 else None
    con.execute(
        f"INSERT INTO {name} SELECT v, CAST(v AS BIGINT) * 1000003, "
        f"MD5(CAST(v AS VARCHAR(10))) || REPEAT('x', {length}) FROM GENERATE_SERIES(1, {rows}) "
        "AS g (v)"
    )
    con.checkpoint()


def contents(con: tupelo.Connection) -> list[object]:
    tables = [name for (name,) in con.execute("SELECT name FROM tupelo.tables ORDER BY name")]
    return [
        (name, con.execute(f"SELECT COUNT(*), SUM(n), MIN(s), MAX(s) FROM {name}").fetchall())
        for name in tables
    ]


def pages(con: tupelo.Connection) -> int:
    return con.execute("SELECT file_bytes / page_bytes FROM tupelo.database").fetchone()[0]


@pytest.mark.parametrize("length", [30, 20_000])
def test_vacuum_makes_the_file_as_short_as_a_new_one(path, tmp_path, length):
    rows = 100_000 if length == 30 else 300
    with connect(path) as con:
        for name in "abcd":
            fill(con, name, rows, length)
        before = pages(con)
        for name in "abc":
            con.execute(f"DROP TABLE {name}")
        expected = contents(con)
        con.execute("VACUUM")
        after = pages(con)
        assert contents(con) == expected
        assert con.check() == []
    with connect(tmp_path / "other.db") as con:
        fill(con, "d", rows, length)
        con.execute("VACUUM")
        wanted = pages(con)
    assert before > 3 * wanted
    assert after < wanted * 1.1 + 20
    assert tupelo.check_file(path) == []
    with connect(path) as con:
        assert contents(con) == expected
        assert con.execute("SELECT n FROM d WHERE id = 77").fetchone() == (77 * 1000003,)


# As if only what is left had been inserted, whatever columns there were; and nothing is lost.
@pytest.mark.parametrize("left", ["MOD(id, 3) = 1", "id > 90000 OR MOD(id, 10) = 1", "id < 5"])
def test_vacuum_fills_gaps(path, tmp_path, left):
    with connect(path) as con:
        fill(con, "a", 120_000)
        con.execute("ALTER TABLE a ADD COLUMN gone INTEGER DEFAULT 5")
        con.execute("CREATE UNIQUE INDEX a_n ON a (n, id)")
        con.execute("ALTER TABLE a ADD COLUMN more VARCHAR(100) DEFAULT 'more of it'")
        con.execute("ALTER TABLE a DROP COLUMN gone")
        con.execute("UPDATE a SET more = NULL WHERE MOD(id, 4) = 0")
        con.checkpoint()
        con.execute(f"DELETE FROM a WHERE NOT ({left})")
        rows = con.execute("SELECT * FROM a ORDER BY id").fetchall()
        con.execute("VACUUM")
        after = pages(con)
        assert con.execute("SELECT * FROM a ORDER BY id").fetchall() == rows
        assert con.execute("SELECT * FROM a WHERE n > 0 ORDER BY n").fetchall() == rows
        assert con.check() == []
        con.execute("VACUUM")
        assert pages(con) <= after + 16
    with connect(path) as con:
        assert con.execute("SELECT * FROM a ORDER BY id").fetchall() == rows
        assert con.check() == []
    with connect(tmp_path / "other.db") as con:
        fill(con, "a", 1)
        con.execute("ALTER TABLE a ADD COLUMN more VARCHAR(100)")
        con.execute("CREATE UNIQUE INDEX a_n ON a (n, id)")
        con.execute("DELETE FROM a")
        con.executemany("INSERT INTO a VALUES (?, ?, ?, ?)", rows)
        con.execute("VACUUM")
        assert after < pages(con) * 1.15 + 20


def test_rows_of_open_transactions_stay_where_they_are(path):
    with connect(path) as con, contextlib.closing(tupelo.connect(path)) as other:
        fill(con, "a", 60_000)
        con.execute("DELETE FROM a WHERE MOD(id, 4) <> 0")
        other.execute("UPDATE a SET n = -1 WHERE id > 59000")
        other.execute("INSERT INTO a VALUES (70000, 0, 'new')")
        seen = other.execute("SELECT COUNT(*), SUM(n) FROM a").fetchone()
        cursor = con.execute("SELECT id FROM a ORDER BY s")
        first = cursor.fetchmany(3)
        con.execute("VACUUM")
        assert other.execute("SELECT COUNT(*), SUM(n) FROM a").fetchone() == seen
        other.commit()
        assert len(first) + len(cursor.fetchall()) == 15_000
        assert con.execute("SELECT COUNT(*), SUM(n) FROM a").fetchone() == seen
        con.execute("VACUUM")
        assert con.execute("SELECT COUNT(*), SUM(n) FROM a").fetchone() == seen
        assert con.check() == []


def test_checkpoints_move_some_of_it_each(path):
    with connect(path) as con:
        fill(con, "a", 200_000)
        fill(con, "b", 50_000)
        before = pages(con)
        con.execute("DROP TABLE a")
        expected = contents(con)
        for _ in range(20):
            con.checkpoint()
        assert pages(con) < before / 2
        assert contents(con) == expected
        assert con.check() == []


def test_others_read_and_write_meanwhile(path):
    with connect(path) as con, connect(path) as writer, connect(path) as reading:
        fill(con, "a", 100_000)
        fill(con, "b", 100_000)
        before = con.execute("SELECT COUNT(*), SUM(n) FROM b").fetchone()
        cursor = reading.execute("SELECT n FROM b ORDER BY id")
        first = cursor.fetchmany(10)
        con.execute("DELETE FROM a WHERE id > 10")
        con.execute("DROP TABLE a")
        done = threading.Event()
        written = []

        def write() -> None:
            while not done.is_set():
                writer.execute("UPDATE b SET n = n + 0 WHERE id <= 1000")
                writer.execute("INSERT INTO b VALUES (?, 0, 'new')", (1_000_000 + len(written),))
                written.append(1)
                time.sleep(0.01)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            con.execute("VACUUM")
        finally:
            done.set()
            thread.join()
        rest = cursor.fetchall()
        assert len(first) + len(rest) == before[0]
        assert sum(n for (n,) in first + rest) == before[1]
        count, total = con.execute("SELECT COUNT(*), SUM(n) FROM b").fetchone()
        assert (count, total) == (before[0] + len(written), before[1])
        assert con.check() == []


def test_where_it_is_refused(path):
    with contextlib.closing(tupelo.connect(path)) as con:
        con.execute("CREATE TABLE t (a INTEGER)")
        with pytest.raises(tupelo.Error, match="COMMIT or ROLLBACK") as caught:
            con.execute("VACUUM")
        assert caught.value.sqlstate == "25001"
        con.commit()
        con.execute("VACUUM")
    with contextlib.closing(tupelo.connect(path, read_only=True)) as con:
        with pytest.raises(tupelo.Error) as caught:
            con.execute("VACUUM")
        assert caught.value.sqlstate == "25006"
    with contextlib.closing(tupelo.connect(":memory:")) as con:
        con.execute("VACUUM")

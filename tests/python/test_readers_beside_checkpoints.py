"""Readers beside checkpoints: what they read is not used anew, and is once they have gone."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import tupelo
from programs import writer


def change_all(con: tupelo.Connection, rounds: int) -> None:
    """Each checkpoint writes all rows once more."""
    for _ in range(rounds):
        con.execute("UPDATE t SET n = n + 1, s = s || 'x'")
        con.checkpoint()


@pytest.fixture
def large(path: Path) -> Iterator[tupelo.Connection]:
    with writer(path) as con:
        rows = [(i, f"{i * 7919 % 100003} {i}") for i in range(20000)]
        con.executemany("INSERT INTO t VALUES (?, 0, ?)", rows)
        change_all(con, 4)
        yield con


SCAN = """
    import sys, tupelo
    con = tupelo.connect(sys.argv[1], read_only=True)
    cursor = con.execute("SELECT id, n, s FROM t")
    rows = [cursor.fetchone()]
    print("ready")
    for line in sys.stdin:
        rows += cursor.fetchmany(2000)
        if line == "end\\n":
            break
        print("more")
    rows += cursor.fetchall()
    print(sorted(rows) == [(i, 4, f"{i * 7919 % 100003} {i}xxxx") for i in range(20000)])
"""


def test_a_slow_scan_reads_what_was_there_when_it_began(path, start, large):
    scan = start(SCAN, path)
    assert scan.hear() == "ready"
    for _ in range(6):
        change_all(large, 3)
        scan.tell()
        assert scan.hear() == "more"
    scan.tell("end")
    assert scan.end() == "True"


def test_a_reader_that_is_killed_holds_no_space(path, start, large):
    def growth(rounds: int) -> int:
        before = path.stat().st_size
        change_all(large, rounds)
        return path.stat().st_size - before

    size = path.stat().st_size
    assert growth(6) < size  # old versions of the file are used anew
    scan = start(SCAN, path)
    assert scan.hear() == "ready"
    one_state = size // 3
    growth(2)
    kept = path.stat().st_size
    scan.kill()
    growth(3)
    assert path.stat().st_size <= kept + one_state
    growth(6)
    assert path.stat().st_size <= kept + one_state


def test_readers_come_and_go_while_checkpoints_are_made(path, start):
    """Transfers keep the sum; the count only grows."""
    with writer(path) as con:
        con.executemany("INSERT INTO t VALUES (?, 100, 'a')", [(i,) for i in range(100)])
        code = """
            import sys, tupelo
            last, opened = 0, 0
            print("ready")
            while opened < 40:
                con = tupelo.connect(sys.argv[1], read_only=True, autocommit=True)
                opened += 1
                for _ in range(3):
                    count, total, steps = con.execute(
                        "SELECT COUNT(*), SUM(n), MAX(CHAR_LENGTH(s)) FROM t").fetchone()
                    assert total == 10000, total
                    assert count >= last, (count, last)
                    last = count
                    point = con.execute("SELECT n FROM t WHERE id = ?", (count - 1,)).fetchone()
                    assert point == (0 if count > 100 else point[0],), point
                    con.refresh()
                con.close()
            print(opened)
        """
        readers = [start(code, path) for _ in range(3)]
        for reader in readers:
            assert reader.hear() == "ready"
        step, begin = 0, time.monotonic()
        while any(reader.process.poll() is None for reader in readers):
            con.execute("START TRANSACTION")
            con.execute("UPDATE t SET n = n - 1, s = s || 'b' WHERE id = ?", (step % 50,))
            con.execute("UPDATE t SET n = n + 1 WHERE id = ?", (50 + step % 50,))
            con.execute("INSERT INTO t VALUES (?, 0, 'c')", (100 + step,))
            con.commit()
            if step % 4 == 0:
                con.checkpoint()
            step += 1
            assert time.monotonic() < begin + 300
        assert [reader.end() for reader in readers] == ["40"] * 3

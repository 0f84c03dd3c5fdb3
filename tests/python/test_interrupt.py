"""Ending statements early: interrupt(), statement_timeout, and forks of processes with threads."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest
import tupelo

# How long a statement may go on: far more than it should, for machines that are busy.
SOON_S = 1.0
ROWS = 1_000_000


@pytest.fixture(scope="module")
def database() -> Iterator[tupelo.Connection]:
    with tupelo.connect() as con:
        con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s VARCHAR)")
        con.execute(
            "INSERT INTO t WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r "
            "WHERE n < 1000) SELECT n, 0, 'text ' || CAST(n AS VARCHAR(10)) FROM r"
        )
        con.execute("CREATE TABLE big (k BIGINT, v BIGINT, s VARCHAR)")
        con.execute(
            "INSERT INTO big SELECT a.id * 100003 + b.id * 7919, a.id + b.id, a.s || b.s "
            "FROM t a CROSS JOIN t b"
        )
        con.commit()
        yield con


LONG = {
    "cross join": "SELECT COUNT(*) FROM t a, t b, t c, t d WHERE a.n + b.n = c.n + d.n",
    "recursion": (
        "WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT 1 FROM r) SELECT COUNT(*) FROM "
        "r"
    ),
    "recursion of rows": (
        "WITH RECURSIVE r (n) AS (VALUES (1) UNION SELECT n + 1 FROM r) SELECT COUNT(*) FROM "
        "r"
    ),
    "sort": "SELECT a.s FROM big a, t b ORDER BY a.s || b.s",
    "groups": (
        "SELECT COUNT(*) FROM (SELECT a.k + b.id, COUNT(*) FROM big a, t b GROUP BY a.k + "
        "b.id) q"
    ),
    "distinct": "SELECT COUNT(*) FROM (SELECT DISTINCT a.k * 1000 + b.id FROM big a, t b) q",
    "distinct aggregate": "SELECT COUNT(DISTINCT a.k * 1000 + b.id) FROM big a, t b",
    "hash build": (
        "SELECT COUNT(*) FROM t c JOIN (SELECT a.k + b.id AS k FROM big a, t b) q ON q.k = "
        "c.id"
    ),
    "matches": "SELECT COUNT(*) FROM big a JOIN big b ON a.v = b.v WHERE a.k + b.k < 0",
    "set operation": (
        "SELECT COUNT(*) FROM (SELECT a.k * 1000 + b.id FROM big a, t b EXCEPT SELECT k FROM "
        "big) q"
    ),
    "window": (
        "SELECT SUM(r) FROM (SELECT ROW_NUMBER() OVER (ORDER BY a.s || b.s) AS r FROM big a, "
        "t b) q"
    ),
    "window frame": (
        "SELECT MAX(r) FROM (SELECT MAX(s) OVER (ORDER BY k ROWS BETWEEN 50000 PRECEDING AND "
        "CURRENT ROW EXCLUDE GROUP) AS r FROM big) q"
    ),
    "list": (
        "SELECT COUNT(*) FROM big a, t b WHERE a.k + b.id IN ("
        + ", ".join(str(-i) for i in range(20_000))
        + ")"
    ),
    "repeat": "SELECT SUM(LENGTH(REPEAT(a.s || b.s, 20000))) FROM t a, t b",
    "one long text": "SELECT SUM(LENGTH(REPEAT('x', 100000000 + id))) FROM t",
    "replace": "SELECT SUM(LENGTH(REPLACE(REPEAT('a', 10000), 'a', a.s || b.s))) FROM t a, t b",
    "regular expression": (
        "SELECT COUNT(*) FROM t a, t b WHERE REGEXP_LIKE(REPEAT(a.s || b.s, 1000), '(t|e|x|[0-9]+ "
        "?)*z$')"
    ),
    "insert": (
        "INSERT INTO t SELECT 5000 + a.k * 1000 + b.id, 1, 'x' FROM big a, t b WHERE a.v + "
        "b.n < 0"
    ),
    "update": (
        "UPDATE t SET n = 1 WHERE (SELECT COUNT(*) FROM big a, big b WHERE a.k + b.k > t.id) "
        "< 0"
    ),
    "delete": "DELETE FROM t WHERE (SELECT COUNT(*) FROM big a, big b WHERE a.k + b.k > t.id) < 0",
    "create": "CREATE TABLE u AS SELECT a.k FROM big a, big b WHERE a.k + b.k < 0",
}


def run(con: tupelo.Connection, sql: str) -> None:
    cursor = con.execute(sql)
    if cursor.description is not None:
        cursor.fetchall()


def check_unharmed(con: tupelo.Connection) -> None:
    con.rollback()
    assert con.execute("SELECT COUNT(*), SUM(n) FROM t").fetchone() == (1000, 0)
    assert con.execute("SELECT COUNT(k) FROM big").fetchone() == (ROWS,)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", LONG)
def test_interrupt_ends_it_soon(database: tupelo.Connection, name: str, threads: int) -> None:
    database.execute(f"SET threads = {threads}")
    asked = 0.0

    def interrupt() -> None:
        nonlocal asked
        asked = time.perf_counter()
        database.interrupt()

    timer = threading.Timer(0.15, interrupt)
    timer.start()
    with pytest.raises(tupelo.OperationalError, match="interrupted") as error:
        run(database, LONG[name])
    ended = time.perf_counter()
    timer.join()
    assert error.value.sqlstate == "57014"
    assert ended - asked < SOON_S
    check_unharmed(database)


@pytest.mark.parametrize("name", ["cross join", "recursion", "sort", "repeat", "insert"])
def test_statement_timeout_ends_it_soon(database: tupelo.Connection, name: str) -> None:
    database.execute("SET statement_timeout = 150")
    begin = time.perf_counter()
    with pytest.raises(tupelo.OperationalError, match="statement_timeout allows, 150 ms") as error:
        run(database, LONG[name])
    assert error.value.sqlstate == "57014"
    assert 0.1 < time.perf_counter() - begin < 0.15 + SOON_S
    database.execute("SET statement_timeout = 0")
    check_unharmed(database)


def test_time_between_fetches_does_not_count(database: tupelo.Connection) -> None:
    database.execute("SET statement_timeout = 200")
    cursor = database.execute("SELECT a.id FROM t a, t b")
    assert cursor.fetchone() == (1,)
    time.sleep(0.3)
    assert len(cursor.fetchmany(10_000)) == 10_000
    cursor.close()
    endless = database.execute(
        "WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"
    )
    begin = time.perf_counter()
    with pytest.raises(tupelo.OperationalError, match="statement_timeout"):
        for _ in endless:
            pass
    assert time.perf_counter() - begin < 20
    database.execute("SET statement_timeout = 0")


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_threads_work_on_both_sides_of_a_fork(database: tupelo.Connection) -> None:
    sql = "SELECT COUNT(k), SUM(v) FROM big WHERE v > 10"
    database.execute("SET threads = 3")
    expected = database.execute(sql).fetchone()
    database.commit()
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if database.execute(sql).fetchone() == expected else 1)
        finally:
            os._exit(2)
    deadline = time.monotonic() + 60
    status = None
    while status is None and time.monotonic() < deadline:
        pid, ended = os.waitpid(child, os.WNOHANG)
        status = ended if pid == child else None
        time.sleep(0.01)
    if status is None:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert status == 0
    assert database.execute(sql).fetchone() == expected

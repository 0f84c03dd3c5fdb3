"""Old versions of rows: who keeps them."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tupelo

ROWS = 10_000


@pytest.fixture
def con() -> Iterator[tupelo.Connection]:
    """Which asks: each of its statements is a transaction."""
    connection = tupelo.connect(":memory:", autocommit=True)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)")
    connection.execute("INSERT INTO t SELECT i, 0 FROM GENERATE_SERIES(1, 10000) AS g (i)")
    yield connection
    connection.close()


@pytest.fixture
def other(con: tupelo.Connection) -> Iterator[tupelo.Connection]:
    connection = con.connect()
    connection.autocommit = False
    yield connection
    connection.rollback()
    connection.close()


def update(con: tupelo.Connection, times: int = 1) -> None:
    for _ in range(times):
        con.execute("UPDATE t SET v = v + 1")


def holders(con: tupelo.Connection) -> list[tuple[Any, ...]]:
    """Of others, and of results of its own."""
    return con.execute(
        "SELECT holder, newer_commits, old_versions FROM tupelo.versions "
        "WHERE holder <> 'transaction' OR started_at IS NOT NULL"
    ).fetchall()


def test_a_transaction_holds_its_snapshot(con, other):
    assert holders(con) == []
    other.execute("SELECT 1").fetchall()
    assert holders(con) == [("transaction", 0, 0)]
    update(con)
    assert holders(con) == [("transaction", 1, ROWS)]
    update(con)
    assert holders(con) == [("transaction", 2, 2 * ROWS)]
    other.commit()
    assert holders(con) == []
    assert con.execute("SELECT old_versions FROM tupelo.database").fetchall() == [(0,)]


def test_bytes_are_those_of_the_database(con, other):
    other.execute("SELECT 1").fetchall()
    update(con)
    sql = "SELECT MAX(v.old_version_bytes), MAX(d.old_version_bytes) FROM tupelo.versions AS v CROSS JOIN tupelo.database AS d"  # noqa: E501
    kept, of_database = con.execute(sql).fetchone()
    assert kept == of_database > ROWS


def test_a_result_holds_its_snapshot(con):
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)
    cursor = con.execute("SELECT id FROM t")
    cursor.fetchone()
    update(con)
    assert holders(con) == [("result", 1, ROWS)]
    since, level = con.execute(
        "SELECT started_at, isolation_level FROM tupelo.versions WHERE holder = 'result'"
    ).fetchone()
    assert before <= since <= datetime.datetime.now(datetime.UTC)
    assert level is None
    assert len(cursor.fetchall()) == ROWS - 1
    assert holders(con) == []


def test_connections_have_numbers(con, other):
    third = con.connect()
    third.autocommit = False
    for each in (third, other):
        each.execute("SELECT 1").fetchall()
    sql = "SELECT connection FROM tupelo.versions WHERE started_at IS NOT NULL ORDER BY 1"
    first, second = (row[0] for row in con.execute(sql))
    assert 1 < first < second
    other.rollback()
    assert con.execute(sql).fetchall() == [(second,)]
    third.close()


def test_a_backup_holds_a_snapshot(con, other, tmp_path: Path):
    seen: list[Any] = []

    def progress(done: int, total: int) -> None:
        if not seen:
            update(other)
            other.commit()
            sql = "SELECT connection, holder, newer_commits FROM tupelo.versions WHERE holder <> 'transaction'"  # noqa: E501
            seen.extend(other.execute(sql).fetchall())
            other.commit()

    con.backup(str(tmp_path / "copy.db"), progress=progress)
    assert seen == [(1, "backup", 1)]
    assert holders(con) == []

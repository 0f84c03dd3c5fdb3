"""Old versions of rows: who keeps them."""

import datetime
import threading
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


# SET version_limit

LIMIT = 3_000_000  # some updates of all rows


def kept(con: tupelo.Connection) -> int:
    return con.execute("SELECT old_version_bytes FROM tupelo.database").fetchone()[0]


def is_too_old(call: Any) -> bool:
    with pytest.raises(tupelo.OperationalError) as caught:
        call()
    return caught.value.sqlstate == "72000"


def test_without_a_limit_all_versions_are_kept(con, other):
    other.execute("SELECT 1").fetchall()
    update(con, 10)
    assert holders(con) == [("transaction", 10, 10 * ROWS)]
    assert other.execute("SELECT SUM(v) FROM t").fetchone() == (0,)
    other.commit()


def test_a_long_reader_loses_its_snapshot(con, other):
    con.execute(f"SET version_limit = {LIMIT}")
    assert other.execute("SELECT SUM(v) FROM t").fetchone() == (0,)
    most = 0
    for _ in range(20):
        update(con)
        most = max(most, kept(con))
    assert 0 < most <= LIMIT
    assert holders(con) == []
    assert is_too_old(lambda: other.execute("SELECT SUM(v) FROM t"))
    with pytest.raises(tupelo.OperationalError) as caught:
        other.execute("SELECT SUM(v) FROM t")
    assert caught.value.sqlstate == "25P02"
    other.rollback()
    assert other.execute("SELECT SUM(v) FROM t").fetchone() == (20 * ROWS,)
    other.commit()


def test_the_error_says_what_to_do(con, other):
    con.execute("SET version_limit = 1")
    other.execute("SELECT 1").fetchall()
    update(con)
    with pytest.raises(tupelo.OperationalError, match="raise version_limit"):
        other.execute("SELECT 1")
    other.rollback()


def test_a_long_result_loses_its_snapshot(con):
    reader = con.connect()
    con.execute(f"SET version_limit = {LIMIT}")
    cursor = reader.execute("SELECT id, v FROM t")
    assert cursor.fetchone() == (1, 0)
    update(con, 10)
    assert holders(con) == []
    rows: list[Any] = [None]

    def read() -> None:
        for row in cursor:
            rows.append(row)

    assert is_too_old(read)
    # What was in memory already came yet, as it was.
    assert len(rows) < ROWS
    assert {v for _, v in rows[1:]} == {0}
    # The connection is as good as ever, and the statement too.
    assert reader.execute("SELECT SUM(v) FROM t").fetchone() == (10 * ROWS,)
    assert len(reader.execute("SELECT id, v FROM t").fetchall()) == ROWS
    reader.close()


def test_a_connection_may_outrun_its_own_result(con):
    con.execute(f"SET version_limit = {LIMIT}")
    cursor = con.execute("SELECT id FROM t")
    cursor.fetchone()
    update(con, 10)
    assert kept(con) <= LIMIT
    assert is_too_old(cursor.fetchall)


def test_young_readers_are_not_concerned(con, other):
    con.execute(f"SET version_limit = {LIMIT}")
    other.execute("SELECT 1").fetchall()
    young = con.connect()
    for i in range(10):
        update(con)
        cursor = young.execute("SELECT v FROM t")
        cursor.fetchone()
        update(con)
        assert {row[0] for row in cursor} == {2 * i + 1}
    assert is_too_old(lambda: other.execute("SELECT 1"))
    young.close()


def test_a_writer_that_lost_its_snapshot_is_rolled_back(con, other):
    con.execute("CREATE TABLE u (a INTEGER)")
    con.execute(f"SET version_limit = {LIMIT}")
    rollbacks: list[int] = []
    other.set_rollback_hook(lambda: rollbacks.append(1))
    for end in [other.commit, lambda: other.execute("SELECT 1"), lambda: other.execute("COMMIT")]:
        other.rollback()
        other.execute("INSERT INTO u VALUES (1)")
        update(con, 10)
        assert rollbacks == []
        assert is_too_old(end)
        assert rollbacks == [1]
        rollbacks.clear()
    assert con.execute("SELECT COUNT(*) FROM u").fetchone() == (0,)
    # Nobody has to say ROLLBACK after a COMMIT.
    other.execute("INSERT INTO u VALUES (1)")
    other.commit()
    assert con.execute("SELECT COUNT(*) FROM u").fetchone() == (1,)


def test_a_rollback_needs_no_snapshot(con, other):
    con.execute("CREATE TABLE u (a INTEGER)")
    con.execute(f"SET version_limit = {LIMIT}")
    other.execute("INSERT INTO u VALUES (1)")
    update(con, 10)
    other.rollback()
    assert other.execute("SELECT COUNT(*) FROM u").fetchone() == (0,)


def test_who_has_only_read_may_commit(con, other):
    con.execute("SET version_limit = 1")
    other.execute("SELECT COUNT(*) FROM t").fetchall()
    update(con)
    other.commit()
    assert other.execute("SELECT SUM(v) FROM t").fetchone() == (ROWS,)


def test_read_committed_takes_a_new_snapshot(con):
    other = con.connect()
    other.autocommit = False
    other.isolation_level = "READ COMMITTED"
    con.execute("CREATE TABLE u (a INTEGER)")
    con.execute("SET version_limit = 1")
    other.execute("INSERT INTO u VALUES (1)")
    update(con)
    assert other.execute("SELECT SUM(v) FROM t").fetchone() == (ROWS,)
    update(con)
    other.commit()
    assert con.execute("SELECT COUNT(*) FROM u").fetchone() == (1,)
    other.close()


def test_savepoints_go_with_the_transaction(con, other):
    con.execute("SET version_limit = 1")
    other.execute("CREATE TABLE u (a INTEGER)")
    other.execute("SAVEPOINT s")
    update(con)
    assert is_too_old(lambda: other.execute("ROLLBACK TO s"))
    other.rollback()
    with pytest.raises(tupelo.ProgrammingError):
        other.execute("SELECT * FROM u")


def test_executemany_loses_its_snapshot(con, other):
    con.execute("CREATE TABLE u (a INTEGER)")
    con.execute("SET version_limit = 1")

    def rows() -> Iterator[tuple[int]]:
        for i in range(5000):
            if i == 4000:
                update(con)
            yield (i,)

    for autocommit in [False, True]:
        other.autocommit = autocommit
        with pytest.raises(tupelo.OperationalError) as caught:
            other.executemany("INSERT INTO u VALUES (?)", rows())
        assert caught.value.sqlstate == "72000"
        other.rollback()
        assert con.execute("SELECT COUNT(*) FROM u").fetchone() == (0,)
    other.executemany("INSERT INTO u VALUES (?)", [(i,) for i in range(5000)])
    assert con.execute("SELECT COUNT(*) FROM u").fetchone() == (5000,)


def test_a_backup_is_never_ended(con, other, tmp_path: Path):
    con.execute("SET version_limit = 1")
    count = 0

    def progress(done: int, total: int) -> None:
        nonlocal count
        count += 1
        update(other)
        other.commit()

    path = tmp_path / "copy.db"
    con.backup(str(path), progress=progress)
    assert count > 0
    copy = tupelo.connect(path)
    assert copy.execute("SELECT COUNT(*), SUM(v) FROM t").fetchone() == (ROWS, 0)
    copy.close()
    assert other.execute("SELECT SUM(v) FROM t").fetchone() == (count * ROWS,)


def test_a_statement_keeps_its_snapshot_while_its_hooks_run(con, other):
    con.execute("CREATE TABLE u (a INTEGER)")
    con.execute("SET version_limit = 1")
    other.execute("SELECT COUNT(*) FROM u").fetchall()
    other.set_update_hook(lambda *_: update(con))
    other.set_commit_hook(lambda: update(con))
    other.execute("INSERT INTO u VALUES (1)")
    # Behind the statement, the next commit of others ends it.
    other.set_update_hook(None)
    other.commit()
    assert con.execute("SELECT COUNT(*) FROM u").fetchone() == (1,)


def test_results_of_a_lost_transaction(con, other):
    con.execute("CREATE TABLE u (a INTEGER)")
    con.execute("SET version_limit = 1")
    other.execute("INSERT INTO u VALUES (1)")
    cursor = other.execute("SELECT id, v FROM t")
    cursor.fetchone()
    update(con)
    assert is_too_old(lambda: other.execute("SELECT 1"))
    assert is_too_old(cursor.fetchall)
    other.rollback()


def test_the_limit_is_the_databases(con, other):
    con.execute("SET version_limit = '2MB'")
    assert other.execute("SHOW version_limit").fetchone() == (str(2 << 20),)
    con.execute("RESET version_limit")
    assert other.execute("SHOW version_limit").fetchone() == ("0",)


def test_readers_and_writers_with_threads(con):
    con.execute("SET version_limit = 200000")
    stop = threading.Event()
    errors: list[BaseException] = []
    sums: list[set[Any]] = []

    def read() -> None:
        reader = con.connect()
        try:
            while not stop.is_set():
                try:
                    cursor = reader.execute("SELECT v FROM t")
                    values = set()
                    for row in cursor:
                        values.add(row[0])
                    sums.append(values)
                except tupelo.OperationalError as error:
                    if error.sqlstate != "72000":
                        raise
        except BaseException as error:
            errors.append(error)
        finally:
            reader.close()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    update(con, 30)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert all(len(values) == 1 for values in sums)

"""The views of schema tupelo, of databases in files, and settings as Python sees them."""

import datetime
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tupelo


@pytest.fixture
def con(path: Path) -> Iterator[tupelo.Connection]:
    with_file = tupelo.connect(path, autocommit=True)
    yield with_file
    with_file.close()


def one(con: tupelo.Connection, sql: str) -> tuple[Any, ...]:
    rows = con.execute(sql).fetchall()
    assert len(rows) == 1
    return tuple(rows[0])


def fill(con: tupelo.Connection, rows: int = 20_000) -> None:
    con.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, name VARCHAR(100))")
    first = one(con, "SELECT COUNT(*) FROM t")[0]
    numbers = range(first, first + rows)
    rows_of = ((i, f"name {i * 7919 % 10007}") for i in numbers)
    con.executemany("INSERT INTO t VALUES (?, ?)", rows_of)


def test_database_tells_of_the_file(con, path):
    fill(con)
    con.checkpoint()
    row = one(con, "SELECT path, file_bytes, page_bytes, free_bytes, format_version "
                   "FROM tupelo.database")  # fmt: skip
    assert row[0] == str(path.resolve())
    assert row[1] == path.stat().st_size > 10_000
    assert row[2] == 4096
    assert 0 <= row[3] < row[1]
    assert row[4] == 1


def test_each_checkpoint_makes_a_generation(con):
    fill(con, 10)
    generation = one(con, "SELECT generation FROM tupelo.database")[0]
    con.checkpoint()
    assert one(con, "SELECT generation FROM tupelo.database")[0] > generation


def test_space_of_a_dropped_table_becomes_free(con):
    fill(con, 100_000)
    con.checkpoint()
    con.execute("DROP TABLE t")
    for _ in range(3):  # until no root reaches it
        con.execute("CREATE TABLE IF NOT EXISTS u (a INTEGER)")
        con.execute("INSERT INTO u VALUES (1)")
        con.checkpoint()
    size, free = one(con, "SELECT file_bytes, free_bytes FROM tupelo.database")
    assert free % 4096 == 0
    assert 0 <= free < size


def test_connections_are_counted(con, path):
    assert one(con, "SELECT connections FROM tupelo.database") == (1,)
    other = tupelo.connect(path)
    assert one(con, "SELECT connections FROM tupelo.database") == (2,)
    other.close()
    assert one(con, "SELECT connections FROM tupelo.database") == (1,)


def test_log_grows_and_a_checkpoint_ends_it(con, path):
    assert one(con, "SELECT bytes_since_checkpoint, file_bytes, second_file_bytes "
                    "FROM tupelo.log") == (0, 0, 0)  # fmt: skip
    fill(con)
    since, appended, first, second, synchronous = one(con, "SELECT * FROM tupelo.log")
    assert since > 10_000
    assert appended >= since
    assert first == os.path.getsize(f"{path}-wal")
    assert second == 0
    assert first >= since
    assert synchronous == "full"
    con.checkpoint()
    assert one(con, "SELECT bytes_since_checkpoint FROM tupelo.log") == (0,)
    header = 40  # of the file that the log goes on in
    assert one(con, "SELECT appended_bytes FROM tupelo.log") == (appended + header,)


def test_checkpoints_are_counted_and_timed(con):
    assert one(con, "SELECT * FROM tupelo.checkpoints") == (0, None, None, None, 0, None, None)
    fill(con)
    before = datetime.datetime.now(datetime.UTC)
    con.checkpoint()
    after = datetime.datetime.now(datetime.UTC)
    row = one(con, "SELECT * FROM tupelo.checkpoints")
    completed, finished, ms, written, failed, failed_at, error = row
    assert completed == 1
    assert before <= finished <= after
    assert 0 < ms < 60_000
    assert written > 10_000
    assert (failed, failed_at, error) == (0, None, None)
    con.checkpoint()
    completed, unchanged = one(con, "SELECT completed, bytes_written FROM tupelo.checkpoints")
    assert completed == 2
    assert unchanged < written


def test_times_are_of_the_sessions_zone(con):
    con.checkpoint()
    con.execute("SET TIME ZONE INTERVAL '5:30' HOUR TO MINUTE")
    finished = one(con, "SELECT finished_at FROM tupelo.checkpoints")[0]
    assert finished.utcoffset() == datetime.timedelta(hours=5, minutes=30)


def test_a_transaction_is_there_as_long_as_it_is_open(con, path):
    other = tupelo.connect(path)
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)
    other.execute("SELECT 1").fetchall()
    sql = "SELECT started_at, has_changes FROM tupelo.transactions WHERE NOT is_own"
    started, has_changes = one(con, sql)
    assert before <= started <= datetime.datetime.now(datetime.UTC)
    assert not has_changes
    other.execute("CREATE TABLE u (a INTEGER)")
    assert one(con, sql) == (started, True)
    other.commit()
    assert con.execute(sql).fetchall() == []
    other.close()


def test_statements_are_those_that_the_connection_keeps(con):
    con.execute("CREATE TABLE t (a INTEGER)")
    insert = "INSERT INTO t VALUES (?)"
    for i in range(5):
        con.execute(insert, (i,))
    sql = "SELECT kind, parameters, plans, runs, open_results FROM tupelo.statements WHERE sql = ?"
    # Planned once more when the table was no longer empty.
    assert con.execute(sql, (insert,)).fetchall() == [("insert", 1, 2, 5, 0)]
    query = "SELECT a FROM t CROSS JOIN (VALUES (1), (2)) AS v (b)"
    cursor = con.execute(query)
    assert con.execute(sql, (query,)).fetchall()[0][0] == "query"
    cursor.fetchall()
    cursor.close()
    assert con.execute(sql, (query,)).fetchall() == [("query", 0, 1, 1, 0)]
    other = con.connect()
    assert other.execute(sql, (insert,)).fetchall() == []
    other.close()


def test_synchronous_is_the_databases(con, path):
    other = tupelo.connect(path, autocommit=True)
    con.execute("CREATE TABLE t (a INTEGER)")
    for word in ["off", "normal", "full", "off", "full"]:
        con.execute(f"SET synchronous = {word}")
        assert one(other, "SHOW synchronous") == (word,)
        assert one(other, "SELECT synchronous FROM tupelo.log") == (word,)
        con.execute("INSERT INTO t VALUES (1)")
    other.close()
    con.close()
    con = tupelo.connect(path, synchronous="normal")
    assert one(con, "SELECT COUNT(*) FROM t") == (5,)
    assert one(con, "SHOW synchronous") == ("normal",)
    con.execute("SET synchronous = full")
    con.execute("RESET synchronous")
    assert one(con, "SHOW synchronous") == ("normal",)
    con.close()


def test_synchronous_changes_under_writing_threads(con, path):
    con.execute("CREATE TABLE t (a INTEGER)")
    errors: list[BaseException] = []

    def write() -> None:
        try:
            with tupelo.connect(path, autocommit=True) as own:
                for i in range(100):
                    own.execute("INSERT INTO t VALUES (?)", (i,))
                own.close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(30):
        con.execute(f"SET synchronous = {['off', 'full', 'normal'][i % 3]}")
    for thread in threads:
        thread.join()
    assert errors == []
    assert one(con, "SELECT COUNT(*) FROM t") == (300,)


def test_show_has_a_description_and_no_row_count_of_its_own(con):
    cursor = con.execute("SHOW timezone")
    assert cursor.description[0][0] == "timezone"
    assert cursor.fetchall() == [("UTC",)]
    cursor = con.execute("SHOW ALL")
    assert [column[0] for column in cursor.description] == ["name", "value", "description"]
    assert "threads" in [row[0] for row in cursor]


def test_views_over_them_are_stored(con, path):
    con.execute("CREATE VIEW sizes AS SELECT name, rows FROM tupelo.tables")
    fill(con, 5)
    con.checkpoint()
    con.close()
    con = tupelo.connect(path)
    assert con.execute("SELECT * FROM sizes").fetchall() == [("t", 5)]
    con.close()


def test_a_slow_reader_sees_one_moment(con, path):
    for i in range(30):
        con.execute(f"CREATE TABLE t{i} (a INTEGER)")
    cursor = con.execute("SELECT a.name, b.name, c.name FROM tupelo.tables AS a CROSS JOIN "
                         "tupelo.tables AS b CROSS JOIN tupelo.tables AS c")  # fmt: skip
    first = cursor.fetchone()
    other = tupelo.connect(path, autocommit=True)
    other.execute("CREATE TABLE late (a INTEGER)")
    rest = cursor.fetchall()
    assert len(rest) + 1 == 30**3
    assert "late" not in {name for row in [first, *rest] for name in row}
    other.close()

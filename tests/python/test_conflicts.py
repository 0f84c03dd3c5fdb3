"""Transactions that are in each other's way: waiting, giving up, running again."""

import gc
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tupelo

LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
DOCUMENT = Path(__file__).parents[2] / "docs" / "transactions.md"
LONG = 30  # seconds: nobody waits that long


class Thread(threading.Thread):
    """Runs a function, and keeps what came of it."""

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.function = function
        self.outcome: Any = None
        self.start()

    def run(self) -> None:
        try:
            self.outcome = self.function()
        except tupelo.Error as error:
            self.outcome = error.sqlstate

    def ended(self) -> Any:
        self.join(LONG)
        assert not self.is_alive()
        return self.outcome


@pytest.fixture
def pair() -> Iterator[tuple[tupelo.Connection, tupelo.Connection]]:
    """Two connections that wait long."""
    a = tupelo.connect(":memory:", timeout=LONG)
    a.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
    a.executemany("INSERT INTO t VALUES (?, ?)", [(i, 0) for i in range(1, 11)])
    a.commit()
    b = a.connect()
    yield a, b
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        a.close()
        b.close()


def wait_until_waiting(thread: Thread) -> None:
    """Long enough that a thread that does not wait would have ended."""
    time.sleep(0.1)
    assert thread.is_alive(), thread.outcome


def test_levels_of_a_connection() -> None:
    con = tupelo.connect(":memory:")
    assert con.isolation_level == "SERIALIZABLE"
    assert con.connect().isolation_level == "SERIALIZABLE"
    con.isolation_level = "READ UNCOMMITTED"
    assert con.isolation_level == "READ COMMITTED"
    con.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    assert con.isolation_level == "REPEATABLE READ"
    assert con.connect().isolation_level == "REPEATABLE READ"
    for wrong, error in (("serializable", ValueError), ("", ValueError), (3, TypeError)):
        with pytest.raises(error, match="isolation_level must be"):
            con.isolation_level = wrong
        with pytest.raises(error, match="isolation_level must be"):
            tupelo.connect(":memory:", isolation_level=wrong)
    with pytest.raises(TypeError, match="deleted"):
        del con.isolation_level
    assert con.isolation_level == "REPEATABLE READ"


@pytest.mark.parametrize("timeout", [-1, -0.001, float("nan")])
def test_timeouts_that_are_none(timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout must be a number of seconds"):
        tupelo.connect(":memory:", timeout=timeout)


def test_the_timeout_is_a_setting() -> None:
    con = tupelo.connect(":memory:", timeout=1.5)
    show = "SHOW lock_timeout"
    assert con.execute(show).fetchone() == ("1500",)
    con.execute("SET lock_timeout = 20")
    assert con.execute(show).fetchone() == ("20",)
    con.execute("RESET lock_timeout")
    assert con.execute(show).fetchone() == ("1500",)
    assert con.connect().execute(show).fetchone() == ("1500",)
    assert tupelo.connect(":memory:", timeout=float("inf")).execute(show).fetchone() != ("0",)
    with pytest.raises(tupelo.DataError) as caught:
        con.execute("SET lock_timeout = -1")
    assert caught.value.sqlstate == "22023"


@pytest.mark.parametrize("level", LEVELS)
def test_without_a_timeout_nobody_waits(pair, level: str) -> None:
    a, _ = pair
    b = a.connect()
    b.isolation_level = level
    b.execute("SET lock_timeout = 0")
    a.execute("UPDATE t SET n = 1 WHERE id = 1")
    begin = time.monotonic()
    with pytest.raises(tupelo.OperationalError, match="is active has changed or locked") as caught:
        b.execute("UPDATE t SET n = 2 WHERE id = 1")
    assert caught.value.sqlstate == "40001"
    assert caught.value.table == "t"
    assert time.monotonic() - begin < LONG / 2


def test_the_time_is_over(pair) -> None:
    a, b = pair
    a.execute("UPDATE t SET n = 1 WHERE id = 1")
    b.execute("SET lock_timeout = 150")
    begin = time.monotonic()
    with pytest.raises(tupelo.OperationalError, match="did not end within 150 ms") as caught:
        b.execute("UPDATE t SET n = 2 WHERE id = 1")
    assert caught.value.sqlstate == "40001"
    assert 0.15 <= time.monotonic() - begin < LONG / 2
    a.rollback()
    b.execute("UPDATE t SET n = 2 WHERE id = 1")  # the statement alone was undone


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_statement_with_autocommit_goes_on(pair, level: str, end: str) -> None:
    a, b = pair
    b.isolation_level = level
    b.autocommit = True
    a.execute("UPDATE t SET n = n + 1 WHERE id = 1")
    thread = Thread(lambda: b.execute("UPDATE t SET n = n + 10 WHERE id = 1").rowcount)
    wait_until_waiting(thread)
    getattr(a, end)()
    assert thread.ended() == 1
    expected = (11,) if end == "commit" else (10,)
    assert a.execute("SELECT n FROM t WHERE id = 1").fetchone() == expected


@pytest.mark.parametrize("level", LEVELS)
def test_executemany_waits_for_single_rows(pair, level: str) -> None:
    a, b = pair
    b.isolation_level = level
    a.execute("UPDATE t SET n = 5 WHERE id = 3")
    rows = [(i,) for i in range(1, 6)]
    thread = Thread(lambda: b.executemany("UPDATE t SET n = n + 1 WHERE id = ?", rows).rowcount)
    wait_until_waiting(thread)
    a.rollback()
    assert thread.ended() == 5
    b.commit()
    sums = a.execute("SELECT SUM(n), COUNT(*) FROM t WHERE n = 1").fetchone()
    assert sums == (5, 5)


def test_executemany_waits_for_keys(pair) -> None:
    a, b = pair
    a.execute("INSERT INTO t VALUES (100, 0)")
    rows = [(i, 1) for i in range(99, 102)]
    thread = Thread(lambda: b.executemany("INSERT INTO t VALUES (?, ?)", rows).rowcount)
    wait_until_waiting(thread)
    a.rollback()
    assert thread.ended() == 3
    b.rollback()
    a.execute("INSERT INTO t VALUES (100, 0)")
    thread = Thread(lambda: b.executemany("INSERT INTO t VALUES (?, ?)", rows).rowcount)
    wait_until_waiting(thread)
    a.commit()
    assert thread.ended() == "23505"
    b.commit()
    assert a.execute("SELECT COUNT(*) FROM t WHERE id > 50").fetchone() == (1,)


def test_a_deadlock_within_executemany(pair) -> None:
    a, b = pair
    b.executemany("UPDATE t SET n = 1 WHERE id = ?", [(i,) for i in range(5, 10)])
    a.execute("UPDATE t SET n = 2 WHERE id = 1")
    thread = Thread(lambda: b.execute("UPDATE t SET n = 2 WHERE id = 1").rowcount)
    wait_until_waiting(thread)
    with pytest.raises(tupelo.OperationalError) as caught:  # it has changed less
        a.executemany("UPDATE t SET n = 3 WHERE id = ?", [(2,), (5,)])
    assert caught.value.sqlstate == "40P01"
    assert thread.ended() == 1
    for statement in ("SELECT 1", "SAVEPOINT s", "CREATE TABLE u (a INTEGER)", "SHOW threads"):
        with pytest.raises(tupelo.OperationalError, match="ROLLBACK") as caught:
            a.execute(statement)
        assert caught.value.sqlstate == "25P02"
    assert a.in_transaction
    a.rollback()
    assert a.execute("SELECT n FROM t WHERE id IN (1, 2)").fetchall() == [(0,), (0,)]
    b.commit()


def test_a_deadlock_with_an_open_result(pair) -> None:
    a, b = pair
    a.executemany("INSERT INTO t VALUES (?, 0)", [(i,) for i in range(1000, 9000)])
    a.commit()
    b.execute("UPDATE t SET n = 1 WHERE id BETWEEN 1 AND 5")
    a.execute("UPDATE t SET n = 7 WHERE id = 8000")
    cursor = a.execute("SELECT id, n FROM t ORDER BY id")
    assert cursor.fetchone() == (1, 0)
    thread = Thread(lambda: b.execute("UPDATE t SET n = 2 WHERE id = 8000").rowcount)
    wait_until_waiting(thread)
    with pytest.raises(tupelo.OperationalError) as caught:
        a.execute("UPDATE t SET n = 3 WHERE id = 5")
    assert caught.value.sqlstate == "40P01"
    assert thread.ended() == 1
    rows = cursor.fetchall()
    assert len(rows) == 8009
    assert (8000, 7) in rows
    a.rollback()
    b.rollback()


def test_who_waits_can_be_interrupted(pair) -> None:
    a, b = pair
    a.execute("UPDATE t SET n = 1 WHERE id = 1")
    thread = Thread(lambda: b.execute("UPDATE t SET n = 2 WHERE id = 1"))
    wait_until_waiting(thread)
    b.interrupt()
    assert thread.ended() == "57014"
    b.execute("SET statement_timeout = 100")
    assert Thread(lambda: b.execute("UPDATE t SET n = 2 WHERE id = 1")).ended() == "57014"
    a.rollback()
    b.execute("UPDATE t SET n = 2 WHERE id = 1")


def test_locks_of_a_thread_that_dies_are_its_connections(pair) -> None:
    a, b = pair
    assert Thread(lambda: a.execute("UPDATE t SET n = 1 WHERE id = 1").rowcount).ended() == 1
    thread = Thread(lambda: b.execute("UPDATE t SET n = 2 WHERE id = 1").rowcount)
    wait_until_waiting(thread)
    a.rollback()
    assert thread.ended() == 1


@pytest.mark.parametrize("how", ["close", "garbage"])
def test_a_connection_that_goes_gives_its_locks_back(pair, how: str) -> None:
    a, b = pair
    other = a.connect()
    other.execute("UPDATE t SET n = 1 WHERE id = 1")
    thread = Thread(lambda: b.execute("UPDATE t SET n = 2 WHERE id = 1").rowcount)
    wait_until_waiting(thread)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        if how == "close":
            other.close()
        del other
        gc.collect()
    assert thread.ended() == 1


def test_definitions_wait_for_writers(pair) -> None:
    a, b = pair
    a.execute("UPDATE t SET n = 1 WHERE id = 1")
    thread = Thread(lambda: b.execute("ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 4"))
    wait_until_waiting(thread)
    a.commit()
    thread.ended()
    # Who writes now waits for the definition.
    writer = Thread(lambda: a.execute("UPDATE t SET n = 2 WHERE id = 1").rowcount)
    wait_until_waiting(writer)
    b.commit()
    assert writer.ended() == "40001"  # its snapshot is older than the definition
    a.rollback()
    assert a.execute("SELECT n, more FROM t WHERE id = 1").fetchone() == (1, 4)


def add_one(con: tupelo.Connection, key: int) -> int:
    (n,) = con.execute("SELECT n FROM t WHERE id = ?", (key,)).fetchone()
    time.sleep(0)
    return con.execute("UPDATE t SET n = ? WHERE id = ?", (n + 1, key)).rowcount


@pytest.mark.parametrize("autocommit", [False, True])
@pytest.mark.parametrize("timeout", [0, LONG])
def test_retry_loses_nothing(pair, autocommit: bool, timeout: int) -> None:
    a, _ = pair

    def work() -> int:
        con = a.connect()
        con.autocommit = autocommit
        con.execute(f"SET lock_timeout = {timeout * 1000}")
        con.commit()
        return sum(con.retry(add_one, con, 1, attempts=10_000) for _ in range(50))

    threads = [Thread(work) for _ in range(4)]
    assert [thread.ended() for thread in threads] == [50] * 4
    assert a.execute("SELECT n FROM t WHERE id = 1").fetchone() == (200,)


def test_retry_as_a_decorator(pair) -> None:
    a, b = pair
    calls = []

    @a.retry(attempts=3)
    def change(key: int, n: int) -> str:
        """Documented."""
        calls.append(key)
        a.execute("SELECT n FROM t WHERE id = ?", (key,)).fetchone()
        if len(calls) < 3:
            b.execute("UPDATE t SET n = n + 1 WHERE id = ?", (key,))
            b.commit()
        a.execute("UPDATE t SET n = n + ? WHERE id = ?", (n, key))
        return "done"

    assert change.__doc__ == "Documented."
    assert change(2, n=10) == "done"
    assert calls == [2, 2, 2]
    assert b.execute("SELECT n FROM t WHERE id = 2").fetchone() == (12,)

    @a.retry
    def needs_an_argument(n: int) -> int:
        return a.execute("UPDATE t SET n = ?", (n,)).rowcount

    assert needs_an_argument(4) == 10


def test_retry_gives_up(pair) -> None:
    a, b = pair
    calls = []

    def conflict() -> None:
        calls.append(a.execute("SELECT SUM(n) FROM t").fetchone())
        b.execute("UPDATE t SET n = n + 1")
        b.commit()
        a.execute("INSERT INTO t VALUES (50, 0)")

    with pytest.raises(tupelo.OperationalError) as caught:
        a.retry(conflict, attempts=2)
    assert caught.value.sqlstate == "40001"
    assert calls == [(0,), (10,)]  # each had a snapshot of its own
    assert a.execute("SELECT COUNT(*) FROM t").fetchone() == (10,)


def test_retry_rolls_back_what_raises(pair) -> None:
    a, _ = pair
    calls = []

    def fail() -> None:
        calls.append(a.execute("UPDATE t SET n = 9").rowcount)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        a.retry(fail)
    assert calls == [10]
    assert a.execute("SELECT SUM(n) FROM t").fetchone() == (0,)
    for attempts, error in ((0, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match="attempts"):
            a.retry(fail, attempts=attempts)
    with pytest.raises(TypeError, match="callable"):
        a.retry(3)


def test_retry_wants_no_open_changes(pair) -> None:
    a, _ = pair
    a.execute("UPDATE t SET n = 3 WHERE id = 1")
    with pytest.raises(tupelo.ProgrammingError, match="commit or roll back first") as caught:
        a.retry(lambda: None)
    assert caught.value.sqlstate == "25001"
    a.commit()
    a.autocommit = True
    a.execute("START TRANSACTION")
    with pytest.raises(tupelo.ProgrammingError):
        a.retry(lambda: None)
    a.rollback()
    assert a.retry(lambda: a.execute("SELECT n FROM t WHERE id = 1").fetchone()) == (3,)
    assert not a.in_transaction


def examples() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(examples())))
def test_examples_of_the_document(number: int) -> None:
    assert len(examples()) >= 4
    exec(compile(examples()[number], f"{DOCUMENT.name}, example {number}", "exec"), {})

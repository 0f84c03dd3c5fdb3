"""Backups under way: what progress is told, what ends them, and writers beside them."""

import contextlib
import os
import signal
import threading

import pytest
import tupelo
from backups import ROWS, database, state


def test_progress_counts_rows(source, target):
    source.executescript(ROWS)
    source.execute("CREATE TABLE empty (x INTEGER)")
    seen: list[tuple[int, int]] = []
    source.backup(target, progress=lambda done, total: seen.append((done, total)))
    assert [total for _, total in seen] == [40000] * len(seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(seen) > 1
    assert seen[-1] == (40000, 40000)
    for location, times in ((":memory:", 2), (target.with_name("other.db"), 1)):
        seen.clear()
        with contextlib.closing(tupelo.connect(location)) as copy:
            source.backup(copy, progress=lambda done, total: seen.append((done, total)))
        assert seen[-1] == (times * 40000, times * 40000)
        assert len(set(seen)) == len(seen)


def test_progress_is_told_of_a_database_without_rows():
    seen: list[tuple[int, int]] = []
    with contextlib.closing(tupelo.connect()) as copy:
        database().backup(copy, progress=lambda *so_far: seen.append(so_far))
    assert seen == [(0, 0)]


@pytest.mark.parametrize("kind", ["path", "memory", "file"])
def test_what_progress_raises_ends_the_backup(source, kind, target):
    source.executescript(ROWS)

    def stop(done: int, total: int) -> None:
        if done >= total // 2:
            raise LookupError("enough")

    if kind == "path":
        with pytest.raises(LookupError, match="enough"):
            source.backup(target, progress=stop)
        assert [name for name in os.listdir(target.parent) if "copy" in name] == []
        source.backup(target)
        return
    location = target if kind == "file" else ":memory:"
    with contextlib.closing(database("CREATE TABLE old (x INTEGER)", location=location)) as copy:
        with pytest.raises(LookupError, match="enough"):
            source.backup(copy, progress=stop)
        assert state(copy, "SELECT * FROM old") == []
        assert state(copy, "INSERT INTO old VALUES (1)") == 1
        source.backup(copy)
        assert state(copy, "SELECT COUNT(*) FROM t") == [(40000,)]


def test_what_progress_calls_may_not_use_the_connections(source):
    source.executescript(ROWS)
    states = []
    with contextlib.closing(tupelo.connect()) as copy:

        def use(*_: int) -> None:
            for con in (source, copy):
                states.append(state(con, "VALUES (1)"))
                with pytest.raises(tupelo.ProgrammingError) as raised:
                    con.commit()
                states.append(raised.value.sqlstate)

        source.backup(copy, progress=use)
    assert set(states) == {"25000"}


@pytest.mark.parametrize("in_thread", [False, True])
def test_an_interrupt_ends_the_backup(source, target, in_thread):
    source.executescript(ROWS)

    def interrupt(done: int, total: int) -> None:
        if in_thread:
            thread = threading.Thread(target=source.interrupt)
            thread.start()
            thread.join()
        else:
            source.interrupt()

    with pytest.raises(tupelo.OperationalError) as raised:
        source.backup(target, progress=interrupt)
    assert raised.value.sqlstate == "57014"
    assert [name for name in os.listdir(target.parent) if "copy" in name] == []
    source.backup(target)


def test_a_signal_ends_the_backup(source, target):
    source.executescript(ROWS)

    def handle(*_: object) -> None:
        raise InterruptedError("signal")

    old = signal.signal(signal.SIGUSR1, handle)
    try:
        with pytest.raises(InterruptedError, match="signal"):
            source.backup(target, progress=lambda *_: signal.raise_signal(signal.SIGUSR1))
    finally:
        signal.signal(signal.SIGUSR1, old)
    assert [name for name in os.listdir(target.parent) if "copy" in name] == []


def test_backups_beside_writers(source, tmp_path):
    """Each copy is of one moment: sums that no transaction changes are as they were."""
    source.executescript("""
        CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER);
        CREATE TABLE moves (worker INTEGER PRIMARY KEY, n INTEGER);
        INSERT INTO moves VALUES (0, 0), (1, 0);
        INSERT INTO account SELECT v, 100 FROM GENERATE_SERIES(0, 39999) AS s (v);
    """)
    stop = threading.Event()
    errors: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            with contextlib.closing(source.connect()) as con:
                con.autocommit = False
                i = worker
                while not stop.is_set():
                    i += 2
                    one, other = i * 7919 % 40000, (i * 31 + 20001) % 40000
                    try:
                        con.execute("UPDATE account SET balance = balance - 1 WHERE id = ?", (one,))
                        con.execute("UPDATE moves SET n = n + 1 WHERE worker = ?", (worker,))
                        con.execute(
                            "UPDATE account SET balance = balance + 1 WHERE id = ?", (other,)
                        )
                        con.commit()
                    except tupelo.OperationalError as error:
                        assert error.sqlstate == "40001"
                        con.rollback()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(2)]
    for thread in threads:
        thread.start()
    moved = -1
    try:
        for number in range(4):
            path = tmp_path / f"copy{number}.db"
            source.backup(path)
            with contextlib.closing(tupelo.connect(path)) as file, contextlib.closing(
                tupelo.connect()
            ) as memory:
                if number % 2 == 1:
                    source.backup(memory)
                else:
                    memory.deserialize(source.serialize())
                for copy in (file, memory):
                    sums = copy.execute("SELECT COUNT(*), SUM(balance) FROM account").fetchone()
                    assert sums == (40000, 4000000)
                    now = copy.execute("SELECT SUM(n) FROM moves").fetchone()[0]
                    assert now >= moved
                    moved = now
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert moved > 0


def test_backups_that_cross_each_other_end(tmp_path):
    one, two = (database(ROWS), database(ROWS))
    states = []

    def copy(source: tupelo.Connection, target: tupelo.Connection) -> None:
        for _ in range(5):
            source.backup(target)
            states.append(state(target, "SELECT COUNT(*) FROM t"))

    threads = [threading.Thread(target=copy, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    assert states == [[(40000,)]] * 10

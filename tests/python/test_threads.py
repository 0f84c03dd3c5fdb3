"""Threads: connections can be shared, cursors not; interruption and signals."""

import signal
import threading
import time

import pytest
import tupelo

# Runs for minutes unless it is ended.
ENDLESS = "SELECT COUNT(*) FROM n AS a, n AS b, n AS c WHERE a.i + b.i * c.i = -1"


@pytest.fixture
def numbers(con):
    con.execute("CREATE TABLE n (i BIGINT)")
    con.executemany("INSERT INTO n VALUES (?)", ((i,) for i in range(10_000)))
    con.commit()
    return con


def run_threads(*targets):
    failures = []

    def guard(target):
        try:
            target()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guard, args=(target,)) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]


def test_threads_share_a_connection(con):
    con.execute("CREATE TABLE t (thread INTEGER, i INTEGER)")

    def work(number):
        for i in range(500):
            con.execute("INSERT INTO t VALUES (?, ?)", (number, i))
            con.execute("SELECT COUNT(*) FROM t WHERE thread = ?", (number,)).fetchone()

    run_threads(*(lambda n=n: work(n) for n in range(4)))
    assert con.execute("SELECT COUNT(*), COUNT(DISTINCT thread) FROM t").fetchone() == (2000, 4)


def test_threads_with_connections_of_their_own(con):
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)")
    con.commit()

    def work(number):
        mine = con.connect()
        for i in range(300):
            mine.execute("INSERT INTO t VALUES (?, ?)", (number * 1000 + i, i))
            if i % 10 == 0:
                mine.commit()
        mine.commit()
        mine.close()

    run_threads(*(lambda n=n: work(n) for n in range(4)))
    con.rollback()
    assert con.execute("SELECT COUNT(*), SUM(v) FROM t").fetchone() == (1200, 4 * 44850)


def test_interrupt_from_another_thread(numbers):
    timer = threading.Timer(0.2, numbers.interrupt)
    timer.start()
    start = time.monotonic()
    with pytest.raises(tupelo.OperationalError) as caught:
        numbers.execute(ENDLESS).fetchall()
    assert caught.value.sqlstate == "57014"
    assert time.monotonic() - start < 10
    timer.join()
    assert numbers.execute("SELECT 1").fetchone() == (1,)


def test_interrupt_ends_a_recursion_without_end(numbers):
    timer = threading.Timer(0.2, numbers.interrupt)
    timer.start()
    with pytest.raises(tupelo.OperationalError, match="interrupted"):
        numbers.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT MOD(i, 7) + 1 FROM n) "
            "SELECT COUNT(*) FROM n"
        )
    timer.join()
    assert numbers.execute("SELECT 1").fetchone() == (1,)


def test_interrupt_while_nothing_runs_has_no_effect(numbers):
    numbers.interrupt()
    assert numbers.execute("SELECT COUNT(*) FROM n").fetchone() == (10_000,)


def test_signals_are_seen_during_a_long_statement(numbers):
    def handler(*_):
        raise InterruptedError("signal")

    old = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        start = time.monotonic()
        with pytest.raises(InterruptedError, match="signal"):
            numbers.execute(ENDLESS).fetchall()
        assert time.monotonic() - start < 10
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert numbers.execute("SELECT 1").fetchone() == (1,)


def test_other_threads_run_during_a_long_statement(numbers):
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.01)

    def query():
        try:
            with pytest.raises(tupelo.OperationalError):
                numbers.execute(ENDLESS).fetchall()
        finally:
            done.set()

    threading.Timer(0.5, numbers.interrupt).start()
    run_threads(tick, query)
    assert len(ticks) > 10


def test_closing_from_another_thread(numbers):
    raised = threading.Event()

    def query():
        with pytest.raises(tupelo.Error) as caught:
            while True:
                numbers.execute("SELECT COUNT(*) FROM n AS a, n AS b WHERE a.i = b.i").fetchall()
        assert caught.value.sqlstate in ("08003", "57014")
        raised.set()

    def close():
        time.sleep(0.1)
        numbers.close()

    run_threads(query, close)
    assert raised.is_set()


def test_a_closed_connection_raises_in_every_thread(con):
    con.close()

    def use():
        with pytest.raises(tupelo.ProgrammingError):
            con.execute("SELECT 1")

    run_threads(use, use)


def test_a_cursor_in_use_raises_in_another_thread(numbers):
    cur = numbers.cursor()
    started = threading.Event()

    def query():
        started.set()
        with pytest.raises(tupelo.OperationalError):
            cur.execute(ENDLESS).fetchall()

    def disturb():
        started.wait()
        time.sleep(0.2)
        for use in (cur.fetchone, cur.close, lambda: cur.execute("SELECT 1")):
            with pytest.raises(tupelo.ProgrammingError, match="in use"):
                use()
        numbers.interrupt()

    run_threads(query, disturb)

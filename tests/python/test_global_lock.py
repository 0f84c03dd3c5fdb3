"""The GIL: what is over in a moment keeps it, what takes long gives it up."""

import sys
import threading
import time

import pytest
import tupelo

RUNS = 20


class Greedy:
    """A thread that always wants the GIL, and counts while it has it: who gives it up has it again
    after `interval` seconds."""

    def __init__(self, interval):
        self.count = 0
        self.stops = False
        self.interval = interval
        self.usual_interval = sys.getswitchinterval()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stops:
            self.count += 1

    def __enter__(self):
        sys.setswitchinterval(self.interval)
        self.thread.start()
        while self.count == 0:
            time.sleep(0.001)
        return self

    def share_during(self, work):
        """How much of the GIL it had while `work()` ran, which must take long, of what it has while
        the calling thread sleeps."""
        rates = []
        for each in (work, lambda: time.sleep(10 * self.interval)):
            start, before = time.monotonic(), self.count
            each()
            took = time.monotonic() - start
            assert took >= self.interval  # else it shows nothing
            rates.append((self.count - before) / took)
        return rates[0] / rates[1]

    def __exit__(self, *_):
        self.stops = True
        self.thread.join()
        sys.setswitchinterval(self.usual_interval)


@pytest.fixture(params=["memory", "file"])
def con(request, tmp_path):
    path = ":memory:" if request.param == "memory" else str(tmp_path / "t.db")
    con = tupelo.connect(path, synchronous="normal", autocommit=True)
    con.execute("CREATE TABLE t (a INTEGER, b INTEGER, v INTEGER, PRIMARY KEY (a, b))")
    con.executemany("INSERT INTO t VALUES (?, ?, 0)", [(i // 10, i % 10) for i in range(1000)])
    con.execute("CREATE TABLE p (id INTEGER PRIMARY KEY, t INTEGER)")
    yield con
    con.close()


def in_a_transaction(con, i):
    con.execute("START TRANSACTION")
    con.execute("UPDATE t SET v = v + 1 WHERE a = ? AND b = 1", (i,))
    con.commit()


BRIEF = {
    "range": lambda con, i: con.execute("SELECT * FROM t WHERE a = ?", (i,)).fetchall(),
    "groups": lambda con, i: con.execute(
        "SELECT b, SUM(v) FROM t WHERE a = ? GROUP BY b ORDER BY b", (i,)
    ).fetchall(),
    "join": lambda con, i: con.execute(
        "SELECT x.v FROM t AS x, t AS y WHERE x.a = ? AND y.a = x.b AND y.b = 1", (i,)
    ).fetchall(),
    "update": lambda con, i: con.execute("UPDATE t SET v = v + 1 WHERE a = ?", (i,)),
    "insert": lambda con, i: con.execute("INSERT INTO p VALUES (?, 1)", (i,)),
    "commit": in_a_transaction,
    "executemany": lambda con, i: con.executemany(
        "INSERT INTO p VALUES (?, 1)", [(i,), (i + 100,)]
    ),
}


@pytest.mark.parametrize("name", BRIEF)
def test_what_is_brief_does_not_wait_for_other_threads(con, name):
    run = BRIEF[name]
    run(con, 50)
    with Greedy(0.2) as greedy:
        start = time.monotonic()
        for i in range(RUNS):
            run(con, i)
        took = time.monotonic() - start
    assert took < RUNS * greedy.interval / 2


LONG = {
    "query": "SELECT COUNT(*) FROM t AS x, t AS y, p WHERE x.a + y.b * p.id = -1",
    "update": "UPDATE t SET v = "
    "(SELECT COUNT(*) FROM t AS x, p, p AS q WHERE x.a + t.b * p.id * q.id = -1)",
}


@pytest.mark.parametrize("name", LONG)
def test_what_takes_long_lets_other_threads_run(con, name):
    con.executemany("INSERT INTO p VALUES (?, 1)", [(i,) for i in range(60)])
    with Greedy(0.01) as greedy:
        assert greedy.share_during(lambda: con.execute(LONG[name])) > 0.05


def test_a_long_step_of_a_result_lets_other_threads_run(con):
    con.executemany("INSERT INTO p VALUES (?, 1)", [(i,) for i in range(60)])
    rows = con.execute(
        "SELECT x.a FROM t AS x, t AS y, p WHERE x.a + y.b * p.id = -1 OR x.a + y.a + p.id = 0"
    )
    rows.fetchone()
    with Greedy(0.01) as greedy:
        assert greedy.share_during(rows.fetchall) > 0.05

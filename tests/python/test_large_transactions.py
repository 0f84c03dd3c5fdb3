"""Transactions that change more than memory_limit: committed, rolled back, and killed halfway."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import tupelo
from programs import FILL, run

ROWS = 150_000
LIMIT = "8MB"
# Without the limit, an UPDATE of all rows takes 80 MB and more.
MOST_KILOBYTES = 40 * 1024
PRELUDE = f"""
    import os, signal, sys, threading, time
    import tupelo
    ROWS = {ROWS}
    con = tupelo.connect(sys.argv[1], memory_limit="{LIMIT}", synchronous="off")
    con.execute("SELECT COUNT(*) FROM t WHERE id < 10").fetchone()
    def peak():
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    before = peak()
    SUMS = "SELECT COUNT(*), SUM(n), MIN(name), MAX(name), COUNT(x) FROM t"
    ALL = "UPDATE t SET n = n + 1, name = name || '+' || CAST(id AS VARCHAR(10))"
    sums = con.execute(SUMS).fetchone()
    con.commit()
"""
SUMS = "SELECT COUNT(*), SUM(n), MIN(name), MAX(name), COUNT(x) FROM t"
COMMIT = """
    assert con.execute(ALL).rowcount == ROWS
    changed = con.execute(SUMS).fetchone()
    con.commit()
    assert con.execute(SUMS).fetchone() == changed
    assert changed[1] == sums[1] + ROWS
    con.commit()
    con.checkpoint()
    assert con.execute(SUMS).fetchone() == changed
    key = "name 7919" + "-" * 40 + "+1"
    assert con.execute("SELECT id FROM t WHERE name = ?", (key,)).fetchall() == [(1,)]
    print(peak() - before)
    con.close()
"""
ROLLBACK = """
    con.execute(ALL)
    con.execute("DELETE FROM t WHERE MOD(id, 3) = 1")
    con.execute("INSERT INTO t SELECT id + ROWS, name, n, x FROM t".replace("ROWS", str(ROWS)))
    con.execute("SAVEPOINT s")
    con.execute(ALL + " WHERE MOD(id, 5) = 0")
    con.execute("ROLLBACK TO SAVEPOINT s")
    assert con.execute("SELECT COUNT(*) FROM t").fetchone() == ((ROWS - (ROWS + 2) // 3) * 2,)
    con.rollback()
    assert con.execute(SUMS).fetchone() == sums
    print(peak() - before)
    con.close()
"""
MANY_STATEMENTS = """
    con.executemany("INSERT INTO t VALUES (?, ?, ?, ?)",
                    ((ROWS + i, "new name " + str(i) + "." * 40, i, None)
                     for i in range(1, ROWS + 1)))
    for i in range(1, ROWS, 7):
        con.execute("UPDATE t SET n = -1 WHERE id = ?", (i * 7919 % ROWS + 1,))
    print(peak() - before)
    con.commit()
    assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (2 * ROWS,)
    con.close()
"""
KILLED = """
    def kill():
        time.sleep(float(sys.argv[2]))
        os.kill(os.getpid(), signal.SIGKILL)
    print(*sums, flush=True)
    threading.Thread(target=kill).start()
    con.execute(ALL)
    con.commit()
    time.sleep(100)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.db"
    run(FILL, path, ROWS)
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "app.db"))


def body(program: str) -> str:
    return textwrap.dedent(PRELUDE) + textwrap.dedent(program)


def check(path: Path) -> tuple[object, ...]:
    con = tupelo.connect(path, memory_limit=LIMIT)
    assert con.check() == []
    sums = con.execute(SUMS).fetchone()
    con.close()
    return sums


@pytest.mark.parametrize(
    "program",
    [COMMIT, ROLLBACK, MANY_STATEMENTS],
    ids=["an update of every row", "rolled back", "many statements"],
)
def test_a_transaction_larger_than_memory(path, program):
    kilobytes = int(run(body(program), path))
    if "TUPELO_SANITIZED" not in os.environ:  # they take memory of their own
        assert kilobytes < MOST_KILOBYTES
    assert sorted(os.listdir(path.parent)) == ["app.db"]
    check(path)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.6, 1.0, 1.5])
def test_a_large_transaction_that_is_killed_is_there_whole_or_not_at_all(path, seconds):
    done = subprocess.run([sys.executable, "-c", body(KILLED), str(path), str(seconds)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    count, total, *_ = done.stdout.split()
    found = check(path)
    assert found[0] == int(count)
    assert found[1] in (int(total), int(total) + ROWS)


def test_recovery_of_a_large_transaction_needs_little_memory(path):
    code = body("""
        con.execute(ALL)
        con.commit()
        print(*con.execute(SUMS).fetchone(), sep="|", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", code.replace('"off"', '"normal"'), str(path)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    kilobytes, *sums = run("""
        import sys, tupelo
        def peak():
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        before = peak()
        con = tupelo.connect(sys.argv[1], memory_limit=sys.argv[2])
        print(peak() - before)
        print(*con.execute(sys.argv[3]).fetchone(), sep="|")
    """, path, LIMIT, SUMS).splitlines()  # fmt: skip
    assert sums == done.stdout.splitlines()
    if "TUPELO_SANITIZED" not in os.environ:
        assert int(kilobytes) < MOST_KILOBYTES
    check(path)


FULL = """
    import resource, sys
    import tupelo
    con = tupelo.connect(sys.argv[1], memory_limit="4MB", synchronous="off")
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(100))")
    con.execute("INSERT INTO t SELECT v, 'x' FROM GENERATE_SERIES(1, 1000) AS s (v)")
    con.commit()
    con.checkpoint()
    FILL = ("INSERT INTO t SELECT v, REPEAT('y', 60) FROM GENERATE_SERIES(1001, 200000) AS s (v)")
    # A file may get no longer than this: what does not fit memory_limit is put into longer ones.
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, most))
    for _ in range(3):
        try:
            con.execute(FILL)
            print("it fits")
        except tupelo.OperationalError as error:
            print(error.sqlstate, "temporary file" in str(error))
        print(con.execute("SELECT COUNT(*), MAX(id) FROM t").fetchone())
        con.execute("INSERT INTO t SELECT MAX(id) + 1, 'z' FROM t")
    con.commit()
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    con.execute("DELETE FROM t WHERE id > 1000")
    con.execute(FILL)
    con.commit()
    print(con.execute("SELECT COUNT(*), MAX(id) FROM t").fetchone(), con.check())
    con.close()
"""


def test_no_room_for_what_does_not_fit_memory_fails_the_statement_alone(tmp_path):
    assert run(FULL, tmp_path / "app.db").splitlines() == [
        "53100 True", "(1000, 1000)", "53100 True", "(1001, 1001)", "53100 True", "(1002, 1002)",
        "(200000, 200000) []",
    ]  # fmt: skip

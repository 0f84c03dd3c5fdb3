"""A database file between processes: one that writes, and any number that read."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tupelo


class Program:
    """A Python program that says something and waits for what it is told."""

    def __init__(self, code: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", textwrap.dedent(code), *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def hear(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise AssertionError(f"it ended: {self.process.stderr.read()}")
        return line.rstrip("\n")

    def tell(self, line: str = "") -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> str:
        """What it says until it ends of its own accord."""
        watch = threading.Timer(120, self.process.kill)
        watch.start()
        self.process.stdin.close()
        # communicate() would pass over lines that hear() has read ahead of the one it gave.
        said = self.process.stdout.read()
        errors = self.process.stderr.read()
        code = self.process.wait()
        watch.cancel()
        assert code == 0, errors
        return said.rstrip("\n")

    def kill(self) -> None:
        with self.process:  # closes the pipes, and waits
            self.process.kill()


@pytest.fixture
def start() -> Iterator[Callable[..., Program]]:
    programs = []

    def make(code: str, *arguments: object) -> Program:
        programs.append(Program(code, *arguments))
        return programs[-1]

    yield make
    for program in programs:
        program.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "app.db"


@contextlib.contextmanager
def writer(path: Path) -> Iterator[tupelo.Connection]:
    with contextlib.closing(tupelo.connect(path, autocommit=True, synchronous="normal")) as con:
        con.execute(
            "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, n INTEGER, s VARCHAR(2000))"
        )
        yield con


def contents(path: Path) -> dict[str, tuple[bytes, int]]:
    """All files beside the database, and when they were changed."""
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in path.parent.iterdir()}


# Answers each line, which is an expression of `con` and `q`.
READER = """
    import os, sys, tupelo
    con = tupelo.connect(sys.argv[1], read_only=True)
    def q(sql, *parameters):
        return con.execute(sql, parameters).fetchall()
    def state(sql):
        try:
            con.execute(sql)
        except tupelo.Error as error:
            return error.sqlstate
    print("open")
    for line in sys.stdin:
        try:
            print(repr(eval(line)))
        except tupelo.Error as error:
            print(error.sqlstate, error)
"""


class Reader:
    """Another process that reads the database."""

    def __init__(self, start: Callable[..., Program], path: Path) -> None:
        self.program = start(READER, path)
        assert self.program.hear() == "open"

    def __call__(self, expression: str) -> str:
        self.program.tell(expression)
        return self.program.hear()


def test_a_reader_sees_what_was_committed_and_moves_on(path, start):
    with writer(path) as con:
        con.execute("INSERT INTO t VALUES (1, 10, 'one')")
        reader = Reader(start, path)
        count = "q('SELECT COUNT(*), SUM(n) FROM t')"
        assert reader(count) == "[(1, 10)]"
        con.execute("INSERT INTO t VALUES (2, 20, 'two')")
        assert reader(count) == "[(1, 10)]"
        assert reader("con.refresh()") == "None"
        assert reader(count) == "[(2, 30)]"
        con.execute("UPDATE t SET n = n + 1, s = 'uno' WHERE id = 1")
        con.execute("DELETE FROM t WHERE id = 2")
        con.execute("INSERT INTO t VALUES (3, 5, 'three')")
        con.checkpoint()
        con.execute("INSERT INTO t VALUES (2, 7, 'new')")
        reader("con.refresh()")
        assert reader("q('SELECT * FROM t ORDER BY id')") == str(
            [(1, 11, "uno"), (2, 7, "new"), (3, 5, "three")]
        )
        assert reader("q('SELECT n FROM t WHERE id = ?', 2)") == "[(7,)]"
        for i in range(10, 30):  # with and without a checkpoint between two
            con.execute("INSERT INTO t VALUES (?, 1, NULL)", (i,))
            if i % 3 == 0:
                con.checkpoint()
            reader("con.refresh()")
            assert reader("q('SELECT COUNT(*), MAX(id) FROM t')") == f"[({i - 6}, {i})]"
    reader("con.refresh()")  # the writer is gone
    assert reader("q('SELECT COUNT(*) FROM t')") == "[(23,)]"
    with writer(path) as con:
        con.execute("DELETE FROM t WHERE id >= 10")
        reader("con.refresh()")
        assert reader("q('SELECT COUNT(*) FROM t')") == "[(3,)]"


def test_definitions_come_with_a_refresh(path, start):
    with writer(path) as con:
        con.execute("INSERT INTO t VALUES (1, 10, 'one')")
        reader = Reader(start, path)
        for checkpoint in (False, True):
            con.execute("CREATE TABLE other (a INTEGER PRIMARY KEY, b VARCHAR(10) DEFAULT 'd')")
            con.execute("INSERT INTO other (a) VALUES (1), (2)")
            con.execute("CREATE VIEW v AS SELECT a, b, n FROM other, t")
            con.execute("CREATE INDEX by_n ON t (n)")
            con.execute("ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 4")
            assert reader("q('SELECT * FROM other')").startswith("42P01")
            if checkpoint:
                con.checkpoint()
            reader("con.refresh()")
            assert reader("q('SELECT * FROM v ORDER BY a')") == "[(1, 'd', 10), (2, 'd', 10)]"
            assert reader("q('SELECT more FROM t WHERE n = 10')") == "[(4,)]"
            con.execute("DROP VIEW v")
            con.execute("DROP TABLE other")
            con.execute("DROP INDEX by_n")
            con.execute("ALTER TABLE t DROP COLUMN more")
            reader("con.refresh()")
            assert reader("q('SELECT * FROM v')").startswith("42P01")
            assert reader("q('SELECT * FROM t')") == "[(1, 10, 'one')]"
        con.execute("TRUNCATE TABLE t")
        con.execute("INSERT INTO t VALUES (5, 5, 'five')")
        reader("con.refresh()")
        assert reader("q('SELECT * FROM t')") == "[(5, 5, 'five')]"


@pytest.mark.parametrize("checkpoint", [False, True])
def test_what_is_open_keeps_what_it_sees_over_a_refresh(path, start, checkpoint):
    with writer(path) as con:
        con.executemany("INSERT INTO t VALUES (?, 1, 'old')", [(i,) for i in range(10000)])
        program = start("""
            import sys, tupelo
            con = tupelo.connect(sys.argv[1], read_only=True)
            other = con.connect()
            cursor = con.execute("SELECT id, n FROM t ORDER BY id")
            rows = [cursor.fetchone()]
            count = "SELECT COUNT(*), SUM(n) FROM t"
            seen = [other.execute(count).fetchone()]
            print("ready")
            input()
            con.refresh()
            seen.append(con.execute(count).fetchone())
            seen.append(other.execute(count).fetchone())
            rows += cursor.fetchall()
            other.commit()
            seen.append(other.execute(count).fetchone())
            print(seen, rows == [(i, 1) for i in range(10000)])
        """, path)  # fmt: skip
        assert program.hear() == "ready"
        con.execute("UPDATE t SET n = 2")
        con.execute("DELETE FROM t WHERE id < 5000")
        if checkpoint:
            con.checkpoint()
        program.tell()
        before, after = (10000, 10000), (5000, 10000)
        assert program.end() == f"{[before, after, before, after]} True"


def test_refresh_within_a_transaction_that_was_begun_is_an_error(path):
    with writer(path), contextlib.closing(tupelo.connect(path, read_only=True)) as con:
        con.execute("START TRANSACTION")
        with pytest.raises(tupelo.ProgrammingError, match="COMMIT") as raised:
            con.refresh()
        assert raised.value.sqlstate == "25001"
        con.commit()
        con.refresh()
        with contextlib.closing(tupelo.connect(path)) as other:
            with pytest.raises(tupelo.ProgrammingError, match="read-only connections") as raised:
                other.refresh()
            assert raised.value.sqlstate == "55000"


REFUSED = [
    "INSERT INTO t VALUES (9, 9, 'x')",
    "UPDATE t SET n = 1",
    "DELETE FROM t",
    "MERGE INTO t USING (VALUES (1)) AS v (id) ON t.id = v.id WHEN MATCHED THEN UPDATE SET n = 1",
    "TRUNCATE TABLE t",
    "CREATE TABLE u (a INTEGER)",
    "CREATE TEMPORARY TABLE u (a INTEGER)",
    "CREATE VIEW u AS SELECT * FROM t",
    "CREATE INDEX i ON t (n)",
    "CREATE SEQUENCE other",
    "CREATE SCHEMA other",
    "ALTER TABLE t ADD COLUMN x INTEGER",
    "DROP TABLE t",
    "VALUES (NEXT VALUE FOR s)",
    "SELECT nextval('s') FROM t",
    "SELECT * FROM t WHERE n < (SELECT MAX(setval('s', 100)) FROM t)",
    "WITH w AS MATERIALIZED (SELECT NEXT VALUE FOR s AS x FROM t) SELECT * FROM w",
    "EXPLAIN ANALYZE SELECT NEXT VALUE FOR s",
    "EXPLAIN ANALYZE DELETE FROM t",
    "START TRANSACTION READ WRITE",
]


@pytest.mark.parametrize("where", ["another process", "the process that writes"])
def test_a_reader_changes_nothing(path, start, where):
    with writer(path) as con:
        con.execute("CREATE SEQUENCE s")
        con.execute("CREATE GLOBAL TEMPORARY TABLE g (a INTEGER) ON COMMIT PRESERVE ROWS")
        con.execute("INSERT INTO t VALUES (1, 1, 'one')")
        before = contents(path)
        if where == "another process":
            reader = Reader(start, path)
            for statement in REFUSED:
                answer = reader(f"(con.rollback(), con.execute({statement!r}))")
                assert answer.startswith("25006 "), statement
                assert "read-only" in answer
            assert reader("con.checkpoint()").startswith("25006 ")
            many = "con.executemany('INSERT INTO t VALUES (?, 1, NULL)', [(7,)])"
            assert reader(many).startswith("25006 ")
            assert reader("(con.read_only, con.connect().read_only)") == "(True, True)"
            assert reader("state('INSERT INTO g VALUES (1)')") == "None"
            assert reader("q('SELECT * FROM g')") == "[(1,)]"
            reader("con.commit()")
            reader("con.refresh()")
            reader("con.close()")
        else:
            with contextlib.closing(tupelo.connect(path, read_only=True, autocommit=True)) as other:
                for statement in REFUSED:
                    with pytest.raises(tupelo.ProgrammingError, match="read-only") as raised:
                        other.execute(statement)
                    assert raised.value.sqlstate == "25006", statement
                with pytest.raises(tupelo.ProgrammingError) as raised:
                    other.connect().execute("DELETE FROM t")
                assert raised.value.sqlstate == "25006"
                con.execute("INSERT INTO g VALUES (2)")
                other.execute("INSERT INTO g VALUES (1)")
                assert other.execute("SELECT * FROM g").fetchall() == [(1,)]
        assert contents(path) == before
        assert con.execute("SELECT * FROM t").fetchall() == [(1, 1, "one")]
        assert con.execute("VALUES (NEXT VALUE FOR s)").fetchall() == [(1,)]


def test_numbers_of_sequences_are_changes_in_transactions_that_only_read(con):
    con.execute("CREATE SEQUENCE s")
    con.commit()
    con.execute("START TRANSACTION READ ONLY")
    with pytest.raises(tupelo.ProgrammingError, match="READ ONLY") as raised:
        con.execute("VALUES (NEXT VALUE FOR s)")
    assert raised.value.sqlstate == "25006"
    con.rollback()
    assert con.execute("VALUES (NEXT VALUE FOR s)").fetchone() == (1,)


def test_in_the_process_that_writes_readers_share_its_database(path):
    with writer(path) as con, contextlib.closing(tupelo.connect(path, read_only=True)) as other:
        con.execute("INSERT INTO t VALUES (1, 1, 'one')")
        assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)
        con.execute("INSERT INTO t VALUES (2, 1, 'two')")
        assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)
        other.refresh()
        assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (2,)


def test_a_process_that_reads_may_open_the_file_for_writing_too(path):
    with writer(path):
        pass
    with contextlib.closing(tupelo.connect(path, read_only=True)) as reader:
        assert reader.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)
        with writer(path) as con:
            con.execute("INSERT INTO t VALUES (1, 1, 'one')")
            con.checkpoint()
            assert reader.execute("SELECT COUNT(*) FROM t").fetchone() == (0,)
            reader.refresh()
            assert reader.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)


def test_nothing_is_written_for_a_reader_even_after_a_crash(path, start):
    program = start("""
        import sys, tupelo
        con = tupelo.connect(sys.argv[1])
        con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        con.execute("INSERT INTO t VALUES (1), (2)")
        con.commit()
        con.checkpoint()
        con.execute("INSERT INTO t VALUES (3)")
        con.commit()
        print("done")
        input()
    """, path)  # fmt: skip
    assert program.hear() == "done"
    program.kill()
    before = contents(path)
    assert sorted(before) == ["app.db", "app.db-wal", "app.db-wal2"]
    for _ in range(2):
        with contextlib.closing(tupelo.connect(path, read_only=True)) as con:
            assert con.execute("SELECT id FROM t ORDER BY id").fetchall() == [(1,), (2,), (3,)]
            con.refresh()
    assert contents(path) == before


# Slow scans, and space that must not be used anew -------------------------------------


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


def test_many_readers_at_once(path, start):
    with writer(path) as con:
        con.executemany("INSERT INTO t VALUES (?, 1, 'a')", [(i,) for i in range(1000)])
        readers = [start(READER, path) for _ in range(20)]
        for reader in readers:
            assert reader.hear() == "open"
        con.execute("UPDATE t SET n = 2")
        con.checkpoint()
        con.checkpoint()
        for refresh, total in ((False, 1000), (True, 2000)):
            for reader in readers:
                if refresh:
                    reader.tell("con.refresh()")
                    assert reader.hear() == "None"
                reader.tell("q('SELECT SUM(n) FROM t')")
            assert {reader.hear() for reader in readers} == {f"[({total},)]"}


# Who writes ----------------------------------------------------------------

HOLD = """
    import sys, tupelo
    con = tupelo.connect(sys.argv[1])
    con.execute("CREATE TABLE IF NOT EXISTS held (id INTEGER)")
    con.commit()
    print("open")
    input()
"""


def refusal(path: Path, **options: object) -> tupelo.OperationalError:
    with pytest.raises(tupelo.OperationalError) as raised:
        tupelo.connect(path, **options)
    assert raised.value.sqlstate == "55006"
    return raised.value


def test_who_wants_to_write_waits_as_long_as_it_is_told_to(path, start):
    holder = start(HOLD + "    import time; time.sleep(0.4); con.close()", path)
    assert holder.hear() == "open"
    begin = time.monotonic()
    assert str(holder.process.pid) in str(refusal(path))
    assert time.monotonic() < begin + 2
    begin = time.monotonic()
    assert str(holder.process.pid) in str(refusal(path, timeout=0.25))
    assert 0.2 < time.monotonic() - begin < 5
    holder.tell()
    with contextlib.closing(tupelo.connect(path, timeout=60)) as con:
        assert con.execute("SELECT COUNT(*) FROM held").fetchone() == (0,)
    for wrong in (-1, float("nan")):
        with pytest.raises(ValueError, match="timeout"):
            tupelo.connect(path, timeout=wrong)
    with contextlib.closing(tupelo.connect(path, timeout=float("inf"))):
        pass


def test_waiting_ends_with_a_signal(path, start):
    with writer(path):
        waiting = start("""
            import signal, sys, tupelo
            # Who was started in the background may have inherited that it is ignored.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            print("ready")
            try:
                tupelo.connect(sys.argv[1], timeout=100)
            except KeyboardInterrupt:
                print("interrupted")
        """, path)  # fmt: skip
        assert waiting.hear() == "ready"
        time.sleep(0.3)
        waiting.process.send_signal(signal.SIGINT)
        assert waiting.end() == "interrupted"


def test_a_lock_goes_with_its_process(path, start):
    holder = start(HOLD, path)
    assert holder.hear() == "open"
    refusal(path)
    holder.kill()
    with writer(path) as con:
        assert con.execute("SELECT COUNT(*) FROM held").fetchone() == (0,)


def test_a_lock_does_not_live_on_in_a_child(path, start):
    holder = start("""
        import os, subprocess, sys, tupelo
        con = tupelo.connect(sys.argv[1])
        con.execute("CREATE TABLE held (id INTEGER)")
        con.commit()
        started = subprocess.Popen(["sleep", "100"])
        there, tell = os.pipe()
        forked = os.fork()
        if forked == 0:
            import time
            os.write(tell, b"!")  # it has let go of what it does not inherit
            time.sleep(100)
        os.read(there, 1)
        print(forked, started.pid)
        input()
    """, path)  # fmt: skip
    children = [int(pid) for pid in holder.hear().split()]
    try:
        refusal(path)
        holder.process.kill()
        holder.process.wait()
        for child in children:
            os.kill(child, 0)  # it is there
        with writer(path) as con:
            assert con.execute("SELECT COUNT(*) FROM held").fetchone() == (0,)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


def test_a_lock_is_not_lost_by_reading_the_file(path, start):
    holder = start("""
        import shutil, sys, tupelo
        con = tupelo.connect(sys.argv[1])
        con.execute("CREATE TABLE held (id INTEGER)")
        con.commit()
        open(sys.argv[1], "rb").read()
        shutil.copy(sys.argv[1], sys.argv[1] + ".copy")
        tupelo.connect(sys.argv[1], read_only=True).close()
        print("open")
        input()
    """, path)  # fmt: skip
    assert holder.hear() == "open"
    assert str(holder.process.pid) in str(refusal(path))


@pytest.mark.parametrize("read_only", [False, True])
def test_a_child_made_by_fork_can_not_use_the_database(path, start, read_only):
    with writer(path) as con:
        con.execute("INSERT INTO t VALUES (1, 1, 'one')")
    parent = start("""
        import os, sys, tupelo
        read_only = sys.argv[2] == "True"
        memory = tupelo.connect(":memory:name")
        memory.execute("CREATE TABLE m (a INTEGER)")
        memory.execute("INSERT INTO m VALUES (1)")
        memory.commit()
        con = tupelo.connect(sys.argv[1], read_only=read_only)
        cursor = con.execute("SELECT id FROM t")
        con.execute("SELECT n FROM t WHERE id = 1").fetchall()
        if not read_only:
            con.execute("INSERT INTO t VALUES (2, 2, 'two')")
        statement = con.prepare("SELECT COUNT(*) FROM t")
        if os.fork() == 0:
            said = []
            def state(call):
                try:
                    return call()
                except tupelo.Error as error:
                    assert "fork" in str(error) or error.sqlstate != "55000"
                    return error.sqlstate
            said.append(state(lambda: con.execute("SELECT n FROM t WHERE id = 1")))
            said.append(state(lambda: con.execute("SELECT 1")))
            said.append(state(statement))
            said.append(state(con.commit))
            said.append(state(con.connect))
            said.append(state(lambda: tupelo.connect(sys.argv[1]).close()))
            said.append(state(lambda: len(tupelo.connect(sys.argv[1], read_only=True).execute(
                "SELECT * FROM t").fetchall())))
            said.append(state(memory.execute("SELECT a FROM m").fetchall))
            said.append(state(con.close))
            del cursor, statement, con
            print(*said)
            sys.stdout.flush()
            sys.exit()
        os.wait()
        print(os.getpid(), cursor.fetchall())
        con.commit()
        print(con.execute("SELECT COUNT(*) FROM t").fetchone())
        con.close()
    """, path, read_only)  # fmt: skip
    child = parent.hear()
    if read_only:  # nobody writes
        assert child == "55000 55000 55000 55000 55000 None 1 [(1,)] None"
    else:
        assert child == "55000 55000 55000 55000 55000 55006 1 [(1,)] None"
    assert parent.hear() == f"{parent.process.pid} [(1,)]"
    assert parent.end() == ("(1,)" if read_only else "(2,)")
    with contextlib.closing(tupelo.connect(path)) as con:
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (1 if read_only else 2,)


def test_all_names_of_a_file_are_one_database(path, monkeypatch):
    with writer(path) as con:
        monkeypatch.chdir(path.parent)
        (path.parent / "soft.db").symlink_to(path)
        os.link(path, path.parent / "hard.db")
        (path.parent / "folder").symlink_to(path.parent)
        names = ["app.db", "./app.db", "../" + path.parent.name + "/app.db", "soft.db", "hard.db",
                 "folder/app.db", b"app.db", Path("folder") / "hard.db"]  # fmt: skip
        for i, name in enumerate(names):
            for read_only in (False, True):
                with contextlib.closing(tupelo.connect(name, read_only=read_only)) as other:
                    if not read_only:
                        other.execute("INSERT INTO t VALUES (?, 1, NULL)", (i,))
                        other.commit()
                    assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (i + 1,)
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (len(names),)
    with contextlib.closing(tupelo.connect("hard.db", read_only=True)) as other:
        assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (len(names),)


def test_a_file_that_was_put_in_the_place_of_an_open_one_is_not_taken_for_it(path):
    with writer(path) as con:
        con.execute("INSERT INTO t VALUES (1, 1, 'one')")
        for removed in (False, True):
            if removed:
                path.unlink()
            else:
                path.rename(path.parent / "old.db")
                path.write_bytes(b"")
            with pytest.raises(tupelo.OperationalError, match="removed or replaced") as raised:
                tupelo.connect(path)
            assert raised.value.sqlstate == "55006"
        (path.parent / "old.db").rename(path)
        with contextlib.closing(tupelo.connect(path)) as other:
            assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)


def test_a_reader_moves_on_to_a_file_that_was_put_in_the_place_of_its_own(path):
    for name, rows in (("app.db", 1), ("new.db", 2)):
        with writer(path.parent / name) as con:
            con.executemany("INSERT INTO t VALUES (?, 1, NULL)", [(i,) for i in range(rows)])
    with contextlib.closing(tupelo.connect(path, read_only=True, autocommit=True)) as con:
        os.replace(path.parent / "new.db", path)
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)
        with contextlib.closing(tupelo.connect(path, read_only=True)) as other:
            assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (2,)
        con.refresh()
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (2,)

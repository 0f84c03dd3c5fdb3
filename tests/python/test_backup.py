"""Copies of whole databases: backup to files and connections, serialize and deserialize."""

import contextlib
import os
import signal
import threading
from decimal import Decimal
from pathlib import Path

import pytest
import tupelo
from test_files import run
from test_memory_limit import POINT

DEFINITIONS = """
    CREATE SEQUENCE s START WITH 10 INCREMENT BY 5;
    CREATE SCHEMA other;
    CREATE TABLE other.parent (
        id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        gone VARCHAR(10),
        n INTEGER DEFAULT 7 CONSTRAINT positive CHECK (n > 0),
        twice INTEGER GENERATED ALWAYS AS (n * 2),
        UNIQUE (n, id));
    CREATE TABLE child (p INTEGER REFERENCES other.parent (id) ON DELETE CASCADE, at TIMESTAMP);
    ALTER TABLE child ADD COLUMN more VARCHAR(10) DEFAULT 'd';
    INSERT INTO other.parent (gone, n) VALUES ('a', 1), ('b', DEFAULT), ('c', 3);
    ALTER TABLE other.parent DROP COLUMN gone;
    ALTER TABLE other.parent ADD COLUMN price DECIMAL(20, 2) DEFAULT 1.5;
    INSERT INTO other.parent (n, price) VALUES (4, NULL);
    INSERT INTO child VALUES (1, NULL, DEFAULT), (2, TIMESTAMP '2026-01-01 00:00:00', NULL),
        (3, NULL, 'z');
    DELETE FROM child WHERE p = 3;
    CREATE INDEX by_more ON child (more DESC, p);
    CREATE VIEW v AS SELECT id, twice FROM other.parent WHERE n > 1;
    CREATE VIEW w AS SELECT COUNT(*) AS c FROM v;
    CREATE GLOBAL TEMPORARY TABLE g (x INTEGER PRIMARY KEY) ON COMMIT PRESERVE ROWS;
    INSERT INTO g VALUES (1);
    CREATE TEMPORARY TABLE mine (x INTEGER);
    INSERT INTO mine VALUES (1);
    CREATE TEMPORARY VIEW my_view AS SELECT x FROM mine;
    VALUES (NEXT VALUE FOR s);
    VALUES (NEXT VALUE FOR s);
"""


def state(con: tupelo.Connection, sql: str) -> object:
    try:
        cursor = con.execute(sql)
        return cursor.fetchall() if cursor.description else cursor.rowcount
    except tupelo.Error as error:
        return error.sqlstate


def check_definitions(con: tupelo.Connection) -> None:
    """All that DEFINITIONS made is there, and goes on as it would have."""
    con.autocommit = True
    assert state(con, "SELECT * FROM other.parent ORDER BY id") == [
        (1, 1, 2, Decimal("1.50")),
        (2, 7, 14, Decimal("1.50")),
        (3, 3, 6, Decimal("1.50")),
        (4, 4, 8, None),
    ]
    assert state(con, "SELECT p, more FROM child ORDER BY p") == [(1, "d"), (2, None)]
    assert state(con, "SELECT p FROM child WHERE more = 'd'") == [(1,)]
    assert state(con, "SELECT * FROM w") == [(3,)]
    assert state(con, "SELECT * FROM g") == []
    assert state(con, "SELECT * FROM mine") == "42P01"
    assert state(con, "SELECT * FROM my_view") == "42P01"
    assert state(con, "VALUES (NEXT VALUE FOR s)") == [(20,)]
    assert state(con, "INSERT INTO other.parent (n) VALUES (0)") == "23514"
    assert state(con, "INSERT INTO child (p) VALUES (99)") == "23503"
    assert state(con, "INSERT INTO other.parent (n) VALUES (9) RETURNING id, twice, price") == [
        (6, 18, Decimal("1.50"))
    ]
    assert state(con, "DELETE FROM other.parent WHERE id = 1") == 1
    assert state(con, "SELECT p FROM child") == [(2,)]
    assert state(con, "DROP INDEX by_more") in (-1, 0)
    assert state(con, "DROP INDEX by_more") == "42704"
    assert state(con, "CREATE TABLE t (id INTEGER PRIMARY KEY)") in (-1, 0)
    assert state(con, "INSERT INTO t VALUES (1), (1)") == "23505"


def database(*statements: str, location: object = ":memory:") -> tupelo.Connection:
    con = tupelo.connect(location, autocommit=True)
    for script in statements:
        con.executescript(script)
    return con


ROWS = """
    CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(30000));
    INSERT INTO t SELECT v, CASE WHEN MOD(v, 1000) = 0 THEN REPEAT('long', 5000)
        ELSE 'n' || CAST(v AS VARCHAR(10)) END FROM GENERATE_SERIES(1, 40000) AS s (v);
"""
SUMS = "SELECT COUNT(*), SUM(id), SUM(CHAR_LENGTH(name)) FROM t"


@pytest.fixture(params=["memory", "file"])
def source(request: pytest.FixtureRequest, tmp_path: Path):
    location = ":memory:" if request.param == "memory" else tmp_path / "source.db"
    with contextlib.closing(tupelo.connect(location, autocommit=True)) as con:
        yield con


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "copy.db"


def test_a_file_has_all_that_is_defined(source, target):
    source.executescript(DEFINITIONS)
    assert source.backup(target) is None
    with contextlib.closing(tupelo.connect(target)) as copy:
        check_definitions(copy)
    with contextlib.closing(tupelo.connect(target)) as copy:
        assert state(copy, "SELECT COUNT(*) FROM other.parent") == [(4,)]
    assert [name for name in os.listdir(target.parent) if "copy" in name] == ["copy.db"]
    assert state(source, "SELECT * FROM mine") == [(1,)]
    assert state(source, "SELECT * FROM g") == [(1,)]


def test_bytes_have_all_that_is_defined(source):
    source.executescript(DEFINITIONS)
    data = source.serialize()
    assert isinstance(data, bytes)
    assert data[:8] == b"TupeloDB"
    with contextlib.closing(tupelo.connect()) as copy:
        assert copy.deserialize(data) is None
        check_definitions(copy)
    with contextlib.closing(tupelo.connect()) as copy:
        copy.deserialize(memoryview(bytearray(data)), name="main")
        again = copy.serialize(name="main")
    with contextlib.closing(tupelo.connect()) as copy:
        copy.deserialize(again)
        check_definitions(copy)


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_another_connection_has_all_that_is_defined(source, kind, target):
    source.executescript(DEFINITIONS)
    location = target if kind == "file" else ":memory:"
    old = """
        CREATE TABLE old (x INTEGER); INSERT INTO old VALUES (1); CREATE SEQUENCE s;
        CREATE TABLE child (p INTEGER); CREATE SCHEMA gone; CREATE TABLE gone.t (x INTEGER);
        CREATE GLOBAL TEMPORARY TABLE h (x INTEGER); INSERT INTO h VALUES (1);
        CREATE TEMPORARY TABLE temporary_one (x INTEGER);
    """
    with contextlib.closing(database(old, location=location)) as copy:
        prepared = copy.prepare("SELECT COUNT(*) FROM child")
        assert prepared() == [(0,)]
        source.backup(copy)
        assert prepared() == [(2,)]
        check_definitions(copy)
        for name in ("old", "h", "temporary_one"):
            assert state(copy, f"SELECT * FROM {name}") == "42P01"
        assert state(copy, "SELECT * FROM gone.t") == "3F000"
        assert prepared() == [(1,)]
        copy.checkpoint()
        source.backup(copy)
        check_definitions(copy)
        # Connections may come again, and other databases are none of its business.
        with contextlib.closing(copy.connect()) as other:
            assert state(other, "SELECT * FROM w") == [(4,)]
    if kind == "file":
        with contextlib.closing(tupelo.connect(target)) as copy:
            assert state(copy, "SELECT COUNT(*) FROM other.parent") == [(4,)]
            assert state(copy, "SELECT * FROM old") == "42P01"


def test_a_file_of_the_same_numbers_is_no_matter(tmp_path):
    """Files made by other processes have tables of the same numbers as those here."""
    data = database("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1)").serialize()
    for _ in range(3):
        with database("CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER)") as con:
            con.deserialize(data)
            con.execute("CREATE TABLE c (x INTEGER)")
            data = con.serialize()
            assert con.execute("SELECT x FROM t").fetchall() == [(1,)]
            con.execute("DROP TABLE c")
            data = con.serialize()


def test_rows_come_back_and_uncommitted_ones_do_not(source, target):
    source.executescript(ROWS)
    sums = source.execute(SUMS).fetchone()
    other = source.connect()
    other.autocommit = False
    other.execute("UPDATE t SET name = 'changed' WHERE MOD(id, 7) = 0")
    other.execute("INSERT INTO t VALUES (-1, 'not committed')")
    other.execute("CREATE TABLE not_there (x INTEGER)")
    other.execute("ALTER TABLE t ADD COLUMN nor_this INTEGER")
    other.backup(target)  # not its own changes either
    data = other.serialize()
    other.rollback()
    with contextlib.closing(tupelo.connect(target)) as file, contextlib.closing(
        tupelo.connect()
    ) as memory:
        memory.deserialize(data)
        for copy in (file, memory):
            assert copy.execute(SUMS).fetchone() == sums
            assert copy.execute("SELECT * FROM t WHERE id = 7").fetchall() == [(7, "n7")]
            assert state(copy, "SELECT * FROM not_there") == "42P01"


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


def test_a_backup_is_a_new_file(source, target):
    source.execute("CREATE TABLE t (x INTEGER)")
    target.write_bytes(b"precious")
    with pytest.raises(tupelo.Error, match="new file") as raised:
        source.backup(target)
    assert raised.value.sqlstate == "42710"
    assert target.read_bytes() == b"precious"
    target.write_bytes(b"")
    target.chmod(0o600)
    source.backup(target)
    assert target.stat().st_mode & 0o777 == 0o600
    for wrong, kind in (
        (target.parent / "nowhere" / "copy.db", tupelo.OperationalError),
        (target.parent, tupelo.OperationalError),
        (":memory:", tupelo.DataError),
        ("", tupelo.DataError),
        ("a\0b", ValueError),
        (7, TypeError),
        (None, TypeError),
        (source, ValueError),
    ):
        with pytest.raises(kind):
            source.backup(wrong)
    with pytest.raises(TypeError, match="progress"):
        source.backup(target.with_name("other.db"), progress=3)
    with pytest.raises(TypeError):
        source.backup()
    with pytest.raises(TypeError):
        source.backup(target.with_name("other.db"), pages=5)
    assert not target.with_name("other.db").exists()


def test_who_may_not_read_the_database_may_not_read_its_copy(tmp_path, target):
    path = tmp_path / "source.db"
    path.touch(mode=0o600)
    with contextlib.closing(database("CREATE TABLE t (x INTEGER)", location=path)) as con:
        con.backup(target)
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_log_of_another_database_is_not_taken_for_the_copys(source, target):
    with contextlib.closing(database("CREATE TABLE t (x INTEGER)", location=target)) as con:
        log = Path(f"{target}-wal").read_bytes()
        con.execute("INSERT INTO t VALUES (1)")
    target.unlink()
    Path(f"{target}-wal").write_bytes(log)
    with pytest.raises(tupelo.Error, match="belongs to another database"):
        source.backup(target)
    assert not target.exists()


def test_a_connection_that_is_in_use_is_no_target(source):
    source.executescript(ROWS)
    with contextlib.closing(tupelo.connect(":memory:shared_target")) as copy:
        with contextlib.closing(copy.connect()), pytest.raises(tupelo.OperationalError) as raised:
            source.backup(copy)
        assert raised.value.sqlstate == "55006"
        copy.execute("CREATE TABLE old (x INTEGER)")
        data = source.serialize()
        for call in (lambda: source.backup(copy), lambda: copy.deserialize(data)):
            with pytest.raises(tupelo.ProgrammingError, match="commit or roll back") as refused:
                call()
            assert refused.value.sqlstate == "25001"
        copy.executemany("INSERT INTO old VALUES (?)", [(i,) for i in range(10000)])
        copy.commit()
        cursor = copy.execute("SELECT x FROM old ORDER BY x")
        assert cursor.fetchone() == (0,)
        copy.commit()
        for call in (lambda: source.backup(copy), lambda: copy.deserialize(data)):
            with pytest.raises(tupelo.OperationalError, match="result is open") as open_result:
                call()
            assert open_result.value.sqlstate == "55006"
        assert len(cursor.fetchall()) == 9999
        source.backup(copy)
        assert state(copy, "SELECT COUNT(*) FROM t") == [(40000,)]
        copy.commit()
        other = copy.connect()
        with pytest.raises(tupelo.Error, match="another database"):
            copy.backup(other)
        other.close()
    with pytest.raises(tupelo.ProgrammingError):
        source.backup(copy)
    copy = tupelo.connect()
    source.close()
    for call in (lambda: source.backup(copy), source.serialize, lambda: source.deserialize(data)):
        with pytest.raises(tupelo.ProgrammingError):
            call()


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


def test_bytes_that_are_damaged_leave_the_database_as_it_was():
    data = database(DEFINITIONS, ROWS).serialize()
    con = database("CREATE TABLE old (x INTEGER)", "INSERT INTO old VALUES (42)")

    def refused(wrong: bytes) -> tupelo.Error:
        with pytest.raises(tupelo.Error) as raised:
            con.deserialize(wrong)
        assert con.execute("SELECT x FROM old").fetchall() == [(42,)]
        return raised.value

    for wrong, words in (
        (b"", "not a Tupelo database"),
        (b"short", "not a Tupelo database"),
        (b"SQLite format 3\0" + bytes(9000), "not a Tupelo database"),
        (data[:100], "truncated"),
        (data[:5000], "truncated"),
        (data[: len(data) // 2], "truncated"),
    ):
        error = refused(wrong)
        assert error.sqlstate == "XX001"
        assert words in str(error)
        assert "the bytes to deserialize" in str(error)
    newer = bytearray(data)
    newer[8] = 99
    assert refused(bytes(newer)).sqlstate in ("XX001", "0A000")
    damaged = bytearray(data)
    found = set()
    for at in range(4096 * 3 + 50, len(data), 4096 * 5):
        damaged[at] ^= 1
        try:
            con.deserialize(damaged)
            con = database("CREATE TABLE old (x INTEGER)", "INSERT INTO old VALUES (42)")
        except tupelo.Error as error:
            assert error.sqlstate == "XX001"
            assert "byte" in str(error)
            found.add(str(error))
            assert con.execute("SELECT x FROM old").fetchall() == [(42,)]
        damaged[at] ^= 1
    assert len(found) > 3
    con.deserialize(data)
    assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (40000,)


def test_bytes_of_a_file(tmp_path):
    path = tmp_path / "app.db"
    with contextlib.closing(database(ROWS, location=path)) as con:
        con.checkpoint()
        con.execute("DELETE FROM t WHERE id = 1")
        open_bytes = path.read_bytes()
        with pytest.raises(tupelo.ProgrammingError) as raised:
            con.deserialize(con.serialize())
        assert raised.value.sqlstate == "55000"
    with contextlib.closing(tupelo.connect()) as copy:
        with pytest.raises(tupelo.Error, match="goes on in its log"):
            copy.deserialize(open_bytes)
        copy.deserialize(path.read_bytes())
        assert copy.execute("SELECT COUNT(*) FROM t").fetchone() == (39999,)
        data = copy.serialize()
    path.unlink()
    path.write_bytes(data)
    with contextlib.closing(tupelo.connect(path)) as con:
        assert con.execute("SELECT COUNT(*) FROM t").fetchone() == (39999,)


def test_arguments_of_serialize_and_deserialize():
    con = database()
    for call in (lambda: con.serialize("main"), lambda: con.deserialize(),
                 lambda: con.deserialize("text"), lambda: con.deserialize(7),
                 lambda: con.deserialize(data=b""), lambda: con.serialize(name=3)):  # fmt: skip
        with pytest.raises(TypeError):
            call()
    for call in (lambda: con.serialize(name="temp"), lambda: con.deserialize(b"", name="x")):
        with pytest.raises(tupelo.NotSupportedError, match="main"):
            call()


def test_the_error_handler_hears_of_it():
    con = database()
    heard = []
    con.errorhandler = lambda *about: heard.append(about[2])
    assert con.deserialize(b"wrong") is None
    assert heard == [tupelo.InternalError]


def test_a_new_connection_from_bytes():
    data = database(DEFINITIONS).serialize()
    with contextlib.closing(tupelo.deserialize(memoryview(data), autocommit=True)) as copy:
        assert copy.autocommit
        check_definitions(copy)
    with pytest.raises(tupelo.InternalError, match="not a Tupelo database"):
        tupelo.deserialize(b"something else")
    with pytest.raises(TypeError):
        tupelo.deserialize(data, no_such_option=1)


def test_a_database_does_not_go_over_itself(tmp_path):
    path = tmp_path / "app.db"
    with contextlib.closing(database(ROWS, location=path)) as con:
        os.symlink(path, tmp_path / "link.db")
        os.link(path, tmp_path / "hard.db")
        for name in ("app.db", "link.db", "hard.db"):
            with pytest.raises(tupelo.DataError, match="another database") as raised:
                con.backup(tmp_path / name)
            assert raised.value.sqlstate == "22023"
        assert con.execute(SUMS).fetchone()[0] == 40000


LARGE = """
    import sys, tupelo
    con = tupelo.connect(sys.argv[1], synchronous="off", autocommit=True)
    con.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(40), n BIGINT)")
    con.execute("CREATE INDEX by_n ON t (n)")
    con.execute("INSERT INTO t SELECT v, 'name ' || CAST(v AS VARCHAR(10)) || REPEAT('-', 20), "
                "CAST(v AS BIGINT) * 7919 FROM GENERATE_SERIES(1, 400000) AS s (v)")
    con.close()
"""
BACKUP = """
    import sys, tupelo
    def memory(field):
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(field))
    con = tupelo.connect(sys.argv[1], memory_limit="4MB", synchronous="off")
    con.execute("UPDATE t SET n = -1 WHERE id = 200000")
    con.commit()
    before = memory("VmRSS:")
    con.backup(sys.argv[2])
    if len(sys.argv) > 3:
        other = tupelo.connect(sys.argv[3], memory_limit="4MB")
        con.backup(other)
        other.close()
    print(memory("VmHWM:") - before)
"""


def test_a_database_larger_than_its_limit_is_copied(tmp_path):
    source, copy, other = (tmp_path / name for name in ("source.db", "copy.db", "other.db"))
    run(LARGE, source)
    grown = int(run(BACKUP, source, copy, other))
    if "TUPELO_SANITIZED" not in os.environ:  # they take memory of their own
        assert grown < 24_000  # KiB; the rows take more than twice as much
    for path in (copy, other):
        # What the copy is asked by a key it answers without reading its rows.
        for query, result in (
            ("SELECT name FROM t WHERE id = 31415", [("name 31415" + "-" * 20,)]),
            (f"SELECT id FROM t WHERE n = {7919 * 399999}", [(399999,)]),
            ("SELECT id FROM t WHERE n = -1", [(200000,)]),
            ("SELECT COUNT(*) FROM t", [(400000,)]),
        ):
            printed, read = run(POINT, path, query).splitlines()
            assert printed == str(result)
            assert int(read) < 1_000_000
        with contextlib.closing(tupelo.connect(path)) as con:
            sums = "SELECT COUNT(*), SUM(id), COUNT(DISTINCT n), MAX(name) FROM t"
            maximum = "name 99999" + "-" * 20
            assert con.execute(sums).fetchone() == (400000, 80000200000, 400000, maximum)
            with pytest.raises(tupelo.IntegrityError):
                con.execute("INSERT INTO t VALUES (400000, 'twice', 0)")


def test_a_read_only_connection_can_be_copied(tmp_path, target):
    path = tmp_path / "source.db"
    database(ROWS, location=path).close()
    before = path.read_bytes()
    with contextlib.closing(tupelo.connect(path, read_only=True)) as con:
        con.backup(target)
        data = con.serialize()
        with pytest.raises(tupelo.Error) as raised:
            database(ROWS).backup(con)
        assert raised.value.sqlstate == "25006"
        with pytest.raises(tupelo.Error) as raised:
            con.deserialize(data)
        assert raised.value.sqlstate == "55000"
    assert path.read_bytes() == before
    with contextlib.closing(tupelo.deserialize(data)) as memory:
        assert memory.execute(SUMS).fetchone()[0] == 40000
    with contextlib.closing(tupelo.connect(target)) as copy:
        assert copy.execute(SUMS).fetchone()[0] == 40000
